"""Finds what data rules describe: one pass for the places worth a look, then each rule on those alone.

Most of ordinary prose holds no digit, and hardly ever five in a row; nothing that most rules describe can
stand there. So one regular expression finds the places, the text around them is joined into one string, and
every rule runs on that. Work grows with the length of the text, never faster.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callsafe.rules.personal_data.model import CONTEXT_FLOOR, CONTEXT_GAIN, DataRule, Gate, Hit

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"[0-9](?:[ ()./-]{0,4}[0-9]){4}")
_COLON = re.compile(r"[0-9A-Fa-f]?[:-][0-9A-Fa-f]{2}[:-]|:[0-9A-Fa-f:]")
SEPARATOR = "\n\0\n"
_NEEDLE_MARGIN = 96
_PLACES = {Gate.NUMBER: _NUMBER, Gate.NEAR: _DIGITS, Gate.WIDE: _DIGITS, Gate.COLON: _COLON}
_MARGIN = {Gate.NUMBER: 32, Gate.NEAR: 24, Gate.WIDE: 80, Gate.COLON: 40}
_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_BEFORE, _AFTER = 5, 3
_NEIGHBOURHOOD = 96
"""How many characters are read for the words around a match."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The parts of a text that are worth a look, joined into one, and where each part came from.

    `starts` are the offsets of the parts in the joined `text`, `shifts` what leads from there to the
    original.
    """

    text: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def origin(self, offset: int) -> int:
        """Map an offset in the joined text to the original."""
        return offset + self.shifts[bisect_right(self.starts, offset) - 1]


def join(text: str, places: Iterable[tuple[int, int]], margin: int) -> Windows | None:
    """Join what stands around these places: `margin` characters to each side, then on to white space.

    Returns nothing where there are no places, and the whole text where most of it is worth a look.
    """
    ranges: list[list[int]] = []
    reached = 0
    for first, last in places:
        if ranges and first - margin <= reached:
            reached = max(reached, last + margin)
            continue
        if ranges:
            reached = ranges[-1][1] = _next_space(text, reached)
        low = max(first - margin, 0)
        low = max(text.rfind(" ", reached, low), text.rfind("\n", reached, low), reached)
        if ranges and low == reached:
            reached = max(reached, last + margin)
        else:
            ranges.append([low, low])
            reached = last + margin
    if not ranges:
        return None
    ranges[-1][1] = _next_space(text, reached)
    if sum(high - low for low, high in ranges) > 0.7 * len(text):
        return Windows(text, (0,), (0,))
    starts, shifts, length = [], [], 0
    for low, high in ranges:
        starts.append(length)
        shifts.append(low - length)
        length += high - low + len(SEPARATOR)
    return Windows(SEPARATOR.join(text[low:high] for low, high in ranges), tuple(starts), tuple(shifts))


def _next_space(text: str, offset: int) -> int:
    """Return the next space or line end from here, or the end of the text."""
    space = text.find(" ", offset)
    line = text.find("\n", offset, space if space >= 0 else len(text))
    return line if line >= 0 else space if space >= 0 else len(text)


def places(text: str, gate: Gate) -> Iterator[tuple[int, int]]:
    """Yield the places round which the rules of a gate have to look."""
    if gate is Gate.COLON and ":" not in text and "-" not in text:
        return
    for match in _PLACES[gate].finditer(text):
        yield match.span()


def _occurrences(lowered: str, needles: Iterable[str], size: int) -> Iterator[tuple[int, int]]:
    if len(lowered) != size and any(needle in lowered for needle in needles):
        yield 0, size  # a letter whose lower case is longer: offsets do not fit
        return
    for needle in needles:
        at = lowered.find(needle)
        while at >= 0:
            yield at, at + len(needle)
            at = lowered.find(needle, at + len(needle))


def words(text: str) -> list[str]:
    """Split a text into its words in lower case, `dateOfBirth` and `date_of_birth` into three."""
    found: list[str] = []
    for word in _WORD.findall(text):
        if word.islower() or word.isupper() or word.istitle() or not word.isascii():
            found.append(word.lower())
        else:
            found.extend(part.lower() for part in _HUMP.findall(word))
    return found


def has_context(text: str, start: int, end: int, context: Iterable[str]) -> bool:
    """Tell whether one of these words stands among the five before or the three after `text[start:end]`.

    Words are compared whole. Scripts that write without spaces are searched for the characters.
    """
    before = words(text[max(0, start - _NEIGHBOURHOOD) : start])[-_BEFORE:]
    after = words(text[end : end + _NEIGHBOURHOOD // 2])[:_AFTER]
    near = f" {' '.join(before)} | {' '.join(after)} "
    return any(f" {word} " in near if word < "\u1100" else word in near for word in context)


def scan(text: str, rules: Sequence[DataRule]) -> Iterator[Hit]:
    """Yield what these rules find in a text, rule by rule; hits of different rules may overlap.

    Offsets count characters. Nothing is yielded whose score is zero.
    """
    looks: dict[Gate | tuple[str, ...], Windows | None] = {}
    lowered = ""
    for rule in rules:
        key = rule.needles or rule.gate
        if key not in looks:
            if rule.needles:
                lowered = lowered or text.lower()
                looks[key] = join(
                    text, sorted(_occurrences(lowered, rule.needles, len(text))), _NEEDLE_MARGIN
                )
            else:
                looks[key] = join(text, places(text, rule.gate), _MARGIN[rule.gate])
        look = looks[key]
        if look is None:
            continue
        group: str | int = "value" if "value" in rule.pattern.groupindex else 0
        for match in rule.pattern.finditer(look.text):
            judged = rule.validate(match) if rule.validate is not None else None
            score = rule.score if judged is None else judged
            if score <= 0:
                continue
            start, end = look.origin(match.start(group)), look.origin(match.end(group) - 1) + 1
            if score < 1 and rule.context and has_context(text, start, end, rule.context):
                score = min(1.0, max(score + CONTEXT_GAIN, CONTEXT_FLOOR))
            if rule.between is not None:
                for gap in rule.between.finditer(text, start, end):
                    yield Hit(start, gap.start(), score, rule)
                    start = gap.end()
            yield Hit(start, end, score, rule)
