"""Where requests leave: transports for httpx and httpx2, an adapter for requests, events of botocore."""

from __future__ import annotations

from callsafe.redaction.transport.exchange import conversing
from callsafe.redaction.transport.httpx import AsyncRedactingTransport, RedactingTransport

__all__ = ["AsyncRedactingTransport", "RedactingTransport", "conversing"]
