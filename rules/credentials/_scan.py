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

from callsafe.rules.credentials._encoded import is_basic, may_be_wrapped, unwrapped
from callsafe.rules.credentials._index import Index, index
from callsafe.rules.credentials._match import Match

__all__ = ["Match", "scan"]

_RUN = re.compile(r"[-0-9A-Z_a-z]{20,}+")
_INNER = re.compile(r"[-_](?=[A-Za-z])")
_IDENTIFIER = re.compile(r"(?!.*hf_)(?=.*_)[A-Za-z_]+")
_WITHOUT_DIGITS = re.compile(r"(?:[a-z]*[A-Z]){4}[A-Za-z]*")
_ENDS = "\\%[;"
"""What stands before the last characters of an escape."""
_DIGITS = frozenset("0123456789")
_GENERIC = ("-----BEGIN", "://", "eyJ", "Key=", "assword=", "wd=")
_WORD = re.compile("key|token|secret|bearer", re.IGNORECASE)
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
    for run in _RUN.finditer(text):
        start, end = run.span()
        value, before = run[0], text[start - 1] if start else " "
        if value[:2] not in known.begins and before not in _ENDS and _IDENTIFIER.fullmatch(value):
            continue
        if before in _ENDS and start and _after_escape(text, start) < end:
            if text[start : start + 2] in known.begins:
                yield from _at(text, start, end, known, names, strict)
            start = _after_escape(text, start)
        yield from _in_run(text, start, end, known, names, strict)
    yield from _literals(text, known, names, strict)
    yield from _wide(text, known, names, strict)
    if any(needle in text for needle in _GENERIC) or (strict and _WORD.search(text)):
        from callsafe.rules.credentials._generic import generic

        yield from generic(text, strict)


def _in_run(
    text: str, start: int, end: int, known: Index, names: Sequence[str], strict: bool
) -> Iterator[Match]:
    """Yield what may begin in a run of letters, digits, `-` and `_`."""
    value, begins = text[start:end], known.begins
    before = text[start - 1] if start else " "
    if value[:2] in begins:
        yield from _at(text, start, end, known, names, strict)
    if may_be_wrapped(value, before) or (before == " " and is_basic(text, start)):
        yield from _wrapped(text, start, names, strict)
    if _DIGITS.isdisjoint(value) and "hf_" not in value and not _WITHOUT_DIGITS.fullmatch(value):
        return
    if before in ".:":
        yield from _behind(text, start, known, names, strict)
    for mark in _INNER.finditer(value, 1, len(value) - 16):
        if value[mark.end() : mark.end() + 2] in begins:
            yield from _at(text, start + mark.end(), end, known, names, strict)
    if len(value) >= _SHORTEST_NAMED:
        yield from _named(text, start, end, known, names, strict)


def _at(text: str, start: int, end: int, known: Index, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield the best reading of what begins at `start` in a run that ends at `end`.

    The longest prefix wins, among equal ones the issuer that is named near, among those the longest value.
    """
    entries = [e for e in known.begins[text[start : start + 2]] if text.startswith(e.prefix, start)]
    if not entries:
        return
    from callsafe.rules.credentials._judge import read, read_any_length

    best: tuple[int, bool, bool, int, float] | None = None
    chosen: Match | None = None
    for entry in entries:
        if best and len(entry.prefix) < best[0]:
            break
        reading = read(text, start, entry, names, strict)
        if reading:
            match, named = reading
            rank = (len(entry.prefix), entry.format.kind == "prefix", named, match.end, match.score)
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
        if begin < 0 or not text.startswith(entry.prefix, begin) or not _may_begin(text, begin):
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
        from callsafe.rules.credentials._evidence import line_before, surroundings

        near = (*names, line_before(text, start), *surroundings(text, start, inside[1], ()))
        for match in scan(inside[0], names=near, strict=strict):
            yield replace(match, start=start, end=inside[1])
            return


def _may_begin(text: str, at: int) -> bool:
    """Tell whether a value can begin here: after no letter, digit, `-` or `_` but the end of an escape."""
    before = text[at - 1] if at else " "
    if not before.isascii() or not (before.isalnum() or before in "_-"):
        return True
    return any(escape.end() == at for escape in _ESCAPE.finditer(text, max(0, at - 9), at))


def _named(
    text: str, start: int, end: int, known: Index, names: Sequence[str], strict: bool
) -> Iterator[Match]:
    """Yield a value without a mark of its own whose issuer is named near."""
    before, after = text[start - 1] if start else " ", text[end : end + 1]
    entries = known.named.get(end - start, ()) + (known.named_behind if before in ".:" else ())
    if not entries:
        return
    from callsafe.rules.credentials._evidence import surroundings
    from callsafe.rules.credentials._judge import read_named

    around = surroundings(text, start, end, names)
    for entry in entries:
        if "." in entry.shape and not entry.back and after != ".":
            continue
        if entry.back and (start < entry.back or not _may_begin(text, start - entry.back)):
            continue
        match = read_named(text, start - entry.back, entry, names, strict, around, end)
        if match:
            yield match


def _literals(text: str, known: Index, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield values that may hold no run, or have their mark in the middle."""
    for needle, entry in known.literals:
        position = text.find(needle)
        while position >= 0:
            begin = position - entry.back
            if begin >= 0 and _may_begin(text, begin):
                from callsafe.rules.credentials._judge import read

                reading = read(text, begin, entry, names, strict)
                if reading:
                    yield reading[0]
            position = text.find(needle, position + 1)


def _wide(text: str, known: Index, names: Sequence[str], strict: bool) -> Iterator[Match]:
    """Yield values in base64 (`+` and `/` included) near their issuer's name."""
    lowered, given = text.lower(), " ".join(names).lower()
    if len(lowered) != len(text):
        return
    for name, entry in known.wide:
        position, reached = 0 if name in given else lowered.find(name), 0
        while position >= 0:
            least = max(0, position - _REACH)
            begin = max(lowered.rfind("\n", least, position) + 1, least, reached)
            reached = max(begin, min(len(text), position + len(name) + _REACH))
            for run in _WIDE.finditer(text, begin, reached):
                from callsafe.rules.credentials._evidence import surroundings
                from callsafe.rules.credentials._judge import read_named

                at = run.start()
                if at and text[at - 1] in "\\%[;":
                    at = min(_after_escape(text, at), run.end())
                if _may_begin(text, at) and text[at - 1 : at] != ".":
                    around = surroundings(text, at, run.end(), names)
                    match = read_named(text, at, entry, names, strict, around)
                    if match:
                        yield match
                        reached = match.end
                        break
            position = lowered.find(name, position + len(name))
