"""What is done with a file of rows, and what came out of a chunk of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from callsafe.redaction.cipher import Key
from callsafe.redaction.datasets.keyed import KEYED, needs_vault, refuse_random
from callsafe.redaction.operators import Surrogate
from callsafe.redaction.policy import Policy

Format = Literal["jsonl", "csv", "tsv", "parquet"]
EXTENSIONS: Mapping[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}


class DatasetError(Exception):
    """A file of rows that cannot be read, made safe or written; the message names file, line and way out."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is done with each row.

    `fields` are dotted paths ("messages.content", lists are gone through), none for the whole row. `vault`
    and `key` are the SQLite file of the originals and its key. `on_error` says what is done with a row that
    cannot be read or made safe; `keep` writes it as it stands.

    Raises `ValueError` for a policy that does not go with the vault that is there, or is not.
    """

    action: Literal["redact", "restore"]
    format: Format
    policy: Policy
    fields: tuple[str, ...] = ()
    vault: str = ""
    key: Key | None = None
    on_error: Literal["stop", "skip", "keep"] = "stop"

    def __post_init__(self) -> None:
        object.__setattr__(self, "policy", replace(self.policy, fail="block"))  # `on_error` has the say
        if self.action == "restore":
            return
        refuse_random(self.policy)
        operators = (self.policy.default, *self.policy.entities.values())
        if needs_vault(self.policy) and not self.vault:
            raise ValueError(
                f"the policy replaces by number, which needs --vault FILE; without a vault choose {KEYED}"
            )
        if self.vault and any(isinstance(operator, Surrogate) for operator in operators):
            raise ValueError("surrogates of a dataset are not restored from a vault: replace or encrypt")

    @property
    def numbered(self) -> bool:
        """Whether rows share one numbering, which is then given out in the order of the rows."""
        return self.action == "redact" and needs_vault(self.policy)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file. `data` is what stands there (for Parquet an Arrow stream).

    `line` is the number of its first line (for Parquet of its first row) from 1; `position` is where the next
    chunk begins: a byte, for Parquet a row. `header` are the columns of a CSV file.
    """

    line: int
    position: int
    next_line: int
    data: bytes = field(repr=False)
    header: tuple[str, ...] = ()


@dataclass(slots=True)
class Totals:
    """What was done so far, in counts."""

    rows: int = 0
    changed: int = 0
    skipped: int = 0
    kept: int = 0
    texts: int = 0
    characters: int = 0
    entities: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    """In how many rows each of the fields was found."""

    def add(self, other: Totals) -> None:
        """Add the counts of a chunk."""
        for name in ("rows", "changed", "skipped", "kept", "texts", "characters"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.entities.update(other.entities)
        self.found.update(other.found)

    def as_json(self) -> dict[str, Any]:
        """Give the counts as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, counts: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        values = {
            name: Counter(value) if isinstance(value, dict) else int(value) for name, value in counts.items()
        }
        return cls(**values)  # type: ignore[arg-type]


@dataclass(slots=True)
class Result:
    """What came out of a chunk. `problems` are (line, what is wrong) of rows that were not redacted."""

    data: bytes = field(default=b"", repr=False)
    totals: Totals = field(default_factory=Totals)
    problems: list[tuple[int, str]] = field(default_factory=list)


def cores() -> int:
    """Count the processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
