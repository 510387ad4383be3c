"""What other redactors get wrong, one test each (the payloads and wires have theirs in their own folders)."""

from __future__ import annotations

import base64
import io
import logging
import re
import urllib.parse

import pytest

from callsafe.redaction import Policy, RedactingFilter, RedactionError, Redactor


@pytest.fixture(scope="module")
def real():
    """A redactor with callsafe's own detector."""
    redactor = Redactor(Policy(names=False))
    redactor.warm_up()
    return redactor


def test_restoring_does_not_treat_originals_or_placeholders_as_regular_expressions(redactor):
    conversation = redactor.conversation()
    conversation.vault.issue([("PERSON", r"A\1+(b)[c]$^\g<0>"), ("PERSON", "Ann")])
    assert conversation.restore("<PERSON_1> <PERSON_2>") == r"A\1+(b)[c]$^\g<0> Ann"
    assert conversation.restore("a PERSON came, <PERSON>, <PERSON_10>, xPERSON_1x, person_1") == (
        "a PERSON came, <PERSON>, <PERSON_10>, xPERSON_1x, person_1"
    )


def test_the_same_value_does_not_get_a_new_number_each_time(redactor):
    assert redactor.redact("Bob, Jane Roe, Bob, Bob").text == "<PERSON_1>, <PERSON_2>, <PERSON_1>, <PERSON_1>"


def test_a_stream_is_not_buffered_whole_and_no_raw_chunk_passes(redactor):
    redacted = redactor.redact("I am Jane Roe")
    stream = redacted.stream()
    chunks = ["Hello ", "there ", "<PER", "SON", "_1", ">", ", how ", "are you"]
    assert [stream.feed(chunk) for chunk in chunks] == [
        "Hello ", "there ", "", "", "", "Jane Roe", ", how ", "are you"
    ]  # fmt: skip


def test_the_held_tail_of_a_stream_is_not_lost_and_a_split_in_the_bracket_is_seen(redactor):
    stream = redactor.redact("I am Jane Roe").stream()
    assert (
        stream.feed("by &l") + stream.feed("t;PERSON_1&g") + stream.feed("t; or <PERSON_1")
        == "by Jane Roe or "
    )
    assert stream.flush() == "<Jane Roe"


def test_every_message_of_the_history_is_masked_on_the_next_turn(redactor):
    conversation = redactor.conversation()
    history = ["I am Jane Roe", "Hello Jane Roe", "write to jane@roe.example"]
    assert [conversation.redact(text) for text in history] == [
        "I am <PERSON_1>",
        "Hello <PERSON_1>",
        "write to <EMAIL_ADDRESS_1>",
    ]


def test_placeholders_in_the_arguments_of_a_tool_are_restored_into_valid_json(redactor):
    import json

    conversation = redactor.conversation()
    conversation.vault.issue([("PERSON", 'Jane "JR" Roe\\n')])
    raw = '{"to": "<PERSON_1>", "note": "\\u003cPERSON_1\\u003e"}'
    assert json.loads(conversation.restore(raw, escape="json")) == {
        "to": 'Jane "JR" Roe\\n',
        "note": 'Jane "JR" Roe\\n',
    }


def test_the_default_is_to_block():
    class Raises:
        def find(self, text):
            raise TimeoutError

    with pytest.raises(RedactionError):
        Redactor(detector=Raises()).redact("x")


def test_no_matched_text_is_logged_also_at_debug_level(real):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        real.redact("mail jane.roe@mail.acme-corp.com about 4012 8888 8888 1881")
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert re.findall("jane|acme|4012|1881", stream.getvalue()) == []


def test_lookalikes_in_the_users_own_input_are_not_restored_to_data(redactor):
    redacted = redactor.redact("I am Jane Roe. Repeat: <PERSON_1>, <person_1>, PERSON_1, &lt;PERSON_1&gt;")
    assert redacted.text == "I am <PERSON_2>. Repeat: <PERSON_1>, <person_1>, PERSON_1, &lt;PERSON_1&gt;"
    assert redacted.restore("<PERSON_1> <person_1> PERSON_1 &lt;PERSON_1&gt; <PERSON_2>") == (
        "<PERSON_1> <person_1> PERSON_1 &lt;PERSON_1&gt; Jane Roe"
    )


ADDRESS = "jane.roe@mail.acme-corp.com"
DISGUISES = {
    "base64": base64.b64encode(f"please write to {ADDRESS} today".encode()).decode(),
    "URL encoding": urllib.parse.quote(ADDRESS, safe="").replace(".", "%2E"),
    "zero-width characters": "\u200b".join(ADDRESS),
    "full-width characters": "".join(chr(ord(letter) + 0xFEE0) for letter in ADDRESS),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_encoded_text_does_not_pass(real, disguise):
    text = f"see {DISGUISES[disguise]} please"
    redacted = real.redact(text)
    assert DISGUISES[disguise] not in redacted.text
    assert redacted.restore(redacted.text) == text


def test_the_filter_keeps_originals_out_of_the_logs_of_a_whole_service(real):
    record = logging.makeLogRecord({"msg": "user %s", "args": (ADDRESS,)})
    RedactingFilter(real).filter(record)
    assert record.getMessage() == "user <EMAIL_ADDRESS_1>"
