"""The real anthropic SDK against a local server: it sees no original, the caller sees no placeholder."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.redaction.wires import anthropic_server
from tests.redaction.wires.conftest import (
    CARD,
    EMAIL,
    OTHER,
    PERSON,
    QUOTED,
    SAID,
    BrokenDetector,
    Detector,
    assert_nothing_leaked,
)
from tests.redaction.wires.server import Recorded, Reply, Responder, Server, cut, sse

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.policy import Policy

anthropic = pytest.importorskip("anthropic", reason="the anthropic SDK is not installed")

Serve = Callable[[Responder], Server]
TOOL: Any = {
    "name": "note",
    "description": f"notes for {PERSON}",
    "input_schema": {"type": "object", "properties": {"said": {"type": "string"}}},
}


def user(content: Any) -> Any:
    return {"model": "m", "max_tokens": 2000, "messages": [{"role": "user", "content": content}]}


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve(anthropic_server.respond)


@pytest.fixture
def client(server: Server, redactor: Redactor) -> Any:
    with anthropic.Anthropic(base_url=server.url, api_key="none", max_retries=2) as client:
        yield protect(client, redactor=redactor)


def test_an_answer_is_restored_and_the_server_sees_no_original(client: Any, server: Server) -> None:
    assert client.messages.create(**user(SAID)).content[0].text == SAID
    assert_nothing_leaked(server)


def test_every_place_of_a_request_is_redacted(client: Any, server: Server) -> None:
    text_file = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": SAID},
        "title": PERSON,
    }
    answer = client.messages.create(
        model="m",
        max_tokens=100,
        system=[{"type": "text", "text": f"Serve {OTHER}.", "cache_control": {"type": "ephemeral"}}],
        metadata={"user_id": EMAIL},
        tools=[TOOL],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": SAID}, text_file]},
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "t", "name": "note", "input": {"card": CARD, "to": [PERSON]}}
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": [{"type": "text", "text": f"hi {QUOTED}"}],
                    }
                ],
            },
        ],
    )
    assert_nothing_leaked(server)
    sent = server.last.json
    assert sent["messages"][1]["content"][0]["input"] == {"card": "<CREDIT_CARD_1>", "to": ["<PERSON_2>"]}
    assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert [block.input for block in answer.content[1:]] == [{"said": f"hi {QUOTED}"}] * 2


@pytest.mark.parametrize("size", [None, 1, 9])
def test_a_stream_is_restored_in_text_and_tool_input(
    serve: Serve, redactor: Redactor, size: int | None
) -> None:
    def respond(request: Recorded) -> Reply:
        reply = anthropic_server.respond(request)
        chunks = reply.chunks if size is None else cut(b"".join(reply.chunks), size)
        return Reply(chunks, content_type=reply.content_type)

    server = serve(respond)
    client = protect(anthropic.Anthropic(base_url=server.url, api_key="none"), redactor=redactor)
    said = f"{QUOTED} and {SAID} <"
    with client.messages.stream(**user(said), tools=[TOOL]) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == said
    assert final.content[0].text == said
    assert [block.input for block in final.content[1:]] == [{"said": said}] * 2
    assert_nothing_leaked(server)


def test_interleaved_blocks_have_a_restorer_each(serve: Serve, redactor: Redactor) -> None:
    def respond(request: Recorded) -> Reply:
        said = request.json["messages"][-1]["content"]
        block = {"type": "text", "text": said}
        tool = {"type": "tool_use", "id": "t", "name": "note", "input": {"said": said}}
        start: Any = {
            "id": "m", "type": "message", "role": "assistant", "model": "m", "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
        }  # fmt: skip
        one, two = list(anthropic_server.block_events(0, block)), list(anthropic_server.block_events(1, tool))
        mixed = [one.pop(0), two.pop(0)]
        while len(one) > 1 or len(two) > 1:
            mixed += [each.pop(0) for each in (one, two) if len(each) > 1]
        return sse(
            [{"type": "message_start", "message": start}, *mixed, *one, *two, {"type": "message_stop"}],
            named=True,
        )

    client = protect(anthropic.Anthropic(base_url=serve(respond).url, api_key="none"), redactor=redactor)
    texts = {0: "", 1: ""}
    stopped = set()
    for event in client.messages.create(**user(f"{SAID} <PERSON"), stream=True):
        if event.type == "content_block_delta":
            assert event.index not in stopped
            texts[event.index] += getattr(event.delta, "text", "") or getattr(event.delta, "partial_json", "")
        elif event.type == "content_block_stop":
            stopped.add(event.index)
    assert texts[0] == f"{SAID} <PERSON"
    assert json.loads(texts[1]) == {"said": f"{SAID} <PERSON"}


def test_signed_thinking_goes_back_as_it_came(client: Any, server: Server) -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    first = client.messages.create(**user(SAID), thinking=thinking)
    assert "<PERSON_1>" in first.content[0].thinking
    history = [*user(SAID)["messages"], {"role": "assistant", "content": first.content}]
    client.messages.create(
        model="m",
        max_tokens=2000,
        thinking=thinking,
        messages=[*history, {"role": "user", "content": "go on"}],
    )
    block = server.last.json["messages"][1]["content"][0]
    assert block["thinking"] == first.content[0].thinking
    assert block["signature"] == anthropic_server.SIGNATURE
    assert_nothing_leaked(server)
    with client.messages.stream(**user(SAID), thinking=thinking) as stream:
        assert "".join(stream.text_stream) == SAID
        assert stream.get_final_message().content[0].thinking == first.content[0].thinking


def test_thinking_without_a_signature_is_redacted(client: Any, server: Server) -> None:
    history: Any = [
        {"role": "assistant", "content": [{"type": "thinking", "thinking": SAID, "signature": ""}]}
    ]
    client.messages.create(model="m", max_tokens=9, messages=[*history, {"role": "user", "content": "go on"}])
    assert_nothing_leaked(server)


def test_counting_and_batches_are_redacted(client: Any, server: Server) -> None:
    request = user(SAID)
    client.messages.count_tokens(model="m", messages=request["messages"])
    client.messages.batches.create(requests=[{"custom_id": "1", "params": request}])
    assert_nothing_leaked(server)


@pytest.mark.parametrize("rule", ["pass", "drop", "block"])
def test_images_are_passed_dropped_or_blocked(server: Server, rule: Any) -> None:
    client = protect(
        anthropic.Anthropic(base_url=server.url, api_key="none"),
        redactor=Redactor(Policy(images=rule), detector=Detector()),
    )
    data = base64.b64encode(b"not a picture").decode()
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    request = user([{"type": "text", "text": SAID}, picture])
    if rule == "block":
        with pytest.raises(RedactionError, match="images"):
            client.messages.create(**request)
        assert not server.received
        return
    client.messages.create(**request)
    sent = server.last.json["messages"][0]["content"][1]
    assert sent == (picture if rule == "pass" else {"type": "text", "text": "[images removed]"})


def test_an_async_client_is_protected(server: Server, redactor: Redactor) -> None:
    async def run() -> None:
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="none") as plain:
            client = protect(plain, redactor=redactor)
            assert (await client.messages.create(**user(SAID))).content[0].text == SAID
            async with client.messages.stream(**user(SAID), tools=[TOOL]) as stream:
                assert "".join([text async for text in stream.text_stream]) == SAID
            raw = await client.with_options(timeout=5.0).messages.with_raw_response.create(**user(SAID))
            parsed = raw.parse()  # awaited since 1.0
            parsed = await parsed if inspect.isawaitable(parsed) else parsed
            assert parsed.content[0].text == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_a_detector_that_fails_blocks_the_request_with_its_own_error(server: Server) -> None:
    client = protect(
        anthropic.Anthropic(base_url=server.url, api_key="none"), redactor=Redactor(detector=BrokenDetector())
    )
    with pytest.raises(RedactionError):
        client.messages.create(**user(SAID))
    assert not server.received
