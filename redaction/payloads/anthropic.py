"""Anthropic's messages: system, blocks, tools and their results; signed thinking goes back as it came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA, SCHEMA = Kind.KEEP, Kind.TEXT, Kind.DATA, Kind.SCHEMA
IMAGE, SIGNED = Kind.IMAGE, Kind.SIGNED

_CACHE = {"type": KEEP, "ttl": KEEP}
_BLOCK: dict[str, Any] = {
    "type": KEEP, "id": KEEP, "tool_use_id": KEEP, "is_error": KEEP, "cache_control": _CACHE, "name": KEEP,
    "text": TEXT, "title": Kind.FILENAME, "context": TEXT, "input": DATA, "caller": DATA, "tool_name": KEEP,
    "thinking": SIGNED, "signature": KEEP, "data": KEEP, "encrypted_content": KEEP, "encrypted_index": KEEP,
    "encrypted_stdout": KEEP, "file_id": KEEP, "url": TEXT, "page_age": TEXT, "error_code": KEEP,
    "server_name": KEEP, "stdout": TEXT, "stderr": TEXT, "return_code": KEEP,
}  # fmt: skip
_BLOCK["content"] = _BLOCK
_BLOCK["source"] = _BLOCK | {"media_type": KEEP, "data": IMAGE, "url": IMAGE}
_BLOCK["citations"] = {
    "enabled": KEEP, "type": KEEP, "cited_text": TEXT, "document_title": Kind.FILENAME, "title": TEXT, "url": TEXT,
    "source": TEXT, "encrypted_index": KEEP, "file_id": KEEP,
    **keep(
        """
        document_index start_char_index end_char_index start_page_number end_page_number
        start_block_index end_block_index search_result_index
        """
    ),
}  # fmt: skip

_TOOL: dict[str, Any] = {
    "type": KEEP, "name": KEEP, "description": TEXT, "input_schema": SCHEMA, "cache_control": _CACHE,
    "strict": KEEP,
    "input_examples": DATA, "max_uses": KEEP, "allowed_domains": KEEP, "blocked_domains": KEEP,
    "user_location": DATA, "display_width_px": KEEP, "display_height_px": KEEP, "display_number": KEEP,
    "max_characters": KEEP, "citations": {"enabled": KEEP}, "max_content_tokens": KEEP, "defer_loading": KEEP,
    "allowed_callers": KEEP, "eager_input_streaming": KEEP,
}  # fmt: skip

MESSAGES: dict[str, Any] = {
    **keep(
        """
        model max_tokens max_tokens_to_sample stream temperature top_p top_k
        service_tier inference_geo container betas anthropic_version anthropic_beta speed
        """
    ),
    "stop_sequences": TEXT, "system": _BLOCK, "messages": {"role": KEEP, "content": _BLOCK}, "tools": _TOOL,
    "tool_choice": {"type": KEEP, "name": KEEP, "disable_parallel_tool_use": KEEP},
    "thinking": {"type": KEEP, "budget_tokens": KEEP, "display": KEEP}, "metadata": {"user_id": TEXT},
    "output_format": {"type": KEEP, "schema": SCHEMA}, "prompt": TEXT, "cache_control": _CACHE,
    "output_config": {"effort": KEEP, "format": {"type": KEEP, "schema": SCHEMA}, "task_budget": DATA},
    "context_management": DATA,
    "mcp_servers": {"type": KEEP, "name": KEEP, "url": KEEP, "authorization_token": KEEP,
                    "tool_configuration": {"enabled": KEEP, "allowed_tools": KEEP}},
}  # fmt: skip
_BATCH = {"requests": {"custom_id": TEXT, "params": MESSAGES}}


def _deltas(event: JSON) -> Iterator[Delta]:
    if not isinstance(event, dict):
        return
    if event.get("type") == "completion" and isinstance(event.get("completion"), str):
        yield Delta(event, "completion", ("completion",))
        return
    delta = event.get("delta")
    if event.get("type") != "content_block_delta" or not isinstance(delta, dict):
        return
    if isinstance(delta.get("text"), str):
        yield Delta(delta, "text", (event.get("index"), "text_delta", "text"))
    elif isinstance(delta.get("partial_json"), str):
        yield Delta(
            delta, "partial_json", (event.get("index"), "input_json_delta", "partial_json"), json=True
        )


def _ends(event: JSON) -> Iterator[Channel]:
    kind = event.get("type") if isinstance(event, dict) else None
    if kind == "content_block_stop":
        yield (event.get("index"),)
    elif kind in ("message_delta", "message_stop", "error") or (
        kind == "completion" and event.get("stop_reason")
    ):
        yield ()


def _carrier(event: JSON, channel: Channel, text: str) -> JSON:
    if channel == ("completion",):
        return event | {"completion": text, "stop_reason": None}
    index, kind, key = channel
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, key: text}}


EVENTS = Events(_deltas, _ends, _carrier)


def wants_json(body: JSON) -> bool:
    """Whether the request asks for structured output."""
    if not isinstance(body, dict):
        return False
    config = body.get("output_config")
    return bool(body.get("output_format") or (isinstance(config, dict) and config.get("format")))


MESSAGES_PAYLOAD = Payload("anthropic-messages", MESSAGES, EVENTS, wants_json=wants_json)

PAYLOADS = (
    (r"/messages(/count_tokens)?", MESSAGES_PAYLOAD),
    (r"/messages/batches", Payload("anthropic-batches", _BATCH)),
    (r"/v1/complete", Payload("anthropic-complete", MESSAGES, EVENTS)),
    (r":(rawPredict|streamRawPredict)", MESSAGES_PAYLOAD),
)
"""Path endings and the format of what is posted there."""
