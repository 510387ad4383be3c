"""The short texts that the formats for people have in common."""

from __future__ import annotations

from collections.abc import Iterator

from callsafe.checks.inventory import Redaction, Way
from callsafe.hooks.inventory.rows import KEY_ROLES, Page, Role, Row, State, where
from callsafe.rules.facts import Call, Unset


def columns(page: Page) -> tuple[str, ...]:
    """Return the roles that have a column."""
    return page.roles or KEY_ROLES


def role(row: Row, name: str) -> tuple[str, str]:
    """Return the value in force and who says so; two dashes where the operation has no such role."""
    found = row.roles.get(name)
    return (found.shown, near(found, row.call)) if found else ("–", "")


def source(found: Role) -> str:
    """Return who says so and where: `client app/llm.py:12`, `SDK default`."""
    return " ".join(part for part in (found.source, where(found.place) if found.place else "") if part)


def near(found: Role, call: Call) -> str:
    """Return who says so and where, short where that is the call's own file: `client, line 12`.

    The place is left out where the value is unknown: it is then the place of one of several.
    """
    place = found.place
    if place is None or found.state is State.UNKNOWN:
        return found.source
    if (place.path, place.cell) != (call.place.path, call.place.cell):
        return source(found)
    return f"{found.source}, line {place.line}"


def sdk(row: Row) -> str:
    """Return the SDK and its release: `openai 3 (requirements.txt)`."""
    call = row.call
    release = f" {call.release} ({call.release_from})" if call.release else ""
    return f"{call.title}{release}"


def marks(row: Row) -> str:
    """Return the kind, and how the call is made: `text, async, streamed`."""
    call = row.call
    words = [str(call.kind)]
    for value, word in ((call.asynchronous, "async"), (call.streamed, "streamed")):
        if isinstance(value, Unset):
            words.append(f"{word}?")
        elif value:
            words.append(word)
    return ", ".join(words)


def worst(row: Row) -> tuple[str, str]:
    """Return the attempts and the wait at worst: `6 attempts`, `waits 1 h`."""
    tries, wait = row.attempts.shown, row.wait.shown
    if tries == wait == "unknown":
        return "unknown", ""
    attempts = "attempts unknown" if tries == "unknown" else f"{tries} attempt{'s' * (tries != '1')}"
    return attempts, f"wait {wait}" if wait == "unknown" else f"waits {wait}"


def redaction(found: Redaction) -> str:
    """Return what is known about redaction on the way."""
    return f"protect {where(found.place)}" if found.way is Way.PROTECTED and found.place else str(found.way)


def summary(page: Page) -> str:
    """Return the last line: model calls, and callers of functions that reach one, never added up."""
    counts = [
        _number(len(page.calls), "model call"),
        *([_number(len(page.wrapper_calls), "call") + " of wrappers"] if page.wrapper_calls else []),
    ]
    unread = f"; {page.unreadable} could not be read" if page.unreadable else ""
    return f"{', '.join(counts)} in {_number(page.files, 'file')}{unread}"


def states(page: Page) -> Iterator[tuple[str, dict[State, int]]]:
    """Yield, for each role that has a column, how many model calls set it, leave it to the SDK, and so on."""
    for name in columns(page):
        found = [row.roles[name].state for row in page.calls if name in row.roles]
        yield name, {state: found.count(state) for state in State}


def _number(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
