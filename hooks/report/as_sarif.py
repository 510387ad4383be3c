"""SARIF 2.1.0, which code scanning services read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01.
"""

from __future__ import annotations

import json
import os
from typing import Any, TextIO
from urllib.parse import quote

import callsafe
from callsafe.checks.engine import Report
from callsafe.checks.findings import Finding
from callsafe.hooks.report.markdown import body
from callsafe.rules.model import Rule, Severity
from callsafe.rules.registry import rules

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCORE = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}
"""`security-severity` as GitHub ranks it: high from 7.0, medium from 4.0."""


def write(report: Report, out: TextIO, *, quiet: bool = False) -> None:  # noqa: ARG001 (there is no summary)
    """Write one log with one run."""
    json.dump(log(report), out, indent=2)
    out.write("\n")


def log(report: Report) -> dict[str, Any]:
    """Return the log as plain values."""
    every = rules()
    index = {rule.code: number for number, rule in enumerate(every)}
    run = {
        "tool": {
            "driver": {
                "name": "callsafe",
                "semanticVersion": callsafe.__version__,
                "rules": [_descriptor(rule) for rule in every],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, index[one.code]) for one in report.findings],
    }
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [run],
    }


def _descriptor(rule: Rule) -> dict[str, Any]:
    tags = [
        "security",
        *(f"external/cwe/cwe-{one:03}" for one in rule.cwe),
        *(f"OWASP-{one}" for one in rule.owasp),
    ]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.docs.strip()},
        "help": {"text": rule.docs.strip(), "markdown": body(rule)},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {"tags": tags, "security-severity": _SCORE[rule.severity]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    place = finding.place
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.path)}}
    logical: dict[str, Any] = {}
    text = "\n".join(one for one in (finding.message, finding.in_force, finding.fix) if one)
    if place.cell:
        # Lines count inside the cell, SARIF's regions inside the file: one would point at the wrong line.
        logical = {"logicalLocations": [{"name": f"cell {place.cell}", "kind": "member"}]}
        text = f"cell {place.cell}, line {place.line}: {text}"
    else:
        location["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVEL[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": location, **logical}],
        "partialFingerprints": {"callsafe/v1": finding.fingerprint()},
    }


def _uri(path: str) -> str:
    return ("file://" if os.path.isabs(path) else "") + quote(path, errors="surrogateescape")
