"""Labelled data: texts with spans, in two formats, and how their labels are read.

Ours, JSON Lines, offsets in characters: `{"text": "…", "spans": [{"start": 0, "end": 8, "label": "PERSON"}]}`.
presidio-research's, a JSON list or JSON Lines: `{"full_text": "…", "spans": [{"entity_type": "PERSON",
"entity_value": "…", "start_position": 0, "end_position": 8}]}`. Other fields are not read.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from callsafe.redaction.policy import Policy

Labelled = tuple[int, int, str]
"""A span: start, end (in characters) and label."""

_FORMATS = {
    "text": ("start", "end", "label"),
    "full_text": ("start_position", "end_position", "entity_type"),
}


class DataError(ValueError):
    """Labelled data or a configuration that cannot be read; the message names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Example:
    """One text with its labelled spans; `where` names its place for messages."""

    text: str = field(repr=False)
    spans: tuple[Labelled, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Labels:
    """How labels are read, of the data and of what is found alike.

    `names` maps a label to the one it counts as. What is labelled with one of `ignore`, or found as one, is
    neither a hit nor a mistake.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()

    def of(self, label: str) -> str:
        """Give the label that a label counts as, "" for one that is ignored."""
        name = self.names.get(label, label)
        return "" if label in self.ignore or name in self.ignore else name


@dataclass(frozen=True, slots=True)
class Configuration:
    """What `--config` says: a policy, how labels are read, and how much worse is not yet worse."""

    policy: Policy = field(default_factory=Policy)
    labels: Labels = field(default_factory=Labels)
    tolerance: float = 0.005

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a pyproject.toml, a policy, or a file of its own.

        In a pyproject.toml it is `[tool.callsafe.redaction]` and `[tool.callsafe.evaluation]`; a file of its own
        has `policy` (a file beside it), `labels`, `ignore` and `tolerance`. Raises `ValueError` naming file and
        key, and `OSError`.
        """
        try:
            table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            raise DataError(f"{path}: this is not TOML") from None
        if path.name == "pyproject.toml":
            policy = Policy.load(path)
            for name in ("tool", "callsafe", "evaluation"):
                table = table.get(name, {}) if isinstance(table, dict) else {}
        elif table.keys() & {"labels", "ignore", "policy", "tolerance"}:
            said = table.pop("policy", None)
            policy = Policy() if said is None else Policy.load(path.parent / _text(path, "policy", said))
        else:
            return cls(Policy.load(path))
        return cls(policy, *_evaluation(path, table))


def _evaluation(path: Path, table: dict[str, Any]) -> tuple[Labels, float]:
    for key in table:
        if key not in ("labels", "ignore", "tolerance"):
            raise DataError(f"{path}: {key}: there is no such key: use labels, ignore, tolerance or policy")
    names, ignore = table.get("labels", {}), table.get("ignore", [])
    tolerance = table.get("tolerance", 0.005)
    if not isinstance(names, dict):
        raise DataError(f"{path}: labels: give a table from label to label")
    if not isinstance(ignore, list):
        raise DataError(f"{path}: ignore: give a list of labels")
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance < 1:
        raise DataError(f"{path}: tolerance: give a number from 0 to below 1")
    read = {label: _text(path, f"labels.{label}", name) for label, name in names.items()}
    return Labels(read, frozenset(_text(path, "ignore", label) for label in ignore)), float(tolerance)


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise DataError(f"{path}: {key}: give a text that is not empty")
    return value


def read(path: Path, bad: Callable[[DataError], object] | None = None) -> Iterator[Example]:
    """Read the examples of a file.

    Raises `DataError`, with file and line (or number in the list), for one that cannot be read; with `bad` it is
    called instead and the example left out.
    """
    with path.open("rb") as file:
        first = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        file.seek(0)
        values: Iterator[tuple[str, bytes | Any]]
        if first == b"[":
            listed = _json(file.read(), str(path))
            values = ((f"{path}: example {number}", value) for number, value in enumerate(listed, 1))
        else:
            values = ((f"{path}:{number}", line) for number, line in enumerate(file, 1) if line.strip())
        for where, value in values:
            try:
                example = _example(_json(value, where) if isinstance(value, bytes) else value, where)
            except DataError as error:
                if bad is None:
                    raise
                bad(error)
            else:
                yield example


def _json(data: bytes, where: str) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DataError(f"{where}: not utf-8: convert the file first") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not JSON: {error.msg.lower()} at {error.lineno}:{error.colno}") from None
    except (ValueError, RecursionError):
        raise DataError(f"{where}: not JSON that can be read") from None


def _example(value: Any, where: str) -> Example:
    form = next((name for name in _FORMATS if isinstance(value, dict) and name in value), None)
    if form is None:
        raise DataError(f'{where}: no example: give {{"text": …, "spans": […]}}')
    text, spans = value[form], value.get("spans")
    if not isinstance(text, str):
        raise DataError(f"{where}: {form} is no text")
    if not isinstance(spans, list):
        raise DataError(f"{where}: spans is no list: give [] for a text with nothing to find")
    return Example(text, tuple(_span(span, text, form, where) for span in spans), where)


def _span(span: Any, text: str, form: str, where: str) -> Labelled:
    if not isinstance(span, dict):
        raise DataError(f"{where}: a span is no object")
    first, last, name = _FORMATS[form]
    start, end, label = span.get(first), span.get(last), span.get(name)
    if type(start) is not int or type(end) is not int:
        raise DataError(f"{where}: a span has no whole numbers as {first} and {last}")
    if not 0 <= start < end <= len(text):
        raise DataError(
            f"{where}: a span from {start} to {end} is not in the {len(text)} characters of the text"
        )
    if not isinstance(label, str) or not label:
        raise DataError(f"{where}: the span from {start} to {end} has no {name}")
    if isinstance(value := span.get("entity_value"), str) and value != text[start:end]:
        raise DataError(f"{where}: the span from {start} to {end} does not hold its entity_value")
    return start, end, label
