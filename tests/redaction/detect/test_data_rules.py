"""Every data rule finds its examples, refuses its counterexamples, and knows the values of manuals."""

from __future__ import annotations

import random

import pytest

from callsafe.rules.facts import Text, TextKind
from callsafe.rules.model import Place
from callsafe.rules.personal_data.catalogue import chosen, countries, data_rules
from callsafe.rules.personal_data.checksums import bech32, luhn, mod_97
from callsafe.rules.personal_data.model import DataRule
from callsafe.rules.personal_data.payment import IBAN_LENGTHS, ISSUERS, TEST_CARDS, is_card
from callsafe.rules.personal_data.scan import has_context, scan, words
from callsafe.rules.protection.personal_data_in_prompt import RULE

THRESHOLD = 0.4


def found(text: str, rules: tuple[DataRule, ...] | None = None) -> list[tuple[str, str]]:
    hits = scan(text, data_rules() if rules is None else rules)
    return [(hit.rule.label, text[hit.start : hit.end]) for hit in hits if hit.score >= THRESHOLD]


@pytest.mark.parametrize("rule", data_rules(), ids=lambda rule: rule.name)
def test_a_rule_finds_its_examples_and_refuses_its_counterexamples(rule: DataRule) -> None:
    assert rule.examples
    assert rule.counterexamples
    for text in rule.examples:
        assert len({label for label, _ in found(text, (rule,))}) == 1, text
    for text in rule.counterexamples:
        assert found(text, (rule,)) == [], text


@pytest.mark.parametrize("rule", data_rules(), ids=lambda rule: rule.name)
@pytest.mark.parametrize("margin", [200, 5000])
def test_an_example_is_found_in_the_midst_of_prose(rule: DataRule, margin: int) -> None:
    prose = "the quick brown fox jumps over the lazy dog and so on "
    before = (prose * (margin // len(prose) + 1))[:margin] + "\n"
    for example in rule.examples:
        (label, value), *_ = found(example, (rule,))
        text = f"{before}{example}\n{before}"
        assert (label, value) in found(text, (rule,)), example


def test_names_of_rules_are_unique() -> None:
    names = [rule.name for rule in data_rules()]
    assert len(names) == len(set(names))


def test_the_entities_of_the_catalogue_all_have_a_rule() -> None:
    labels = {rule.label for rule in data_rules()}
    assert labels >= {
        "EMAIL_ADDRESS",
        "PHONE_NUMBER",
        "CREDIT_CARD",
        "IBAN_CODE",
        "IP_ADDRESS",
        "MAC_ADDRESS",
        "CRYPTO",
        "US_SSN",
        "US_ITIN",
        "US_PASSPORT",
        "MEDICAL_LICENSE",
        "UK_NHS",
        "UK_NINO",
        "DATE_OF_BIRTH",
        "STREET_ADDRESS",
        "KR_RRN",
        "CN_RESIDENT_ID",
    }


def test_a_country_pack_is_on_only_where_it_is_asked_for() -> None:
    assert countries() == {"us", "uk", "kr", "cn"}
    assert not [rule for rule in chosen(None, ("us",)) if rule.country not in ("", "us")]
    assert {rule.label for rule in chosen({"KR_RRN"}, ("us",))} == {"KR_RRN"}


def test_every_issuer_range_with_a_right_check_digit_is_a_card() -> None:
    rng = random.Random(7)
    for low, high, lengths in ISSUERS:
        for length in lengths:
            for prefix in {low, high}:
                body = prefix + "".join(rng.choice("0123456789") for _ in range(length - len(prefix) - 1))
                number = next(body + digit for digit in "0123456789" if luhn(body + digit))
                assert is_card(number), number
                wrong = body + str((int(number[-1]) + 1) % 10)
                assert not is_card(wrong), wrong
                assert ("CREDIT_CARD", number) in found(f"paid with {number} today")


def test_all_test_cards_are_cards() -> None:
    assert [card for card in TEST_CARDS if card != "1234567890123452" and not is_card(card)] == []


def iban(country: str, body: str) -> str:
    bare = body + country + "00"
    check = 98 - int("".join(str(int(character, 36)) for character in bare)) % 97
    return f"{country}{check:02}{body}"


@pytest.mark.parametrize("country", sorted(IBAN_LENGTHS))
def test_an_iban_of_every_country_is_found_whole_in_every_writing(country: str) -> None:
    rng = random.Random(country)
    value = iban(country, "".join(rng.choice("0123456789") for _ in range(IBAN_LENGTHS[country] - 4)))
    assert mod_97(value)
    spaced = " ".join(value[at : at + 4] for at in range(0, len(value), 4))
    for written in (value, value.lower(), spaced, spaced.replace(" ", "-")):
        assert ("IBAN_CODE", written) in found(f"transfer to {written} by noon"), written


def test_a_word_after_an_iban_is_not_part_of_it() -> None:
    assert found("DE89 3704 0044 0532 0130 00 2 days ago")[0][1] == "DE89 3704 0044 0532 0130 00"


def test_the_security_code_after_a_card_does_not_hide_the_card() -> None:
    assert ("CREDIT_CARD", "4242 4242 4242 4242") in found("4242 4242 4242 4242 123")


def test_a_wrong_segwit_checksum_is_refused() -> None:
    good = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    assert bech32(good)
    assert bech32(good.upper())
    assert not bech32(good[:-1] + "5")
    assert not bech32("bc1Q" + good[4:])


def test_context_words_are_compared_whole() -> None:
    text = "in public 123456789"
    assert not has_context(text, 10, 19, ("lic",))
    assert has_context("lic 123456789", 4, 13, ("lic",))


def test_context_is_read_from_identifiers_and_from_scripts_without_spaces() -> None:
    assert words("dateOfBirth date_of_birth SSNNumber") == [
        "date",
        "of",
        "birth",
        "date",
        "of",
        "birth",
        "ssn",
        "number",
    ]
    assert has_context("고객의 주민등록번호는 900101", 12, 18, ("주민등록번호",))


def test_context_is_the_five_words_before_and_three_after() -> None:
    assert has_context("ssn a b c d 219089998", 12, 21, ("ssn",))
    assert not has_context("ssn a b c d e 219089998", 14, 23, ("ssn",))
    assert has_context("219089998 is my ssn", 0, 9, ("ssn",))
    assert not has_context("219089998 is a new ssn", 0, 9, ("ssn",))


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("EMAIL_ADDRESS", "jane@example.com"),
        ("EMAIL_ADDRESS", "support@somewhere.ch"),
        ("PHONE_NUMBER", "+1 (212) 555-0142"),
        ("PHONE_NUMBER", "+44 20 7946 0958"),
        ("CREDIT_CARD", "4242 4242 4242 4242"),
        ("IP_ADDRESS", "192.0.2.7"),
        ("IP_ADDRESS", "10.1.2.3"),
        ("IP_ADDRESS", "2001:db8::1"),
        ("MAC_ADDRESS", "00:00:5e:00:53:af"),
        ("IBAN_CODE", "GB82 WEST 1234 5698 7654 32"),
        ("US_SSN", "987-65-4321"),
        ("UK_NHS", "943 476 5919"),
    ],
)
def test_values_of_manuals_are_known(label: str, value: str) -> None:
    assert any(
        rule.documentation(value) for rule in data_rules() if rule.label == label and rule.documentation
    )


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("EMAIL_ADDRESS", "maria.keller@bluewin.ch"),
        ("PHONE_NUMBER", "+41 44 668 18 00"),
        ("IP_ADDRESS", "81.2.69.142"),
        ("US_SSN", "536-90-4399"),
    ],
)
def test_values_that_look_real_are_not_taken_for_manuals(label: str, value: str) -> None:
    assert not any(
        rule.documentation(value) for rule in data_rules() if rule.label == label and rule.documentation
    )


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f2a9c1b7d5e4f60812233445566778899aabbcc",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "id 12345678-1234-4123-8123-123456789012",
        "2024-11-21T02:00:23.123456Z INFO [worker-12] took 1234567 us",
        "ts=1700000000123 level=30 pid=12345",
        "pip install torch==2.10.0.1 numpy>=1.26.4",
        "upload to S3 bucket logs-2024-11-21 at 10:15:30",
        "x = [1024, 2048, 4096, 8192]",
        "ISBN 978-3-16-148410-0",
        "tests/test_1234567890.py:120: AssertionError",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.6099.109 Safari/537.36",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "0x7ffee4bff5c8 <main+12345>",
        "requires python 3.11.4, pip 23.2.1",
        "issue #1234567, PR 7654321",
        "between 1999 and 2003, 1,234,567 people (12.5 %)",
        "OID 2.5.29.17",
    ],
)
def test_identifiers_versions_dates_logs_and_hashes_are_no_personal_data(text: str) -> None:
    assert found(text) == []


def prompt(content: str, kind: TextKind = "prompt") -> list[tuple[str, int, int]]:
    text = Text(content, "app.py", kind, lambda start, end: Place("app.py", 1, start + 1, 1, end + 1))
    return [
        (problem.message, problem.place.column - 1, problem.place.end_column - 1)
        for problem in RULE.find(text)
    ]


def test_personal_data_that_looks_real_in_a_prompt_is_a_finding_at_its_place() -> None:
    content = "Answer maria.keller@bluewin.ch, her number is +41 44 668 18 00."
    assert prompt(content) == [
        ("an e-mail address stands in a prompt", 7, 30),
        ("a telephone number stands in a prompt", 46, 62),
    ]


def test_several_values_of_one_kind_are_one_finding() -> None:
    ((message, start, end),) = prompt("From a.b@bluewin.ch to c.d@bluewin.ch and e.f@bluewin.ch")
    assert message == "an e-mail address stands in a prompt (3 of them)"
    assert (start, end) == (5, 19)


def test_a_finding_never_quotes_the_value() -> None:
    text = Text("SSN 536-90-4399", "a.py", "prompt", lambda start, end: Place("a.py", 1, start, 1, end))
    (problem,) = RULE.find(text)
    assert "536" not in f"{problem}"


def test_documentation_values_and_text_that_is_no_prompt_are_no_findings() -> None:
    assert prompt("jane@example.com, (212) 555-0142, 4242 4242 4242 4242, 192.0.2.7, info@bluewin.ch") == []
    assert prompt("Answer maria.keller@bluewin.ch", "literal") == []
    assert prompt("Answer maria.keller@bluewin.ch", "file") == []


def test_the_marks_of_a_quotation_are_not_part_of_an_address() -> None:
    text = "> 7 Vesturgata 66\n> Suite 574\n> Reykjavík\n> Iceland 51262"
    rules = tuple(rule for rule in data_rules() if rule.name == "address-with-unit")
    assert [value for _, value in found(text, rules)] == [
        "7 Vesturgata 66",
        "Suite 574",
        "Reykjavík",
        "Iceland 51262",
    ]
