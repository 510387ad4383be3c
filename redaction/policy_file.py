"""Policies in TOML: read, checked, and every mistake named with its file, its key and the closest valid name.

countries = ["us", "uk"]
threshold = 0.5
allow = ["Acme"]
images = "block"
default = "replace"

[deny]
PROJECT = ["Bluebird"]

[entities]
CREDIT_CARD = { operator = "mask", keep_last = 4, threshold = 0.6 }
EMAIL_ADDRESS = { operator = "encrypt", key_env = "REDACTION_KEY" }
URL = "keep"
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from callsafe.redaction.cipher import Key
from callsafe.redaction.operators import (
    Block,
    Drop,
    Encrypt,
    Hash,
    Keep,
    Mask,
    Operator,
    Replace,
    Surrogate,
)
from callsafe.redaction.placeholders import is_label

if TYPE_CHECKING:
    from callsafe.redaction.policy import Policy

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "on_unknown_payload": ("scrub", "block"),
    "images": ("pass", "drop", "block"),
    "audio": ("pass", "drop", "block"),
    "fail": ("block", "pass"),
}

_OPERATORS: Mapping[str, tuple[Callable[..., Operator], Mapping[str, type]]] = {
    "replace": (Replace, {}),
    "mask": (Mask, {"character": str, "keep_last": int}),
    "hash": (Hash, {"key_env": str}),
    "encrypt": (Encrypt, {"key_env": str}),
    "surrogate": (Surrogate, {"kind": str, "locale": str, "key_env": str}),
    "drop": (Drop, {}),
    "block": (Block, {}),
    "keep": (Keep, {}),
}
_NEEDS_KEY = ("hash", "encrypt")

_KEYS = (
    "entities",
    "default",
    "threshold",
    "countries",
    "names",
    "allow",
    "deny",
    "max_characters",
    "max_seconds",
    *_CHOICES,
)


def load(path: str | PathLike[str]) -> dict[str, Any]:
    """Read the fields of a `Policy` from a TOML file. Raises as `Policy.load` does."""
    file = Path(path)
    try:
        table: object = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is not UTF-8"
        raise ValueError(f"{file}: this is not TOML: {where}") from None
    if file.name == "pyproject.toml":
        for name in ("tool", "callsafe", "redaction"):
            table = table.get(name, {}) if isinstance(table, dict) else {}
    try:
        fields = _fields(_table("the policy", table))
        from callsafe.redaction.default_detector import check_known
        from callsafe.redaction.policy import Policy

        check_known(Policy(**fields))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    return fields


def _fields(table: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in table.items():
        _known(key, _KEYS, key)
        if key in ("countries", "allow"):
            words = _strings(key, value)
            fields[key] = frozenset(words) if key == "allow" else tuple(words)
        elif key == "deny":
            fields[key] = {
                label: tuple(_strings(f"deny.{label}", v)) for label, v in _table(key, value).items()
            }
        elif key == "default":
            fields[key], _ = _operator(key, value)
        elif key == "entities":
            fields["entities"], fields["thresholds"] = {}, {}
            for label, entry in _table(key, value).items():
                operator, threshold = _operator(f"entities.{label}", entry)
                fields["entities"][label] = operator
                if threshold is not None:
                    fields["thresholds"][label] = threshold
        else:
            fields[key] = value
    return fields


def _operator(key: str, entry: object) -> tuple[Operator, float | None]:
    """Read an operator written as its name or as a table with `operator` and its options."""
    options: dict[str, Any] = {"operator": entry} if isinstance(entry, str) else dict(_table(key, entry))
    name = options.pop("operator", "replace")
    threshold: float | None = options.pop("threshold", None) if key != "default" else None
    if not isinstance(name, str):
        raise ValueError(f"{key}.operator is {_shown(name)}: give the name of an operator")
    _known(name, _OPERATORS, f"{key}.operator")
    make, allowed = _OPERATORS[name]
    for option, value in options.items():
        if option == "key":
            raise ValueError(
                f"{key}.key: a key does not belong in a file: name its environment variable in key_env"
            )
        _known(option, ("operator", "threshold", *allowed), f"{key}.{option}")
        if not isinstance(value, allowed[option]) or isinstance(value, bool):
            raise ValueError(f"{key}.{option} is {_shown(value)}: give {_type_name(allowed[option])}")
    variable = options.pop("key_env", None)
    if name in _NEEDS_KEY and variable is None:
        raise ValueError(
            f"{key}.key_env is not set: {name} needs the name of the environment variable with its key"
        )
    try:
        keys = {} if variable is None else {"key": Key.from_environment(str(variable))}
    except ValueError as error:
        raise ValueError(f"{key}.key_env: {error}") from None
    try:
        return make(**options, **keys), threshold
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def _known(name: str, valid: Collection[str], key: str) -> None:
    if name in valid:
        return
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.0)
    raise ValueError(f"{key}: there is no {name!r}: did you mean {close[0]!r}?")


def _table(key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{key} is {_shown(value)}: give a table")
    return value


def _strings(key: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{key} is {_shown(value)}: give a list of strings")
    return value


def _shown(value: object) -> str:
    """Numbers and truth values are shown, anything else only by its kind: it could be a secret."""
    return repr(value) if isinstance(value, bool | int | float) else f"a {type(value).__name__}"


def _type_name(kind: type) -> str:
    return {str: "a string", int: "a whole number"}[kind]


def check(policy: Policy) -> None:
    """Check the fields of a policy. Raises `ValueError` naming the field."""
    for name, choices in _CHOICES.items():
        value = getattr(policy, name)
        if value not in choices:
            raise ValueError(f"{name} is {_shown(value)}: choose {' or '.join(map(repr, choices))}")
    for name in ("entities", "thresholds", "deny"):
        table = getattr(policy, name)
        if not isinstance(table, Mapping):
            raise ValueError(f"{name} is {_shown(table)}: give a table")
        for label in table:
            if not isinstance(label, str) or not is_label(label):
                raise ValueError(
                    f"{name}.{label}: a label is of capitals, digits and _, such as EMAIL_ADDRESS"
                )
    for name, operator in {"default": policy.default, **policy.entities}.items():
        if not isinstance(operator, get_args(Operator)):
            raise ValueError(f"{name} is {_shown(operator)}: give an operator such as Replace()")
    for name, score in {"threshold": policy.threshold, **policy.thresholds}.items():
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
            key = name if name == "threshold" else f"entities.{name}.threshold"
            raise ValueError(f"{key} is {_shown(score)}: give a number from 0 to 1")
    characters = policy.max_characters
    if isinstance(characters, bool) or not isinstance(characters, int) or characters < 1:
        raise ValueError(f"max_characters is {_shown(characters)}: give a whole number above 0")
    seconds = policy.max_seconds
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 86_400:
        raise ValueError(f"max_seconds is {_shown(seconds)}: give seconds above 0, 86400 at most")
    if not isinstance(policy.names, bool | str):
        raise ValueError(f"names is {_shown(policy.names)}: give true, false or the name of a model")
    if isinstance(policy.names, str):
        from callsafe.redaction.detect.models import KINDS

        kind, _, model = policy.names.partition(":")
        if kind not in KINDS or not model:
            written = ", ".join(f"{kind}:NAME" for kind in KINDS)
            raise ValueError(f"names is {policy.names!r}: give true, false or one of {written}")
    for name in ("countries", "allow"):
        words = getattr(policy, name)
        listed = isinstance(words, Collection) and not isinstance(words, str)
        if not listed or not all(isinstance(word, str) for word in words):
            raise ValueError(f"{name} is {_shown(words)}: give a list of strings")
    for label, terms in policy.deny.items():
        listed = isinstance(terms, Collection) and not isinstance(terms, str)
        if not listed or not all(isinstance(term, str) and term for term in terms):
            raise ValueError(f"deny.{label} is {_shown(terms)}: give a list of strings that are not empty")


def rebuild(values: dict[str, Any]) -> Policy:
    """Make a policy from its fields: how one is unpickled."""
    from callsafe.redaction.policy import Policy

    return Policy(**values)
