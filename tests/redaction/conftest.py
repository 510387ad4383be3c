"""What the tests of redaction share: a finder of known words, and the number of generated examples."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from callsafe.redaction import Policy, Redactor, Span

EXAMPLES = int(os.environ.get("CALLSAFE_EXAMPLES", "0"))
"""0 in CI: few examples, always the same. `CALLSAFE_EXAMPLES=100000` draws so many at random."""


class Words:
    """Finds a few names and anything of the form of an e-mail address, a phone number or a card."""

    pattern = re.compile(
        r"(?<!\w)(?:(?P<PERSON>Jane Roe|John Smith|Zoë O'Brien|김민준|Bob)"
        r"|(?P<EMAIL_ADDRESS>[\w.]+@[\w.]+\w)"
        r"|(?P<PHONE_NUMBER>\+1 555 01\d\d)"
        r"|(?P<CREDIT_CARD>4111(?:[ -]?1111){3}))(?!\w)"
    )

    def find(self, text: str) -> Sequence[Span]:
        return [
            Span(match.start(), match.end(), match.lastgroup or "", 0.9, "words")
            for match in self.pattern.finditer(text)
        ]


@pytest.fixture(scope="session")
def finder() -> Words:
    return Words()


@pytest.fixture(scope="session")
def redactor(finder: Words) -> Redactor:
    return Redactor(detector=finder)


@pytest.fixture(scope="session")
def make(finder: Words):  # type: ignore[no-untyped-def]
    """A redactor for a policy given by its fields."""

    def make(**fields) -> Redactor:  # type: ignore[no-untyped-def]
        return Redactor(Policy(**fields), detector=finder)

    return make


@pytest.fixture(scope="session")
def budget():  # type: ignore[no-untyped-def]
    """Settings of a property: so many examples in CI, all of `CALLSAFE_EXAMPLES` where that is set."""

    def budget(in_ci: int, share: float = 1.0) -> settings:
        return settings(
            max_examples=max(1, round(EXAMPLES * share)) if EXAMPLES else in_ci,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )

    return budget


@pytest.fixture
def key_in_environment(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CALLSAFE_TEST_KEY", "k" * 8 + "e" * 8 + "y" * 16)
    return "CALLSAFE_TEST_KEY"


@pytest.fixture
def toml(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str, name: str = "policy.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
