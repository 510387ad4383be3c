"""Every model call of a run: the findings at it, the redaction on its way, what must not be shown of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from callsafe.checks.engine import Run, run
from callsafe.checks.findings import Finding
from callsafe.checks.module import dotted
from callsafe.checks.settings import Settings
from callsafe.checks.source import Source
from callsafe.rules.facts import Call
from callsafe.rules.model import Place

_MENTIONS = re.compile(rb"callsafe(?:\.|\s+import\s.*)redaction")
_TRANSPORTS = frozenset({"RedactingTransport", "AsyncRedactingTransport"})


class Way(StrEnum):
    """What is known about redaction between a call and the provider.

    `PROTECTED`: `callsafe.redaction.protect` or a `RedactingTransport` was seen on the object that is called.
    `NONE`: no file of the run uses `callsafe.redaction`. `UNKNOWN`: one does, and not visibly for this call.
    """

    PROTECTED = "protected"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Redaction:
    """The redaction on the way of a call, and where that was seen."""

    way: Way
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One model call; `hidden` are the roles whose written value holds a credential or personal data."""

    call: Call
    findings: tuple[Finding, ...]
    redaction: Redaction
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The model calls under some paths, in the order of paths and lines; how many files were looked at."""

    entries: tuple[Entry, ...]
    files: int
    unreadable: int


def inventory(paths: Sequence[str], settings: Settings) -> Inventory:
    """Find and judge all model calls that the paths lead to; raises as `engine.check`."""
    done = run(paths, settings)
    redaction = _Redactions(done)
    findings = _Findings(done)
    masks: dict[str, list[Place]] = {}
    for mask in done.masks:
        masks.setdefault(mask.path, []).append(mask)
    entries = [
        Entry(call, findings.at(call), redaction.of(call), frozenset(_hidden(call, masks)))
        for call in done.calls
    ]
    return Inventory(tuple(sorted(entries, key=_order)), done.report.files, done.report.unreadable)


def _order(entry: Entry) -> tuple[object, ...]:
    place, through = entry.call.place, entry.call.through
    reached = (through.path, through.cell, through.line, through.column) if through else ()
    return place.path, place.cell, place.line, place.column, bool(through), reached


class _Findings:
    """The findings of a run, by what a rule said about a call and by where they stand."""

    def __init__(self, done: Run) -> None:
        self._reported = {(one.code, one.place, one.message): one for one in done.report.findings}
        self._said: dict[int, list[Finding]] = {}
        for call, rule, problem in done.said:
            made = self._reported.get((rule.code, problem.place, problem.message))
            if made is not None:
                self._said.setdefault(id(call), []).append(made)
        about = {id(one) for several in self._said.values() for one in several}
        self._others: dict[str, list[Finding]] = {}
        for one in done.report.findings:
            if id(one) not in about and not one.code.startswith("LLM9"):
                self._others.setdefault(one.place.path, []).append(one)

    def at(self, call: Call) -> tuple[Finding, ...]:
        """Return what rules said about the call, and what stands where one of its values is written."""
        found = list(self._said.get(id(call), ()))
        for place in {call.place, *(setting.place for setting in call.settings.values() if setting.place)}:
            found += [one for one in self._others.get(place.path, ()) if _overlap(one.place, place)]
        distinct = {(one.code, one.place, one.message): one for one in found}
        return tuple(sorted(distinct.values(), key=lambda one: (one.code, one.place.path, one.place.line)))


def _hidden(call: Call, masks: Mapping[str, list[Place]]) -> Iterator[str]:
    for role, setting in call.settings.items():
        place = setting.place
        if place is not None and any(_overlap(mask, place) for mask in masks.get(place.path, ())):
            yield role


def _overlap(one: Place, other: Place) -> bool:
    return (
        one.cell == other.cell
        and (one.line, one.column) < (other.end_line, other.end_column)
        and (other.line, other.column) < (one.end_line, one.end_column)
    )


class _Redactions:
    """Where the files of a run put callsafe's redaction on a client."""

    def __init__(self, done: Run) -> None:
        mentions = {path for path, data in done.python.items() if _MENTIONS.search(data)}
        self._used = bool(mentions)
        self._sources = {source.path: source for source in done.sources if source.path in mentions}

    def of(self, call: Call) -> Redaction:
        """Return what can be shown: the name called was protected in its own or an enclosing scope."""
        if not self._used:
            return Redaction(Way.NONE)
        source = self._sources.get(call.place.path)
        line = source.line(call.place) if source else 0
        for name, node, scope in _protected(source) if source else ():
            inside = scope is None or scope.lineno <= line <= (scope.end_lineno or scope.lineno)
            if inside and call.subject.startswith(f"{name}.") and source:
                return Redaction(Way.PROTECTED, source.place(node))
        return Redaction(Way.UNKNOWN)


Scoped = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _protected(source: Source) -> Iterator[tuple[str, ast.Call, Scoped | None]]:
    """Yield the names that hold a protected client, what protects them, and the scope in which that holds."""
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("callsafe.redaction")
        for alias in node.names
    }

    def is_own(node: ast.expr, wanted: frozenset[str]) -> bool:
        name = dotted(node)
        return names.get(name, "") in wanted or (
            "redaction." in name and name.rpartition(".")[2] in wanted and "callsafe" in source.text
        )

    def protection(value: ast.expr) -> ast.Call | None:
        if not isinstance(value, ast.Call):
            return None
        if is_own(value.func, frozenset({"protect"})):
            return value
        given = [inner for keyword in value.keywords for inner in ast.walk(keyword.value)]
        found = (one for one in given if isinstance(one, ast.Call) and is_own(one.func, _TRANSPORTS))
        return next(found, None)

    def visit(
        body: ast.AST, function: Scoped | None, cls: Scoped | None
    ) -> Iterator[tuple[str, ast.Call, Scoped | None]]:
        for node in ast.iter_child_nodes(body):
            if isinstance(node, ast.ClassDef):
                yield from visit(node, function, node)
                continue
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from visit(node, node, cls)
                continue
            by, held = None, []
            if isinstance(node, ast.Assign):
                by, held = protection(node.value), [dotted(target) for target in node.targets]
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                by = node.value if is_own(node.value.func, frozenset({"protect"})) else None
                held = [dotted(given) for given in node.value.args[:1]]
            if by is not None:
                for name in filter(None, held):
                    yield name, by, cls if name.startswith("self.") else function
            yield from visit(node, function, cls)

    yield from visit(source.tree, None, None)
