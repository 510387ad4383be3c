"""What things that live outside the code hold: `st.session_state.llm`, `cl.user_session.get("chain")`, `g.client`.

Nothing says which code runs first. What is put under a constant key anywhere near is what the key can give.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from callsafe.checks.module import Module, dotted
from callsafe.checks.values import (
    UNKNOWN_VALUE,
    Frame,
    Instance,
    Made,
    Member,
    Object,
    Ref,
    Value,
    choice,
    is_none,
    options,
)

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver

MOST_STORES = 12
"""Places that put something under one key; where there are more nothing is known of it."""
ASKING = frozenset({"get", "setdefault", "pop"})
"""Methods that return what is kept under the key that is their first argument."""


def under(
    resolver: Resolver, holder: ast.expr, base: Value, key: str, module: Module, frame: Frame | None
) -> Value | None:
    """Return the objects that the project keeps under this key of a thing, or nothing where there are none."""
    name = dotted(holder).rpartition(".")[2]
    stores = resolver.uses.kept_under(name, key)
    if not stores or (not isinstance(base, Ref | Member | Made) and not _is_attribute(holder, base)):
        return None
    found: list[Value] = []
    for where, node in _nearest(module, stores)[:MOST_STORES]:
        value = resolver.evaluate(node, where, frame if where is module else None)
        if not is_none(value):
            found.append(value)
    every = [option for value in found for option in options(value)]
    if not any(isinstance(option, Object | Instance) for option in every):
        return None
    return choice([option if isinstance(option, Object | Instance) else UNKNOWN_VALUE for option in every])


def _is_attribute(holder: ast.expr, base: Value) -> bool:
    return base is UNKNOWN_VALUE and isinstance(holder, ast.Attribute)


def _nearest(module: Module, stores: list[tuple[Module, ast.expr]]) -> list[tuple[Module, ast.expr]]:
    """Return the stores of this file; without any, those of the files whose folder is nearest to it."""
    own = [store for store in stores if store[0] is module]
    if own:
        return own
    here = module.path.split("/")[:-1]

    def shared(store: tuple[Module, ast.expr]) -> int:
        there = store[0].path.split("/")[:-1]
        count = 0
        for mine, other in zip(here, there, strict=False):
            if mine != other:
                break
            count += 1
        return count

    best = max(map(shared, stores))
    return [store for store in stores if shared(store) == best]
