"""Tokens of a text, and where in it names can be at all.

Code (fences, indented blocks, inline, whole lines), identifiers, JSON keys, tags, URLs, e-mail addresses,
handles and paths become one `CODE` token each: context for their neighbours, never part of a name.
Every pass is linear in the text.
"""

import re
from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What a token is."""

    WORD = 0
    NUMBER = 1
    PUNCT = 2
    BREAK = 3
    CODE = 4


class Token(NamedTuple):
    """A piece of the text; `text` is what features see, `start:end` (characters) where it stands."""

    text: str
    start: int
    end: int
    kind: Kind


_LETTERS = r"[^\W\d_][^\W\d_\u0300-\u036f]*+[\u0300-\u036f]*+(?:[^\W\d_]|[\u0300-\u036f])*+"
_TOKEN = re.compile(
    # 1 line break, with the blank lines that follow it; also written as an escape
    r"(\n\s*+|\\[nr](?=[A-Z\s\"\\\d\-*]|$)(?:\\[nr])*+)"
    # 2 initials and titles that keep their dot
    r"|((?:[A-ZÀ-ÖØ-Þ]\.(?:-?[A-Z]\.)*+|(?:Mrs?|Ms|Dr|Prof|St)\.)(?:(?!\w)|(?=[A-Z][a-z])))"
    # 3 word, unless it is part of an identifier, path, call, address or dotted name
    rf"|((?:{_LETTERS})(?:['’\-‐]{_LETTERS})*+)(?![\w@/=(]|\\(?![nrt\"'\\])|\.\w|:[/:\\\w]|\[[\w'\"])"
    # 4 code in back-quotes
    r"|(``[^\n]{1,200}?``|`[^`\n]{1,200}`)"
    # 5 key of an object
    r"|(\"[\w .$@/\-]{1,40}\"(?=\s{0,8}:)|'[\w .$@/\-]{1,40}'(?=\s{0,8}:))"
    # 6 tag or placeholder
    r"|(</?[a-z][\w:\-]{0,40}(?:\s[^<>\n]{0,200})?/?>|</[A-Z]\w{0,40}>|<[A-Z][A-Z_0-9]{0,40}>"
    r"|\{{1,3}[\w.:!]{1,60}\}{1,3}|%\(\w{1,40}\)[sd])"
    # 7 anything else that starts like an identifier, number, handle or path
    r"|([\w@$%~/\\][^\s\"'<>,;(){}\[\]=|`*]*+)"
    # 8 punctuation
    r"|([^\w\s])\8*+"
)
_BREAK, _INITIAL, _WORD, _QUOTED, _KEY, _TAG, _CHUNK, _PUNCT = range(1, 9)
_PARTS = re.compile(r"[A-Za-z][a-z]+|[A-Z]+")

_FENCE = re.compile(r"^[ \t>]*(```+|~~~+)", re.M)
_CODE_START = re.compile(
    r"[ \t]*+(?:from [\w.]+ import\b|import (?:[\w.]+(?: as \w+)?(?:[,;]|$)|[{*\"'])|(?:async )?def \w|"
    r"class \w+\s*[:({]|"
    r"return(?:$|;| (?:\w+;?$|[\w.]*[(\[{\"'=]|\w+\.\w|not |\w+ (?:if|and|or|[=!<>+*/-])))|"
    r"yield (?:from )?[\w.]+(?:$|[(\[])|assert [\w.]+(?:[(\[=<>!]| (?:[=!<>]|is |in |not ))|assert not |"
    r"(?:else|try|finally):|except\b.*:$|raise \w+[(.]|raise$|@\w[\w.]*(?:\(|$)|#include|#!|>>>|\$ [a-z./]|"
    r"(?:async )?for \w+(?:, ?\w+)* in .*:|"
    r"(?:if|elif|while|with|match|case) (?:[^:]*[(=\[<>_][^:]*|(?:not )?\w+):|"
    r"function\b.*[({]|(?:const|let|var|final|auto) [\w:<>, ]+=|"
    r"(?:public|private|protected|static|package|using|namespace|func|fn|export)\s.*(?:[;{]$|\w\()|"
    r"(?:SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|"
    r"(?:CREATE|ALTER|DROP) (?:TABLE|INDEX|USER|VIEW))\s|"
    r"(?:pip|git|npm|docker|curl|sudo|python3?) [\w\-./]+|"
    r"[\w.\[\]\"']+(?:\s*,\s*[\w.]+)*\s*(?::\s*[\w.\[\], |\"]+)?\s*(?:[+\-*/|&%@]|//)?=(?!=)\s*\S|"
    r"(?:await\s+)?[\w.]+\(.*[)(,:{\[]$|[)\]}][)\]},;:.\w]*$|[\w.\[\]\"'=]+\(.*\)[,;]$|"
    r"\w*[_.=\[\"'\d][\w.=\[\]\"']*[,;]$)"
)
_LONGEST = 1000  # no line of code is longer; the pattern may be tried from many places in it
_NAME_LIST = re.compile(r"[ \t]*+\w+(?:, \w+)*,?$")
_ASSIGNED_PROSE = re.compile(r"[ \t]*+[\w. \-]+=\s*[^\W\d_][^\"'(){}\[\];=]*$")
_PAIRS = re.compile(r"[ \t]*+(?:[\w.\-]++=(?:\"[^\"\n]*+\"|[^\s=\"']*+)(?:[ \t]++|$)){2,}+$")
"""A line of a log in pairs: user=Ada action=login. Its values are read."""
_LITERAL = re.compile(r"\"(?:[^\"\n\\]|\\.)*+\"|'(?:[^'\n\\]|\\.)*+'|(?<![\"'\w&])#.*|(?<!:)//\s.*")
_CODE_HINT = re.compile(r"[=(){}\[\];:@$>#]|import|return|yield|raise|assert|pip |git |cd ")


def _code_line(line: str) -> bool:
    return (
        len(line) <= _LONGEST
        and _CODE_HINT.search(line) is not None
        and _CODE_START.match(line) is not None
        and _ASSIGNED_PROSE.match(line) is None
        and _PAIRS.match(line) is None
    )


def code_ranges(text: str) -> list[tuple[int, int]]:
    """Return the ranges that are code, in order; literals and comments in a line of code are left out."""
    ranges: list[tuple[int, int]] = []
    fence = ""
    block: list[int] | None = None  # [first character, indent, is code] of an indented block
    blank, literal_next, code = True, False, False
    position = 0
    for line in text.split("\n"):
        start, end = position, position + len(line)
        position = end + 1
        body = line.strip()
        if fence:
            ranges.append((start, end))
            if body.lstrip("> ").startswith(fence) and not body.strip("`~> "):
                fence = ""
            continue
        if not body:
            blank = True
            continue
        if "```" in line or "~~~" in line:
            opened = _FENCE.match(line)
            if opened and (opened[1][0] not in body[opened.end() - len(line) + len(body) :]):
                fence = opened[1]
                ranges.append((start, end))
                blank = False
                continue
        indent = len(line) - len(line.lstrip()) + 3 * line.count("\t", 0, 4)
        if block is not None and indent < block[1]:
            block = None
        if block is None and blank and indent >= 2 and literal_next:
            block = [start, indent, 1]
        goes_on = code and (body.startswith("... ") or (indent > 0 and bool(_NAME_LIST.match(line))))
        code = block is not None or goes_on or _code_line(line)
        if code and block is not None:
            ranges.append((start, end))
        elif code:
            seen = start
            for literal in _LITERAL.finditer(text, start, end):
                ranges.append((seen, literal.start() + 1))
                seen = (
                    max(literal.end() - 1, literal.start() + 1) if literal[0][0] in "\"'" else literal.end()
                )
            ranges.append((seen, end))
        if not blank or indent == 0 or block is None:
            literal_next = body.endswith("::") or body.startswith(".. code")
        blank = False
    return [(start, end) for start, end in ranges if end > start]


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text in order; whitespace other than line breaks leaves none."""
    tokens: list[Token] = []
    position = 0
    for start, end in code_ranges(text):
        if position < start:
            _tokenize_range(text, position, start, tokens)
        tokens.append(Token("`", start, end, Kind.CODE))
        position = end
    if position < len(text):
        _tokenize_range(text, position, len(text), tokens)
    return tokens


def _tokenize_range(text: str, position: int, stop: int, tokens: list[Token]) -> None:
    append, new = tokens.append, tuple.__new__
    word, number, punct, line, code = Kind
    for match in _TOKEN.finditer(text, position, stop):
        group = match.lastindex
        start, end = match.span()
        piece = match[0]
        if group == _WORD:
            if piece[-1] in "sS" and len(piece) > 2 and piece[-2] in "'’":
                append(new(Token, (piece[:-2], start, end - 2, word)))
                append(new(Token, ("'s", end - 2, end, punct)))
            else:
                append(new(Token, (piece, start, end, word)))
        elif group == _PUNCT:
            append(new(Token, (piece[0], start, end, punct)))
        elif group == _BREAK:
            append(new(Token, ("\n\n" if piece.count("\n") > 1 else "\n", start, end, line)))
        elif group == _INITIAL:
            append(new(Token, (piece, start, end, word)))
        elif group == _CHUNK:
            tail = len(piece) - len(piece.rstrip(".:!?"))
            if tail == len(piece):
                tail = 0
            kind = number if piece[0].isdigit() else code
            append(new(Token, (_context(piece, kind), start, end - tail, kind)))
            if tail:
                append(new(Token, (piece[-1], end - tail, end, punct)))
        else:
            append(new(Token, (_context(piece, code), start, end, code)))


def _context(piece: str, kind: Kind) -> str:
    """Return what neighbours see of a token that is no word: 0 for a number, ` and its last word for code."""
    if kind is Kind.NUMBER:
        return "0"
    parts = _PARTS.findall(piece[-40:])
    return f"`{parts[-1].lower()}" if parts else "`"
