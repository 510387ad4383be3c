"""SDKs that speak OpenAI's chat format: mistralai, groq, together."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.redaction.wires import openai_server
from tests.redaction.wires.conftest import EMAIL, PERSON, QUOTED, SAID, BrokenDetector, assert_nothing_leaked
from tests.redaction.wires.server import Responder, Server, pieces, sse

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.transport import conversing

TOOL: Any = {
    "type": "function",
    "function": {"name": "note", "description": PERSON, "parameters": {"type": "object", "properties": {}}},
}


def optional(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed")


def mistral() -> Any:
    package = optional("mistralai")
    found = getattr(package, "Mistral", None)
    return found if found is not None else importlib.import_module("mistralai.client").Mistral


@pytest.fixture
def server(serve: Callable[[Responder], Server]) -> Server:
    return serve(openai_server.respond)


def user(content: str) -> Any:
    return {"model": "m", "messages": [{"role": "user", "content": content}]}


def test_mistral_is_protected(server: Server, redactor: Redactor) -> None:
    client = protect(mistral()(api_key="none", server_url=server.url), redactor=redactor)
    assert client.chat.complete(**user(SAID)).choices[0].message.content == SAID
    said = f"{QUOTED} {SAID}"
    called = (
        client.chat.complete(**user(said), tools=[TOOL]).choices[0].message.tool_calls[0].function.arguments
    )
    assert (json.loads(called) if isinstance(called, str) else called) == {"said": said}
    text = "".join(
        event.data.choices[0].delta.content or ""
        for event in client.chat.stream(**user(SAID))
        if event.data.choices
    )
    assert text == SAID
    client.embeddings.create(model="m", inputs=[SAID])
    client.fim.complete(model="m", prompt=SAID)
    assert_nothing_leaked(server)


def test_mistral_is_protected_when_async(server: Server, redactor: Redactor) -> None:
    async def run() -> None:
        async with mistral()(api_key="none", server_url=server.url) as plain:
            client = protect(plain, redactor=redactor)
            assert (await client.chat.complete_async(**user(SAID))).choices[0].message.content == SAID
            text = ""
            async for event in await client.chat.stream_async(**user(SAID)):
                text += (event.data.choices[0].delta.content or "") if event.data.choices else ""
            assert text == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_conversations_that_mistral_keeps_are_protected(
    serve: Callable[[Responder], Server], redactor: Redactor
) -> None:
    said = "to <PERSON_1>'s <EMAIL_ADDRESS_1>"
    delta = {"type": "message.output.delta", "id": "m", "output_index": 0, "content_index": 0}
    done = {"type": "conversation.response.done", "usage": {}}
    server = serve(lambda _: sse([*(delta | {"content": piece} for piece in pieces(said)), done], named=True))
    client = protect(mistral()(api_key="none", server_url=server.url), redactor=redactor)
    conversations = getattr(client.beta, "conversations", None)
    if conversations is None:
        pytest.skip("this release of mistralai has no conversations")

    def text(events: Any) -> str:
        return "".join(e.data.content for e in events if e.data.type == "message.output.delta")

    assert text(conversations.start_stream(model="m", inputs=SAID)) == f"to {PERSON}'s {EMAIL}"
    with pytest.raises(RedactionError, match="conversation that the provider keeps"):
        conversations.append_stream(conversation_id="c", inputs=SAID)
    with conversing(redactor.conversation()):
        again = conversations.append_stream(conversation_id="c", inputs=SAID)
        assert text(again) == f"to {PERSON}'s {EMAIL}"
    assert_nothing_leaked(server)


def test_mistral_sends_nothing_when_the_detector_fails(server: Server) -> None:
    client = protect(
        mistral()(api_key="none", server_url=server.url), redactor=Redactor(detector=BrokenDetector())
    )
    with pytest.raises(RedactionError):
        client.chat.complete(**user(SAID))
    assert not server.received


@pytest.mark.parametrize(
    ("package", "sync", "asynchronous"),
    [("groq", "Groq", "AsyncGroq"), ("together", "Together", "AsyncTogether")],
)
def test_a_stainless_sdk_is_protected(
    server: Server, redactor: Redactor, package: str, sync: str, asynchronous: str
) -> None:
    module = optional(package)
    client = protect(getattr(module, sync)(api_key="none", base_url=server.url), redactor=redactor)
    assert client.chat.completions.create(**user(SAID)).choices[0].message.content == SAID
    chunks = client.chat.completions.create(**user(SAID), stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == SAID

    async def run() -> None:
        aclient = protect(
            getattr(module, asynchronous)(api_key="none", base_url=server.url), redactor=redactor
        )
        answer = await aclient.chat.completions.create(**user(SAID), tools=[TOOL])
        assert json.loads(answer.choices[0].message.tool_calls[0].function.arguments) == {"said": SAID}
        stream = await aclient.chat.completions.create(**user(SAID), stream=True)
        assert (
            "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]) == SAID
        )

    asyncio.run(run())
    assert_nothing_leaked(server)
    server.received.clear()
    broken = protect(
        getattr(module, sync)(api_key="none", base_url=server.url),
        redactor=Redactor(detector=BrokenDetector()),
    )
    with pytest.raises(RedactionError):
        broken.chat.completions.create(**user(SAID))
    assert not server.received
