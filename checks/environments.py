"""The environment files of a project: their stages, the credentials they hold, whether git tracks them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import blake2b

from callsafe.checks.texts import decode_text, is_skipped, locator
from callsafe.rules.facts import Environment, EnvironmentValue
from callsafe.rules.model import Place

_STAGES = {
    "development": "dev devel develop development local",
    "test": "test tests testing ci e2e",
    "staging": "stage staging stg qa uat preprod preproduction preview sandbox",
    "production": "prod production prd live",
}
_STAGE_OF = {word: stage for stage, words in _STAGES.items() for word in words.split()}
_SAMPLES = frozenset(
    ("example", "sample", "template", "dist", "tmpl", "tpl", "default", "defaults", "schema")
)
_CONFIGURATION = (".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".conf", ".properties", ".tfvars")
_WORD = re.compile(r"[A-Za-z0-9]+")
_ORGANIZATION = re.compile(r"(?<![\w-])(?:org-|proj_)([A-Za-z0-9]{16,32})(?![\w-])")
_ASSIGNED = re.compile(
    r"^[\s\"'-]*(?:export\s+)?([A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*[\"']?([^\s\"',;#]{16,400})", re.ASCII
)
_KEY_NAME = re.compile(
    r"(?:^|_)(?:API_?KEY|ACCESS_?TOKEN|API_?TOKEN|SECRET_?KEY|AUTH_?TOKEN)(?:_|$)", re.IGNORECASE
)
_HEADER = re.compile(r"^\s*\[+\s*([^\]]+?)\s*\]+\s*$")
_PARENT = re.compile(r"^(\s*)[\"']?([A-Za-z_][\w.-]*)[\"']?\s*:\s*(?:\{\s*)?(?:&\w+\s*)?$")
_LIMIT = 1_000_000


def is_environment_file(path: str) -> bool:
    """Tell whether a file is a dotenv file, or configuration that may have values for several stages."""
    return is_dotenv(path) or path.lower().endswith(_CONFIGURATION)


def is_dotenv(path: str) -> bool:
    """Tell whether a file is named like a dotenv file: `.env`, `.env.production`, `staging.env`."""
    name = os.path.basename(path).lower()
    return name in (".env", ".envrc") or name.startswith(".env.") or name.endswith(".env")


def environments(root: str, files: Mapping[str, bytes]) -> tuple[Environment, ...]:
    """Return the environment files that hold credentials or organizations.

    `files` maps paths to contents. Values are compared by a hash with a key that is drawn for each call and
    not kept: a digest says nothing outside the result it came with. git is asked in `root` which dotenv files
    it tracks, and only where one holds a credential.
    """
    hashed = partial(blake2b, key=os.urandom(32), digest_size=16)

    def digest(value: str) -> str:
        return hashed(value.encode("utf-8", "surrogatepass")).hexdigest()

    found: dict[str, tuple[EnvironmentValue, ...]] = {}
    for path, data in files.items():
        if is_environment_file(path) and len(data) <= _LIMIT and not is_skipped(path, data):
            values = tuple(
                EnvironmentValue(place, name, stage, provider, digest(value))
                for place, name, stage, provider, value in _values(path, decode_text(data))
            )
            if values:
                found[path] = values
    dotenv = [path for path in found if is_dotenv(path) and not _is_sample(path)]
    tracked = tracked_files(root, dotenv) if dotenv else frozenset()
    return tuple(Environment(path, path in tracked, values) for path, values in sorted(found.items()))


def tracked_files(root: str, paths: list[str]) -> frozenset[str]:
    """Return those of the paths that git tracks; none where there is no git or `root` is in no repository."""
    import subprocess

    absolute = {os.path.realpath(os.path.join(root, path)): path for path in paths}
    command = ["git", "-C", root, "ls-files", "-z", "--full-name", "--", *absolute]
    top = ["git", "-C", root, "rev-parse", "--show-toplevel"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
        folder = subprocess.run(top, capture_output=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    base = os.path.realpath(os.fsdecode(folder.rstrip(b"\n")))
    full = {os.path.join(base, os.fsdecode(name)) for name in listed.split(b"\0") if name}
    return frozenset(path for real, path in absolute.items() if real in full)


def stage_of(path: str) -> str:
    """Return the stage a file is named for (`production` of `deploy/prod.env`), or nothing.

    The file's own name counts first, then its folders from the nearest on.
    """
    for part in reversed(path.replace("\\", "/").split("/")):
        stage = _stage(part)
        if stage:
            return stage
    return ""


def _stage(name: str) -> str:
    return next((_STAGE_OF[word] for word in _words(name) if word in _STAGE_OF), "")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _is_sample(path: str) -> bool:
    return not _SAMPLES.isdisjoint(_words(os.path.basename(path)))


def _values(path: str, content: str) -> Iterator[tuple[Place, str, str, str, str]]:
    """Yield (place, name, stage, provider, value) of each credential and organization.

    The nearest name says the stage: the variable's, then the section's, then the file's.
    """
    from callsafe.rules.credentials._judge import is_drawn
    from callsafe.rules.credentials._placeholders import is_made_up
    from callsafe.rules.credentials._scan import scan

    locate = locator(content, path)
    of_file = stage_of(path)
    sections: list[tuple[int, str]] = []
    position = 0
    for line in content.splitlines(keepends=True):
        _enter(line, sections)
        assigned = _ASSIGNED.match(line)
        name = assigned[1] if assigned else ""
        inner = next((_stage(section) for _, section in reversed(sections) if _stage(section)), "")
        stage = _stage(name.replace("_", " ")) or inner or of_file
        spans = [(match.start, match.end, match.provider) for match in scan(line, names=(name,))]
        spans += [
            (found.start(), found.end(), "")
            for found in _ORGANIZATION.finditer(line)
            if not is_made_up(found[1])
        ]
        if assigned and not spans and _KEY_NAME.search(name) and is_drawn(assigned[2], 3.0):
            spans = [(*assigned.span(2), name)]
        for start, end, provider in spans:
            yield locate(position + start, position + end), name, stage, provider, line[start:end]
        position += len(line)


def _enter(line: str, sections: list[tuple[int, str]]) -> None:
    """Keep the sections that a line stands in, by headers in brackets and by indentation."""
    header, parent = _HEADER.match(line), _PARENT.match(line)
    if header:
        sections[:] = [(-1, header[1])]
        return
    if line.strip() and not line.lstrip().startswith(("#", "//")):
        depth = len(line) - len(line.lstrip())
        while sections and sections[-1][0] >= depth:
            sections.pop()
    if parent:
        sections.append((len(parent[1]), parent[2]))
