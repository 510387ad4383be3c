"""What a payload module builds on: the conversation it redacts with, and the shape of a wire format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

JSON = Any
"""A parsed JSON value; what it may be is told by the shape it is read with."""


Channel = tuple[Any, ...]
"""Names one text among those that a stream interleaves, for example ("content", 0)."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of text in a stream's event: where it stands, and which text it continues."""

    holder: dict[str, Any]
    key: str
    channel: Channel
    json: bool = False
    """The text is the inside of JSON (tool arguments), so originals are escaped."""
    text: bool = True
    """The text is an answer to read; it is JSON all the same when the request asked for JSON."""


@dataclass(frozen=True, slots=True)
class Events:
    """How one provider streams: where texts continue, where they end, how to send one alone."""

    deltas: Callable[[JSON], Iterable[Delta]]
    """The pieces of text in an event, in order."""
    ends: Callable[[JSON], Iterable[Channel]]
    """Channels (or their prefixes) that this event ends, or that nothing may follow."""
    carrier: Callable[[JSON, Channel, str], JSON]
    """An event like the given one that carries this text on this channel and nothing else."""


def either(*formats: Events) -> Events:
    """Return events that are read as the first of these formats that finds text in one."""

    def deltas(event: JSON) -> Iterable[Delta]:
        for number, each in enumerate(formats):
            found = list(each.deltas(event))
            if found:
                return [replace(delta, channel=(number, *delta.channel)) for delta in found]
        return []

    def ends(event: JSON) -> Iterable[Channel]:
        return [(number, *end) for number, each in enumerate(formats) for end in each.ends(event)]

    def carrier(event: JSON, channel: Channel, text: str) -> JSON:
        return formats[channel[0]].carrier(event, channel[1:], text)

    return Events(deltas, ends, carrier)


@dataclass(frozen=True, slots=True)
class Payload:
    """One wire format, both ways."""

    name: str
    request: Any
    """The shape of the request body; see `callsafe.redaction.payloads.shapes`."""
    events: Events | None = None
    restores: bool = True
    """False where an answer holds no text (embeddings), so that it need not be read."""
    wants_json: Callable[[JSON], bool] = field(default=lambda _body: False)
    """Whether the request asks for an answer that is JSON, so that originals are escaped in it."""
    history: tuple[str, ...] = ()
    """Fields by which a request continues, or begins, a conversation that the provider keeps."""
