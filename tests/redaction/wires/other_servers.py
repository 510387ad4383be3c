"""How Gemini, Cohere, Ollama, Hugging Face and Bedrock answer."""

from __future__ import annotations

import binascii
import json
import struct
from collections.abc import Iterator
from typing import Any

from tests.redaction.wires import anthropic_server
from tests.redaction.wires.server import Recorded, Reply, json_lines, json_reply, pieces, sse


def gemini(request: Recorded) -> Reply:
    """Answer as the Gemini API."""
    path, _, query = request.path.partition("?")
    body = request.json
    if path.endswith("/interactions"):
        return _interaction(body)
    if path.endswith(":countTokens"):
        return json_reply({"totalTokens": 3})
    if path.endswith((":embedContent", ":batchEmbedContents")):
        return json_reply({"embedding": {"values": [0.5]}, "embeddings": [{"values": [0.5]}]})
    part = body["contents"][-1]["parts"][-1]
    said = part.get("text") or part["functionResponse"]["response"]["said"]
    config = body.get("generationConfig") or {}
    if config.get("responseMimeType") == "application/json":
        said = json.dumps({"said": said})
    count = config.get("candidateCount") or 1
    calls = [{"functionCall": {"name": "note", "args": {"said": said}}}] if body.get("tools") else []

    def chunk(index: int, parts: list[Any], finish: str | None = None) -> Any:
        candidate: dict[str, Any] = {"index": index, "content": {"role": "model", "parts": parts}}
        return {"candidates": [candidate | ({"finishReason": finish} if finish else {})], "modelVersion": "m"}

    if path.endswith(":streamGenerateContent"):
        assert "alt=sse" in query
        chunks = [chunk(i, [{"text": piece}]) for piece in pieces(said) for i in range(count)]
        chunks += [chunk(i, calls or [{"text": ""}], "STOP") for i in range(count)]
        return sse(chunks)
    candidates = [chunk(i, [{"text": said}, *calls], "STOP")["candidates"][0] for i in range(count)]
    return json_reply({"candidates": candidates, "modelVersion": "m"})


def _interaction(body: Any) -> Reply:
    said = body["input"] if isinstance(body["input"], str) else body["input"][-1]["text"]
    step = {"type": "model_output", "content": [{"type": "text", "text": said}]}
    whole = {"id": "int-1", "object": "interaction", "status": "completed", "model": "m", "steps": [step],
             "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z"}  # fmt: skip
    if not body.get("stream"):
        return json_reply(whole)
    events: list[Any] = [
        {"event_type": "interaction.created", "interaction": whole | {"steps": [], "status": "in_progress"}},
        {"event_type": "step.start", "index": 0, "step": step | {"content": []}},
        *(
            {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": piece}}
            for piece in pieces(said)
        ),
        {"event_type": "step.stop", "index": 0},
        {"event_type": "interaction.completed", "interaction": whole | {"steps": []}},
    ]
    return sse(events, done=True)


def cohere(request: Recorded) -> Reply:
    """Answer as Cohere, in both of its versions."""
    body = request.json
    path = request.path
    if path.endswith("/v2/chat"):
        return _cohere_v2(body)
    if path.endswith("/v1/chat"):
        said = body["message"]
        if body.get("stream"):
            events = [{"event_type": "stream-start", "is_finished": False, "generation_id": "g"}]
            events += [
                {"event_type": "text-generation", "is_finished": False, "text": each} for each in pieces(said)
            ]
            end = {
                "response": {"text": said, "generation_id": "g"},
                "finish_reason": "COMPLETE",
                "is_finished": True,
            }
            return json_lines([*events, {"event_type": "stream-end", **end}], "application/stream+json")
        return json_reply(
            {"text": said, "generation_id": "g", "chat_history": body.get("chat_history") or []}
        )
    if path.endswith("/rerank"):
        return json_reply({"id": "r", "results": [{"index": 0, "relevance_score": 0.5}]})
    return json_reply(
        {
            "id": "e",
            "embeddings": {"float": [[0.5]]},
            "texts": body["texts"],
            "response_type": "embeddings_by_type",
        }
    )


def _cohere_v2(body: Any) -> Reply:
    content = body["messages"][-1]["content"]
    said = content if isinstance(content, str) else content[0]["text"]
    arguments = json.dumps({"said": said}, ensure_ascii=False)
    call = {"id": "c", "type": "function", "function": {"name": "note", "arguments": arguments}}
    if not body.get("stream"):
        message: dict[str, Any] = {"role": "assistant", "content": [{"type": "text", "text": said}]}
        if body.get("tools"):
            message |= {"tool_calls": [call], "tool_plan": said}
        return json_reply({"id": "1", "finish_reason": "COMPLETE", "message": message})

    def event(kind: str, index: int | None, message: Any) -> Any:
        return {"type": kind, "delta": {"message": message}} | ({} if index is None else {"index": index})

    events: list[Any] = [{"type": "message-start", "id": "1", "delta": {"message": {"role": "assistant"}}}]
    if body.get("tools"):
        events += [event("tool-plan-delta", None, {"tool_plan": piece}) for piece in pieces(said)]
        empty = call | {"function": {"name": "note", "arguments": ""}}
        events.append(event("tool-call-start", 0, {"tool_calls": empty}))
        for piece in pieces(arguments):
            events.append(event("tool-call-delta", 0, {"tool_calls": {"function": {"arguments": piece}}}))
        events.append({"type": "tool-call-end", "index": 0})
    else:
        events.append(event("content-start", 0, {"content": {"type": "text", "text": ""}}))
        events += [event("content-delta", 0, {"content": {"text": piece}}) for piece in pieces(said)]
        events.append({"type": "content-end", "index": 0})
    return sse([*events, {"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}], named=True)


def ollama(request: Recorded) -> Reply:
    """Answer as Ollama."""
    body = request.json
    common = {"model": "m", "created_at": "2026-01-01T00:00:00Z"}
    if request.path.endswith("/embed"):
        return json_reply({"model": "m", "embeddings": [[0.5]]})
    chat = request.path.endswith("/chat")
    said = body["messages"][-1]["content"] if chat else body["prompt"]
    if body.get("format"):
        said = json.dumps({"said": said})

    def event(text: str, done: bool, calls: Any = None) -> Any:
        if not chat:
            return common | {"response": text, "done": done}
        message = {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})
        return common | {"message": message, "done": done}

    calls = [{"function": {"name": "note", "arguments": {"said": said}}}] if body.get("tools") else None
    if body.get("stream"):
        events = [event(piece, False) for piece in pieces(said)]
        return json_lines([*events, event("", True, calls)])
    return json_reply(event(said, True, calls))


def huggingface(request: Recorded) -> Reply:
    """Answer as a text-generation server."""
    body = request.json
    said = body["inputs"]
    if body.get("stream"):
        events = [
            {
                "index": i,
                "token": {"id": i, "text": piece, "logprob": -1.0, "special": False},
                "generated_text": None,
            }
            for i, piece in enumerate(pieces(said))
        ]
        events[-1]["generated_text"] = said
        return sse(events)
    return json_reply([{"generated_text": said}])


def bedrock(request: Recorded) -> Reply:
    """Answer as bedrock-runtime."""
    body = request.json
    action = request.path.rpartition("/")[2]
    if action.startswith("invoke"):
        if "inputText" in body:
            return _titan(body["inputText"], action)
        reply = anthropic_server.respond(
            Recorded("POST", "/v1/messages", {}, json.dumps(body | {"stream": action != "invoke"}).encode())
        )
        if action == "invoke":
            return reply
        frames = [json.loads(frame.partition(b"data: ")[2]) for frame in reply.chunks]
        return _event_stream(("chunk", {"bytes": _base64(json.dumps(frame).encode())}) for frame in frames)
    blocks = body["messages"][-1]["content"]
    said = next(block["text"] for block in blocks if "text" in block)
    content: list[Any] = [{"text": said}]
    if body.get("toolConfig"):
        content.append({"toolUse": {"toolUseId": "t", "name": "note", "input": {"said": said}}})
    if action == "converse":
        usage = {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}
        return json_reply(
            {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn",
             "usage": usage, "metrics": {"latencyMs": 1}}
        )  # fmt: skip
    return _event_stream(_converse_events(content))


def _titan(said: str, action: str) -> Reply:
    if action == "invoke":
        return json_reply(
            {"inputTextTokenCount": 1, "results": [{"outputText": said, "completionReason": "FINISH"}]}
        )
    events = [{"outputText": piece, "index": 0, "completionReason": None} for piece in pieces(said)]
    events.append({"outputText": "", "index": 0, "completionReason": "FINISH"})
    return _event_stream(("chunk", {"bytes": _base64(json.dumps(event).encode())}) for event in events)


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def _converse_events(content: list[Any]) -> Iterator[tuple[str, Any]]:
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(content):
        place = {"contentBlockIndex": index}
        if "text" in block:
            for piece in pieces(block["text"]):
                yield "contentBlockDelta", place | {"delta": {"text": piece}}
        else:
            use = {"toolUseId": "t", "name": "note"}
            yield "contentBlockStart", place | {"start": {"toolUse": use}}
            for piece in pieces(json.dumps(block["toolUse"]["input"], ensure_ascii=False)):
                yield "contentBlockDelta", place | {"delta": {"toolUse": {"input": piece}}}
        yield "contentBlockStop", place
    yield "messageStop", {"stopReason": "end_turn"}


def _event_stream(events: Any) -> Reply:
    """Encode events as AWS does: https://smithy.io/2.0/aws/amazon-eventstream.html."""
    return Reply(
        [_message(kind, value) for kind, value in events], content_type="application/vnd.amazon.eventstream"
    )


def _message(kind: str, value: Any) -> bytes:
    headers = b""
    for name, text in (
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ):
        headers += (
            struct.pack("!B", len(name))
            + name.encode()
            + b"\x07"
            + struct.pack("!H", len(text))
            + text.encode()
        )
    payload = json.dumps(value).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", binascii.crc32(message))
