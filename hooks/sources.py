"""What the commands that read source share: paths, lists of names, and the configuration."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace

from callsafe.checks.settings import ConfigurationError, Settings, load, override
from callsafe.rules.model import Level


def names(text: str) -> list[str]:
    """Split what an option with a list is given, by commas and blanks."""
    return [one for one in text.replace(",", " ").split() if one]


def add_paths(parser: argparse.ArgumentParser) -> None:
    """Declare what is read."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders; the current folder by default"
    )


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Declare which configuration is used, and leave the choice of rules to it."""
    parser.add_argument("--config", metavar="FILE", help="use this pyproject.toml or callsafe.toml")
    parser.add_argument("--isolated", action="store_true", help="use no configuration file")
    parser.add_argument("--force-exclude", action="store_true", help="exclude also files that are named here")
    parser.set_defaults(select=None, extend_select=[], ignore=[], level=None)


def settings_of(options: argparse.Namespace, paths: Sequence[str]) -> Settings:
    """Read the configuration that the options name, or that is found from the paths upwards."""
    if options.isolated:
        if options.config:
            raise ConfigurationError("--isolated and --config contradict each other; leave one out")
        settings = Settings(root=os.getcwd())
    else:
        settings = load(_common(paths), options.config)
    settings = override(settings, options.select, options.extend_select, options.ignore)
    level = Level(options.level) if options.level else settings.level
    return replace(settings, level=level, force_exclude=options.force_exclude)


def _common(paths: Sequence[str]) -> str:
    """Return the folder that all paths lie in: configuration is looked for from there upwards."""
    folders = [
        os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path) or ".") for path in paths
    ]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # on several drives
        return os.getcwd()
