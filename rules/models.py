"""Model names: whose they are, whether they float, when they are shut down. The data is `models.toml`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

_TABLE = os.path.join(os.path.dirname(__file__), "models.toml")

# Prefixes by which gateways and frameworks name a provider; the table's own names need none.
_PREFIXES = {
    "azure_openai": "azure",
    "bedrock_converse": "bedrock",
    "fireworks_ai": "fireworks",
    "gemini": "google",
    "google_genai": "google",
    "google-gla": "google",
    "google-vertex": "google",
    "google_vertexai": "google",
    "mistralai": "mistral",
    "openai_responses": "openai",
    "text-completion-openai": "openai",
    "together_ai": "together",
    "vertex_ai": "vertex",
}
# Whose a name without a prefix can be.
_BARE = ("openai", "anthropic", "google", "bedrock", "mistral", "groq", "xai", "deepseek")
_REGION = re.compile(r"^(us|eu|apac|au|jp|ca|global|us-gov|sa|me)\.")
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}|-\d{8}|-\d{4}(-|$)|-\d{3}$|@\d|:\d")


@dataclass(frozen=True, slots=True)
class Model:
    """What is known about a model name.

    `alias` tells that the name floats: the provider also offers dated snapshots of it, or it ends in
    `latest`. `deprecated` is the day from which it is announced to end, where the source says it; `shutdown`
    the day from which calls fail; `replacement` a current model of the same class; `source` where the dates
    were read.
    """

    name: str
    provider: str
    alias: bool
    deprecated: date | None
    shutdown: date | None
    replacement: str
    source: str


def find(name: str, provider: str = "") -> Model | None:
    """Return what is known about a model name, `None` for a name that the table does not have.

    `provider` is that of the SDK (`openai`, `anthropic`, `google`, `bedrock`, …); a prefix in the name
    (`anthropic/claude-…`, `openai:gpt-…`, `bedrock/us.anthropic.…`) is stronger. Azure's deployments carry
    names of their own: under the provider `azure` only dated snapshots are looked up.
    """
    table = _models()
    for owner, bare in _readings(name.strip(), provider):
        if owner == "azure" and not _DATED.search(bare):
            return None
        found = table.get((owner, bare))
        if found is not None:
            return found
    return None


def _readings(name: str, provider: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of provider and bare name that a name can mean, the most likely first."""
    if name.startswith("ft:"):
        name = name.split(":")[1]
    if provider:
        yield provider, name
    for mark in ("/", ":"):
        prefix, found, rest = name.partition(mark)
        owner = _PREFIXES.get(prefix, prefix)
        if found and owner in _providers():
            yield owner, _REGION.sub("", rest)
            yield ("google" if owner == "vertex" else owner), rest.rpartition("/")[2]
            return
    bare = _REGION.sub("", name.rpartition("/")[2])
    for owner in (provider,) if provider else _BARE:
        yield owner, bare


@cache
def _providers() -> frozenset[str]:
    return frozenset(owner for owner, _ in _models())


@cache
def _models() -> dict[tuple[str, str], Model]:
    import tomllib

    with open(_TABLE, "rb") as file:
        data = tomllib.load(file)
    models = {}
    for provider, entry in data.items():
        shut = {
            name: date.fromisoformat(day)
            for day, names in entry.get("shutdown", {}).items()
            for name in names
        }
        names = dict.fromkeys([*entry.get("current", ()), *shut])
        floating = {match.string[: match.start()] for match in map(_DATED.search, names) if match}
        replacements = [(re.compile(pattern), use) for pattern, use in entry.get("replacements", ())]
        for name in names:
            replacement = next((use for pattern, use in replacements if pattern.search(name)), "")
            models[provider, name] = Model(
                name=name,
                provider=provider,
                alias=name.endswith("latest") or (name in floating and not _DATED.search(name)),
                deprecated=None,
                shutdown=shut.get(name),
                replacement=replacement if name in shut else "",
                source=entry["source"],
            )
    return models
