"""One line per finding, as compilers and editors know it."""

from __future__ import annotations

from typing import TextIO

from callsafe.checks.engine import Report
from callsafe.hooks.report import plain, summary, where


def write(report: Report, out: TextIO, *, quiet: bool = False) -> None:
    """Write `path:line:column: CODE rule-name message [what is in force]` for each finding."""
    for one in report.findings:
        in_force = f" [{plain(one.in_force)}]" if one.in_force else ""
        print(f"{where(one)}: {one.code} {one.rule} {plain(one.message)}{in_force}", file=out)
    if not quiet:
        print(summary(report), file=out)
