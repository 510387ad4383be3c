"""The table for a terminal: a line or two for each call, who says so under the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from callsafe.hooks.inventory import cells
from callsafe.hooks.inventory.limits import Bound, Caught
from callsafe.hooks.inventory.rows import Page, Row, State, title, where
from callsafe.hooks.report import plain

if TYPE_CHECKING:
    from rich.text import Text

_STYLE = {State.SET: "green", State.DEFAULT: "", State.UNKNOWN: "yellow", State.MISSING: "bold red"}
_WIDE = 10_000
_ASCII = str.maketrans({"≥": ">", "–": "-", "…": "~", "→": ">", "\N{REPLACEMENT CHARACTER}": "?"})


def write(page: Page, out: TextIO) -> None:
    """Write the table, then the counts; as wide as it needs where the output is not a terminal."""
    if page.rows:
        from rich.box import ASCII2, SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table

        unicode = "utf" in (getattr(out, "encoding", None) or "utf-8").lower()
        console = Console(file=out, highlight=False, markup=False, emoji=False)
        if not console.is_terminal:
            console = Console(file=out, highlight=False, markup=False, emoji=False, width=_WIDE)
        table = Table(box=SIMPLE_HEAD if unicode else ASCII2, pad_edge=False, show_edge=False, leading=1)
        roles = cells.columns(page)
        last = ("at worst", "errors caught", "redaction", "findings")
        for heading in ("call", "operation", *map(title, roles), *last):
            table.add_column(heading, overflow="fold")
        for row in page.rows:
            made = _cells(row, roles)
            if not unicode:
                for cell in made:
                    cell.plain = cell.plain.translate(_ASCII)
            table.add_row(*made)
        console.print(table)
        print(file=out)
    print(cells.summary(page), file=out)


def _cells(row: Row, roles: tuple[str, ...]) -> list[Text]:
    call = row.call
    reached = f"reaches {where(call.through)}" if call.through else ""
    made = [
        _cell(where(call.place, column=True), reached or plain(call.flow.function), "bold"),
        _cell(f"{cells.sdk(row)}", plain(f"{call.operation} ({cells.marks(row)})")),
    ]
    for name in roles:
        found = row.roles.get(name)
        made.append(_cell(*cells.role(row, name), _STYLE[found.state] if found else "dim"))
    endless = Bound.UNBOUNDED in (row.attempts.bound, row.wait.bound)
    made.append(_cell(*cells.worst(row), "bold red" if endless else ""))
    handled = row.errors.handlers[0].place if row.errors.handlers else None
    style = {Caught.NONE: "bold red", Caught.ALL: "green"}.get(row.errors.state, "yellow")
    made.append(_cell(row.errors.shown, where(handled) if handled else "", style))
    made.append(_cell(cells.redaction(row.redaction), ""))
    made.append(_cell(" ".join(row.codes), "", "red"))
    return made


def _cell(first: str, second: str, style: str = "") -> Text:
    from rich.text import Text

    text = Text(first, style)
    if second:
        text = Text().append_text(text).append("\n").append(second, "dim")
    return text
