"""Once a name, always a name: later occurrences of names that are already known, whole or in part."""

import re
from collections.abc import Collection, Iterator, Sequence

from callsafe.redaction.names.features import COMMON, COUNTRY, JOINERS, PLACE, PRODUCT, TITLES, Word
from callsafe.redaction.names.tokens import Kind, Token, tokenize

_LETTERS = re.compile(r"[^\W\d_]+")
WHOLE, PART = 1.0, 0.9
"""Scores of a recurrence of a whole name and of one of its parts."""


def recurrences(
    tokens: Sequence[Token], words: Sequence[Word], names: Collection[str]
) -> Iterator[tuple[int, int, float]]:
    """Yield `start, stop, score` (token indices) where a name or a part of one stands, in order.

    A whole name of several words is found in any case. A name of one word, and a part of a longer one (given
    name, surname), must be capitalised, and where it is also an ordinary word it must not open a sentence
    (name) or is not looked for (part). Code, keys and identifiers are never names.
    """
    wholes, parts = _index(names)
    if not wholes:
        return
    index, n = 0, len(tokens)
    while index < n:
        word = words[index]
        if tokens[index].kind is not Kind.WORD or word.lower not in parts:
            index += 1
            continue
        stop = index
        for whole in wholes.get(word.lower, ()):
            if tuple(other.lower for other in words[index : index + len(whole)]) == whole and (
                len(whole) > 1 or (word.upper and not (word.bits & COMMON and _opens(words, index)))
            ):
                stop = index + len(whole)
                break
        score = WHOLE
        if stop == index:
            score = PART
            while (
                stop < n
                and tokens[stop].kind is Kind.WORD
                and parts.get(words[stop].lower)
                and _plain(words[stop])
            ):
                stop += 1
        if stop > index:
            yield index, stop, score
        index = max(stop, index + 1)


def present(text: str, names: Collection[str]) -> list[str]:
    """Return the names of which any word stands in a text at all: a cheap look before the text is read."""
    there = set(_LETTERS.findall(text.lower()))
    return [name for name in names if not there.isdisjoint(_LETTERS.findall(name.lower()))]


def teaches(words: Sequence[Word], score: float) -> bool:
    """Whether a person's name found with this score is sure enough to be looked for elsewhere in the text."""
    if len(words) > 1:
        return score >= 0.9
    return score >= 0.97 and not words[0].bits & (COMMON | PLACE | COUNTRY | PRODUCT)


def _index(names: Collection[str]) -> tuple[dict[str, list[tuple[str, ...]]], dict[str, bool]]:
    """Return whole names by first word, longest first, and all first words and parts; True for a part."""
    wholes: dict[str, list[tuple[str, ...]]] = {}
    parts: dict[str, bool] = {}
    for name in names:
        pieces = tuple(token.text.lower() for token in tokenize(name))
        if not pieces:
            continue
        wholes.setdefault(pieces[0], []).append(pieces)
        parts.setdefault(pieces[0], False)
        for piece in pieces if len(pieces) > 1 else ():
            if len(piece) > 2 and piece[0].isalpha() and "." not in piece and piece not in JOINERS | TITLES:
                parts[piece] = True
    for listed in wholes.values():
        listed.sort(key=lambda pieces: (-len(pieces), pieces))
    return wholes, parts


def _plain(word: Word) -> bool:
    return word.upper and not word.bits & COMMON


def _opens(words: Sequence[Word], index: int) -> bool:
    return not index or words[index - 1].cls in "\n\n.!?:"
