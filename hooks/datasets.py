"""What `callsafe redact` and `callsafe restore` share: options, policies, progress and the report."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callsafe.checks.settings import ConfigurationError

if TYPE_CHECKING:
    from callsafe.redaction.cipher import Key
    from callsafe.redaction.datasets.job import Job, Totals
    from callsafe.redaction.policy import Policy

FORMATS = ("text", "jsonl", "csv", "tsv", "parquet")
EXTRAS = {
    "redaction": ("cryptography", "presidio_analyzer", "regex", "tldextract"),
    "datasets": ("pyarrow",),
    "faker": ("faker",),
}
"""What each extra installs, as it is imported."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that both commands have."""
    parser.add_argument("file", metavar="FILE", help="text, .jsonl, .csv, .tsv or .parquet; - reads text")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to this file; rows need it")
    parser.add_argument("--format", choices=FORMATS, help="what FILE is, where its name does not say it")
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME",
        help="only this field or column, dotted (messages.content); may be given again; default: whole rows",
    )
    parser.add_argument("--policy", metavar="FILE", help="a policy in TOML, or a pyproject.toml")
    parser.add_argument("--vault", metavar="FILE", help="an SQLite vault of originals")
    parser.add_argument(
        "--vault-key-env",
        default="CALLSAFE_VAULT_KEY",
        metavar="NAME",
        help="the environment variable with the vault's key (default: %(default)s)",
    )
    parser.add_argument(
        "--jobs", type=_count, metavar="N", help="processes; all cores by default; the output is the same"
    )
    parser.add_argument("--resume", action="store_true", help="go on with a run that was interrupted")
    parser.add_argument("--force", action="store_true", help="replace an output that is there")
    parser.add_argument("--report", metavar="FILE", help="write what was done as JSON, in counts")
    parser.add_argument(
        "--on-error",
        choices=("stop", "skip", "keep"),
        default="stop",
        help="what is done with a row that cannot be read or made safe (default: stop)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print no summary and no progress")


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} processes: give 1 or more")
    return count


@contextmanager
def told() -> Iterator[None]:
    """Turn what a wrong file, policy or environment raises into one line and exit status 2."""
    from callsafe.redaction.datasets.job import DatasetError
    from callsafe.redaction.errors import RedactionError

    try:
        yield
    except (DatasetError, RedactionError, ValueError) as error:
        raise ConfigurationError(str(error)) from None
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        wanted = next((f"'callsafe[{extra}]'" for extra, names in EXTRAS.items() if name in names), name)
        raise ConfigurationError(f"{name} is not installed; run: pip install {wanted}") from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reason = error.strerror.lower() if error.strerror else str(error) or "cannot be used"
        raise ConfigurationError(f"{where}{reason}") from None


def format_of(options: argparse.Namespace) -> str:
    """Give the format of the file: as it is said, or by the file's name."""
    from callsafe.redaction.datasets.job import EXTENSIONS

    form: str = options.format or EXTENSIONS.get(Path(options.file).suffix.lower(), "text")
    if form == "text":
        for option in ("field", "resume", "report"):
            if getattr(options, option):
                raise ConfigurationError(f"--{option} is for files of rows: name their --format")
    elif options.file == "-":
        raise ConfigurationError("rows are read from a file, not from -: they are read again on --resume")
    elif not options.output:
        raise ConfigurationError(
            f"{options.file}: rows need a place to go: give -o FILE (or --format text to print it as one text)"
        )
    return form


def policy_of(options: argparse.Namespace, operator: str | None) -> Policy:
    """Give the policy: of a file, of one operator for everything, or the default."""
    from callsafe.redaction import operators
    from callsafe.redaction.cipher import Key
    from callsafe.redaction.policy import Policy

    if options.policy and operator:
        raise ConfigurationError("--policy and --operator contradict each other; leave one out")
    if options.policy:
        return Policy.load(options.policy)
    if not operator:
        return Policy()
    if operator in ("hash", "encrypt"):
        if not options.key_env:
            raise ConfigurationError(f"--operator {operator} needs --key-env NAME, a variable with the key")
        key = Key.from_environment(options.key_env)
        return Policy(default=operators.Hash(key) if operator == "hash" else operators.Encrypt(key))
    plain: dict[str, Any] = {"mask": operators.Mask, "drop": operators.Drop, "replace": operators.Replace}
    return Policy(default=plain[operator]())


def ready(policy: Policy) -> Policy:
    """Load what a policy needs before any text is read, and return it: what is missing is named by `told`."""
    from callsafe.redaction import Redactor

    Redactor(policy).warm_up()
    if policy.tokens() is not None:
        import_module("cryptography.hazmat.primitives.ciphers.aead")
    return policy


def vault_key(options: argparse.Namespace) -> Key | None:
    """Read the vault's key, where a vault is used."""
    from callsafe.redaction.cipher import Key

    return Key.from_environment(options.vault_key_env) if options.vault else None


def run_rows(options: argparse.Namespace, job: Job) -> int:
    """Run a job on a file of rows, with progress on a terminal and a summary at the end."""
    from callsafe.redaction.datasets.run import run

    source, output = Path(options.file), Path(options.output)
    began = time.monotonic()
    try:
        with _progress(_length(job, source), quiet=options.quiet) as (advance, note):
            totals = run(
                job,
                source,
                output,
                jobs=options.jobs,
                resume=options.resume,
                force=options.force,
                progress=advance,
                problem=lambda line, reason: note(f"{source}:{line}: {job.on_error}: {reason}"),
            )
    except KeyboardInterrupt:
        sys.stderr.write(f"callsafe: {output}: interrupted; go on with --resume\n")
        raise
    seconds = time.monotonic() - began
    if options.report:
        _write_report(Path(options.report), options, job, totals, seconds)
    if not options.quiet:
        sys.stderr.write(summary(job, totals, output, seconds))
    return 0


def summary(job: Job, totals: Totals, output: Path, seconds: float) -> str:
    """Say in a few lines what was done."""
    left = "".join(
        f", {count} {what}"
        for what, count in (("skipped", totals.skipped), ("kept unredacted", totals.kept))
        if count
    )
    lines = [f"{output}: {totals.rows} rows in {seconds:.1f} s, {totals.changed} changed{left}"]
    for label, operator, count in replaced(job, totals):
        lines.append(f"  {label:24} {operator:10} {count:>10}")
    return "\n".join(lines) + "\n"


def replaced(job: Job, totals: Totals) -> list[tuple[str, str, int]]:
    """Give (label, operator, count), the most frequent first."""
    return [
        (label, type(job.policy.operator(label)).__name__.lower(), count)
        for label, count in sorted(totals.entities.items(), key=lambda item: (-item[1], item[0]))
    ]


def _write_report(path: Path, options: argparse.Namespace, job: Job, totals: Totals, seconds: float) -> None:
    import json

    report = {
        "input": options.file,
        "output": options.output,
        "action": job.action,
        "format": job.format,
        "fields": list(job.fields),
        "rows": totals.rows,
        "changed": totals.changed,
        "skipped": totals.skipped,
        "kept": totals.kept,
        "texts": totals.texts,
        "characters": totals.characters,
        "seconds": round(seconds, 3),
        "replaced": [
            {"label": label, "operator": operator, "count": count}
            for label, operator, count in replaced(job, totals)
        ],
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _length(job: Job, source: Path) -> int:
    if job.format != "parquet":
        return source.stat().st_size
    from pyarrow import parquet

    return int(parquet.read_metadata(source).num_rows)


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Any]:
    """Give two functions: one that moves the bar (nothing where there is no terminal), one that notes."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None), (lambda text: sys.stderr.write(text + "\n"))
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("rows", total=total)
        yield (
            lambda position: bar.update(task, completed=position),
            lambda text: console.print(text, markup=False, highlight=False, soft_wrap=True),
        )


def write_text(text: str, output: str | None, *, force: bool) -> None:
    """Write a text to the standard output, or whole or not at all to a file."""
    data = text.encode("utf-8", "surrogatepass")
    if output is None:
        sys.stdout.buffer.write(data)
        return
    path = Path(output)
    if path.exists() and not force:
        raise ConfigurationError(f"{output}: there is such a file already: --force replaces it")
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    os.replace(partial, path)


def read_text(file: str) -> str:
    """Read a text in UTF-8 from a file or the standard input."""
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: not utf-8") from None


def blocking(policy: Policy) -> Policy:
    """Give the policy with failures blocked: a command never prints what could not be made safe."""
    return replace(policy, fail="block")
