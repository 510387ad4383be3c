"""Where personal data or a credential stands in a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that must not leave: `text[start:end]`, in characters.

    `label` is the entity ("EMAIL_ADDRESS"), `score` the confidence from 0 to 1, `rule` the data rule or
    recognizer that found it. The text itself is never kept here, so that a span can be logged.
    """

    start: int
    end: int
    label: str
    score: float
    rule: str = ""
