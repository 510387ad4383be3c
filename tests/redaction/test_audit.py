"""Audit: counts of what was done, never a value."""

from __future__ import annotations

import dataclasses

import pytest

from callsafe.redaction import Block, Policy, RedactionError, Redactor, audit


def test_every_text_is_reported_in_counts(finder):
    reports = []
    redactor = Redactor(detector=finder, audit=reports.append)
    redactor.redact("Jane Roe, Bob, Jane Roe and jane@roe.example")
    (report,) = reports
    assert dict(report.entities) == {"PERSON": 3, "EMAIL_ADDRESS": 1}
    assert dict(report.rules) == {"words": 4}
    assert (report.outcome, report.texts, report.characters, report.total) == ("redacted", 1, 44, 4)
    assert report.seconds > 0
    assert "Jane" not in repr(report)


def test_a_blocked_text_is_reported_with_its_reason(finder):
    reports = []
    redactor = Redactor(Policy(entities={"PERSON": Block()}), detector=finder, audit=reports.append)
    conversation = redactor.conversation()
    with pytest.raises(RedactionError):
        conversation.redact("Jane Roe")
    assert [(report.outcome, "PERSON" in report.reason) for report in reports] == [("blocked", True)]
    assert conversation.report.outcome == "blocked"


def test_a_conversation_adds_its_reports_up(redactor):
    conversation = redactor.conversation()
    conversation.redact("Jane Roe")
    conversation.request().redact("Bob and jane@roe.example")
    assert dict(conversation.report.entities) == {"PERSON": 2, "EMAIL_ADDRESS": 1}
    assert (conversation.report.texts, conversation.report.characters) == (2, 32)


def test_an_audit_that_fails_blocks_and_tells_nothing(finder):
    def fails(report):
        raise OSError("disk full: Jane Roe")

    with pytest.raises(RedactionError, match="audit callback failed") as caught:
        Redactor(detector=finder, audit=fails).redact("Jane Roe")
    assert "Jane" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_report_does_not_change(finder):
    report = audit.report_of([], characters=1, seconds=0.1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.texts = 2


def test_on_an_opentelemetry_span_the_counts_are_attributes(finder):
    sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="opentelemetry-sdk is not installed")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    redactor = Redactor(detector=finder, audit=audit.opentelemetry)
    with provider.get_tracer("tests").start_as_current_span("request"):
        redactor.redact("Jane Roe and Bob")
    (event,) = exporter.get_finished_spans()[0].events
    assert event.attributes["callsafe.redaction.entity.PERSON"] == 2
    assert event.attributes["callsafe.redaction.rule.words"] == 2
    assert event.attributes["callsafe.redaction.outcome"] == "redacted"
    assert "Jane" not in repr(dict(event.attributes))


def test_without_a_recording_span_the_opentelemetry_audit_does_nothing(finder):
    assert Redactor(detector=finder, audit=audit.opentelemetry).redact("Bob").text == "<PERSON_1>"
