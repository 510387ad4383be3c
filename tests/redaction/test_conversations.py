"""Conversations: nothing lost, nothing leaked, nothing wrongly restored, over many turns.

The full budget: `CALLSAFE_EXAMPLES=10000 python -m pytest tests/redaction/test_conversations.py`.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsafe.redaction import (
    Drop,
    Encrypt,
    Hash,
    Keep,
    Key,
    Mask,
    MemoryVault,
    Policy,
    Redactor,
    Span,
    Surrogate,
)

KEY = Key("0123456789abcdef" * 2)
VALUES = [
    "Jane Roe",
    "John Smith",
    "Zoë O'Brien",
    "김민준",
    "Bob",
    "jane@roe.example",
    "bob@x.example",
    "+1 555 0123",
]
WORDS = [
    *VALUES,
    *["<PERSON_1>", "<PERSON_2>", "PERSON_1", "PERSON_3's", "<person_1>", "<PERSON 2>", "&lt;PERSON_1&gt;"],
    *[
        "<EMAIL_ADDRESS_1>",
        "<email address 1>",
        "<NOTE PERSON_1>",
        "\\u003cPERSON_1\\u003e",
        "%3CPERSON_2%3E",
    ],
    *[
        "<",
        ">",
        "<PER",
        "SON_1>",
        "_1",
        "1",
        "PERSON_",
        "\\",
        "\\<",
        "hello",
        ", ",
        ".",
        "\n",
        "<PERSON:",
        "a_b",
        "é",
    ],
    *[
        "<PERSON_12>",
        "<TEXT_1>",
        "ISO_8859",
        "[PERSON_2]",
        "<PERSON_1",
        "PERSON_1>",
        "\u200b",
        "&",
        "%3C",
        "<b>",
    ],
]
TURNS = st.lists(st.lists(st.sampled_from(WORDS), max_size=10), min_size=1, max_size=6)
JOINS = st.sampled_from([" ", ""])
POLICIES = {
    "replace": Policy(),
    "surrogate": Policy(default=Surrogate()),
    "keyed surrogate": Policy(default=Surrogate(key=KEY)),
    "encrypt": Policy(default=Encrypt(KEY)),
    "mixed": Policy(entities={"PERSON": Surrogate(key=KEY), "EMAIL_ADDRESS": Encrypt(KEY)}),
}


def leaks(text: str, values: list[str]) -> list[str]:
    """Values that stand as words in a text that was sent."""
    return [value for value in values if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text)]


@pytest.mark.parametrize("name", POLICIES)
def test_every_turn_comes_back_as_it_went_and_no_value_leaves(name, finder, budget):
    redactor = Redactor(POLICIES[name], detector=finder)

    @budget(in_ci=80, share=1 / len(POLICIES))
    @given(TURNS, JOINS)
    def holds(turns, join):
        conversation = redactor.conversation()
        sent: list[tuple[str, str]] = []
        for words in turns:
            text = join.join(words)
            safe = conversation.redact(text)
            assert not join or not leaks(safe, [text[span.start : span.end] for span in finder.find(text)])
            sent.append((text, safe))
            for earlier, safe_earlier in sent:  # also what was sent before still comes back
                assert conversation.restore(safe_earlier) == earlier
        for text, safe in sent:  # a stream of every turn too
            stream = conversation.stream()
            assert "".join(map(stream.feed, safe)) + stream.flush() == text

    holds()


def test_each_conversation_restores_from_its_own_vault_only(redactor):
    first, second = redactor.conversation(), redactor.conversation()
    first.redact("I am Jane Roe")
    assert second.restore("<PERSON_1>") == "<PERSON_1>"
    second.redact("I am John Smith")
    assert (first.restore("<PERSON_1>"), second.restore("<PERSON_1>")) == ("Jane Roe", "John Smith")


def test_the_same_value_keeps_its_number_through_all_turns(redactor):
    conversation = redactor.conversation()
    assert conversation.redact("Jane Roe met Bob") == "<PERSON_1> met <PERSON_2>"
    assert conversation.redact("Bob called Jane Roe back") == "<PERSON_2> called <PERSON_1> back"
    assert conversation.redact("mail jane@roe.example") == "mail <EMAIL_ADDRESS_1>"


def test_a_lookalike_that_comes_first_keeps_its_number_free(redactor):
    conversation = redactor.conversation()
    assert conversation.redact("placeholders such as <PERSON_1> stand for names") == (
        "placeholders such as <PERSON_1> stand for names"
    )
    assert conversation.redact("I am Jane Roe") == "I am <PERSON_2>"
    assert conversation.restore("<PERSON_1> and <PERSON_2>") == "<PERSON_1> and Jane Roe"


@pytest.mark.parametrize(
    "lookalike",
    [
        "<PERSON_1>",
        "PERSON_1",
        "<person_1>",
        "<PERSON 1>",
        "&lt;PERSON_1&gt;",
        "<NOTE PERSON_1>",
        "\\<PERSON\\_1\\>",
    ],
)
def test_a_lookalike_of_a_placeholder_in_use_is_never_restored_to_its_value(redactor, lookalike):
    conversation = redactor.conversation()
    conversation.redact("I am Jane Roe")
    text = f"what stands behind {lookalike}?"
    safe = conversation.redact(text)
    assert lookalike not in safe
    assert conversation.restore(safe) == text
    assert "Jane" not in conversation.restore(safe)


def test_a_lookalike_made_by_what_is_dropped_between_its_halves_is_not_restored():
    class Hashes:
        def find(self, text):
            return [Span(place, place + 1, "MARK", 1.0) for place, letter in enumerate(text) if letter == "#"]

    conversation = Redactor(Policy(entities={"MARK": Drop()}), detector=Hashes()).conversation()
    conversation.vault.issue([("PERSON", "Jane Roe")])
    safe = conversation.redact("<PERSON_#1>")
    assert safe == "<PERSON_2>"
    assert conversation.restore(safe) == "<PERSON_1>"


def test_an_original_that_looks_like_a_placeholder_is_not_restored_twice(finder):
    vault = MemoryVault()
    vault.issue([("PERSON", "<PERSON_2>"), ("PERSON", "Jane Roe")])
    conversation = Redactor(detector=finder).conversation(vault)
    assert conversation.restore("<PERSON_1>") == "<PERSON_2>"


def test_an_encrypted_token_pasted_into_a_prompt_is_not_opened(finder):
    redactor = Redactor(Policy(default=Encrypt(KEY)), detector=finder)
    token = redactor.redact("Jane Roe").text
    pasted = redactor.redact(f"open {token} for me")
    assert token not in pasted.text
    assert pasted.restore(pasted.text) == f"open {token} for me"


def test_a_text_that_holds_the_surrogate_of_another_value_comes_back_unchanged(finder):
    conversation = Redactor(Policy(default=Surrogate(key=KEY)), detector=finder).conversation()
    surrogate = conversation.redact("Jane Roe")
    text = f"{surrogate} is a real person, and Jane Roe too"
    safe = conversation.redact(text)
    assert conversation.restore(safe) == text


@pytest.mark.parametrize(
    "text", ["김민준은 왔다", "Bob김민준", "+1 555 0123+1 555 0123", "(Jane Roe)", "김민준Jane Roe"]
)
def test_a_surrogate_that_touches_other_letters_comes_back_as_well(finder, text):
    class Anywhere:
        def find(self, text):
            values = re.finditer("김민준|Bob|Jane Roe|\\+1 555 0123", text)
            return [Span(match.start(), match.end(), "PERSON", 1.0) for match in values]

    redacted = Redactor(Policy(default=Surrogate()), detector=Anywhere()).redact(text)
    assert not [value for value in ("김민준", "Bob", "Jane", "0123") if value in redacted.text]
    assert redacted.restore(redacted.text) == text


def test_a_value_found_once_is_found_in_every_later_text(redactor, finder):
    class Once:
        def __init__(self):
            self.seen = False

        def find(self, text):
            spans = [] if self.seen else finder.find(text)
            self.seen = True
            return spans

    conversation = Redactor(detector=Once()).conversation()
    assert conversation.redact("I am Jane Roe") == "I am <PERSON_1>"
    assert conversation.redact("as Jane Roe said") == "as <PERSON_1> said"


def test_among_many_values_each_keeps_its_own_surrogate_and_is_found_again(finder):
    redactor = Redactor(Policy(default=Surrogate(key=KEY)), detector=finder)
    conversation = redactor.conversation()
    text = " ".join(f"user{number}@x{number}.example" for number in range(60))
    safe = conversation.redact(text)
    assert not re.findall(r"\buser\d+@", safe)
    assert conversation.restore(safe) == text
    stream = conversation.stream()
    assert "".join(map(stream.feed, safe)) + stream.flush() == text

    class Blind:
        def find(self, text):
            return []

    assert Redactor(redactor.policy, detector=Blind()).conversation(conversation.vault).redact(text) == safe


def test_a_known_value_that_this_policy_keeps_is_kept(finder):
    vault = MemoryVault()
    Redactor(detector=finder).conversation(vault).redact("I am Jane Roe, mail jane@roe.example")
    keeping = Redactor(
        Policy(entities={"PERSON": Keep()}, allow=frozenset({"jane@roe.example"})), detector=finder
    )
    text = "Jane Roe, jane@roe.example, Bob"
    assert keeping.conversation(vault).redact(text) == text


@pytest.mark.parametrize("operator", [Mask(), Hash(KEY), Drop()])
def test_what_cannot_be_restored_stays_as_it_was_sent(finder, operator):
    redactor = Redactor(Policy(default=operator), detector=finder)
    redacted = redactor.redact("Jane Roe and <PERSON_1>")
    assert "Jane" not in redacted.text
    assert redacted.restore(redacted.text) == redacted.text


def test_originals_are_escaped_to_fit_where_the_model_put_them(redactor):
    vault = MemoryVault()
    vault.issue([("PERSON", 'A "B" & <C>')])
    conversation = redactor.conversation(vault)
    assert conversation.restore("<PERSON_1>") == 'A "B" & <C>'
    assert conversation.restore("&lt;PERSON_1&gt;") == 'A "B" &amp; &lt;C&gt;'
    assert conversation.restore("%3CPERSON_1%3E") == "A%20%22B%22%20%26%20%3CC%3E"
    assert conversation.restore(r"\u003cPERSON_1\u003e") == r"A \"B\" & <C>"
    assert conversation.restore(r"\\u003cPERSON_1\\u003e") == r"A \\\"B\\\" & <C>"
    assert conversation.restore("<PERSON_1>", escape="json") == r"A \"B\" & <C>"
