"""Gemini's wire formats: contents and function calls (Gemini API and Vertex), embeddings, interactions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA, SCHEMA = Kind.KEEP, Kind.TEXT, Kind.DATA, Kind.SCHEMA
IMAGE, SIGNED, ARGUMENTS = Kind.IMAGE, Kind.SIGNED, Kind.ARGUMENTS


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _both(shape: dict[str, Any]) -> dict[str, Any]:
    """Return a shape that knows each field by both of the names that Google's JSON accepts."""
    return shape | {_camel(name): known for name, known in shape.items()}


_PART = _both(
    {
        "text": TEXT,
        "thought": KEEP,
        "thought_signature": KEEP,
        "inline_data": _both({"mime_type": KEEP, "data": IMAGE, "display_name": Kind.FILENAME}),
        "file_data": _both({"mime_type": KEEP, "file_uri": IMAGE, "display_name": Kind.FILENAME}),
        "function_call": {"id": KEEP, "name": KEEP, "args": DATA},
        "function_response": _both(
            {"id": KEEP, "name": KEEP, "response": DATA, "scheduling": KEEP, "will_continue": KEEP}
        ),
        "executable_code": {"language": KEEP, "code": TEXT},
        "code_execution_result": {"outcome": KEEP, "output": TEXT},
        "video_metadata": DATA,
        "media_resolution": DATA,
    }
)
_CONTENT = {"role": KEEP, "parts": _PART}
_DECLARATION = _both(
    {
        "name": KEEP, "description": TEXT, "parameters": SCHEMA, "parameters_json_schema": SCHEMA,
        "response": SCHEMA,
        "response_json_schema": SCHEMA, "behavior": KEEP,
    }
)  # fmt: skip
_SETTINGS = keep(
    """
        temperature top_p top_k candidate_count max_output_tokens presence_penalty
        frequency_penalty seed response_mime_type response_logprobs logprobs response_modalities
        media_resolution audio_timestamp enable_enhanced_civic_answers
        """
)
_CONFIG = _both(
    _SETTINGS
    | {
        "stop_sequences": TEXT, "response_schema": SCHEMA, "response_json_schema": SCHEMA, "speech_config": DATA,
        "image_config": DATA,
        "thinking_config": _both({"include_thoughts": KEEP, "thinking_budget": KEEP, "thinking_level": KEEP}),
        "routing_config": DATA,
    }
)  # fmt: skip
GENERATE: dict[str, Any] = _both(
    {
        "model": KEEP, "contents": _CONTENT, "content": _CONTENT, "system_instruction": _CONTENT,
        "cached_content": KEEP, "tools": _both({"function_declarations": _DECLARATION}),
        "tool_config": _both(
            {
                "function_calling_config": _both({"mode": KEEP, "allowed_function_names": KEEP}),
                "retrieval_config": DATA,
            }
        ),
        "safety_settings": {"category": KEEP, "threshold": KEEP, "method": KEEP},
        "generation_config": _CONFIG,
        "labels": DATA, "store": KEEP, "service_tier": KEEP, "title": TEXT, "task_type": KEEP,
        "output_dimensionality": KEEP, "ttl": KEEP, "display_name": TEXT,
    }
)  # fmt: skip
GENERATE["generateContentRequest"] = GENERATE
_PREDICT = {
    "instances": _both({"content": TEXT, "prompt": TEXT, "title": TEXT, "task_type": KEEP}),
    "parameters": DATA,
}

_STEP: dict[str, Any] = {
    "type": KEEP, "id": KEEP, "call_id": KEEP, "name": KEEP, "text": TEXT, "arguments": DATA,
    "data": IMAGE, "uri": IMAGE,
    "mime_type": KEEP, "signature": KEEP, "is_error": KEEP, "role": KEEP, "status": KEEP, "resolution": KEEP,
    "server_name": KEEP,
}  # fmt: skip
_STEP |= {"content": _STEP, "result": _STEP, "summary": _STEP, "steps": _STEP, "output": _STEP}
_FORMAT = {"type": KEEP, "mime_type": KEEP, "schema": SCHEMA, "name": KEEP}
INTERACTION: dict[str, Any] = keep(
        """
        model agent background cached_content continuation_token previous_interaction_id
        response_mime_type response_modalities service_tier store stream environment
        """
    ) | {
    "input": _STEP, "system_instruction": TEXT, "generation_config": _CONFIG | {"tool_choice": DATA},
    "response_format": _FORMAT, "labels": DATA, "agent_config": DATA, "webhook_config": Kind.OPAQUE,
    "tools": {"type": KEEP, **_DECLARATION, "url": KEEP, "headers": Kind.OPAQUE, "allowed_tools": KEEP},
    "safety_settings": {"category": KEEP, "type": KEEP, "threshold": KEEP, "method": KEEP},
}  # fmt: skip


def _candidates(event: JSON) -> Iterator[tuple[int, dict[str, Any], list[Any]]]:
    # without `alt=sse` the stream is one JSON array, which is restored as a whole
    candidates = event.get("candidates") if isinstance(event, dict) else None
    for position, candidate in enumerate(candidates if isinstance(candidates, list) else ()):
        if isinstance(candidate, dict):
            content = candidate.get("content")
            parts = content.get("parts") if isinstance(content, dict) else None
            yield candidate.get("index", position), candidate, parts if isinstance(parts, list) else []


def _deltas(event: JSON) -> Iterator[Delta]:
    for index, _, parts in _candidates(event):
        for part in parts:
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                thought = bool(part.get("thought"))
                yield Delta(part, "text", (index, "thought" if thought else "text"), text=not thought)


def _ends(event: JSON) -> Iterator[Channel]:
    for index, candidate, parts in _candidates(event):
        if candidate.get("finishReason"):
            yield (index,)
        elif any(isinstance(part, dict) and "functionCall" in part for part in parts):
            yield (index, "text")


def _carrier(event: JSON, channel: Channel, text: str) -> JSON:
    index, kind = channel
    part = {"text": text, "thought": True} if kind == "thought" else {"text": text}
    lone = {
        key: value
        for key, value in event.items()
        if key not in ("candidates", "usageMetadata", "promptFeedback")
    }
    return lone | {"candidates": [{"index": index, "content": {"role": "model", "parts": [part]}}]}


EVENTS = Events(_deltas, _ends, _carrier)


def _step_deltas(event: JSON) -> Iterator[Delta]:
    if not isinstance(event, dict) or event.get("event_type") not in ("step.delta", "content.delta"):
        return
    delta = event.get("delta")
    if not isinstance(delta, dict):
        return
    if isinstance(delta.get("text"), str):
        yield Delta(delta, "text", (event.get("index"), "text"))
    elif isinstance(delta.get("arguments"), str):
        yield Delta(delta, "arguments", (event.get("index"), "arguments"), json=True)
    elif isinstance(delta.get("content"), dict) and isinstance(delta["content"].get("text"), str):
        yield Delta(delta["content"], "text", (event.get("index"), "summary"), text=False)


def _step_ends(event: JSON) -> Iterator[Channel]:
    kind = event.get("event_type") if isinstance(event, dict) else None
    if kind in ("step.stop", "content.stop"):
        yield (event.get("index"),)
    elif kind in ("interaction.completed", "interaction.complete", "error"):
        yield ()


def _step_carrier(event: JSON, channel: Channel, text: str) -> JSON:
    _, key = channel
    if key == "summary":
        return event | {"delta": event["delta"] | {"content": event["delta"]["content"] | {"text": text}}}
    return event | {"delta": event["delta"] | {key: text}}


def _wants_json(body: JSON) -> bool:
    config = body.get("generationConfig") or body.get("generation_config") if isinstance(body, dict) else None
    mime = (
        config.get("responseMimeType") or config.get("response_mime_type")
        if isinstance(config, dict)
        else None
    )
    return mime == "application/json"


def _interaction_wants_json(body: JSON) -> bool:
    return isinstance(body, dict) and (
        body.get("response_mime_type") == "application/json"
        or "application/json" in str(body.get("response_format"))
    )


_GENERATE = Payload("gemini-generate", GENERATE, EVENTS, wants_json=_wants_json, history=("cachedContent",))
_EMBED = Payload("gemini-embed", {"requests": GENERATE} | GENERATE, restores=False)

PAYLOADS = (
    (r":(generateContent|streamGenerateContent|countTokens|computeTokens)", _GENERATE),
    (r":(embedContent|batchEmbedContents)", _EMBED),
    (r":predict", Payload("vertex-predict", _PREDICT)),
    (r":batchGenerateContent",
     Payload("gemini-batch", {"batch": {"displayName": TEXT, "inputConfig": {
         "fileName": KEEP, "requests": {"requests": {"request": GENERATE, "metadata": DATA}}}}})),
    (r"/cachedContents", Payload("gemini-cache", GENERATE, history=("contents", "systemInstruction"))),
    (r"/interactions",
     Payload("gemini-interactions", INTERACTION, Events(_step_deltas, _step_ends, _step_carrier),
             wants_json=_interaction_wants_json, history=("previous_interaction_id", "cached_content"))),
)  # fmt: skip
"""Path endings and the format of what is posted there."""
