"""`callsafe restore FILE|-`: the originals put back, by the vault or the key they were replaced with."""

from __future__ import annotations

import argparse

from callsafe.checks.settings import ConfigurationError
from callsafe.hooks import datasets


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    datasets.add_arguments(parser)
    parser.add_argument(
        "--key-env", metavar="NAME", help="the environment variable with the key values were encrypted with"
    )


def run(options: argparse.Namespace) -> int:
    """Write the restored text or rows; what is no placeholder of the vault or key stays as it is."""
    if not (options.vault or options.policy or options.key_env):
        raise ConfigurationError(
            "nothing to restore from: give --vault FILE, or --key-env NAME or --policy FILE for encrypted values"
        )
    form = datasets.format_of(options)
    with datasets.told():
        from callsafe.redaction.datasets.job import Job

        policy = datasets.policy_of(options, "encrypt" if options.key_env else None)
        if not options.vault and policy.tokens() is None:
            raise ConfigurationError(
                f"{options.policy}: no operator encrypts, so nothing is restored by key: give --vault FILE"
            )
        if form == "text":
            from callsafe.redaction.datasets.ledger import RowVault, open_vault
            from callsafe.redaction.engine import Redactor

            vault = (
                RowVault(open_vault(options.vault, datasets.vault_key(options))) if options.vault else None
            )
            text = datasets.read_text(options.file)
            restored = Redactor(policy).conversation(vault).restore(text)
            datasets.write_text(restored, options.output, force=options.force)
            return 0
        job = Job(
            "restore",
            form,  # type: ignore[arg-type]
            policy,
            tuple(options.field),
            options.vault or "",
            datasets.vault_key(options),
            options.on_error,
        )
        return datasets.run_rows(options, job)
