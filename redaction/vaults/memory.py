"""The vault that lives and dies with its process."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NoReturn, Self

from callsafe.redaction.cipher import Cipher, Key
from callsafe.redaction.errors import RedactionError


class MemoryVault:
    """Originals in this process's memory.

    `ttl` is in seconds since an original was last issued or found; None keeps it as long as the vault. `size`
    is the greatest number of originals. `clock` gives seconds.

    It cannot be pickled or copied, and its `repr` shows counts only; `snapshot` is the one way out.
    """

    __slots__ = (
        "_clock",
        "_first",
        "_lock",
        "_next",
        "_numbers",
        "_reserved",
        "_size",
        "_surrogate_of",
        "_surrogates",
        "_touched",
        "_ttl",
        "_values",
    )

    def __init__(
        self,
        *,
        ttl: float | None = None,
        size: int = 100_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ttl = ttl
        self._size = size
        self._clock = clock
        self._lock = threading.Lock()
        self._values: dict[tuple[str, int], str] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._first: dict[str, str] = {}  # value → label
        self._touched: OrderedDict[tuple[str, int], float] = OrderedDict()  # the longest untouched first
        self._reserved: set[tuple[str, int]] = set()
        self._next: dict[str, int] = {}
        self._surrogates: dict[str, tuple[str, str]] = {}
        self._surrogate_of: dict[tuple[str, str], str] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(values={len(self)})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a vault is never pickled or copied: use snapshot(key=…)")

    def __len__(self) -> int:
        with self._lock:
            self._expire()
            return len(self._values)

    def issue(self, items: Sequence[tuple[str, str]]) -> list[int]:
        """Give the number of each (label, value). Raises `RedactionError` where the vault is full."""
        with self._lock:
            self._expire()
            return [self._issue(label, value) for label, value in items]

    def _issue(self, label: str, value: str) -> int:
        number = self._numbers.get((label, value))
        if number is None:
            if len(self._values) >= self._size:
                raise RedactionError(
                    f"the vault is full ({self._size} originals): start a new conversation or raise its size"
                )
            number = self._next.get(label, 1)
            while (label, number) in self._reserved:
                number += 1
            self._next[label] = number + 1
            self._numbers[label, value] = number
            self._values[label, number] = value
            self._first.setdefault(value, label)
        self._touch((label, number))
        return number

    def reserve(self, numbers: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Never issue these (label, number); return those that already stand for a value."""
        with self._lock:
            self._expire()
            taken = {key for key in numbers if key in self._values}
            free = {(label, number) for label, number in numbers if number >= self._next.get(label, 1)}
            if len(self._reserved) + len(free) > 10 * self._size:
                raise RedactionError("too much text that looks like placeholders: start a new conversation")
            self._reserved |= free
            return taken

    def find(self, label: str, number: int) -> str | None:
        """Give the original behind a number, None where none was issued."""
        with self._lock:
            self._expire()
            value = self._values.get((label, number))
            if value is not None:
                self._touch((label, number))
            return value

    def labels(self) -> frozenset[str]:
        """Give the labels under which values were issued."""
        with self._lock:
            return frozenset(self._next)

    def values(self) -> Mapping[str, str]:
        """Give every original with the label it was first issued under."""
        with self._lock:
            self._expire()
            return dict(self._first)

    def adopt(self, label: str, value: str, surrogate: str) -> str | None:
        """Give the surrogate in force for a value; None where this one already stands for another value."""
        with self._lock:
            self._expire()
            current = self._surrogate_of.get((label, value))
            if current is not None:
                return current
            if surrogate in self._surrogates:
                return None
            self._surrogates[surrogate] = (label, value)
            self._surrogate_of[label, value] = surrogate
            return surrogate

    def surrogates(self) -> Mapping[str, str]:
        """Give every surrogate with its original."""
        with self._lock:
            self._expire()
            return {surrogate: value for surrogate, (_, value) in self._surrogates.items()}

    def clear(self) -> None:
        """Forget every original; numbers are still not issued again."""
        with self._lock:
            for key in list(self._touched):
                self._forget(key)

    def _touch(self, key: tuple[str, int]) -> None:
        self._touched[key] = self._clock()
        self._touched.move_to_end(key)

    def _expire(self) -> None:
        if self._ttl is None:
            return
        limit = self._clock() - self._ttl
        while self._touched:
            key, touched = next(iter(self._touched.items()))
            if touched > limit:
                return
            self._forget(key)

    def _forget(self, key: tuple[str, int]) -> None:
        del self._touched[key]
        label, value = key[0], self._values.pop(key)
        del self._numbers[label, value]
        if self._first.get(value) == label:
            del self._first[value]
            self._first.update((value, other) for other in self._next if (other, value) in self._numbers)
        surrogate = self._surrogate_of.pop((label, value), None)
        if surrogate is not None:
            del self._surrogates[surrogate]

    def snapshot(self, key: Key | bytes | str | None = None) -> bytes:
        """Give everything in the vault as bytes for `restore`, encrypted where a key is given.

        Without a key the bytes hold the originals in clear.
        """
        with self._lock:
            self._expire()
            state = {
                "values": [
                    [label, number, value, self._surrogate_of.get((label, value))]
                    for (label, number), value in self._values.items()
                ],
                "next": self._next,
                "reserved": sorted(self._reserved),
            }
        data = json.dumps(state).encode()
        if key is None:
            return data
        return Cipher(key).seal(data, "snapshot")

    @classmethod
    def restore(
        cls,
        data: bytes,
        key: Key | bytes | str | None = None,
        *,
        ttl: float | None = None,
        size: int = 100_000,
    ) -> Self:
        """Make a vault from the bytes of `snapshot`. Raises `ValueError` where they or the key are wrong."""
        if key is not None:
            opened = Cipher(key).open(data, "snapshot")
            if opened is None:
                raise ValueError("this key does not open this snapshot")
            data = opened
        state = _state(data)
        if state is None:
            raise ValueError("this is no snapshot, or an encrypted one: give the key it was made with")
        vault = cls(ttl=ttl, size=size)
        vault._load(state)
        return vault

    def _load(self, state: dict[str, Any]) -> None:
        self._next = dict(state["next"])
        self._reserved = {(label, number) for label, number in state["reserved"]}
        for label, number, value, surrogate in state["values"]:
            self._values[label, number] = value
            self._numbers[label, value] = number
            self._first.setdefault(value, label)
            self._touch((label, number))
            if surrogate is not None:
                self._surrogates[surrogate] = (label, value)
                self._surrogate_of[label, value] = surrogate


def _state(data: bytes) -> dict[str, Any] | None:
    try:
        state = json.loads(data)
    except ValueError:
        return None
    return state if isinstance(state, dict) and state.keys() >= {"values", "next", "reserved"} else None
