"""Facts to rows: what the inventory says about one model call, in every format the same.

No secret and no text of a prompt gets into a row: only the values of `SHOWN` roles do, of the others whether
they are set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from urllib.parse import urlsplit

from callsafe.checks.inventory import Entry, Inventory, Redaction
from callsafe.hooks.inventory.limits import Attempts, Errors, Wait, attempts, errors, wait
from callsafe.hooks.report import plain
from callsafe.rules import models, sdks
from callsafe.rules.facts import Call, Kind, Origin, Setting
from callsafe.rules.model import Place

ROLES = (
    "model", "output_bound", "timeout", "retries", "completions", "best_of", "max_turns", "stream",
    "temperature", "top_p", "stop", "structured_output", "tools", "safety", "retention", "user_identifier",
    "metadata", "modalities", "organization", "project", "base_url", "api_key", "headers", "http_client", "prompt",
    "instructions",
)  # fmt: skip
"""All roles of the catalogue, those that decide about cost and reliability first."""
KEY_ROLES = ("model", "output_bound", "timeout", "retries")
"""The roles of the formats for people, where none is asked for."""
SHOWN = frozenset(
    {"model", "output_bound", "timeout", "retries", "completions", "best_of", "max_turns", "stream",
     "temperature", "top_p", "retention", "base_url"}
)  # fmt: skip
"""The roles whose value is shown; of the others it is said that they are set."""
TITLES = {
    "output_bound": "output bound", "timeout": "time-out", "base_url": "base URL", "api_key": "API key",
    "http_client": "HTTP client",
}  # fmt: skip
_LONGEST = 160
_PREFIX = re.compile(r"([\w-]+)[/:]")


class State(StrEnum):
    """Who decides about a role: the project, the SDK, something that cannot be read, nobody."""

    SET = "set"
    DEFAULT = "default"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Role:
    """The value in force for one role.

    `value` is a number, a boolean or a text, `None` where there is none or it is not shown; `shown` is what
    people read ("600 s", "set", "missing").
    """

    state: State
    value: float | str | bool | None
    shown: str
    origin: Origin
    place: Place | None
    keyword: str
    note: str

    @property
    def source(self) -> str:
        """Who says so, short: `call`, `client`, `SDK default`; empty where nothing is known."""
        if self.state is State.DEFAULT:
            return "SDK default"
        if self.origin is Origin.SDK:
            return ""
        return str(self.origin)


@dataclass(frozen=True, slots=True)
class Row:
    """One model call. `through` is the call that a caller of a function of the project reaches by it."""

    entry: Entry
    provider: str
    subject: str
    roles: Mapping[str, Role]
    attempts: Attempts
    wait: Wait
    errors: Errors

    @property
    def call(self) -> Call:
        """The facts of the call."""
        return self.entry.call

    @property
    def redaction(self) -> Redaction:
        """The redaction on the way."""
        return self.entry.redaction

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the findings at the call, each once."""
        return tuple(dict.fromkeys(one.code for one in self.entry.findings))


@dataclass(frozen=True, slots=True)
class Page:
    """What is written: model calls and, apart from them, callers of functions that reach one.

    `roles` are those asked for, empty for the choice of the format. The counts are of all that was looked at.
    """

    calls: tuple[Row, ...]
    wrapper_calls: tuple[Row, ...]
    roles: tuple[str, ...]
    files: int
    unreadable: int

    @property
    def rows(self) -> tuple[Row, ...]:
        """Both kinds in the order of paths and lines."""
        return tuple(sorted((*self.calls, *self.wrapper_calls), key=_order))


def page(
    found: Inventory, *, sdk: Sequence[str] = (), roles: Sequence[str] = (), wrappers: bool = True
) -> Page:
    """Make the rows of the calls of these SDKs or providers (all, where none is named)."""
    rows = [row(entry) for entry in found.entries if wrappers or entry.call.through is None]
    if sdk:
        wanted = {one.lower() for one in sdk}
        rows = [one for one in rows if wanted & {one.call.sdk, one.call.title.lower(), one.provider.lower()}]
    return Page(
        tuple(one for one in rows if one.call.through is None),
        tuple(one for one in rows if one.call.through is not None),
        tuple(roles),
        found.files,
        found.unreadable,
    )


def row(entry: Entry) -> Row:
    """Make the row of one call."""
    call = entry.call
    writes = call.kind in (Kind.TEXT, Kind.AGENT)
    # An SDK's default for all of its operations says nothing about one that sends no text back.
    known = [name for name in ROLES if name in call.settings and (writes or name != "output_bound")]
    roles = {name: role(name, call.settings[name], hidden=name in entry.hidden) for name in known}
    tries = attempts(entry)
    return Row(entry, provider(call), _subject(call), roles, tries, wait(call, tries), errors(entry))


def role(name: str, setting: Setting, *, hidden: bool = False) -> Role:
    """Say what is in force for one role."""
    value: float | str | bool | None = None
    if setting.missing:
        state, shown = State.MISSING, "missing" if setting.origin is Origin.SDK else "switched off"
    elif not setting.known:
        state, shown = State.UNKNOWN, "unknown"
    else:
        state = State.DEFAULT if setting.origin is Origin.SDK else State.SET
        value = None if hidden else _value(name, setting.value)
        shown = "set" if value is None else _shown(name, value)
    return Role(state, value, shown, setting.origin, setting.place, setting.keyword, setting.note)


def _value(name: str, value: object) -> float | str | bool | None:
    if name not in SHOWN:
        return None
    if isinstance(value, bool | int | float):
        return value
    if not isinstance(value, str):
        return None
    if name == "base_url":
        return _host(value)
    # What has blanks in it is no model name, and may be a text that is nobody's business.
    return plain(value)[:_LONGEST] if name == "model" and value and not any(map(str.isspace, value)) else None


def _host(address: str) -> str | None:
    """Return scheme, host and port: user, path and query can hold a credential."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    return plain(f"{parts.scheme}://{parts.hostname}{port}")[:_LONGEST] if parts.hostname else None


def _shown(name: str, value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    return f"{value:g} s" if name == "timeout" else f"{value:g}" if isinstance(value, float) else str(value)


def provider(call: Call) -> str:
    """Return whose model is called: the SDK's provider, else the model name's, else the SDK."""
    own = sdks.load(call.sdk).provider
    if own:
        return own
    name = call.setting("model").value
    if isinstance(name, str):
        known = models.find(name)
        if known is not None:
            return known.provider
        # Gateways name the provider in front: "groq/llama-3", "openai:my-deployment".
        prefix = _PREFIX.match(name)
        if prefix and prefix[1] in _owners():
            return prefix[1]
    return call.title


@cache
def _owners() -> frozenset[str]:
    return frozenset(sdks.load(name).provider for name in sdks.heads()) - {""}


def title(name: str) -> str:
    """Return how a role is called in headings."""
    return TITLES.get(name, name.replace("_", " "))


def _subject(call: Call) -> str:
    """Return what is called as the code names it; anything but names could hold a value, and is left out."""
    named = all(part.isidentifier() for part in call.subject.split("."))
    return call.subject if named else call.operation


def where(place: Place, *, column: bool = False) -> str:
    """Return a place as `path:line`, or `path:line:column`."""
    return plain(f"{place}:{place.column}" if column else str(place))


def count(states: Iterable[State]) -> dict[State, int]:
    """Count the states, in their order."""
    some = list(states)
    return {state: some.count(state) for state in State}


def _order(one: Row) -> tuple[object, ...]:
    place = one.call.place
    return place.path, place.cell, place.line, place.column, one.call.through is not None
