"""Credentials for tests, made at run time: no file of the project holds one whole."""

from __future__ import annotations

import re
from random import Random

from callsafe.rules.credentials._cloud import CLOUD
from callsafe.rules.credentials._formats import NAMED, PREFIXED, Format
from callsafe.rules.credentials._shapes import build

FORMATS: dict[str, Format] = {form.id: form for form in (*PREFIXED, *NAMED, *CLOUD)}
_ALIASES = {"openai-proj": ("openai", 0), "openai-legacy": ("openai", 9)}
_TOKEN = re.compile(r"@@([a-z0-9:.-]+?)(?:#(\d+))?@@")


def key(name: str, number: int = 0, *, shape: int = 0) -> str:
    """Return a credential of a format, always the same one for the same arguments."""
    identity, shape = _ALIASES.get(name, (name, shape))
    random = Random(f"callsafe {name} {number} {shape}")
    return build(FORMATS[identity].shapes[shape], random.choice)


def fill(text: str) -> str:
    """Replace `@@openai-proj@@`, `@@groq@@`, `@@groq#2@@` and the like by generated credentials."""
    return _TOKEN.sub(lambda token: key(token[1], int(token[2] or 0)), text)
