"""Rows of JSON: read, written in the manner they came in, and changed at a path."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation

JSON = Any


class RowError(Exception):
    """A row that cannot be read; the message says why and shows nothing of it."""


def parsed(body: bytes) -> JSON:
    """Read a row. Raises `RowError` for what is no JSON, or JSON that readers do not agree about."""
    try:
        return json.loads(body, object_pairs_hook=_unique, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise RowError("not utf-8: convert the file first") from None
    except json.JSONDecodeError as error:
        raise RowError(f"not JSON: {error.msg.lower()} at column {error.colno}") from None
    except ValueError:
        raise RowError("not JSON: a number is too long") from None
    except RecursionError:
        raise RowError("nested too deeply: flatten it") from None


def written(value: JSON, body: bytes) -> bytes:
    """Write a row in the manner of the row it was: blanks after commas or not, in ASCII or not."""
    spaced = body.find(b'": ', 0, 200) >= 0
    separators = (", ", ": ") if spaced else (",", ":")
    ascii_only = body.isascii() and b"\\u" in body
    try:
        text = json.dumps(value, ensure_ascii=ascii_only, separators=separators, allow_nan=False)
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can say
        return json.dumps(value, separators=separators).encode()
    except ValueError:
        raise RowError("the row holds a number that JSON cannot say: write it as text") from None


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    """Refuse repeated keys: a parser keeps the last, and the first would be written unread."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RowError("an object has a key twice: keep one")
    return fields


def _no_number(_name: str) -> JSON:
    raise RowError("not JSON: NaN and Infinity are no numbers of JSON: write null")


def at(
    value: JSON, path: tuple[str, ...], leaf: Callable[[JSON, str], JSON], name: str = ""
) -> tuple[JSON, bool]:
    """Make the values at a path anew; lists are gone through. Says whether there was one."""
    if isinstance(value, list) and path:
        made = [at(element, path, leaf, name) for element in value]
        return [new for new, _ in made], any(found for _, found in made)
    if not path:
        return leaf(value, name), True
    if not isinstance(value, dict):
        return value, False
    fields, found = value, False
    readings: dict[str, tuple[str, ...]] = {path[0]: path[1:], ".".join(path): ()}  # a dot may be in a name
    for key, rest in readings.items():
        if key in value:
            new, there = at(value[key], rest, leaf, key)
            fields, found = {**fields, key: new}, found or there
    return fields, found


def restored(conversation: Conversation, value: JSON, name: str) -> JSON:
    """Put the originals back into every string; one that is itself JSON gets them escaped."""
    if isinstance(value, str):
        return conversation.restore(value, escape="json" if _is_json(value) else None)
    if isinstance(value, list):
        return [restored(conversation, element, name) for element in value]
    if isinstance(value, dict):
        return {
            key if key.isidentifier() else conversation.restore(key): restored(conversation, field, key)
            for key, field in value.items()
        }
    return value


def _is_json(text: str) -> bool:
    if text[:1] not in ("{", "["):
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False
