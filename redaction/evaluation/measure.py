"""Counting: what was labelled, what was found, and how far they agree.

Three levels. *exact*: a found span with the start, end and label of a labelled one. *overlap*: one with its
label that shares a character with it. *token*: words (runs of letters, digits and `_`) inside spans, with the
label. And *any*: words in any span, whatever its label: what matters to whoever must not send them.

*Leaks* ask only whether a labelled value would have left: a span is covered fully, partly or not at all by what
was found, under whatever label, by its letters and digits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from callsafe.redaction.evaluation.labelled import Labelled, Labels

Level = Literal["token", "exact", "overlap"]
LEVELS: Final[tuple[Level, ...]] = ("token", "exact", "overlap")
ANY: Final = "(any)"
"""The words of all spans, whatever their label."""
ALL: Final = "(all)"
"""All labels together, each hit with its own label."""

_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Agreement:
    """Counts of one label on one level: `hits` of the `found`, `met` of the `labelled`."""

    labelled: int = 0
    met: int = 0
    found: int = 0
    hits: int = 0

    @property
    def precision(self) -> float:
        """The share of what was found that was labelled; 1 where nothing was found."""
        return self.hits / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what was labelled that was found; 1 where nothing was labelled."""
        return self.met / self.labelled if self.labelled else 1.0

    def f(self, beta: float) -> float:
        """Give the F score; with beta 2 recall counts four times as much as precision."""
        weight = beta * beta
        below = weight * self.precision + self.recall
        return (1 + weight) * self.precision * self.recall / below if below else 0.0

    def add(self, other: Agreement) -> None:
        """Add the counts of another label."""
        self.labelled += other.labelled
        self.met += other.met
        self.found += other.found
        self.hits += other.hits

    def as_json(self) -> dict[str, Any]:
        """Give counts and scores."""
        return {
            "labelled": self.labelled,
            "found": self.found,
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f(1), 4),
            "f2": round(self.f(2), 4),
        }


@dataclass(slots=True)
class Coverage:
    """How many labelled spans of a label are covered fully, partly and not at all."""

    full: int = 0
    partly: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        """Count the labelled spans."""
        return self.full + self.partly + self.none

    @property
    def leak_rate(self) -> float:
        """The share of labelled spans of which something would have left."""
        return (self.partly + self.none) / self.total if self.total else 0.0

    def add(self, other: Coverage) -> None:
        """Add the counts of another label."""
        self.full += other.full
        self.partly += other.partly
        self.none += other.none

    def as_json(self) -> dict[str, Any]:
        """Give counts and the rate."""
        return {"full": self.full, "partly": self.partly, "none": self.none, "rate": round(self.leak_rate, 4)}


@dataclass(slots=True)
class Measured:
    """What was counted over a data set."""

    texts: int = 0
    characters: int = 0
    levels: dict[Level, defaultdict[str, Agreement]] = field(
        default_factory=lambda: {level: defaultdict(Agreement) for level in LEVELS}
    )
    any: Agreement = field(default_factory=Agreement)
    leaks: defaultdict[str, Coverage] = field(default_factory=lambda: defaultdict(Coverage))

    def labels(self) -> list[str]:
        """Give the labels, the most frequent in the data first."""
        token, exact = self.levels["token"], self.levels["exact"]
        return sorted({*token, *exact}, key=lambda label: (-exact[label].labelled, label))

    def agreement(self, label: str, level: Level) -> Agreement:
        """Give the agreement of one label, of `ALL` labels together, or on words of `ANY` label."""
        if label == ANY:
            return self.any
        if label != ALL:
            return self.levels[level][label]
        total = Agreement()
        for each in self.levels[level].values():
            total.add(each)
        return total

    def coverage(self, label: str) -> Coverage:
        """Give the coverage of one label or of `ALL`."""
        if label != ALL:
            return self.leaks[label]
        total = Coverage()
        for each in self.leaks.values():
            total.add(each)
        return total

    def add(self, text: str, labelled: Iterable[Labelled], found: Iterable[Labelled], labels: Labels) -> None:
        """Count one text; `labelled` and `found` are read with `labels`."""
        self.texts += 1
        self.characters += len(text)
        every = [(start, end, labels.of(label)) for start, end, label in labelled]
        gold = [span for span in every if span[2]]
        free = [span for span in every if not span[2]]
        raw = [(start, end, labels.of(label)) for start, end, label in found]
        seen = [span for span in raw if span[2] and not _touches(span, free)]
        self._spans(gold, seen)
        self._tokens(text, gold, seen, free)
        self._leaks(text, gold, raw)

    def _spans(self, gold: Sequence[Labelled], seen: Sequence[Labelled]) -> None:
        exact, overlap = self.levels["exact"], self.levels["overlap"]
        for span in gold:
            label = span[2]
            exact[label].labelled += 1
            exact[label].met += span in seen
            overlap[label].labelled += 1
            overlap[label].met += _touches(span, [other for other in seen if other[2] == label])
        for span in seen:
            label = span[2]
            exact[label].found += 1
            exact[label].hits += span in gold
            overlap[label].found += 1
            overlap[label].hits += _touches(span, [other for other in gold if other[2] == label])

    def _tokens(
        self, text: str, gold: Sequence[Labelled], seen: Sequence[Labelled], free: Sequence[Labelled]
    ) -> None:
        words = [match.span() for match in _WORD.finditer(text)]
        ignored = {word for word, _ in _inside(words, free)}
        truth = {(word, label) for word, label in _inside(words, gold) if word not in ignored}
        guess = {(word, label) for word, label in _inside(words, seen) if word not in ignored}
        token = self.levels["token"]
        for word, label in truth:
            token[label].labelled += 1
            token[label].met += (word, label) in guess
        for word, label in guess:
            token[label].found += 1
            token[label].hits += (word, label) in truth
        true_words, guessed = {word for word, _ in truth}, {word for word, _ in guess}
        both = len(true_words & guessed)
        self.any.add(Agreement(len(true_words), both, len(guessed), both))

    def _leaks(self, text: str, gold: Sequence[Labelled], found: Sequence[Labelled]) -> None:
        for start, end, label in gold:
            places = [place for place in range(start, end) if text[place].isalnum()]
            places = places or list(range(start, end))
            covered = sum(any(s <= place < e for s, e, _ in found) for place in places)
            coverage = self.leaks[label]
            if covered == len(places):
                coverage.full += 1
            elif covered:
                coverage.partly += 1
            else:
                coverage.none += 1


def _touches(span: Labelled, others: Iterable[Labelled]) -> bool:
    return any(span[0] < end and start < span[1] for start, end, _ in others)


def _inside(
    words: Sequence[tuple[int, int]], spans: Iterable[Labelled]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Give every word that shares a character with a span, with the span's label."""
    for start, end, label in spans:
        for word in words:
            if word[0] < end and start < word[1]:
                yield word, label
