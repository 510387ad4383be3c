"""A text, the one fact that is made of every file: apart from the others, which most runs do not need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from callsafe.rules.model import Place

TextKind = Literal["file", "literal", "prompt"]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text, at rest or in a prompt.

    `content` is the text as it means (a string literal decoded and joined), `locate` maps character offsets in it
    to the place where they stand. `kind` is `file` for raw lines of a file, `literal` for strings of Python or
    JSON, `prompt` at run time. `names` are words near it that can name an issuer: variable, keyword, class, host.
    """

    content: str
    path: str
    kind: TextKind
    locate: Callable[[int, int], Place]
    names: tuple[str, ...] = ()
