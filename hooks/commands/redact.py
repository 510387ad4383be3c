"""`callsafe redact FILE|-`: a text, or a file of rows, with personal data and secrets replaced."""

from __future__ import annotations

import argparse

from callsafe.checks.settings import ConfigurationError
from callsafe.hooks import datasets

OPERATORS = ("replace", "mask", "hash", "encrypt", "drop")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    datasets.add_arguments(parser)
    parser.add_argument("--operator", choices=OPERATORS, help="do this with every value (default: replace)")
    parser.add_argument(
        "--key-env", metavar="NAME", help="the environment variable with the key of hash and encrypt"
    )
    parser.add_argument(
        "--allow-unredacted",
        action="store_true",
        help="allow --on-error keep, which writes rows as they are, with what they hold",
    )


def run(options: argparse.Namespace) -> int:
    """Write the redacted text or rows; where anything fails, write none of it."""
    if options.on_error == "keep" and not options.allow_unredacted:
        raise ConfigurationError(
            "--on-error keep writes rows that could not be redacted: say --allow-unredacted, or skip them"
        )
    form = datasets.format_of(options)
    if form == "text":
        return _text(options)
    with datasets.told():
        from callsafe.redaction.datasets.job import Job

        job = Job(
            "redact",
            form,  # type: ignore[arg-type]
            datasets.ready(datasets.policy_of(options, options.operator)),
            tuple(options.field),
            options.vault or "",
            datasets.vault_key(options),
            options.on_error,
        )
        return datasets.run_rows(options, job)


def _text(options: argparse.Namespace) -> int:
    with datasets.told():
        text = datasets.read_text(options.file)
        from callsafe.redaction import RedactionError, Redactor
        from callsafe.redaction.datasets.ledger import RowVault, open_vault

        redactor = Redactor(
            datasets.blocking(datasets.ready(datasets.policy_of(options, options.operator))),
            vault=RowVault(open_vault(options.vault, datasets.vault_key(options))) if options.vault else None,
        )
        try:
            redacted = redactor.redact(text).text
        except RedactionError as error:
            raise ConfigurationError(f"{options.file}: not redacted: {error}") from None
        datasets.write_text(redacted, options.output, force=options.force)
    return 0
