"""Ollama's wire formats: chat, generate and embed, streamed as JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.openai import CHAT
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA, SCHEMA, IMAGE = Kind.KEEP, Kind.TEXT, Kind.DATA, Kind.SCHEMA, Kind.IMAGE

_SETTINGS: dict[str, Any] = keep(
        """
        model stream keep_alive options raw truncate dimensions think logprobs top_logprobs width
        height steps
        """
    ) | {"options": keep(
        """
        num_ctx num_predict num_keep num_batch num_gpu num_thread seed temperature top_k top_p
        min_p typical_p tfs_z repeat_last_n repeat_penalty presence_penalty frequency_penalty
        mirostat mirostat_tau mirostat_eta penalize_newline numa main_gpu use_mmap low_vram
        """
    ) | {"stop": TEXT},
    "format": SCHEMA}  # fmt: skip
_CALL = {"id": KEEP, "function": {"name": KEEP, "arguments": DATA, "index": KEEP}}
_REQUEST: dict[str, Any] = _SETTINGS | {
    "messages": {"role": KEEP, "content": TEXT, "thinking": TEXT, "images": IMAGE, "tool_calls": _CALL,
                 "tool_name": KEEP, "tool_call_id": KEEP},
    "tools": CHAT["tools"], "prompt": TEXT, "suffix": TEXT, "system": TEXT, "template": TEXT, "context": KEEP,
    "images": IMAGE, "input": TEXT,
}  # fmt: skip
_MODEL_REQUEST = keep(
    """
        model name stream insecure source destination from files adapters quantize verbose
        parameters
        """
) | {"system": TEXT, "template": TEXT, "license": TEXT, "messages": _REQUEST["messages"]}


def _deltas(event: JSON) -> Iterator[Delta]:
    if not isinstance(event, dict):
        return
    message = event.get("message")
    for holder, keys in ((message, ("content", "thinking")), (event, ("response", "thinking"))):
        for key in keys:
            if isinstance(holder, dict) and isinstance(holder.get(key), str):
                yield Delta(
                    holder, key, ("message" if holder is message else "event", key), text=key != "thinking"
                )


def _ends(event: JSON) -> Iterator[Channel]:
    if isinstance(event, dict) and event.get("done"):
        yield ()


def _carrier(event: JSON, channel: Channel, text: str) -> JSON:
    place, key = channel
    lone = {name: event[name] for name in ("model", "created_at") if name in event} | {"done": False}
    return lone | (
        {"message": {"role": "assistant", "content": "", key: text}} if place == "message" else {key: text}
    )


def _wants_json(body: JSON) -> bool:
    return isinstance(body, dict) and bool(body.get("format"))


EVENTS = Events(_deltas, _ends, _carrier)
_PAYLOAD = Payload("ollama", _REQUEST, EVENTS, wants_json=_wants_json, history=("context",))

PAYLOADS = (
    (r"/api/(chat|generate)", _PAYLOAD),
    (r"/api/(embed|embeddings)", Payload("ollama-embed", _REQUEST, restores=False)),
    (r"/api/(show|pull|push|create|copy|delete)", Payload("ollama-models", _MODEL_REQUEST)),
)
"""Path endings and the format of what is posted there."""
