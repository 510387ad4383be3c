"""`callsafe rules`: all rules, as text, JSON, or the Markdown page that is docs/rules.md."""

from __future__ import annotations

import argparse
import sys

from callsafe.rules.registry import rules


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--output-format", choices=("text", "json", "markdown"), default="text")


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
        width = max(len(rule.name) for rule in every)
        for rule in every:
            row = f"{rule.code}  {rule.name:{width}}  {rule.level:6}  {rule.severity:6}  {rule.summary}\n"
            sys.stdout.write(row)
    return 0
