"""What is done so far with a file, beside its output, so that a killed run goes on where it was.

The first line says what run it is of: policy, fields and format as a digest. Each further line is a
checkpoint: everything before `position` is written, as the first `size` bytes of the partial output, and
`digest` is the input's up to there. A line that was cut off is no checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import callsafe
from callsafe.redaction.cipher import Key
from callsafe.redaction.datasets.job import DatasetError, Job, Totals


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a run is: the next chunk's position and line, the size of the partial output, the counts."""

    position: int = 0
    line: int = 1
    size: int = 0
    digest: str = ""
    totals: Mapping[str, Any] = field(default_factory=lambda: Totals().as_json())


class Journal:
    """A journal that is being written. Each line is on the disk before the next chunk is begun."""

    def __init__(self, path: Path, job: Job, *, fresh: bool) -> None:
        self._file = path.open("w" if fresh else "a", encoding="utf-8")
        if fresh:
            self._write({"run": identity(job)})

    def add(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint."""
        self._write({name: getattr(checkpoint, name) for name in Checkpoint.__slots__})

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def last(path: Path, job: Job) -> Checkpoint | None:
    """Give the last checkpoint of an interrupted run, None where there is none.

    Raises `DatasetError` where that run was another one.
    """
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    entries = []
    for line in lines:
        try:
            entries.append(json.loads(line))
        except ValueError:
            break
    if not entries:
        return None
    if entries[0].get("run") != identity(job):
        raise DatasetError(
            f"{path}: the interrupted run had another policy, format, version or fields: "
            "start anew with --force, or give them as they were"
        )
    return Checkpoint(**entries[-1]) if len(entries) > 1 else None


def identity(job: Job) -> str:
    """Give a digest of all that decides what is written; of a key it holds a keyed digest only."""
    policy = job.policy
    parts = [callsafe.__version__, job.action, job.format, job.fields, job.vault, _said(job.key)]
    for name in sorted(policy.__slots__):
        value = getattr(policy, name)
        if isinstance(value, Mapping):
            value = sorted((key, _said(each)) for key, each in value.items())
        parts.append(f"{name}={sorted(value) if isinstance(value, frozenset) else _said(value)}")
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _said(value: object) -> str:
    if isinstance(value, Key):
        return value.digest("journal", b"").hex()
    if hasattr(value, "__dataclass_fields__"):
        fields = {name: _said(getattr(value, name)) for name in value.__dataclass_fields__}
        return f"{type(value).__name__}{fields}"
    return repr(value)
