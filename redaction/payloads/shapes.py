"""The shapes of wire formats: what each field of a request holds.

A shape is a `Kind`, or a table from field to shape. A list has the shape of its elements.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """What a value in a request is."""

    KEEP = auto()
    """Structure: model names, roles, types, ids, settings."""
    OPAQUE = auto()
    """Whatever it holds, the provider must have it as it is: the headers for a tool's server."""
    TEXT = auto()
    """Text; JSON inside the text (a tool's result) is redacted value by value."""
    DATA = auto()
    """Free JSON: every string and every long whole number."""
    ARGUMENTS = auto()
    """A string that holds JSON."""
    SCHEMA = auto()
    """A JSON Schema: its prose and its listed values."""
    NAME = auto()
    """A name of someone, in an alphabet without `<` and `>`."""
    FILENAME = auto()
    """The name of a file: words joined by `_` or `-`, and a suffix."""
    SIGNED = auto()
    """Text that the provider signed (`signature` beside it): it comes back to us as it was sent."""
    IMAGE = auto()
    """A picture or document."""
    AUDIO = auto()
    """Sound or video."""
    FILE = auto()
    """A document with a format, a name, and a source of bytes or text."""


Shape = Kind | Mapping[str, Any]


def keep(fields: str) -> dict[str, Any]:
    """Return the shape of fields that hold structure, named with blanks between them."""
    return dict.fromkeys(fields.split(), Kind.KEEP)
