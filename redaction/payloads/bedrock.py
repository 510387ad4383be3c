"""Amazon Bedrock: converse, and invoke_model with the bodies of the model families it serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads import anthropic
from callsafe.redaction.payloads.model import JSON, Channel, Delta, Events, Payload
from callsafe.redaction.payloads.shapes import Kind, keep

KEEP, TEXT, DATA, SCHEMA = Kind.KEEP, Kind.TEXT, Kind.DATA, Kind.SCHEMA
IMAGE, AUDIO, SIGNED = Kind.IMAGE, Kind.AUDIO, Kind.SIGNED

_CACHE_POINT = {"type": KEEP, "ttl": KEEP}
_SOURCE: dict[str, Any] = {"bytes": IMAGE, "s3Location": {"uri": KEEP, "bucketOwner": KEEP}, "text": TEXT}
_MEDIA = {"format": KEEP, "source": _SOURCE, "name": TEXT, "context": TEXT, "citations": {"enabled": KEEP}}
_BLOCK: dict[str, Any] = {
    "text": TEXT, "image": _MEDIA, "document": Kind.FILE, "json": DATA, "cachePoint": _CACHE_POINT,
    "video": {"format": KEEP, "source": AUDIO}, "audio": {"format": KEEP, "source": AUDIO},
    "toolUse": {"toolUseId": KEEP, "name": KEEP, "input": DATA, "type": KEEP},
    "guardContent": {"text": {"text": TEXT, "qualifiers": KEEP}, "image": _MEDIA},
    "reasoningContent": {"reasoningText": {"text": SIGNED, "signature": KEEP}, "redactedContent": KEEP},
    "citationsContent": {"content": {"text": TEXT}, "citations": DATA},
    "searchResult": {
        "source": TEXT, "title": TEXT, "content": {"text": TEXT}, "citations": {"enabled": KEEP}
    },
}  # fmt: skip
_BLOCK["toolResult"] = {"toolUseId": KEEP, "status": KEEP, "content": _BLOCK, "type": KEEP}
_SOURCE["content"] = _BLOCK
_TOOL = {"toolSpec": {"name": KEEP, "description": TEXT, "inputSchema": {"json": SCHEMA}, "strict": KEEP},
         "cachePoint": _CACHE_POINT, "systemTool": {"name": KEEP}}  # fmt: skip

CONVERSE: dict[str, Any] = {
    "modelId": KEEP, "messages": {"role": KEEP, "content": _BLOCK}, "system": _BLOCK,
    "inferenceConfig": keep("maxTokens max_new_tokens temperature topP topK") | {"stopSequences": TEXT},
    "toolConfig": {"tools": _TOOL, "toolChoice": {"auto": KEEP, "any": KEEP, "tool": {"name": KEEP}}},
    "guardrailConfig": keep("guardrailIdentifier guardrailVersion trace streamProcessingMode"),
    "additionalModelRequestFields": DATA, "additionalModelResponseFieldPaths": KEEP, "requestMetadata": DATA,
    "promptVariables": DATA, "performanceConfig": {"latency": KEEP}, "serviceTier": {"type": KEEP},
    "outputConfig": DATA,
}  # fmt: skip

INVOKE: dict[str, Any] = CONVERSE | anthropic.MESSAGES | {
    "messages": {"role": KEEP, "content": anthropic.MESSAGES["messages"]["content"] | _BLOCK},
    "system": anthropic.MESSAGES["system"] | _BLOCK, "inputText": TEXT, "inputImage": IMAGE, "prompt": TEXT,
    "texts": TEXT, "message": TEXT, "schemaVersion": KEEP, "max_gen_len": KEEP, "maxTokens": KEEP,
    "input_type": KEEP,
    "textGenerationConfig": keep("temperature topP maxTokenCount") | {"stopSequences": TEXT},
    "max_new_tokens": KEEP, "stop": TEXT, "p": KEEP, "k": KEEP, "embedding_types": KEEP, "truncate": KEEP,
    "dimensions": KEEP, "normalize": KEEP, "api_version": KEEP, "seed": KEEP, "num_generations": KEEP,
}  # fmt: skip


def _deltas(event: JSON) -> Iterator[Delta]:
    block = event.get("contentBlockDelta") if isinstance(event, dict) else None
    if not isinstance(block, dict) or not isinstance(block.get("delta"), dict):
        return
    delta = block["delta"]
    index = block.get("contentBlockIndex", 0)
    if isinstance(delta.get("text"), str):
        yield Delta(delta, "text", (index, "text"))
    tool = delta.get("toolUse")
    if isinstance(tool, dict) and isinstance(tool.get("input"), str):
        yield Delta(tool, "input", (index, "toolUse"), json=True)


def _ends(event: JSON) -> Iterator[Channel]:
    if not isinstance(event, dict):
        return
    if isinstance(event.get("contentBlockStop"), dict):
        yield (event["contentBlockStop"].get("contentBlockIndex", 0),)
    elif "messageStop" in event or any(name.endswith("Exception") for name in event):
        yield ()


def _carrier(_event: JSON, channel: Channel, text: str) -> JSON:
    index, kind = channel
    delta = {"text": text} if kind == "text" else {"toolUse": {"input": text}}
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}}


CONVERSE_EVENTS = Events(_deltas, _ends, _carrier)

_ANSWERS = ("outputText", "generation", "completion", "text")
"""Where Titan, Llama, old Claude and Cohere say what they say."""


def _family(event: JSON) -> Events | None:
    if isinstance(event, dict) and str(event.get("type", "")).startswith(
        ("message_", "content_block_", "error")
    ):
        return anthropic.EVENTS
    if isinstance(event, dict) and any(name.startswith(("contentBlock", "message")) for name in event):
        return CONVERSE_EVENTS
    return None


def _invoke_deltas(event: JSON) -> Iterator[Delta]:
    family = _family(event)
    if family is not None:
        yield from family.deltas(event)
        return
    for name in _ANSWERS:
        if isinstance(event, dict) and isinstance(event.get(name), str):
            yield Delta(event, name, ("answer", name))


def _invoke_ends(event: JSON) -> Iterator[Channel]:
    family = _family(event)
    if family is not None:
        yield from family.ends(event)
    elif isinstance(event, dict) and any(
        event.get(name) for name in ("stop_reason", "completionReason", "is_finished", "finish_reason")
    ):
        yield ()


def _invoke_carrier(event: JSON, channel: Channel, text: str) -> JSON:
    family = _family(event)
    if family is not None:
        return family.carrier(event, channel, text)
    return {key: value for key, value in event.items() if key in ("index", "event_type")} | {channel[1]: text}


PAYLOADS = (
    (r"/model/[^/]+/converse(-stream)?", Payload("bedrock-converse", CONVERSE, CONVERSE_EVENTS)),
    (r"/model/[^/]+/invoke(-with-response-stream)?",
     Payload("bedrock-invoke", INVOKE, Events(_invoke_deltas, _invoke_ends, _invoke_carrier),
             wants_json=anthropic.wants_json)),
)  # fmt: skip
"""Path endings and the format of what is posted there."""
