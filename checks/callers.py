"""Who in the project calls a function, and with what."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from callsafe.checks.arguments import arguments_of, frame_of
from callsafe.checks.classes import bases, enclosing_class, member_of_class
from callsafe.checks.module import Module, Scope, last_name
from callsafe.checks.uses import Uses
from callsafe.checks.values import NO_ARGUMENTS, Class, Frame, Function, Instance, Value, options

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver


MOST_SITES = 3000
"""Calls of one name in a project that are looked at to learn who calls a function."""
MOST_CALLERS = 12
"""Call sites that are looked at to learn what a parameter is."""


class Callers:
    """The calls of the project's functions, found name by name when they are asked for."""

    def __init__(self, resolver: Resolver, uses: Uses) -> None:
        self._resolver = resolver
        self._uses = uses
        self._known: dict[Scope, list[tuple[Module, ast.Call, Frame | None]]] = {}
        self._targets: dict[str, dict[Scope, list[tuple[Module, ast.Call, Function]]]] = {}

    def of(self, scope: Scope) -> list[tuple[Module, ast.Call, Frame | None]]:
        """Return the calls in the project that are known to call this function, with the frame each one makes."""
        known = self._known.get(scope)
        if known is None:
            known = self._found(scope)
            self._known[scope] = known
        return known

    def _found(self, scope: Scope) -> list[tuple[Module, ast.Call, Frame | None]]:
        node = scope.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return []
        names = [node.name]
        if node.name == "__init__" and scope.parent is not None:
            names = [getattr(scope.parent.node, "name", ""), "cls"]
        if node.name == "__call__":
            names = self._instances_of(scope)
        names.extend(sorted(self._uses.renamed_to(names[0]) if names else ()))
        found: list[tuple[Module, ast.Call, Frame | None]] = []
        for name in names:
            for module, call, function in self._called_as(name).get(scope, ())[:MOST_CALLERS]:
                arguments = arguments_of(self._resolver, call, module, None)
                found.append((module, call, frame_of(self._resolver, function, arguments)))
        return found

    def _instances_of(self, method: Scope) -> list[str]:
        """Return the names that get what calling the class of a method makes (`ask = Assistant()`)."""
        made = self._uses.sites_of(getattr(method.parent.node if method.parent else None, "name", ""))
        parents = [
            (module.parents[call][0], call) for module, call in made[:MOST_SITES] if call in module.parents
        ]
        return sorted(
            {
                last_name(target)
                for parent, call in parents
                if isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is call
                for target in (parent.targets if isinstance(parent, ast.Assign) else [parent.target])
                if isinstance(target, ast.Name | ast.Attribute)
            }
        )

    def _called_as(self, name: str) -> dict[Scope, list[tuple[Module, ast.Call, Function]]]:
        """Return what the calls whose callee ends in this name call, by function: one pass for all functions."""
        known = self._targets.get(name)
        if known is not None:
            return known
        self._targets[name] = {}  # a question that comes back to its own name gets no answer
        targets: dict[Scope, list[tuple[Module, ast.Call, Function]]] = {}
        for module, call in self._uses.sites_of(name)[:MOST_SITES]:
            with self._resolver.afresh():
                callee = self._resolver.evaluate(call.func, module, None)
            for option in options(callee):
                function = self._function_of(option)
                if function is not None:
                    targets.setdefault(function.scope, []).append((module, call, function))
        self._targets[name] = targets
        return targets

    def overridden(self, scope: Scope) -> list[Scope]:
        """Return the methods of project bases that this method overrides: who calls those may call this one."""
        cls = enclosing_class(scope)
        name = getattr(scope.node, "name", "")
        if cls is None or name.startswith("__"):
            return []
        return [
            base.scope.module.scopes[binding.statement]
            for base in bases(self._resolver, cls)[1:]
            for binding in base.scope.bindings.get(name, ())
            if binding.kind == "def"
        ]

    def function_called(self, call: ast.Call, module: Module, frame: Frame | None) -> Function | None:
        """Return the project function that a call calls, where there is exactly one."""
        found = [
            self._function_of(option) for option in options(self._resolver.evaluate(call.func, module, frame))
        ]
        known = [function for function in found if function is not None]
        return known[0] if len(known) == 1 else None

    def _function_of(self, value: Value) -> Function | None:
        if isinstance(value, Function):
            return value
        if isinstance(value, Class):
            init = member_of_class(self._resolver, value, "__init__")
            if isinstance(init, Function):
                return Function(init.scope, init.frame, Instance(value, NO_ARGUMENTS))
        if isinstance(value, Instance):
            method = self._resolver.attribute(value, "__call__")
            return method if isinstance(method, Function) else None
        return None
