"""A finding: what a rule said, where, with the lines around it, safe to show and to store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from callsafe.rules.model import Level, Place, Problem, Rule, Severity

MASK = "▒"
"""Stands for each character of a credential or of personal data in an excerpt."""
_WIDEST = 200
Masks = Mapping[tuple[int, int], Sequence[Place]]
"""Places never to be shown, by (cell, line)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an excerpt: its 1-based number, its text with secrets masked, and the columns to mark.

    `start` and `end` are 1-based character columns, the end exclusive; both are 0 on a line of context.
    """

    number: int
    text: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem found by one rule.

    `lines` is the excerpt, in which every credential and every piece of personal data that was found is
    masked. `ordinal` counts findings of the same rule on the same text in the same file, from 0.
    """

    rule: str
    code: str
    severity: Severity
    level: Level
    place: Place
    message: str
    in_force: str = ""
    fix: str = ""
    lines: tuple[Line, ...] = field(default=(), compare=False)
    ordinal: int = field(default=0, compare=False)

    def fingerprint(self) -> str:
        """Return an identity of 16 hexadecimal digits that survives edits elsewhere in the file.

        It is made of the rule, the path, the masked text of the marked line and `ordinal`, without line
        numbers.
        """
        from hashlib import sha256

        parts = (self.rule, self.place.path, self.key(), str(self.ordinal))
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def key(self) -> str:
        """Return the marked line without its indentation, masked: what the finding is about."""
        return next((line.text.strip() for line in self.lines if line.start), "")


def by_line(places: Iterable[Place]) -> Masks:
    """Return the places under each line that they touch."""
    masks: dict[tuple[int, int], list[Place]] = {}
    for place in places:
        for line in range(place.line, place.end_line + 1):
            masks.setdefault((place.cell, line), []).append(place)
    return masks


def finding(rule: Rule, problem: Problem, lines: Sequence[str] = (), masks: Masks | None = None) -> Finding:
    """Make a finding; `lines` are those of the file or cell, `masks` the places never to be shown."""
    return Finding(
        rule=rule.name,
        code=rule.code,
        severity=problem.severity or rule.severity,
        level=rule.level,
        place=problem.place,
        message=problem.message,
        in_force=problem.in_force,
        fix=problem.fix,
        lines=_excerpt(problem.place, lines, masks or {}),
    )


def _excerpt(place: Place, lines: Sequence[str], masks: Masks) -> tuple[Line, ...]:
    """Return the definition that the place stands in, where there is one, and the line on which it begins."""
    if not 0 < place.line <= len(lines):
        return ()

    def shown(number: int) -> str:
        return _masked(number, lines[number - 1], place.cell, masks)[:_WIDEST]

    text = shown(place.line)
    start = min(place.column, len(text) + 1)
    end = min(place.end_column if place.end_line == place.line else len(text.rstrip()) + 1, len(text) + 1)
    marked = Line(place.line, text, start, max(end, start + 1))
    outer = _definition(lines, place.line) if place.path.endswith((".py", ".ipynb")) else 0
    return (Line(outer, shown(outer)), marked) if outer else (marked,)


def _definition(lines: Sequence[str], number: int) -> int:
    """Return the line of the `def` or `class` that the line is indented under, or 0."""
    depth = _indent(lines[number - 1])
    for above in range(number - 1, max(number - 300, 0), -1):
        line = lines[above - 1]
        if line.strip() and _indent(line) < depth:
            depth = _indent(line)
            if line.lstrip().startswith(("def ", "async def ", "class ")):
                return above
    return 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _masked(number: int, text: str, cell: int, masks: Masks) -> str:
    for mask in masks.get((cell, number), ()):
        start = mask.column - 1 if number == mask.line else 0
        end = mask.end_column - 1 if number == mask.end_line else len(text)
        start, end = min(start, len(text)), min(end, len(text))
        text = text[:start] + MASK * (end - start) + text[end:]
    return text
