"""The real huggingface_hub SDK against a local server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.redaction.wires import openai_server, other_servers
from tests.redaction.wires.conftest import OTHER, SAID, BrokenDetector, assert_nothing_leaked
from tests.redaction.wires.server import Recorded, Reply, Responder, Server

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError

hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")


def respond(request: Recorded) -> Reply:
    return (openai_server.respond if "completions" in request.path else other_servers.huggingface)(request)


@pytest.fixture
def server(serve: Callable[[Responder], Server]) -> Server:
    return serve(respond)


def user(content: str) -> Any:
    return [{"role": "system", "content": OTHER}, {"role": "user", "content": content}]


def test_chat_and_text_generation_are_protected(server: Server, redactor: Redactor) -> None:
    client = protect(hub.InferenceClient(base_url=server.url, api_key="none"), redactor=redactor)
    assert client.chat_completion(user(SAID)).choices[0].message.content == SAID
    chunks = client.chat_completion(user(f"{SAID} <"), stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == f"{SAID} <"
    for address in (f"{server.url}/generate", server.url):  # an endpoint of one's own has no path
        generator = protect(hub.InferenceClient(model=address, token="none"), redactor=redactor)
        assert generator.text_generation(SAID) == SAID
        assert "".join(generator.text_generation(SAID, stream=True)) == SAID
    assert_nothing_leaked(server)


def test_an_async_client_is_protected(server: Server, redactor: Redactor) -> None:
    async def run() -> None:
        async with hub.AsyncInferenceClient(base_url=server.url, api_key="none") as plain:
            client = protect(plain, redactor=redactor)
            assert (await client.chat_completion(user(SAID))).choices[0].message.content == SAID
            stream = await client.chat_completion(user(SAID), stream=True)
            assert "".join([c.choices[0].delta.content or "" async for c in stream if c.choices]) == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_a_detector_that_fails_blocks_the_request(server: Server) -> None:
    client = protect(
        hub.InferenceClient(base_url=server.url, api_key="none"), redactor=Redactor(detector=BrokenDetector())
    )
    with pytest.raises(RedactionError):
        client.chat_completion(user(SAID))
    assert not server.received
