"""litellm and LangChain chat models against a local server."""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from tests.redaction.wires import anthropic_server, openai_server, other_servers
from tests.redaction.wires.conftest import PERSON, QUOTED, SAID, BrokenDetector, assert_nothing_leaked
from tests.redaction.wires.server import Responder, Server

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError

Serve = Callable[[Responder], Server]
TOOL: Any = {
    "type": "function",
    "function": {"name": "note", "description": PERSON, "parameters": {"type": "object", "properties": {}}},
}


def optional(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed")


def test_a_chat_model_of_langchain_openai_is_protected(serve: Serve, redactor: Redactor) -> None:
    server = serve(openai_server.respond)
    model = protect(
        optional("langchain_openai").ChatOpenAI(model="m", base_url=server.url, api_key="none"),
        redactor=redactor,
    )
    assert model.invoke(SAID).content == SAID
    assert "".join(chunk.content for chunk in model.stream(SAID)) == SAID
    called = model.bind_tools([TOOL]).invoke(f"{QUOTED} {SAID}").tool_calls
    assert called[0]["args"] == {"said": f"{QUOTED} {SAID}"}

    async def run() -> None:
        assert (await model.ainvoke(SAID)).content == SAID
        assert "".join([chunk.content async for chunk in model.astream(SAID)]) == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)
    server.received.clear()
    broken = optional("langchain_openai").ChatOpenAI(model="m", base_url=server.url, api_key="none")
    with pytest.raises(RedactionError):
        protect(broken, redactor=Redactor(detector=BrokenDetector())).invoke(SAID)
    assert not server.received


def test_a_chat_model_of_langchain_anthropic_is_protected(serve: Serve, redactor: Redactor) -> None:
    package = optional("langchain_anthropic")
    server = serve(anthropic_server.respond)
    model = protect(
        package.ChatAnthropic(model="claude-sonnet-4-6", base_url=server.url, api_key="none"),
        redactor=redactor,
    )
    assert model.invoke(SAID).content == SAID
    assert "".join(chunk.text for chunk in model.stream(SAID)) == SAID

    async def run() -> None:
        assert (await model.ainvoke(SAID)).content == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_a_model_without_a_client_is_refused(redactor: Redactor) -> None:
    optional("langchain_core")
    fake = importlib.import_module("langchain_core.language_models").FakeListChatModel(responses=["x"])
    with pytest.raises(TypeError, match="no client"):
        protect(fake, redactor=redactor)


LITELLM = """
import asyncio, json, sys
import litellm
from callsafe.redaction.engine import Redactor
from callsafe.redaction import protect
from tests.redaction.wires.conftest import SAID, BrokenDetector, Detector

openai, anthropic, ollama = sys.argv[1:4]
broken = sys.argv[4:] == ["broken"]
protect(litellm, redactor=Redactor(detector=BrokenDetector() if broken else Detector()))
messages = [{"role": "user", "content": SAID}]
calls = [
    {"model": "openai/m", "api_base": openai, "api_key": "none"},
    {"model": "anthropic/claude-sonnet-4-6", "api_base": anthropic, "api_key": "none"},
    {"model": "ollama_chat/m", "api_base": ollama},
]

async def run(call):
    answer = await litellm.acompletion(messages=messages, **call)
    text = answer.choices[0].message.content
    stream = await litellm.acompletion(messages=messages, stream=True, **call)
    return [text, "".join([c.choices[0].delta.content or "" async for c in stream])]

said = []
for call in calls:
    try:
        said.append(litellm.completion(messages=messages, **call).choices[0].message.content)
        chunks = litellm.completion(messages=messages, stream=True, **call)
        said.append("".join(chunk.choices[0].delta.content or "" for chunk in chunks))
        said += asyncio.run(run(call))
    except Exception as error:
        said.append(type(error).__name__)
print(json.dumps(said))
"""


def litellm_says(*arguments: str) -> Any:
    """Run litellm in a process of its own: protecting the module is for the whole process."""
    done = subprocess.run(
        [sys.executable, "-c", LITELLM, *arguments], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def servers(serve: Serve) -> list[Server]:
    optional("litellm")
    return [serve(each) for each in (openai_server.respond, anthropic_server.respond, other_servers.ollama)]


def test_litellm_is_protected_for_every_provider(servers: list[Server]) -> None:
    assert litellm_says(*(server.url for server in servers)) == [SAID] * 12
    for server in servers:
        assert_nothing_leaked(server)


def test_litellm_sends_nothing_when_the_detector_fails(servers: list[Server]) -> None:
    said = litellm_says(*(server.url for server in servers), "broken")
    assert len(said) == 3
    assert SAID not in said
    assert not any(server.received for server in servers)
