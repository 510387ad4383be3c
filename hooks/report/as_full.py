"""The report for people: each finding with its line of source, the value in force and what to do.

rich is imported only when there is something to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from callsafe.hooks.report import plain, summary, where
from callsafe.rules.model import Severity

if TYPE_CHECKING:
    from rich.text import Text

    from callsafe.checks.engine import Report
    from callsafe.checks.findings import Finding, Line

_STYLE = {Severity.HIGH: "bold red", Severity.MEDIUM: "bold yellow", Severity.LOW: "bold cyan"}
_ASCII = str.maketrans({"│": "|", "→": ">", "…": "~", "\N{REPLACEMENT CHARACTER}": "?"})
_NARROWEST = 60


def write(report: Report, out: TextIO, *, quiet: bool = False) -> None:
    """Write each finding as a block, then the summary; in colour on a terminal that has them."""
    if report.findings:
        from rich.console import Console

        from callsafe.checks.findings import MASK

        ascii_only = _ASCII | str.maketrans({MASK: "#"})
        console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)
        unicode = "utf" in (getattr(out, "encoding", None) or "utf-8").lower()
        width = max(console.width, _NARROWEST) if console.is_terminal else 120
        for one in report.findings:
            block = _block(one, width)
            if not unicode:
                block.plain = block.plain.translate(ascii_only)
            console.print(block)
    if not quiet:
        print(summary(report), file=out)


def _block(finding: Finding, width: int) -> Text:
    from rich.text import Text

    style = _STYLE[finding.severity]
    block = Text()
    block.append(where(finding), "bold")
    block.append("  ").append(finding.rule, style)
    block.append(f"  {finding.code}  ", "dim").append(finding.severity, style).append("\n")
    gutter = max((len(str(line.number)) for line in finding.lines), default=1) + 3
    marked = False
    for line in finding.lines:
        block.append(f"{'→' if line.start else ' '}".rjust(gutter - len(str(line.number)) - 1), style)
        block.append(f" {line.number} │ ", "dim")
        text, start, length = _window(line, width - gutter - 3)
        block.append(text)
        block.append("\n")
        if line.start:
            marked = True
            carets = "^" * length
            block.append(f"{'│':>{gutter + 2}} ", "dim").append(" " * start).append(carets, style)
            if start + length + len(finding.message) + gutter + 4 <= width:
                block.append(f" {finding.message}\n", style)
            else:
                block.append("\n").append(f"{'│':>{gutter + 2}} ", "dim").append(
                    f"{finding.message}\n", style
                )
    if not marked:
        block.append(f"{'':{gutter + 1}}{plain(finding.message)}\n", style)
    indent = " " * (gutter + 1)
    if finding.in_force:
        block.append(f"{indent}in force: ", "dim").append(f"{plain(finding.in_force)}\n")
    if finding.fix:
        block.append(f"{indent}fix: ", "dim").append(f"{plain(finding.fix)}\n")
    block.append(f"{indent}callsafe explain {finding.rule}\n", "dim")
    return block


def _window(line: Line, width: int) -> tuple[str, int, int]:
    """Return what is shown of a line, the cells before the marked range and the cells it takes."""
    from rich.cells import cell_len

    def shown(text: str) -> str:
        return plain(text.replace("\t", "    "))

    if not line.start:
        return _cropped(shown(line.text), width), 0, 0
    before, marked, after = (
        shown(line.text[: line.start - 1]),
        shown(line.text[line.start - 1 : line.end - 1]),
        shown(line.text[line.end - 1 :]),
    )
    if cell_len(before) + min(cell_len(marked), width // 2) > width:
        before = "…" + before[-(width // 4) :]
    room = max(width - cell_len(before), 1)
    if cell_len(marked) > room:
        after = ""
    marked = _cropped(marked, room)
    return (
        before + marked + _cropped(after, room - cell_len(marked)),
        cell_len(before),
        max(cell_len(marked), 1),
    )


def _cropped(text: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else set_cell_size(text, max(width - 1, 0)) + "…"
