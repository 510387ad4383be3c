"""Whether a value of a credential's shape is one: entropy, made-up values, and the evidence around it."""

from __future__ import annotations

from collections.abc import Sequence

from callsafe.rules.credentials._evidence import (
    is_digest,
    is_handed_to,
    is_hash_like,
    is_in_blob,
    is_key_like,
    line_before,
    nearness,
    surroundings,
)
from callsafe.rules.credentials._formats import Format
from callsafe.rules.credentials._index import Entry
from callsafe.rules.credentials._match import BARE, KEYED, NAMED, STRONG, Match
from callsafe.rules.credentials._placeholders import is_made_up
from callsafe.rules.credentials._shapes import compiled, entropy

_DIGITS = frozenset("0123456789")
_LONGEST_JUDGED = 400


def read(
    text: str, start: int, entry: Entry, names: Sequence[str], strict: bool
) -> tuple[Match, bool] | None:
    """Return the credential of this shape that begins at `start`, and whether its issuer is named near."""
    shape = compiled(entry.shape).match(text, start)
    if not shape:
        return None
    form, end = entry.format, shape.end()
    if not is_drawn(text[start + len(entry.prefix) : end], form.entropy - (0.5 if strict else 0.0)):
        return None
    if entry.prefix.isalnum() and not strict and is_in_blob(text, start, end):
        return None
    near = nearness(surroundings(text, start, end, names), form.names) if form.names else 0.0
    score = _score(text, start, form, near, names, strict)
    return (Match(start, end, form.id, form.provider, score), near > 0) if score else None


def _score(text: str, start: int, form: Format, near: float, names: Sequence[str], strict: bool) -> float:
    if form.kind == "prefix":
        return STRONG
    if near:
        return _named(near)
    if is_key_like(line_before(text, start), names):
        return KEYED
    return BARE if strict else 0.0


def read_named(
    text: str,
    start: int,
    entry: Entry,
    names: Sequence[str],
    strict: bool,
    around: tuple[str, str],
    least_end: int = 0,
) -> Match | None:
    """Return the credential without a mark of its own at `start`, if its issuer is named in what is around.

    At rest a key-like word must stand before it too. A digest or an identifier is refused. What ends before
    `least_end` is a piece of something longer.
    """
    form, near = entry.format, nearness(around, entry.format.names)
    shape = compiled(entry.shape).match(text, start) if near else None
    if not shape or shape.end() < least_end:
        return None
    end = shape.end()
    if is_in_blob(text, start, end):
        return None
    if not is_drawn(text[start:end], form.entropy - (0.3 if strict else 0.0)):
        return None
    before = line_before(text, start)
    keyed = is_key_like(before, names) or is_handed_to(before, form.names)
    hashed = is_digest(before) or (is_hash_like(before) and not is_key_like(before[-24:], ()))
    if hashed or not (keyed or strict):
        return None
    return Match(start, end, form.id, form.provider, _named(near) if keyed else BARE)


def _named(near: float) -> float:
    """Return the score of a value whose issuer is named: the issuer that is named nearest has the highest."""
    return NAMED - 0.05 * (1 - near)


def read_any_length(text: str, start: int, end: int, entry: Entry) -> Match | None:
    """Return what has a known prefix and a random body of a length that no format has."""
    form = entry.format
    body = text[start + len(entry.prefix) : end]
    if form.kind != "prefix" or len(entry.prefix) < 4 or len(body) < 16 or not is_drawn(body, 3.2):
        return None
    return Match(start, end, form.id, form.provider, BARE)


def is_drawn(body: str, least: float) -> bool:
    """Tell whether a value was drawn at random: entropy in bits per character, no words, no repetition."""
    body = body[:_LONGEST_JUDGED]
    if entropy(body) < least:
        return False
    if _DIGITS.isdisjoint(body) and not body.isupper():
        capitals = sum(map(str.isupper, body))
        if not 0.2 * len(body) <= capitals <= 0.8 * len(body):
            return False
    return not is_made_up(body)
