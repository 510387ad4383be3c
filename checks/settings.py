"""What a team configures: `[tool.callsafe]` in pyproject.toml, or callsafe.toml, read into `Settings`.

Rules are selected by name (`unbounded-output`), code (`LLM301`) or prefix of codes (`LLM3`), and by `ALL`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from callsafe.rules.model import Level, Rule

KEYS = (
    "select",
    "extend-select",
    "ignore",
    "level",
    "exclude",
    "extend-exclude",
    "per-file-ignores",
    "max-file-size",
    "secrets-baseline",
)
MAX_FILE_SIZE = 2_000_000
"""Bytes: a larger text is data and is not looked at for credentials."""
TABLES = ("redaction", "evaluation")
"""Tables of `[tool.callsafe]` that other parts of callsafe read."""
EXCLUDE = frozenset(
    """
    .bzr .cache .direnv .eggs .git .git-rewrite .hg .hypothesis .ipynb_checkpoints .mypy_cache .nox .pants.d
    .pyenv .pytest_cache .pytype .ruff_cache .svn .tox .venv .vscode __pycache__ __pypackages__ _build
    bower_components buck-out build dist node_modules site-packages venv
    """.split()  # noqa: SIM905 (a list literal would take thirty lines)
)
"""Folders and files of these names are left out unless `exclude` says otherwise."""


class ConfigurationError(Exception):
    """A setting that cannot be used; the message names the file, the key and the way out."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run.

    `root` is the folder of the configuration file, or the current one: patterns are relative to it. `source`
    is that file, as shown. `select` is `None` where nobody selects: the rules of `level` are then on.
    Patterns are those of .gitignore. `force_exclude` also leaves out what is named on the command line.
    Text of more than `max_file_size` bytes is not looked at for credentials. `secrets_baseline` is a baseline of
    detect-secrets, `None` for the `.secrets.baseline` in `root` where there is one.
    """

    root: str
    source: str = ""
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    level: Level = Level.CORE
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    force_exclude: bool = False
    max_file_size: int = MAX_FILE_SIZE
    secrets_baseline: str | None = None

    def enabled(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """Return the rules that are on; `unreadable-file` is unless ignored: it tells what was not judged."""

        def on(rule: Rule) -> bool:
            if any(selects(one, rule) for one in self.ignore):
                return False
            if rule.code == "LLM902" or any(selects(one, rule) for one in self.extend_select):
                return True
            if self.select is not None:
                return any(selects(one, rule) for one in self.select)
            return rule.level is Level.CORE or self.level is Level.STRICT

        return tuple(rule for rule in rules if on(rule))


def selects(selector: str, rule: Rule) -> bool:
    """Tell whether a name, a code, a prefix of codes or `ALL` selects the rule; case does not matter."""
    selector = selector.upper()
    if selector == "ALL" or selector == rule.name.upper():
        return True
    return selector.startswith("LLM") and rule.code.startswith(selector)


def checked(selectors: Iterable[str], where: str) -> tuple[str, ...]:
    """Return the selectors as they are.

    Raises:
        ConfigurationError: one of them selects no rule; `where` says where it was written.

    """
    from callsafe.rules.registry import nearest, rules

    chosen = tuple(selectors)
    for one in chosen:
        if not any(selects(one, rule) for rule in rules()):
            close = nearest(one)
            hint = f"did you mean {close!r}?" if close else "`callsafe rules` lists them all"
            raise ConfigurationError(f"{where}: {one!r} is no rule; {hint}")
    return chosen


def load(start: str, config: str | None = None) -> Settings:
    """Read the configuration file that was named, or the nearest one at or above the folder `start`.

    Raises:
        ConfigurationError: it cannot be read, or a key or a value in it is wrong.

    """
    if config is not None:
        found = _table(config)
        if found is None:
            raise ConfigurationError(
                f"{config}: no [tool.callsafe] table in it; --isolated reads no configuration"
            )
        return _settings(config, found)
    folder = os.path.abspath(start)
    while True:
        for name in ("callsafe.toml", "pyproject.toml"):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and (found := _table(path)) is not None:
                return _settings(path, found)
        above = os.path.dirname(folder)
        if above == folder:
            return Settings(root=os.getcwd())
        folder = above


def override(settings: Settings, select: list[str] | None, extend: list[str], ignore: list[str]) -> Settings:
    """Put the command line's choice of rules over the configured one; `--select` replaces all of it."""
    extend_select, ignored = checked(extend, "--extend-select"), checked(ignore, "--ignore")
    if select is not None:
        chosen = checked(select, "--select")
        if not chosen:
            raise ConfigurationError("--select: no rule is named, so that nothing would be checked")
        return replace(settings, select=chosen, extend_select=extend_select, ignore=ignored)
    # The nearer choice wins: what the command line adds, the configuration cannot ignore.
    kept = tuple(one for one in settings.ignore if one not in extend_select)
    return replace(settings, extend_select=settings.extend_select + extend_select, ignore=kept + ignored)


def _table(path: str) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigurationError(f"{_shown(path)}: cannot be read: {reason}") from None
    own = os.path.basename(path) != "pyproject.toml"
    if not own and b"callsafe" not in data:
        return None
    import tomllib

    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigurationError(f"{_shown(path)}: not utf-8") from None
    except tomllib.TOMLDecodeError as error:
        if not own and b"tool.callsafe" not in data:
            return None  # another tool's problem
        raise ConfigurationError(f"{_shown(path)}: no valid toml: {error}") from None
    tool = content.get("tool")
    table = tool.get("callsafe") if isinstance(tool, dict) else None
    if table is None and own:
        table = content
    if table is not None and not isinstance(table, dict):
        raise ConfigurationError(f"{_shown(path)}: tool.callsafe is no table")
    return table


def _settings(path: str, table: Mapping[str, Any]) -> Settings:
    source = _shown(path)
    for key in table:
        if key not in KEYS + TABLES:
            raise ConfigurationError(
                f"{source}: unknown key {key!r} in [tool.callsafe]; {_closest(key, KEYS + TABLES)}"
            )

    def rules(key: str) -> tuple[str, ...]:
        return checked(_strings(table.get(key, []), source, key), f"{source}: {key}")

    patterns = table.get("per-file-ignores", {})
    if not isinstance(patterns, dict):
        raise ConfigurationError(
            f"{source}: per-file-ignores must be a table of patterns, each with a list of rules"
        )
    level = table.get("level", Level.CORE)
    if level not in list(Level):
        raise ConfigurationError(
            f"{source}: level = {level!r} is unknown; {_closest(str(level), list(Level))}"
        )
    size = table.get("max-file-size", MAX_FILE_SIZE)
    if type(size) is not int or size < 1:
        raise ConfigurationError(f"{source}: max-file-size must be a number of bytes")
    baseline = table.get("secrets-baseline")
    if not isinstance(baseline, str | None):
        raise ConfigurationError(f"{source}: secrets-baseline must be the path of a file")
    root = os.path.dirname(os.path.abspath(path))
    return Settings(
        root=root,
        source=source,
        select=rules("select") if "select" in table else None,
        extend_select=rules("extend-select"),
        ignore=rules("ignore"),
        level=Level(level),
        exclude=_patterns(table["exclude"], source, "exclude") if "exclude" in table else None,
        extend_exclude=_patterns(table.get("extend-exclude", []), source, "extend-exclude"),
        per_file_ignores=tuple(
            (
                _pattern(pattern, source, "per-file-ignores", pattern.removeprefix("!")),
                checked(_strings(names, source, where), f"{source}: {where}"),
            )
            for pattern, names in patterns.items()
            for where in [f"per-file-ignores.{pattern!r}"]
        ),
        max_file_size=size,
        secrets_baseline=None if baseline is None else os.path.join(root, baseline),
    )


def _patterns(value: object, source: str, key: str) -> tuple[str, ...]:
    return tuple(_pattern(one, source, key, one) for one in _strings(value, source, key))


def _pattern(written: str, source: str, key: str, pattern: str) -> str:
    from callsafe.checks.patterns import is_pattern

    if not pattern or not is_pattern(pattern):
        raise ConfigurationError(f"{source}: {key}: {written!r} is no pattern; write it as in .gitignore")
    return written


def _strings(value: object, source: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigurationError(f"{source}: {key} must be a list of strings, not {type(value).__name__}")
    return tuple(value)


def _closest(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    known = [str(one) for one in known]
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative.replace(os.sep, "/")
