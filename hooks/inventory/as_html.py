"""One HTML page that needs nothing else: no network, no script or style but its own, all values escaped."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TextIO

import callsafe
from callsafe.hooks.inventory import cells
from callsafe.hooks.inventory.limits import Bound, Caught
from callsafe.hooks.inventory.rows import Page, Row, State, title, where
from callsafe.hooks.report import plain

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_JOINT = re.compile(r"([/._-])(?=\w)")
_ENDLESS = frozenset({"timeout", "output_bound", "max_turns"})
"""Roles where nothing in force means that nothing limits."""
_FITTING = 6
"""Roles for which the window has room; with more of them the list is as wide as it needs."""
_MATTERS = _ENDLESS | {"model", "retries"}
"""Roles of which the lack is shown in red; nobody needs to set the others."""


def write(page: Page, out: TextIO) -> None:
    """Fill the template."""
    template, style, script = (_text(f"page.{kind}") for kind in ("html", "css", "js"))
    roles = cells.columns(page)
    rows = page.rows
    by = Counter(row.provider for row in page.calls)
    slots = {
        "policy": f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "version": escape(callsafe.__version__),
        "summary": escape(cells.summary(page)),
        "tiles": "".join(_tiles(page)),
        "bar_heads": "".join(f'<th scope="col">{_title(name)}</th>' for name in roles),
        "bars": "\n".join(_bars(page.calls, [name for name, _ in by.most_common()], roles)),
        "providers": _options(sorted({row.provider for row in rows})),
        "role_options": "".join(f'<option value="{name}">{escape(title(name))}</option>' for name in roles),
        "codes": _options(sorted({code for row in rows for code in row.codes})),
        "wrapper_switch": _SWITCH if page.wrapper_calls else "",
        "wide": " wide" if len(roles) > _FITTING else "",
        "heads": "".join(_heads(roles)),
        "rows": "\n".join(_row(number, row, roles) for number, row in enumerate(rows)),
        # Inside a script element only `<` could end the data.
        "details": json.dumps([_details(row) for row in rows]).replace("<", "\\u003c"),
    }
    out.write(_SLOT.sub(lambda slot: slots[slot[1]], template))


_SWITCH = '<label class="check"><input type="checkbox" id="wrappers" checked> callers of wrappers</label>'


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _safe(text: str) -> str:
    return escape(plain(text))


def _wrapping(text: str) -> str:
    """Return a text, escaped, that may be wrapped where a path or a dotted name has a joint."""
    return _JOINT.sub(r"\1<wbr>", _safe(text))


def _title(name: str) -> str:
    text = title(name)
    return escape(text[0].upper() + text[1:])


def _options(values: Iterable[str]) -> str:
    return "".join(f"<option>{_safe(value)}</option>" for value in values)


# -- the overview ------------------------------------------------------------------------------------------


def _tiles(page: Page) -> Iterator[str]:
    calls = page.calls

    def missing(role: str) -> int:
        return sum(role in row.roles and row.roles[role].state is State.MISSING for row in calls)

    uncaught = sum(row.errors.state is Caught.NONE for row in calls)
    for number, what, bad in (
        (len(calls), "model calls", False),
        (len({row.provider for row in calls}), "providers", False),
        (missing("output_bound"), "with no output bound", True),
        (missing("timeout"), "with no time-out", True),
        (sum(row.attempts.bound is Bound.UNBOUNDED for row in calls), "retried without end", True),
        (uncaught, "whose errors nobody catches", True),
        (sum(bool(row.codes) for row in calls), "with findings", False),
    ):
        yield f"<li{_bad(bad and number > 0)}><b>{number}</b> {what}</li>"


def _bars(calls: tuple[Row, ...], providers: list[str], roles: tuple[str, ...]) -> Iterator[str]:
    """Yield a line for all calls and one for each provider, with a bar for each role."""
    everyone = [("", "All", calls)] if len(providers) != 1 else []
    for key, name, some in (
        *everyone,
        *((one, one, tuple(row for row in calls if row.provider == one)) for one in providers),
    ):
        bars = "".join(_bar(key, name, role, some) for role in roles)
        yield f'<tr><th scope="row">{_safe(name)}</th><td class="number">{len(some)}</td>{bars}</tr>'


def _bar(key: str, name: str, role: str, some: tuple[Row, ...]) -> str:
    counts = Counter(row.roles[role].state for row in some if role in row.roles)
    total = counts.total()
    if not total:
        return "<td>–</td>"
    label = ", ".join(f"{counts[state]} {state}" for state in State)
    parts, buttons, start = [], [], 0.0
    for state in State:
        if not counts[state]:
            continue
        width = 100 * counts[state] / total
        parts.append(f'<rect class="{state}" x="{start:.3f}" width="{width:.3f}" height="10"/>')
        buttons.append(
            f'<button type="button" class="{state}" data-provider="{_safe(key)}" data-role="{role}" '
            f'data-state="{state}">{counts[state]} {state}</button>'
        )
        start += width
    return (
        f'<td><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{_safe(name)}, {_safe(title(role))}: {label}">{"".join(parts)}</svg>'
        f'<div class="counts">{"".join(buttons)}</div></td>'
    )


# -- the list ----------------------------------------------------------------------------------------------


def _heads(roles: tuple[str, ...]) -> Iterator[str]:
    named = {"place": "Call", "sdk": "SDK and operation"}
    last = {"worst": "At worst", "errors": "Errors caught", "redaction": "Redaction", "findings": "Findings"}
    for kind, text in (*named.items(), *((f"role {name}", _title(name)) for name in roles), *last.items()):
        yield f'<th scope="col" class="{kind}"><button type="button">{text}</button></th>'


def _row(number: int, row: Row, roles: tuple[str, ...]) -> str:
    call = row.call
    states = " ".join(row.roles[name].state if name in row.roles else "-" for name in roles)
    folder, slash, name = where(call.place, column=True).rpartition("/")
    under = f"in {call.flow.function}" if call.flow.function else "at module level"
    if call.through:
        under = f"caller of a wrapper, reaches {where(call.through)}"
    kind, codes = "wrapper" if call.through else "call", " ".join(row.codes)
    return (
        f'<tbody class="{kind}" data-index="{number}" data-kind="{kind}" '
        f'data-provider="{_safe(row.provider)}" data-states="{states}" data-codes="{codes}">'
        f'<tr><th scope="row" data-sort="{_place_key(row)}">'
        f'<button type="button" class="open" aria-expanded="false"><span><i>{_wrapping(folder + slash)}</i>'
        f"{_wrapping(name)}</span></button><small>{_wrapping(under)}</small></th>"
        f"<td>{_safe(cells.sdk(row))}<small>{_wrapping(call.operation)}</small>"
        f"<small>{_safe(cells.marks(row))}</small></td>"
        f"{''.join(_role(row, name) for name in roles)}{_worst(row)}{_errors(row)}"
        f"<td>{_wrapping(cells.redaction(row.redaction))}</td>{_findings(row)}</tr></tbody>"
    )


def _place_key(row: Row) -> str:
    place = row.call.place
    return _safe(f"{place.path}:{place.cell:06}:{place.line:08}:{place.column:05}")


def _role(row: Row, name: str) -> str:
    found = row.roles.get(name)
    if found is None:
        return '<td data-sort="">–</td>'
    if isinstance(found.value, int | float):
        key = f"{float(found.value):g}"
    elif found.state is State.MISSING:
        key = "Infinity" if name in _ENDLESS else "-1"
    else:
        key = "" if found.state is State.UNKNOWN else found.shown
    note = f' title="{_safe(found.note)}"' if found.note else ""
    source = cells.near(found, row.call)
    under = f"<small>{_wrapping(source)}</small>" if source else ""
    color = "" if found.state is State.MISSING and name not in _MATTERS else f' class="{found.state}"'
    shown = f"<span{color}>{_wrapping(found.shown)}</span>"
    return f'<td data-sort="{_safe(key)}"{note}>{shown}{under}</td>'


def _worst(row: Row) -> str:
    attempts, wait = row.attempts, row.wait
    key = {Bound.UNBOUNDED: "Infinity", Bound.UNKNOWN: ""}.get(attempts.bound, str(attempts.least))
    first, second = cells.worst(row)
    first = f"<span{_bad(attempts.bound is Bound.UNBOUNDED)}>{first}</span>"
    second = f"<small{_bad(wait.bound is Bound.UNBOUNDED)}>{second}</small>"
    return f'<td data-sort="{key}">{first}{second}</td>'


def _bad(bad: bool) -> str:
    return ' class="bad"' if bad else ""


def _errors(row: Row) -> str:
    handlers = row.errors.handlers
    under = f"<small>{_wrapping(where(handlers[0].place))}</small>" if handlers else ""
    none = _bad(row.errors.state is Caught.NONE)
    return f"<td><span{none}>{_safe(row.errors.shown)}</span>{under}</td>"


def _findings(row: Row) -> str:
    worst = {one.code: one for one in row.entry.findings}
    codes = "".join(
        f'<span class="code {one.severity}" title="{_safe(one.rule)}">{code}</span>'
        for code, one in worst.items()
    )
    return f'<td data-sort="{len(worst) or ""}">{codes}</td>'


def _details(row: Row) -> dict[str, object]:
    """Return what is shown of a row when it is opened, as texts."""
    return {
        "roles": [
            (
                title(name),
                plain(one.shown),
                "" if one.state is State.MISSING and name not in _MATTERS else one.state,
                one.state,
                cells.source(one),
                plain(one.keyword),
                plain(one.note),
            )
            for name, one in row.roles.items()
        ],
        "retries": [
            plain(
                f"{one.by} ({one.where}, {where(one.place)}): {_tries(one.attempts)}, wait {one.wait}"
                f"{'' if one.effective else ', does nothing here'}"
            )
            for one in row.attempts.retries
        ],
        "handlers": [
            plain(
                f"except {', '.join(one.names)} ({one.where}, {where(one.place)}): {one.body} "
                f"{'every error' if one.broad else ', '.join(sorted(one.catches)).replace('_', ' ')}"
            )
            for one in row.errors.handlers
        ],
        "findings": [
            plain(f"{one.code} {one.rule} ({where(one.place)}): {one.message}") for one in row.entry.findings
        ],
    }


def _tries(attempts: object) -> str:
    if attempts is None:
        return "unbounded attempts"
    return f"{attempts} attempts" if isinstance(attempts, int) else "unknown attempts"
