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
from callsafe.rules.facts import Call, Handler, Retry, Where
from callsafe.rules.model import Place

_MENTIONS = re.compile(rb"callsafe(?:\.|\s+import\s.*)redaction")
_METHOD = "with_retry"
"""What `facts.Retry.by` says of the retry of a model object's own method: it is part of the object."""
_SHORTEST = 6
"""Characters: a shorter text can be part of anything."""
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
class Around:
    """The retries and handlers of a call; for the caller of a wrapper with those of the call that it reaches.

    `own` retries stand in the function of the call: each multiplies the others. `outer` ones stand on ways to
    it: which of them are on one way is not known. `complete` is false where others may exist.
    """

    own: tuple[Retry, ...]
    outer: tuple[Retry, ...]
    handlers: tuple[Handler, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One model call; `hidden` are the roles whose written value holds a credential or personal data."""

    call: Call
    around: Around
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
    secrets = _Secrets(done)
    sources = {source.path: source for source in done.sources}
    reached = {call.place: _around(call, sources) for call in done.calls if call.through is None}
    entries = [
        Entry(
            call,
            reached[call.place]
            if call.through is None
            else _joined(call, sources, reached.get(call.through)),
            findings.at(call),
            redaction.of(call),
            frozenset(secrets.roles(call)),
        )
        for call in done.calls
    ]
    return Inventory(tuple(sorted(entries, key=_order)), done.report.files, done.report.unreadable)


def _order(entry: Entry) -> tuple[object, ...]:
    place, through = entry.call.place, entry.call.through
    reached = (through.path, through.cell, through.line, through.column) if through else ()
    return place.path, place.cell, place.line, place.column, bool(through), reached


def _around(call: Call, sources: Mapping[str, Source]) -> Around:
    """Tell the retries in the function of the call from those on the ways to it."""
    first, last = _function(call, sources.get(call.place.path))

    def is_own(retry: Retry) -> bool:
        place = retry.place
        inside = (
            place.path == call.place.path and place.cell == call.place.cell and first <= place.line <= last
        )
        return (
            retry.where is Where.AROUND or (retry.where is Where.DECORATOR and inside) or retry.by == _METHOD
        )

    retries = {retry.place: retry for retry in call.flow.retries}.values()
    own = tuple(retry for retry in retries if is_own(retry))
    outer = tuple(retry for retry in retries if not is_own(retry))
    return Around(own, outer, call.flow.handlers, call.flow.complete)


def _joined(call: Call, sources: Mapping[str, Source], reached: Around | None) -> Around:
    """Return what stands around the caller of a wrapper and around the call that it reaches."""
    caller = _around(call, sources)
    if reached is None:
        return caller
    seen = {retry.place for retry in (*caller.own, *caller.outer, *reached.own)}
    between = any(retry.place not in seen for retry in reached.outer)
    inside = tuple(one for one in reached.handlers if one.where in (Where.AROUND, Where.DECORATOR))
    own = {retry.place: retry for retry in (*reached.own, *caller.own)}
    handlers = {one.place: one for one in (*inside, *caller.handlers)}
    return Around(
        tuple(own.values()),
        caller.outer,
        tuple(handlers.values()),
        caller.complete and reached.complete and not between,
    )


def _function(call: Call, source: Source | None) -> tuple[int, int]:
    """Return the first line, with decorators, and the last line of the function that holds the call."""
    found = (0, -1)
    line = source.line(call.place) if source else 0
    offset = line - call.place.line
    for node in ast.walk(source.tree) if source else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = node.end_lineno or node.lineno
            if node.lineno <= line <= end and node.lineno - offset > found[0]:
                start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                found = (start - offset, end - offset)
    return found


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


class _Secrets:
    """What a run found to be credentials and personal data: where it stands, and the text itself."""

    def __init__(self, done: Run) -> None:
        self._masks: dict[str, list[Place]] = {}
        sources = {source.path: source for source in done.sources}
        texts = set()
        for mask in done.masks:
            self._masks.setdefault(mask.path, []).append(mask)
            if mask.path in sources and mask.line == mask.end_line:
                source = sources[mask.path]
                line = source.lines[source.line(mask) - 1]
                texts.add(line[mask.column - 1 : mask.end_column - 1].strip("\"'"))
        self._texts = tuple(text for text in texts if len(text) >= _SHORTEST)

    def roles(self, call: Call) -> Iterator[str]:
        """Yield the roles whose value is, or stands where, one of them was found."""
        for role, setting in call.settings.items():
            place, value = setting.place, setting.value
            marked = place is not None and any(
                _overlap(mask, place) for mask in self._masks.get(place.path, ())
            )
            if marked or (isinstance(value, str) and any(text in value for text in self._texts)):
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
