"""`callsafe redact FILE|-`: the text with personal data and secrets replaced."""

from __future__ import annotations

import argparse
import sys

from callsafe.checks.settings import ConfigurationError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("file", metavar="FILE", help="a text file in utf-8, or - for the standard input")


def run(options: argparse.Namespace) -> int:
    """Print the redacted text; where anything fails, print none of it."""
    try:
        data = sys.stdin.buffer.read() if options.file == "-" else _bytes(options.file)
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{options.file}: not utf-8") from None
    from callsafe.redaction import RedactionError, Redactor

    try:
        redacted = Redactor().redact(text).text
    except RedactionError as error:
        raise ConfigurationError(f"{options.file}: not redacted: {error}") from None
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{error.name} is not installed; run: pip install 'callsafe[redaction]'"
        ) from None
    sys.stdout.buffer.write(redacted.encode("utf-8"))
    return 0


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ConfigurationError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
