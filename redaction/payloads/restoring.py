"""Puts originals back into answers: whole bodies, and streams of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation
    from callsafe.redaction.stream import StreamRestorer

_JSON_FIELDS = {"arguments", "partial_json"}
_JSON_ANSWERS = {"content", "text", "response"}
_PROSE = {"summary_text", "reasoning_text", "refusal"}
"""Parts of an answer that are no JSON also where the request asked for JSON."""
_OPAQUE_TEXT = {"signature", "thoughtSignature", "encrypted_content", "b64_json", "data"}
_OPAQUE_FIELDS = {"logprobs", "embedding", "embeddings", "reasoningContent"}
_FREE = {"args", "arguments", "input", "parameters"}
"""Where the arguments of a tool stand as an object: its fields have whatever names the tool gave them."""


def restore_response(body: JSON, conversation: Conversation, *, wants_json: bool = False) -> bool:
    """Put originals into every text of an answer, in place; returns whether anything changed.

    `wants_json` says that the answer itself is JSON in a string, where originals must be escaped.
    """
    return _Restoring(conversation, wants_json).fields(body)


class _Restoring:
    """Restores the texts of one answer; `skip` names the fields that a stream's restorer has seen already."""

    __slots__ = ("_plain", "_quoted", "skip", "wants_json")

    def __init__(self, conversation: Conversation, wants_json: bool) -> None:
        self._plain = conversation.restorer()
        self._quoted = conversation.restorer("json")
        self.wants_json = wants_json
        self.skip: frozenset[tuple[int, str]] = frozenset()

    def fields(self, value: JSON, *, free: bool = False) -> bool:
        """Restore what a list or an object holds, in place; `free` where every field is a text to restore."""
        if isinstance(value, list):
            return self._elements(value, free)
        if not isinstance(value, dict):
            return False
        changed = False
        names: dict[str, str] = {}
        for key, field in value.items():
            if isinstance(field, str):
                restored = self._text(value, key, field, free)
                if restored != field:
                    value[key] = restored
                    changed = True
            elif free or key not in _OPAQUE_FIELDS:
                changed |= self.fields(field, free=free or (key in _FREE and isinstance(field, dict)))
            if not key.isidentifier() or key[0].isupper():
                name = self._plain.restore(key)
                if name != key and name not in value and name not in names.values():
                    names[key] = name
        if names:
            renamed = {names.get(key, key): field for key, field in value.items()}
            value.clear()
            value.update(renamed)
        return changed or bool(names)

    def _elements(self, elements: list[Any], free: bool) -> bool:
        changed = False
        for index, element in enumerate(elements):
            if isinstance(element, str):
                restored = self._plain.restore(element)
                if restored != element:
                    elements[index] = restored
                    changed = True
            else:
                changed |= self.fields(element, free=free)
        return changed

    def _text(self, holder: dict[str, Any], key: str, text: str, free: bool) -> str:
        if free:
            return self._plain.restore(text)
        if key in _OPAQUE_TEXT or (id(holder), key) in self.skip or _is_signed(holder, key):
            return text
        answer = self.wants_json and key in _JSON_ANSWERS and holder.get("type") not in _PROSE
        return (self._quoted if answer or key in _JSON_FIELDS else self._plain).restore(text)


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

    __slots__ = ("_conversation", "_events", "_last", "_restorers", "_wants_json", "_whole")

    def __init__(
        self, events: Events | None, conversation: Conversation, *, wants_json: bool = False
    ) -> None:
        self._events = events
        self._conversation = conversation
        self._whole = _Restoring(conversation, wants_json)
        self._wants_json = wants_json
        self._restorers: dict[Channel, StreamRestorer] = {}
        self._last: dict[Channel, tuple[JSON, object]] = {}

    def feed(self, event: JSON, frame: object = None) -> tuple[list[tuple[JSON, object]], bool]:
        """Restore an event in place.

        Returns the events to send before it, each with the frame it goes in, and whether the event changed.
        """
        if isinstance(event, dict) and (event.get("error") or event.get("type") == "error"):
            return self.finish(), False  # it becomes an exception, which must hold no original
        if self._events is None or not isinstance(event, (dict, list)):
            return [], self._whole.fields(event)
        deltas = list(self._events.deltas(event))
        here = {delta.channel for delta in deltas}
        ending = tuple(self._events.ends(event))
        before = self._flush(ending, but=here)
        changed = False
        for delta in deltas:
            changed |= self._continue(delta, event, frame, ending)
        self._whole.skip = frozenset((id(delta.holder), delta.key) for delta in deltas)
        changed |= self._whole.fields(event)
        return before, changed

    def text(self, text: str) -> str:
        """Restore an event that is no JSON."""
        return self._conversation.restore(text)

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
