"""`callsafe check [PATH…]`: judge source files; exit status 1 where there are findings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from callsafe.checks.engine import check
from callsafe.checks.settings import ConfigurationError, Settings, load, override
from callsafe.rules.model import Level

FORMATS = ("full", "concise", "json", "sarif")
"""Each is a module `hooks/report/as_<name>.py` with `write(report, out)`."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""

    def names(text: str) -> list[str]:
        return [one for one in text.replace(",", " ").split() if one]

    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders; the current folder by default"
    )
    parser.add_argument("--output-format", choices=FORMATS, default="full", help="how findings are written")
    rules: dict[str, Any] = {"type": names, "action": "extend", "metavar": "RULES"}
    parser.add_argument("--select", **rules, help="only these rules: names, codes, prefixes (LLM2) or ALL")
    parser.add_argument("--extend-select", default=[], **rules, help="these rules as well")
    parser.add_argument("--ignore", default=[], **rules, help="all but these rules")
    parser.add_argument("--level", choices=[str(one) for one in Level], help="strict adds the opt-in rules")
    parser.add_argument("--config", metavar="FILE", help="use this pyproject.toml or callsafe.toml")
    parser.add_argument("--isolated", action="store_true", help="use no configuration file")
    parser.add_argument("--force-exclude", action="store_true", help="exclude also files that are named here")
    parser.add_argument(
        "--exit-zero", action="store_true", help="exit with status 0 even where there are findings"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print findings only, no summary")


def run(options: argparse.Namespace) -> int:
    """Check the paths and write the report."""
    paths = options.paths or ["."]
    report = check(paths, _settings(options, paths))
    if not report.files and not report.findings:
        sys.stderr.write("callsafe: no files to check\n")
    module = import_module(f"callsafe.hooks.report.as_{options.output_format}")
    module.write(report, sys.stdout, quiet=options.quiet)
    return 1 if report.findings and not options.exit_zero else 0


def _settings(options: argparse.Namespace, paths: Sequence[str]) -> Settings:
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
