"""Tokens for Presidio's context words, with no model: words in lower case stand for their lemmas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from spacy.lang.en.stop_words import STOP_WORDS

_TOKEN = re.compile(r"\w+|[^\w\s]")
_REACH = 256
_FARTHEST = 8192


class TokenNlpEngine(NlpEngine):
    """An `NlpEngine` with no entities and lower-cased words for lemmas, so that context words work."""

    def load(self) -> None:
        """Load nothing."""

    def is_loaded(self) -> bool:
        """Return true: there is nothing to load."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Split a text into words and marks."""
        matches = list(_TOKEN.finditer(text))
        tokens: Any = [match[0] for match in matches]
        lemmas = [token.lower() for token in tokens]
        return NlpArtifacts([], tokens, [match.start() for match in matches], lemmas, self, language)

    def process_batch(
        self,
        texts: Iterable[str],
        language: str,
        batch_size: int = 1,  # noqa: ARG002 - Presidio's interface
        n_process: int = 1,  # noqa: ARG002
        **_kwargs: Any,
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Split texts into words and marks, one after the other."""
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002
        """Tell whether a word is one of spaCy's English stop words."""
        return word.lower() in STOP_WORDS

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002
        """Tell whether a token is a mark."""
        return not (word[:1].isalnum() or word[:1] == "_")

    def get_supported_entities(self) -> list[str]:
        """Return nothing: there is no model."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the languages it can be asked for."""
        return ["en"]


def keywords_around(text: str, start: int) -> set[str]:
    """Return the words that Presidio's context enhancer compares for a match at `start`.

    That is: going back from the token at `start`, six words that are neither marks nor stop words, and one
    going on from it. Only the neighbourhood is read, so that the work per hit does not grow with the text.
    """
    near: set[str] = set()
    for match in _TOKEN.finditer(text, _token_start(text, start)):
        word = match[0].lower()
        if _is_keyword(word):
            near.add(word)
            break
    reach = _REACH
    while True:
        low = max(0, start - reach)
        while 0 < low < start and not text[low - 1].isspace():
            low += 1
        at_token = next((match for match in _TOKEN.finditer(text, _token_start(text, start))), None)
        before = [match[0].lower() for match in _TOKEN.finditer(text, low, start)]
        if at_token is not None:
            if before and at_token.start() < start:
                before[-1] = at_token[0].lower()
            else:
                before.append(at_token[0].lower())
        keywords = [word for word in before if _is_keyword(word)]
        if len(keywords) >= 6 or low == 0 or reach >= _FARTHEST:
            return near | set(keywords[-6:])
        reach *= 4


def _token_start(text: str, start: int) -> int:
    """Return where the word that holds `start` begins."""
    low = start
    while (
        low > 0
        and start < len(text)
        and _is_word(text[start])
        and _is_word(text[low - 1])
        and start - low < 512
    ):
        low -= 1
    return low


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_keyword(word: str) -> bool:
    return _is_word(word[0]) and word not in STOP_WORDS and word != "be"
