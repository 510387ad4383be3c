"""Comma-separated values, one row per model call, for spreadsheets.

A cell that a spreadsheet would take for a formula begins with an apostrophe (CWE-1236).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from callsafe.hooks.inventory.limits import Bound
from callsafe.hooks.inventory.rows import ROLES, Page, Row, where
from callsafe.hooks.report import plain
from callsafe.rules.facts import Unset

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(page: Page, out: TextIO) -> None:
    """Write the header and the rows; lines end as RFC 4180 has them."""
    roles = page.roles or ROLES
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header(roles))
    for row in page.rows:
        writer.writerow(safe(cell) for cell in _cells(row, roles))


def header(roles: tuple[str, ...]) -> list[str]:
    """Return the names of the columns."""
    first = "path cell line column function through provider sdk release release_from operation kind streamed"
    last = (
        "attempts_state attempts_at_least wait_state wait_at_least_seconds "
        "errors_state errors_caught errors_uncaught handlers redaction findings"
    )
    middle = [f"{role}{part}" for role in roles for part in ("", "_state", "_origin", "_place")]
    return [*first.split(), "asynchronous", *middle, *last.split()]


def safe(cell: object) -> str:
    """Return a cell without control characters, and with an apostrophe where it would be a formula."""
    text = str(cell)
    return f"'{plain(text)}" if text.startswith(_FORMULA) else plain(text)


def _cells(row: Row, roles: tuple[str, ...]) -> Iterator[object]:
    call = row.call
    place = call.place
    yield from (place.path, place.cell or "", place.line, place.column, call.flow.function)
    yield where(call.through, column=True) if call.through else ""
    yield from (row.provider, call.sdk, call.release, call.release_from, call.operation, call.kind)
    yield from (_flag(call.streamed), _flag(call.asynchronous))
    for name in roles:
        role = row.roles.get(name)
        if role is None:
            yield from ("", "", "", "")
            continue
        value = "" if role.value is None else role.value
        yield from (value, role.state, role.origin, where(role.place) if role.place else "")
    yield from (row.attempts.bound, row.attempts.least if row.attempts.bound is not Bound.UNBOUNDED else "")
    yield from (row.wait.bound, "" if row.wait.least is None else f"{row.wait.least:g}")
    yield from (row.errors.state, " ".join(row.errors.caught), " ".join(row.errors.uncaught))
    yield " ".join(f"{one.where} {where(one.place)};" for one in row.errors.handlers).rstrip(";")
    yield from (row.redaction.way, " ".join(row.codes))


def _flag(value: object) -> str:
    return "unknown" if isinstance(value, Unset) else "yes" if value else "no"
