"""callsafe's data rules as recognizers for anyone's Presidio (`registry.add_recognizer`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult

from callsafe.rules.personal_data.catalogue import chosen, countries
from callsafe.rules.personal_data.scan import scan

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NlpArtifacts

    from callsafe.rules.personal_data.model import DataRule

CREDENTIAL: Final = "CREDENTIAL"


class DataRuleRecognizer(EntityRecognizer):
    """Finds what data rules describe. Context is in the scores already: Presidio adds nothing."""

    def __init__(
        self, rules: Sequence[DataRule], *, language: str = "en", country: str | None = None
    ) -> None:
        self._rules = tuple(rules)
        super().__init__(
            supported_entities=sorted({rule.label for rule in rules}),
            name=f"callsafe-{country or 'generic'}",
            supported_language=language,
            country_code=country,
        )

    def load(self) -> None:
        """Load nothing."""

    def analyze(
        self,
        text: str,
        entities: Collection[str],
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002 - Presidio's interface
    ) -> list[RecognizerResult]:
        """Return what the rules find for these entities (all of the recognizer's where none are given)."""
        wanted = set(entities or self.supported_entities)
        return [
            _result(hit.rule.label, hit.start, hit.end, hit.score, hit.rule.name)
            for hit in scan(text, [rule for rule in self._rules if rule.label in wanted])
        ]


class CredentialRecognizer(EntityRecognizer):
    """Finds keys of AI providers and other credentials, as the entity CREDENTIAL."""

    def __init__(self, *, language: str = "en", strict: bool = True) -> None:
        self._strict = strict
        super().__init__(
            supported_entities=[CREDENTIAL], name="callsafe-credentials", supported_language=language
        )

    def load(self) -> None:
        """Load nothing."""

    def analyze(
        self,
        text: str,
        entities: Collection[str],
        nlp_artifacts: NlpArtifacts | None = None,  # noqa: ARG002 - Presidio's interface
    ) -> list[RecognizerResult]:
        """Return the credentials in a text."""
        from callsafe.rules.credentials._scan import scan as scan_credentials

        if entities and CREDENTIAL not in entities:
            return []
        return [
            _result(CREDENTIAL, match.start, match.end, match.score, match.format)
            for match in scan_credentials(text, strict=self._strict)
        ]


def recognizers(*, language: str = "en", packs: Collection[str] | None = None) -> list[EntityRecognizer]:
    """Return recognizers for every data rule, one per country pack, and one for credentials.

    `packs` are countries (ISO 3166-1, `uk` for GB); all where none are given.
    """
    return list(_made(language, sorted(countries() if packs is None else packs)))


def _made(language: str, packs: Sequence[str]) -> Iterator[EntityRecognizer]:
    generic = chosen(None, ())
    yield DataRuleRecognizer(generic, language=language)
    for country in packs:
        rules = [rule for rule in chosen(None, (country,)) if rule.country == country]
        if rules:
            yield DataRuleRecognizer(rules, language=language, country=country)
    yield CredentialRecognizer(language=language)


def _result(label: str, start: int, end: int, score: float, rule: str) -> Any:
    explanation = AnalysisExplanation(recognizer="callsafe", original_score=score, pattern_name=rule)
    return RecognizerResult(label, start, end, score, explanation)
