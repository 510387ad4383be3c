"""The examples show what the README says: the faulty service is full of findings, its twin is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsafe.checks.engine import check
from callsafe.checks.settings import Settings
from callsafe.rules.model import Level

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_faulty_service_shows_the_faults() -> None:
    report = check(["examples/support_bot"], Settings(root=str(ROOT)))
    assert {finding.rule for finding in report.findings} >= {
        "hard-coded-credential-argument",
        "missing-retry",
        "missing-error-handling",
        "swallowed-error",
        "missing-timeout",
        "unbounded-output",
        "unbounded-retry",
        "retry-without-backoff",
        "personal-data-in-prompt",
        "retired-model",
    }


def test_the_repaired_service_is_clean_under_strict() -> None:
    report = check(["examples/support_bot_repaired"], Settings(root=str(ROOT), level=Level.STRICT))
    assert report.files == 4
    assert [finding.rule for finding in report.findings] == []
