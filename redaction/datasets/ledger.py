"""One numbering for a whole file: a row's view of an SQLite vault."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from callsafe.redaction.cipher import Key
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.vaults.sqlite import SQLiteVault

CONVERSATION: Final = "dataset"
"""The conversation in the vault file: files that share a vault share their numbering."""
SIZE: Final = 10_000_000


def open_vault(path: str, key: Key | None) -> SQLiteVault:
    """Open the vault of a dataset. Raises `ValueError` for a wrong key, `RedactionError` for a bad file."""
    if key is None:
        raise ValueError("the vault has no key: name its environment variable with --vault-key-env")
    return SQLiteVault(path, key, conversation=CONVERSATION, size=SIZE)


class RowVault:
    """The vault of a dataset as one row sees it.

    Numbers are those of the file; the values that are looked for again ("once found, always found") are
    those of the row, so that a row costs the same at the end of a file as at its beginning.
    """

    __slots__ = ("_numbers", "_vault")

    def __init__(self, vault: SQLiteVault) -> None:
        self._vault = vault
        self._numbers: dict[tuple[str, str], int] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(values={len(self._numbers)})"

    def issue(self, items: Sequence[tuple[str, str]]) -> list[int]:
        """Give the number of each (label, value). Raises `RedactionError` where the vault is full."""
        new = [item for item in items if item not in self._numbers]
        if new:
            self._numbers.update(zip(new, self._vault.issue(new), strict=True))
        return [self._numbers[item] for item in items]

    def reserve(self, numbers: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Never issue these (label, number); return those that already stand for a value."""
        return self._vault.reserve(numbers)

    def find(self, label: str, number: int) -> str | None:
        """Give the original behind a number, None where none was issued."""
        return self._vault.find(label, number)

    def labels(self) -> frozenset[str]:
        """Give the labels under which values were issued, in the whole file."""
        return self._vault.labels()

    def values(self) -> Mapping[str, str]:
        """Give the originals of this row with the label each was first issued under."""
        return {value: label for label, value in reversed(self._numbers)}

    def adopt(self, label: str, value: str, surrogate: str) -> str | None:  # noqa: ARG002 - the protocol's
        """Refuse: surrogates of a dataset are made by key."""
        raise RedactionError("surrogates of a dataset are not restored from a vault: replace or encrypt")

    def surrogates(self) -> Mapping[str, str]:
        """Give none."""
        return {}

    def clear(self) -> None:
        """Forget what this row knows; the file's originals stay."""
        self._numbers.clear()

    def __len__(self) -> int:
        return len(self._numbers)
