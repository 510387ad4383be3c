"""A detector that is quick and certain, a redactor with it, and servers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from tests.redaction.wires.server import Responder, Server

from callsafe.redaction.engine import Redactor
from callsafe.redaction.policy import Policy
from callsafe.redaction.spans import Span

PERSON = "Ada Lovelace"
OTHER = "Grace Hopper"
EMAIL = "ada.lovelace@example.org"
QUOTED = 'O"Brien\\Smith'
"""A name that JSON must escape."""
CARD = int("4111" + "1111" * 3)
SAID = f"Write to {PERSON} at {EMAIL} about {OTHER}, please."
ORIGINALS = (PERSON, OTHER, EMAIL, "4111" + "1111" * 3, QUOTED)

_PATTERNS = {
    "PERSON": re.compile("|".join(map(re.escape, (PERSON, OTHER, QUOTED))) + r"|Person No \d+"),
    "EMAIL_ADDRESS": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]*\w"),
    "CREDIT_CARD": re.compile(r"\b4111(?:[ -]?1111){3}\b"),
}


class Detector:
    """Finds a few names, e-mail addresses and cards."""

    def find(self, text: str) -> list[Span]:
        return sorted(
            (
                Span(found.start(), found.end(), label, 1.0, label.lower())
                for label, pattern in _PATTERNS.items()
                for found in pattern.finditer(text)
            ),
            key=lambda span: span.start,
        )


class BrokenDetector:
    """Fails on every text."""

    def find(self, text: str) -> list[Span]:
        raise LookupError(text)


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(Policy(), detector=Detector())


@pytest.fixture
def serve() -> Iterator[Callable[[Responder], Server]]:
    """Start servers; they stop when the test ends."""
    contexts = []

    def start(respond: Responder) -> Server:
        context = Server(respond).running()
        contexts.append(context)
        return context.__enter__()

    yield start
    for context in contexts:
        context.__exit__(None, None, None)


def assert_nothing_leaked(server: Server) -> None:
    """The server has seen a request, and no original."""
    assert server.received
    for original in ORIGINALS:
        assert not server.saw(original)
    assert any(b"PERSON_1" in request.body for request in server.received)
