"""Model names: the table is sound, and names are found however they are written."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from callsafe.rules import models

TABLE = tomllib.loads((Path(models.__file__).parent / "models.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "provider", "owner", "bare"),
    [
        ("gpt-4-0613", "", "openai", "gpt-4-0613"),
        ("openai/gpt-4-0613", "", "openai", "gpt-4-0613"),
        ("openai:gpt-4-0613", "", "openai", "gpt-4-0613"),
        ("ft:gpt-4o-2024-08-06:acme::1", "openai", "openai", "gpt-4o-2024-08-06"),
        ("anthropic/claude-sonnet-4-5", "", "anthropic", "claude-sonnet-4-5"),
        (
            "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0",
            "",
            "bedrock",
            "anthropic.claude-sonnet-4-20250514-v1:0",
        ),
        (
            "eu.anthropic.claude-sonnet-4-20250514-v1:0",
            "bedrock",
            "bedrock",
            "anthropic.claude-sonnet-4-20250514-v1:0",
        ),
        ("models/gemini-3.1-flash-lite", "google", "google", "gemini-3.1-flash-lite"),
        ("gemini/gemini-3.1-flash-lite", "", "google", "gemini-3.1-flash-lite"),
        ("vertex_ai/gemini-2.0-flash", "", "vertex", "gemini-2.0-flash"),
        ("vertex_ai/claude-3-opus@20240229", "", "vertex", "claude-3-opus@20240229"),
        ("openai/gpt-oss-120b", "groq", "groq", "openai/gpt-oss-120b"),
        ("azure/gpt-4o-2024-05-13", "", "azure", "gpt-4o-2024-05-13"),
    ],
)
def test_a_name_is_found_however_it_is_written(name: str, provider: str, owner: str, bare: str) -> None:
    found = models.find(name, provider)
    assert found is not None
    assert (found.provider, found.name) == (owner, bare)


@pytest.mark.parametrize(
    ("name", "provider"),
    [("my-deployment", "openai"), ("gpt-4o", "azure"), ("azure/gpt-4", ""), ("llama3.2", "ollama"), ("", "")],
)
def test_a_name_that_says_nothing_is_not_found(name: str, provider: str) -> None:
    assert models.find(name, provider) is None


def test_a_retired_model_has_its_day_and_a_replacement() -> None:
    found = models.find("claude-3-opus-20240229", "anthropic")
    assert found is not None
    assert found.shutdown == date(2026, 1, 5)
    assert found.replacement
    assert not found.alias


def test_a_name_with_snapshots_floats_and_a_snapshot_does_not() -> None:
    names = {name: models.find(name, "openai") for name in ("gpt-4o", "gpt-4o-2024-11-20", "gpt-5.5")}
    assert {name: found.alias for name, found in names.items() if found} == {
        "gpt-4o": True,
        "gpt-4o-2024-11-20": False,
        "gpt-5.5": True,
    }


def test_no_replacement_is_itself_on_its_way_out() -> None:
    for provider, entry in TABLE.items():
        shut = {name for names in entry.get("shutdown", {}).values() for name in names}
        for pattern, use in entry.get("replacements", ()):
            re.compile(pattern)
            assert use in entry["current"], f"{provider}: {use} is not among the current models"
            assert use not in shut, f"{provider}: {use} is shut down"


def test_every_provider_names_its_source_and_every_name_one_day() -> None:
    for provider, entry in TABLE.items():
        assert entry["source"], provider
        names = [name for names in entry.get("shutdown", {}).values() for name in names]
        assert len(names) == len(set(names)), provider
        for day in entry.get("shutdown", {}):
            date.fromisoformat(day)
