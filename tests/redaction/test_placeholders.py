"""Placeholders: however a model writes one it is restored, and what is none never changes."""

from __future__ import annotations

import pytest

from callsafe.redaction import MemoryVault, Redactor


@pytest.fixture(scope="module")
def conversation():
    vault = MemoryVault()
    vault.issue([("PERSON", "Jane Roe"), ("EMAIL_ADDRESS", "jane@roe.example"), ("PERSON", "Bob")])
    vault.adopt("PERSON", "Bob", "New York")
    vault.adopt("EMAIL_ADDRESS", "jane@roe.example", "PERSON_1> New York")
    return Redactor().conversation(vault)


@pytest.mark.parametrize(
    ("written", "restored"),
    [
        ("<PERSON_1>", "Jane Roe"),
        ("<person_1>", "Jane Roe"),
        ("<Person 1>", "Jane Roe"),
        ("<PERSON-1>", "Jane Roe"),
        ("< PERSON_1 >", "Jane Roe"),
        ("**<PERSON_1>**", "**Jane Roe**"),
        ("`<PERSON_1>`", "`Jane Roe`"),
        ("<<PERSON_1>>", "<Jane Roe>"),
        ("&lt;PERSON_1&gt;", "Jane Roe"),
        ("&LT;person_1&GT;", "Jane Roe"),
        (r"\u003cPERSON_1\u003e", "Jane Roe"),
        (r"\u003CPERSON_1\u003E", "Jane Roe"),
        (r"\\u003cPERSON_1\\u003e", "Jane Roe"),
        ("%3CPERSON_1%3E", "Jane%20Roe"),
        ("mailto:%3cemail_address_1%3e", "mailto:jane@roe.example"),
        (r"\<PERSON_1\>", "Jane Roe"),
        (r"<PERSON\_1>", "Jane Roe"),
        (r"PERSON\_1", "Jane Roe"),
        ("<Email Address 1>", "jane@roe.example"),
        ("PERSON_1", "Jane Roe"),
        ("PERSON_1's car", "Jane Roe's car"),
        ("both PERSON_1s", "both Jane Roes"),
        ("[PERSON_1]", "[Jane Roe]"),
        ("(PERSON_1)", "(Jane Roe)"),
        ("PERSON_1은", "Jane Roe은"),
        ("<PERSON_1>은 <PERSON_2>를", "Jane Roe은 Bob를"),
        ("<NOTE PERSON_1>", "<NOTE Jane Roe>"),
        ("<PERSON_1><PERSON_2>", "Jane RoeBob"),
        ("<PERSON_1> New York", "Jane Roe Bob"),
    ],
)
def test_a_placeholder_is_restored_however_it_is_written(conversation, written, restored):
    assert conversation.restore(written) == restored
    stream = conversation.stream()
    assert "".join(map(stream.feed, written)) + stream.flush() == restored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "person_1 = Person(1)",
        "Person_1",
        "PERSON 1",
        "PERSON-1",
        "XPERSON_1",
        "PERSON_1x",
        "PERSON_1sx",
        "PERSON_1_2",
        "MY_PERSON_1",
        "PERSON_12",
        "<PERSON_3>",
        "<PERSON_01>",
        "<PERSON_0>",
        "<PERSON>",
        "<PERSON_>",
        "<PERSON__1>",
        "<PERSON_1234567890>",
        "<CITY_1>",
        "<PERSON",
        "&lt;PERSON&gt;",
        r"\\\u003cPERSON_1\u003e",
        "New Yorker",
        "<PERSON:mfrggzdfmztwq2lkmfrggzdfmztwq2lk>",
        "<div class='a_1'>",
    ],
)
def test_what_is_no_placeholder_does_not_change(conversation, text):
    assert conversation.restore(text) == text
    stream = conversation.stream()
    assert "".join(map(stream.feed, text)) + stream.flush() == text


@pytest.mark.parametrize(
    ("raw", "restored"),
    [
        (r"a\nPERSON_1", r"a\nJane Roe"),
        (r"\tPERSON_1", r"\tJane Roe"),
        (r"\\nPERSON_1", r"\\nPERSON_1"),
        (r"\\<PERSON\\_1\\>", "Jane Roe"),
        (r"a\nNew York", r"a\nBob"),
    ],
)
def test_inside_json_escapes_are_not_part_of_a_word(conversation, raw, restored):
    assert conversation.restore(raw, escape="json") == restored
    stream = conversation.stream(escape="json")
    assert "".join(map(stream.feed, raw)) + stream.flush() == restored
