"""Puts originals back into answers: whole bodies, and streams of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation
    from callsafe.redaction.stream import StreamRestorer

_JSON_FIELDS = {"arguments", "partial_json"}
_OPAQUE_TEXT = {"signature", "thoughtSignature", "encrypted_content", "b64_json", "data"}
_OPAQUE_FIELDS = {"logprobs", "embedding", "embeddings", "reasoningContent"}


def restore_response(body: JSON, conversation: Conversation, *, wants_json: bool = False) -> bool:
    """Put originals into every text of an answer, in place; returns whether anything changed.

    `wants_json` says that the answer itself is JSON in a string, where originals must be escaped.
    """
    return _restore(body, conversation, wants_json, frozenset())


def _restore(
    value: JSON, conversation: Conversation, wants_json: bool, skip: frozenset[tuple[int, str]]
) -> bool:
    if isinstance(value, list):
        changed = False
        for index, element in enumerate(value):
            if isinstance(element, str):
                restored = conversation.restore(element)
                if restored != element:
                    value[index] = restored
                    changed = True
            elif isinstance(element, (dict, list)):
                changed |= _restore(element, conversation, wants_json, skip)
        return changed
    if not isinstance(value, dict):
        return False
    changed = False
    for key, field in list(value.items()):
        if isinstance(field, str):
            if key in _OPAQUE_TEXT or (id(value), key) in skip or _is_signed(value, key):
                continue
            inside_json = key in _JSON_FIELDS or (wants_json and key in ("content", "text", "response"))
            restored = (
                conversation.restore(field, escape="json") if inside_json else conversation.restore(field)
            )
            if restored != field:
                value[key] = restored
                changed = True
        elif isinstance(field, (dict, list)) and key not in _OPAQUE_FIELDS:
            changed |= _restore(field, conversation, wants_json, skip)
        if not key.isidentifier():
            name = conversation.restore(key)
            if name != key:
                value[name] = value.pop(key)
                changed = True
    return changed


def _is_signed(holder: dict[str, Any], key: str) -> bool:
    """Whether a text belongs to a block that the provider signed and wants back as it was."""
    return key == "thinking" and (
        holder.get("type") in ("thinking", "thinking_delta") or "signature" in holder
    )


class EventRestorer:
    """Restores one stream of events; each of its texts has a restorer of its own.

    Nothing is held back but a possible prefix of a placeholder, and that is sent before the event that ends
    its text, in an event of its own.
    """

    __slots__ = ("_conversation", "_events", "_last", "_restorers", "_wants_json")

    def __init__(
        self, events: Events | None, conversation: Conversation, *, wants_json: bool = False
    ) -> None:
        self._events = events
        self._conversation = conversation
        self._wants_json = wants_json
        self._restorers: dict[Channel, StreamRestorer] = {}
        self._last: dict[Channel, tuple[JSON, object]] = {}

    def feed(self, event: JSON, frame: object = None) -> tuple[list[tuple[JSON, object]], bool]:
        """Restore an event in place.

        Returns the events to send before it, each with the frame it goes in, and whether the event changed.
        """
        if self._events is None or not isinstance(event, (dict, list)):
            return [], restore_response(event, self._conversation, wants_json=self._wants_json)
        deltas = list(self._events.deltas(event))
        here = {delta.channel for delta in deltas}
        ending = tuple(self._events.ends(event))
        before = self._flush(ending, but=here)
        changed = False
        for delta in deltas:
            changed |= self._continue(delta, event, frame, ending)
        skip = frozenset((id(delta.holder), delta.key) for delta in deltas)
        changed |= _restore(event, self._conversation, self._wants_json, skip)
        return before, changed

    def finish(self) -> list[tuple[JSON, object]]:
        """Return the events that carry what is still held back; the stream has ended, or broken."""
        return self._flush(((),), but=frozenset())

    def _continue(self, delta: Delta, event: JSON, frame: object, ending: tuple[Channel, ...]) -> bool:
        text = delta.holder[delta.key]
        restorer = self._restorers.get(delta.channel)
        if restorer is None:
            inside_json = delta.json or (self._wants_json and delta.text)
            restorer = self._conversation.stream(escape="json" if inside_json else None)
            self._restorers[delta.channel] = restorer
        restored = restorer.feed(text)
        if any(delta.channel[: len(prefix)] == prefix for prefix in ending):
            restored += restorer.flush()
            del self._restorers[delta.channel]
        delta.holder[delta.key] = restored
        self._last[delta.channel] = (event, frame)
        return bool(restored != text)

    def _flush(
        self, prefixes: tuple[Channel, ...], but: set[Channel] | frozenset[Channel]
    ) -> list[tuple[JSON, object]]:
        if not prefixes or self._events is None:
            return []
        flushed = []
        for channel in list(self._restorers):
            if channel in but or not any(channel[: len(prefix)] == prefix for prefix in prefixes):
                continue
            held = self._restorers.pop(channel).flush()
            event, frame = self._last.pop(channel)
            if held:
                flushed.append((self._events.carrier(event, channel, held), frame))
        return flushed
