"""The real cohere SDK against a local server, in both versions of its API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.redaction.wires import other_servers
from tests.redaction.wires.conftest import (
    EMAIL,
    OTHER,
    PERSON,
    QUOTED,
    SAID,
    BrokenDetector,
    assert_nothing_leaked,
)
from tests.redaction.wires.server import Responder, Server

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError

cohere = pytest.importorskip("cohere", reason="the cohere SDK is not installed")

TOOL: Any = {
    "type": "function",
    "function": {"name": "note", "description": PERSON, "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture
def server(serve: Callable[[Responder], Server]) -> Server:
    return serve(other_servers.cohere)


def user(content: str) -> Any:
    return {"model": "m", "messages": [{"role": "user", "content": content}]}


def test_the_second_version_is_protected(server: Server, redactor: Redactor) -> None:
    client = protect(cohere.ClientV2(api_key="none", base_url=server.url), redactor=redactor)
    said = f"{QUOTED} {SAID}"
    assert client.chat(**user(SAID), documents=[{"data": {"text": OTHER}}]).message.content[0].text == SAID
    answer = client.chat(**user(said), tools=[TOOL])
    assert json.loads(answer.message.tool_calls[0].function.arguments) == {"said": said}
    client.rerank(model="m", query=SAID, documents=[PERSON])
    client.embed(model="m", input_type="classification", texts=[SAID], embedding_types=["float"])
    assert_nothing_leaked(server)


def test_streams_of_the_second_version_are_restored(server: Server, redactor: Redactor) -> None:
    client = protect(cohere.ClientV2(api_key="none", base_url=server.url), redactor=redactor)
    text = ""
    for event in client.chat_stream(**user(f"{SAID} <")):
        if event.type == "content-delta":
            text += event.delta.message.content.text
    assert text == f"{SAID} <"
    said = f"{QUOTED} {SAID} <"
    plan = arguments = ""
    for event in client.chat_stream(**user(said), tools=[TOOL]):
        if event.type == "tool-plan-delta":
            plan += event.delta.message.tool_plan
        elif event.type == "tool-call-delta":
            arguments += event.delta.message.tool_calls.function.arguments
    assert plan == said
    assert json.loads(arguments) == {"said": said}
    assert_nothing_leaked(server)


def test_the_first_version_is_protected(server: Server, redactor: Redactor) -> None:
    client = protect(cohere.Client(api_key="none", base_url=server.url), redactor=redactor)
    history = [{"role": "USER", "message": f"I am {OTHER}"}, {"role": "CHATBOT", "message": f"Hello {OTHER}"}]
    assert client.chat(message=SAID, preamble=EMAIL, chat_history=history).text == SAID
    text, whole = "", ""
    for event in client.chat_stream(message=SAID):
        if event.event_type == "text-generation":
            text += event.text
        elif event.event_type == "stream-end":
            whole = event.response.text
    assert text == whole == SAID
    assert_nothing_leaked(server)


def test_an_async_client_is_protected(server: Server, redactor: Redactor) -> None:
    async def run() -> None:
        client = protect(cohere.AsyncClientV2(api_key="none", base_url=server.url), redactor=redactor)
        assert (await client.chat(**user(SAID))).message.content[0].text == SAID
        text = ""
        async for event in client.chat_stream(**user(SAID)):
            text += event.delta.message.content.text if event.type == "content-delta" else ""
        assert text == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_a_detector_that_fails_blocks_the_request(server: Server) -> None:
    client = protect(
        cohere.ClientV2(api_key="none", base_url=server.url), redactor=Redactor(detector=BrokenDetector())
    )
    with pytest.raises(RedactionError):
        client.chat(**user(SAID))
    assert not server.received
