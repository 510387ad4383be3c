"""The real ollama SDK against a local server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.redaction.wires import other_servers
from tests.redaction.wires.conftest import OTHER, PERSON, QUOTED, SAID, BrokenDetector, assert_nothing_leaked
from tests.redaction.wires.server import Responder, Server

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError

ollama = pytest.importorskip("ollama", reason="the ollama SDK is not installed")

TOOL: Any = {
    "type": "function",
    "function": {"name": "note", "description": PERSON, "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture
def server(serve: Callable[[Responder], Server]) -> Server:
    return serve(other_servers.ollama)


def user(content: str) -> Any:
    return {
        "model": "m",
        "messages": [{"role": "system", "content": OTHER}, {"role": "user", "content": content}],
    }


def test_chat_and_generate_are_protected(server: Server, redactor: Redactor) -> None:
    client = protect(ollama.Client(host=server.url), redactor=redactor)
    said = f"{QUOTED} {SAID}"
    answer = client.chat(**user(said), tools=[TOOL], options={"num_ctx": 4096, "seed": 123456789012})
    assert answer.message.content == said
    assert answer.message.tool_calls[0].function.arguments == {"said": said}
    assert server.last.json["options"] == {"num_ctx": 4096, "seed": 123456789012}
    assert client.generate(model="m", prompt=SAID, system=OTHER).response == SAID
    wanted = client.chat(**user(f"{QUOTED} {PERSON}"), format="json").message.content
    assert json.loads(wanted) == {"said": f"{QUOTED} {PERSON}"}
    client.embed(model="m", input=[SAID])
    assert_nothing_leaked(server)


def test_streams_are_restored(server: Server, redactor: Redactor) -> None:
    client = protect(ollama.Client(host=server.url), redactor=redactor)
    parts = list(client.chat(**user(f"{SAID} <PERSON"), tools=[TOOL], stream=True))
    assert "".join(part.message.content for part in parts) == f"{SAID} <PERSON"
    assert parts[-1].done
    assert "".join(part.response for part in client.generate(model="m", prompt=SAID, stream=True)) == SAID
    assert_nothing_leaked(server)


def test_an_async_client_is_protected(server: Server, redactor: Redactor) -> None:
    async def run() -> None:
        client = protect(ollama.AsyncClient(host=server.url), redactor=redactor)
        assert (await client.chat(**user(SAID))).message.content == SAID
        parts = [part async for part in await client.chat(**user(SAID), stream=True)]
        assert "".join(part.message.content for part in parts) == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_a_detector_that_fails_blocks_the_request(server: Server) -> None:
    client = protect(ollama.Client(host=server.url), redactor=Redactor(detector=BrokenDetector()))
    with pytest.raises(RedactionError):
        client.chat(**user(SAID))
    assert not server.received
