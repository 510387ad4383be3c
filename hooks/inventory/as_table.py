"""The table for a terminal; a narrow one gets a block of lines for each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from callsafe.hooks.inventory import cells
from callsafe.hooks.inventory.limits import Bound, Caught
from callsafe.hooks.inventory.rows import Page, Row, State, title, where
from callsafe.hooks.report import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_STYLE = {State.SET: "green", State.DEFAULT: "", State.UNKNOWN: "yellow", State.MISSING: "bold red"}
_NARROWEST = 122
"""Characters that a table without roles needs; each role needs `_ROLE` more."""
_ROLE = 17
_PIPED = 10_000
_LAST = ("at worst", "errors caught", "redaction", "findings")
_ASCII = str.maketrans({"≥": ">", "–": "-", "…": "~", "\N{REPLACEMENT CHARACTER}": "?"})


def write(page: Page, out: TextIO) -> None:
    """Write the calls, then the counts; as wide as it needs where the output is not a terminal."""
    if page.rows:
        from rich.console import Console

        console = Console(file=out, highlight=False, markup=False, emoji=False)
        if not console.is_terminal:
            console = Console(file=out, highlight=False, markup=False, emoji=False, width=_PIPED)
        unicode = "utf" in (getattr(out, "encoding", None) or "utf-8").lower()
        roles = cells.columns(page)
        if console.width < _NARROWEST + _ROLE * len(roles):
            for row in page.rows:
                console.print(_plainer(_block(row, roles, console.width), unicode))
        else:
            _table(console, page, roles, unicode)
        print(file=out)
    print(cells.summary(page), file=out)


def _table(console: Console, page: Page, roles: tuple[str, ...], unicode: bool) -> None:
    from rich.box import ASCII2, SIMPLE_HEAD
    from rich.table import Table

    box = SIMPLE_HEAD if unicode else ASCII2
    table = Table(box=box, pad_edge=False, show_edge=False, leading=1)
    table.add_column("call", overflow="fold", min_width=22)
    table.add_column("operation", overflow="fold", min_width=24)
    for name in roles:
        table.add_column(title(name), overflow="fold", min_width=12)
    for heading in _LAST:
        table.add_column(heading, overflow="fold")
    for row in page.rows:
        place, under = _place(row)
        texts = [
            _two(place, under, "bold"),
            _two(cells.sdk(row), plain(f"{row.call.operation} ({cells.marks(row)})")),
            *(_two(*cells.role(row, name), _style(row, name)) for name in roles),
            *(_two(first, second, style) for first, second, style in _last(row)),
        ]
        table.add_row(*(_plainer(text, unicode) for text in texts))
    console.print(table)


def _block(row: Row, roles: tuple[str, ...], width: int) -> Text:
    from rich.cells import cell_len
    from rich.text import Text

    def beside(begin: int, first: str, second: str) -> str:
        """Return the second text behind the first, or on a line of its own where both do not fit."""
        fits = begin + cell_len(first) + 2 + cell_len(second) <= width
        return f"  {second}\n" if fits else f"\n{'':{max(begin, 4)}}{second}\n"

    place, under = _place(row)
    block = Text().append(place, "bold").append(beside(0, place, under) if under else "\n", "dim")
    block.append(f"  {cells.sdk(row)} {plain(row.call.operation)} ({cells.marks(row)})\n")
    lines = [
        *((title(name), *cells.role(row, name), _style(row, name)) for name in roles),
        *((heading, *cell) for heading, cell in zip(_LAST, _last(row), strict=True)),
    ]
    wide = max(len(heading) for heading, *_ in lines)
    for heading, first, second, style in lines:
        if first:
            block.append(f"    {heading:{wide}}  ", "dim").append(first, style)
            block.append(beside(wide + 6, first, second) if second else "\n", "dim")
    return block


def _place(row: Row) -> tuple[str, str]:
    call = row.call
    under = f"reaches {where(call.through)}" if call.through else plain(call.flow.function)
    return where(call.place, column=True), under


def _style(row: Row, name: str) -> str:
    return _STYLE[row.roles[name].state] if name in row.roles else "dim"


def _last(row: Row) -> list[tuple[str, str, str]]:
    """Return what stands after the roles: the first line, the second, the style of the first."""
    endless = Bound.UNBOUNDED in (row.attempts.bound, row.wait.bound)
    handlers = row.errors.handlers
    style = {Caught.NONE: "bold red", Caught.ALL: "green"}.get(row.errors.state, "yellow")
    return [
        (*cells.worst(row), "bold red" if endless else ""),
        (row.errors.shown, where(handlers[0].place) if handlers else "", style),
        (cells.redaction(row.redaction), "", ""),
        (" ".join(row.codes), "", "red"),
    ]


def _two(first: str, second: str, style: str = "") -> Text:
    from rich.text import Text

    text = Text().append(first, style)
    return text.append("\n").append(second, "dim") if second else text


def _plainer(text: Text, unicode: bool) -> Text:
    if not unicode:
        text.plain = text.plain.translate(_ASCII)
    return text
