"""Vaults: where the originals of one conversation are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol


class Vault(Protocol):
    """The originals of one conversation, by label and number.

    A vault belongs to one circle of trust: whoever may read an answer of the conversation may read its
    originals. Every method is atomic and may be called from several threads. A number that was issued or
    reserved is never issued again for another value, also after its entry has expired.
    """

    def issue(self, items: Sequence[tuple[str, str]]) -> list[int]:
        """Give the number of each (label, value): the one it has, else the next that is free, from 1.

        Raises `RedactionError` where the vault is full.
        """

    def reserve(self, numbers: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Never issue these (label, number); return those that already stand for a value."""

    def find(self, label: str, number: int) -> str | None:
        """Give the original behind a number, None where none was issued."""

    def labels(self) -> frozenset[str]:
        """Give the labels under which values were issued."""

    def values(self) -> Mapping[str, str]:
        """Give every original with the label it was first issued under."""

    def adopt(self, label: str, value: str, surrogate: str) -> str | None:
        """Give the surrogate in force for a value: the one it has, else this one from now on.

        None where this one already stands for another value.
        """

    def surrogates(self) -> Mapping[str, str]:
        """Give every surrogate with its original."""

    def clear(self) -> None:
        """Forget every original; numbers are still not issued again."""

    def __len__(self) -> int:
        """Count the originals."""
