"""OpenAI's wire formats: chat, responses, completions, embeddings, moderations; spoken by many others too."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from callsafe.redaction.payloads.deltas import nested, pieces
from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA, ARGUMENTS = Kind.KEEP, Kind.TEXT, Kind.DATA, Kind.ARGUMENTS
SCHEMA, NAME, IMAGE, AUDIO, SIGNED = Kind.SCHEMA, Kind.NAME, Kind.IMAGE, Kind.AUDIO, Kind.SIGNED
FILENAME = Kind.FILENAME

SETTINGS: dict[str, Any] = keep(
    """
        model models background best_of echo encoding_format dimensions frequency_penalty include
        logit_bias logprobs max_completion_tokens max_output_tokens max_tokens max_tool_calls
        min_tokens modalities n parallel_tool_calls presence_penalty
        prompt_cache_retention random_seed repetition_penalty safe_prompt seed service_tier
        store stream strict temperature thinking_budget top_k top_logprobs top_p truncation
        verbosity reasoning_effort reasoning_format citation_options provider route echo do_sample
        """
) | {
    "stream_options": keep("include_usage include_obfuscation"),
    "metadata": DATA,
    "user": TEXT,
    "safety_identifier": TEXT,
    "prompt_cache_key": TEXT,
    "stop": TEXT,
}
"""Settings of generation, common to OpenAI and those who speak its formats."""

_FUNCTION = {"name": KEEP, "description": TEXT, "parameters": SCHEMA, "strict": KEEP}
_TOOL: dict[str, Any] = {
    "type": KEEP, "function": _FUNCTION, "custom": {"name": KEEP, "description": TEXT, "format": DATA},
    **_FUNCTION,
    # hosted tools of the responses API; what is not named here is free data
    "vector_store_ids": KEEP, "max_num_results": KEEP, "search_context_size": KEEP, "server_label": KEEP,
    "server_url": KEEP, "server_description": TEXT, "allowed_tools": KEEP, "require_approval": KEEP,
    "authorization": KEEP, "connector_id": KEEP, "headers": Kind.OPAQUE, "display_width": KEEP,
    "display_height": KEEP, "environment": KEEP, "user_location": DATA, "filters": DATA,
}  # fmt: skip
_CALLED = {"name": KEEP, "arguments": ARGUMENTS}
_CHAT_PART: dict[str, Any] = {
    "type": KEEP, "text": TEXT, "refusal": TEXT, "image_url": IMAGE, "input_audio": AUDIO, "audio_url": AUDIO,
    "video_url": AUDIO, "file": {"file_data": IMAGE, "filename": FILENAME, "file_id": KEEP},
    "document_url": IMAGE, "thinking": TEXT, "signature": KEEP,
    "document_image_limit": KEEP, "document_page_limit": KEEP, "prompt_cache_breakpoint": KEEP,
    "reference_ids": KEEP, "cache_control": KEEP, "closed": KEEP,
}  # fmt: skip
_CHAT_PART["thinking"] = _CHAT_PART
_MESSAGE: dict[str, Any] = {
    "role": KEEP, "content": _CHAT_PART, "name": NAME, "refusal": TEXT, "reasoning_content": TEXT,
    "reasoning": TEXT, "tool_call_id": KEEP, "prefix": KEEP, "audio": {"id": KEEP},
    "function_call": _CALLED, "annotations": DATA,
    "tool_calls": {
        "id": KEEP, "type": KEEP, "index": KEEP, "function": _CALLED,
        "custom": {"name": KEEP, "input": TEXT},
    },
}  # fmt: skip
_CHOICE = {"type": KEEP, "mode": KEEP, "name": KEEP, "function": {"name": KEEP}, "custom": {"name": KEEP},
           "server_label": KEEP,
           "tools": {"type": KEEP, "name": KEEP, "function": {"name": KEEP}}}  # fmt: skip
_CHOICE["allowed_tools"] = _CHOICE
_SCHEMA_FORMAT = {
    "name": KEEP,
    "description": TEXT,
    "schema": SCHEMA,
    "schema_definition": SCHEMA,
    "strict": KEEP,
}

CHAT: dict[str, Any] = SETTINGS | {
    "messages": _MESSAGE, "tools": _TOOL, "functions": _FUNCTION,
    "tool_choice": _CHOICE | {"function": {"name": KEEP}},
    "function_call": _CHOICE,
    "response_format": {"type": KEEP, "json_schema": _SCHEMA_FORMAT, "schema": SCHEMA},
    "prediction": {"type": KEEP, "content": _CHAT_PART}, "audio": {"voice": KEEP, "format": KEEP},
    "web_search_options": {"search_context_size": KEEP, "user_location": DATA}, "moderation": {"model": KEEP},
    "documents": DATA, "prompt_mode": KEEP, "guided_json": SCHEMA,
}  # fmt: skip

_ITEM_PART: dict[str, Any] = {
    "type": KEEP, "text": TEXT, "refusal": TEXT, "annotations": DATA, "image_url": IMAGE, "file_id": KEEP,
    "file_data": IMAGE, "file_url": IMAGE, "filename": FILENAME, "detail": KEEP, "logprobs": KEEP,
    "input_audio": AUDIO, "prompt_cache_breakpoint": KEEP,
}  # fmt: skip
_ITEM: dict[str, Any] = _ITEM_PART | {
    "id": KEEP, "role": KEEP, "status": KEEP, "phase": KEEP, "content": _ITEM_PART, "call_id": KEEP,
    "name": KEEP,
    "namespace": KEEP, "arguments": ARGUMENTS, "output": _ITEM_PART, "input": TEXT, "encrypted_content": KEEP,
    "summary": {"type": KEEP, "text": TEXT}, "server_label": KEEP, "approval_request_id": KEEP,
    "approve": KEEP,
    "reason": TEXT, "queries": TEXT, "code": TEXT, "container_id": KEEP, "acknowledged_safety_checks": DATA,
    "result": IMAGE, "tools": _TOOL, "error": TEXT, "created_by": KEEP,
}  # fmt: skip

RESPONSES: dict[str, Any] = SETTINGS | {
    "instructions": _ITEM, "input": _ITEM, "tools": _TOOL, "tool_choice": _CHOICE,
    "previous_response_id": KEEP,
    "conversation": {"id": KEEP}, "context_management": DATA,
    "prompt": {"id": KEEP, "version": KEEP, "variables": DATA},
    "text": {"verbosity": KEEP, "format": {"type": KEEP, **_SCHEMA_FORMAT}}, "items": _ITEM,
    "reasoning": {"effort": KEEP, "summary": KEEP, "generate_summary": KEEP},
    "prompt_cache_options": {"ttl": KEEP},
}  # fmt: skip

CONVERSATION: dict[str, Any] = {"items": _ITEM, "metadata": DATA}
COMPLETIONS: dict[str, Any] = SETTINGS | {"prompt": TEXT, "suffix": TEXT}
EMBEDDINGS: dict[str, Any] = SETTINGS | {"input": TEXT, "output_dtype": KEEP, "output_dimension": KEEP}
MODERATIONS: dict[str, Any] = SETTINGS | {"input": _MESSAGE | _CHAT_PART}
SPEECH: dict[str, Any] = SETTINGS | {
    "input": TEXT, "instructions": TEXT, "voice": KEEP, "response_format": KEEP, "speed": KEEP,
    "stream_format": KEEP,
}  # fmt: skip
IMAGES: dict[str, Any] = SETTINGS | {
    "prompt": TEXT, "image": IMAGE, "mask": IMAGE, "size": KEEP, "quality": KEEP, "style": KEEP,
    "background": KEEP,
    "response_format": KEEP, "output_format": KEEP, "output_compression": KEEP, "moderation": KEEP,
    "partial_images": KEEP,
}  # fmt: skip
JOB: dict[str, Any] = SETTINGS | keep(
    """
        input_file_id endpoint completion_window training_file validation_file suffix method
        """
)


_KNOWN_DELTAS = frozenset(
    ("content", "refusal", "reasoning_content", "reasoning", "tool_calls", "function_call")
)


def _chat_deltas(event: JSON) -> Iterator[Delta]:
    for index, choice in enumerate(_choices(event)):
        which = choice.get("index", index)
        if isinstance(choice.get("text"), str):  # completions
            yield Delta(choice, "text", (which, "text"))
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            continue
        for key in ("content", "refusal", "reasoning_content", "reasoning"):
            if isinstance(delta.get(key), str):
                yield Delta(delta, key, (which, key), text=key == "content")
        content = delta.get("content")
        for part in content if isinstance(content, list) else ():
            for kind, piece in _part_texts(part):
                yield Delta(piece, "text", (which, kind), text=kind == "part")
        for position, call in enumerate(delta.get("tool_calls") or ()):
            called = call.get("index", position)
            for holder, key, in_json in (("function", "arguments", True), ("custom", "input", False)):
                inner = call.get(holder)
                if isinstance(inner, dict) and isinstance(inner.get(key), str):
                    yield Delta(inner, key, (which, "call", called, holder), json=in_json, text=False)
        call = delta.get("function_call")
        if isinstance(call, dict) and isinstance(call.get("arguments"), str):
            yield Delta(call, "arguments", (which, "function_call"), json=True, text=False)
        for other in pieces(delta, _KNOWN_DELTAS):  # audio.transcript, reasoning_details
            yield replace(other, channel=(which, "other", *other.channel))


def _part_texts(part: JSON) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the texts of a content part: Mistral streams parts where it thinks or cites."""
    if not isinstance(part, dict):
        return
    if isinstance(part.get("text"), str):
        yield "part", part
    thinking = part.get("thinking")
    for inner in thinking if isinstance(thinking, list) else ():
        if isinstance(inner, dict) and isinstance(inner.get("text"), str):
            yield "thinking", inner


def _chat_ends(event: JSON) -> Iterator[Channel]:
    for index, choice in enumerate(_choices(event)):
        which = choice.get("index", index)
        if choice.get("finish_reason"):
            yield (which,)
        elif isinstance(choice.get("delta"), dict) and choice["delta"].get("tool_calls"):
            yield (which, "content")


def _chat_carrier(event: JSON, channel: Channel, text: str) -> JSON:
    which, kind, *rest = channel
    lone = {key: value for key, value in event.items() if key not in ("choices", "usage")}
    if kind == "text":
        return lone | {"choices": [{"index": which, "text": text, "logprobs": None, "finish_reason": None}]}
    delta: dict[str, Any]
    if kind == "call":
        called, holder = rest
        key = "arguments" if holder == "function" else "input"
        delta = {"tool_calls": [{"index": called, holder: {key: text}}]}
    elif kind == "function_call":
        delta = {"function_call": {"arguments": text}}
    elif kind == "other":
        delta = nested(tuple(rest), text)
    elif kind == "part":
        delta = {"content": [{"type": "text", "text": text}]}
    elif kind == "thinking":
        delta = {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]}
    else:
        delta = {kind: text}
    return lone | {"choices": [{"index": which, "delta": delta, "finish_reason": None}]}


def _choices(event: JSON) -> list[Any]:
    choices = event.get("choices") if isinstance(event, dict) else None
    return choices if isinstance(choices, list) else []


CHAT_EVENTS = Events(_chat_deltas, _chat_ends, _chat_carrier)

_PLACE = ("item_id", "output_index", "content_index", "summary_index")
_INSIDE_JSON = ("function_call_arguments", "mcp_call_arguments")


def _response_channel(event: dict[str, Any], base: str) -> Channel:
    return (event.get("output_index"), base, *(event.get(key) for key in _PLACE))


def _response_deltas(event: JSON) -> Iterator[Delta]:
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str) or not kind.endswith(".delta") or not isinstance(event.get("delta"), str):
        return
    base = kind.removesuffix(".delta")
    if base != "response.audio":
        answer = base == "response.output_text"
        yield Delta(
            event, "delta", _response_channel(event, base), json=base.endswith(_INSIDE_JSON), text=answer
        )


def _response_ends(event: JSON) -> Iterator[Channel]:
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str):
        return
    if kind in ("response.completed", "response.failed", "response.incomplete", "error"):
        yield ()
    elif kind == "response.output_item.done":
        yield (event.get("output_index"),)
    elif kind.endswith(".done"):
        yield _response_channel(event, kind.removesuffix(".done"))


def _response_carrier(event: JSON, _channel: Channel, text: str) -> JSON:
    lone = copy.copy(event)
    lone["delta"] = text
    if "logprobs" in lone:
        lone["logprobs"] = []
    return lone


RESPONSE_EVENTS = Events(_response_deltas, _response_ends, _response_carrier)


def _chat_wants_json(body: JSON) -> bool:
    shape = body.get("response_format") if isinstance(body, dict) else None
    return isinstance(shape, dict) and str(shape.get("type", "")).startswith("json")


def _response_wants_json(body: JSON) -> bool:
    text = body.get("text") if isinstance(body, dict) else None
    shape = text.get("format") if isinstance(text, dict) else None
    return isinstance(shape, dict) and str(shape.get("type", "")).startswith("json")


PAYLOADS = (
    (r"/chat/completions", Payload("openai-chat", CHAT, CHAT_EVENTS, wants_json=_chat_wants_json)),
    (r"/agents/completions", Payload("mistral-agents", CHAT | {"agent_id": KEEP}, CHAT_EVENTS)),
    (r"/responses(/input_tokens|/compact)?",
     Payload("openai-responses", RESPONSES, RESPONSE_EVENTS, wants_json=_response_wants_json,
             history=("previous_response_id", "conversation"))),
    (r"/conversations/[^/]+/items", Payload("openai-conversations", CONVERSATION, history=("items",))),
    (r"(?<!chat)(?<!agents)/completions", Payload("openai-completions", COMPLETIONS, CHAT_EVENTS)),
    (r"/embeddings", Payload("openai-embeddings", EMBEDDINGS, restores=False)),
    (r"(/chat)?/moderations", Payload("openai-moderations", MODERATIONS)),
    (r"/audio/speech", Payload("openai-speech", SPEECH)),
    (r"/images/(generations|edits|variations)", Payload("openai-images", IMAGES)),
    (r"/(batches|fine_tuning/jobs)", Payload("openai-job", JOB)),
)  # fmt: skip
"""Path endings and the format of what is posted there."""
