"""What a text says once its disguises are off: escapes, look-alike characters, base64, hexadecimal.

A value passes every pattern when it is written `jane%40example.org`, with a zero-width space, in full-width
digits or in base64. `unfold` undoes what is written character by character and keeps the way back to the
original; `encoded` yields the runs of base64 and hexadecimal that hold text. Both are bounded in size, the
caller bounds their depth.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import unquote_to_bytes

from callsafe.redaction.detect.errors import DetectionError

DEPTH: Final = 2
"""How many layers of encoding are taken off."""
MAX_DECODED: Final = 1 << 18
"""How many characters of decoded base64 and hexadecimal are searched per text; more cannot be sent."""

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
)
_HIDDEN = re.compile(f"[{_INVISIBLE}]+")
_ESCAPES = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)|(?P<entity>&(?:#\d{2,7}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z]{2,8});)|"
    r"(?P<unicode>(?:\\u[0-9A-Fa-f]{4})+)|(?P<byte>(?:\\x[0-9A-Fa-f]{2})+)|(?P<blank>\\[nrt])"
)
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_WRAPPED = re.compile(r"(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]{1,76}={0,2}")
_HEXADECIMAL = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2}){8,})")
_SHORTEST = 16


@dataclass(frozen=True, slots=True)
class View:
    """A text with its disguises off. Part `i` begins at `starts[i]` here and at `origins[i]` in the original.

    Parts that are `exact` have a character here for each one there; others stand for the whole run there.
    """

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]
    ends: tuple[int, ...]
    exact: tuple[bool, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Map a range of this text to the range of the original that it was made from."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        low = self.origins[first] + (start - self.starts[first] if self.exact[first] else 0)
        high = self.origins[last] + end - self.starts[last] if self.exact[last] else self.ends[last]
        return low, high


@cache
def _look_alikes() -> dict[str, str]:
    """Map every character that stands for one ASCII character to it.

    These are full-width and mathematical letters, the decimal digits of all scripts, spaces and hyphens of
    all widths.
    """
    table = dict.fromkeys((160, *range(8192, 8203), 8239, 8287, 12288), " ")
    table.update(dict.fromkeys((*range(8208, 8214), 8722, 65112, 65123, 65293), "-"))
    for code in (*range(0xFF01, 0xFF5F), *range(0x1D400, 0x1D800), *range(0x24B6, 0x24EA)):
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1 and plain.isascii():
            table.setdefault(code, plain)
    for code in range(0x80, 0x20000):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            table[code] = str(digit)
    return {chr(code): plain for code, plain in table.items()}


def _without_look_alikes(text: str, characters: set[str]) -> str:
    table = _look_alikes()
    for character in characters & table.keys():
        text = text.replace(character, table[character])
    return text


def unfold(text: str) -> View | None:
    """Return the text as it reads with disguises undone; none where there is nothing to undo."""
    plain = text
    runs: list[tuple[int, int, str]] = []
    if not text.isascii():
        characters = set(text)
        plain = _without_look_alikes(text, characters)
        if any(_HIDDEN.match(character) for character in characters):
            runs.extend((*match.span(), "") for match in _HIDDEN.finditer(plain))
    if "%" in plain or "&" in plain or "\\" in plain:
        for match in _ESCAPES.finditer(plain):
            written = _unescaped(match)
            if written is not None:
                runs.append((*match.span(), written))
    if not runs:
        return None if plain == text else View(plain, (0,), (0,), (len(text),), (True,))
    runs.sort()
    parts: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    ends: list[int] = []
    exact: list[bool] = []
    length = at = 0
    for start, end, written in [*runs, (len(plain), len(plain), "")]:
        for part, origin, stop, same in ((plain[at:start], at, start, True), (written, start, end, False)):
            if part:
                parts.append(part)
                starts.append(length)
                origins.append(origin)
                ends.append(stop)
                exact.append(same)
                length += len(part)
        at = end
    if not parts:
        return None
    return View("".join(parts), tuple(starts), tuple(origins), tuple(ends), tuple(exact))


def _unescaped(match: re.Match[str]) -> str | None:
    """Return what an escape stands for; none where that is no text."""
    run = match[0]
    if match["blank"]:
        return " "
    if match["entity"]:
        written = html.unescape(run)
        return None if written == run else written
    try:
        if match["percent"]:
            written = unquote_to_bytes(run).decode("utf-8")
        elif match["byte"]:
            written = bytes.fromhex(run.replace("\\x", "")).decode("utf-8")
        else:
            units = bytes.fromhex(run.replace("\\u", ""))
            written = units.decode("utf-16-be")
    except (UnicodeDecodeError, ValueError):
        return None
    return written


@dataclass(frozen=True, slots=True)
class Encoded:
    """A run of base64 or hexadecimal, `start` to `end` in the text that holds it, and the text inside."""

    start: int
    end: int
    text: str


def encoded(text: str, budget: int = MAX_DECODED) -> Iterator[Encoded]:
    """Yield the runs of base64 and hexadecimal that decode to readable text, `budget` characters at most."""
    at = 0
    while (match := _RUN.search(text, at)) is not None:
        if match.end() - match.start() >= 60:
            match = _WRAPPED.match(text, match.start()) or match
        at = match.end()
        for start, run in _candidates(match):
            inner = _inside(run, budget)
            if inner:
                budget -= len(inner)
                yield Encoded(start, start + len(run), inner)


def _candidates(match: re.Match[str]) -> Iterator[tuple[int, str]]:
    """Yield a run as it stands and, where it may be a path, the parts between its slashes."""
    yield match.start(), match[0]
    if "/" in match[0] and "\n" not in match[0]:
        at = match.start()
        for part in match[0].split("/"):
            if _SHORTEST <= len(part) < len(match[0]):
                yield at, part
            at += len(part) + 1


def _inside(run: str, budget: int) -> str | None:
    hexadecimal = _HEXADECIMAL.fullmatch(run)
    if hexadecimal is not None:
        inner = _readable(_from_hexadecimal, hexadecimal[1], budget)
        if inner:
            return inner
    return _readable(_from_base64, run, budget)


def _readable(decode: Callable[[str], bytes | None], run: str, budget: int) -> str | None:
    # The first bytes tell nearly always, so that an image costs no more than a word.
    over = len(run) * 3 > budget * 4
    if (over or len(run) > 128) and not _is_readable(decode(run[:96])):
        return None
    if over:
        raise DetectionError("the text holds more encoded text than is searched: send it plain")
    inner = decode(run)
    return inner.decode("utf-8", "ignore") if inner is not None and _is_readable(inner) else None


def _is_readable(inner: bytes | None) -> bool:
    if not inner:
        return False
    try:
        text = inner.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return False
        text = inner[: error.start].decode("utf-8")
    return bool(text) and text.translate({9: 32, 10: 32, 13: 32}).isprintable()


def _from_hexadecimal(run: str) -> bytes | None:
    try:
        return bytes.fromhex(run)
    except ValueError:
        return None


def _from_base64(run: str) -> bytes | None:
    bare = run.rstrip("=").translate({45: 43, 95: 47, 10: None, 13: None})
    if len(bare) % 4 == 1:
        return None
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return None
