"""Credentials wrapped in base64, as Kubernetes secrets and basic authentication write them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from functools import cache

from callsafe.rules.credentials._index import index

_WRAPPED = re.compile(r"[-+/0-9A-Z_a-z]{24,1200}={0,2}(?![-+/0-9A-Z_a-z=])")
_BASIC = re.compile(r"basic\s+$", re.IGNORECASE)


@cache
def openings() -> frozenset[str]:
    """Return the first four characters, in base64, of every known prefix of three and more characters."""
    prefixes = [entry.prefix for entries in index().begins.values() for entry in entries]
    return frozenset(b64encode(prefix[:3].encode())[:4].decode() for prefix in prefixes if len(prefix) >= 3)


def is_basic(text: str, start: int) -> bool:
    """Tell whether `Basic`, the scheme of HTTP authentication, stands right before."""
    return bool(_BASIC.search(text, max(0, start - 8), start))


def unwrapped(text: str, start: int) -> tuple[str, int] | None:
    """Return what is wrapped in base64 at `start`, and where that ends, if it is printable text."""
    wrapped = _WRAPPED.match(text, start)
    if not wrapped:
        return None
    value = wrapped[0].rstrip("=").translate({45: 43, 95: 47})
    try:
        decoded = b64decode(value + "=" * (-len(value) % 4), validate=True).decode("ascii").rstrip("\r\n")
    except ValueError:
        return None
    return (decoded, wrapped.end()) if decoded.isprintable() else None
