"""Which release of an SDK a project uses: its dependency files, else what is installed in its environment.

A lock file or an exact pin decides; a range decides where it admits one generation only, else the newest that it
admits is assumed. Files are read as data; nothing of the project is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from callsafe.rules.sdks.model import Generation, Sdk

_NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*((?:(?! --|\\)[^;#])*)")
_PIN = re.compile(r"""([A-Za-z0-9][\w.-]*)(?:\[[\w, -]*\])?\s*((?:==|~=|<=?|>=?)[\w.,<>=!~*]+)""")
_LITERAL = re.compile(r"""["']([A-Za-z0-9][\w.-]*(?:\[[\w, -]*\])?\s*(?:[<>=!~][^"';]*)?)["']""")


def generations(root: Path, sdks: Iterable[Sdk]) -> dict[str, tuple[Generation, str]]:
    """Return for every SDK the generation in force and who says so: a file, "installed" or "newest"."""
    wanted = [sdk for sdk in sdks if sdk.generations]
    several = [sdk for sdk in wanted if len(sdk.generations) > 1]
    found = {sdk.name: (sdk.generations[0], "newest") for sdk in wanted}
    if not several:
        return found
    declared = _declared(root)
    for sdk in several:
        for source, specifier in declared.get(_normal(sdk.distribution), ()):
            generation = _admitted(sdk.generations, specifier)
            if generation is not None:
                found[sdk.name] = (generation, source)
                break
    return found


def pinned(commands: Iterable[str], sdk: Sdk) -> Generation | None:
    """Return the generation that a notebook installs by itself (`%pip install openai==0.28.1`)."""
    for command in commands if len(sdk.generations) > 1 else ():
        for name, specifier in _PIN.findall(command):
            if _normal(name) == _normal(sdk.distribution):
                return _admitted(sdk.generations, specifier)
    return None


def _declared(root: Path) -> dict[str, list[tuple[str, str]]]:
    """Return name → (file, specifier), exact versions first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, source, specifier in [*_locked(root), *_installed(root), *_required(root)]:
        found.setdefault(_normal(name), []).append((source, specifier.strip()))
    return found


def _locked(root: Path) -> Iterator[tuple[str, str, str]]:
    for name in ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"):
        data = _toml(root / name)
        for package in _list(data, "package") + _list(data, "packages"):
            if isinstance(package, dict) and "name" in package and "version" in package:
                yield str(package["name"]), name, f"=={package['version']}"
    try:
        locked = json.loads((root / "Pipfile.lock").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for section in ("default", "develop"):
        for package, entry in _table(_as_table(locked), section).items():
            yield package, "Pipfile.lock", str(_as_table(entry).get("version", ""))


def _installed(root: Path) -> Iterator[tuple[str, str, str]]:
    for environment in (".venv", "venv"):
        for folder in root.glob(f"{environment}/lib/python*/site-packages/*.dist-info"):
            name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
            yield name, "installed", f"=={version}"


def _required(root: Path) -> Iterator[tuple[str, str, str]]:
    patterns = ("requirements*.txt", "requirements/*.txt", "requirements*.in", "requirements/*.in")
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        for line in _text(path).splitlines():
            if not line.lstrip().startswith(("#", "-")) and (match := _NAME.match(line)):
                yield match[1], path.name, match[2]
    for path in sorted([*root.glob("PKG-INFO"), *root.glob("*.dist-info/METADATA")]):
        for line in _text(path).splitlines():
            if line.startswith("Requires-Dist: ") and (
                match := _NAME.match(line.removeprefix("Requires-Dist: "))
            ):
                yield match[1], path.name, match[2].strip("() ")
    pipfile = _toml(root / "Pipfile")
    for section in ("packages", "dev-packages"):
        for name, entry in _table(pipfile, section).items():
            yield name, "Pipfile", _written(entry)
    project = _toml(root / "pyproject.toml")
    for requirement in _requirements(project):
        if match := _NAME.match(requirement):
            yield match[1], "pyproject.toml", match[2]
    poetry = _table(_table(project, "tool"), "poetry")
    for group in (poetry, *map(_as_table, _table(poetry, "group").values())):
        for name, entry in _table(group, "dependencies").items():
            yield name, "pyproject.toml", _caret(_written(entry))
    for file in ("setup.py", "setup.cfg"):
        text = _text(root / file)
        literals = _LITERAL.findall(text) if file.endswith(".py") else text.splitlines()
        for literal in literals:
            if match := _NAME.match(literal):
                yield match[1], file, match[2]


def _requirements(project: dict[str, Any]) -> Iterator[str]:
    table = _table(project, "project")
    lists = [table.get("dependencies", []), *_table(table, "optional-dependencies").values()]
    lists.extend(_table(project, "dependency-groups").values())
    for entries in lists:
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, str):
                yield entry


def _admitted(known: tuple[Generation, ...], specifier: str) -> Generation | None:
    """Return the newest generation of which a version satisfies the specifier."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version

    try:
        wanted = SpecifierSet(specifier, prereleases=True)
    except InvalidSpecifier:
        return None
    if not specifier:
        return None
    bounds = [spec.version for spec in wanted]
    for generation in known:
        ranges = SpecifierSet(generation.versions, prereleases=True)
        samples = {*bounds, *(spec.version for spec in ranges)}
        for spec in ranges:
            major = Version(spec.version).major
            samples |= {f"{major}.0.0", f"{major}.9999", f"{max(major - 1, 0)}.9999"}
        for sample in samples:
            text = sample.removesuffix(".*")
            if ranges.contains(text) and wanted.contains(text):
                return generation
    return None


def _caret(written: str) -> str:
    """Return a Poetry constraint as a standard one: `^1.2` is `>=1.2,<2`."""
    written = written.strip()
    if written.startswith("^"):
        parts = written[1:].split(".")
        top = f"{int(parts[0]) + 1}" if parts[0].isdigit() and parts[0] != "0" else None
        if top:
            return f">={written[1:]},<{top}"
        return f">={written[1:]},<0.{int(parts[1]) + 1}" if len(parts) > 1 and parts[1].isdigit() else ""
    if written[:1].isdigit():
        return f"=={written}"
    return "" if written == "*" else written


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key, [])
    return value if isinstance(value, list) else []


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    return _as_table(data.get(key))


def _as_table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _written(entry: Any) -> str:
    """Return the version of a dependency that is a string, or a table with a version."""
    written = entry.get("version", "") if isinstance(entry, dict) else entry
    return written if isinstance(written, str) and written != "*" else ""
