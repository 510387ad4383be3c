"""What an annotation or a `# type:` comment says of a thing."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from callsafe.checks.module import Binding, Module, Scope, dotted
from callsafe.checks.values import (
    NO_ARGUMENTS,
    UNKNOWN_VALUE,
    Alias,
    Choice,
    Class,
    Const,
    Function,
    Instance,
    Items,
    Object,
    Ref,
    Sequence,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver


_COLLECTIONS = frozenset({"tuple", "Tuple", "list", "List", "Sequence", "Iterable", "Iterator"})
_TYPE_COMMENT = re.compile(r"#\s*type:\s*([A-Za-z_][\w.\[\], ]*?)\s*$")


def annotated(resolver: Resolver, annotation: ast.AST, module: Module) -> Value:
    """Return what a thing annotated like this is: an object of a catalogued type, an instance, or unknown."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return annotated(resolver, ast.parse(annotation.value, mode="eval").body, module)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return UNKNOWN_VALUE
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = [annotated(resolver, side, module) for side in (annotation.left, annotation.right)]
        return choice([side for side in sides if isinstance(side, Object | Instance)])
    if isinstance(annotation, ast.Subscript):
        outer = dotted(annotation.value).rpartition(".")[2]
        inner = annotation.slice
        if outer in {"Optional", "Final", "ClassVar"}:
            return annotated(resolver, inner, module)
        if outer == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
            for extra in inner.elts[1:]:
                if isinstance(extra, ast.Call) and extra.args:
                    provider = resolver.evaluate(extra.args[0], module, None)
                    if isinstance(provider, Function):
                        return resolver.called(provider, NO_ARGUMENTS)
            return annotated(resolver, inner.elts[0], module)
        if outer == "Union":
            members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            sides = [annotated(resolver, side, module) for side in members]
            return choice([side for side in sides if isinstance(side, Object | Instance)])
        if outer in _COLLECTIONS:
            return _collection(resolver, outer, inner, module)
        return annotated(resolver, annotation.value, module)
    if annotation not in module.parents:  # from a string: it stands nowhere in the tree
        name = dotted(annotation)
        return instance_of(resolver, _dotted(resolver, name, module)) if name else UNKNOWN_VALUE
    return instance_of(resolver, resolver.evaluate(annotation, module, None))


def _collection(resolver: Resolver, outer: str, inner: ast.expr, module: Module) -> Value:
    """Return what `tuple[A, B]` and `list[A]` are."""
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    several = outer.lower() != "tuple" or _is_ellipsis(parts[-1])
    typed = [annotated(resolver, part, module) for part in (parts[:1] if several else parts)]
    return Sequence(tuple(typed), open=several)


def instance_of(resolver: Resolver, value: Value) -> Value:
    """Return what is an instance of the type that a value is."""
    for option in options(value):
        if isinstance(option, Alias) and option.node not in resolver.aliases:
            resolver.aliases.add(option.node)  # one that names itself ends here
            try:
                return annotated(resolver, option.node, option.module)
            finally:
                resolver.aliases.remove(option.node)
        if isinstance(option, Ref):
            types = resolver.catalogue.constructed(option.path)
            if types:
                return Object(types[0], None)
        if isinstance(option, Class):
            return Instance(option, None)
    return UNKNOWN_VALUE


def _dotted(resolver: Resolver, name: str, module: Module) -> Value:
    first, *rest = name.split(".")
    value = resolver.lookup(module, first)
    for part in rest:
        value = resolver.attribute(value, part) or UNKNOWN_VALUE
    return value


def commented(resolver: Resolver, binding: Binding, value: Value, module: Module) -> Value | None:
    """Return what a `# type:` comment says of a name whose value is not known."""
    if isinstance(value, Object | Instance | Const | Items | Sequence | Choice):
        return None
    line = module.source.lines[getattr(binding.statement, "end_lineno", 1) - 1]
    comment = _TYPE_COMMENT.search(line) if "# type:" in line else None
    if comment is None:
        return None
    typed = annotated(resolver, ast.Constant(comment[1]), module)
    return typed if isinstance(typed, Object | Instance) else None


def returned(resolver: Resolver, scope: Scope) -> Value:
    """Return what a function says that it returns."""
    node = scope.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        return annotated(resolver, node.returns, scope.module)
    return UNKNOWN_VALUE


def _is_ellipsis(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
