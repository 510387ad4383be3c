"""Mistral's conversations: turns that the provider keeps; its chat is OpenAI's format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.openai import CHAT, CONVERSATION
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA = Kind.KEEP, Kind.TEXT, Kind.DATA

_ENTRY: dict[str, Any] = {
    **keep("object type role id name tool_call_id model agent_id prefix created_at completed_at"),
    "content": CHAT["messages"]["content"], "result": TEXT, "arguments": Kind.ARGUMENTS, "info": DATA,
}  # fmt: skip
_START: dict[str, Any] = CONVERSATION | {
    **keep("model agent_id agent_version store stream handoff_execution from_entry_id"),
    "inputs": _ENTRY, "instructions": TEXT, "name": TEXT, "description": TEXT, "tools": CHAT["tools"],
    "completion_args": {key: CHAT[key] for key in CHAT if key not in ("messages", "tools")},
}  # fmt: skip


def _deltas(event: JSON) -> Iterator[Delta]:
    kind = event.get("type") if isinstance(event, dict) else None
    if kind == "message.output.delta":
        content = event.get("content")
        channel = ("message", event.get("output_index"), event.get("content_index"))
        if isinstance(content, str):
            yield Delta(event, "content", channel)
        elif isinstance(content, dict) and isinstance(content.get("text"), str):
            yield Delta(content, "text", channel)
    elif kind in ("function.call.delta", "tool.execution.delta") and isinstance(event.get("arguments"), str):
        yield Delta(event, "arguments", ("call", event.get("tool_call_id") or event.get("id")), json=True)


def _ends(event: JSON) -> Iterator[Channel]:
    kind = event.get("type") if isinstance(event, dict) else None
    if kind in ("conversation.response.done", "conversation.response.error", "agent.handoff.started"):
        yield ()
    elif kind in ("function.call.delta", "tool.execution.started"):
        yield ("message",)
    elif kind == "tool.execution.done":
        yield ("call", event.get("id"))


def _carrier(event: JSON, channel: Channel, text: str) -> JSON:
    return event | {"content" if channel[0] == "message" else "arguments": text}


def _wants_json(body: JSON) -> bool:
    arguments = body.get("completion_args") if isinstance(body, dict) else None
    shape = arguments.get("response_format") if isinstance(arguments, dict) else None
    return isinstance(shape, dict) and str(shape.get("type", "")).startswith("json")


EVENTS = Events(_deltas, _ends, _carrier)

PAYLOADS = (
    (r"/conversations",
     Payload("mistral-conversations", _START, EVENTS, wants_json=_wants_json, history=("items",))),
    (r"/conversations/[^/]+(/restart)?",
     Payload("mistral-turns", _START, EVENTS, wants_json=_wants_json, history=("inputs",))),
)  # fmt: skip
"""Path endings and the format of what is posted there; OpenAI's conversations have the first address, too."""
