"""The one error of redaction."""

from __future__ import annotations


class RedactionError(RuntimeError):
    """Text could not be made safe, so it must not be sent.

    Raised before anything leaves the process. The message says why and what to do and never holds text, a
    value that was found, or the message of the error behind it.
    """


class BlockedError(RedactionError):
    """The policy blocks what the text holds: it is not sent even where failures pass."""
