"""What literals, operators and subscripts are, from what their parts are."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from callsafe.checks import kept
from callsafe.checks.arguments import spread
from callsafe.checks.module import Module, Scope, dotted
from callsafe.checks.values import (
    UNKNOWN_VALUE,
    Alias,
    Class,
    Const,
    Environment,
    Frame,
    Function,
    Instance,
    Items,
    Joined,
    Made,
    Member,
    Object,
    Parameter,
    Ref,
    Sequence,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def dictionary(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what a dictionary is."""
    assert isinstance(node, ast.Dict)
    items: dict[Any, Value] = {}
    is_open = False
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            inner = resolver.evaluate(value, module, frame)
            brought, spread_open = spread(inner)
            if (
                spread_open
            ):  # what stands before may be overridden, but not what is a parameter beside `**kwargs`
                own = _beside(value, module)
                items = {
                    name: given if name in own else choice([given, UNKNOWN_VALUE])
                    for name, given in items.items()
                }
            items.update({name: resolver.force(given) for name, given in brought.items()})
            is_open = is_open or spread_open
            continue
        name = resolver.constant(key, module, frame)
        if name is None:
            is_open = True
        else:
            items[name] = resolver.evaluate(value, module, frame)
    return Items(items, is_open)


def _beside(node: ast.expr, module: Module) -> set[str]:
    """Return the parameters of the function whose `**kwargs` this is: none of these can be in it."""
    scope: Scope | None = module.scope_of(node)
    while scope is not None:
        spec = getattr(scope.node, "args", None)
        if isinstance(spec, ast.arguments) and spec.kwarg is not None and spec.kwarg.arg == dotted(node):
            return {argument.arg for argument in (*spec.args, *spec.kwonlyargs)}
        scope = scope.parent
    return set()


def sequence(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what a list, tuple or set is."""
    assert isinstance(node, ast.List | ast.Tuple | ast.Set)
    items: list[Value] = []
    is_open = False
    for item in node.elts:
        if isinstance(item, ast.Starred):
            value = resolver.evaluate(item.value, module, frame)
            items.extend(value.items if isinstance(value, Sequence) else ())
            is_open = True
        else:
            items.append(resolver.evaluate(item, module, frame))
    return Sequence(tuple(items), is_open)


def conditional(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what `a if x else b` is."""
    assert isinstance(node, ast.IfExp)
    return choice([resolver.evaluate(side, module, frame) for side in (node.body, node.orelse)])


def boolean(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what `a or b` is: of alternatives those that can be left."""
    assert isinstance(node, ast.BoolOp)
    values = [resolver.evaluate(side, module, frame) for side in node.values]
    if isinstance(node.op, ast.Or):
        kept: list[Value] = []
        for value in values:
            if isinstance(value, Const) and not value.value:
                continue
            kept.append(value)
            if isinstance(value, Const | Object | Made):
                break
        objects = [value for value in kept if isinstance(value, Object)]
        if objects and all(isinstance(value, Object | Parameter) for value in kept):
            return choice([*objects, *([UNKNOWN_VALUE] if len(objects) < len(kept) else [])])
        return choice(kept or values[-1:])
    return values[-1]


def binary(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what `a + b`, `a | b` and their like are."""
    assert isinstance(node, ast.BinOp)
    left = resolver.evaluate(node.left, module, frame)
    right = resolver.evaluate(node.right, module, frame)
    if isinstance(node.op, ast.BitOr):
        if isinstance(left, Items) and isinstance(right, Items):
            return Items({**left.items, **right.items}, left.open or right.open)
        for side in (left, right):  # {"a": llm, "b": prompt | llm} | parser
            inside = side.items.values() if isinstance(side, Items) else ()
            models = [
                option
                for value in inside
                for option in options(value)
                if isinstance(option, Object) and not option.type.pipes
            ]
            if models and not any(
                isinstance(option, Object) for one in (left, right) for option in options(one)
            ):
                return choice(list(models))
        return _piped(resolver, left, right)
    if isinstance(left, Const) and isinstance(right, Const):
        numbers = isinstance(left.value, int | float) and isinstance(right.value, int | float)
        texts = isinstance(left.value, str) and isinstance(right.value, str) and isinstance(node.op, ast.Add)
        compute = _ARITHMETIC.get(type(node.op))
        if compute is not None and (numbers or texts):
            try:
                return Const(compute(left.value, right.value), node, module)
            except (ArithmeticError, ValueError):
                return UNKNOWN_VALUE
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        return Sequence((*left.items, *right.items), left.open or right.open)
    if isinstance(left, Sequence) or isinstance(right, Sequence):
        known = left if isinstance(left, Sequence) else right
        return Sequence(known.items if isinstance(known, Sequence) else (), open=True)
    if any(isinstance(side, Joined) or _is_text(side) for side in (left, right)):
        return Joined((left, right))
    return UNKNOWN_VALUE


def _piped(resolver: Resolver, left: Value, right: Value) -> Value:
    """Return what `prompt | llm | parser` is for us: the model; one of which nothing is known, where it is that."""
    objects = [option for side in (left, right) for option in options(side) if isinstance(option, Object)]
    models = [option for option in objects if not option.type.pipes]
    if models:
        others = [option for side in (left, right) if models[0] in options(side) for option in options(side)]
        return choice([models[0], UNKNOWN_VALUE]) if any(map(_is_open, others)) else models[0]
    for option in objects:
        kind = resolver.catalogue.type_named(option.type.pipes)
        if kind is not None and any(_is_open(other) for other in options(right)):
            return Object(kind, None, option.node, option.module)
        return option
    return UNKNOWN_VALUE


def _is_open(value: Value) -> bool:
    """Tell whether a value may be any object: nothing is known of it, or of what it is an attribute of."""
    base = value.base if isinstance(value, Member) else value
    return type(base) is Value or isinstance(base, Parameter | Instance)


def unary(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what `-a` is."""
    assert isinstance(node, ast.UnaryOp)
    value = resolver.evaluate(node.operand, module, frame)
    if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int | float):
        return Const(-value.value, node, module)
    return UNKNOWN_VALUE


def joined(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what an f-string is."""
    assert isinstance(node, ast.JoinedStr)
    parts = []
    for part in node.values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        parts.append(resolver.evaluate(inner, module, frame))
    if all(isinstance(part, Const) for part in parts):
        text = "".join(str(part.value) for part in parts if isinstance(part, Const))
        return Const(text, node, module)
    return Joined(tuple(parts))


def inner(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what `await a`, `*a` and `(name := a)` are."""
    assert isinstance(node, ast.Await | ast.Starred | ast.NamedExpr)
    return resolver.evaluate(node.value, module, frame)


def subscript(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what `a[b]` is."""
    assert isinstance(node, ast.Subscript)
    base = resolver.evaluate(node.value, module, frame)
    key = resolver.constant(node.slice, module, frame)
    if isinstance(key, str):
        held = kept.under(resolver, node.value, base, key, module, frame)
        if held is not None:
            return held
    values: list[Value] = []
    for option in options(base):
        if isinstance(option, Ref) and option.path == "os.environ" and isinstance(key, str):
            values.append(Environment(key))
        elif isinstance(option, Ref) and option.path.startswith(("typing.", "typing_extensions.")):
            values.append(Alias(node, module))
        elif isinstance(option, Sequence) and isinstance(node.slice, ast.Slice):
            values.append(Sequence(option.items, open=True))
        elif isinstance(option, Sequence) and key is None and option.items:
            values.append(choice([*option.items, *([UNKNOWN_VALUE] if option.open else [])]))
        elif isinstance(option, Items) and key is not None:
            values.append(option.items.get(key, UNKNOWN_VALUE))
        elif isinstance(option, Items) and option.items and not option.open:
            values.append(choice(list(option.items.values())))
        elif (
            isinstance(option, Sequence)
            and isinstance(key, int)
            and -len(option.items) <= key < len(option.items)
        ):
            values.append(option.items[key])
        elif isinstance(option, Class) or (
            isinstance(option, Ref) and resolver.catalogue.constructed(option.path)
        ):
            values.append(option)  # Agent[Dependencies, str]
        else:
            values.append(UNKNOWN_VALUE)
    return choice(values)


def comprehension(resolver: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what `[a for b in c]` is: a list of which every item is `a`."""
    assert isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp)
    return Sequence((resolver.evaluate(node.elt, module, frame),), open=True)


def function(_: Resolver, node: ast.AST, module: Module, frame: Frame | None) -> Value:
    """Return what a lambda is."""
    return Function(module.scopes[node], frame)


def constant(_: Resolver, node: ast.AST, module: Module, __: Frame | None) -> Value:
    """Return what a literal is."""
    assert isinstance(node, ast.Constant)
    return Const(node.value, node, module)


def _is_text(value: Value) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)
