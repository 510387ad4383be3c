"""One span per stretch of text: which of several overlapping finds is kept."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import replace

from callsafe.redaction.spans import Span


def resolve(spans: Iterable[Span], text: str) -> list[Span]:
    """Return spans that do not overlap, in the order of the text, and cover all that the given ones cover.

    Of two that overlap the longer is kept, of two alike the more certain. What remains of the other is kept
    as well where it holds letters or digits, so that nothing that was found is left uncovered.
    """
    resolved: list[Span] = []
    group: list[Span] = []
    reached = 0
    for span in sorted(spans, key=lambda span: span.start):
        if group and span.start >= reached:
            resolved.extend(_resolve_group(group, text))
            group = []
        group.append(span)
        reached = max(reached, span.end) if len(group) > 1 else span.end
    resolved.extend(_resolve_group(group, text))
    return resolved


def _resolve_group(group: list[Span], text: str) -> list[Span]:
    """Resolve spans each of which overlaps another."""
    if len(group) == 1:
        return group
    kept: list[Span] = []
    for span in sorted(
        group, key=lambda span: (span.start - span.end, -span.score, span.start, span.label, span.rule)
    ):
        for start, end in _free(span, kept):
            if (start, end) == (span.start, span.end):
                insort(kept, span, key=lambda kept: kept.start)
                continue
            bare = text[start:end].strip()
            if any(character.isalnum() for character in bare):
                start = text.index(bare, start)
                end = start + len(bare)
                insort(kept, replace(span, start=start, end=end), key=lambda kept: kept.start)
    return kept


def _free(span: Span, kept: list[Span]) -> list[tuple[int, int]]:
    """Return the parts of a span that no kept span covers."""
    place = bisect_right(kept, span.start, key=lambda kept: kept.end)
    free: list[tuple[int, int]] = []
    at = span.start
    while place < len(kept) and kept[place].start < span.end:
        if kept[place].start > at:
            free.append((at, kept[place].start))
        at = kept[place].end
        place += 1
    if at < span.end:
        free.append((at, span.end))
    return free
