"""Where the project uses a name: what it calls, stores, keeps and hands on under it, in all files."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from callsafe.checks.catalogue import Catalogue
from callsafe.checks.module import Module, last_name


class Uses:
    """An index of the modules by name; nothing is evaluated."""

    def __init__(self, modules: Iterable[Module], catalogue: Catalogue) -> None:
        modules = tuple(modules)
        self._sites: dict[str, list[tuple[Module, ast.Call]]] = {}
        self._stored: dict[str, list[tuple[Module, ast.expr]]] = {}
        self._kept: dict[tuple[str, str], list[tuple[Module, ast.expr]]] = {}
        self._renamed: dict[str, set[str]] = {}
        self._handed_on: dict[str, list[tuple[Module, ast.Name | ast.Attribute]]] = {}
        functions = {getattr(node, "name", "") for module in modules for node in module.scopes}
        for module in modules:
            for name in functions & (module.loads.keys() | module.attributes.keys()):
                for use in (*module.loads.get(name, ()), *module.attributes.get(name, ())):
                    parent, field = module.parents[use]
                    if isinstance(use.ctx, ast.Load) and not (
                        isinstance(parent, ast.Call) and field == "func"
                    ):
                        self._handed_on.setdefault(name, []).append((module, use))
            for original, name in module.renamed:
                self._renamed.setdefault(original, set()).add(name)
            for call in module.calls:
                name = last_name(call.func)
                if name:
                    self._sites.setdefault(name, []).append((module, call))
            for place, values in module.kept.items():
                self._kept.setdefault(place, []).extend((module, node) for node in values)
            for attribute, stores in module.stored.items():
                self._stored.setdefault(attribute, []).extend((module, node) for node in stores)
        self.stored_callables = frozenset(
            attribute
            for attribute, stores in self._stored.items()
            if any(_may_be_called(node, catalogue) for _, node in stores)
        )
        """Attributes under which a method of an SDK, or an object that is called itself, may be stored."""

    def stores_of(self, attribute: str) -> list[tuple[Module, ast.expr]]:
        """Return the values that the project assigns to an attribute of this name, of whatever object."""
        return self._stored.get(attribute, [])

    def kept_under(self, holder: str, key: str) -> list[tuple[Module, ast.expr]]:
        """Return the values that the project puts under a constant key into a thing whose last name is this."""
        return self._kept.get((holder, key), [])

    def sites_of(self, name: str) -> list[tuple[Module, ast.Call]]:
        """Return the calls in the project whose callee ends in this name."""
        return self._sites.get(name, [])

    def handed_on(self, name: str) -> list[tuple[Module, ast.Name | ast.Attribute]]:
        """Return where a name that a function of the project has is used otherwise than to call it."""
        return self._handed_on.get(name, [])

    def renamed_to(self, name: str) -> set[str]:
        """Return the other names under which the project imports something of this name."""
        return self._renamed.get(name, set())


def _may_be_called(node: ast.expr, catalogue: Catalogue) -> bool:
    """Tell whether what is stored may be a function or method of an SDK or an object that is called itself."""
    if isinstance(node, ast.Call):
        made = last_name(node.func) in catalogue.callables
        return made or any(_may_be_called(argument, catalogue) for argument in node.args[:1])
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name in catalogue.last_names
