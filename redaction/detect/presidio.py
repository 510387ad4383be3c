"""Presidio's recognizers on the parts of a text that are worth a look, with Presidio's own results.

`AnalyzerEngine.analyze` runs every pattern over the whole text, telephone numbers once per region, and
compares the context of every hit with every word. `GatedAnalyzer` runs the same recognizers, unmodified, on
what stands around digits, `@` and glued dots and colons, and reads the context of each hit where it stands:
spans, types and scores are the same (tests/redaction/detect/test_parity.py, benchmarks/detection.py). It
differs where Presidio is unsafe: a regular expression that runs out of time raises instead of being skipped,
nothing is logged, no socket is opened.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, cast

import regex  # type: ignore[import-untyped, unused-ignore]
from presidio_analyzer import EntityRecognizer, PatternRecognizer, RecognizerResult, predefined_recognizers
from presidio_analyzer.predefined_recognizers import EmailRecognizer, IbanRecognizer, PhoneRecognizer

from callsafe.redaction.detect.errors import DetectionError
from callsafe.redaction.detect.nlp import TokenNlpEngine, keywords_around
from callsafe.redaction.spans import Span
from callsafe.rules.personal_data.scan import Windows, join

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

Matching = Literal["substring", "whole_word", "none"]

TIMEOUT = 60.0
"""Seconds that one pattern may take on one text (Presidio's default)."""
_PLACES = re.compile(r"[\d@]+|[.:](?=\w)|::|(?<=[0-9A-Fa-f])-(?=[0-9A-Fa-f]{2}-)")
_PHONE_PLACES = re.compile(r"\d(?:\W{0,4}\d){4}")
_MARGIN, _WIDE_MARGIN = 24, 96
_PACKAGE = "presidio_analyzer.predefined_recognizers."
_GATED = (f"{_PACKAGE}generic.", f"{_PACKAGE}country_specific.")
"""Everything that these recognizers look for holds a digit, an `@`, or a dot or colon glued to a word
character."""
_WIDE = (
    f"{_PACKAGE}country_specific.us.us_healthcare",
    f"{_PACKAGE}country_specific.germany.de_handelsregister",
)
"""Recognizers that read words some way before the number."""
_UNGATED = ("InPanRecognizer",)
"""Recognizers whose patterns look at the whole text (`(?=.*?[0-9]{4})`): a word counts for what stands far
behind it."""
_GAIN, _FLOOR = 0.35, 0.4


def country_recognizers(
    countries: Collection[str], labels: Collection[str] | None = None
) -> list[EntityRecognizer]:
    """Make Presidio's pattern recognizers of these countries, or those of these entities."""
    made: list[EntityRecognizer] = []
    for name in sorted(dir(predefined_recognizers)):
        kind: Any = getattr(predefined_recognizers, name)
        if not str(getattr(kind, "__module__", "")).startswith(_GATED):
            continue
        if labels is not None or kind.COUNTRY_CODE in countries:
            recognizer = kind()
            if labels is None or not set(labels).isdisjoint(recognizer.supported_entities):
                made.append(recognizer)
    return made


def model_recognizers(engine: NlpEngine) -> list[EntityRecognizer]:
    """Make the recognizer that turns an engine's entities into results, as Presidio's registry does."""
    from presidio_analyzer import RecognizerRegistry

    registry = RecognizerRegistry(recognizers=[])
    registry.add_nlp_recognizer(engine)
    return list(registry.recognizers)


class GatedAnalyzer:
    """Runs recognizers as `AnalyzerEngine` would, faster and failing closed.

    `matching` is how context words are compared: "substring" as Presidio does by default, "whole_word", or
    "none" as with an engine that gives no tokens. `nlp_engine` serves recognizers that need a model.
    """

    def __init__(
        self,
        recognizers: Sequence[EntityRecognizer],
        *,
        matching: Matching = "substring",
        nlp_engine: NlpEngine | None = None,
        language: str = "en",
    ) -> None:
        self._gated = [item for item in recognizers if _is_gated(item)]
        self._others = [item for item in recognizers if not _is_gated(item)]
        self._matching = matching
        self._nlp_engine = nlp_engine
        self._language = language

    def analyze(self, text: str, *, threshold: float = 0.0) -> list[Span]:
        """Return what the recognizers find, as `AnalyzerEngine.analyze` does: the best scores first.

        Raises `DetectionError` where a recognizer fails or runs out of time.
        """
        found: list[Span] = []
        looks: dict[tuple[re.Pattern[str], int], Windows | None] = {}
        for recognizer in self._gated:
            gate = _gate(recognizer)
            if gate not in looks:
                places, margin = gate
                looks[gate] = join(text, (place.span() for place in places.finditer(text)), margin)
            look = looks[gate]
            if look is not None:
                spans = self._mapped(recognizer, look, text)
                found.extend(self._with_context(text, spans, recognizer))
        if self._others:
            artifacts = self._artifacts(text)
            for recognizer in self._others:
                spans = list(_run(recognizer, text, artifacts))
                found.extend(self._with_context(text, spans, recognizer))
        unique = _without_contained(span for span in found if span.score >= threshold)
        return sorted(unique, key=lambda span: (-span.score, span.start, span.start - span.end))

    def _artifacts(self, text: str) -> NlpArtifacts:
        engine = self._nlp_engine or TokenNlpEngine()
        with _silence():
            return engine.process_text(text, self._language)

    def _mapped(self, recognizer: EntityRecognizer, look: Windows, text: str) -> list[Span]:
        """Run a recognizer on the windows, on the whole text where a match reaches over a seam."""
        spans = list(_run(recognizer, look.text, None))
        if len(look.starts) == 1 and look.text is text:
            return spans
        mapped = [
            Span(look.origin(span.start), look.origin(span.end - 1) + 1, span.label, span.score, span.rule)
            for span in spans
        ]
        if any(was.end - was.start != now.end - now.start for was, now in zip(spans, mapped, strict=True)):
            return list(_run(recognizer, text, None))
        return mapped

    def _with_context(self, text: str, spans: Iterable[Span], recognizer: EntityRecognizer) -> Iterator[Span]:
        words = recognizer.context if self._matching != "none" else ()
        for span in spans:
            if words and _supports(keywords_around(text, span.start), words, self._matching):
                score = min(max(span.score + _GAIN, _FLOOR), 1.0)
                yield Span(span.start, span.end, span.label, score, span.rule)
            else:
                yield span


def _is_gated(recognizer: EntityRecognizer) -> bool:
    kind = type(recognizer)
    own_patterns = getattr(recognizer, "patterns", None) is getattr(kind, "PATTERNS", None)
    return kind.__module__.startswith(_GATED) and kind.__name__ not in _UNGATED and own_patterns


def _gate(recognizer: EntityRecognizer) -> tuple[re.Pattern[str], int]:
    """Return what a recognizer's finds stand around, and how much of the text beside it they may need."""
    if isinstance(recognizer, PhoneRecognizer):
        return _PHONE_PLACES, _MARGIN
    return _PLACES, _WIDE_MARGIN if type(recognizer).__module__.startswith(_WIDE) else _MARGIN


def _supports(near: Collection[str], words: Iterable[str], matching: Matching) -> bool:
    if matching == "whole_word":
        return any(word.lower() in near for word in words)
    return any(word.lower() in keyword for word in words for keyword in near)


def _run(recognizer: EntityRecognizer, text: str, artifacts: NlpArtifacts | None) -> Iterator[Span]:
    """Run one recognizer; raise `DetectionError`, which holds none of the text, where it fails."""
    name = type(recognizer).__name__
    try:
        if isinstance(recognizer, IbanRecognizer) and type(recognizer).analyze is IbanRecognizer.analyze:
            yield from _ibans(recognizer, text)
        elif (
            isinstance(recognizer, PatternRecognizer)
            and type(recognizer).analyze is PatternRecognizer.analyze
        ):
            yield from _patterns(recognizer, text)
        else:
            with _silence():
                results = recognizer.analyze(text, recognizer.supported_entities, cast(Any, artifacts)) or []
            for result in results:
                yield Span(result.start, result.end, result.entity_type, float(result.score), name)
    except TimeoutError:
        raise DetectionError(f"recognizer {name} ran out of time on {len(text)} characters") from None
    except DetectionError:
        raise
    except Exception as error:
        raise DetectionError(f"recognizer {name} failed with {type(error).__name__}") from None


def _patterns(recognizer: Any, text: str) -> list[Span]:
    """Do what `PatternRecognizer.analyze` does, and let a time-out raise."""
    label, flags, name = recognizer.supported_entities[0], recognizer.global_regex_flags, recognizer.name
    validate: Callable[[str], bool | None] = recognizer.validate_result
    if isinstance(recognizer, EmailRecognizer):
        validate = _has_domain
    spans = []
    for pattern in recognizer.patterns:
        for match in regex.compile(pattern.regex, flags).finditer(text, timeout=TIMEOUT):
            value = match[0]
            if value:
                score = _settled(pattern.score, validate(value), recognizer.invalidate_result(value))
                if score > 0:
                    spans.append(Span(match.start(), match.end(), label, score, name))
    return _without_contained(spans)


def _ibans(recognizer: Any, text: str) -> Iterator[Span]:
    """Do what `IbanRecognizer.analyze` does: drop group after group until the number fits."""
    label, flags, name = recognizer.supported_entities[0], recognizer.global_regex_flags, recognizer.name
    for pattern in recognizer.patterns:
        for match in regex.compile(pattern.regex, flags).finditer(text, timeout=TIMEOUT):
            start = match.start()
            for group in range(len(match.groups()), 0, -1):
                end = match.end(group) if match.end(group) > 0 else match.end()
                if end > start:
                    score = _settled(pattern.score, recognizer.validate_result(text[start:end]), None)
                    if score > 0:
                        yield Span(start, end, label, score, name)
                        break


def _settled(score: float, valid: bool | None, invalid: bool | None) -> float:
    if invalid:
        return 0.0
    return score if valid is None else float(valid)


def _has_domain(address: str) -> bool:
    """Check the domain as Presidio does, with the suffixes that tldextract brings and no look-up."""
    return bool(_suffixes()(address).fqdn)


@cache
def _suffixes() -> Any:
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def _without_contained(spans: Iterable[Span]) -> list[Span]:
    """Drop spans that lie in a better one of their label, as Presidio's `remove_duplicates` does."""
    kept: list[Span] = []
    ordered = sorted(
        set(spans), key=lambda span: (span.label, span.start, span.start - span.end, -span.score)
    )
    for _, group in groupby(ordered, key=lambda span: span.label):
        active: list[Span] = []
        for span in group:
            active = [other for other in active if other.end >= span.start]
            if not any(
                span.start >= other.start and span.end <= other.end and span.score <= other.score
                for other in active
            ):
                kept.append(span)
                active.append(span)
    return kept


_watching: ContextVar[bool] = ContextVar("callsafe_presidio", default=False)


class _Silence(logging.Filter):
    """Drops what Presidio logs while we call it, and raises where it skips a slow pattern."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not _watching.get():
            return True
        if "timed out" in str(record.msg):
            raise DetectionError("a recognizer ran out of time")
        return False


_silencer = _Silence()


@contextmanager
def _silence() -> Iterator[None]:
    logging.getLogger("presidio-analyzer").addFilter(_silencer)
    token = _watching.set(True)
    try:
        yield
    finally:
        _watching.reset(token)


__all__ = ["GatedAnalyzer", "Matching", "RecognizerResult", "country_recognizers"]
