"""`Detector`: what looks at a text, and what is made of it together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from callsafe.redaction.detect import labels as known
from callsafe.redaction.detect.addresses import STREET, complete
from callsafe.redaction.detect.decode import DEPTH, MAX_DECODED, View, encoded, unfold
from callsafe.redaction.detect.errors import DetectionError
from callsafe.redaction.detect.overlaps import resolve
from callsafe.redaction.spans import Span
from callsafe.rules.personal_data.catalogue import chosen
from callsafe.rules.personal_data.scan import scan

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import NlpEngine

DEFAULT_THRESHOLD: Final = 0.4

Search = Callable[[str], Iterable[Span]]


class Detector:
    """Finds personal data and credentials in texts. Thread-safe; a pure function of its input.

    `labels` are the entities to look for; by default all that have a data rule, credentials, names and
    places, and those of the `countries` (ISO 3166-1, `uk` or `gb`) but for `labels.OFF`. `threshold` is the
    least score, from 0 to 1, of what rules and recognizers find; the embedded name model has its own, .5
    unless `name_thresholds` gives another for PERSON, LOCATION or ORGANIZATION (lower finds more). `names`
    is true for the embedded model, false for none, or another model's address: "spacy:en_core_web_lg",
    "stanza:en", "gliner:FOLDER", "transformers:FOLDER". `recognizers` and `nlp_engine` are any of Presidio's;
    an engine takes the place of the embedded model. Texts in `allow` are never found.

    Presidio is imported at the first detection that needs it: for countries that have no data rules, for
    entities that `labels` names, for models and recognizers of the caller. Raises `ValueError` for what it
    does not know.
    """

    def __init__(
        self,
        *,
        labels: Collection[str] | None = None,
        countries: Sequence[str] = ("us",),
        threshold: float = DEFAULT_THRESHOLD,
        names: bool | str = True,
        name_thresholds: Mapping[str, float] = MappingProxyType({}),
        recognizers: Sequence[EntityRecognizer] = (),
        nlp_engine: NlpEngine | None = None,
        allow: Collection[str] = (),
    ) -> None:
        packs = tuple("uk" if country.lower() == "gb" else country.lower() for country in countries)
        _refuse_unknown("country", packs, known.countries())
        if labels is not None and not recognizers and nlp_engine is None and not isinstance(names, str):
            _refuse_unknown("label", labels, known.known_labels())
        self._labels = None if labels is None else frozenset(labels)
        self._packs = packs
        self._rules = chosen(self._labels, packs)
        self._threshold = threshold
        self._names = names if nlp_engine is None else False
        self._name_thresholds = dict(name_thresholds)
        self._name_labels = frozenset(
            known.NAMES if labels is None else {*known.NAMES, known.ORGANIZATION}.intersection(labels)
        )
        self._recognizers = tuple(recognizers)
        self._nlp_engine = nlp_engine
        self._allow = frozenset(allow)
        self._lock = Lock()

    def find(self, text: str) -> list[Span]:
        """Return what is found in a text, sorted, without overlaps; offsets count the text's characters.

        Raises `DetectionError`, which holds none of the text, where it could not be searched to its end.
        """
        try:
            spans = [
                span for span in self._search(text, DEPTH) if text[span.start : span.end] not in self._allow
            ]
            return resolve(spans, text)
        except DetectionError:
            raise
        except Exception as error:
            raise DetectionError(
                f"detection failed with {type(error).__name__} on {len(text)} characters"
            ) from None

    def find_known(self, text: str, persons: Collection[str]) -> list[Span]:
        """Return where persons that a conversation already names stand in a text, sorted, without overlaps.

        That is their whole names in any case, and given names and surnames alone where these are capitalised
        and no ordinary words. Code, keys and identifiers are left alone. Raises `DetectionError` as `find`.
        """
        if not persons or not self._names or not self._wants("PERSON"):
            return []
        from callsafe.redaction.names import load

        try:
            names = load().find_known(text, persons)
        except Exception as error:
            raise DetectionError(
                f"detection failed with {type(error).__name__} on {len(text)} characters"
            ) from None
        return [
            Span(name.start, name.end, name.label, name.score, "known-name")
            for name in names
            if text[name.start : name.end] not in self._allow
        ]

    def warm_up(self) -> None:
        """Load what the first detection would load. Raises what is wrong with the models asked for."""
        for search in self._searches:
            for _ in search("Warm-up, 1"):
                pass

    def _wants(self, label: str) -> bool:
        return self._labels is None or label in self._labels

    def _search(self, text: str, depth: int) -> Iterator[Span]:
        """Search a text with its disguises off, then what is encoded in it, to this depth."""
        views: list[View] = []
        plain = text
        while len(views) < DEPTH and (view := unfold(plain)) is not None:
            views.append(view)
            plain = view.text
        for span in self._found(plain, depth):
            start, end = span.start, span.end
            for view in reversed(views):
                start, end = view.original(start, end)
            yield span if not views else Span(start, end, span.label, span.score, span.rule)

    def _found(self, text: str, depth: int) -> Iterator[Span]:
        spans = [span for search in self._searches for span in search(text)]
        yield from spans
        if self._wants(STREET):
            yield from complete(text, spans)
        if depth:
            for run in encoded(text, MAX_DECODED):
                inside = max(
                    self._search(run.text, depth - 1), key=lambda span: (span.score, span.label), default=None
                )
                if inside is not None:
                    yield Span(run.start, run.end, inside.label, inside.score, inside.rule)

    @property
    def _searches(self) -> tuple[Search, ...]:
        with self._lock:
            return self._made

    @cached_property
    def _made(self) -> tuple[Search, ...]:
        """Make what looks at a text; imports what it needs."""
        searches: list[Search] = [self._by_rule]
        if self._wants(known.CREDENTIAL):
            searches.append(_credentials)
        engine, recognizers = self._nlp_engine, list(self._recognizers)
        if isinstance(self._names, str):
            from callsafe.redaction.detect.models import open_model

            engine, more = open_model(self._names)
            recognizers.extend(more)
        elif self._names and self._name_labels:
            searches.append(self._by_name)
        wanted = known.presidio_labels(self._packs)
        if self._labels is not None:
            wanted = known.presidio_labels() & self._labels
        if wanted or recognizers or engine is not None:
            searches.append(self._by_presidio(wanted, recognizers, engine))
        return tuple(searches)

    def _by_rule(self, text: str) -> Iterator[Span]:
        for hit in scan(text, self._rules):
            if hit.score >= self._threshold:
                yield Span(hit.start, hit.end, hit.rule.label, hit.score, hit.rule.name)

    def _by_name(self, text: str) -> Iterator[Span]:
        from callsafe.redaction.names import load

        for name in load().find(text, threshold=self._name_thresholds, labels=self._name_labels):
            yield Span(name.start, name.end, name.label, name.score, "names")

    def _by_presidio(
        self, wanted: Collection[str], recognizers: Sequence[EntityRecognizer], engine: NlpEngine | None
    ) -> Search:
        from callsafe.redaction.detect.presidio import GatedAnalyzer, country_recognizers, model_recognizers

        analyzer = GatedAnalyzer(
            [
                *country_recognizers((), wanted),
                *recognizers,
                *(model_recognizers(engine) if engine is not None else ()),
            ],
            matching="whole_word",
            nlp_engine=engine,
        )

        # What is off by default stays off where a model finds it, not where the caller's own recognizer does.
        own = {label for recognizer in recognizers for label in recognizer.supported_entities}
        off = known.OFF - own if self._labels is None else frozenset()

        def search(text: str) -> Iterator[Span]:
            for span in analyzer.analyze(text, threshold=self._threshold):
                if self._wants(span.label) and span.label not in off:
                    yield span

        return search


def _credentials(text: str) -> Iterator[Span]:
    from callsafe.rules.credentials._scan import scan as scan_credentials

    for match in scan_credentials(text, strict=True):
        yield Span(match.start, match.end, known.CREDENTIAL, match.score, match.format)


def _refuse_unknown(what: str, given: Iterable[str], allowed: Collection[str]) -> None:
    for name in given:
        if name not in allowed:
            from difflib import get_close_matches

            close = get_close_matches(name.upper() if what == "label" else name.lower(), sorted(allowed), n=1)
            hint = f", did you mean {close[0]!r}" if close else f", known are {', '.join(sorted(allowed))}"
            raise ValueError(f"unknown {what} {name!r}{hint}")
