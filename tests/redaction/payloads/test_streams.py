"""Streams of every provider: however they are cut, nothing is lost, and every end comes last."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.redaction.conftest import EXAMPLES

from callsafe.redaction.engine import Conversation, Redactor
from callsafe.redaction.payloads import (
    anthropic,
    any_events,
    bedrock,
    cohere,
    gemini,
    huggingface,
    mistral,
    ollama,
    openai,
)
from callsafe.redaction.payloads.framing import JsonLines, ServerSentEvents
from callsafe.redaction.payloads.model import Events
from callsafe.redaction.payloads.restoring import EventRestorer
from callsafe.redaction.spans import Span

BUDGET = settings(max_examples=EXAMPLES or 30, derandomize=not EXAMPLES, database=None, deadline=None)
NAME = 'Ada "the first" Lovelace\\'


class Detector:
    def find(self, text: str) -> list[Span]:
        at = text.find(NAME)
        return [Span(at, at + len(NAME), "PERSON", 1.0)] if at >= 0 else []


def conversation() -> Conversation:
    made = Redactor(detector=Detector()).conversation()
    assert made.redact(NAME) == "<PERSON_1>"
    return made


def events_of(payloads: Any, name: str) -> Events:
    found: Events | None = next(payload.events for _, payload in payloads if payload.name == name)
    assert found is not None
    return found


@dataclass(frozen=True)
class Wire:
    """One kind of text in one provider's stream."""

    events: Events
    delta: Callable[[int, str], Any]
    """An event that continues text 0 or 1."""
    end: Callable[[int], Any]
    read: Callable[[Any], tuple[int, str] | None]
    json: bool = False


def chat(index: int, delta: Any, finish: str | None = None) -> Any:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def read_chat(event: Any) -> tuple[int, str] | None:
    choice = event["choices"][0]
    return choice["index"], choice["delta"].get("content") or ""


def chat_call(index: int, text: str) -> Any:
    return chat(0, {"tool_calls": [{"index": index, "function": {"arguments": text}}]})


def read_call(event: Any) -> tuple[int, str] | None:
    calls = event["choices"][0]["delta"].get("tool_calls")
    return (calls[0]["index"], calls[0]["function"]["arguments"]) if calls else None


def item(index: int) -> Any:
    return {"item_id": f"i{index}", "output_index": index, "content_index": 0}


def block(index: int, delta: Any) -> Any:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def read_block(key: str) -> Callable[[Any], tuple[int, str] | None]:
    return lambda event: (event["index"], event["delta"][key]) if "delta" in event else None


def converse(index: int, delta: Any) -> Any:
    return {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}}


def read_converse(event: Any) -> tuple[int, str] | None:
    found = event.get("contentBlockDelta")
    if not found:
        return None
    delta = found["delta"]
    return found["contentBlockIndex"], delta["text"] if "text" in delta else delta["toolUse"]["input"]


def candidate(index: int, text: str, **more: Any) -> Any:
    return {"candidates": [{"index": index, "content": {"parts": [{"text": text}]}, **more}]}


def read_candidate(event: Any) -> tuple[int, str] | None:
    found = event["candidates"][0]
    return found["index"], "".join(part["text"] for part in found["content"]["parts"])


WIRES = {
    "chat": Wire(
        openai.CHAT_EVENTS, lambda i, t: chat(i, {"content": t}), lambda i: chat(i, {}, "stop"), read_chat
    ),
    "chat calls": Wire(
        openai.CHAT_EVENTS, chat_call, lambda i: chat(0, {}, "tool_calls"), read_call, json=True
    ),
    "chat audio": Wire(
        openai.CHAT_EVENTS,
        lambda i, t: chat(i, {"audio": {"id": "a", "transcript": t}}),
        lambda i: chat(i, {}, "stop"),
        lambda e: (e["choices"][0]["index"], e["choices"][0]["delta"].get("audio", {}).get("transcript", "")),
    ),
    "chat reasoning": Wire(
        openai.CHAT_EVENTS,
        lambda i, t: chat(0, {"reasoning_details": [{"type": "reasoning.text", "index": i, "text": t}]}),
        lambda i: chat(0, {}, "stop"),
        lambda e: next(
            ((d["index"], d["text"]) for d in e["choices"][0]["delta"].get("reasoning_details", [])), None
        ),
    ),
    "threads": Wire(
        any_events(),
        lambda i, t: {
            "object": "thread.message.delta",
            "id": "m",
            "delta": {"content": [{"index": i, "type": "text", "text": {"value": t}}]},
        },
        lambda i: {"object": "thread.message", "id": "m", "status": "completed"},
        lambda e: next(
            ((c["index"], c["text"]["value"]) for c in e.get("delta", {}).get("content", [])), None
        ),
    ),
    "mistral": Wire(
        mistral.EVENTS,
        lambda i, t: {"type": "message.output.delta", "output_index": i, "content_index": 0, "content": t},
        lambda i: {"type": "conversation.response.done"},
        lambda e: (e["output_index"], e["content"]) if "content" in e else None,
    ),
    "mistral calls": Wire(
        mistral.EVENTS,
        lambda i, t: {"type": "function.call.delta", "tool_call_id": f"{i}", "arguments": t},
        lambda i: {"type": "conversation.response.done"},
        lambda e: (int(e["tool_call_id"]), e["arguments"]) if "arguments" in e else None,
        json=True,
    ),
    "responses": Wire(
        openai.RESPONSE_EVENTS,
        lambda i, t: {"type": "response.output_text.delta", **item(i), "delta": t},
        lambda i: {"type": "response.output_text.done", **item(i)},
        lambda e: (e["output_index"], e["delta"]) if "delta" in e else None,
    ),
    "responses calls": Wire(
        openai.RESPONSE_EVENTS,
        lambda i, t: {"type": "response.function_call_arguments.delta", **item(i), "delta": t},
        lambda i: {"type": "response.function_call_arguments.done", **item(i)},
        lambda e: (e["output_index"], e["delta"]) if "delta" in e else None,
        json=True,
    ),
    "anthropic": Wire(
        anthropic.EVENTS,
        lambda i, t: block(i, {"type": "text_delta", "text": t}),
        lambda i: {"type": "content_block_stop", "index": i},
        read_block("text"),
    ),
    "anthropic calls": Wire(
        anthropic.EVENTS,
        lambda i, t: block(i, {"type": "input_json_delta", "partial_json": t}),
        lambda i: {"type": "content_block_stop", "index": i},
        read_block("partial_json"),
        json=True,
    ),
    "gemini": Wire(gemini.EVENTS, candidate, lambda i: candidate(i, "", finishReason="STOP"), read_candidate),
    "converse": Wire(
        bedrock.CONVERSE_EVENTS,
        lambda i, t: converse(i, {"text": t}),
        lambda i: {"contentBlockStop": {"contentBlockIndex": i}},
        read_converse,
    ),
    "converse calls": Wire(
        bedrock.CONVERSE_EVENTS,
        lambda i, t: converse(i, {"toolUse": {"input": t}}),
        lambda i: {"contentBlockStop": {"contentBlockIndex": i}},
        read_converse,
        json=True,
    ),
    "cohere": Wire(
        events_of(cohere.PAYLOADS, "cohere-chat"),
        lambda i, t: {"type": "content-delta", "index": i, "delta": {"message": {"content": {"text": t}}}},
        lambda i: {"type": "content-end", "index": i},
        lambda e: (e["index"], e["delta"]["message"]["content"]["text"]) if "delta" in e else None,
    ),
    "ollama": Wire(
        events_of(ollama.PAYLOADS, "ollama"),
        lambda i, t: {"message": {"role": "assistant", "content": t}, "done": False},
        lambda i: {"message": {"role": "assistant", "content": ""}, "done": True},
        lambda e: (0, e["message"]["content"]),
    ),
    "huggingface": Wire(
        events_of(huggingface.PAYLOADS, "huggingface"),
        lambda i, t: {"index": 0, "token": {"text": t}, "generated_text": None},
        lambda i: {"index": 1, "token": {"text": ""}, "generated_text": "whole"},
        lambda e: (0, e["token"]["text"]),
    ),
}
ONE_TEXT = {"ollama", "huggingface"}
TEXTS = st.lists(
    st.sampled_from(
        ["<PERSON_1>", "<PERSON_2>", "<PERSON", "_1>", "<", ">", "PERSON_1", "a", " ", "é", "\n", "&lt;"]
    ),
    max_size=8,
).map("".join)


def cut(text: str, places: list[int]) -> list[str]:
    at = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(at)]


CUTS = st.lists(st.integers(0, 400), max_size=12)


@pytest.mark.parametrize("name", WIRES)
@BUDGET
@given(texts=st.tuples(TEXTS, TEXTS), cuts=st.tuples(CUTS, CUTS, CUTS), lines=st.booleans())
def test_a_stream_cut_anywhere_says_what_the_whole_would(
    name: str, texts: Any, cuts: Any, lines: bool
) -> None:
    wire = WIRES[name]
    number = 1 if name in ONE_TEXT else 2
    talk = conversation()
    if wire.json:
        texts = tuple(json.dumps({"said": text}, ensure_ascii=False) for text in texts)
    waiting = [cut(text, places) for text, places in zip(texts[:number], cuts, strict=False)]
    sent: list[Any] = []
    while any(waiting):
        sent += [wire.delta(index, parts.pop(0)) for index, parts in enumerate(waiting) if parts]
    sent += [wire.end(index) for index in range(number)]
    raw = b"".join(
        json.dumps(e).encode() + b"\n" if lines else b"data: " + json.dumps(e).encode() + b"\n\n"
        for e in sent
    )
    restorer: Any = (JsonLines if lines else ServerSentEvents)(EventRestorer(wire.events, talk))
    at = sorted({place * 7 % (len(raw) + 1) for place in cuts[2]} | {0, len(raw)})
    out = b"".join(restorer.feed(raw[start:end]) for start, end in pairwise(at))
    assert restorer.finish() == b""  # all was said before the ends
    received = [json.loads(line.removeprefix(b"data: ")) for line in out.splitlines() if line]
    said = {0: "", 1: ""}
    for event in received:
        piece = wire.read(event)
        if piece is not None:
            said[piece[0]] += piece[1]
    for index in range(number):
        assert said[index] == talk.restore(texts[index], escape="json" if wire.json else None)
        if wire.json:
            assert json.loads(said[index])["said"] == talk.restore(json.loads(texts[index])["said"])


@pytest.mark.parametrize("name", WIRES)
def test_what_is_held_is_said_when_a_stream_breaks(name: str) -> None:
    wire = WIRES[name]
    restorer = ServerSentEvents(EventRestorer(wire.events, conversation()))
    out = (
        restorer.feed(b"data: " + json.dumps(wire.delta(0, "so <PERSON")).encode() + b"\n\n")
        + restorer.finish()
    )
    events = [json.loads(line[6:]) for line in out.splitlines() if line]
    assert "".join(piece[1] for piece in map(wire.read, events) if piece) == "so <PERSON"


def test_text_is_passed_on_at_once_when_it_cannot_become_a_placeholder() -> None:
    restorer = ServerSentEvents(EventRestorer(openai.CHAT_EVENTS, conversation()))
    raw = b"data: " + json.dumps(chat(0, {"content": "Hello, "})).encode() + b"\n\n"
    assert restorer.feed(raw[:-1]) == b""
    assert restorer.feed(raw[-1:]) == raw


def test_frames_keep_their_names_and_comments() -> None:
    restorer = ServerSentEvents(EventRestorer(anthropic.EVENTS, conversation()))
    said = block(0, {"type": "text_delta", "text": "<PERSON_1> <"})
    raw = (
        b": ping\r\n\r\nevent: content_block_delta\r\nid: 7\r\ndata: "
        + json.dumps(said).encode()
        + b"\r\n\r\n"
    )
    out = restorer.feed(raw) + restorer.feed(
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
    )
    frames = out.replace(b"\r\n", b"\n").strip().split(b"\n\n")
    assert frames[0] == b": ping"
    assert [frame.splitlines()[0] for frame in frames[1:]] == [
        b"event: content_block_delta",
        b"event: content_block_delta",
        b"event: content_block_stop",
    ]
    assert [json.loads(frame.splitlines()[-1][6:])["delta"]["text"] for frame in frames[1:3]] == [
        f"{NAME} ",
        "<",
    ]
