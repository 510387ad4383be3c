r"""Placeholders: how they are written, and how they are recognised however a model writes them.

A placeholder is written `<LABEL_N>`. Recognised as the same are, in any case, `<person_1>`, `<PERSON 1>`,
`<PERSON-1>`, `< PERSON_1 >`, the HTML form `&lt;PERSON_1&gt;`, the URL form `%3CPERSON_1%3E`, the JSON forms
`\u003cPERSON_1\u003e` (also escaped twice), the Markdown form `\<PERSON\_1\>`, and in capitals the bare
`PERSON_1`, also inflected (`PERSON_1's`, `PERSON_1s`). An encrypted value is written `<LABEL:token>`.

Whether something of that form *is* a placeholder only the vault knows: what it did not issue is plain text.

`PLAIN` and `JSON` read two contexts: running text, and the raw inside of a JSON string, where a backslash is
written twice and `\n` may stand right before a word.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

Escape = Literal["json"] | None
"""Where restored text stands: None for running text, "json" for the raw inside of a JSON string."""

LONGEST_TOKEN = 16_384
"""Characters of the longest encrypted token that is written or recognised."""

_LABEL = re.compile(r"[A-Z][A-Z0-9]{0,31}(?:_[A-Z0-9]{1,32}){0,7}")
_NUMBER = r"[1-9]\d{0,8}"
_PAYLOAD = rf"[A-Za-z2-7]{{26,{LONGEST_TOKEN}}}"


def is_label(label: str) -> bool:
    """Whether a label can stand in a placeholder: words of capitals and digits joined by `_`."""
    return _LABEL.fullmatch(label) is not None


def write(label: str, number: int) -> str:
    """Write the placeholder of a number: `<PERSON_1>`."""
    return f"<{label}_{number}>"


def write_token(label: str, payload: str) -> str:
    """Write the placeholder of an encrypted value: `<PERSON:mfrgg…>`."""
    return f"<{label}:{payload}>"


@dataclass(frozen=True, slots=True)
class _Bracket:
    """One way to write the brackets; `levels` lists how the original is then escaped."""

    opening: str
    closing: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    """The grammar of one context, as regular expressions.

    `whole` finds anything that has the form of a placeholder. `backslash` is how one backslash is written.
    """

    backslash: str
    before: str
    brackets: tuple[_Bracket, ...]

    @property
    def separator(self) -> str:
        return rf"(?:(?:{re.escape(self.backslash)})?_|[ -])"

    @property
    def bare_separator(self) -> str:
        return rf"(?:{re.escape(self.backslash)})?_"

    def bracketed(self) -> re.Pattern[str]:
        """Match a placeholder in brackets. Every branch begins with a literal, which makes `re` fast."""
        word, sep = "[A-Za-z0-9]{1,32}", self.separator
        name = rf"[A-Za-z][A-Za-z0-9]{{0,31}}(?:{sep}{word}){{0,7}}?"
        body = rf" ?{name}(?:{sep}{_NUMBER}|:{_PAYLOAD}) ?"
        branches = [f"{_opened(b.opening)}{body}(?i:{re.escape(b.closing)})" for b in self.brackets]
        return re.compile("|".join(branches), re.ASCII)

    def bare(self) -> re.Pattern[str]:
        """Match a placeholder without brackets, in capitals; it begins with a set, which makes `re` fast."""
        sep = self.bare_separator
        name = rf"[A-Z]{self.before}[A-Z0-9]{{0,31}}(?:{sep}[A-Z0-9]{{1,32}}){{0,7}}?"
        return re.compile(rf"{name}{sep}{_NUMBER}(?!\d)(?=s?(?![A-Za-z0-9_]))", re.ASCII)


def _opened(opening: str) -> str:
    """Match an opening bracket that no backslash escapes."""
    first, rest = opening[0], opening[1:]
    guard = r"(?<!\\\\)" if first == "\\" else ""
    return f"{re.escape(first)}{guard}(?i:{re.escape(rest)})" if rest else re.escape(first)


# Both look back from behind the first letter of a word.
_NOT_IN_WORD = "(?<![A-Za-z0-9_].)"
_AFTER_JSON_ESCAPE = r"(?:(?<![A-Za-z0-9_].)|(?<=^\\[nrt].)|(?<=[^\\]\\[nrt].))"
_COMMON = (
    _Bracket("<", ">"),
    _Bracket("&lt;", "&gt;", "html"),
    _Bracket("%3C", "%3E", "url"),
    _Bracket("\\u003c", "\\u003e", "json"),
    _Bracket("\\\\u003c", "\\\\u003e", "json2"),
)
PLAIN = _Context("\\", _NOT_IN_WORD, (*_COMMON, _Bracket("\\<", "\\>")))
JSON = _Context("\\\\", _AFTER_JSON_ESCAPE, (*_COMMON, _Bracket("\\\\<", "\\\\>")))

LOOK_BEHIND = 4
"""Characters before a placeholder that decide whether it is one: a stream keeps as many."""


@functools.cache
def _patterns(escape: Escape) -> tuple[re.Pattern[str], re.Pattern[str]]:
    context = JSON if escape else PLAIN
    return context.bracketed(), context.bare()


@dataclass(frozen=True, slots=True)
class Form:
    """Text of the form of a placeholder: where it stands and what it would name.

    `number` is 0 where `payload` holds an encrypted token. `level` says how the original must be escaped to
    stand in its place.
    """

    start: int
    end: int
    label: str
    number: int
    payload: str
    level: str


class Scanner:
    """Finds text of the form of a placeholder from left to right, in time that grows with the text only."""

    __slots__ = ("_escape", "_matches", "_text")

    def __init__(self, text: str, escape: Escape = None) -> None:
        self._text = text
        self._escape = escape
        self._matches = [pattern.search(text) for pattern in _patterns(escape)]

    def next(self, start: int) -> Form | None:
        """Give the first form at or after `start`, which never goes down from call to call."""
        first: re.Match[str] | None = None
        for place, match in enumerate(self._matches):
            if match is not None and match.start() < start:
                match = match.re.search(self._text, start)
                self._matches[place] = match
            if match is not None and (first is None or match.start() < first.start()):
                first = match
        return None if first is None else _read(first, self._escape)


def forms(text: str, escape: Escape = None) -> Iterator[Form]:
    """Give every text of the form of a placeholder, also one inside another."""
    scanner = Scanner(text, escape)
    form = scanner.next(0)
    while form is not None:
        yield form
        form = scanner.next(form.start + 1)


def _read(match: re.Match[str], escape: Escape) -> Form:
    body, level = match.group(), ""
    lower = body.lower()
    for bracket in (JSON if escape else PLAIN).brackets:
        if lower.startswith(bracket.opening.lower()):
            body = body[len(bracket.opening) : -len(bracket.closing)]
            level = bracket.level
            break
    name, colon, payload = body.replace("\\", "").strip(" ").partition(":")
    name = name.replace(" ", "_").replace("-", "_").upper()
    number = 0
    if not colon:
        name, _, digits = name.rpartition("_")
        number = int(digits)
    return Form(match.start(), match.end(), name, number, payload.upper(), level)


def escaped(value: str, level: str, escape: Escape) -> str:
    """Give the value as it must be written where a form stood."""
    if level == "html":
        value = html.escape(value, quote=False)
    elif level == "url":
        value = quote(value, safe="@")
    times = {"json": 1, "json2": 2}.get(level, 1 if escape == "json" else 0)
    for _ in range(times):
        value = json_escaped(value)
    return value


def json_escaped(value: str) -> str:
    """Give the value as it stands inside a JSON string; non-ASCII text stays readable where it can."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return json.dumps(value)[1:-1]
    return json.dumps(value, ensure_ascii=False)[1:-1]


# What a stream must hold back: the same grammar, label by label, cut off at the end of the text.


@functools.lru_cache(maxsize=1024)
def _beginnings(label: str, escape: Escape) -> re.Pattern[str]:
    """Match from where a placeholder of this label may have begun to the end of the text.

    The label "" stands for the encrypted tokens of any label.
    """
    context = JSON if escape else PLAIN
    separator, bare = _cut(context.backslash, " -"), _cut(context.backslash, "")
    cut: list[str] = []
    for bracket in context.brackets:
        if label:
            middle = [*_letters(label, separator, fold=True), separator, _NUMBER]
        else:
            middle = [r"[A-Za-z][A-Za-z0-9_]{0,263}", ":", rf"[A-Za-z2-7]{{1,{LONGEST_TOKEN}}}"]
        elements = [*_literal(bracket.opening), " ?", *middle, " ?", *_literal(bracket.closing)]
        elements[0] = _opened(bracket.opening[0])
        cut.append(_nested(elements, whole=False))
    if label:
        elements = [*_letters(label, bare, fold=False), bare, _NUMBER, "s"]
        elements[0] += context.before
        cut.append(_nested(elements, whole=True))
    return re.compile("|".join(cut), re.ASCII)


def _literal(text: str) -> list[str]:
    return [rf"(?i:{re.escape(letter)})" for letter in text]


def _letters(label: str, separator: str, *, fold: bool) -> list[str]:
    return [separator if letter == "_" else rf"(?i:{letter})" if fold else letter for letter in label]


def _cut(backslash: str, others: str) -> str:
    r"""Match a separator that the end of the text may cut between a backslash and its `_`."""
    escaped_ = "_"
    for _ in backslash:
        escaped_ = rf"\\(?:\Z|{escaped_})"
    return rf"(?:[_{others}]|{escaped_})"


def _nested(elements: list[str], *, whole: bool) -> str:
    r"""Nest `a`, `b`, `c` to `a(?:\Z|b(?:\Z|c\Z))`: the sequence, cut off anywhere by the end of the text.

    Without `whole` the sequence must lack its end.
    """
    pattern = rf"{elements[-1]}\Z" if whole else r"\Z"
    for element in reversed(elements[:-1]):
        pattern = rf"{element}(?:\Z|{pattern})"
    return pattern


def held_from(
    text: str, start: int, labels: Iterable[str], escape: Escape = None, *, tokens: bool = False
) -> int:
    """Give the first index from `start` on from which the rest may become a placeholder of these labels.

    `len(text)` where nothing can. With `tokens` the encrypted ones of every label count too.
    """
    first = len(text)
    reach = 320
    for label in labels:
        match = _beginnings(label, escape).search(text, max(start, len(text) - reach))
        if match is not None and match.start() < first:
            first = match.start()
    if tokens:
        match = _beginnings("", escape).search(text, max(start, len(text) - LONGEST_TOKEN - reach))
        if match is not None and match.start() < first:
            first = match.start()
    return first
