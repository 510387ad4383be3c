"""`callsafe evaluate DATA…`: a redaction policy measured on labelled data; exit status 1 when it got worse."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callsafe.checks.settings import ConfigurationError
from callsafe.hooks.datasets import ready, told

if TYPE_CHECKING:
    from callsafe.redaction.evaluation.labelled import DataError
    from callsafe.redaction.evaluation.measure import Measured
    from callsafe.redaction.evaluation.run import Change


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("data", nargs="+", metavar="DATA", help="labelled texts: .jsonl or .json")
    parser.add_argument(
        "--config", metavar="FILE", help="the policy and how labels are read: pyproject.toml or another TOML"
    )
    parser.add_argument("--baseline", metavar="FILE", help="compare with this saved measurement")
    parser.add_argument("--save-baseline", metavar="FILE", help="save the measurement here")
    parser.add_argument(
        "--tolerance", type=float, metavar="T", help="how much a score may fall (default: 0.005)"
    )
    parser.add_argument("--output-format", choices=("table", "json"), default="table")
    parser.add_argument("--plot", metavar="FILE", help="draw it (.png or .svg); needs matplotlib")
    parser.add_argument(
        "--examples",
        action="store_true",
        help="list the values that were not covered whole: place, label and masked shape, on the error output",
    )
    parser.add_argument(
        "--on-error", choices=("stop", "skip"), default="stop", help="what is done with a bad example"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")


def run(options: argparse.Namespace) -> int:
    """Measure, compare, and print scores; no text and no value is ever printed."""
    with told():
        from callsafe.redaction.evaluation import run as evaluation
        from callsafe.redaction.evaluation.labelled import Configuration

        if options.tolerance is not None and not 0 <= options.tolerance < 1:
            raise ConfigurationError(f"--tolerance is {options.tolerance}: give a number from 0 to below 1")
        paths = [Path(name) for name in options.data]
        config = Configuration.load(Path(options.config)) if options.config else Configuration()
        data = evaluation.digest(paths, config.labels)
        before = evaluation.load_baseline(Path(options.baseline), data) if options.baseline else None
        _check_plot(options.plot)
        ready(config.policy)
        measured = _measured(options, paths, config)
        now = evaluation.as_json(measured, data)
        changed = evaluation.changes(before, now) if before is not None else []
        tolerance = config.tolerance if options.tolerance is None else options.tolerance
        worse = evaluation.worse(changed, tolerance)
        if options.output_format == "json":
            _print_json(now, changed, worse, compared=before is not None)
        else:
            _print_table(measured, changed, worse, compared=before is not None)
        if options.plot:
            from callsafe.redaction.evaluation.plot import plot

            plot(measured, Path(options.plot))
        if options.save_baseline:
            Path(options.save_baseline).write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    return 1 if worse else 0


def _check_plot(name: str | None) -> None:
    """Refuse what cannot be drawn before the work is done."""
    if not name:
        return
    from importlib.util import find_spec

    from callsafe.redaction.evaluation.plot import SUFFIXES

    if Path(name).suffix.lower() not in SUFFIXES:
        raise ConfigurationError(f"--plot: {name}: a plot is a .png or an .svg file")
    if find_spec("matplotlib") is None:
        raise ConfigurationError("--plot needs matplotlib; run: pip install matplotlib")


def _measured(options: argparse.Namespace, paths: list[Path], config: Any) -> Measured:
    from callsafe.redaction.evaluation.run import measure

    def example(where: str, label: str, shape: str) -> None:
        if options.examples:
            sys.stderr.write(f"{where}: {label}: {shape}\n")

    def bad(error: DataError) -> None:
        sys.stderr.write(f"{error} (left out)\n")

    said: dict[str, Any] = {"bad": bad if options.on_error == "skip" else None}
    if options.quiet or options.examples or not sys.stderr.isatty():
        return measure(paths, config.policy, config.labels, example=example, **said)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from callsafe.redaction.evaluation.labelled import read

    columns = (TextColumn("texts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(
            "texts", total=sum(1 for path in paths for _ in read(path, said["bad"] and _silent))
        )
        return measure(
            paths,
            config.policy,
            config.labels,
            progress=lambda texts: bar.update(task, completed=texts),
            **said,
        )


def _silent(_error: DataError) -> None:
    """Say nothing while examples are only counted."""


def _print_json(now: dict[str, Any], changed: list[Change], worse: list[Change], *, compared: bool) -> None:
    if compared:
        now = now | {
            "compared": {
                "worse": bool(worse),
                "changes": [
                    {
                        "label": c.label,
                        "score": c.score,
                        "before": c.before,
                        "now": c.now,
                        "worse": c in worse,
                    }
                    for c in changed
                ],
            }
        }
    sys.stdout.write(json.dumps(now, indent=2) + "\n")


def _shown(score: float, of: int) -> str:
    """Show a score, and a dash for one of nothing."""
    return f"{score:.3f}" if of else "-"


def _print_table(measured: Measured, changed: list[Change], worse: list[Change], *, compared: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from callsafe.redaction.evaluation.measure import ALL, ANY

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("entity", no_wrap=True)
    heads = ("spans", "P token", "R token", "F1 token", "F2 token", "P exact", "R exact", "P over", "R over")
    for head in (*heads, "covered", "partly", "leaked"):
        table.add_column(head, justify="right")

    def row(label: str) -> None:
        token, exact = measured.agreement(label, "token"), measured.agreement(label, "exact")
        overlap, leaks = measured.agreement(label, "overlap"), measured.coverage(label)
        cells = [_shown(token.precision, token.found), _shown(token.recall, token.labelled)]
        cells += [_shown(token.f(beta), token.labelled) for beta in (1, 2)]
        for level in (exact, overlap) if label != ANY else ():
            cells += [_shown(level.precision, level.found), _shown(level.recall, level.labelled)]
        cells += [""] * (8 - len(cells))
        of = leaks.total
        shares = [f"{count / of:.3f}" if of else "" for count in (leaks.full, leaks.partly, leaks.none)]
        table.add_row(label, "" if label == ANY else str(exact.labelled), *cells, *shares)

    for label in measured.labels():
        row(label)
    table.add_section()
    row(ALL)
    row(ANY)
    # A terminal may be narrower; a table that is cut helps nobody.
    width = max(Console().width, 132)
    Console(width=width, highlight=False, soft_wrap=True).print(table)
    out = sys.stdout.write
    out(f"{measured.texts} texts, {measured.characters} characters\n")
    out("token: words; exact: spans with the same start, end and label; over: spans that share a character\n")
    out(
        f"{ANY}: words of any label; covered, partly, leaked: shares of the labelled spans, whatever the label\n"
    )
    if compared:
        for change in changed:
            mark = "worse" if change in worse else "better" if change.now > change.before else "tolerated"
            out(f"{mark}: {change.label} {change.score}: {change.before:.4f} -> {change.now:.4f}\n")
        out(f"{len(worse)} scores got worse than the baseline\n" if worse else "no score got worse\n")
