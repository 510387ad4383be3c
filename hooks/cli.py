"""The `callsafe` command: picks the subcommand, imports only that one, turns errors into exit statuses.

0 clean, 1 findings, 2 a wrong argument or configuration or an internal error, 130 interrupted. `python -X dev
-m callsafe …` shows the traceback of an internal error.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import callsafe
from callsafe.checks.engine import RuleError, described
from callsafe.checks.settings import ConfigurationError

COMMANDS = {
    "check": "find what is wrong in source files",
    "explain": "say what a rule means, with a bad and a good example",
    "rules": "list all rules",
    "calls": "list every model call and what is in force on it",
    "redact": "replace personal data and secrets in a text or a file of rows",
    "restore": "put back what `redact` replaced",
    "evaluate": "measure a redaction policy on labelled data",
}
"""Each is a module of `hooks/commands` with `arguments(parser)` and `run(options) -> int`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit status."""
    argv = sys.argv[1:] if argv is None else list(argv)
    if sys.stdout is None:  # closed by the caller: nobody reads the report, the exit status tells
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open to the end)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(
            stream, "reconfigure"
        ):  # a terminal that lacks a character shows its escape, and no traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _run(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader (`head`) has enough
        _close_output()
        return 141
    except KeyboardInterrupt:
        return 130
    except ConfigurationError as error:
        sys.stderr.write(f"callsafe: {error}\n")
        return 2
    except OSError as error:
        if sys.flags.dev_mode:
            raise
        _close_output()
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"callsafe: {where}{(error.strerror or described(error)).lower()}\n")
        return 2
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        what = str(error) if isinstance(error, RuleError) else described(error)
        sys.stderr.write(f"callsafe: internal error: {what}; please report it\n")
        return 2


def _close_output() -> None:
    """Give Python, which flushes once more at exit, somewhere to write."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Make a formatter that knows its width: argparse would import shutil, bz2 and lzma to find it."""
    try:
        width = os.get_terminal_size().columns
    except (OSError, ValueError):
        width = 80
    return argparse.HelpFormatter(prog, width=max(width - 2, 40))


def _run(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="callsafe",
        formatter_class=_formatter,
        description="checks code that calls language models, and redacts what is sent to them",
        epilog="exit status: 0 clean, 1 findings, 2 a wrong argument or configuration",
    )
    parser.add_argument("--version", action="version", version=f"callsafe {callsafe.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="callsafe")
    chosen = next((one for one in argv if not one.startswith("-")), "")
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what, formatter_class=_formatter)
        if name == chosen:
            import_module(f"callsafe.hooks.commands.{name}").arguments(command)
    options = parser.parse_args(argv)
    status: int = import_module(f"callsafe.hooks.commands.{options.command}").run(options)
    return status
