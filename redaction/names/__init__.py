"""Names of people and places, found with no download (see docs/names.md)."""

from callsafe.redaction.names.model import NameModel, NameSpan, load

__all__ = ["NameModel", "NameSpan", "load"]
