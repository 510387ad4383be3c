"""Credentials in a text, with the exact span of the whole value: `scan`.

One pass finds the runs of twenty and more letters, digits, `-` and `_`: nearly every credential holds one.
A run is looked up by its first two characters, and only formats that begin so are tried, the longest prefix
first. What has no mark of its own needs its issuer's name near. Time is proportional to the length of the
text.

What judges a candidate is imported with the first candidate: most files have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from callsafe.rules.credentials._encoded import is_basic, openings, unwrapped
from callsafe.rules.credentials._index import Index, index
from callsafe.rules.credentials._match import Match

__all__ = ["Match", "scan"]

_RUN = re.compile(r"[-0-9A-Z_a-z]{20,}")
_INNER = re.compile(r"[-_](?=[A-Za-z])")
_DIGITS = frozenset("0123456789")
_GENERIC = ("-----BEGIN", "://", "eyJ", "Key=", "assword=", "wd=")
_WIDE = re.compile(r"[+/0-9A-Za-z]{27,}")
_SHORTEST_NAMED = 24
_REACH = 200


def scan(text: str, *, names: Sequence[str] = (), strict: bool = False) -> Iterator[Match]:
    """Yield the credentials in a text from left to right; they do not overlap.

    `names` are words that can name an issuer and are not in the text: the variable, the SDK's class, a
    host. `strict` is for text about to be sent, where a missed key costs a leak: shapes that several things
    share are then accepted without further evidence, and a known prefix with a body of unknown length too.
    Placeholders are never yielded. Offsets are in characters.
    """
    found = sorted(
        _candidates(text, names, strict), key=lambda match: (match.start, -match.end, -match.score)
    )
    last: Match | None = None
    for match in found:
        if last is None or match.start >= last.end:
            if last:
                yield last
            last = match
        elif match.end > last.end and match.score > last.score:
            last = match
    if last:
        yield last


def _candidates(text: str, names: Sequence[str], strict: bool) -> Iterator[Match]:
    known = index()
    begins, wrapped = known.begins, openings()
    for run in _RUN.finditer(text):
        value, start = run[0], run.start()
        if value[:2] in begins:
            yield from _at(text, start, run.end(), known, names, strict)
        if value[:4] in wrapped or (text[start - 1 : start] == " " and is_basic(text, start)):
            yield from _wrapped(text, start, names, strict)
        before = text[start - 1] if start else " "
        if before in "\\%[;":
            begin = _after_escape(text, start)
            if text[begin : begin + 2] in begins and begin < run.end():
                yield from _at(text, begin, run.end(), known, names, strict)
        if _DIGITS.isdisjoint(value) and "hf_" not in value:
            continue
        if before in ".:":
            yield from _behind(text, start, known, names, strict)
        for mark in _INNER.finditer(value, 1, len(value) - 16):
            if value[mark.end() : mark.end() + 2] in begins:
                yield from _at(text, start + mark.end(), run.end(), known, names, strict)
        if len(value) >= _SHORTEST_NAMED:
            yield from _named(text, start, run.end(), known, names, strict)
    yield from _literals(text, known, names, strict)
    yield from _wide(text, known, names, strict)
    if any(needle in text for needle in _GENERIC):
        from callsafe.rules.credentials._generic import generic

        yield from generic(text, strict)


def _at(text: str, start: int, end: int, known: Index, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield the best reading of what begins at `start` in a run that ends at `end`.

    The longest prefix wins, among equal ones the issuer that is named near, among those the longest value.
    """
    entries = [e for e in known.begins[text[start : start + 2]] if text.startswith(e.prefix, start)]
    if not entries:
        return
    from callsafe.rules.credentials._judge import read, read_any_length

    best: tuple[int, bool, int, float] | None = None
    chosen: Match | None = None
    for entry in entries:
        if best and len(entry.prefix) < best[0]:
            break
        reading = read(text, start, entry, names, strict)
        if reading:
            match, named = reading
            rank = (len(entry.prefix), named, match.end, match.score)
            if best is None or rank > best:
                best, chosen = rank, match
    if chosen is None and strict:
        chosen = read_any_length(text, start, end, entries[0])
    if chosen:
        yield chosen


_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[abefnrtv0])|%[0-9A-Fa-f]{2}|\[[0-9;]{1,8}m")


def _after_escape(text: str, start: int) -> int:
    """Return where a value begins whose run has taken in the end of an escape (`%3D`, a colour)."""
    begin = text.rfind("[", max(0, start - 8), start) if text[start - 1] in "[;" else start - 1
    escape = _ESCAPE.match(text, max(begin, 0))
    return escape.end() if escape else len(text)


def _behind(text: str, start: int, known: Index, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield a value that begins before its run (`SG.…`)."""
    for entry in known.behind:
        begin = start - entry.back
        if begin < 0 or not text.startswith(entry.prefix, begin) or (begin and _is_inside(text[begin - 1])):
            continue
        if entry.prefix or text[begin].isdigit():
            from callsafe.rules.credentials._judge import read

            reading = read(text, begin, entry, names, strict)
            if reading:
                yield reading[0]
                return


def _wrapped(text: str, start: int, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield a credential wrapped in base64; it stands where all that is wrapped with it stands."""
    inside = unwrapped(text, start)
    if inside:
        for match in scan(inside[0], names=names, strict=strict):
            yield replace(match, start=start, end=inside[1])
            return


def _is_inside(character: str) -> bool:
    """Tell whether a value cannot begin right after this character."""
    return character.isascii() and (character.isalnum() or character in "_-")


def _named(
    text: str, start: int, end: int, known: Index, names: Sequence[str], strict: bool
) -> Iterator[Match]:
    """Yield a value without a mark of its own whose issuer is named near."""
    before, after = text[start - 1] if start else " ", text[end : end + 1]
    for entry in known.named:
        if entry.back:
            fits = before in ".:" and start >= entry.back
        else:
            fits = entry.least <= end - start <= entry.most and ("." not in entry.shape or after == ".")
        if not fits or (entry.back and start > entry.back and _is_inside(text[start - entry.back - 1])):
            continue
        from callsafe.rules.credentials._judge import read_named

        match = read_named(text, start - entry.back, entry, names, strict, end)
        if match:
            yield match


def _literals(text: str, known: Index, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield values that may hold no run, or have their mark in the middle."""
    for needle, entry in known.literals:
        position = text.find(needle)
        while position >= 0:
            begin = position - entry.back
            if begin == 0 or (begin > 0 and not _is_inside(text[begin - 1])):
                from callsafe.rules.credentials._judge import read

                reading = read(text, begin, entry, names, strict)
                if reading:
                    yield reading[0]
            position = text.find(needle, position + 1)


def _wide(text: str, known: Index, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield values in base64 (`+` and `/` included) that follow their issuer's name."""
    lowered = text.lower()
    if len(lowered) != len(text):
        return
    for name, entry in known.wide:
        position, reached = lowered.find(name), 0
        while position >= 0:
            begin = max(position + len(name), reached)
            reached = min(len(text), position + len(name) + _REACH)
            for run in _WIDE.finditer(text, begin, max(begin, reached)):
                from callsafe.rules.credentials._judge import read_named

                if not _is_inside(text[run.start() - 1]) and text[run.start() - 1] != ".":
                    match = read_named(text, run.start(), entry, names, strict)
                    if match:
                        yield match
                        reached = match.end
                        break
            position = lowered.find(name, position + len(name))
