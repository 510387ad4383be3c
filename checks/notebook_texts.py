"""The texts of a Jupyter notebook: sources of its cells and outputs in text, never images."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from callsafe.checks.texts import blanked, decode_text, locator
from callsafe.rules.facts import Text
from callsafe.rules.model import Place

_SHOWN = ("text/plain", "text/html", "text/markdown", "application/json", "application/javascript")
_EMBEDDED = re.compile(r"data:[\w/+.;=-]{0,60};base64,[A-Za-z0-9+/=]+")
_PIXELS = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/\n\\]{2000,}={0,2}")


def notebook_texts(path: str, data: bytes, limit: int) -> Iterator[Text] | None:
    """Return the texts of a notebook; nothing where it is none, so that it is read as plain text.

    A place in a code cell counts lines inside the cell, by the number of the code cell from 1. What is
    found in an output stands at the first character of its cell, because outputs have no lines in the
    source; `names` then holds "output". Other cells have their place in the file itself.
    """
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        sheets = notebook.get("worksheets")
        cells = (
            sheets[0].get("cells")
            if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict)
            else None
        )
    return _texts(path, data, cells, limit) if isinstance(cells, list) else None


def _texts(path: str, data: bytes, cells: list[Any], limit: int) -> Iterator[Text]:
    number = 0
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = _joined(cell.get("source", cell.get("input")))
        if cell.get("cell_type") != "code":
            if source and len(source) <= limit:
                clean = _without_images(source)
                yield Text(clean, path, "file", _in_file(data, source, path))
            continue
        number += 1
        if source and len(source) <= limit:
            yield from _code(source, path, number)
        for text in _outputs(cell.get("outputs")):
            if text and len(text) <= limit:
                yield Text(_without_images(text), path, "file", _at_cell(path, number), ("output",))


def _code(source: str, path: str, number: int) -> Iterator[Text]:
    from callsafe.checks.may_split import may_split
    from callsafe.checks.split_strings import split_strings

    clean = _without_images(source)
    if may_split(clean):
        joined = list(split_strings(clean, path, cell=number))
        clean = blanked(clean, [span for _text, spans in joined for span in spans])
        yield from (text for text, _spans in joined)
    yield Text(clean, path, "file", locator(source, path, cell=number))


def _outputs(outputs: Any) -> Iterator[str]:
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        yield _joined(output.get("text"))
        yield _joined(output.get("evalue"))
        yield _joined(output.get("traceback"), "\n")
        shown = output.get("data")
        for kind, value in shown.items() if isinstance(shown, dict) else ():
            if kind in _SHOWN:
                yield json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else _joined(value)


def _joined(value: Any, mark: str = "") -> str:
    if isinstance(value, list):
        return mark.join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _without_images(text: str) -> str:
    """Blank base64 data in a text, so that no random piece of it looks like a credential."""
    if "base64," in text:
        text = _EMBEDDED.sub(lambda found: " " * len(found[0]), text)
    if len(text) > 4000:
        text = _PIXELS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return text


def _at_cell(path: str, number: int) -> Callable[[int, int], Place]:
    return lambda _start, _end: Place(path, 1, 1, 1, 1, number)


def _in_file(data: bytes, source: str, path: str) -> Callable[[int, int], Place]:
    """Return a locator for a cell that is not code: the line of the file at which the piece is written."""

    def locate(start: int, end: int) -> Place:
        raw = decode_text(data)
        piece = json.dumps(source[start:end], ensure_ascii=False)[1:-1]
        found = raw.find(piece)
        return locator(raw, path)(found, found + len(piece)) if found >= 0 else Place(path, 1, 1, 1, 1)

    return locate
