"""`callsafe calls [PATH…]`: the inventory of model calls, and what is in force on each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from callsafe.checks.settings import ConfigurationError
from callsafe.hooks.sources import add_configuration, add_paths, names, settings_of

if TYPE_CHECKING:
    from callsafe.checks.inventory import Inventory

FORMATS = ("table", "json", "csv", "markdown", "html")
"""Each is a module `hooks/inventory/as_<name>.py` with `write(page, out)`."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add_paths(parser)
    parser.add_argument("--output-format", choices=FORMATS, default="table", help="how the calls are written")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to this file")
    some: dict[str, Any] = {"type": names, "action": "extend", "default": []}
    parser.add_argument("--sdk", **some, metavar="NAME", help="only calls of this SDK or provider")
    parser.add_argument("--role", **some, metavar="ROLE", help="show these roles: output_bound, timeout …")
    parser.add_argument(
        "--no-wrappers", action="store_true", help="leave out callers of functions that reach a model call"
    )
    add_configuration(parser)


def run(options: argparse.Namespace) -> int:
    """Write the inventory; findings do not change the exit status."""
    from callsafe.checks.inventory import inventory
    from callsafe.hooks.inventory.rows import ROLES, page

    for role in options.role:
        _known(role, ROLES, "--role", "role")
    paths = options.paths or ["."]
    found = inventory(paths, settings_of(options, paths))
    for name in options.sdk:
        _known(name.lower(), _providers(found), "--sdk", "SDK or provider")
    made = page(found, sdk=options.sdk, roles=options.role, wrappers=not options.no_wrappers)
    write = import_module(f"callsafe.hooks.inventory.as_{options.output_format}").write
    if not options.output:
        write(made, sys.stdout)
        return 0
    try:
        with open(options.output, "w", encoding="utf-8", errors="backslashreplace", newline="") as out:
            write(made, out)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise ConfigurationError(f"--output: {options.output}: cannot be written: {reason}") from None
    return 0


def _providers(found: Inventory) -> list[str]:
    """Return what `--sdk` may name: the SDKs of the catalogue, the providers of the calls that were found."""
    from callsafe.hooks.inventory.rows import provider
    from callsafe.rules import sdks

    known = {provider(entry.call).lower() for entry in found.entries}
    for name in sdks.heads():
        sdk = sdks.load(name)
        known |= {sdk.name, sdk.title.lower(), sdk.provider}
    return sorted(known - {""})


def _known(name: str, known: Sequence[str], option: str, what: str) -> None:
    if name not in known:
        from difflib import get_close_matches

        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
        raise ConfigurationError(f"{option}: {name!r} is no {what}; {hint}")
