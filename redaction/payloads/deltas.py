"""Pieces of text in fields of a `delta` that no format names: each is continued by the same field of the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events

_STRUCTURE = {
    "role", "type", "id", "name", "format", "object", "status", "signature", "data", "encrypted_content",
    "call_id", "tool_call_id", "index",
}  # fmt: skip
_ENDS = ("completed", "complete", "done", "failed", "incomplete", "error", "stop", "end")
Path = tuple[str | int, ...]
"""Names of fields, and numbers of the elements of a list."""


def pieces(holder: dict[str, Any], skip: set[str] | frozenset[str] = frozenset()) -> Iterator[Delta]:
    """Yield the strings in a delta, but for fields of structure and those to skip; the channel is the path."""
    yield from _pieces({key: value for key, value in holder.items() if key not in skip}, holder, ())


def _pieces(fields: dict[str, Any], holder: dict[str, Any], path: Path) -> Iterator[Delta]:
    for key, value in fields.items():
        if isinstance(value, str):
            if key not in _STRUCTURE:
                inside_json = key in ("arguments", "partial_json")
                yield Delta(holder, key, (*path, key), json=inside_json, text=False)
        elif isinstance(value, dict):
            yield from _pieces(value, value, (*path, key))
        elif isinstance(value, list):
            for position, element in enumerate(value):
                if isinstance(element, dict):
                    at = element.get("index", position)
                    at = at if isinstance(at, int) else position
                    yield from _pieces(element, element, (*path, key, at))


def nested(path: Path, text: str) -> Any:
    """Return a delta with nothing but this text at a path."""
    made: Any = text
    for step in reversed(path):
        made = [made | {"index": step}] if isinstance(step, int) else {step: made}
    return made


def _deltas(event: JSON) -> Iterator[Delta]:
    delta = event.get("delta") if isinstance(event, dict) else None
    if isinstance(delta, dict) and event.get("type") != "content_block_delta":  # of signed thinking
        place = (event.get("type") or event.get("object"), event.get("id"), event.get("index"))
        for piece in pieces(delta):
            yield Delta(piece.holder, piece.key, (place, *piece.channel), json=piece.json, text=False)


def _ends(event: JSON) -> Iterator[Channel]:
    if isinstance(event, dict) and "delta" not in event:
        kind = event.get("type") or event.get("status")
        if isinstance(kind, str) and kind.endswith(_ENDS):
            yield ()


def _carrier(event: JSON, channel: Channel, text: str) -> JSON:
    return event | {"delta": nested(channel[1:], text)}


EVENTS = Events(_deltas, _ends, _carrier)
"""For streams of events that are not known and have a `delta`, such as those of OpenAI's threads."""
