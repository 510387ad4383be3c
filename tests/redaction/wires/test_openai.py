"""The real openai SDK against a local server: it sees no original, the caller sees no placeholder."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.redaction.wires import openai_server
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
from tests.redaction.wires.server import Recorded, Reply, Responder, Server, cut, gzipped, json_reply

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.policy import Policy

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")

Serve = Callable[[Responder], Server]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "note",
        "description": f"notes for {PERSON}",
        "parameters": {"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"]},
    },
}
RESPONSES_TOOL: Any = {"type": "function", **TOOL["function"]}


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve(openai_server.respond)


@pytest.fixture
def client(server: Server, redactor: Redactor) -> Any:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=2) as client:
        yield protect(client, redactor=redactor)


def async_client(server: Server, redactor: Redactor) -> Any:
    return protect(openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none"), redactor=redactor)


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def small_chunks(respond: Responder, size: int) -> Responder:
    def cutting(request: Recorded) -> Reply:
        reply = respond(request)
        return Reply(cut(b"".join(reply.chunks), size), reply.status, reply.content_type, reply.headers)

    return cutting


def test_a_chat_answer_is_restored_and_the_server_sees_no_original(client: Any, server: Server) -> None:
    answer = client.chat.completions.create(model="m", messages=user(SAID))
    assert answer.choices[0].message.content == SAID
    assert_nothing_leaked(server)
    assert server.last.json["messages"][0]["content"] == (
        "Write to <PERSON_1> at <EMAIL_ADDRESS_1> about <PERSON_2>, please."
    )


def test_protect_returns_the_client_it_was_given(server: Server, redactor: Redactor) -> None:
    client = openai.OpenAI(base_url=server.url, api_key="none")
    assert protect(client, redactor=redactor) is client
    assert protect(protect(client, redactor=redactor), redactor=redactor) is client
    client.chat.completions.create(model="m", messages=user(SAID))
    assert server.last.json["messages"][0]["content"].count("<PERSON_1>") == 1


def test_every_place_of_a_chat_request_is_redacted(client: Any, server: Server) -> None:
    called = {"name": "note", "arguments": json.dumps({"card": CARD, "who": [{"name": PERSON}], "n": 3})}
    messages: list[Any] = [
        {"role": "system", "content": f"You work for {PERSON}."},
        {"role": "developer", "content": [{"type": "text", "text": f"Never name {OTHER}."}]},
        {"role": "user", "name": "Ada_Lovelace", "content": SAID},
        {
            "role": "assistant",
            "content": None,
            "refusal": f"I cannot name {OTHER}",
            "tool_calls": [{"id": "call_1", "type": "function", "function": called}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"mail": EMAIL, "card": CARD})},
        {"role": "user", "content": [{"type": "text", "text": f"and {QUOTED}?"}]},
    ]
    answer = client.chat.completions.create(
        model="m", messages=messages, tools=[TOOL], user=EMAIL, metadata={"for": PERSON}, seed=123456789012
    )
    assert_nothing_leaked(server)
    sent = server.last.json
    assert json.loads(sent["messages"][3]["tool_calls"][0]["function"]["arguments"]) == {
        "card": "<CREDIT_CARD_1>",
        "who": [{"name": "<PERSON_1>"}],
        "n": 3,
    }
    assert json.loads(sent["messages"][4]["content"])["card"] == "<CREDIT_CARD_1>"
    assert sent["messages"][2]["name"] == "PERSON_1"
    assert sent["tools"][0]["function"]["parameters"] == TOOL["function"]["parameters"]
    assert sent["seed"] == 123456789012
    arguments = answer.choices[0].message.tool_calls[0].function.arguments
    assert json.loads(arguments) == {"said": f"and {QUOTED}?"}


def test_a_stream_is_restored_in_every_choice(client: Any, server: Server) -> None:
    texts = {0: "", 1: "", 2: ""}
    chunks = client.chat.completions.create(
        model="m", messages=user(SAID), stream=True, n=3, stream_options={"include_usage": True}
    )
    usage = None
    for chunk in chunks:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
    assert set(texts.values()) == {SAID}
    assert usage is not None
    assert_nothing_leaked(server)


@pytest.mark.parametrize("ending", ["<", "<PERS", "<PERSON_", "PERSON"])
def test_what_is_held_back_comes_before_the_end(client: Any, ending: str) -> None:
    text, finish = "", None
    for chunk in client.chat.completions.create(model="m", messages=user(f"{PERSON} {ending}"), stream=True):
        for choice in chunk.choices:
            assert finish is None
            text += choice.delta.content or ""
            finish = choice.finish_reason
    assert (text, finish) == (f"{PERSON} {ending}", "stop")


@pytest.mark.parametrize("size", [1, 2, 5, 17, 4096])
def test_a_stream_is_restored_however_the_bytes_are_cut(serve: Serve, redactor: Redactor, size: int) -> None:
    server = serve(small_chunks(openai_server.respond, size))
    client = protect(openai.OpenAI(base_url=server.url, api_key="none"), redactor=redactor)
    said = f"{SAID} Zoë → {QUOTED}"
    chunks = client.chat.completions.create(model="m", messages=user(said), stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == said


def test_interleaved_tool_calls_stream_their_arguments_as_valid_json(client: Any, server: Server) -> None:
    arguments = ["", ""]
    said = f"{QUOTED} and {SAID}"
    for chunk in client.chat.completions.create(model="m", messages=user(said), tools=[TOOL], stream=True):
        for choice in chunk.choices:
            for call in choice.delta.tool_calls or ():
                arguments[call.index] += call.function.arguments or ""
    assert [json.loads(each) for each in arguments] == [{"said": said}] * 2
    assert_nothing_leaked(server)


def test_structured_output_stays_json_when_an_original_holds_a_quote(client: Any, server: Server) -> None:
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "said", "schema": {"type": "object"}}}
    request = {"model": "m", "messages": user(f"{QUOTED} {PERSON}"), "response_format": wanted}
    answer = client.chat.completions.create(**request)
    assert json.loads(answer.choices[0].message.content) == {"said": f"{QUOTED} {PERSON}"}
    chunks = client.chat.completions.create(**request, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert json.loads(text) == {"said": f"{QUOTED} {PERSON}"}
    assert_nothing_leaked(server)


def test_a_responses_answer_is_restored(client: Any, server: Server) -> None:
    answer = client.responses.create(model="m", instructions=f"You serve {OTHER}", input=SAID)
    assert answer.output_text == SAID
    assert answer.instructions == f"You serve {OTHER}"
    assert_nothing_leaked(server)


def test_every_place_of_a_responses_request_is_redacted(client: Any, server: Server) -> None:
    items: list[Any] = [
        {"role": "user", "content": [{"type": "input_text", "text": SAID}]},
        {"type": "function_call", "call_id": "c", "name": "note", "arguments": json.dumps({"card": CARD})},
        {"type": "function_call_output", "call_id": "c", "output": f"sent to {QUOTED}"},
    ]
    answer = client.responses.create(model="m", input=items, tools=[RESPONSES_TOOL])
    assert_nothing_leaked(server)
    assert json.loads(answer.output[0].arguments) == {"said": f"sent to {QUOTED}"}
    assert json.loads(server.last.json["input"][1]["arguments"]) == {"card": "<CREDIT_CARD_1>"}


def test_a_responses_stream_is_restored_in_its_deltas_and_in_its_end(client: Any, server: Server) -> None:
    text, done, completed = "", "", None
    for event in client.responses.create(model="m", input=SAID + " <", stream=True):
        if event.type == "response.output_text.delta":
            assert not done
            text += event.delta
        elif event.type == "response.output_text.done":
            done = event.text
        elif event.type == "response.completed":
            completed = event.response
    assert text == done == SAID + " <"
    assert completed is not None
    assert completed.output_text == SAID + " <"
    assert_nothing_leaked(server)


def test_tool_arguments_of_a_responses_stream_stay_json(client: Any, server: Server) -> None:
    arguments, done = "", ""
    stream = client.responses.create(model="m", input=f"{QUOTED} {SAID}", tools=[RESPONSES_TOOL], stream=True)
    for event in stream:
        if event.type == "response.function_call_arguments.delta":
            arguments += event.delta
        elif event.type == "response.function_call_arguments.done":
            done = event.arguments
    assert json.loads(arguments) == json.loads(done) == {"said": f"{QUOTED} {SAID}"}
    assert_nothing_leaked(server)


def test_the_stream_helpers_of_the_sdk_accumulate_originals(client: Any) -> None:
    with client.chat.completions.stream(model="m", messages=user(SAID)) as stream:
        stream.until_done()
        assert stream.get_final_completion().choices[0].message.content == SAID
    with client.responses.stream(model="m", input=SAID) as stream:
        assert stream.get_final_response().output_text == SAID


def test_completions_embeddings_and_moderations_are_redacted(client: Any, server: Server) -> None:
    assert client.completions.create(model="m", prompt=SAID).choices[0].text == SAID
    chunks = client.completions.create(model="m", prompt=SAID, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == SAID
    assert len(client.embeddings.create(model="m", input=[PERSON, SAID]).data) == 2
    client.moderations.create(model="m", input=SAID)
    assert_nothing_leaked(server)


def test_token_numbers_are_blocked(client: Any, server: Server) -> None:
    with pytest.raises(RedactionError, match="token numbers"):
        client.embeddings.create(model="m", input=[[1, 2, 3]])
    assert not server.received


def test_batch_and_training_files_are_redacted_line_by_line(client: Any, server: Server) -> None:
    request = {"model": "m", "messages": user(SAID), "seed": 123456789012}
    batch = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": request}
    training = {"messages": [*user(SAID), {"role": "assistant", "content": f"Hello {QUOTED}"}]}
    content = "\n".join(json.dumps(line) for line in (batch, training)).encode()
    client.files.create(file=(f"{PERSON}.jsonl", content), purpose="batch")
    assert_nothing_leaked(server)
    lines = [json.loads(line) for line in server.last.body.splitlines() if line.startswith(b"{")]
    assert lines[0]["body"]["messages"][0]["content"].startswith("Write to <PERSON_1> at")
    assert lines[0]["body"]["seed"] == 123456789012
    assert lines[0]["url"] == "/v1/chat/completions"
    assert lines[1]["messages"][1]["content"].startswith("Hello <PERSON_")


@pytest.mark.parametrize("rule", ["pass", "drop", "block"])
def test_images_are_passed_dropped_or_blocked(server: Server, rule: Any) -> None:
    redactor = Redactor(Policy(images=rule), detector=Detector())
    client = protect(openai.OpenAI(base_url=server.url, api_key="none"), redactor=redactor)
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QURB"}}
    messages = user([{"type": "text", "text": SAID}, picture])
    if rule == "block":
        with pytest.raises(RedactionError, match="images"):
            client.chat.completions.create(model="m", messages=messages)
        assert not server.received
        return
    client.chat.completions.create(model="m", messages=messages)
    sent = server.last.json["messages"][0]["content"][1]
    assert sent == (picture if rule == "pass" else {"type": "text", "text": "[images removed]"})


def test_an_async_client_is_protected(server: Server, redactor: Redactor) -> None:
    async def run() -> None:
        async with async_client(server, redactor) as client:
            answer = await client.chat.completions.create(model="m", messages=user(SAID))
            assert answer.choices[0].message.content == SAID
            stream = await client.chat.completions.create(model="m", messages=user(SAID), stream=True)
            text = "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])
            assert text == SAID
            assert (await client.responses.create(model="m", input=SAID)).output_text == SAID
            stream = await client.responses.create(model="m", input=SAID, stream=True)
            deltas = [e.delta async for e in stream if e.type == "response.output_text.delta"]
            assert "".join(deltas) == SAID

    asyncio.run(run())
    assert_nothing_leaked(server)


def test_azure_is_protected(server: Server, redactor: Redactor) -> None:
    client = protect(
        openai.AzureOpenAI(azure_endpoint=server.url, api_key="none", api_version="2024-10-21"),
        redactor=redactor,
    )
    answer = client.chat.completions.create(model="gpt", messages=user(SAID))
    assert answer.choices[0].message.content == SAID
    assert "/openai/deployments/gpt/chat/completions?api-version=2024-10-21" in server.last.path
    assert_nothing_leaked(server)


def test_raw_and_streaming_responses_are_restored(client: Any, server: Server) -> None:
    raw = client.chat.completions.with_raw_response.create(model="m", messages=user(SAID))
    assert raw.parse().choices[0].message.content == SAID
    with client.chat.completions.with_streaming_response.create(model="m", messages=user(SAID)) as response:
        assert json.loads(b"".join(response.iter_bytes()))["choices"][0]["message"]["content"] == SAID
    assert_nothing_leaked(server)


def test_a_derived_client_is_protected_too(client: Any, server: Server) -> None:
    derived = client.with_options(timeout=5.0).with_options(max_retries=0)
    assert derived.chat.completions.create(model="m", messages=user(SAID)).choices[0].message.content == SAID
    assert_nothing_leaked(server)


def test_a_retry_of_the_sdk_is_redacted_once_and_the_same_way(serve: Serve, redactor: Redactor) -> None:
    started: list[Server] = []

    def fail_twice(request: Recorded) -> Reply:
        if len(started[0].received) < 3:
            return Reply([b'{"error":{"message":"busy"}}'], 503, headers={"retry-after-ms": "1"})
        return openai_server.respond(request)

    server = serve(fail_twice)
    started.append(server)
    client = protect(openai.OpenAI(base_url=server.url, api_key="none"), redactor=redactor)
    answer = client.chat.completions.create(model="m", messages=user(SAID))
    assert answer.choices[0].message.content == SAID
    assert len({request.body for request in server.received}) == 1
    assert len(server.received) == 3
    assert_nothing_leaked(server)


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_carries_the_redacted_body(serve: Serve, redactor: Redactor, status: int) -> None:
    started: list[Server] = []

    def redirect(request: Recorded) -> Reply:
        if len(started[0].received) == 1:
            return Reply([b""], status, headers={"Location": f"{started[0].url}/v1/chat/completions"})
        return openai_server.respond(request)

    server = serve(redirect)
    started.append(server)
    client = protect(openai.OpenAI(base_url=f"{server.url}/old", api_key="none"), redactor=redactor)
    answer = client.chat.completions.create(model="m", messages=user(SAID))
    assert answer.choices[0].message.content == SAID
    assert server.received[0].body == server.received[1].body
    assert_nothing_leaked(server)


def test_the_content_length_is_that_of_the_redacted_body(client: Any, server: Server) -> None:
    client.chat.completions.create(model="m", messages=user(SAID))
    assert int(server.last.headers["content-length"]) == len(server.last.body)


@pytest.mark.parametrize("stream", [False, True])
def test_a_compressed_answer_is_restored(serve: Serve, redactor: Redactor, stream: bool) -> None:
    server = serve(lambda request: gzipped(openai_server.respond(request)))
    client = protect(openai.OpenAI(base_url=server.url, api_key="none"), redactor=redactor)
    answer = client.chat.completions.create(model="m", messages=user(SAID), stream=stream)
    if stream:
        assert "".join(c.choices[0].delta.content or "" for c in answer if c.choices) == SAID
    else:
        assert answer.choices[0].message.content == SAID


def test_an_error_that_quotes_the_prompt_holds_no_original(serve: Serve, redactor: Redactor) -> None:
    def refuse(request: Recorded) -> Reply:
        return json_reply({"error": {"message": "bad: " + request.json["messages"][0]["content"]}}, 400)

    client = protect(openai.OpenAI(base_url=serve(refuse).url, api_key="none"), redactor=redactor)
    with pytest.raises(openai.BadRequestError, match="<PERSON_1>") as caught:
        client.chat.completions.create(model="m", messages=user(SAID))
    error = caught.value
    assert PERSON not in f"{error} {error!r} {error.body} {error.response.text} {error.request.content!r}"


def test_nothing_held_is_lost_when_the_connection_breaks(serve: Serve, redactor: Redactor) -> None:
    def broken(request: Recorded) -> Reply:
        whole = openai_server.respond(request)
        frames = list(whole.chunks)
        return Reply(frames[: len(frames) - 3], content_type=whole.content_type, broken=True)

    client = protect(
        openai.OpenAI(base_url=serve(broken).url, api_key="none", max_retries=0), redactor=redactor
    )
    chunks = client.chat.completions.create(model="m", messages=user(f"{SAID} <PERS"), stream=True)
    text, failure = "", ""
    try:
        for chunk in chunks:
            text += chunk.choices[0].delta.content or ""
    except Exception as error:  # its class differs between releases
        failure = str(error)
    assert "peer closed" in failure or "Connection error" in failure
    assert text == f"{SAID} <PERS"


def test_a_stream_that_is_left_early_closes_its_connection(client: Any) -> None:
    stream = client.chat.completions.create(model="m", messages=user(SAID), stream=True)
    next(iter(stream))
    stream.close()
    assert stream.response.is_closed


def test_a_cancelled_stream_closes_its_connection_and_the_client_goes_on(
    serve: Serve, redactor: Redactor
) -> None:
    go_on = threading.Event()

    def waiting(request: Recorded) -> Reply:
        reply = openai_server.respond(request)
        frames = list(reply.chunks)

        def slow() -> Iterator[bytes]:
            yield from frames[:6]
            go_on.wait(5)
            yield from frames[6:]

        return Reply(slow(), content_type=reply.content_type)

    server = serve(waiting)

    async def run() -> None:
        async with async_client(server, redactor) as client:
            stream = await client.chat.completions.create(model="m", messages=user(SAID), stream=True)
            text = ""

            async def read() -> None:
                nonlocal text
                async for chunk in stream:
                    text += chunk.choices[0].delta.content or ""

            task = asyncio.create_task(read())
            while len(text) < 9:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert SAID.startswith(text)
            if not openai.__version__.startswith(
                "1."
            ):  # whose stream does not close, with or without protect()
                assert stream.response.is_closed
            go_on.set()
            answer = await client.chat.completions.create(model="m", messages=user(SAID))
            assert answer.choices[0].message.content == SAID

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True])
def test_a_detector_that_fails_blocks_the_request(server: Server, stream: bool) -> None:
    client = protect(
        openai.OpenAI(base_url=server.url, api_key="none"), redactor=Redactor(detector=BrokenDetector())
    )
    with pytest.raises(RedactionError) as caught:
        client.chat.completions.create(model="m", messages=user(SAID), stream=stream)
    assert not server.received
    assert PERSON not in str(caught.value)


def test_a_detector_that_fails_blocks_the_request_of_an_async_client(server: Server) -> None:
    async def run() -> None:
        async with async_client(server, Redactor(detector=BrokenDetector())) as client:
            with pytest.raises(RedactionError):
                await client.chat.completions.create(model="m", messages=user(SAID))

    asyncio.run(run())
    assert not server.received


def test_an_unknown_endpoint_is_scrubbed_or_blocked_as_the_policy_says(client: Any, server: Server) -> None:
    client.post("/new/thing", body={"model": "m", "deep": [{"said": SAID, "card": CARD}]}, cast_to=object)
    assert_nothing_leaked(server)
    server.received.clear()
    redactor = Redactor(Policy(on_unknown_payload="block"), detector=Detector())
    strict = protect(openai.OpenAI(base_url=server.url, api_key="none"), redactor=redactor)
    with pytest.raises(RedactionError, match="unknown"):
        strict.post("/new/thing", body={"said": SAID}, cast_to=object)
    with pytest.raises(RedactionError, match="'hint'"):
        strict.chat.completions.create(model="m", messages=user(SAID), extra_body={"hint": PERSON})
    assert not server.received


def test_a_conversation_that_the_provider_keeps_needs_a_conversation_of_ours(
    client: Any, server: Server, redactor: Redactor
) -> None:
    with pytest.raises(RedactionError, match="previous_response_id"):
        client.responses.create(model="m", input=SAID, previous_response_id="resp_0")
    assert not server.received
    kept = protect(
        openai.OpenAI(base_url=server.url, api_key="none"),
        redactor=redactor,
        conversation=redactor.conversation(),
    )
    first = kept.responses.create(model="m", input=PERSON)
    second = kept.responses.create(model="m", input=f"{OTHER} {PERSON}", previous_response_id=first.id)
    assert server.last.json["input"] == "<PERSON_2> <PERSON_1>"
    assert second.output_text == f"{OTHER} {PERSON}"


def test_a_socket_past_the_wire_is_blocked(client: Any) -> None:
    with pytest.raises(RedactionError, match="realtime"):
        client.realtime.connect(model="m")
    with pytest.raises(RedactionError, match="realtime"):
        client.with_options(timeout=1).realtime.connect(model="m")


def test_eight_threads_on_one_client_do_not_mix(client: Any, server: Server) -> None:
    def ask(number: int) -> bool:
        said = f"Person No {number} and {EMAIL}"
        if number % 2:
            answer = client.chat.completions.create(model="m", messages=user(said))
            return bool(answer.choices[0].message.content == said)
        chunks = client.chat.completions.create(model="m", messages=user(said), stream=True)
        return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == said

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(160)))
    assert not any(b"Person No" in request.body for request in server.received)


def test_two_hundred_concurrent_async_calls_on_one_client_do_not_mix(
    server: Server, redactor: Redactor
) -> None:
    async def run() -> list[bool]:
        async with async_client(server, redactor) as client:

            async def ask(number: int) -> bool:
                said = f"Person No {number} and {EMAIL}"
                stream = await client.chat.completions.create(model="m", messages=user(said), stream=True)
                return "".join([c.choices[0].delta.content or "" async for c in stream if c.choices]) == said

            return await asyncio.gather(*map(ask, range(200)))

    assert all(asyncio.run(run()))
    assert len(server.received) == 200
    assert not any(b"Person No" in request.body for request in server.received)
