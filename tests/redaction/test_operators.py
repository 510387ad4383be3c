"""Operators: what is written in the place of a value, and what comes back."""

from __future__ import annotations

import pickle
import re
import sys

import pytest

from callsafe.redaction import (
    Block,
    Drop,
    Encrypt,
    Hash,
    Keep,
    Key,
    Mask,
    Policy,
    RedactionError,
    Redactor,
    Surrogate,
)

KEY = Key("0123456789abcdef" * 2)
OTHER = Key("fedcba9876543210" * 2)


def written(make, operator, text="Jane Roe"):
    return make(default=operator).redact(text).text


def test_mask_hides_every_letter_and_digit(make):
    assert written(make, Mask()) == "**** ***"
    assert written(make, Mask("x".upper().replace("X", "█")), "김민준") == "███"
    assert written(make, Mask(keep_last=4), "4111-1111-1111-1111") == "****-****-****-1111"


def test_mask_never_shows_a_value_whole(make):
    assert written(make, Mask(keep_last=99), "Bob") == "***"


def test_a_hash_is_the_same_for_the_same_value_under_the_same_key_and_label(make):
    first = written(make, Hash(KEY))
    assert re.fullmatch(r"<PERSON#[0-9a-f]{16}>", first)
    assert first == written(make, Hash(KEY))
    assert first != written(make, Hash(OTHER))
    assert Hash(KEY).apply("PERSON", "x") != Hash(KEY).apply("CITY", "x")


def test_an_encrypted_value_comes_back_by_key_without_a_vault(make):
    safe = make(default=Encrypt(KEY)).redact("Jane Roe and Bob").text
    assert re.fullmatch(r"<PERSON:[a-z2-7]+> and <PERSON:[a-z2-7]+>", safe)
    assert safe == make(default=Encrypt(KEY)).redact("Jane Roe and Bob").text
    elsewhere = make(default=Encrypt(KEY)).conversation()
    assert elsewhere.restore(safe) == "Jane Roe and Bob"
    assert elsewhere.restore(safe.upper()) == "Jane Roe and Bob".replace("and", "AND")
    assert make(default=Encrypt(OTHER)).conversation().restore(safe) == safe


def test_an_encrypted_token_that_was_changed_is_left_alone(make):
    conversation = make(default=Encrypt(KEY)).conversation()
    safe = conversation.redact("Jane Roe")
    changed = safe.replace(safe[12], "a" if safe[12] != "a" else "b")
    assert conversation.restore(changed) == changed
    for length in range(1, 9):
        cut = safe[: -1 - length] + ">"
        assert conversation.restore(cut) == cut
    assert conversation.restore(safe.replace("PERSON", "CITY")) == safe.replace("PERSON", "CITY")


@pytest.mark.parametrize("value", ["", "\0", "\ud800", "김" * 1000, "x"])
def test_any_value_can_be_encrypted(value):
    label, payload = Encrypt(KEY).apply("PERSON", value)[1:-1].split(":")
    assert Encrypt(KEY).open(label, payload) == value


def test_a_value_that_is_too_long_to_encrypt_blocks():
    with pytest.raises(RedactionError, match="too long"):
        Encrypt(KEY).apply("PERSON", "x" * 20_000)


def test_an_old_key_still_opens_what_it_wrote(make):
    old = make(default=Encrypt(OTHER)).redact("Jane Roe").text
    rotated = make(default=Encrypt(KEY), entities={"CITY": Encrypt(OTHER)})
    assert rotated.conversation().restore(old) == "Jane Roe"


def test_a_surrogate_of_the_same_format_keeps_digits_digits_and_letters_letters(make):
    surrogate = written(make, Surrogate(), "jane.roe@roe.example")
    assert re.fullmatch(r"[a-z]{4}\.[a-z]{3}@[a-z]{3}\.[a-z]{7}", surrogate)
    assert re.fullmatch(r"\+\d \d{3} \d{4}", written(make, Surrogate(), "+1 555 0123"))
    assert re.fullmatch(r"[가-힣]{3}", written(make, Surrogate(), "김민준"))
    assert surrogate != "jane.roe@roe.example"


def test_a_surrogate_is_stable_in_a_conversation_and_with_a_key_everywhere(make):
    conversation = make(default=Surrogate()).conversation()
    assert conversation.redact("Jane Roe") == conversation.redact("Jane Roe")
    assert written(make, Surrogate(key=KEY)) == written(make, Surrogate(key=KEY))
    assert written(make, Surrogate(key=KEY)) != written(make, Surrogate(key=OTHER))


def test_a_surrogate_by_faker_is_of_the_same_kind_and_comes_back(make):
    pytest.importorskip("faker", reason="the package faker is not installed")
    redacted = make(default=Surrogate("faker", key=KEY)).redact("Jane Roe <jane@roe.example>, again Jane Roe")
    name = redacted.text.split(" <")[0]
    assert re.fullmatch(
        r"[\w.' -]+ <[\w.-]+@example\.(com|org|net)>, again " + re.escape(name), redacted.text
    )
    assert redacted.restore(f"Dear {name}, {name}'s mail") == "Dear Jane Roe, Jane Roe's mail"


def test_without_faker_the_policy_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "faker", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="faker"):
        Surrogate("faker")


def test_a_value_too_short_for_a_surrogate_gets_a_placeholder(finder):
    class Dashes:
        def find(self, text):
            from callsafe.redaction import Span

            return [Span(0, 2, "MARK", 1.0)]

    redacted = Redactor(Policy(default=Surrogate()), detector=Dashes()).redact("-- x")
    assert redacted.text == "<MARK_1> x"
    assert redacted.restore(redacted.text) == "-- x"


def test_drop_leaves_nothing_and_keep_everything(make):
    assert written(make, Drop(), "I am Bob.") == "I am ."
    assert written(make, Keep(), "I am Bob.") == "I am Bob."


def test_block_stops_the_request_also_where_failures_pass(make):
    redactor = make(entities={"CREDIT_CARD": Block()}, fail="pass")
    with pytest.raises(RedactionError, match="CREDIT_CARD") as caught:
        redactor.redact("card 4111 1111 1111 1111")
    assert "4111" not in str(caught.value)
    assert redactor.redact("Jane Roe").text == "<PERSON_1>"


def test_each_entity_has_its_own_operator(make):
    redactor = make(entities={"EMAIL_ADDRESS": Mask(), "PERSON": Keep()})
    assert redactor.redact("Bob b@x.example +1 555 0123").text == "Bob *@*.******* <PHONE_NUMBER_1>"


def test_a_key_is_not_printed_and_pickled_by_the_name_of_its_variable_only(key_in_environment):
    key = Key.from_environment(key_in_environment)
    assert "kkkk" not in f"{key!r} {Hash(key)!r} {Policy(default=Encrypt(key))!r}"
    assert b"kkkk" not in pickle.dumps(key)
    assert pickle.loads(pickle.dumps(key)) == key
    with pytest.raises(TypeError, match="from_environment"):
        pickle.dumps(KEY)


@pytest.mark.parametrize("secret", ["", "short", b"fifteen bytes.."])
def test_a_short_key_is_refused(secret):
    with pytest.raises(ValueError, match="16"):
        Key(secret)


def test_a_key_that_is_not_in_the_environment_is_named(monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(ValueError, match="NO_SUCH_KEY"):
        Key.from_environment("NO_SUCH_KEY")


@pytest.mark.parametrize(
    "make_bad",
    [lambda: Mask("ab"), lambda: Mask("x"), lambda: Mask(keep_last=-1), lambda: Surrogate("fancy")],
)
def test_an_operator_refuses_options_that_cannot_be(make_bad):
    with pytest.raises(ValueError, match=r"character|keep_last|kind"):
        make_bad()
