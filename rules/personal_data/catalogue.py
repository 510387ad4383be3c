"""Every data rule for personal data, and which of them a configuration asks for."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from callsafe.rules.personal_data.model import DataRule


@cache
def data_rules() -> tuple[DataRule, ...]:
    """Return every data rule there is."""
    from callsafe.rules.personal_data import address, birth, cn, internet, kr, payment, phone, uk, us

    modules = (internet, payment, phone, birth, address, us, uk, kr, cn)
    return tuple(rule for module in modules for rule in module.RULES)


@cache
def countries() -> frozenset[str]:
    """Return the countries that have data rules (ISO 3166-1 in lower case, `uk` for GB)."""
    return frozenset(rule.country for rule in data_rules() if rule.country)


def chosen(labels: Collection[str] | None, packs: Collection[str]) -> tuple[DataRule, ...]:
    """Return the rules for these entities (all where none are named) and these country packs.

    An entity that is asked for by name is looked for whatever its country.
    """
    return tuple(
        rule
        for rule in data_rules()
        if (rule.label in labels if labels is not None else not rule.country or rule.country in packs)
    )
