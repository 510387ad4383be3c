"""The code of a Jupyter notebook as one `Source`, with IPython's own syntax made harmless in place.

A line that only IPython understands becomes `pass`, of the same indentation; a cell in another language
(`%%bash`) and a cell that cannot be parsed become empty. Every other character stays where it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from callsafe.checks.source import NOTEBOOK_LIMIT, Source, Unreadable, parse, split_lines, too_large

# Cell magics whose cell is Python all the same; any other `%%name` hands the cell to something else.
_PYTHON_CELLS = frozenset({"capture", "memit", "mprun", "prun", "python", "python3", "time", "timeit"})
_CELL_MAGIC = re.compile(r"^\s*%%(\w+)")
_TIMED = re.compile(r"^(\s*)(%time(?:it)?)(\s+)(?=[^\s-])")
_ASSIGNED = re.compile(r"^(\s*[\w., ]+=\s*)[!%].*$")
# A cell of one line needs no `%` before these.
_AUTOMAGIC = re.compile(r"^\s*(?:pip|conda|cd|ls|env|mkdir|cat|cp|mv|rm|pwd)\b.*$")
_INSTALL = re.compile(r"^\s*[!%]?\s*(?:uv\s+)?pip3?\s+install\s+(.*(?:(?<=\\)\n.*)*)", re.MULTILINE)
_SHELL = re.compile(r"^(\s*)[!%?].*$|^(\s*)[\w.]+\?{1,2}\s*$")


def read_notebook(path: str, data: bytes) -> Source:
    """Parse the code cells of a notebook; `Place.cell` counts code cells from 1.

    Raises:
        Unreadable: not JSON, no notebook, or too large. Cells that cannot be parsed are in `Source.skipped`.

    """
    if len(data) > NOTEBOOK_LIMIT:
        raise too_large(len(data), NOTEBOOK_LIMIT)
    lines: list[str] = []
    starts: list[tuple[int, int]] = []
    skipped: list[Unreadable] = []
    installs: list[str] = []
    for number, code in enumerate(_code_cells(data), 1):
        starts.append((len(lines) + 1, number))
        installs += _INSTALL.findall(code)
        try:
            lines += _python(code)
        except Unreadable as error:
            error.cell = number
            skipped.append(error)
            lines += [""] * len(split_lines(code))
    text = "\n".join(lines)
    tree = parse(text, path)
    return Source(
        path, data, text, tuple(lines) or ("",), tree, cells=tuple(starts), skipped=tuple(skipped),
        installs=tuple(installs),
    )  # fmt: skip


def cell_lines(data: bytes) -> dict[int, tuple[str, ...]]:
    """Return the lines of each code cell as they are written, under its number; raises `Unreadable`."""
    return {number: split_lines(code) for number, code in enumerate(_code_cells(data), 1)}


def _code_cells(data: bytes) -> Iterator[str]:
    try:
        notebook: Any = json.loads(data)
    except UnicodeDecodeError:
        raise Unreadable("not utf-8") from None
    except RecursionError:
        raise Unreadable("nested too deeply to be parsed") from None
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise Unreadable(f"not a notebook: no valid json from line {line} on", line) from None
    if not isinstance(notebook, dict):
        raise Unreadable("not a notebook: no json object")
    metadata = _dict(notebook.get("metadata"))
    kernel, language = _dict(metadata.get("kernelspec")), _dict(metadata.get("language_info"))
    spoken = str(language.get("name") or kernel.get("language") or "python").lower()
    # A kernel of a dialect (coconut, sage) says what its cells are close to; cells that are not Python are skipped.
    if (
        "python"
        not in f"{spoken} {language.get('mimetype', '')} {language.get('pygments_lexer', '')}".lower()
    ):
        return
    sheets = _list(notebook.get("worksheets"))  # nbformat 3
    for cell in _list(notebook.get("cells")) or _list(_dict(sheets[0] if sheets else None).get("cells")):
        if _dict(cell).get("cell_type") == "code":
            code = cell.get("source", cell.get("input"))
            text = code if isinstance(code, str) else "".join(map(str, _list(code)))
            yield text if _speaks_python(cell) else "\n" * text.count("\n")


def _speaks_python(cell: dict[str, Any]) -> bool:
    """Tell whether a cell has the notebook's language; where several are spoken, the cell itself says which."""
    metadata = _dict(cell.get("metadata"))
    said = (
        _dict(metadata.get("polyglot_notebook")).get("kernelName"),
        _dict(metadata.get("dotnet_interactive")).get("language"),
    )
    return all(name is None or "python" in str(name).lower() for name in said)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _python(code: str) -> list[str]:
    """Return the lines of a cell as Python.

    The parser itself points at the lines to look at: `%` inside an expression or a string is left alone.
    """
    lines = list(split_lines(code))
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if magic := _CELL_MAGIC.match(lines[first]):
        if magic[1] not in _PYTHON_CELLS:
            return [""] * len(lines)
        lines[first] = "pass"
    while True:
        try:
            parse("\n".join(lines), "<cell>")
            return lines
        except Unreadable as error:
            index = _begins(lines, min(error.line, len(lines)) - 1)
            plain = _neutral(lines[index])
            if plain == lines[index] and len([line for line in lines if line.strip()]) == 1:
                plain = _AUTOMAGIC.sub("pass", plain)
            if plain == lines[index]:
                raise
            while lines[index].endswith("\\") and index + 1 < len(lines):  # the shell reads on
                lines[index], plain, index = plain, "", index + 1
            lines[index] = plain


def _begins(lines: list[str], index: int) -> int:
    """Return the line at which the command begins that goes on to this one."""
    start = index
    while start > 0 and lines[start - 1].endswith("\\"):
        start -= 1
    return start if _ASSIGNED.match(lines[start]) or _SHELL.match(lines[start]) else index


def _neutral(line: str) -> str:
    if timed := _TIMED.match(line):
        head = "if 1:".ljust(len(timed[2]))
        return timed[1] + head + line[timed.end(2) :]
    if assigned := _ASSIGNED.match(line):
        return assigned[1] + "None"
    if shell := _SHELL.match(line):
        return (shell[1] or shell[2] or "") + "pass"
    return line
