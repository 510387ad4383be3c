"""Cohere's wire formats: chat in its first and second version, embed, rerank and the older endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.openai import CHAT
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA, SCHEMA = Kind.KEEP, Kind.TEXT, Kind.DATA, Kind.SCHEMA
IMAGE = Kind.IMAGE

_SETTINGS: dict[str, Any] = keep(
    """
        model stream temperature max_tokens max_input_tokens k p seed
        frequency_penalty presence_penalty raw_prompting prompt_truncation search_queries_only
        citation_quality force_single_step safety_mode strict_tools logprobs tool_choice priority
        num_generations truncate return_likelihoods input_type embedding_types output_dimension
        top_n max_chunks_per_doc max_tokens_per_doc return_documents rank_fields length format
        extractiveness preset conversation_id
        """
) | {
    "stop_sequences": TEXT,
    "end_sequences": TEXT,
    "response_format": {"type": KEEP, "schema": SCHEMA, "json_schema": SCHEMA},
}

_PART = {
    "type": KEEP, "text": TEXT, "thinking": TEXT, "image_url": IMAGE, "document": {"id": KEEP, "data": DATA},
}  # fmt: skip
_MESSAGE = CHAT["messages"] | {"content": _PART, "tool_plan": TEXT, "citations": DATA, "message": TEXT}
CHAT_V2: dict[str, Any] = _SETTINGS | {
    "messages": _MESSAGE, "tools": CHAT["tools"], "documents": {"id": KEEP, "data": DATA},
    "citation_options": {"mode": KEEP}, "thinking": {"type": KEEP, "token_budget": KEEP},
}  # fmt: skip
_CALL = {"name": KEEP, "parameters": DATA, "generation_id": KEEP, "id": KEEP}
_TURN = {
    "role": KEEP, "message": TEXT, "user_name": TEXT, "tool_calls": _CALL,
    "tool_results": {"call": _CALL, "outputs": DATA},
}  # fmt: skip
CHAT_V1: dict[str, Any] = _SETTINGS | {
    "message": TEXT, "preamble": TEXT, "preamble_override": TEXT, "chat_history": _TURN, "documents": DATA,
    "connectors": DATA, "tools": {"name": KEEP, "description": TEXT, "parameter_definitions": SCHEMA},
    "tool_results": _TURN["tool_results"],
}  # fmt: skip
_EMBED = _SETTINGS | {
    "texts": TEXT,
    "images": IMAGE,
    "inputs": {"content": _PART},
    "query": TEXT,
    "documents": DATA,
}
_OLDER = _SETTINGS | {"prompt": TEXT, "text": TEXT, "inputs": TEXT, "examples": {"text": TEXT, "label": TEXT}}


def _v2_deltas(event: JSON) -> Iterator[Delta]:
    delta = event.get("delta") if isinstance(event, dict) else None
    message = delta.get("message") if isinstance(delta, dict) else None
    if not isinstance(message, dict) or not str(event.get("type", "")).endswith("-delta"):
        return
    index = event.get("index")
    content, call = message.get("content"), message.get("tool_calls")
    if isinstance(content, dict):
        for key in ("text", "thinking"):
            if isinstance(content.get(key), str):
                yield Delta(content, key, ("content", index, key), text=key == "text")
    if isinstance(message.get("tool_plan"), str):
        yield Delta(message, "tool_plan", ("plan",), text=False)
    function = call.get("function") if isinstance(call, dict) else None
    if isinstance(function, dict) and isinstance(function.get("arguments"), str):
        yield Delta(function, "arguments", ("call", index), json=True)


def _v2_ends(event: JSON) -> Iterator[Channel]:
    kind = event.get("type") if isinstance(event, dict) else None
    if kind == "content-end":
        yield ("content", event.get("index"))
    elif kind == "tool-call-end":
        yield ("call", event.get("index"))
    elif kind == "tool-call-start":
        yield ("plan",)
    elif kind == "message-end":
        yield ()


def _v2_carrier(event: JSON, channel: Channel, text: str) -> JSON:
    kind, *rest = channel
    message: dict[str, Any]
    if kind == "content":
        message = {"content": {rest[1]: text}}
    elif kind == "plan":
        message = {"tool_plan": text}
    else:
        message = {"tool_calls": {"function": {"arguments": text}}}
    lone = {"type": event["type"], "delta": {"message": message}}
    return lone | ({"index": event["index"]} if "index" in event else {})


def _v1_deltas(event: JSON) -> Iterator[Delta]:
    kind = event.get("event_type") if isinstance(event, dict) else None
    if kind == "text-generation" and isinstance(event.get("text"), str):
        yield Delta(event, "text", ("text",))
    elif kind == "tool-calls-chunk" and isinstance(event.get("text"), str):
        yield Delta(event, "text", ("plan",), text=False)
    delta = event.get("tool_call_delta") if kind == "tool-calls-chunk" else None
    if isinstance(delta, dict) and isinstance(delta.get("parameters"), str):
        yield Delta(delta, "parameters", ("call", delta.get("index")), json=True)


def _v1_ends(event: JSON) -> Iterator[Channel]:
    if isinstance(event, dict) and event.get("event_type") in ("stream-end", "tool-calls-generation"):
        yield ()


def _v1_carrier(event: JSON, channel: Channel, text: str) -> JSON:
    lone = {"event_type": event["event_type"], "is_finished": False}
    if channel[0] == "call":
        return lone | {"tool_call_delta": {"index": channel[1], "parameters": text}}
    return lone | {"text": text}


def _wants_json(body: JSON) -> bool:
    shape = body.get("response_format") if isinstance(body, dict) else None
    return isinstance(shape, dict) and str(shape.get("type", "")).startswith("json")


PAYLOADS = (
    (r"/v2/chat",
     Payload("cohere-chat", CHAT_V2, Events(_v2_deltas, _v2_ends, _v2_carrier), wants_json=_wants_json)),
    (r"/v1/chat",
     Payload("cohere-chat-1", CHAT_V1, Events(_v1_deltas, _v1_ends, _v1_carrier), wants_json=_wants_json,
             history=("conversation_id",))),
    (r"/v[12]/embed", Payload("cohere-embed", _EMBED)),
    (r"/v[12]/rerank", Payload("cohere-rerank", _EMBED)),
    (r"/v1/(generate|classify|summarize|tokenize)", Payload("cohere-older", _OLDER)),
)  # fmt: skip
"""Path endings and the format of what is posted there."""
