"""`callsafe check [PATH…]`: judge source files; exit status 1 where there are findings."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from callsafe.checks.engine import Report, check
from callsafe.checks.settings import ConfigurationError
from callsafe.hooks.sources import add_configuration, add_paths, names, settings_of
from callsafe.rules.model import Level

FORMATS = ("full", "concise", "json", "sarif")
"""Each is a module `hooks/report/as_<name>.py` with `write(report, out)`."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_paths(parser)
    parser.add_argument("--output-format", choices=FORMATS, default="full", help="how findings are written")
    rules: dict[str, Any] = {"type": names, "action": "extend", "metavar": "RULES"}
    parser.add_argument("--select", **rules, help="only these rules: names, codes, prefixes (LLM2) or ALL")
    parser.add_argument("--extend-select", default=[], **rules, help="these rules as well")
    parser.add_argument("--ignore", default=[], **rules, help="all but these rules")
    parser.add_argument("--level", choices=[str(one) for one in Level], help="strict adds the opt-in rules")
    add_configuration(parser)
    parser.add_argument(
        "--exit-zero", action="store_true", help="exit with status 0 even where there are findings"
    )
    parser.add_argument(
        "--write-secrets-baseline",
        metavar="FILE",
        help="write the credentials of the files with findings, hashed, to a baseline of detect-secrets",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print findings only, no summary")


def run(options: argparse.Namespace) -> int:
    """Check the paths and write the report."""
    paths = options.paths or ["."]
    report = check(paths, settings_of(options, paths))
    if options.write_secrets_baseline:
        return _write_baseline(options.write_secrets_baseline, report)
    if not report.files and not report.findings:
        sys.stderr.write("callsafe: no files to check\n")
    module = import_module(f"callsafe.hooks.report.as_{options.output_format}")
    module.write(report, sys.stdout, quiet=options.quiet)
    return 1 if report.findings and not options.exit_zero else 0


def _write_baseline(target: str, report: Report) -> int:
    from callsafe.checks.secrets_baseline import BaselineError, write_baseline

    folder = os.path.dirname(os.path.abspath(target))
    found = {one.place.path for one in report.findings if one.code == "LLM101"}
    try:
        files = {
            os.path.relpath(path, folder).replace(os.sep, "/"): Path(path).read_bytes() for path in found
        }
        count = write_baseline(target, files)
    except (BaselineError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(f"--write-secrets-baseline {target}: {reason}") from None
    sys.stdout.write(f"{target}: {count} credentials in {len(files)} files written, hashed\n")
    return 0
