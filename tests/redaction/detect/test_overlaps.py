"""Of overlapping finds one is kept, and nothing that was found is left uncovered."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from callsafe.redaction.detect.overlaps import resolve
from callsafe.redaction.spans import Span

TEXT = "abcdefghij klmnopqrst uvwxyz0123"

SPANS = st.lists(
    st.builds(
        lambda start, length, label, score: Span(start, min(start + length, len(TEXT)), label, score),
        st.integers(0, len(TEXT) - 1),
        st.integers(1, 12),
        st.sampled_from(("A", "B", "C")),
        st.sampled_from((0.4, 0.5, 1.0)),
    ),
    max_size=12,
)


def test_the_longer_of_two_is_kept() -> None:
    assert resolve([Span(0, 4, "A", 1.0), Span(0, 10, "B", 0.4)], TEXT) == [Span(0, 10, "B", 0.4)]


def test_of_two_alike_the_more_certain_is_kept() -> None:
    assert resolve([Span(0, 4, "A", 0.4), Span(0, 4, "B", 0.9)], TEXT) == [Span(0, 4, "B", 0.9)]


def test_the_rest_of_a_shorter_one_stays_covered() -> None:
    kept = resolve([Span(0, 8, "A", 0.4), Span(6, 10, "B", 0.4)], TEXT)
    assert kept == [Span(0, 8, "A", 0.4), Span(8, 10, "B", 0.4)]


def test_a_rest_without_letters_or_digits_is_dropped() -> None:
    assert resolve([Span(0, 10, "A", 0.4), Span(8, 11, "B", 0.4)], TEXT) == [Span(0, 10, "A", 0.4)]


@given(SPANS)
def test_what_is_kept_is_sorted_does_not_overlap_and_covers_every_letter(spans: list[Span]) -> None:
    kept = resolve(spans, TEXT)
    assert all(before.end <= after.start for before, after in itertools.pairwise(kept))
    given_letters = {at for span in spans for at in range(span.start, span.end) if TEXT[at].isalnum()}
    kept_letters = {at for span in kept for at in range(span.start, span.end) if TEXT[at].isalnum()}
    assert kept_letters == given_letters
