"""How OpenAI's API answers: chat, responses, completions, embeddings, moderations, files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.redaction.wires.server import Recorded, Reply, json_reply, pieces, sse


def said_by(content: Any) -> str:
    """Return the text of a message's content."""
    if isinstance(content, str):
        return content
    return " ".join(part["text"] for part in content if isinstance(part.get("text"), str))


def respond(request: Recorded) -> Reply:
    """Answer a request to any of OpenAI's endpoints."""
    path = request.path.partition("?")[0]
    if path.endswith("/files"):
        return json_reply(
            {
                "id": "file-1",
                "object": "file",
                "bytes": 1,
                "created_at": 1,
                "filename": "f",
                "purpose": "batch",
                "status": "processed",
            }
        )
    body = request.json
    if path.endswith("/chat/completions"):
        return _chat(body)
    if path.endswith("/responses"):
        return _responses(body)
    if path.endswith("/fim/completions"):  # Mistral's
        return _chat({"messages": [{"role": "user", "content": body["prompt"]}]})
    if path.endswith("/completions"):
        return _completions(body)
    if path.endswith("/embeddings"):
        items = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [{"object": "embedding", "index": i, "embedding": [0.5, 0.25]} for i in range(len(items))]
        return json_reply(
            {
                "id": "embd-1",
                "object": "list",
                "data": data,
                "model": "m",
                "usage": {"prompt_tokens": 1, "total_tokens": 1},
            }
        )
    if path.endswith("/moderations"):
        return json_reply({"id": "modr-1", "model": "m", "results": []})
    return json_reply({"path": path})


USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def _chat(body: Any) -> Reply:
    said = said_by(body["messages"][-1]["content"])
    if (body.get("response_format") or {}).get("type", "").startswith("json"):
        said = json.dumps({"said": said})
    count = body.get("n") or 1
    tools = bool(body.get("tools"))
    if body.get("stream"):
        return sse(_chat_chunks(said, count, tools), done=True)
    message: dict[str, Any] = {"role": "assistant", "content": None if tools else said}
    if tools:
        arguments = json.dumps({"said": said}, ensure_ascii=False)
        message["tool_calls"] = [
            {"id": f"call_{i}", "type": "function", "function": {"name": "note", "arguments": arguments}}
            for i in range(2)
        ]
    choices = [
        {"index": i, "message": message, "finish_reason": "stop", "logprobs": None} for i in range(count)
    ]
    return json_reply(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": choices,
            "usage": USAGE,
        }
    )


def _chat_chunks(said: str, count: int, tools: bool) -> Iterator[Any]:
    def chunk(index: int, delta: Any, finish: str | None = None) -> Any:
        choice = {"index": index, "delta": delta, "finish_reason": finish}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }

    for index in range(count):
        yield chunk(index, {"role": "assistant", "content": ""})
    if tools:
        arguments = pieces(json.dumps({"said": said}, ensure_ascii=False))
        for called in range(2):
            opening = {
                "index": called,
                "id": f"call_{called}",
                "type": "function",
                "function": {"name": "note", "arguments": ""},
            }
            yield chunk(0, {"tool_calls": [opening]})
        for piece in arguments:  # the two calls interleave
            for called in range(2):
                yield chunk(0, {"tool_calls": [{"index": called, "function": {"arguments": piece}}]})
        yield chunk(0, {}, "tool_calls")
    else:
        for piece in pieces(said):
            for index in range(count):  # the choices interleave
                yield chunk(index, {"content": piece})
        for index in range(count):
            yield chunk(index, {}, "stop")
    yield {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [],
        "usage": USAGE,
    }


def _completions(body: Any) -> Reply:
    prompt = body["prompt"] if isinstance(body["prompt"], str) else body["prompt"][0]

    def whole(text: str, finish: str | None) -> Any:
        choice = {"index": 0, "text": text, "finish_reason": finish, "logprobs": None}
        return {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}

    if body.get("stream"):
        return sse([*(whole(piece, None) for piece in pieces(prompt)), whole("", "stop")], done=True)
    return json_reply(whole(prompt, "stop") | {"usage": USAGE})


def _response(body: Any, output: list[Any], status: str = "completed") -> Any:
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m",
        "output": output,
        "instructions": body.get("instructions"), "parallel_tool_calls": True, "tool_choice": "auto",
        "tools": [],
        "error": None, "incomplete_details": None, "metadata": {}, "temperature": 1.0, "top_p": 1.0,
    }  # fmt: skip


def _responses(body: Any) -> Reply:
    given = body["input"]
    said = given if isinstance(given, str) else said_by(given[-1].get("content") or given[-1].get("output"))
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": said, "annotations": []}],
    }  # fmt: skip
    arguments = json.dumps({"said": said}, ensure_ascii=False)
    call = {
        "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "note", "arguments": arguments,
        "status": "completed",
    }  # fmt: skip
    item = call if body.get("tools") else message
    if not body.get("stream"):
        return json_reply(_response(body, [item]))
    return sse(_response_events(body, item, said, arguments), named=True)


def _response_events(body: Any, item: Any, said: str, arguments: str) -> Iterator[Any]:
    events: list[Any] = [{"type": "response.created", "response": _response(body, [], "in_progress")}]
    place = {"item_id": item["id"], "output_index": 0}
    if item["type"] == "message":
        events.append(
            {
                "type": "response.output_item.added",
                "output_index": 0,
                "item": item | {"content": [], "status": "in_progress"},
            }
        )
        part = place | {"content_index": 0}
        empty = {"type": "output_text", "text": "", "annotations": []}
        events.append(part | {"type": "response.content_part.added", "part": empty})
        delta = part | {"type": "response.output_text.delta", "logprobs": []}
        events += [delta | {"delta": piece} for piece in pieces(said)]
        events.append(part | {"type": "response.output_text.done", "text": said, "logprobs": []})
        events.append(part | {"type": "response.content_part.done", "part": empty | {"text": said}})
    else:
        events.append(
            {
                "type": "response.output_item.added",
                "output_index": 0,
                "item": item | {"arguments": "", "status": "in_progress"},
            }
        )
        delta = place | {"type": "response.function_call_arguments.delta"}
        events += [delta | {"delta": piece} for piece in pieces(arguments)]
        events.append(
            place | {"type": "response.function_call_arguments.done", "arguments": arguments, "name": "note"}
        )
    events.append({"type": "response.output_item.done", "output_index": 0, "item": item})
    events.append({"type": "response.completed", "response": _response(body, [item])})
    for number, event in enumerate(events):
        yield event | {"sequence_number": number}
