"""Markdown for a review or a wiki page: who decides about each role, then the calls; all values escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from callsafe.hooks.inventory import cells
from callsafe.hooks.inventory.rows import Page, Row, title, where
from callsafe.hooks.report import plain

_SPECIAL = re.compile(r"([\\`*_\[\]#|~$])")


def write(page: Page, out: TextIO) -> None:
    """Write a table of the states of each role, then the calls."""
    out.write(f"# Model calls\n\n{escaped(cells.summary(page))}.\n")
    if not page.rows:
        return
    out.write("\n| role | set | default | unknown | missing |\n|---|---:|---:|---:|---:|\n")
    for name, counts in cells.states(page):
        out.write(f"| {title(name)} | {' | '.join(str(number) for number in counts.values())} |\n")
    roles = cells.columns(page)
    heads = ["call", "SDK", "operation", *map(title, roles), "attempts", "wait", "errors caught", "redaction"]
    heads.append("findings")
    out.write(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n")
    for row in page.rows:
        out.write(f"| {' | '.join(_cells(row, roles))} |\n")


def _cells(row: Row, roles: tuple[str, ...]) -> Iterator[str]:
    call = row.call
    through = f"<br>reaches {escaped(where(call.through))}" if call.through else ""
    yield escaped(where(call.place, column=True)) + through
    yield escaped(cells.sdk(row))
    yield f"{escaped(call.operation)}<br>{escaped(cells.marks(row))}"
    for name in roles:
        shown, source = cells.role(row, name)
        yield escaped(shown) + (f"<br>{escaped(source)}" if source else "")
    yield from (row.attempts.shown, row.wait.shown)
    yield escaped(row.errors.shown)
    yield escaped(cells.redaction(row.redaction))
    yield " ".join(row.codes)


def escaped(text: str) -> str:
    """Return a text that Markdown and the HTML in it leave as it is."""
    text = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text).replace("://", ":&#47;/").replace("@", "&#64;")
