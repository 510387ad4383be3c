"""Plain clients of httpx, httpx2 and requests, and the transports put into them by hand."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.redaction.wires import openai_server
from tests.redaction.wires.conftest import (
    EMAIL,
    OTHER,
    PERSON,
    SAID,
    BrokenDetector,
    Detector,
    assert_nothing_leaked,
)
from tests.redaction.wires.server import Recorded, Reply, Responder, Server, json_reply, pieces

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.policy import Policy
from callsafe.redaction.spans import Span
from callsafe.redaction.transport import AsyncRedactingTransport, RedactingTransport, conversing

Serve = Callable[[Responder], Server]
BODY = {"model": "m", "messages": [{"role": "user", "content": SAID}]}
CHAT = "/v1/chat/completions"


@pytest.fixture(params=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param, reason=f"{request.param} is not installed")


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve(openai_server.respond)


def content(answer: Any) -> Any:
    return answer["choices"][0]["message"]["content"]


def test_a_transport_by_hand_redacts_and_restores(library: Any, server: Server, redactor: Redactor) -> None:
    with library.Client(transport=RedactingTransport(library.HTTPTransport(), redactor)) as client:
        assert content(client.post(server.url + CHAT, json=BODY).json()) == SAID

    async def run() -> None:
        transport = AsyncRedactingTransport(library.AsyncHTTPTransport(), redactor)
        async with library.AsyncClient(transport=transport) as client:
            assert content((await client.post(server.url + CHAT, json=BODY)).json()) == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_the_request_of_the_caller_is_left_as_it_was(
    library: Any, server: Server, redactor: Redactor
) -> None:
    with protect(library.Client(), redactor=redactor) as client:
        request = client.build_request("POST", server.url + CHAT, json=BODY)
        before = request.content
        for _ in range(2):
            assert content(client.send(request).json()) == SAID
        assert request.content == before
    assert server.received[0].body == server.received[1].body
    assert_nothing_leaked(server)


def test_a_streamed_upload_a_form_and_a_query_are_redacted(
    library: Any, server: Server, redactor: Redactor
) -> None:
    def parts() -> Iterator[bytes]:
        for piece in pieces(json.dumps(BODY), 7):
            yield piece.encode()

    with protect(library.Client(), redactor=redactor) as client:
        headers = {"content-type": "application/json"}
        assert content(client.post(server.url + CHAT, content=parts(), headers=headers).json()) == SAID
        assert int(server.last.headers["content-length"]) == len(server.last.body)
        server.respond = lambda _: json_reply({})
        client.post(f"{server.url}/form", data={"said": SAID})
        client.get(f"{server.url}/search", params={"q": EMAIL, "limit": "5"})
    assert_nothing_leaked(server)
    assert server.last.path == "/search?q=%3CEMAIL_ADDRESS_1%3E&limit=5"


def test_a_compressed_request_is_redacted(library: Any, server: Server, redactor: Redactor) -> None:
    with protect(library.Client(), redactor=redactor) as client:
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        body = gzip.compress(json.dumps(BODY).encode())
        assert content(client.post(server.url + CHAT, content=body, headers=headers).json()) == SAID
        assert "content-encoding" not in server.last.headers
        with pytest.raises(RedactionError, match="content encoding"):
            client.post(server.url + CHAT, content=body, headers=headers | {"content-encoding": "zstd"})
    assert_nothing_leaked(server)


@pytest.mark.parametrize("body", [b'{"messages": ', b"\xff\xfe", b'{"messages":[' + b"[" * 100000])
def test_a_body_that_cannot_be_read_is_blocked(
    library: Any, server: Server, redactor: Redactor, body: bytes
) -> None:
    with protect(library.Client(), redactor=redactor) as client, pytest.raises(RedactionError):
        client.post(server.url + CHAT, content=body, headers={"content-type": "application/json"})
    assert not server.received


def test_a_traceback_with_local_variables_shows_no_original(library: Any, server: Server) -> None:
    with protect(library.Client(), redactor=Redactor(detector=BrokenDetector())) as client:
        request = client.build_request("POST", server.url + CHAT, json=BODY)
        with pytest.raises(RedactionError) as caught:
            client.send(request)
    ours = [entry for entry in caught.traceback if Path(entry.path).parent.name == "transport"]
    assert ours
    assert not any(PERSON in repr(entry.frame.f_locals) for entry in ours)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_bytes_that_are_no_text_are_blocked(library: Any, server: Server, redactor: Redactor) -> None:
    with protect(library.Client(), redactor=redactor) as client:
        for headers in ({}, {"content-type": "application/octet-stream"}):
            with pytest.raises(RedactionError):
                client.post(f"{server.url}/upload", content=b"\xff\x00\x01", headers=headers)
        with pytest.raises(RedactionError):
            client.post(f"{server.url}/upload", files={"file": ("a.bin", b"\xff\x00\x01")})
    assert not server.received


def test_a_time_out_of_the_detector_blocks_the_request(library: Any, server: Server) -> None:
    class Slow:
        def find(self, text: str) -> list[Span]:
            time.sleep(0.5)
            return []

    redactor = Redactor(Policy(max_seconds=0.05), detector=Slow())
    with (
        protect(library.Client(), redactor=redactor) as client,
        pytest.raises(RedactionError, match="seconds"),
    ):
        client.post(server.url + CHAT, json=BODY)
    assert not server.received


def test_too_long_a_request_is_blocked(library: Any, server: Server) -> None:
    redactor = Redactor(Policy(max_characters=100), detector=Detector())
    with (
        protect(library.Client(), redactor=redactor) as client,
        pytest.raises(RedactionError, match="characters"),
    ):
        client.post(server.url + CHAT, json={"messages": [{"content": "word " * 15}] * 2})
    assert not server.received


def test_repeated_keys_do_not_smuggle_an_original(library: Any, server: Server, redactor: Redactor) -> None:
    inner = json.dumps(f'{{"said": "{PERSON}", "said": "nothing"}}')
    body = f'{{"messages":[{{"content":"{PERSON}","content":"x"}},{{"role":"tool","content":{inner}}}]}}'
    with protect(library.Client(), redactor=redactor) as client:
        client.post(server.url + CHAT, content=body, headers={"content-type": "application/json"})
    assert_nothing_leaked(server)


def test_escaped_letters_in_the_json_of_a_tool_are_read(library: Any, serve: Serve) -> None:
    class French:
        def find(self, text: str) -> list[Span]:
            at = text.find("Zoë")
            return [Span(at, at + 3, "PERSON", 1.0)] if at >= 0 else []

    server = serve(openai_server.respond)
    with protect(library.Client(), redactor=Redactor(detector=French())) as client:
        message = {"role": "tool", "content": json.dumps({"name": "Zoë"})}
        answer = client.post(server.url + CHAT, json={"messages": [message]}).json()
    assert "PERSON_1" in server.last.body.decode()
    assert "Zo" not in server.last.body.decode()
    assert json.loads(content(answer)) == {"name": "Zoë"}


def test_no_delay_is_added_to_a_stream(library: Any, serve: Serve, redactor: Redactor) -> None:
    go_on = threading.Event()

    def respond(request: Recorded) -> Reply:
        reply = openai_server.respond(request)

        def waiting() -> Iterator[bytes]:
            for number, chunk in enumerate(reply.chunks):
                if number == 4:
                    assert go_on.wait(5)
                yield chunk

        return Reply(waiting(), content_type=reply.content_type)

    server = serve(respond)
    with protect(library.Client(), redactor=redactor) as client:
        body = {"messages": [{"content": f"Hello there, {PERSON}"}], "stream": True}
        with client.stream("POST", server.url + CHAT, json=body) as response:
            lines = response.iter_lines()
            seen = [next(lines) for _ in range(8)]  # role, three pieces; the server waits with the fourth
            go_on.set()
            rest = list(lines)
    assert "lo " in "".join(seen)
    assert PERSON in "".join(
        json.loads(line[6:])["choices"][0]["delta"].get("content", "")
        for line in [*seen, *rest]
        if line.startswith("data: {") and json.loads(line[6:])["choices"]
    )


def test_requests_of_one_context_share_a_conversation(
    library: Any, server: Server, redactor: Redactor
) -> None:
    with protect(library.Client(), redactor=redactor) as client, conversing(redactor.conversation()):
        for name in (PERSON, OTHER):
            client.post(server.url + CHAT, json={"messages": [{"content": name}]})
    assert [request.json["messages"][0]["content"] for request in server.received] == [
        "<PERSON_1>",
        "<PERSON_2>",
    ]


def test_the_numbers_of_what_is_said_again_do_not_change_as_history_grows(
    library: Any, server: Server, redactor: Redactor
) -> None:
    first = {"messages": [{"role": "user", "content": PERSON}], "system": f"Serve {OTHER}"}
    second = first | {"messages": [*BODY["messages"], {"role": "user", "content": "Person No 7"}]}
    with protect(library.Client(), redactor=redactor) as client:
        for body in (first, second):
            client.post(f"{server.url}/v1/messages", json=body)
    assert {request.json["system"] for request in server.received} == {"Serve <PERSON_1>"}


def test_an_error_is_not_restored(library: Any, server: Server, redactor: Redactor) -> None:
    server.respond = lambda request: json_reply({"error": "bad: " + request.json["input"]}, 400)
    with protect(library.Client(), redactor=redactor) as client:
        answer = client.post(f"{server.url}/v1/embeddings", json={"input": PERSON})
    assert answer.json() == {"error": "bad: <PERSON_1>"}
    assert_nothing_leaked(server)


def test_what_is_already_signed_is_blocked(library: Any, server: Server, redactor: Redactor) -> None:
    headers = {"authorization": "AWS4-HMAC-SHA256 Credential=none"}
    with (
        protect(library.Client(), redactor=redactor) as client,
        pytest.raises(RedactionError, match="signed"),
    ):
        client.post(f"{server.url}/model/m/converse", json={}, headers=headers)
    assert not server.received


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(TypeError, match="does not know"):
        protect(object())
    with pytest.raises(ValueError, match="not both"):
        protect(object(), Policy(), redactor=Redactor())


def test_a_session_of_requests_is_protected(server: Server, redactor: Redactor) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    with protect(requests.Session(), redactor=redactor) as session:
        answer = session.post(server.url + CHAT, json=BODY)
        assert content(answer.json()) == SAID
        answer = session.post(server.url + CHAT, json=BODY | {"stream": True}, stream=True)
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith(b"data: {")]
        said = "".join(each["choices"][0]["delta"].get("content", "") for each in events if each["choices"])
        assert said == SAID
        server.respond = lambda _: json_reply({})
        session.get(f"{server.url}/search", params={"q": EMAIL})
        session.post(f"{server.url}/form", data={"said": SAID})
        session.post(f"{server.url}/form", files={"file": ("note.txt", SAID.encode())})
    assert_nothing_leaked(server)


def test_an_adapter_by_hand_blocks_what_cannot_be_redacted(server: Server, redactor: Redactor) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    adapter = importlib.import_module("callsafe.redaction.transport.requests").RedactingAdapter(
        redactor=redactor
    )
    with requests.Session() as session:
        session.mount("http://", adapter)
        with pytest.raises(RedactionError):
            session.post(server.url + CHAT, data=b"{", headers={"content-type": "application/json"})
        assert not server.received
        assert session.post(server.url + CHAT, json=BODY).json()["choices"]
    assert_nothing_leaked(server)


def test_a_traceback_of_a_broken_stream_shows_no_original(
    library: Any, server: Server, redactor: Redactor
) -> None:
    frames = [
        b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": "to <PERSON_1>."}}]}).encode()
    ]
    server.respond = lambda _: Reply([*frames, b"\n\n"], content_type="text/event-stream", broken=True)

    def run() -> None:
        with (
            protect(library.Client(), redactor=redactor) as client,
            client.stream("POST", server.url + CHAT, json=BODY) as response,
        ):
            for _ in response.iter_bytes():
                pass

    async def arun() -> None:
        async with (
            protect(library.AsyncClient(), redactor=redactor) as client,
            client.stream("POST", server.url + CHAT, json=BODY) as response,
        ):
            async for _ in response.aiter_bytes():
                pass

    for attempt in (run, lambda: asyncio.run(arun())):
        with pytest.raises(library.RemoteProtocolError) as caught:
            attempt()
        trace = traceback.StackSummary.extract(traceback.walk_tb(caught.tb), capture_locals=True)
        ours = [frame for frame in trace if "/redaction/transport/" in frame.filename]
        assert ours
        assert PERSON not in str([frame.locals for frame in ours])
