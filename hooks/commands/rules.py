"""`callsafe rules`: all rules, as text, JSON, or the Markdown page that is docs/rules.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from callsafe.rules.model import Rule
from callsafe.rules.registry import rules


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--output-format", choices=("text", "json", "markdown"), default="text", help="how they are written"
    )


def run(options: argparse.Namespace) -> int:
    """Print all rules."""
    every = rules()
    if options.output_format == "markdown":
        from callsafe.hooks.report.markdown import page

        sys.stdout.write(page(every))
    elif options.output_format == "json":
        import json

        rows = [
            {
                "rule": rule.name,
                "code": rule.code,
                "level": rule.level,
                "severity": rule.severity,
                "summary": rule.summary,
                "section": rule.section,
                "owasp": rule.owasp,
                "cwe": rule.cwe,
                "wire": rule.wire,
            }
            for rule in every
        ]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        write_rows(every)
    return 0


def write_rows(some: Iterable[Rule]) -> None:
    """Write one line about each rule."""
    some = list(some)
    width = max(len(rule.name) for rule in some)
    for rule in some:
        row = f"{rule.code}  {rule.name:{width}}  {rule.level:6}  {rule.severity:6}  {rule.summary}\n"
        sys.stdout.write(row)
