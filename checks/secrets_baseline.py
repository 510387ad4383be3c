"""detect-secrets' baseline, `.secrets.baseline`: what it knows is not reported again.

Ours can be written as one. Only its hashes are read: a `path:` entry, by which detect-secrets imports and
runs a file, is never followed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from callsafe.rules.model import Place

NAME = ".secrets.baseline"
_PLUGINS = """
ArtifactoryDetector AWSKeyDetector AzureStorageKeyDetector BasicAuthDetector CloudantDetector
DiscordBotTokenDetector GitHubTokenDetector GitLabTokenDetector IbmCloudIamDetector
IbmCosHmacDetector JwtTokenDetector MailchimpDetector NpmDetector OpenAIDetector PrivateKeyDetector
PypiTokenDetector SendGridDetector SlackDetector SoftlayerDetector SquareOAuthDetector
StripeDetector TelegramBotTokenDetector TwilioKeyDetector
"""
_QUOTED = re.compile(r""""([^"\n]{4,})"|'([^'\n]{4,})'|([^\s"'=:,]{4,})""")
_OPENAI_PART = re.compile(r"sk-[A-Za-z0-9-_]*[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}")


class BaselineError(ValueError):
    """A baseline that cannot be read: names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret for a baseline: the file, the 1-based line, the kind, the hash that detect-secrets uses."""

    path: str
    line: int
    kind: str
    digest: str


@dataclass(frozen=True, slots=True)
class KnownSecrets:
    """The secrets that a baseline knows: hashes by path, as the baseline writes it, with `/`.

    Paths are relative to `folder`, that of the baseline.
    """

    by_path: Mapping[str, frozenset[str]]
    folder: str = "."

    def covers(self, path: str, line: str, place: Place) -> bool:
        """Tell whether what stands at `place` on `line` of a file is in the baseline.

        detect-secrets keeps the whole value, a part of it or the quoted string around it, by plugin: each is
        tried. A place over several lines is never covered.
        """
        known = self.by_path.get(os.path.normpath(path).replace("\\", "/"))
        if not known or place.end_line != place.line:
            return False
        start, end = place.column - 1, place.end_column - 1
        return any(hashed(value) in known for value in _readings(line, start, end))


def _readings(line: str, start: int, end: int) -> Iterator[str]:
    value = line[start:end]
    yield value
    yield from (part[0] for part in _OPENAI_PART.finditer(value))
    yield value.partition("_")[0]
    for found in _QUOTED.finditer(line):
        if found.start() <= start and found.end() >= end:
            yield next(group for group in found.groups() if group)


def hashed(value: str) -> str:
    """Return the hash by which a baseline knows a value: SHA-1 in hexadecimal, detect-secrets' choice."""
    return sha1(value.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def read_baseline(path: str) -> KnownSecrets:
    """Read a baseline.

    Entries that a person marked as real (`is_secret: true`) are not known: they are to be reported.

    Raises:
        BaselineError: the file is no baseline.
        OSError: it cannot be read.

    """
    results = _load(path).get("results", {})
    if not isinstance(results, dict):
        raise BaselineError(f"{path}: `results` is no object; write it again with `detect-secrets scan`")
    known: dict[str, frozenset[str]] = {}
    for name, entries in results.items():
        hashes = frozenset(
            entry["hashed_secret"]
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, dict)
            and isinstance(entry.get("hashed_secret"), str)
            and entry.get("is_secret") is not True
        )
        known[os.path.normpath(name).replace("\\", "/")] = hashes
    return KnownSecrets(known, os.path.dirname(os.path.abspath(path)))


def _load(path: str) -> dict[str, Any]:
    with open(path, "rb") as file:
        data = file.read()
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError):
        raise BaselineError(f"{path}: no valid json; write it again with `detect-secrets scan`") from None
    if not isinstance(loaded, dict):
        raise BaselineError(f"{path}: no json object; write it again with `detect-secrets scan`")
    return loaded


def secrets_in(path: str, data: bytes) -> Iterator[Secret]:
    """Yield the secrets of a file as a baseline holds them: hashed, without their values."""
    from callsafe.checks.texts import texts
    from callsafe.rules.credentials._scan import scan

    for text in texts(path, data):
        for match in scan(text.content, names=text.names):
            place = text.locate(match.start, match.end)
            value = text.content[match.start : match.end]
            yield Secret(path, place.line, f"AI credential: {match.provider}", hashed(value))


def write_baseline(path: str, files: Mapping[str, bytes]) -> int:
    """Write the secrets of these files (path as it shall stand there → content) and return their number.

    A baseline that is there keeps its plugins, filters and the entries of other files.

    Raises:
        BaselineError: what is there is no baseline.
        OSError: it cannot be written.

    """
    baseline = _load(path) if os.path.exists(path) else {}
    results: dict[str, list[dict[str, Any]]] = dict(baseline.get("results") or {})
    count = 0
    for name, data in sorted(files.items()):
        kept = [entry for entry in results.pop(name, []) if not _is_ours(entry)]
        seen = {(entry.get("hashed_secret"), entry.get("type")) for entry in kept}
        for secret in secrets_in(name, data):
            if (secret.digest, secret.kind) not in seen:
                seen.add((secret.digest, secret.kind))
                kept.append(
                    {
                        "type": secret.kind,
                        "filename": name,
                        "hashed_secret": secret.digest,
                        "is_verified": False,
                        "line_number": secret.line,
                    }
                )
                count += 1
        if kept:
            results[name] = kept
    written = {
        "version": baseline.get("version", "1.5.0"),
        "plugins_used": baseline.get("plugins_used", [{"name": name} for name in _PLUGINS.split()]),
        "filters_used": baseline.get("filters_used", []),
        "results": dict(sorted(results.items())),
        "generated_at": _now(),
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(written, file, indent=2)
        file.write("\n")
    return count


def _is_ours(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("type", "")).startswith("AI credential: ")


def _now() -> str:
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
