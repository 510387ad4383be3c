"""Where text lives in each wire format, and how it is redacted there and restored in the answer.

The modules here are pure: JSON in, JSON out. What carries the bytes is `callsafe.redaction.transport`.
"""

from __future__ import annotations

import re
from functools import cache

from callsafe.redaction.payloads.model import Events, Payload


@cache
def _table() -> tuple[tuple[re.Pattern[str], Payload], ...]:
    from callsafe.redaction.payloads import (
        anthropic,
        bedrock,
        cohere,
        gemini,
        huggingface,
        mistral,
        ollama,
        openai,
    )

    modules = (gemini, bedrock, anthropic, cohere, ollama, openai, mistral, huggingface)
    return tuple(
        (re.compile(rf"{ending}/?\Z"), payload) for module in modules for ending, payload in module.PAYLOADS
    )


@cache
def any_events() -> Events:
    """Return the events of any known format, for streams from addresses that are not known."""
    from callsafe.redaction.payloads import anthropic, deltas, gemini, huggingface, ollama, openai
    from callsafe.redaction.payloads.model import either

    return either(
        openai.CHAT_EVENTS,
        openai.RESPONSE_EVENTS,
        anthropic.EVENTS,
        gemini.EVENTS,
        ollama.EVENTS,
        huggingface.EVENTS,
        deltas.EVENTS,
    )


def payload_for(path: str) -> Payload | None:
    """Return the wire format of what is posted to this URL path, or None when it is unknown."""
    return next((payload for ending, payload in _table() if ending.search(path)), None)
