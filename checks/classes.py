"""Classes of the project: what they derive from, and what they bind to a name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from callsafe.checks.module import Scope, decorated
from callsafe.checks.values import Class, Ref, Value, options
from callsafe.rules.sdks.model import Type

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver


def outside_type(resolver: Resolver, cls: Class) -> Type | None:
    """Return the catalogued type that a class of the project derives from."""
    for path in outside_bases(resolver, cls):
        types = resolver.catalogue.constructed(path)
        if types:
            return types[0]
    return None


def member_of_class(resolver: Resolver, cls: Class, name: str) -> Value | None:
    """Return what a class or the nearest of its project bases binds to a name."""
    for base in bases(resolver, cls):
        if name in base.scope.bindings:
            return resolver.bound(name, base.scope, None, base.scope.module, base.frame)
    return None


def bases(resolver: Resolver, cls: Class) -> list[Class]:
    """Return the class and its bases inside the project, nearest first."""
    found: list[Class] = []
    waiting = [cls]
    while waiting and len(found) < 20:
        current = waiting.pop(0)
        if any(current.scope is other.scope for other in found):
            continue
        found.append(current)
        node = current.scope.node
        for base in node.bases if isinstance(node, ast.ClassDef) else ():
            known = options(resolver.evaluate(base, current.scope.module, None))
            waiting.extend(option for option in known if isinstance(option, Class))
    return found


def outside_bases(resolver: Resolver, cls: Class) -> list[str]:
    """Return the dotted names of the bases outside the project; "?" for one that cannot be known."""
    found = []
    for base in bases(resolver, cls):
        node = base.scope.node
        for expression in node.bases if isinstance(node, ast.ClassDef) else ():
            for option in options(resolver.evaluate(expression, base.scope.module, None)):
                if isinstance(option, Ref):
                    found.append(option.path)
                elif not isinstance(option, Class):
                    found.append("?")
    return found


def enclosing_class(scope: Scope) -> Class | None:
    """Return the class whose method this scope is."""
    parent = scope.parent
    return Class(parent) if scope.is_function and parent is not None and parent.is_class else None


def is_static(node: ast.AST) -> bool:
    """Tell whether a function is a static method."""
    return decorated(node, frozenset({"staticmethod"}))


def is_classmethod(node: ast.AST) -> bool:
    """Tell whether a function is a class method."""
    return decorated(node, frozenset({"classmethod"}))
