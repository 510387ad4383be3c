"""What the tests of datasets share: rows, policies, and a run with small chunks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsafe.redaction import Encrypt, Hash, Key, Policy
from callsafe.redaction.datasets import chunks, run
from callsafe.redaction.datasets.job import Job, Totals

KEY = "CALLSAFE_TEST_DATASETS_KEY"
PEOPLE = ("Jane Roe", "Omar Haddad", "Priya Novak", "Lars Okafor")


def example(number: int) -> dict[str, Any]:
    name = PEOPLE[number % len(PEOPLE)]
    address = f"{name.replace(' ', '.').lower()}{number % 9}@mail.example"
    return {
        "id": number,
        "note": f"My name is {name}, write to {address}.",
        "share": number / 3,
        "empty": None,
    }


def lines(count: int) -> bytes:
    return b"".join(json.dumps(example(number)).encode() + b"\n" for number in range(count))


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> Key:
    monkeypatch.setenv(KEY, hashlib.sha256(b"a key for these tests").hexdigest())
    return Key.from_environment(KEY)


@pytest.fixture
def hashed(key: Key) -> Policy:
    return Policy(default=Hash(key))


@pytest.fixture
def encrypted(key: Key) -> Policy:
    return Policy(default=Encrypt(key))


Go = Callable[..., Totals]


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Go:
    """Run a job on a file in chunks of some rows, with a checkpoint after each."""
    monkeypatch.setattr(chunks, "CHUNK", 1500)
    monkeypatch.setattr(run, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)

    def go(job: Job, source: Path, output: Path, **options: Any) -> Totals:
        return run.run(job, source, output, **({"jobs": 1} | options))

    return go
