"""JSON as it goes over the wire."""

from __future__ import annotations

import json

from callsafe.redaction.payloads.model import JSON


def dump(value: JSON, *, answer: bool = False) -> bytes:
    """Return compact JSON in UTF-8; raises ValueError for what JSON cannot say.

    An `answer` may hold NaN and Infinity, which some servers send and Python reads.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=answer).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can say
        return json.dumps(value, separators=(",", ":"), allow_nan=answer).encode()
