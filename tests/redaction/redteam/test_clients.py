"""Ways around a protected client: copies, clones, hooks, logs, redirects, adapters mounted later."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import io
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from tests.redaction.wires import openai_server
from tests.redaction.wires.conftest import (
    CARD,
    EMAIL,
    ORIGINALS,
    PERSON,
    SAID,
    BrokenDetector,
    assert_nothing_leaked,
)
from tests.redaction.wires.server import Recorded, Reply, Responder, Server, json_reply

from callsafe.redaction import RedactingFilter, RedactionError, Redactor, protect

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
Serve = Callable[[Responder], Server]
MESSAGES: Any = [{"role": "user", "content": SAID}]
CHAT = "/v1/chat/completions"


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve(openai_server.respond)


@pytest.fixture
def client(server: Server, redactor: Redactor) -> Any:
    return protect(
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0), redactor=redactor
    )


def ask(client: Any) -> Any:
    return client.chat.completions.create(model="m", messages=MESSAGES).choices[0].message.content


@pytest.mark.parametrize(
    "derive",
    [
        lambda client: client.copy(),
        lambda client: client.with_options(timeout=5),
        lambda client: client.with_options(max_retries=1).copy(timeout=3),
        lambda client: client.copy(http_client=openai.DefaultHttpxClient()),
        copy.copy,
    ],
)
def test_a_client_made_from_a_protected_one_is_protected(client: Any, server: Server, derive: Any) -> None:
    assert ask(derive(client)) == SAID
    assert_nothing_leaked(server)


def test_clones_and_resources_made_before_are_protected_too(server: Server, redactor: Redactor) -> None:
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key="none")
    clone, completions, responses = client.with_options(timeout=5), client.chat.completions, client.responses
    raw = client.with_raw_response
    protect(client, redactor=redactor)
    assert ask(clone) == SAID
    assert completions.create(model="m", messages=MESSAGES).choices[0].message.content == SAID
    assert responses.create(model="m", input=SAID).output_text == SAID
    assert raw.responses.create(model="m", input=SAID).parse().output_text == SAID
    assert_nothing_leaked(server)


def test_a_subclass_that_prepares_its_requests_is_protected(server: Server, redactor: Redactor) -> None:
    class Ours(openai.OpenAI):  # type: ignore[misc, name-defined]
        def _prepare_options(self, options: Any) -> Any:
            options.json_data = options.json_data | {"user": EMAIL}
            return options

    client = protect(Ours(base_url=f"{server.url}/v1", api_key="none"), redactor=redactor)
    assert ask(client) == SAID
    assert server.last.json["user"] == "<EMAIL_ADDRESS_1>"
    assert_nothing_leaked(server)


def test_what_an_sdk_signs_is_what_is_sent(server: Server, redactor: Redactor) -> None:
    class Signing(openai.OpenAI):  # type: ignore[misc, name-defined]
        def _prepare_request(self, request: Any) -> None:
            request.headers["x-digest"] = hashlib.sha256(request.read()).hexdigest()

    client = protect(Signing(base_url=f"{server.url}/v1", api_key="none"), redactor=redactor)
    assert ask(client) == SAID
    assert server.last.headers["x-digest"] == hashlib.sha256(server.last.body).hexdigest()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_protected_client_is_not_pickled_or_copied_deeply_into_an_open_one(client: Any) -> None:
    for leak in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(client)
    ask(client)
    assert not any(original in repr(client) + repr(vars(client)) for original in ORIGINALS)


def test_the_module_of_openai_is_refused_and_not_silently_left_open() -> None:
    with pytest.raises(TypeError, match="does not know"):
        protect(openai)


def test_extra_body_query_and_headers_are_redacted(client: Any, server: Server) -> None:
    client.chat.completions.create(
        model="m",
        messages=MESSAGES,
        metadata={"owner": PERSON},
        user=EMAIL,
        stop=[PERSON],
        extra_body={"tenant": {"owner": PERSON, EMAIL: [float(CARD)]}},
        extra_query={"who": EMAIL, PERSON: "1"},
        extra_headers={"X-User": EMAIL, "X-Name": PERSON, "X-Plain": "blue"},
    )
    assert server.last.headers["x-user"] == "<EMAIL_ADDRESS_1>"
    assert server.last.headers["x-plain"] == "blue"
    assert server.last.headers["authorization"] == "Bearer none"
    assert_nothing_leaked(server)


def test_hooks_of_the_http_client_see_no_original(server: Server, redactor: Redactor) -> None:
    seen: list[str] = []

    def hook(request: Any) -> None:
        seen.append(f"{request.url} {request.content!r} {request.headers}")

    http_client = openai.DefaultHttpxClient(event_hooks={"request": [hook]})
    client = protect(
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", http_client=http_client), redactor=redactor
    )
    ask(client)
    assert seen
    assert not any(original in seen[0] for original in ORIGINALS)


def test_what_the_http_library_logs_holds_no_original(
    client: Any, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.chat.completions.create(model="m", messages=MESSAGES, extra_query={"who": EMAIL})
    said = [
        f"{record.getMessage()} {record.args}"
        for record in caplog.records
        if record.name.startswith(("http", "callsafe"))
    ]
    assert said
    assert not any(original in line for original in ORIGINALS for line in said)


def test_the_debug_log_of_the_sdk_is_scrubbed_by_our_filter(client: Any, redactor: Redactor) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(redactor))
    logger = logging.getLogger("openai")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        ask(client)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert stream.getvalue()
    assert not any(original in stream.getvalue() for original in ORIGINALS)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("library", ["openai", "httpx", "httpx2", "requests"])
def test_a_redirect_to_another_host_carries_no_original(
    serve: Serve, redactor: Redactor, library: str, status: int
) -> None:
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    there = serve(lambda request: openai_server.respond(request) if request.body else json_reply({}))
    here = serve(lambda request: Reply([], status, headers={"Location": there.url + request.path}))
    if library == "openai":
        client = openai.OpenAI(base_url=f"{here.url}/v1", api_key="none", max_retries=0)
        protect(client, redactor=redactor).chat.completions.create(
            model="m", messages=MESSAGES, extra_query={"q": EMAIL}
        )
    elif library == "requests":
        protect(module.Session(), redactor=redactor).post(
            here.url + CHAT, json={"messages": MESSAGES}, params={"q": EMAIL}
        )
    else:
        protect(module.Client(follow_redirects=True), redactor=redactor).post(
            here.url + CHAT, json={"messages": MESSAGES}, params={"q": EMAIL}
        )
    assert there.received
    for server in (here, there):
        for original in ORIGINALS:
            assert not server.saw(original)


def test_an_adapter_mounted_later_is_protected(server: Server, redactor: Redactor) -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    session = protect(requests.Session(), redactor=redactor)
    session.mount("http://127.", requests.adapters.HTTPAdapter(max_retries=1))
    answer = session.post(server.url + CHAT, json={"messages": MESSAGES}, headers={"X-User": EMAIL})
    assert answer.json()["choices"][0]["message"]["content"] == SAID
    assert server.last.headers["x-user"] == "<EMAIL_ADDRESS_1>"
    assert_nothing_leaked(server)
    copied = copy.copy(session)
    copied.post(server.url + CHAT, json={"messages": MESSAGES})
    assert_nothing_leaked(server)


def test_a_form_and_a_file_of_httpx_carry_no_original(server: Server, redactor: Redactor) -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    server.respond = lambda _: json_reply({})
    with protect(httpx.Client(), redactor=redactor) as client:
        client.post(
            f"{server.url}/v1/files",
            data={"purpose": "batch", "user_id": EMAIL},
            files={"file": (f"{PERSON}.jsonl", json.dumps({"custom_id": EMAIL, "messages": MESSAGES}))},
        )
    assert_nothing_leaked(server)


def test_an_answer_is_parsed_into_objects_with_originals(client: Any, server: Server) -> None:
    class Answer(BaseModel):
        said: Literal["Ada Lovelace", "nobody"]

    parsed = client.chat.completions.parse(
        model="m", messages=[{"role": "user", "content": PERSON}], response_format=Answer
    )
    assert parsed.choices[0].message.parsed == Answer.model_validate({"said": PERSON})
    assert_nothing_leaked(server)


def test_a_blocked_request_shows_no_original_in_its_whole_chain(server: Server) -> None:
    client = protect(
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none"),
        redactor=Redactor(detector=BrokenDetector()),
    )
    with pytest.raises(RedactionError) as caught:
        client.chat.completions.create(model="m", messages=MESSAGES)
    error: BaseException | None = caught.value
    while error is not None:
        assert not any(original in f"{error!r} {error.args}" for original in ORIGINALS)
        error = error.__cause__ or error.__context__
    assert not server.received


def test_a_cancelled_request_leaves_the_next_one_to_itself(serve: Serve, redactor: Redactor) -> None:
    import threading

    go_on = threading.Event()

    def slow(request: Recorded) -> Reply:
        if b"Person No" not in request.body and b"wait" in request.body:
            go_on.wait(5)
        return openai_server.respond(request)

    server = serve(slow)

    async def run() -> None:
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none") as made:
            client = protect(made, redactor=redactor)
            first = asyncio.create_task(
                client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": f"wait {PERSON}"}], stream=True
                )
            )
            await asyncio.sleep(0.2)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            go_on.set()
            answer = await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "I am Grace Hopper"}]
            )
            assert answer.choices[0].message.content == "I am Grace Hopper"

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_spans_of_opentelemetry_hold_no_original(server: Server) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="opentelemetry is not installed")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from tests.redaction.wires.conftest import Detector

    from callsafe.redaction.audit import opentelemetry

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    audited = Redactor(detector=Detector(), audit=opentelemetry)
    client = protect(openai.OpenAI(base_url=f"{server.url}/v1", api_key="none"), redactor=audited)
    with provider.get_tracer("test").start_as_current_span("ask"):
        ask(client)
    (span,) = exporter.get_finished_spans()
    assert span.events
    assert not any(original in span.to_json() for original in ORIGINALS)
