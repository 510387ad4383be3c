"""Whether a graph of functions calls a model at all: one of plain functions computes, and asks nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from callsafe.checks.module import Scope
from callsafe.checks.values import Function, Made, Object, Value, options

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver

DEEP = 4
"""Functions within functions that are looked into; what lies deeper may call a model."""


def only_computes(resolver: Resolver, graph: Object, deep: int = 0) -> bool:
    """Tell whether every part of a graph is a function of the project in which nothing can be a model call.

    A graph whose parts are not seen, or not all of them, may call one.
    """
    builder = graph if graph.type.parts else graph.maker
    if builder is None or not builder.type.parts or builder.node is None:
        return False
    parts = list(_parts(resolver, builder))
    return bool(parts) and all(_plain(resolver, part, deep) for part in parts)


def _parts(resolver: Resolver, builder: Object) -> Iterator[Value]:
    for module, call in resolver.uses.sites_of(builder.type.parts):
        if not isinstance(call.func, ast.Attribute) or not call.args:
            continue
        receiver = resolver.evaluate(call.func.value, module, None)
        if any(isinstance(option, Object) and option.node is builder.node for option in options(receiver)):
            given = [keyword.value for keyword in call.keywords if keyword.arg in {"node", "action"}]
            yield resolver.evaluate((given or call.args[:2])[-1], module, None)


def _plain(resolver: Resolver, part: Value, deep: int) -> bool:
    if deep > DEEP:
        return False
    if isinstance(part, Object):
        return only_computes(resolver, part, deep + 1)
    if isinstance(
        part, Made
    ):  # a part that the library brings and that the catalogue does not say to ask a model
        return part.path.partition(".")[0] in resolver.catalogue.roots
    return isinstance(part, Function) and _quiet(resolver, part.scope, deep)


def _quiet(resolver: Resolver, scope: Scope, deep: int) -> bool:
    names, module = resolver.catalogue.last_names, scope.module
    for node in ast.walk(scope.node):
        if isinstance(node, ast.Attribute) and node.attr in names:
            return False
        if not isinstance(node, ast.Call):
            continue
        for option in options(resolver.evaluate(node.func, module, None)):
            if isinstance(option, Object) or (
                isinstance(option, Function)
                and option.scope is not scope
                and not _plain(resolver, option, deep + 1)
            ):
                return False
    return True
