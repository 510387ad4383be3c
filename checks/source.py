"""A file of Python, or the code of a notebook, decoded and parsed: `read` makes a `Source` or says why not.

Positions come from `ast`, which counts utf-8 bytes; `Source.place` counts characters, in a notebook by cell.
Nothing is executed or imported.
"""

from __future__ import annotations

import ast
import codecs
import os
import re
import sys
from bisect import bisect_right
from dataclasses import dataclass

from callsafe.rules.model import Place

PYTHON_LIMIT = 5_000_000
"""Bytes: a larger Python file is generated data; its parse would take seconds and a gigabyte."""
NOTEBOOK_LIMIT = 50_000_000
"""Bytes: images in outputs make notebooks large, the code in them is small."""

_LINE_END = re.compile(r"\r\n?|\n")
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#|$)")

# What a newer Python reads and an older one does not, by the line at which the older one gives up. Compiled when a
# file is broken.
_NEWER = (
    ((3, 12), r"^\s*type\s+\w+\s*(?:\[.*\])?\s*="),
    ((3, 13), r"^\s*(?:async\s+def|def|class|type)\s+\w+\s*\[[^\]()]*="),
    ((3, 12), r"^\s*(?:async\s+def|def|class)\s+\w+\s*\["),
    ((3, 12), r"""(?<![\w"'])(?:[fF][rR]?|[rR][fF])(["'])(?:(?!\1)[^{\\]|\\.|\{\{)*\{[^{}]*?\1"""),
    ((3, 14), r"""(?<![\w"'])(?:t|T|tr|rt|Tr|rT|tR|Rt|TR|RT)["']"""),
    ((3, 14), r"^\s*except\*?\s+[\w.]+\s*(?:,\s*[\w.]+\s*)+:"),
    ((3, 15), r"^\s*lazy\s+(?:import|from)\s"),
)
_OPEN_FIELD = (
    r"""(?<![\w"'])(?:[fF][rR]?|[rR][fF])(["'])(?!\1\1)(?:(?!\1)[^{\\]|\\.|\{\{|\{[^{}]*\})*\{(?!\{)[^}]*$"""
)
"""An f-string whose braces go on in the next line, which Python 3.12 learnt to read."""
_PYTHON_2 = r"^\s*except\s+[\w.]+\s*,\s*[a-z_]+\s*:"


class Unreadable(Exception):  # noqa: N818 (it is a finding, LLM902, as much as an error)
    """A file, or a cell of a notebook, that cannot be read: why, and where (1-based) if that is known."""

    def __init__(self, reason: str, line: int = 1, column: int = 1, cell: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column
        self.cell = cell


@dataclass(frozen=True, slots=True)
class Source:
    """The code of one file.

    `path` is the path as shown, with slashes. `text` is what was parsed: of a notebook its code cells one
    after the other, `cells` then holds (first line in `text`, number of the code cell), both 1-based.
    `module` is the dotted name to import it by, or empty where there is none. `skipped` are the cells that
    could not be parsed, `installs` the commands by which a notebook installs packages for itself.
    """

    path: str
    data: bytes
    text: str
    lines: tuple[str, ...]
    tree: ast.Module
    module: str = ""
    cells: tuple[tuple[int, int], ...] = ()
    skipped: tuple[Unreadable, ...] = ()
    installs: tuple[str, ...] = ()

    def place(self, node: ast.AST) -> Place:
        """Return where a node stands; a node without a position (`ast.Module`) stands at the start."""
        line = getattr(node, "lineno", 1)
        column = getattr(node, "col_offset", 0)
        end_line = getattr(node, "end_lineno", None) or line
        end_column = getattr(node, "end_col_offset", None)
        return self.span(line, column, end_line, column if end_column is None else end_column)

    def span(self, line: int, column: int, end_line: int, end_column: int) -> Place:
        """Return the place of a range in `ast` units: 1-based lines of `text`, 0-based offsets in utf-8."""
        start, end = self._characters(line, column), self._characters(end_line, end_column)
        if not self.cells:
            return Place(self.path, line, start, end_line, end)
        first, cell = self.cells[max(bisect_right(self.cells, (line, sys.maxsize)) - 1, 0)]
        return Place(self.path, line - first + 1, start, end_line - first + 1, end, cell)

    def line(self, place: Place) -> int:
        """Return the 1-based line of `text` at which a place of this source begins."""
        if not place.cell:
            return place.line
        return next((first for first, cell in self.cells if cell == place.cell), 1) + place.line - 1

    def _characters(self, line: int, column: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if text.isascii():
            return column + 1
        return len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace")) + 1


def read(path: str, data: bytes, *, module: str = "") -> Source:
    """Parse a Python file or a notebook (by its extension).

    Raises:
        Unreadable: not text in the encoding it declares, a syntax error, too large, or nested too deeply.

    """
    if path.endswith(".ipynb"):
        from callsafe.checks.notebook import read_notebook

        return read_notebook(path, data)
    if len(data) > PYTHON_LIMIT:
        raise too_large(len(data), PYTHON_LIMIT)
    text = decode(data)
    tree = parse(text, path)
    return Source(path, data, text, split_lines(text), tree, module)


def too_large(size: int, limit: int) -> Unreadable:
    """Make the error for a file of `size` bytes."""
    return Unreadable(f"too large to check: {size / 1e6:.1f} MB, the limit is {limit / 1e6:g} MB")


def split_lines(text: str) -> tuple[str, ...]:
    r"""Split as Python does: at \n, \r\n and \r only, not at form feeds or Unicode line separators."""
    return tuple(_LINE_END.split(text)) if "\r" in text else tuple(text.split("\n"))


def decode(data: bytes) -> str:
    """Decode Python source by its byte order mark, its coding comment (PEP 263), or as utf-8.

    Raises:
        Unreadable: the encoding is unknown or the bytes are not text in it.

    """
    encoding = "utf-8"
    bom = data.startswith(codecs.BOM_UTF8)
    if bom:
        data = data[len(codecs.BOM_UTF8) :]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable("not utf-8: the file begins with the mark of utf-16; save it as utf-8")
    cookie_line = 1
    for head in data.split(b"\n", 2)[:2]:
        if cookie := _COOKIE.match(head):
            encoding = cookie[1].decode("ascii", "replace").lower()
            break
        if not _BLANK.match(head):
            break
        cookie_line += 1
    try:
        name = codecs.lookup(encoding).name
        if bom and name != "utf-8":
            raise Unreadable(
                f"the coding comment says {encoding}, the byte order mark says utf-8", cookie_line
            )
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x}" if error.start < len(data) else "the end"
        hint = "; save it as utf-8 or add a coding comment" if encoding == "utf-8" else ""
        raise Unreadable(f"not {encoding}: {byte} in line {line}{hint}", line) from None
    except (LookupError, TypeError, ValueError):
        # TypeError and ValueError: codecs such as `hex` or `rot13` that are known but make no text.
        name = f" {encoding!r}" if len(encoding) <= 20 else ""
        raise Unreadable(f"unknown encoding{name} in the coding comment", cookie_line) from None


def parse(text: str, path: str) -> ast.Module:
    """Parse Python source as `ast.parse` does, with one kind of error.

    Raises:
        Unreadable: a syntax error (with the Python version the file needs, where that can be told) or nesting
            too deep for the parser.

    """
    import warnings

    if "\0" in text:
        raise Unreadable("holds null bytes", text.count("\n", 0, text.index("\0")) + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are for other linters
            tree = compile(text, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        raise _syntax_error(error, text) from None
    except (RecursionError, MemoryError):
        raise Unreadable("nested too deeply to be parsed") from None
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"cannot be parsed: {type(error).__name__}") from None
    assert isinstance(tree, ast.Module)
    return tree


def module_name(path: str, root: str) -> str:
    """Return the dotted name a file is imported by, or empty where it has none.

    Inside a package (a chain of folders with `__init__.py`) that is the name from the outermost package on.
    In a folder without one it is the path below `root`, without a leading `src`.
    """
    folder, file = os.path.split(os.path.abspath(path))
    stem, extension = os.path.splitext(file)
    if extension not in (".py", ".pyi"):
        return ""
    parts = [] if stem == "__init__" else [stem]
    if os.path.exists(os.path.join(folder, "__init__.py")):
        while os.path.exists(os.path.join(folder, "__init__.py")):
            folder, name = os.path.split(folder)
            parts.insert(0, name)
    else:
        below = os.path.relpath(folder, root).replace(os.sep, "/").split("/")
        if below[0] == "..":
            below = []
        parts = [*(part for part in below[below[:1] == ["src"] :] if part != "."), *parts]
    return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


def _syntax_error(error: SyntaxError, text: str) -> Unreadable:
    lines = split_lines(text)
    number = min(max(error.lineno or 1, 1), len(lines))
    message = error.msg or "invalid syntax"
    column = max(error.offset or 1, 1)
    if "too many nested" in message or "too complex" in message or "too many levels" in message:
        return Unreadable("nested too deeply to be parsed", number, column)
    if message.startswith("Missing parentheses in call to") or re.match(_PYTHON_2, lines[number - 1]):
        return Unreadable("written for Python 2", number, column)
    needs = next((needs for needs, form in _NEWER if re.search(form, lines[number - 1])), None)
    opened = message.startswith("unterminated string") and re.search(_OPEN_FIELD, lines[number - 1])
    if needs is None and (opened or message.startswith(("f-string: ", "f-string expression"))):
        needs = (3, 12)  # PEP 701: quotes, backslashes and comments inside the braces
    if needs and needs > sys.version_info[:2]:
        wanted, running = f"{needs[0]}.{needs[1]}", f"{sys.version_info[0]}.{sys.version_info[1]}"
        return Unreadable(f"needs Python {wanted}; this is Python {running}", number, column)
    return Unreadable(f"syntax error: {message[:1].lower()}{message[1:]}", number, column)
