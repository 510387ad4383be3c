"""Turns the problems of one file into findings: ignores, per-file ignores, order, excerpts, ordinals.

Imported only where there is a problem or an ignore comment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from callsafe.checks import ignores
from callsafe.checks.findings import Finding, by_line, finding
from callsafe.checks.patterns import matcher
from callsafe.checks.settings import Settings, selects
from callsafe.checks.source import Unreadable, decode, split_lines
from callsafe.rules.model import Place, Problem, Rule

if TYPE_CHECKING:
    from callsafe.checks.engine import Kept
    from callsafe.checks.secrets_baseline import KnownSecrets

_CREDENTIALS = ("LLM101", "LLM102")
# Documentation and reports quote ignore comments; they work there, and are not judged themselves.
_QUOTING = (
    *(".md", ".mdx", ".rst", ".txt", ".adoc", ".html"),
    *(".json", ".jsonl", ".sarif", ".csv", ".tsv", ".xml", ".log"),
)


def settle(
    path: str,
    kept: Kept,
    enabled: Sequence[Rule],
    every: Sequence[Rule],
    settings: Settings,
    secrets: KnownSecrets | None = None,
) -> Iterator[Finding]:
    """Yield the findings of one file in the order of its lines, without the secrets that a baseline knows."""
    unreadable = _rule("LLM902", every)
    problems = _distinct(kept.problems)
    for error in kept.errors:
        place = Place(path, error.line, error.column, error.line, error.column + 1, error.cell)
        problems.append((unreadable, Problem(place, error.reason)))
    cells = _cells(path, kept)
    tokens: list[ignores.Token] = []
    if ignores.HINT.search(kept.data):
        tokens = [
            token
            for cell, lines in cells.items()
            if cell or not path.endswith(".ipynb")
            for token in ignores.tokens(path, lines, cell)
        ]
    used: set[ignores.Token] = set()
    suppressing = ignores.suppressing(tokens)

    def reported(rule: Rule, problem: Problem) -> bool:
        hits = suppressing(rule, problem.place)
        used.update(hits)
        return not hits

    left = [(rule, problem) for rule, problem in problems if reported(rule, problem)]
    if secrets:
        name = os.path.relpath(os.path.abspath(path), secrets.folder)
        left = [one for one in left if not _is_known(one, name, cells, secrets)]
    if not path.endswith(_QUOTING):
        unused = [token for token in tokens if token not in used]
        for code, problem in ignores.judge(unused, every, enabled):
            rule = _rule(code, every)
            if reported(rule, problem):
                left.append((rule, problem))
    off = _off(path, settings)
    masks = by_line(kept.masks)
    seen: dict[tuple[str, str], int] = {}
    for rule, problem in sorted(left, key=_order):
        if rule not in enabled or any(selects(one, rule) for one in off):
            continue
        made = finding(rule, problem, cells.get(problem.place.cell, ()), masks)
        ordinal = seen.get((made.rule, made.key()), 0)
        seen[made.rule, made.key()] = ordinal + 1
        yield replace(made, ordinal=ordinal)


def _distinct(problems: Iterable[tuple[Rule, Problem]]) -> list[tuple[Rule, Problem]]:
    """Drop what a rule says twice about one place: a text can be met in the file and again in a prompt."""
    kept: dict[tuple[object, ...], tuple[Rule, Problem]] = {}
    for rule, problem in problems:
        place = problem.place
        kept.setdefault((rule.code, place.cell, place.line, place.column, problem.message), (rule, problem))
    return list(kept.values())


def _cells(path: str, kept: Kept) -> dict[int, tuple[str, ...]]:
    """Return the lines of a file under 0, and those of each cell of a notebook, as written, under its number."""
    if kept.source is not None and not kept.source.cells:
        return {0: kept.source.lines}
    try:
        lines = {0: split_lines(decode(kept.data))}
    except Unreadable:
        lines = {0: split_lines(kept.data.decode("utf-8", "replace"))}
    if path.endswith(".ipynb"):
        from callsafe.checks.notebook import cell_lines

        with suppress(Unreadable):
            lines |= cell_lines(kept.data)
    return lines


def _is_known(
    one: tuple[Rule, Problem], name: str, cells: dict[int, tuple[str, ...]], secrets: KnownSecrets
) -> bool:
    rule, problem = one
    lines = cells.get(problem.place.cell, ())
    if rule.code not in _CREDENTIALS or not 0 < problem.place.line <= len(lines):
        return False
    return secrets.covers(name, lines[problem.place.line - 1], problem.place)


def _off(path: str, settings: Settings) -> list[str]:
    return [
        one
        for pattern, names in settings.per_file_ignores
        # `!tests/**` stands for every other file.
        if matcher((pattern.removeprefix("!"),), settings.root)(path) is not pattern.startswith("!")
        for one in names
    ]


def _order(item: tuple[Rule, Problem]) -> tuple[int, int, int, str]:
    rule, problem = item
    return problem.place.cell, problem.place.line, problem.place.column, rule.code


def _rule(code: str, every: Iterable[Rule]) -> Rule:
    return next(rule for rule in every if rule.code == code)
