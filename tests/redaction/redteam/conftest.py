"""The red team uses the servers and the detector of the wires."""

from __future__ import annotations

from tests.redaction.wires.conftest import redactor, serve

__all__ = ["redactor", "serve"]
