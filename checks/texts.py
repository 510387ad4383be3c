"""The texts of a file in which credentials are looked for: `texts`.

Of every file that is no lock file and not binary that is the file itself, as it stands. What hides a value
from that view is taken out of it (blanked, so that nothing is found twice) and yielded as a text of its
own: strings that Python joins (`split_strings`), strings of JSON with escapes in them, the cells of a
notebook.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from callsafe.checks.settings import MAX_FILE_SIZE
from callsafe.rules.model import Place
from callsafe.rules.text import Text

_LOCKED = frozenset(
    {"go.sum", "npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "uv.lock", ".secrets.baseline"}
)
_BINARY_HEAD = 8192
_JSON = (".json", ".jsonl", ".jsonc", ".json5", ".code-workspace")
_LINE_END = re.compile(r"\r\n?|\n")


def texts(path: str, data: bytes, *, limit: int = MAX_FILE_SIZE) -> Iterator[Text]:
    """Yield every text of a file in which credentials are looked for.

    Lock files, binary files (a null byte among the first 8,192) and texts of more than `limit` bytes give
    none. A notebook gives the sources of its cells and their outputs in text, never its images: the limit
    holds for each of these. Bytes that are not UTF-8 become replacement characters.
    """
    if is_skipped(path, data):
        return
    if path.endswith(".ipynb"):
        from callsafe.checks.notebook_texts import notebook_texts

        cells = notebook_texts(path, data, limit)
        if cells is not None:
            yield from cells
            return
    if len(data) > limit:
        return
    content = decode_text(data)
    if path.endswith((".py", ".pyi")):
        from callsafe.checks.may_split import may_split
        from callsafe.checks.split_strings import split_strings

        if may_split(content):
            joined = list(split_strings(content, path))
            content = blanked(content, [span for _text, spans in joined for span in spans])
            yield from (text for text, _spans in joined)
    elif path.endswith(_JSON) and "\\u" in content:
        escaped = list(_escaped_strings(content, path))
        content = blanked(content, [span for _text, span in escaped])
        yield from (text for text, _span in escaped)
    if content:
        yield Text(content, path, "file", locator(content, path))


def is_skipped(path: str, data: bytes) -> bool:
    """Tell whether a file is a lock file or binary."""
    name = path.replace("\\", "/").rpartition("/")[2]
    if name in _LOCKED or name.endswith(".lock"):
        return True
    return b"\0" in data[:_BINARY_HEAD] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def decode_text(data: bytes) -> str:
    """Decode by the byte order mark, else as UTF-8; bytes that do not fit become replacement characters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def locator(content: str, path: str, *, cell: int = 0, first_line: int = 1) -> Callable[[int, int], Place]:
    """Return the function from character offsets in a text to places; lines are counted at the first call."""
    starts: list[int] = []

    def locate(start: int, end: int) -> Place:
        if not starts:
            starts.append(0)
            starts.extend(found.end() for found in _LINE_END.finditer(content))
        line, end_line = bisect_right(starts, start), bisect_right(starts, max(start, end - 1))
        return Place(
            path,
            line + first_line - 1,
            start - starts[line - 1] + 1,
            end_line + first_line - 1,
            end - starts[end_line - 1] + 1,
            cell,
        )

    return locate


def blanked(content: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text in which these spans are blanks; line ends stay."""
    parts, position = [], 0
    for start, end in sorted(spans):
        if start >= position:
            parts += [content[position:start], re.sub(r"[^\r\n]", " ", content[start:end])]
            position = end
    return "".join([*parts, content[position:]])


_STRING = re.compile(r'"((?:[^"\\\n]|\\.){0,4000}\\u[0-9A-Fa-f]{4}(?:[^"\\\n]|\\.){0,4000})"')
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\(.)")
_NAMED_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def _escaped_strings(content: str, path: str) -> Iterator[tuple[Text, tuple[int, int]]]:
    """Yield the strings of a JSON file that hold Unicode escapes, decoded, with their span in the file."""
    locate = locator(content, path)
    for found in _STRING.finditer(content):
        decoded, offsets = unescaped(found[1], found.start(1))
        names = tuple(re.findall(r"[\w.-]+", content[max(0, found.start() - 80) : found.start()]))
        yield Text(decoded, path, "literal", _through(offsets, locate), names), found.span(1)


def unescaped(raw: str, start: int = 0) -> tuple[str, list[int]]:
    """Return a JSON string decoded, and for each of its characters the offset at which it stands.

    `start` is the offset of `raw` itself. The list has one more entry: where the string ends.
    """
    characters: list[str] = []
    offsets: list[int] = []
    position = 0
    for escape in _ESCAPE.finditer(raw):
        characters += raw[position : escape.start()]
        offsets += range(start + position, start + escape.start())
        characters.append(chr(int(escape[1], 16)) if escape[1] else _NAMED_ESCAPES.get(escape[2], escape[2]))
        offsets.append(start + escape.start())
        position = escape.end()
    characters += raw[position:]
    offsets += range(start + position, start + len(raw) + 1)
    return "".join(characters), offsets


def _through(offsets: Sequence[int], locate: Callable[[int, int], Place]) -> Callable[[int, int], Place]:
    return lambda start, end: locate(offsets[start], offsets[end])
