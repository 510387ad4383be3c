"""Credentials wrapped in base64, as Kubernetes secrets and basic authentication write them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import a2b_base64
from functools import cache

from callsafe.rules.credentials._index import index

_WRAPPED = re.compile(r"[-+/0-9A-Z_a-z]{24,1200}={0,2}(?![-+/0-9A-Z_a-z=])")
_PRINTED = re.compile(rb"[\n\r\t -~]{12}")
_BASIC = re.compile(r"basic\s+$", re.IGNORECASE)


@cache
def _openings() -> frozenset[str]:
    """Return the first four characters, in base64, of every known prefix of three and more characters."""
    prefixes = [entry.prefix for entries in index().begins.values() for entry in entries]
    return frozenset(b64encode(prefix[:3].encode())[:4].decode() for prefix in prefixes if len(prefix) >= 3)


def may_be_wrapped(run: str, before: str) -> bool:
    """Tell by the first characters of a run, and the one before it, whether it may be a text in base64."""
    if run[:4] in _openings():
        return True
    if before in "+/" or "-" in run or "_" in run or run.isupper() or len(run) < 24:
        return False
    head = a2b_base64(run[:16])
    return head.isascii() and bool(_PRINTED.fullmatch(head))


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
    printed = decoded.translate({9: 32, 10: 32, 13: 32}).isprintable()
    return (decoded, wrapped.end()) if printed else None
