"""The real boto3 client for bedrock-runtime against a local server."""

from __future__ import annotations

import base64
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
from tests.redaction.wires.server import Recorded, Reply, Responder, Server

from callsafe.redaction import protect
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")

TOOLS: Any = {
    "tools": [
        {"toolSpec": {"name": "note", "description": PERSON, "inputSchema": {"json": {"type": "object"}}}}
    ]
}


@pytest.fixture
def server(serve: Callable[[Responder], Server]) -> Server:
    return serve(other_servers.bedrock)


def plain(server: Server, service: str = "bedrock-runtime") -> Any:
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=server.url,
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )


def user(content: str) -> Any:
    return {"modelId": "m", "messages": [{"role": "user", "content": [{"text": content}]}]}


def test_converse_is_protected(server: Server, redactor: Redactor) -> None:
    client = protect(plain(server), redactor=redactor)
    said = f"{QUOTED} {SAID}"
    answer = client.converse(**user(said), system=[{"text": OTHER}], toolConfig=TOOLS)
    content = answer["output"]["message"]["content"]
    assert content[0]["text"] == said
    assert content[1]["toolUse"]["input"] == {"said": said}
    assert_nothing_leaked(server)


def test_tools_and_documents_are_redacted(server: Server, redactor: Redactor) -> None:
    client = protect(plain(server), redactor=redactor)
    messages: Any = [
        {"role": "user", "content": [{"text": SAID}]},
        {
            "role": "assistant",
            "content": [{"toolUse": {"toolUseId": "t", "name": "note", "input": {"card": CARD}}}],
        },
        {
            "role": "user",
            "content": [
                {"text": "go on"},
                {"toolResult": {"toolUseId": "t", "content": [{"json": {"to": PERSON}}, {"text": QUOTED}]}},
                {"document": {"format": "txt", "name": OTHER, "source": {"bytes": SAID.encode()}}},
            ],
        },
    ]
    client.converse(modelId="m", messages=messages)
    assert_nothing_leaked(server)
    document = server.last.json["messages"][2]["content"][2]["document"]
    assert PERSON not in base64.b64decode(document["source"]["bytes"]).decode()


def test_a_converse_stream_is_restored(server: Server, redactor: Redactor) -> None:
    client = protect(plain(server), redactor=redactor)
    said = f"{QUOTED} {SAID} <PERSON"
    texts = {0: "", 1: ""}
    stopped = set()
    for event in client.converse_stream(**user(said), toolConfig=TOOLS)["stream"]:
        if "contentBlockDelta" in event:
            block = event["contentBlockDelta"]
            assert block["contentBlockIndex"] not in stopped
            delta = block["delta"]
            texts[block["contentBlockIndex"]] += (
                delta["text"] if "text" in delta else delta["toolUse"]["input"]
            )
        elif "contentBlockStop" in event:
            stopped.add(event["contentBlockStop"]["contentBlockIndex"])
    assert texts[0] == said
    assert json.loads(texts[1]) == {"said": said}
    assert_nothing_leaked(server)


def test_invoke_model_is_protected_for_anthropic_and_titan(server: Server, redactor: Redactor) -> None:
    client = protect(plain(server), redactor=redactor)
    claude = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": SAID}],
    }
    answer = client.invoke_model(modelId="m", body=json.dumps(claude))
    assert json.loads(answer["body"].read())["content"][0]["text"] == SAID
    text = ""
    for event in client.invoke_model_with_response_stream(modelId="m", body=json.dumps(claude))["body"]:
        text += json.loads(event["chunk"]["bytes"]).get("delta", {}).get("text", "")
    assert text == SAID
    titan = json.dumps({"inputText": SAID, "textGenerationConfig": {"maxTokenCount": 9}})
    answer = client.invoke_model(modelId="m", body=titan)
    assert json.loads(answer["body"].read())["results"][0]["outputText"] == SAID
    events = client.invoke_model_with_response_stream(modelId="m", body=titan)["body"]
    assert "".join(json.loads(event["chunk"]["bytes"])["outputText"] for event in events) == SAID
    assert_nothing_leaked(server)


def test_a_retry_is_redacted_once_and_signed_anew(
    serve: Callable[[Responder], Server], redactor: Redactor
) -> None:
    started: list[Server] = []

    def fail_once(request: Recorded) -> Reply:
        if len(started[0].received) == 1:
            return Reply([b'{"message":"busy"}'], 503)
        return other_servers.bedrock(request)

    server = serve(fail_once)
    started.append(server)
    client = protect(plain(server), redactor=redactor)
    assert client.converse(**user(SAID))["output"]["message"]["content"][0]["text"] == SAID
    assert server.received[0].body == server.received[1].body
    assert_nothing_leaked(server)


def test_a_detector_that_fails_blocks_the_request(server: Server) -> None:
    client = protect(plain(server), redactor=Redactor(detector=BrokenDetector()))
    with pytest.raises(RedactionError):
        client.converse(**user(SAID))
    assert not server.received


def test_another_service_is_refused(server: Server, redactor: Redactor) -> None:
    with pytest.raises(TypeError, match="s3"):
        protect(plain(server, "s3"), redactor=redactor)


def test_the_bedrock_client_of_anthropic_is_redacted_before_it_signs(
    server: Server, redactor: Redactor
) -> None:
    anthropic = pytest.importorskip("anthropic", reason="the anthropic SDK is not installed")
    client = protect(
        anthropic.AnthropicBedrock(
            base_url=server.url, aws_region="us-east-1", aws_access_key="none", aws_secret_key="none"
        ),
        redactor=redactor,
    )
    request: Any = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": SAID}]}
    assert client.messages.create(**request).content[0].text == SAID
    assert "AWS4-HMAC" in server.last.headers["authorization"]
    assert "".join(_texts(client.messages.create(**request, stream=True))) == SAID
    assert_nothing_leaked(server)


def _texts(events: Any) -> list[str]:
    return [event.delta.text for event in events if event.type == "content_block_delta"]
