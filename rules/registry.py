"""Every rule there is: found by looking into the family folders, sorted by code, loaded once and lazily."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from callsafe.rules.model import Level, Rule

FAMILIES = ("credentials", "reliability", "cost", "lifecycle", "protection", "run")
"""The folders that hold rules, in the order of their codes (LLM1xx … LLM9xx)."""


TEXT_FAMILIES = ("credentials", "protection")
"""The folders with rules about texts: all that a file without a model call needs."""


@cache
def rules(families: tuple[str, ...] = FAMILIES) -> tuple[Rule, ...]:
    """Return the rules of these families, sorted by code.

    A rule is a module that defines `RULE`; modules whose name begins with an underscore are helpers. Only the
    folders asked for are imported, so that redaction never loads a call rule.
    """
    found = []
    for family in families:
        folder = os.path.join(os.path.dirname(__file__), family)
        for entry in os.scandir(folder):
            name, extension = os.path.splitext(entry.name)
            if extension == ".py" and not name.startswith("_"):
                module = import_module(f"callsafe.rules.{family}.{name}")
                if hasattr(module, "RULE"):
                    found.append(module.RULE)
    return tuple(sorted(found, key=lambda rule: rule.code))


@cache
def by_name() -> dict[str, Rule]:
    """Return every rule under its name and under its code."""
    return {key: rule for rule in rules() for key in (rule.name, rule.code)}


def find_rule(name_or_code: str) -> Rule | None:
    """Return the rule with this name or code (in any case), or nothing."""
    known = by_name()
    return known.get(name_or_code) or known.get(name_or_code.upper()) or known.get(name_or_code.lower())


def nearest(name: str) -> str | None:
    """Return the name of the rule that is spelled most like this one, where one comes near."""
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), by_name(), n=1) or get_close_matches(name.upper(), by_name(), n=1)
    return close[0] if close else None


def is_on_by_default(rule: Rule) -> bool:
    """Tell whether the rule is on when nothing is configured."""
    return rule.level is Level.CORE
