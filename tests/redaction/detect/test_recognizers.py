"""callsafe's rules in anyone's Presidio."""

from __future__ import annotations

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry

from callsafe.redaction.detect.nlp import TokenNlpEngine
from callsafe.redaction.recognizers import recognizers


def engine() -> AnalyzerEngine:
    registry = RecognizerRegistry(recognizers=[])
    for recognizer in recognizers():
        registry.add_recognizer(recognizer)
    return AnalyzerEngine(registry=registry, nlp_engine=TokenNlpEngine())


def test_every_data_rule_and_credential_is_found_through_presidio() -> None:
    key = "sk-ant-" + "api03-" + "Zq8vTn3LxW" * 9 + "abc" + "AA"
    text = f"jane@example.org 219-08-9998 주민등록번호 900101-1234568 NHS 943 476 5919 key {key}"
    found = {
        (item.entity_type, text[item.start : item.end])
        for item in engine().analyze(text, "en", score_threshold=0.4)
    }
    assert found >= {
        ("EMAIL_ADDRESS", "jane@example.org"),
        ("US_SSN", "219-08-9998"),
        ("KR_RRN", "900101-1234568"),
        ("UK_NHS", "943 476 5919"),
        ("CREDENTIAL", key),
    }


def test_presidio_adds_nothing_to_scores_that_hold_their_context_already() -> None:
    (item,) = engine().analyze("my ssn is 219-08-9998", "en", entities=["US_SSN"])
    assert item.score == 0.85


def test_only_the_entities_asked_for_are_returned() -> None:
    items = engine().analyze("jane@example.org 219-08-9998", "en", entities=["EMAIL_ADDRESS"])
    assert [item.entity_type for item in items] == ["EMAIL_ADDRESS"]


def test_packs_are_tagged_with_their_country() -> None:
    assert {item.country_code() for item in recognizers()} == {None, "us", "uk", "kr", "cn"}
    assert {item.country_code() for item in recognizers(packs=("kr",))} == {None, "kr"}
