"""The real google-genai SDK against a local server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.redaction.wires import other_servers
from tests.redaction.wires.conftest import (
    CARD,
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

genai = pytest.importorskip("google.genai", reason="the google-genai SDK is not installed")
types = pytest.importorskip("google.genai.types")


@pytest.fixture
def server(serve: Callable[[Responder], Server]) -> Server:
    return serve(other_servers.gemini)


def made(server: Server, redactor: Redactor) -> Any:
    client = genai.Client(api_key="none", http_options=types.HttpOptions(base_url=server.url))
    return protect(client, redactor=redactor)


def config(**more: Any) -> Any:
    declaration = {
        "name": "note",
        "description": f"notes for {PERSON}",
        "parameters": {"type": "OBJECT", "properties": {"said": {"type": "STRING"}}},
    }
    return {
        "tools": [{"function_declarations": [declaration]}],
        "system_instruction": f"Serve {OTHER}",
        **more,
    }


def test_an_answer_and_its_function_call_are_restored(server: Server, redactor: Redactor) -> None:
    client = made(server, redactor)
    said = f"{QUOTED}: {SAID}"
    answer = client.models.generate_content(model="m", contents=said, config=config())
    assert answer.candidates[0].content.parts[0].text == said
    assert answer.function_calls[0].args == {"said": said}
    assert_nothing_leaked(server)


def test_function_calls_and_their_results_are_redacted(server: Server, redactor: Redactor) -> None:
    client = made(server, redactor)
    history = [
        {"role": "user", "parts": [{"text": SAID}]},
        {
            "role": "model",
            "parts": [{"function_call": {"name": "note", "args": {"card": CARD, "to": PERSON}}}],
        },
        {"role": "user", "parts": [{"function_response": {"name": "note", "response": {"said": QUOTED}}}]},
    ]
    answer = client.models.generate_content(model="m", contents=history)
    assert answer.text == QUOTED
    assert_nothing_leaked(server)


def test_a_stream_is_restored_in_every_candidate(server: Server, redactor: Redactor) -> None:
    client = made(server, redactor)
    texts = {0: "", 1: ""}
    said = f"{SAID} <PERSON"
    for chunk in client.models.generate_content_stream(
        model="m", contents=said, config={"candidate_count": 2}
    ):
        for candidate in chunk.candidates:
            texts[candidate.index or 0] += "".join(part.text or "" for part in candidate.content.parts)
    assert set(texts.values()) == {said}
    assert_nothing_leaked(server)


def test_json_answers_stay_json(server: Server, redactor: Redactor) -> None:
    client = made(server, redactor)
    wanted = {"response_mime_type": "application/json"}
    answer = client.models.generate_content(model="m", contents=f"{QUOTED} {PERSON}", config=wanted)
    assert json.loads(answer.text) == {"said": f"{QUOTED} {PERSON}"}
    chunks = client.models.generate_content_stream(model="m", contents=f"{QUOTED} {PERSON}", config=wanted)
    assert json.loads("".join(chunk.text or "" for chunk in chunks)) == {"said": f"{QUOTED} {PERSON}"}


def test_chats_tokens_and_embeddings_are_redacted(server: Server, redactor: Redactor) -> None:
    client = made(server, redactor)
    chat = client.chats.create(model="m")
    assert chat.send_message(SAID).text == SAID
    assert chat.send_message(f"again {OTHER}").text == f"again {OTHER}"
    client.models.count_tokens(model="m", contents=SAID)
    client.models.embed_content(model="m", contents=SAID)
    assert_nothing_leaked(server)


def test_async_calls_are_protected_in_every_event_loop(server: Server, redactor: Redactor) -> None:
    client = made(server, redactor)

    async def run() -> None:
        answer = await client.aio.models.generate_content(model="m", contents=SAID)
        assert answer.text == SAID
        stream = await client.aio.models.generate_content_stream(model="m", contents=SAID)
        assert "".join([chunk.text or "" async for chunk in stream]) == SAID

    asyncio.run(run())
    if hasattr(client._api_client._async_httpx_client, "_inner_client_cls"):  # since 3.0
        asyncio.run(run())
    assert_nothing_leaked(server)


def test_interactions_are_protected(server: Server, redactor: Redactor) -> None:
    if int(genai.__version__.partition(".")[0]) < 2:
        pytest.skip("this release speaks an older form of interactions")
    client = made(server, redactor)
    answer = client.interactions.create(model="m", input=SAID)
    assert answer.steps[0].content[0].text == SAID
    events = client.interactions.create(model="m", input=SAID, stream=True)
    texts = [event.delta.text for event in events if getattr(event, "event_type", "") == "step.delta"]
    assert "".join(texts) == SAID
    assert_nothing_leaked(server)
    with pytest.raises(RedactionError, match="previous_interaction_id"):
        client.interactions.create(model="m", input=SAID, previous_interaction_id="int-0")


def test_a_detector_that_fails_blocks_the_request(server: Server) -> None:
    client = made(server, Redactor(detector=BrokenDetector()))
    with pytest.raises(RedactionError):
        client.models.generate_content(model="m", contents=SAID)
    assert not server.received


def test_live_sockets_are_blocked(server: Server, redactor: Redactor) -> None:
    client = made(server, redactor)
    with pytest.raises(RedactionError, match="live"):
        client.aio.live.connect(model="m")
