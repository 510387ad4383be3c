"""How Anthropic's API answers: messages, whole and streamed, with thinking and tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.redaction.wires.server import Recorded, Reply, json_reply, pieces, sse

SIGNATURE = "c2lnbmVk"


def said_by(content: Any) -> str:
    """Return the text of a message's content; that of a tool's result, too."""
    if isinstance(content, str):
        return content
    return " ".join(said_by(part.get("text") or part.get("content") or "") for part in content)


def blocks(body: Any) -> list[Any]:
    """Return the content of the answer."""
    said = said_by(body["messages"][-1]["content"])
    content: list[Any] = []
    if body.get("thinking"):
        content.append({"type": "thinking", "thinking": f"they say {said}", "signature": SIGNATURE})
    content.append({"type": "text", "text": said})
    if body.get("tools"):
        content += [
            {"type": "tool_use", "id": f"toolu_{i}", "name": "note", "input": {"said": said}}
            for i in range(2)
        ]
    return content


def respond(request: Recorded) -> Reply:
    """Answer a request to any of Anthropic's endpoints."""
    body = request.json
    if request.path.partition("?")[0].endswith("/count_tokens"):
        return json_reply({"input_tokens": 3})
    if request.path.partition("?")[0].endswith("/batches"):
        counts = {"processing": 1, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
        return json_reply(
            {
                "id": "b",
                "type": "message_batch",
                "processing_status": "in_progress",
                "request_counts": counts,
                "created_at": "2026-01-01T00:00:00Z",
                "expires_at": "2026-01-02T00:00:00Z",
            }
        )
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": blocks(body),
        "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip
    return sse(_events(message), named=True) if body.get("stream") else json_reply(message)


def _events(message: Any) -> Iterator[Any]:
    yield {"type": "message_start", "message": message | {"content": [], "stop_reason": None}}
    yield {"type": "ping"}
    for index, block in enumerate(message["content"]):
        yield from block_events(index, block)
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 1}}
    yield {"type": "message_stop"}


def block_events(index: int, block: Any) -> Iterator[Any]:
    """Yield the events of one block."""

    def delta(value: Any) -> Any:
        return {"type": "content_block_delta", "index": index, "delta": value}

    if block["type"] == "text":
        yield {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
        for piece in pieces(block["text"]):
            yield delta({"type": "text_delta", "text": piece})
    elif block["type"] == "thinking":
        empty = {"type": "thinking", "thinking": "", "signature": ""}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for piece in pieces(block["thinking"]):
            yield delta({"type": "thinking_delta", "thinking": piece})
        yield delta({"type": "signature_delta", "signature": block["signature"]})
    else:
        yield {"type": "content_block_start", "index": index, "content_block": block | {"input": {}}}
        for piece in pieces(json.dumps(block["input"], ensure_ascii=False)):
            yield delta({"type": "input_json_delta", "partial_json": piece})
    yield {"type": "content_block_stop", "index": index}
