"""What each SDK's clients, methods and keywords mean: one TOML file per SDK, loaded when a file mentions it.

The catalogue is the only place that knows an SDK's names; rules and the resolver speak of roles. `FORMAT.md`
in this folder explains the files.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callsafe.rules.sdks.model import Sdk

FOLDER = os.path.dirname(__file__)

_HEAD = re.compile(r"^(name|modules|hosts|words|libraries|keys) = (.*)$", re.MULTILINE)
_STRING = re.compile(r'"([^"]*)"')


@cache
def heads() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return what finds the users of every SDK file: `modules`, `hosts`, `words`, `libraries`, `keys`.

    Read with a pattern instead of a TOML parser because every run needs it and most need no more.
    """
    found = {}
    for entry in sorted(os.scandir(FOLDER), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            with open(entry.path, encoding="utf-8") as file:
                head = file.read(2000).partition("\n[")[0]
            keys = {key: tuple(_STRING.findall(value)) for key, value in _HEAD.findall(head)}
            found[entry.name.removesuffix(".toml")] = keys
    return found


@cache
def load(name: str) -> Sdk:
    """Return the SDK of this file name (without `.toml`), checked and with its defaults filled in.

    Raises `ValueError` that names the file and the key where the file is wrong.
    """
    import tomllib

    from callsafe.rules.sdks.model import parse

    with open(os.path.join(FOLDER, f"{name}.toml"), "rb") as file:
        return parse(name, tomllib.load(file))


@cache
def parents(name: str) -> dict[str, tuple[str, ...]]:
    """Return the bases of every error class of this SDK and of the files that it `uses`."""
    sdk = load(name)
    joined: dict[str, tuple[str, ...]] = {}
    for other in sdk.uses:
        joined.update(parents(other))
    joined.update(sdk.parents)
    return joined


def prefilter(data: bytes) -> bool:
    """Tell whether a file can hold a model call or configure one."""
    return any(token in data for token in tokens())


@cache
def tokens() -> tuple[bytes, ...]:
    """Return what is in every such file: one search for each is four times as fast as one pattern of all."""
    found: set[str] = set()
    for head in heads().values():
        found.update(*(head.get(key, ()) for key in ("modules", "hosts", "words", "keys")))
    return tuple(one.encode() for one in sorted(found))
