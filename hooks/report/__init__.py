"""How findings are written: one module per format, each with `write(report, out, quiet=…)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callsafe.rules.model import Severity

if TYPE_CHECKING:
    from callsafe.checks.engine import Report
    from callsafe.checks.findings import Finding

# Escape sequences and marks that reorder text: a scanned file must not steer the terminal that shows it.
_CONTROL = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)),
    "\N{REPLACEMENT CHARACTER}",
)


def plain(text: str) -> str:
    """Return a text of one line without control characters."""
    return text.translate(_CONTROL)


def where(finding: Finding) -> str:
    """Return path, cell, line and column as `path:line:column`."""
    return plain(f"{finding.place}:{finding.place.column}")


def summary(report: Report) -> str:
    """Return the last line of a report."""
    files = f"{report.files} file" + "s" * (report.files != 1)
    if not report.findings:
        return f"no findings in {files}"
    severities = [finding.severity for finding in report.findings]
    counts = ", ".join(f"{severities.count(one)} {one}" for one in reversed(Severity) if one in severities)
    findings = f"{len(severities)} finding" + "s" * (len(severities) != 1)
    unread = f"; {report.unreadable} could not be read" if report.unreadable else ""
    return f"{findings} ({counts}) in {files}{unread}"
