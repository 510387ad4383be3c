"""Finding many given words in a text, in time that grows with the text and not with the number of words."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator

from callsafe.redaction.placeholders import Escape, json_escaped

# Letters and digits of scripts that put spaces between words. In the others (Hangul takes particles, Han and
# Kana have no spaces) a word may stand inside a longer run of letters.
_SPACED = r"[^\W\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]"
_KEY = 3
_FEW = 32


@functools.cache
def _starts(escape: Escape, after_escapes: bool) -> re.Pattern[str]:
    r"""Match, with no width, where a word can begin; inside JSON also right after `\n`, `\r` and `\t`."""
    after = r"|(?<=^\\[nrt])|(?<=[^\\]\\[nrt])" if escape or after_escapes else ""
    return re.compile(rf"(?:(?<!{_SPACED})|(?!{_SPACED}){after})(?=\S)")


_SPLITS = re.compile(rf"(?<={_SPACED})(?={_SPACED})")


class Words:
    r"""Given words, to be found where they stand as words of their own.

    Of two that begin at the same place the longer is found. With `escape="json"` they are found also as JSON
    escapes them; `after_escapes` finds those right after `\n`, `\r` and `\t` in running text too.
    """

    __slots__ = ("_by_key", "_lengths", "_longest", "_prefixes", "_starts", "_words")

    def __init__(self, words: Iterable[str], *, escape: Escape = None, after_escapes: bool = False) -> None:
        self._words: dict[str, str] = {}  # as written → as given
        for word in words:
            for written in (word, json_escaped(word), json.dumps(word)[1:-1]) if escape else (word,):
                self._words.setdefault(written, word)
        self._starts = _starts(escape, after_escapes)
        self._by_key: dict[str, list[str]] = {}
        for word in sorted(self._words, key=lambda word: (-len(word), word)):
            self._by_key.setdefault(word[:_KEY], []).append(word)
        self._lengths = sorted({len(key) for key in self._by_key}, reverse=True)
        self._longest = max(map(len, self._words), default=0)
        self._prefixes: frozenset[str] | None = None

    def find(self, text: str, start: int = 0) -> Iterator[tuple[int, int, str]]:
        """Give (start, end, word as given) from `start` on, none overlapping another."""
        position = start
        for place in self._places(text, start):
            word = self._at(text, place) if place >= position else None
            if word is not None:
                position = place + len(word)
                yield place, position, self._words[word]

    def _places(self, text: str, start: int) -> Iterable[int]:
        """Give, in order, the places where a word may begin: by `str.find` where the words are few."""
        if len(self._by_key) > _FEW:
            return (match.start() for match in self._starts.finditer(text, start))
        places: list[int] = []
        for key in self._by_key:
            place = text.find(key, start)
            while place >= 0:
                if self._starts.match(text, place) is not None:
                    places.append(place)
                place = text.find(key, place + 1)
        return sorted(places)

    def _at(self, text: str, place: int) -> str | None:
        for length in self._lengths:
            for word in self._by_key.get(text[place : place + length], ()):
                if text.startswith(word, place) and _SPLITS.match(text, place + len(word)) is None:
                    return word
        return None

    def held_from(self, text: str, start: int, end: int) -> int:
        """Give the first index before `end` from which the rest of the text may become a word, else `end`."""
        if self._prefixes is None:
            self._prefixes = frozenset(
                word[:stop] for word in self._words for stop in range(1, len(word) + 1)
            )
        for index in range(max(start, len(text) - self._longest), end):
            if text[index:] in self._prefixes and self._starts.match(text, index) is not None:
                return index
        return end
