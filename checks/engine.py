"""One run: paths in, findings out. Each file is read once; nothing in it is executed or imported."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from callsafe.checks.discover import Found, discover
from callsafe.checks.related import leading, related
from callsafe.checks.settings import MAX_FILE_SIZE, ConfigurationError, Settings
from callsafe.checks.source import (
    NOTEBOOK_LIMIT,
    PYTHON_LIMIT,
    Source,
    Unreadable,
    decode,
    module_name,
    read,
    too_large,
)
from callsafe.rules.model import Facts, Place, Problem, Rule
from callsafe.rules.registry import TEXT_FAMILIES, rules

if TYPE_CHECKING:
    from callsafe.checks.findings import Finding
    from callsafe.checks.secrets_baseline import KnownSecrets
    from callsafe.rules.facts import Call, Environment

ALWAYS_PARSED = 4096
"""Bytes: a Python file up to this size is parsed even where it cannot matter, to tell if it is broken."""
_PYTHON = (".py", ".pyi", ".ipynb")


class RuleError(Exception):
    """A rule raised an exception, a bug in callsafe: names the rule, the file and where it was raised."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found, in the order of paths and lines. `files` counts those looked at."""

    findings: tuple[Finding, ...]
    files: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A report and what it was made of, for those who show more than findings.

    `said` are the problems that rules found on a call, also where they are ignored or not selected. `masks`
    are the places of secrets and personal data. `sources` are the files that were resolved, `python` the
    bytes of all Python files and notebooks by path.
    """

    report: Report
    calls: tuple[Call, ...] = ()
    said: tuple[tuple[Call, Rule, Problem], ...] = ()
    masks: tuple[Place, ...] = ()
    sources: tuple[Source, ...] = ()
    python: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one file until its findings are made."""

    data: bytes = b""
    source: Source | None = None
    errors: list[Unreadable] = field(default_factory=list)
    problems: list[tuple[Rule, Problem]] = field(default_factory=list)
    masks: list[Place] = field(default_factory=list)


def check(paths: Sequence[str], settings: Settings) -> Report:
    """Judge all files that the paths lead to.

    Raises:
        ConfigurationError: a path does not exist, or a rule that is selected does not.
        RuleError: a rule failed.

    """
    return run(paths, settings).report


def run(paths: Sequence[str], settings: Settings) -> Run:
    """Judge all files as `check` does, and return the report with what it was made of."""
    enabled = gc.isenabled()
    gc.disable()  # the trees live to the end of the run: collecting among them took half the time
    try:
        return _run(paths, settings)
    finally:
        if enabled:
            gc.enable()


def _run(paths: Sequence[str], settings: Settings) -> Run:
    files: dict[str, Kept] = {}
    python: dict[str, bytes] = {}
    other: dict[str, Kept] = {}
    looked_at = 0
    for found in discover(paths, settings):
        kept = _look(found, settings)
        looked_at += not found.problem
        if found.path.endswith(".py"):
            python[found.path] = kept.data
        elif kept.data:
            other[found.path] = kept
        if kept.source or kept.problems or kept.errors or _may_ignore(kept.data):
            files[found.path] = kept
    others = _others(paths, python, settings)
    plain = {path: data for path, data in python.items() if path not in files or not files[path].source}
    if others and plain:  # with the whole project at hand, what is tied to a calling file is found below
        from callsafe.rules.sdks import prefilter

        for path in leading(plain, [*python, *others], _content, prefilter):
            files[path] = _parsed(files.get(path, Kept(python[path])), path, settings.root)
    calling = [path for path, kept in files.items() if kept.source]
    around = {path: _content(path) for path in others} if calling else {}
    context: dict[str, Source] = {}
    notebooks = {
        path: kept.source.text.encode("utf-8", "replace")
        for path, kept in files.items()
        if kept.source and path.endswith(".ipynb")
    }
    known = python | around
    for path in related(calling, known | notebooks) if len(known) + len(notebooks) > len(calling) else ():
        if path not in around:
            files[path] = _parsed(files.get(path, Kept(python[path])), path, settings.root)
        elif (source := _parsed(Kept(around[path]), path, settings.root).source) is not None:
            context[path] = source
    calls, said = _judge_project(files, context, _environments(other), settings)
    findings: list[Finding] = []
    secrets = _known_secrets(files.values(), settings)
    for path, kept in sorted(files.items()):
        if kept.problems or kept.errors or _may_ignore(kept.data):
            from callsafe.checks.settle import settle

            findings += settle(path, kept, settings.enabled(rules()), rules(), settings, secrets)
    return Run(
        Report(tuple(findings), looked_at, sum(bool(kept.errors) for kept in files.values())),
        calls,
        tuple(said),
        tuple(place for kept in files.values() for place in kept.masks),
        (*(kept.source for kept in files.values() if kept.source), *context.values()),
        python | {path: kept.data for path, kept in files.items() if path.endswith(_PYTHON)},
    )


def _known_secrets(files: Iterable[Kept], settings: Settings) -> KnownSecrets | None:
    """Read detect-secrets' baseline, where there is one and something that it may know."""
    path = settings.secrets_baseline or os.path.join(settings.root, ".secrets.baseline")
    if settings.secrets_baseline is None and not os.path.exists(path):
        return None
    if not any(kept.problems for kept in files):
        return None
    from callsafe.checks.secrets_baseline import BaselineError, read_baseline

    try:
        return read_baseline(path)
    except (BaselineError, OSError) as error:
        reason = str(error) if isinstance(error, BaselineError) else f"{path}: cannot be read"
        raise ConfigurationError(reason) from None


def _others(paths: Sequence[str], python: Mapping[str, bytes], settings: Settings) -> list[str]:
    """Return the other Python files of the project when only some of it is checked, as pre-commit does.

    What is in force at a call is decided in files that did not change too; they are read, and not judged.
    """
    root = os.path.abspath(settings.root)
    if not settings.source and not os.path.exists(os.path.join(root, ".git")):
        return []
    named = [os.path.abspath(path) for path in paths]
    if root in named or not all(path.startswith(root + os.sep) for path in named):
        return []
    return [
        other.path
        for other in discover([root], settings)
        if other.path.endswith(".py") and not other.problem and other.path not in python
    ]


def _content(path: str) -> bytes:
    """Return what is in a file that is read for what it says about others; nothing where it cannot be read."""
    try:
        return _bytes(Found(path))
    except Unreadable:
        return b""


def _look(found: Found, settings: Settings) -> Kept:
    """Read one file, judge its texts, and parse it where it can matter."""
    from callsafe.checks.texts import texts
    from callsafe.rules.sdks import prefilter

    if found.problem:
        return Kept(errors=[Unreadable(found.problem)])
    try:
        data = _bytes(found, settings.max_file_size)
    except Unreadable as error:
        return Kept(errors=[error])
    kept = Kept(data)
    if found.path.endswith(_PYTHON):
        matters = prefilter(data)
        if matters or found.named or len(data) <= ALWAYS_PARSED:
            kept = _parsed(kept, found.path, settings.root)
            kept = kept if matters else replace(kept, source=None)
        elif not data.isascii():
            kept.errors.extend(_undecodable(data))
    # Text rules always run, also where they are not selected: what they find is masked in every excerpt.
    for text in texts(found.path, data, limit=settings.max_file_size):
        for rule in _of(Facts.TEXT, rules(TEXT_FAMILIES)):
            for problem in _judge(rule, text, found.path):
                kept.problems.append((rule, problem))
                kept.masks.append(problem.place)
    return kept


def _may_ignore(data: bytes) -> bool:
    """Tell, without a pattern to compile, whether the file can hold one of our own ignore comments."""
    return b"callsafe:" in data or (b"noqa" in data and b"LLM" in data)


def _undecodable(data: bytes) -> Iterator[Unreadable]:
    try:
        decode(data)
    except Unreadable as error:
        yield error


def _parsed(kept: Kept, path: str, root: str) -> Kept:
    try:
        source = read(path, kept.data, module=module_name(path, root))
    except Unreadable as error:
        return replace(kept, errors=[error])
    return replace(kept, source=source, errors=list(source.skipped))


def _bytes(found: Found, text_limit: int = MAX_FILE_SIZE) -> bytes:
    """Return the content of a file; empty where it is text of more than `text_limit` bytes or no file at all.

    Raises:
        Unreadable: no permission, named and not there, or Python that is too large.

    """
    limit = {".ipynb": NOTEBOOK_LIMIT, ".py": PYTHON_LIMIT, ".pyi": PYTHON_LIMIT}.get(
        os.path.splitext(found.path)[1]
    )
    try:
        status = os.stat(found.path)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("no regular file") if found.named else FileNotFoundError
        if status.st_size > (limit or text_limit):
            if limit:
                raise too_large(status.st_size, limit)
            return b""
        with open(found.path, "rb", buffering=0) as file:
            return file.read()
    except PermissionError:
        raise Unreadable("no permission") from None
    except FileNotFoundError:
        if found.named:
            link = os.path.islink(found.path)
            raise Unreadable("a link that leads nowhere" if link else "no longer there") from None
        return b""  # deleted since the folder was listed
    except OSError as error:
        raise Unreadable(f"cannot be read: {(error.strerror or type(error).__name__).lower()}") from None


def _environments(other: Mapping[str, Kept]) -> list[tuple[Environment, Kept]]:
    """Return the environment files among those that are no Python; the values in them are masked."""
    if not other:
        return []
    from callsafe.checks.environments import environments

    # Paths are relative to the current folder, not to that of the configuration.
    made = environments(os.getcwd(), {path: kept.data for path, kept in other.items()})
    for environment in made:
        other[environment.path].masks.extend(value.place for value in environment.values)
    return [(environment, other[environment.path]) for environment in made]


def _judge_project(
    files: dict[str, Kept],
    context: Mapping[str, Source],
    environments: Sequence[tuple[Environment, Kept]],
    settings: Settings,
) -> tuple[tuple[Call, ...], list[tuple[Call, Rule, Problem]]]:
    """Resolve all sources together and let the rules about calls, credentials and the project judge.

    Returns the calls, and what rules said about each of them.
    """
    said: list[tuple[Call, Rule, Problem]] = []
    sources = [kept.source for kept in files.values() if kept.source]
    sources += context.values()
    if not sources and not environments:
        return (), said
    from pathlib import Path

    from callsafe.checks.project import analyse
    from callsafe.rules.facts import Project

    enabled, root = settings.enabled(rules()), settings.root
    analysis = analyse(sources, root=Path(root))
    judged: list[tuple[Rule, Any, str]] = []
    for call in analysis.calls:
        judged += [(rule, call, call.place.path) for rule in _of(Facts.CALL, enabled)]
    for credential in analysis.credentials:
        if credential.place.path in context:
            continue
        kept = files[credential.place.path]
        kept.masks.append(credential.place)
        if not any(
            rule.facts is Facts.TEXT and _overlap(problem.place, credential.place)
            for rule, problem in kept.problems
        ):
            judged += [(rule, credential, credential.place.path) for rule in _of(Facts.CREDENTIAL, enabled)]
    for text in analysis.texts:
        judged += [(rule, text, text.path) for rule in _of(Facts.TEXT, rules())]
    files.update({environment.path: kept for environment, kept in environments})
    found = tuple(environment for environment, _ in environments)
    project = Project(root, tuple(analysis.calls), tuple(files), found)
    judged += [(rule, project, root) for rule in _of(Facts.PROJECT, enabled)]
    reported: set[tuple[str, Place]] = set()
    for rule, fact, path in judged:
        if rule.facts is Facts.CALL and (rule.code, fact.through) in reported:
            continue  # said at the model call itself: its callers change nothing about it
        for problem in _judge(rule, fact, path):
            if rule.facts is Facts.CALL:
                reported.add((rule.code, fact.place))
            if problem.place.path in context:
                continue
            kept = files.setdefault(problem.place.path, Kept())
            kept.problems.append((rule, problem))
            if rule.facts is Facts.TEXT:
                kept.masks.append(problem.place)
            elif rule.facts is Facts.CALL:
                said.append((fact, rule, problem))
    return tuple(call for call in analysis.calls if call.place.path not in context), said


def _overlap(one: Place, other: Place) -> bool:
    """Tell whether two places of a file share a character."""
    return (
        one.cell == other.cell
        and (one.line, one.column) < (other.end_line, other.end_column)
        and (other.line, other.column) < (one.end_line, one.end_column)
    )


def _judge(rule: Rule, fact: object, path: str) -> list[Problem]:
    try:
        return list(rule.find(fact))
    except Exception as error:
        raise RuleError(f"rule {rule.name} failed on {path}: {described(error)}") from error


def described(error: Exception) -> str:
    """Return the type of an exception and where it was raised; its text may quote what a file holds."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    line = f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + line


def _of(facts: Facts, some: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in some if rule.facts is facts]
