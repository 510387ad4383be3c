"""Headers, paths and file names, which are no texts and hold personal data all the same."""

from __future__ import annotations

import json

import pytest
from tests.redaction.redteam.test_requests import CHAT, FORM, HELLO, form, send
from tests.redaction.wires.conftest import EMAIL, PERSON

from callsafe.redaction import Policy, RedactionError, Redactor
from callsafe.redaction.payloads.bedrock import CONVERSE
from callsafe.redaction.payloads.filenames import redact_filename
from callsafe.redaction.payloads.openai import CHAT as CHAT_SHAPE
from callsafe.redaction.payloads.openai import RESPONSES
from callsafe.redaction.payloads.walk import redact
from callsafe.redaction.transport.exchange import Guard

CARD = "-".join(["4111"] + ["1111"] * 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-author", PERSON),
        ("x-portkey-metadata", json.dumps({"_user": EMAIL})),
        ("x-keyword", PERSON),
        ("x-auth-user", EMAIL),
        ("x-runtime-user", PERSON),
        ("x-trace-user", PERSON),
        ("x-customer", CARD),
    ],
)
def test_a_header_is_read_unless_the_last_word_of_its_name_says_setting_or_credential(
    name: str, value: str
) -> None:
    sent = send(HELLO, **{name.replace("-", "_"): value}).headers[name]
    assert "_1>" in sent
    assert value not in sent


@pytest.mark.parametrize(
    "name",
    ["x-goog-api-key", "x-apikey", "x-portkey-config", "x-amz-security-token", "helicone-auth", "x-b3-traceid",
     "proxy-authorization", "x-hub-signature-256", "x-ms-client-request-id", "x-cloud-trace-context"],
)  # fmt: skip
def test_credentials_and_settings_are_sent_as_they_are(name: str) -> None:
    assert not send(HELLO, **{name.replace("-", "_"): f"a b {EMAIL}"}).headers


@pytest.mark.parametrize("value", ["415-555-0132", "81.2.69.142", "DE89370400440532013000", "536-22-8726"])
def test_a_number_in_a_header_or_path_is_read(value: str) -> None:
    redactor = Redactor()
    guard = Guard(redactor, redactor.policy)
    sent = guard.exchange(path=CHAT, query="", headers={"x-user": value}, body=b"")
    assert value not in sent.headers["x-user"]
    with pytest.raises(RedactionError, match="path of the request"):
        guard.exchange(path=f"/v1/users/{value}/notes", query="", headers={}, body=b"")
    guard.exchange(
        path="/v1/projects/123456789012/endpoints/4556737586899855111", query="", headers={}, body=b""
    )


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Jane Roe.txt", "<PERSON_1>.txt"),
        ("CV_Jane_Roe.pdf", "CV <PERSON_1>.pdf"),
        ("jane.roe@corp-mail.net.txt", "<EMAIL_ADDRESS_1>.txt"),
        ("jane.roe@corp-mail.net", "<EMAIL_ADDRESS_1>"),
        ("batch_input-2026-11-28.jsonl", "batch_input-2026-11-28.jsonl"),
        ("Screenshot 2026-11-28 at 10.12.33.png", "Screenshot 2026-11-28 at 10.12.33.png"),
    ],
)
def test_a_file_name_is_read_without_its_suffix(name: str, sent: str) -> None:
    assert redact_filename(name, Redactor().conversation()) == sent


def test_file_names_are_read_wherever_a_request_holds_them() -> None:
    part = {"type": "file", "file": {"filename": f"{EMAIL}.pdf", "file_id": "f"}}
    item = {"type": "input_file", "filename": f"{EMAIL}.pdf", "file_id": "f"}
    document = {"format": "pdf", "name": EMAIL, "source": {"s3Location": {"uri": "s3://a/b"}}}
    conversation = Redactor(Policy(names=False)).conversation()
    for shape, body in (
        (CHAT_SHAPE, {"messages": [{"role": "user", "content": [part]}]}),
        (RESPONSES, {"input": [{"role": "user", "content": [item]}]}),
    ):
        sent = json.dumps(redact(body, shape, conversation, Policy()))
        assert '"<EMAIL_ADDRESS_1>.pdf"' in sent
    body = {"messages": [{"role": "user", "content": [{"document": document}]}]}
    sent = redact(body, CONVERSE, conversation, Policy())
    assert sent["messages"][0]["content"][0]["document"]["name"] == "EMAIL-ADDRESS-1"
    sent_headers = send(HELLO, x_goog_upload_file_name=f"{EMAIL}.txt").headers
    assert sent_headers == {"x-goog-upload-file-name": "<EMAIL_ADDRESS_1>.txt"}
    upload = form(f'Content-Disposition: form-data; name="file"; filename="{EMAIL}.txt"')
    assert b'filename="<EMAIL_ADDRESS_1>.txt"' in send(upload, kind=FORM).body
