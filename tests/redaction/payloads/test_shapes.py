"""Requests: every place where text leaves is redacted, and nothing else is touched."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.redaction.conftest import EXAMPLES

from callsafe.redaction.engine import Conversation, Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.payloads import payload_for
from callsafe.redaction.payloads.files import redact_lines, redact_multipart
from callsafe.redaction.payloads.json_text import dump
from callsafe.redaction.payloads.restoring import restore_response
from callsafe.redaction.payloads.shapes import Kind
from callsafe.redaction.payloads.walk import redact
from callsafe.redaction.policy import Policy
from callsafe.redaction.spans import Span

BUDGET = settings(max_examples=EXAMPLES or 50, derandomize=not EXAMPLES, database=None, deadline=None)
NAME = "Ada Lovelace"
NUMBER = 4111111111111111


class Detector:
    def find(self, text: str) -> list[Span]:
        found = []
        for needle, label in ((NAME, "PERSON"), (str(NUMBER), "CREDIT_CARD")):
            at = text.find(needle)
            while at >= 0:
                found.append(Span(at, at + len(needle), label, 1.0))
                at = text.find(needle, at + 1)
        return sorted(found, key=lambda span: span.start)


def talk() -> Conversation:
    return Redactor(detector=Detector()).conversation()


def sent(path: str, body: Any, policy: Policy | None = None) -> Any:
    payload = payload_for(path)
    assert payload is not None
    return redact(body, payload.request, talk(), policy or Policy())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/chat/completions", "openai-chat"),
        ("/openai/deployments/gpt/chat/completions", "openai-chat"),
        ("/v1/responses", "openai-responses"),
        ("/v1/completions", "openai-completions"),
        ("/v1/fim/completions", "openai-completions"),
        ("/v1/embeddings", "openai-embeddings"),
        ("/v1/chat/moderations", "openai-moderations"),
        ("/v1/messages", "anthropic-messages"),
        ("/v1/messages/count_tokens", "anthropic-messages"),
        ("/v1beta/models/gemini:streamGenerateContent", "gemini-generate"),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/c:rawPredict", "anthropic-messages"),
        ("/v1beta/interactions", "gemini-interactions"),
        ("/model/m/converse-stream", "bedrock-converse"),
        ("/model/m/invoke", "bedrock-invoke"),
        ("/v2/chat", "cohere-chat"),
        ("/v1/chat", "cohere-chat-1"),
        ("/api/chat", "ollama"),
        ("/models/org/name", "huggingface"),
        ("/v1/conversations", "mistral-conversations"),
        ("/v1/conversations/conv_1", "mistral-turns"),
        ("/v1/conversations/conv_1/items", "openai-conversations"),
        ("/v1/something/else", None),
    ],
)
def test_a_path_leads_to_its_payload(path: str, name: str | None) -> None:
    found = payload_for(path)
    assert (found and found.name) == name


PLACES: dict[str, list[Any]] = {
    "/v1/conversations": [
        {"inputs": "@", "instructions": "@", "name": "@"},
        {"inputs": [{"role": "user", "content": [{"type": "text", "text": "@"}]}]},
        {"inputs": [{"type": "function.result", "tool_call_id": "t", "result": '{"a": "@"}'}]},
        {"inputs": [{"type": "function.call", "name": "f", "arguments": {"a": "@"}}]},
        {"completion_args": {"stop": ["@"]}, "metadata": {"for": "@"}},
        {"items": [{"type": "message", "role": "user", "content": "@"}]},
    ],
    "/v1/chat/completions": [
        {"messages": [{"role": "user", "content": "@"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "@"}]}]},
        {"messages": [{"role": "assistant", "refusal": "@"}]},
        {
            "messages": [
                {
                    "role": "assistant",
                    "tool_calls": [{"function": {"name": "f", "arguments": '{"a": ["@"]}'}}],
                }
            ]
        },
        {"messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": '{"a": "@"}'}}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"custom": {"name": "f", "input": "@"}}]}]},
        {"messages": [{"role": "tool", "content": '[{"@": 1}]'}]},
        {"tools": [{"function": {"name": "f", "description": "@"}}]},
        {"tools": [{"function": {"parameters": {"properties": {"a": {"description": "@"}}}}}]},
        {"tools": [{"function": {"parameters": {"properties": {"a": {"enum": ["x", "@"]}}}}}]},
        {"tools": [{"function": {"parameters": {"$defs": {"a": {"items": {"default": {"b": "@"}}}}}}}]},
        {"prediction": {"type": "content", "content": "@"}},
        {"response_format": {"type": "json_schema", "json_schema": {"description": "@"}}},
        {"web_search_options": {"user_location": {"approximate": {"city": "@"}}}},
        {"metadata": {"for": "@"}, "user": "@", "safety_identifier": "@", "new": {"deep": [["@"]]}},
    ],
    "/v1/responses": [
        {"input": "@", "instructions": "@"},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "@"}]}]},
        {"input": [{"type": "function_call_output", "output": "@"}]},
        {"input": [{"type": "function_call_output", "output": [{"type": "input_text", "text": "@"}]}]},
        {"input": [{"type": "function_call", "arguments": '{"a": {"b": "@"}}'}]},
        {"input": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "@"}]}]},
        {"input": [{"type": "shell_call", "action": {"commands": ["mail @"]}}]},
        {"input": [{"type": "mcp_call", "output": "@", "error": "@"}]},
        {"prompt": {"id": "p", "variables": {"who": "@"}}},
        {"text": {"format": {"type": "json_schema", "schema": {"title": "@"}}}},
    ],
    "/v1/messages": [
        {"system": "@"},
        {
            "messages": [
                {"content": [{"type": "document", "source": {"type": "text", "data": "@"}, "context": "@"}]}
            ]
        },
        {"messages": [{"content": [{"type": "document", "source": {"type": "content", "content": "@"}}]}]},
        {"messages": [{"content": [{"type": "tool_use", "input": {"a": {"b": ["@"]}}}]}]},
        {"messages": [{"content": [{"type": "tool_result", "content": "@"}]}]},
        {"messages": [{"content": [{"type": "search_result", "title": "@", "source": "@"}]}]},
        {"messages": [{"content": [{"type": "text", "text": "x", "citations": [{"cited_text": "@"}]}]}]},
        {"tools": [{"description": "@", "input_schema": {"properties": {"a": {"const": "@"}}}}]},
    ],
    "/v1beta/models/m:generateContent": [
        {"contents": [{"parts": [{"text": "@"}]}], "systemInstruction": {"parts": [{"text": "@"}]}},
        {"contents": [{"parts": [{"functionCall": {"name": "f", "args": {"a": "@"}}}]}]},
        {"contents": [{"parts": [{"function_response": {"response": {"a": "@"}}}]}]},
        {"contents": [{"parts": [{"codeExecutionResult": {"output": "@"}}]}]},
        {"tools": [{"functionDeclarations": [{"description": "@", "parametersJsonSchema": {"title": "@"}}]}]},
    ],
    "/model/m/converse": [
        {"messages": [{"content": [{"text": "@"}]}], "system": [{"text": "@"}]},
        {"messages": [{"content": [{"toolResult": {"content": [{"json": {"a": "@"}}, {"text": "@"}]}}]}]},
        {"messages": [{"content": [{"guardContent": {"text": {"text": "@"}}}]}]},
        {
            "messages": [
                {"content": [{"document": {"format": "md", "name": "notes", "source": {"text": "@"}}}]}
            ]
        },
        {"toolConfig": {"tools": [{"toolSpec": {"inputSchema": {"json": {"description": "@"}}}}]}},
    ],
    "/model/m/invoke": [
        {"inputText": "@"},
        {"prompt": "@"},
        {"messages": [{"content": "@"}]},
        {"texts": ["@"]},
    ],
    "/v2/chat": [
        {"messages": [{"role": "tool", "content": [{"document": {"data": '{"a": "@"}'}}]}]},
        {"documents": ["@"]},
    ],
    "/v1/chat": [
        {"message": "@", "chat_history": [{"message": "@"}]},
        {"tool_results": [{"outputs": [{"a": "@"}]}]},
    ],
    "/api/chat": [{"messages": [{"content": "@", "tool_calls": [{"function": {"arguments": {"a": "@"}}}]}]}],
    "/models/m": [{"inputs": "@"}, {"inputs": {"question": "@", "context": "@"}}],
}


@pytest.mark.parametrize(
    ("path", "body"), [(path, body) for path, bodies in PLACES.items() for body in bodies]
)
def test_a_name_is_redacted_wherever_text_may_stand(path: str, body: Any) -> None:
    said = json.loads(json.dumps(body).replace("@", NAME))
    redacted = sent(path, said)
    assert NAME not in json.dumps(redacted)
    conversation = talk()
    payload = payload_for(path)
    assert payload is not None
    redacted = redact(said, payload.request, conversation, Policy())
    restored = json.dumps(json.loads(conversation.restore(json.dumps(redacted))))
    assert restored.replace(" ", "") == json.dumps(said).replace(" ", "")  # JSON inside a string is set anew


ID = str(NUMBER)
"""What would be found where text stands, and has the form of an id."""

STRUCTURE = {
    "/v1/chat/completions": {
        "model": ID,
        "tools": [
            {
                "type": "function",
                "function": {"name": ID, "parameters": {"properties": {"a": {"type": ID}}}},
            }
        ],
        "seed": NUMBER,
        "messages": [{"role": "tool", "tool_call_id": ID, "content": "x"}],
        "tool_choice": {"type": "function", "function": {"name": ID}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": ID, "schema": {"pattern": ID}},
        },
    },
    "/v1/messages": {
        "model": ID,
        "messages": [
            {"role": "assistant", "content": [{"type": "thinking", "thinking": NAME, "signature": "s"}]},
            {"role": "assistant", "content": [{"type": "redacted_thinking", "data": ID}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": ID, "content": "x"}]},
        ],
    },
    "/v1/responses": {"input": [{"type": "reasoning", "id": ID, "encrypted_content": ID}]},
    "/model/m/converse": {
        "messages": [{"content": [{"reasoningContent": {"reasoningText": {"text": NAME, "signature": "s"}}}]}]
    },
}


@pytest.mark.parametrize("path", STRUCTURE)
def test_structure_and_signed_thinking_are_left_alone(path: str) -> None:
    assert sent(path, STRUCTURE[path]) == STRUCTURE[path]


def test_a_card_given_as_a_number_becomes_a_string_and_other_numbers_stay() -> None:
    body = {"input": {"card": NUMBER, "count": 12345678, "price": 1.5, "yes": True, "no": None}}
    redacted = redact(body, Kind.DATA, talk(), Policy())
    assert redacted == {
        "input": {"card": "<CREDIT_CARD_1>", "count": 12345678, "price": 1.5, "yes": True, "no": None}
    }


def test_the_name_of_a_field_tells_the_detector_what_it_holds() -> None:
    heard = []

    class Listening:
        def find(self, text: str) -> list[Span]:
            heard.append(text)
            return []

    redact({"passport_number": "X12"}, Kind.DATA, Redactor(detector=Listening()).conversation(), Policy())
    assert heard == ["passport number: X12"]


@pytest.mark.parametrize("mime", ["text/plain", "text/csv", "application/json"])
def test_text_in_base64_is_redacted_inside(mime: str) -> None:
    data = base64.b64encode(f"about {NAME}".encode()).decode()
    bodies = (
        (
            "/v1/responses",
            {"input": [{"content": [{"type": "input_file", "file_data": f"data:{mime};base64,{data}"}]}]},
        ),
        (
            "/v1beta/models/m:generateContent",
            {"contents": [{"parts": [{"inlineData": {"mimeType": mime, "data": data}}]}]},
        ),
    )
    for path, body in bodies:
        text = json.dumps(sent(path, body))
        assert data not in text
        assert base64.b64encode(b"about <PERSON_1>").decode() in text


@pytest.mark.parametrize(("rule", "kept"), [("pass", True), ("drop", False)])
def test_media_are_passed_or_dropped_for_every_provider(rule: Any, kept: bool) -> None:
    policy = Policy(images=rule, audio=rule)
    parts = {
        "/v1/chat/completions": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}],
        "/v1/responses": [{"type": "input_image", "image_url": "data:image/png;base64,QQ=="}],
        "/v1/messages": [
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}
        ],
        "/model/m/converse": [{"image": {"format": "png", "source": {"bytes": "QQ=="}}}],
        "/v2/chat": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}],
    }
    for path, content in parts.items():
        key = "input" if path == "/v1/responses" else "messages"
        redacted = sent(path, {key: [{"role": "user", "content": content}]}, policy)[key][0]["content"]
        assert (redacted == content) is kept, path
        assert kept or "removed" in json.dumps(redacted)
    gemini = {"contents": [{"parts": [{"inlineData": {"mimeType": "audio/wav", "data": "QQ=="}}]}]}
    assert (sent("/v1beta/models/m:generateContent", gemini, policy) == gemini) is kept
    pictures = {"messages": [{"content": "x", "images": ["QQ=="]}]}
    assert ("images" in sent("/api/chat", pictures, policy)["messages"][0]) is kept


def test_audio_and_images_have_rules_of_their_own() -> None:
    sound = {"contents": [{"parts": [{"inlineData": {"mimeType": "audio/wav", "data": "QQ=="}}]}]}
    assert sent("/v1beta/models/m:generateContent", sound, Policy(images="block")) == sound
    with pytest.raises(RedactionError, match="audio"):
        sent("/v1beta/models/m:generateContent", sound, Policy(audio="block"))


def test_nesting_without_end_is_blocked() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    for path in ("/v1/chat/completions", "/v1/messages"):
        with pytest.raises(RedactionError, match="nested"):
            sent(path, {"messages": deep})
    with pytest.raises(RedactionError, match="nested"):
        redact(deep, Kind.DATA, talk(), Policy())


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@BUDGET
@given(body=JSONS, path=st.sampled_from(sorted(PLACES)))
def test_a_body_of_any_shape_stays_json_and_says_the_same_when_nothing_is_found(body: Any, path: str) -> None:
    payload = payload_for(path)
    assert payload is not None
    try:
        redacted = redact(body, payload.request, talk(), Policy())
    except RedactionError:  # numbers where a text may stand
        return
    assert json.loads(dump(redacted)) == json.loads(json.dumps(body))


@BUDGET
@given(body=JSONS)
def test_no_original_is_left_in_a_body_of_unknown_shape(body: Any) -> None:
    said = {"a": body, "b": [NAME, {"c": f"{NAME}!", NAME: NUMBER}]}
    conversation = talk()
    redacted = redact(said, Kind.DATA, conversation, Policy())
    assert NAME not in json.dumps(redacted)
    assert str(NUMBER) not in json.dumps(redacted)
    restore_response(redacted, conversation)
    assert redacted["b"] == [NAME, {"c": f"{NAME}!", NAME: str(NUMBER)}]


def test_an_answer_is_restored_but_not_what_the_provider_signed() -> None:
    conversation = talk()
    conversation.redact(NAME)
    body: Any = {
        "content": [
            {"type": "thinking", "thinking": "<PERSON_1>", "signature": "s"},
            {"type": "text", "text": "<PERSON_1>"},
            {"type": "tool_use", "input": {"<PERSON_1>": ["<PERSON_1>"]}},
        ]
    }
    assert restore_response(body, conversation)
    assert body["content"][0]["thinking"] == "<PERSON_1>"
    assert body["content"][1]["text"] == NAME
    assert body["content"][2]["input"] == {NAME: [NAME]}


def test_a_line_that_is_no_json_is_named_by_its_number() -> None:
    with pytest.raises(RedactionError, match="line 2") as caught:
        redact_lines(f'{{}}\n{{"said": "{NAME}"\n'.encode(), talk(), Policy())
    assert NAME not in str(caught.value)


def test_each_line_of_a_file_has_the_limits_of_a_request() -> None:
    policy = Policy(max_characters=200)
    conversation = Redactor(policy, detector=Detector()).conversation().request()
    line = json.dumps({"messages": [{"role": "user", "content": f"{NAME} {'x' * 100}"}]}).encode()
    assert redact_lines(b"\n".join([line] * 9), conversation, policy).count(b"<PERSON_1>") == 9
    with pytest.raises(RedactionError, match="characters"):
        redact_lines(line.replace(b"xxx", b"xxxxxxxxxx"), conversation, policy)


def test_every_part_of_a_form_is_redacted() -> None:
    body = (
        f'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        f'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nabout {NAME}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{NAME}.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\n{NAME}\r\n--b--\r\n"
    ).encode()
    redacted = redact_multipart(body, 'multipart/form-data; boundary="b"', talk(), Policy())
    assert redacted == body.replace(NAME.encode(), b"<PERSON_1>")


@pytest.mark.parametrize(
    "body", [b"", b"--b\r\nno blank line\r\n--b--", b"x--b\r\n", b"--b\r\nA: b\r\n\r\nno end"]
)
def test_a_form_that_cannot_be_read_is_blocked(body: bytes) -> None:
    with pytest.raises(RedactionError, match="form"):
        redact_multipart(body, "multipart/form-data; boundary=b", talk(), Policy())
