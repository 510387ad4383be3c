"""Places of a request where an original could slip past: each is redacted, or the request is blocked."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from tests.redaction.wires.conftest import CARD, EMAIL, ORIGINALS, PERSON, Detector

from callsafe.redaction import Mask, Policy, RedactionError, Redactor
from callsafe.redaction.payloads import _table
from callsafe.redaction.payloads.shapes import Kind
from callsafe.redaction.payloads.walk import redact
from callsafe.redaction.transport.exchange import Exchange, Guard, conversing

CHAT = "/v1/chat/completions"
HELLO = {"messages": [{"role": "user", "content": "hello"}]}
FORM = "multipart/form-data; boundary=B"
SVG = f"<svg><text>{PERSON}</text></svg>"


def send(
    body: Any, path: str = CHAT, kind: str = "application/json", query: str = "", **headers: str
) -> Exchange:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    redactor = Redactor(detector=Detector())
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Guard(redactor, redactor.policy).exchange(
        path=path, query=query, headers={"content-type": kind, **headers}, body=raw
    )


def assert_clean(exchange: Exchange, *more: str) -> None:
    sent = f"{exchange.body.decode()} {exchange.url_query or ''}"
    for original in (*ORIGINALS, quote(PERSON), quote(EMAIL), *more):
        assert original not in sent
    assert "_1" in sent or not exchange.body


def form(header: str, content: str = "x") -> bytes:
    return f"--B\r\n{header}\r\n\r\n{content}\r\n--B--\r\n".encode()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHAT, HELLO | {"stop": [f"{PERSON}:"]}),
        (CHAT, HELLO | {"prompt_cache_key": EMAIL}),
        (CHAT, HELLO | {"user": EMAIL, "safety_identifier": PERSON, "metadata": {"a": PERSON}}),
        ("/v1/messages", HELLO | {"stop_sequences": [PERSON]}),
        ("/v1/messages/batches", {"requests": [{"custom_id": EMAIL, "params": HELLO}]}),
        ("/v1beta/models/g:generateContent", {"generationConfig": {"stopSequences": [PERSON]}}),
        ("/model/m/converse", {"inferenceConfig": {"stopSequences": [PERSON]}}),
        ("/v2/chat", HELLO | {"stop_sequences": [PERSON]}),
        ("/api/chat", HELLO | {"options": {"stop": [PERSON]}}),
        (
            "/v1/responses",
            {"prompt": {"id": "p", "variables": {"x": {"type": "input_text", "text": PERSON}}}},
        ),
        (CHAT, {"messages": [{"role": "tool", "tool_call_id": EMAIL, "content": "x"}]}),
        (CHAT, HELLO | {"tools": [{"type": "function", "function": {"name": f"mail {EMAIL}"}}]}),
        (CHAT, HELLO | {"unknown": {"deep": [[PERSON], {PERSON: {EMAIL: 1}}]}}),
    ],
)
def test_settings_and_ids_that_say_something_are_redacted(path: str, body: Any) -> None:
    assert_clean(send(body, path))


def test_names_of_properties_in_a_schema_are_redacted_and_still_match() -> None:
    schema = {
        "type": "object",
        "properties": {PERSON: {"type": "number", "description": PERSON}, "note": {"enum": [EMAIL, "none"]}},
        "required": [PERSON, "note"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    sent = send(HELLO | {"response_format": wanted})
    assert_clean(sent)
    safe = json.loads(sent.body)["response_format"]["json_schema"]["schema"]
    assert safe["required"] == list(safe["properties"])
    assert safe["type"] == "object"
    assert safe["properties"]["note"]["enum"][1] == "none"


def _places(shape: Any, path: tuple[str, ...] = (), above: tuple[int, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every place that the shape of a request knows, four deep."""
    if isinstance(shape, Mapping) and len(path) < 4 and id(shape) not in above:
        for name, inner in shape.items():
            if inner is not Kind.OPAQUE:
                yield (*path, name)
                yield from _places(inner, (*path, name), (*above, id(shape)))


@pytest.mark.parametrize("name", sorted({payload.name for _, payload in _table()}))
def test_a_name_put_anywhere_into_a_known_request_is_redacted_or_blocked(name: str) -> None:
    payload = next(payload for _, payload in _table() if payload.name == name)
    redactor = Redactor(detector=Detector())
    said = (PERSON, EMAIL, [PERSON], {"x": PERSON}, [{"text": PERSON}], {PERSON: 1}, [[PERSON, [EMAIL]]])
    for place in _places(payload.request):
        for what in said:
            body: Any = what
            for field in reversed(place):
                body = {field: body}
            try:
                sent = json.dumps(redact(body, payload.request, redactor.conversation(), redactor.policy))
            except RedactionError:
                continue
            assert not any(original in sent for original in ORIGINALS), place


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": CARD}]},
        HELLO | {"metadata": {"card": float(CARD)}},
        {"messages": [{"role": "tool", "content": json.dumps({"card": float(CARD)})}]},
        {"messages": [{"role": "tool", "content": [{"type": "text", "text": CARD}]}]},
    ],
)
def test_a_card_is_found_as_whole_number_and_as_decimal_number(body: Any) -> None:
    assert_clean(send(body))


@pytest.mark.parametrize("holder", ["text", "object"])
@pytest.mark.parametrize(
    "url",
    [
        "data:image/svg+xml;base64," + base64.b64encode(SVG.encode()).decode(),
        "data:image/svg+xml," + quote(SVG),
        "data:text/plain;base64," + base64.b64encode(SVG.encode()).decode(),
        "DATA:text/plain;BASE64," + base64.b64encode(SVG.encode()).decode(),
        'data:text/plain;charset="utf-8",' + quote(SVG),
        f"data:application/pdf;name={quote(PERSON)};base64,AAAA",
        PERSON,
    ],
)
def test_text_in_the_place_of_a_picture_is_redacted(url: str, holder: str) -> None:
    picture = url if holder == "text" else {"url": url, "detail": "low"}
    sent = send({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": picture}]}]})
    content = json.loads(sent.body)["messages"][0]["content"][0]["image_url"]
    safe = content if isinstance(content, str) else content["url"]
    head, _, data = safe.partition(",")
    if head.lower().endswith("base64") and "pdf" not in head:
        safe = base64.b64decode(data).decode()
    assert PERSON not in safe
    assert quote(PERSON) not in safe
    assert "PERSON_1" in safe
    assert holder == "text" or content["detail"] == "low"


def test_a_picture_is_sent_as_it_is() -> None:
    for url in ("https://example.org/a.png?size=1", "data:image/png;base64,iVBORw0KGgo=", "iVBORw0KGgo="):
        part = {"type": "image_url", "image_url": {"url": url, "detail": "low"}}
        body = {"messages": [{"role": "user", "content": [part]}]}
        assert json.loads(send(body).body) == body


@pytest.mark.parametrize("query", [f"{quote(EMAIL)}=1", f"after={quote(EMAIL)}", f"q={quote(PERSON)}&b=2"])
def test_names_and_values_of_a_query_are_redacted(query: str) -> None:
    sent = send(HELLO, query=query)
    assert sent.url_query is not None
    assert_clean(sent)


def test_names_and_values_of_a_web_form_are_redacted() -> None:
    assert_clean(send(f"{quote(EMAIL)}={quote(PERSON)}".encode(), "/x", "application/x-www-form-urlencoded"))


@pytest.mark.parametrize(
    "header",
    [
        f"Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''{quote(PERSON)}.txt",
        f"Content-Disposition: form-data; name=file; filename={EMAIL}",
        f'Content-Disposition: form-data; name="{PERSON}"',
        f'Content-Disposition: form-data; name="a"\r\nX-User: {PERSON}',
    ],
)
def test_a_form_whose_headers_may_say_something_is_blocked(header: str) -> None:
    with pytest.raises(RedactionError) as caught:
        send(form(header), kind=FORM)
    assert PERSON not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "content"),
    [
        ('name="user_id"', EMAIL),
        ('name="language"', PERSON),
        ('name="image"; filename="a.svg"\r\nContent-Type: image/svg+xml', SVG),
        (f'name="file"; filename="{PERSON}.txt"', "x"),
        ('name="file"; filename="b.jsonl"', json.dumps({"custom_id": EMAIL, "url": CHAT, "body": HELLO})),
    ],
)
def test_fields_and_files_of_a_form_are_redacted(header: str, content: str) -> None:
    assert_clean(send(form(f"Content-Disposition: form-data; {header}", content), kind=FORM))


def test_the_parts_of_an_upload_are_blocked_because_a_cut_hides_a_name() -> None:
    part = form('Content-Disposition: form-data; name="data"; filename="upload"', "…and Ada Love")
    with pytest.raises(RedactionError, match=r"files\.create"):
        send(part, "/v1/uploads/upload_1/parts", FORM)
    with pytest.raises(RedactionError, match="parts of an upload"):  # google-genai calls every part JSON
        send(b"and Ada Love", "/upload/v1/files", x_goog_upload_command="upload, finalize")
    send({"file": {}}, "/upload/v1/files", x_goog_upload_command="start")


def test_headers_that_say_something_are_redacted_and_the_others_are_not() -> None:
    kept = {"user_agent": "OpenAI/Python 3.0", "authorization": f"Bearer {EMAIL}", "x_api_key": EMAIL}
    sent = send(HELLO, x_user=PERSON, helicone_user_id=EMAIL, x_title="My app", **kept)
    assert sent.headers == {"x-user": "<PERSON_1>", "helicone-user-id": "<EMAIL_ADDRESS_1>"}


@pytest.mark.parametrize("path", [f"/v1/users/{EMAIL}", f"/v1/users/{quote(PERSON)}/chat/completions"])
def test_a_path_that_says_something_is_blocked(path: str) -> None:
    with pytest.raises(RedactionError, match="path of the request") as caught:
        send(HELLO, path)
    assert not any(original in str(caught.value) for original in ORIGINALS)
    send(HELLO, "/v1/models/claude-opus@20260101:rawPredict")


def test_two_keys_that_a_mask_makes_equal_are_not_merged() -> None:
    redactor = Redactor(Policy(default=Mask()), detector=Detector())
    body = json.dumps(HELLO | {"metadata": {"ada@example.org": 1, "bob@example.org": 2}}).encode()
    with pytest.raises(RedactionError, match="two keys"):
        Guard(redactor, redactor.policy).exchange(
            path=CHAT, query="", headers={"content-type": "application/json"}, body=body
        )


def test_a_key_in_the_place_of_a_name_of_a_field_is_redacted() -> None:
    secret = "sk-" + "proj-" + "aB3dE5gH7jK9" * 4 + "T3BlbkFJ" + "mN2pQ4rS6tU8" * 4
    redactor = Redactor(Policy(names=False))
    body = json.dumps(HELLO | {"metadata": {secret: 1, secret[:60]: 2}}).encode()
    sent = Guard(redactor, redactor.policy).exchange(
        path=CHAT, query="", headers={"content-type": "application/json"}, body=body
    )
    assert secret.encode() not in sent.body


def test_a_small_body_that_unpacks_to_a_huge_one_is_blocked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(64)) + packer.flush()
    assert len(bomb) < 100_000
    with pytest.raises(RedactionError, match="too long"):
        send(bomb, content_encoding="gzip")


def test_the_message_of_a_block_names_no_field_or_path_that_may_be_a_person() -> None:
    redactor = Redactor(Policy(on_unknown_payload="block"), detector=Detector())
    guard = Guard(redactor, redactor.policy)
    for path, body in ((CHAT, HELLO | {PERSON: "x"}), ("/lookup/ada", {"q": "x"})):
        with pytest.raises(RedactionError) as caught:
            guard.exchange(
                path=path,
                query="",
                headers={"content-type": "application/json"},
                body=json.dumps(body).encode(),
            )
        assert PERSON not in str(caught.value)
        assert "ada" not in str(caught.value)


def _by_default(path: str, body: bytes, kind: str = "application/json", **headers: str) -> Exchange:
    redactor = Redactor()
    return Guard(redactor, redactor.policy).exchange(
        path=path, query="", headers={"content-type": kind, **headers}, body=body
    )


def test_ordinary_settings_pass_the_default_detector_unchanged() -> None:
    schema = {
        "type": "object",
        "properties": {"first_name": {"type": "string"}, "Date of Birth": {"pattern": "^[^@ ]+ \\d{4}$"}},
        "required": ["first_name", "Date of Birth"],
        "$defs": {"Step 1": {"type": "object"}},
    }
    body = HELLO | {
        "model": "gpt-5.2",
        "stop": ["\nHuman:", "###", "User:", "Observation:", " END"],
        "prompt_cache_key": "tenant-42:v3",
        "safety_identifier": "8f14e45fceea167a5a36dedd4bea2543",
        "metadata": {"order": "A-1234567", "env": "prod", "address_line_1_of_customer": "1"},
        "seed": 1234567890,
        "logit_bias": {"100257": -100},
        "response_format": {"type": "json_schema", "json_schema": {"name": "event", "schema": schema}},
    }
    assert json.loads(_by_default(CHAT, json.dumps(body).encode()).body) == body
    ids = ("request-1", "req_000123456", "2026-11-21-000001", "d3b07384-d113-4ec6-a5d0-1c2b3f1e4a5b")
    lines = b"\n".join(json.dumps({"custom_id": each, "url": CHAT, "body": {}}).encode() for each in ids)
    sent = _by_default("/v1/files", lines, "application/jsonl").body
    assert tuple(json.loads(line)["custom_id"] for line in sent.splitlines()) == ids


@pytest.mark.parametrize(
    "path",
    [
        "/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/claude-opus-4@20250514:rawPredict",
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.claude-v2%3A0/converse",
        "/openai/deployments/gpt%204/chat/completions",
    ],
)
def test_the_paths_of_providers_pass_the_default_detector(path: str) -> None:
    _by_default(path, b"{}")


def test_the_default_headers_of_the_sdks_pass_the_default_detector_unchanged() -> None:
    openai = pytest.importorskip("openai", reason="openai is not installed")
    anthropic = pytest.importorskip("anthropic", reason="anthropic is not installed")
    for client in (openai.OpenAI(api_key="none"), anthropic.Anthropic(api_key="none")):
        headers = {name.lower(): str(value) for name, value in client.default_headers.items()}
        assert _by_default(CHAT, b"", **headers).headers == {}
    ordinary = {
        "x-title": "My Support Bot",
        "x-goog-upload-header-content-length": "12345678",
        "cache-control": "max-age=0, no-store",
        "x-portkey-config": '{"api_key": "none"}',
    }
    assert _by_default(CHAT, b"", **ordinary).headers == {}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/conversations", {"items": [{"role": "user", "content": PERSON}]}),
        ("/v1/conversations/conv_1/items", {"items": [{"role": "user", "content": PERSON}]}),
        ("/v1beta/cachedContents", {"model": "g", "contents": [{"parts": [{"text": PERSON}]}]}),
    ],
)
def test_what_the_provider_keeps_for_later_needs_a_conversation(path: str, body: Any) -> None:
    with pytest.raises(RedactionError, match="conversation that the provider keeps"):
        send(body, path)
    redactor = Redactor(detector=Detector())
    with conversing(redactor.conversation()):
        assert_clean(send(body, path))


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        (CHAT, {"messages": [{"content": [{"type": "input_audio", "input_audio": {"data": "AA"}}]}]}, "text"),
        (
            "/v1/responses",
            {"input": [{"content": [{"type": "input_image", "image_url": "u"}]}]},
            "input_text",
        ),
    ],
)
def test_the_notice_of_a_drop_is_a_part_that_the_provider_knows(path: str, body: Any, kind: str) -> None:
    redactor = Redactor(Policy(audio="drop", images="drop"), detector=Detector())
    sent = Guard(redactor, redactor.policy).exchange(
        path=path, query="", headers={"content-type": "application/json"}, body=json.dumps(body).encode()
    )
    (message,) = next(iter(json.loads(sent.body).values()))
    assert message["content"][0]["type"] == kind


def test_the_name_of_a_file_in_a_tool_result_is_read_without_its_suffix() -> None:
    result = {
        "type": "file_search_call",
        "id": "f",
        "results": [{"filename": "Jane Roe.txt"}, {"filename": "Jane_Roe.md"}],
    }
    sent = json.loads(_by_default("/v1/responses", json.dumps({"input": [result]}).encode()).body)
    assert sent["input"][0]["results"] == [{"filename": "<PERSON_1>.txt"}, {"filename": "Jane_Roe.md"}]
