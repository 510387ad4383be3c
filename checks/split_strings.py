"""Strings that Python joins before anyone sees them.

Implicitly, by `+` and `+=`, in f-strings, by `"".join`, `format` and `%`.

Read from the tokens, not from the tree: a file that does not parse may still hold a key, and only tokens say
where each piece of an implicitly joined string stands.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from callsafe.rules.model import Place
from callsafe.rules.text import Text

_VALUE = r"[-\w./+=]"
_FIELD = re.compile(r"\{\{|\}\}|\{(\w*)\}|%[sr%]")
_RUN = re.compile(rf"{_VALUE}{{20,}}")
_UNKNOWN = " "
_LONGEST = 4000
"""Characters: what is longer is text, and no key is looked for across its pieces."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One part of a joined string: its value, its span in the source, where the value begins if it is exact.

    `made` tells that the piece is itself joined (an f-string around constants). `spans` are those of the
    literals it is made of: its own, and those that were assigned to the names in it.
    """

    value: str
    start: int
    end: int
    inner: int = -1
    made: bool = False
    spans: tuple[tuple[int, int], ...] = ()


def split_strings(content: str, path: str, *, cell: int = 0) -> Iterator[tuple[Text, list[tuple[int, int]]]]:
    """Yield each joined string that could hold a credential across its pieces, with the pieces' spans.

    Constants that were assigned to a plain name before are put in its place; what is not constant is a blank.
    Places are those of the piece that holds the value, or reach from its first piece to its last.
    """
    from callsafe.checks.texts import locator

    locate = locator(content, path, cell=cell)
    for chain in _chains(content):
        value = "".join(piece.value for piece in chain)
        if _crosses(chain, value):
            start, end = chain[0].start, chain[-1].end
            names = _words(content[max(0, start - 160) : start]) + _words(content[end : end + 80])
            spans = [span for piece in chain for span in piece.spans]
            yield Text(value, path, "literal", _placer(chain, locate), names), spans


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[A-Za-z_][\w.-]*", text))


def _crosses(chain: Sequence[_Piece], value: str) -> bool:
    """Tell whether a run long enough for a credential reaches over a joint."""
    joints, length = set(), 0
    for piece in chain[:-1]:
        length += len(piece.value)
        joints.add(length)
    for run in _RUN.finditer(value):
        if any(run.start() < joint < run.end() for joint in joints) or any(piece.made for piece in chain):
            return True
    return False


def _placer(chain: Sequence[_Piece], locate: Callable[[int, int], Place]) -> Callable[[int, int], Place]:
    starts = [0]
    for piece in chain:
        starts.append(starts[-1] + len(piece.value))

    def place(start: int, end: int) -> Place:
        first = min(bisect_right(starts, start) - 1, len(chain) - 1)
        last = min(bisect_right(starts, max(start, end - 1)) - 1, len(chain) - 1)
        piece = chain[first]
        if first == last and piece.inner >= 0:
            begin = piece.inner + start - starts[first]
            return locate(begin, begin + end - start)
        return locate(piece.start, max(chain[last].end, piece.end))

    return place


@dataclass(frozen=True, slots=True)
class _Token:
    kind: int
    text: str
    start: int
    end: int


def _tokens(content: str) -> list[_Token]:
    """Return the tokens that matter, with offsets; an f-string is one token in every version of Python."""
    line_starts = [0]
    for line in content.splitlines(keepends=True) if "\f" not in content else content.split("\n"):
        line_starts.append(line_starts[-1] + len(line) + ("\f" in content))
    kept: list[_Token] = []
    begins: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(content).readline):
            name = tokenize.tok_name[token.type]
            start = line_starts[token.start[0] - 1] + token.start[1]
            end = line_starts[token.end[0] - 1] + token.end[1]
            if name.endswith("STRING_START"):
                begins.append(start)
            elif name.endswith("STRING_END") and begins:
                start = begins.pop()
                if not begins:
                    kept.append(_Token(tokenize.STRING, content[start:end], start, end))
            elif not begins and token.type in (tokenize.STRING, tokenize.NAME, tokenize.OP, tokenize.NEWLINE):
                kept.append(_Token(token.type, token.string, start, end))
    except (tokenize.TokenError, SyntaxError, IndexError):
        pass
    return kept


def _chains(content: str) -> Iterator[list[_Piece]]:
    """Yield the joined strings of a source: literals, `+`, known names, and lists in `"".join`."""
    tokens = [*_tokens(content), _Token(tokenize.NEWLINE, "", 0, 0)]
    constants: dict[str, _Piece] = {}
    chain: list[_Piece] = []
    target = ""
    awaits, listed, filled = True, False, 0
    for index, token in enumerate(tokens):
        if index < filled:
            continue
        before = tokens[index - 1] if index else tokens[-1]
        piece = _piece(token, before, tokens[index + 1] if index + 1 < len(tokens) else before, constants)
        if piece and token.kind == tokenize.STRING and _FIELD.search(piece.value):
            piece, filled = _filled(piece, tokens, index, constants)
        if piece and (awaits or (token.kind == tokenize.STRING and before.kind == tokenize.STRING)):
            chain.append(piece)
            awaits = False
            continue
        if token.text in ("+", "(", ")") and not (token.text == "(" and before.kind == tokenize.NAME):
            awaits = awaits or token.text == "+"
            if token.text != ")" or not listed:
                continue
        if listed and token.text in (",", "["):
            awaits = True
            continue
        if chain and not chain[-1].value and _joins(tokens, index):
            chain, listed = [], True
        elif listed and (token.text in ("join", "(") or (token.text == ")" and not chain)):
            awaits = True
            continue
        else:
            if chain:
                if target and token.kind == tokenize.NEWLINE:
                    spans = tuple(span for p in chain for span in p.spans)
                    value = "".join(p.value for p in chain)
                    if len(value) <= _LONGEST:
                        constants[target] = _Piece(value, chain[0].start, chain[-1].end, spans=spans)
                    else:
                        constants.pop(target, None)
                if len(chain) > 1 or chain[0].made:
                    yield chain
            chain, listed = [], False
        target = before.text if token.text in ("=", "+=") and before.kind == tokenize.NAME else target
        target = "" if token.kind == tokenize.NEWLINE else target
        if token.text == "+=" and target in constants:
            chain = [replace(constants[target], start=before.start, end=before.end, made=False)]
        awaits = True


def _filled(
    template: _Piece, tokens: Sequence[_Token], index: int, constants: dict[str, _Piece]
) -> tuple[_Piece, int]:
    """Return a template (`"…{}"`, `"…%s"`) with the constants that `format` or `%` put into it.

    Also returned is the index of the first token after it. What is put in and is not constant is a blank.
    """
    heads = [token.text for token in tokens[index + 1 : index + 4]]
    at = index + 4 if heads == [".", "format", "("] else index + 2 if heads[:1] == ["%"] else 0
    if not at:
        return template, index + 1
    opened = heads[0] == "." or heads[1:2] == ["("]
    at += heads[1:2] == ["("]
    given: dict[str, _Piece] = {}
    name, depth = "", 0
    while at < len(tokens) and tokens[at].kind != tokenize.NEWLINE:
        token = tokens[at]
        if depth == 0 and token.text == ")":
            at += opened
            break
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth == 0 and token.text == "=":
            name = tokens[at - 1].text
        elif depth == 0 and token.kind == tokenize.STRING:
            piece = _literal(token, constants)
            if piece:
                given[name or str(len(given))] = piece
        elif depth == 0 and token.text in constants and tokens[at - 1].text != ".":
            given[name or str(len(given))] = constants[token.text]
        elif depth == 0 and token.text == ",":
            name = ""
        at += 1
        if not opened:
            break
    return _put_in(template, given, tokens[at - 1].end), at


def _put_in(template: _Piece, given: dict[str, _Piece], end: int) -> _Piece:
    count = iter(range(1000))

    def value(field: re.Match[str]) -> str:
        if field[0] in ("{{", "}}", "%%"):
            return field[0][0]
        piece = given.get(field[1] or str(next(count)))
        return piece.value if piece else _UNKNOWN

    spans = template.spans + tuple(span for piece in given.values() for span in piece.spans)
    return replace(
        template, value=_FIELD.sub(value, template.value), end=end, inner=-1, made=bool(given), spans=spans
    )


def _joins(tokens: Sequence[_Token], index: int) -> bool:
    """Tell whether an empty string is followed by `.join(`."""
    return [token.text for token in tokens[index : index + 3]] == [".", "join", "("]


def _piece(token: _Token, before: _Token, after: _Token, constants: dict[str, _Piece]) -> _Piece | None:
    if token.kind == tokenize.STRING:
        return _literal(token, constants)
    if token.kind != tokenize.NAME or token.text not in constants or before.text == ".":
        return None
    ends = after.kind == tokenize.NEWLINE or after.text in ("+", ")", ",", "]")
    return replace(constants[token.text], start=token.start, end=token.end) if ends else None


def _literal(token: _Token, constants: dict[str, _Piece]) -> _Piece | None:
    """Return the value of a literal; of an f-string with what is not constant as blanks."""
    piece = _Piece("", token.start, token.end, spans=((token.start, token.end),))
    try:
        tree = ast.parse(token.text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if isinstance(tree, ast.Constant):
        value = tree.value.decode("latin-1") if isinstance(tree.value, bytes) else str(tree.value)
        opening = re.match(r"""[A-Za-z]*('{3}|"{3}|'|")""", token.text)
        inner = token.start + opening.end() if opening and value and value in token.text else -1
        return replace(piece, value=value, inner=inner)
    if not isinstance(tree, ast.JoinedStr):
        return None
    parts = [_interpolated(part, constants) for part in tree.values]
    values = [part.value if part else _UNKNOWN for part in parts]
    spans = piece.spans + tuple(span for part in parts if part for span in part.spans)
    made = any(
        isinstance(of, ast.FormattedValue) and part for of, part in zip(tree.values, parts, strict=True)
    )
    return replace(piece, value="".join(values), made=made, spans=spans)


def _interpolated(part: ast.expr, constants: dict[str, _Piece]) -> _Piece | None:
    """Return the value of a part of an f-string, where it is constant."""
    if isinstance(part, ast.FormattedValue) and part.format_spec is None:
        part = part.value
    if isinstance(part, ast.Constant):
        return _Piece(str(part.value), 0, 0)
    return constants.get(part.id) if isinstance(part, ast.Name) else None
