"""A JSON array of objects, one per finding; columns are 1-based, in characters, the end exclusive."""

from __future__ import annotations

import json
from typing import Any, TextIO

from callsafe.checks.engine import Report
from callsafe.checks.findings import Finding


def write(report: Report, out: TextIO, *, quiet: bool = False) -> None:  # noqa: ARG001 (there is no summary)
    """Write the array; ASCII only, so that every terminal and every file name passes through."""
    rows = ",\n".join("  " + json.dumps(row(one)) for one in report.findings)
    out.write(f"[\n{rows}\n]\n" if rows else "[]\n")


def row(finding: Finding) -> dict[str, Any]:
    """Return the object for one finding; `cell` is there for notebooks only."""
    place = finding.place
    cell = {"cell": place.cell} if place.cell else {}
    return {
        "rule": finding.rule,
        "code": finding.code,
        "path": place.path,
        **cell,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "severity": finding.severity,
        "level": finding.level,
        "message": finding.message,
        "in_force": finding.in_force,
        "fix": finding.fix,
        "fingerprint": finding.fingerprint(),
    }
