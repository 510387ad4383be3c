"""Presidio's recognizers behind the gate find what plain Presidio finds: the same spans, types and scores."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from faker import Faker
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, predefined_recognizers
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.predefined_recognizers import EmailRecognizer
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from callsafe.redaction.detect import Detector
from callsafe.redaction.detect.nlp import TokenNlpEngine
from callsafe.redaction.detect.presidio import GatedAnalyzer, Matching, _has_domain, country_recognizers

LOCALES = (
    "en_US",
    "en_GB",
    "de_DE",
    "es_ES",
    "it_IT",
    "pl_PL",
    "ko_KR",
    "zh_CN",
    "fi_FI",
    "sv_SE",
    "tr_TR",
    "en_IN",
)
KINDS = (
    "ssn",
    "phone_number",
    "credit_card_number",
    "iban",
    "email",
    "ipv4",
    "ipv6",
    "mac_address",
    "date",
    "address",
    "url",
    "license_plate",
    "bban",
    "swift",
    "uuid4",
    "sentence",
    "name",
    "passport_number",
    "date_time",
    "postcode",
)
FILLERS = (
    "my {} is {}",
    "{}: {}",
    "call me at {}{}",
    "The {} of the customer, {}, was checked.",
    "{}\n{}",
    '{{"{}": "{}"}}',
    "passport {} license {}",
    "patient {} (NHS) {}",
    "bank account {} iban {}",
    "tax id {} driver {}",
    "claim number: {} {}",
    "date of birth {}, wallet {}",
    "see https://www.{}.com/x {}",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa {} {}",
    "::1 {} fe80::1%eth0 {}",
    "aa:bb:cc:dd:ee:ff {} {}",
    "B-AB 123 {} {}",
    "Amtsgericht München HRB 12345 {} {}",
)


@cache
def every_recognizer() -> tuple[EntityRecognizer, ...]:
    kinds = [kind for kind in vars(predefined_recognizers).values() if hasattr(kind, "COUNTRY_CODE")]
    made = country_recognizers({kind.COUNTRY_CODE for kind in kinds})
    for recognizer in made:
        recognizer.supported_language = "en"
        if isinstance(recognizer, EmailRecognizer):
            setattr(recognizer, "validate_result", _has_domain)  # noqa: B010 - the same check, no look-up
    return tuple(made)


def presidio(matching: Matching) -> AnalyzerEngine:
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=list(every_recognizer())),
        nlp_engine=TokenNlpEngine(),
        context_aware_enhancer=LemmaContextAwareEnhancer(context_matching_mode=matching),
    )


def texts(seed: int, count: int) -> Iterator[str]:
    rng = random.Random(seed)
    fakers = []
    for locale in LOCALES:
        faker = Faker(locale)
        faker.seed_instance(seed)
        fakers.append(faker)

    def value() -> str:
        faker = rng.choice(fakers)
        made = getattr(faker, rng.choice(KINDS), faker.ssn)()
        return str(made)

    for _ in range(count):
        parts = [rng.choice(FILLERS).format(value(), value()) for _ in range(rng.randint(1, 3))]
        padding = " ".join(fakers[0].words(rng.choice((0, 0, 30, 80))))
        yield f" {padding}. ".join(parts)


def found(analyzer: AnalyzerEngine, text: str) -> list[tuple[str, int, int, float]]:
    items = analyzer.analyze(text, "en")
    return sorted((item.entity_type, item.start, item.end, round(item.score, 6)) for item in items)


def gated(analyzer: GatedAnalyzer, text: str) -> list[tuple[str, int, int, float]]:
    return sorted((span.label, span.start, span.end, round(span.score, 6)) for span in analyzer.analyze(text))


@pytest.mark.parametrize("matching", ["substring", "whole_word"])
def test_spans_types_and_scores_are_presidios_for_every_recognizer_it_has(matching: Matching) -> None:
    plain = presidio(matching)
    ours = GatedAnalyzer(every_recognizer(), matching=matching)
    spans = 0
    for text in texts(11, 60):
        expected = found(plain, text)
        spans += len(expected)
        assert gated(ours, text) == expected, text
    assert spans > 300
    assert len(every_recognizer()) > 80


def test_the_engine_of_tokens_makes_presidios_context_words_work() -> None:
    with_words = found(presidio("substring"), "my passport is A12345678")
    assert ("US_PASSPORT", 15, 24, 0.45) in with_words


def test_data_rules_find_what_presidio_finds_of_their_entities_with_its_scores() -> None:
    shared = {"EMAIL_ADDRESS", "IBAN_CODE", "CRYPTO", "US_SSN", "IP_ADDRESS", "MAC_ADDRESS", "UK_NINO"}
    plain = presidio("whole_word")
    ours = Detector(names=False, countries=("us", "uk"), labels=shared)
    faker = Faker("en_US")
    faker.seed_instance(5)
    made: dict[str, Any] = {
        "EMAIL_ADDRESS": faker.email,
        "IBAN_CODE": faker.iban,
        "US_SSN": faker.ssn,
        "IP_ADDRESS": lambda: faker.ipv4_public(),
        "MAC_ADDRESS": faker.mac_address,
        "UK_NINO": lambda: "AB " + faker.numerify("%% ## ##") + " C",
    }
    total = 0
    for label, make in made.items():
        for _ in range(40):
            text = f"Noted on file: {make()} as given."
            theirs = [item for item in found(plain, text) if item[0] == label and item[3] >= 0.4]
            mine = [
                (span.label, span.start, span.end, round(span.score, 6))
                for span in ours.find(text)
                if span.label == label
            ]
            assert mine == theirs, text
            total += len(mine)
    assert total >= 230
