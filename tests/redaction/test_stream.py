"""Streams: for every way to cut a text, what comes out is what the whole gives.

The full budget: `CALLSAFE_EXAMPLES=100000 python -m pytest tests/redaction/test_stream.py`.
"""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsafe.redaction import Encrypt, Key, MemoryVault, Policy, Redactor, Surrogate

KEY = Key("0123456789abcdef" * 2)
ORIGINALS = ("Jane Roe", 'say "hi" \\ back\nslash', "김민준", "<PERSON_2>", "a&b<c>", "x")


def _conversations():  # type: ignore[no-untyped-def]
    policy = Policy(entities={"IBAN_CODE": Encrypt(KEY)})
    redactor = Redactor(policy)
    vault = MemoryVault()
    vault.issue([("PERSON", value) for value in ORIGINALS])
    vault.issue([("EMAIL_ADDRESS", "jane@roe.example"), ("ID_2", "two"), ("ID", "one"), ("ID", "zwei")])
    vault.reserve({("PERSON", 9)})
    with_surrogates = MemoryVault.restore(vault.snapshot())
    with_surrogates.issue([("CITY", "Springfield"), ("CITY", "Shelbyville"), ("CITY", "Ogdenville")])
    with_surrogates.adopt("CITY", "Springfield", "New")
    with_surrogates.adopt("CITY", "Shelbyville", "New Éire")
    with_surrogates.adopt("CITY", "Ogdenville", "+7 12")
    plain = Redactor()
    return (plain.conversation(vault), redactor.conversation(vault), redactor.conversation(with_surrogates))


CONVERSATIONS = _conversations()
TOKEN = Encrypt(KEY).apply("IBAN_CODE", "DE00 1234")
ALPHABETS = (
    list("PERSON_12<>&lt;gt;%3CE\\u003ce s-:'"),
    [
        *[
            "<",
            ">",
            "&lt;",
            "&gt;",
            "%3C",
            "%3E",
            "\\u003c",
            "\\u003e",
            "\\\\u003c",
            "\\\\u003e",
            "\\",
            "\\<",
            "\\>",
        ],
        *[
            "PERSON",
            "person",
            "EMAIL_ADDRESS",
            "email address",
            "ID",
            "ID_2",
            "NOTE",
            "_",
            "\\_",
            " ",
            "-",
            ":",
        ],
        *["1", "2", "3", "12", "9", "0", "\n", "\\n", "a", "s", "é", ".", "'s", "New", "New Éire", "+7 12"],
        *[
            "\\u00c9ire",
            TOKEN,
            TOKEN[:20],
            "<IBAN_CODE:",
            "mfrggzdfmztwq2lk",
            "<ID_2_1>",
            "<EMAIL_ADDRESS_1>",
        ],
        *["<PERSON_1>", "<PERSON_2>", "<person_3>", "PERSON_4", "&lt;PERSON_5&gt;"],
    ],
    list("<>&%\\ "),
)
TEXTS = st.one_of(*(st.lists(st.sampled_from(letters), max_size=24).map("".join) for letters in ALPHABETS))


def _cut(text: str, cuts: list[int]) -> list[str]:
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize("escape", [None, "json"])
@pytest.mark.parametrize("which", range(len(CONVERSATIONS)))
def test_for_every_split_the_stream_gives_what_the_whole_gives(which, escape, budget):
    conversation = CONVERSATIONS[which]

    @budget(in_ci=70, share=1 / 6)
    @given(TEXTS, st.lists(st.integers(0, 10_000), max_size=12))
    def holds(text, cuts):
        stream = conversation.stream(escape=escape)
        streamed = "".join(map(stream.feed, _cut(text, cuts))) + stream.flush()
        assert streamed == conversation.restore(text, escape=escape)

    holds()


SAMPLES = (
    "Dear <PERSON_1>, see PERSON_3's note to &lt;PERSON_1&gt; and **<person_1>** or PERSON_1s, not PERSON_12",
    r"{\u003cPERSON_2\u003e} \\u003cPERSON_1\\u003e \<PERSON\_3\> %3CPERSON_1%3E < PERSON_1 > <ID_2_1> ID_2",
    f"{TOKEN}New Éire, New, Newer, +7 12 <{TOKEN}",
)


@pytest.mark.parametrize("escape", [None, "json"])
@pytest.mark.parametrize("text", SAMPLES)
def test_every_cut_into_two_and_every_single_character_gives_the_whole(text, escape):
    for conversation in CONVERSATIONS:
        whole = conversation.restore(text, escape=escape)
        for cut in range(len(text) + 1):
            stream = conversation.stream(escape=escape)
            assert stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.flush() == whole
        stream = conversation.stream(escape=escape)
        assert "".join(map(stream.feed, text)) + stream.flush() == whole


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a plain sentence", ""),
        ("if a < b", ""),
        ("a <div", ""),
        ("one <", "<"),
        ("one <per", "<per"),
        ("one <PERSON_", "<PERSON_"),
        ("one <PERSON_1", "<PERSON_1"),
        ("one <PERSON_1>", ""),
        ("one PERS", "PERS"),
        ("one PERSON_1", "PERSON_1"),
        ("one PERSON_1.", ""),
        ("SUPERSON_1", ""),
        ("tail &l", "&l"),
        ("tail &amp", ""),
        ("<EMAIL_ADDRESS_12", "<EMAIL_ADDRESS_12"),
        ("<PERSON_1234567890", ""),
        ("<PERSON__", ""),
        ("<PERSON_0", ""),
    ],
)
def test_no_more_is_held_back_than_what_may_become_a_placeholder(text, held):
    stream = CONVERSATIONS[0].stream()
    stream.feed(text)
    assert stream.held == len(held)
    assert stream.flush().endswith(CONVERSATIONS[0].restore(held))


def test_what_is_held_is_given_at_the_end_also_when_the_stream_breaks_off():
    stream = CONVERSATIONS[0].stream()
    assert stream.feed("the answer is <PERSON_") == "the answer is "
    assert stream.flush() == "<PERSON_"
    assert stream.flush() == ""


def test_the_first_chunk_without_a_placeholder_is_not_delayed():
    stream = CONVERSATIONS[0].stream()
    assert [stream.feed(chunk) for chunk in ("The ", "answer ", "is ")] == ["The ", "answer ", "is "]


def test_inside_a_json_string_the_restored_text_is_still_json():
    for conversation in CONVERSATIONS:
        raw = json.dumps({"a": "<PERSON_2> and PERSON_1\nPERSON_3", "b": "<PERSON_5>"})
        stream = conversation.stream(escape="json")
        restored = json.loads("".join(map(stream.feed, raw)) + stream.flush())
        assert restored == {"a": f"{ORIGINALS[1]} and {ORIGINALS[0]}\n{ORIGINALS[2]}", "b": ORIGINALS[4]}


def test_a_json_string_with_escaped_brackets_is_restored_into_json():
    raw = json.dumps({"a": "<PERSON_2>"}).replace("<", "\\u003c").replace(">", "\\u003e")
    assert json.loads(CONVERSATIONS[0].restore(raw, escape="json")) == {"a": ORIGINALS[1]}


def test_a_surrogate_is_restored_across_chunks(finder):
    redactor = Redactor(Policy(default=Surrogate()), detector=finder)
    redacted = redactor.redact("Write to Jane Roe at +1 555 0123.")
    assert "Jane" not in redacted.text
    stream = redacted.stream()
    assert "".join(map(stream.feed, redacted.text)) + stream.flush() == "Write to Jane Roe at +1 555 0123."
