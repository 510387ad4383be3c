"""Comments that suppress findings: our own, `noqa`, and the pragmas of detect-secrets.

| comment | suppresses |
|---|---|
| `# callsafe: ignore[unbounded-output, LLM201] why` | these rules on this line; alone: on the next one |
| `# callsafe: ignore-file[hard-coded-key]` | these rules in the whole file (without brackets: all rules) |
| `# noqa`, `# noqa: LLM301` | all rules, or these codes, on this line |
| `# pragma: allowlist secret`, `… allowlist nextline secret` | LLM1xx on this line, or the next one |

A comment reaches a finding that begins or ends on its line. In Python, comments are found by the tokenizer:
one behind a string of several lines reaches every line of the string, and one behind the last line of a call
what rules say about the call; so do our own anywhere inside it. In other files they are found by line.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from callsafe.checks.settings import selects
from callsafe.rules.model import Facts, Place, Problem, Rule

HINT = re.compile(rb"callsafe:|noqa|(?:allow|white)list", re.IGNORECASE)
"""A file without any of these holds no ignore comment."""

_IGNORE = re.compile(
    r"(?:#|//|<!--|;|--|/\*)\s*callsafe:\s*(ignore-file|ignore)\b(?![-\w])\s*(?:\[([^\]\n]*)\])?"
)
_NOQA = re.compile(
    r"(?:#|//|<!--|;|--|/\*)\s*noqa\b(?:\s*:\s*([A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)|(?!\s*:))", re.IGNORECASE
)
_PRAGMA = re.compile(r"pragma:\s?(?:allow|white)list[ _-](nextline[ _-])?secret", re.IGNORECASE)
_NAME = re.compile(r"[^\s,]+")
_LEADER = re.compile(r"^\s*(?:#|//|<!--|;|--|/\*)")


@dataclass(frozen=True, slots=True)
class Token:
    """One name in an ignore comment, or the comment itself where it names nothing.

    `name` is the rule name, code or prefix, `ALL` for every rule. `lines` are the lines of the file or cell
    that it reaches, `None` for all; `calls` are lines with calls around it, of which it reaches what rules
    about calls find. `own` tells that it is judged itself: unused or unknown ones are findings.
    """

    name: str
    place: Place
    lines: tuple[int, int] | None
    own: bool = False
    calls: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The comments of a file as (line, 1-based column, text), and what reaches over lines.

    `strings`: by the line on which a string of several lines ends, the one on which it begins. `closed`: by
    line, those on which parentheses opened that close on it; `inside`: those that are open at its comment.
    """

    comments: list[tuple[int, int, str]]
    strings: dict[int, int]
    closed: dict[int, tuple[int, ...]]
    inside: dict[int, tuple[int, ...]]


def tokens(path: str, lines: Sequence[str], cell: int = 0) -> Iterator[Token]:
    """Yield what the ignore comments of a file, or of one cell of a notebook, name."""
    layout = _layout(lines) if path.endswith((".py", ".pyi", ".ipynb")) else _by_line(lines)
    for number, start, comment in layout.comments:
        alone = bool(_LEADER.match(lines[number - 1]))
        reach = (number, _next(lines, number)) if alone else (layout.strings.get(number, number), number)
        closed = layout.closed.get(number, ())
        calls = closed + layout.inside.get(number, ())
        for found in _IGNORE.finditer(comment):
            whole = found[1] == "ignore-file"
            for name, first, last in _names(found, 2):
                place = Place(path, number, start + first, number, start + last, cell)
                yield Token(name or "ALL", place, None if whole else reach, own=True, calls=calls)
        for found in _NOQA.finditer(comment):
            for name, first, last in _names(found, 1):
                place = Place(path, number, start + first, number, start + last, cell)
                yield Token(name or "ALL", place, reach, own=name.upper().startswith("LLM"), calls=closed)
        for found in _PRAGMA.finditer(comment):
            place = Place(path, number, start + found.start(), number, start + found.end(), cell)
            following = _next(lines, number)
            yield Token("LLM1", place, (following, following) if found[1] else reach)


def suppressing(tokens: Iterable[Token]) -> Callable[[Rule, Place], list[Token]]:
    """Return a function that tells which of these tokens suppress a finding of a rule at a place."""
    whole: list[Token] = []
    by_line: dict[tuple[int, int], list[Token]] = {}
    around: dict[tuple[int, int], list[Token]] = {}
    for token in tokens:
        if token.lines is None:
            whole.append(token)
        else:
            for line in range(token.lines[0], token.lines[1] + 1):
                by_line.setdefault((token.place.cell, line), []).append(token)
            for line in token.calls:
                if not token.lines[0] <= line <= token.lines[1]:
                    around.setdefault((token.place.cell, line), []).append(token)

    def of(rule: Rule, place: Place) -> list[Token]:
        # A place that ends at the very beginning of a line does not stand on it.
        end = place.end_line - (place.end_column <= 1 and place.end_line > place.line)
        near = [token for line in {place.line, end} for token in by_line.get((place.cell, line), ())]
        if rule.facts is Facts.CALL:
            near += around.get((place.cell, end), ())
        return [token for token in whole + near if selects(token.name, rule)]

    return of


def judge(
    unused: Iterable[Token], rules: Sequence[Rule], enabled: Sequence[Rule]
) -> Iterator[tuple[str, Problem]]:
    """Yield (code, problem) for tokens that suppressed nothing: LLM901, or LLM903 where they name no rule."""
    from callsafe.rules.registry import nearest

    on = set(enabled)
    for token in unused:
        if not token.own:
            continue
        named = [rule for rule in rules if selects(token.name, rule)]
        if not named:
            close = nearest(token.name)
            fix = f"write `{close}`" if close else "`callsafe rules` lists them all"
            yield "LLM903", Problem(token.place, f"no rule is called `{_plain(token.name)}`", fix=fix)
        elif all(rule in on for rule in named) or token.name == "ALL":
            what = "any finding" if token.name == "ALL" else f"a finding of `{token.name}`"
            where = "in this file" if token.lines is None else "on this line"
            yield "LLM901", Problem(token.place, f"there is no longer {what} {where}", fix="remove it")


def _plain(name: str) -> str:
    """Return a name as it may be shown: what stands in brackets can be anything, also a secret."""
    return name if len(name) <= 40 and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) else "…"


def _names(found: re.Match[str], group: int) -> Iterator[tuple[str, int, int]]:
    """Yield (name, start, end) for each name in the brackets, or once without a name for a bare comment."""
    if found[group] is None:
        yield "", found.start(), found.end()
        return
    for name in _NAME.finditer(found.string, found.start(group), found.end(group)):
        yield name[0], name.start(), name.end()


def _next(lines: Sequence[str], number: int) -> int:
    """Return the next line that is neither blank nor a comment, or the line itself at the end."""
    for below in range(number + 1, len(lines) + 1):
        if lines[below - 1].strip() and not _LEADER.match(lines[below - 1]):
            return below
    return number


def _by_line(lines: Sequence[str]) -> Layout:
    found = [
        (number, 1, line)
        for number, line in enumerate(lines, 1)
        if HINT.search(line.encode("utf-8", "replace"))
    ]
    return Layout(found, {}, {}, {})


def _layout(lines: Sequence[str]) -> Layout:
    layout = Layout([], {}, {}, {})
    starts: list[int] = []
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            number = token.start[0]
            if token.type == tokenize.COMMENT:
                if HINT.search(token.string.encode("utf-8", "replace")):
                    layout.comments.append((number, token.start[1] + 1, token.string))
                    layout.inside[number] = tuple(opened)
            elif token.string == "(":
                opened.append(number)
            elif token.string == ")" and opened:
                begin = opened.pop()
                if begin != number:
                    layout.closed[number] = (*layout.closed.get(number, ()), begin)
            elif tokenize.tok_name[token.type] == "FSTRING_START":
                starts.append(number)
            elif token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_END":
                begin = starts.pop() if token.type != tokenize.STRING else number
                if begin != token.end[0]:
                    layout.strings[token.end[0]] = min(begin, layout.strings.get(token.end[0], begin))
    except (tokenize.TokenError, SyntaxError):
        return _by_line(lines)
    return layout
