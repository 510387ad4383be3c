"""Audit: what was done, in counts. Never a value, never a text."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from callsafe.redaction.spans import Span

Outcome = Literal["redacted", "blocked", "passed"]
"""`passed` is a text that could not be made safe and was sent as it is, because the policy said so."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was done to one text, or to all texts of a conversation.

    `entities` and `rules` count the replaced values by label and by the rule that found them; `reason` says
    why a text was blocked or passed.
    """

    outcome: Outcome = "redacted"
    texts: int = 0
    characters: int = 0
    seconds: float = 0.0
    entities: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    rules: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    reason: str = ""

    @property
    def total(self) -> int:
        """Count the replaced values."""
        return sum(self.entities.values())


Audit = Callable[[Report], object]
"""Called with the report of every text. An exception it raises blocks the text."""


def report_of(
    spans: Iterable[Span], *, characters: int, seconds: float, outcome: Outcome = "redacted", reason: str = ""
) -> Report:
    """Make the report of one text."""
    entities: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for span in spans:
        entities[span.label] += 1
        if span.rule:
            rules[span.rule] += 1
    return Report(
        outcome,
        1,
        characters,
        seconds,
        MappingProxyType(dict(entities)),
        MappingProxyType(dict(rules)),
        reason,
    )


class Tally:
    """Adds reports up. Thread-safe."""

    __slots__ = ("_entities", "_lock", "_outcome", "_rules", "_sums")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entities: Counter[str] = Counter()
        self._rules: Counter[str] = Counter()
        self._sums = (0, 0, 0.0)
        self._outcome: Outcome = "redacted"

    def add(self, report: Report) -> None:
        """Add one report."""
        with self._lock:
            texts, characters, seconds = self._sums
            self._sums = (texts + report.texts, characters + report.characters, seconds + report.seconds)
            self._entities.update(report.entities)
            self._rules.update(report.rules)
            if report.outcome != "redacted" and self._outcome != "blocked":
                self._outcome = report.outcome

    def total(self) -> Report:
        """Give the sum; its outcome is the worst of all."""
        with self._lock:
            return Report(
                self._outcome,
                *self._sums,
                MappingProxyType(dict(self._entities)),
                MappingProxyType(dict(self._rules)),
            )


def opentelemetry(report: Report) -> None:
    """Put a report on the current OpenTelemetry span, as an event's attributes; not installed, do nothing."""
    try:
        from opentelemetry import trace
    except ImportError:
        return
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.add_event(
        "callsafe.redaction",
        {
            "callsafe.redaction.outcome": report.outcome,
            "callsafe.redaction.characters": report.characters,
            "callsafe.redaction.seconds": report.seconds,
            **{f"callsafe.redaction.entity.{label}": count for label, count in report.entities.items()},
            **{f"callsafe.redaction.rule.{rule}": count for rule, count in report.rules.items()},
        },
    )
