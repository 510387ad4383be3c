"""What a call hands over, and the frame that it makes of the parameters of a function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from callsafe.checks.classes import enclosing_class, is_static
from callsafe.checks.module import Module
from callsafe.checks.values import (
    ABSENT,
    UNKNOWN_VALUE,
    Arguments,
    Frame,
    Function,
    Items,
    Later,
    Made,
    Sequence,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver


def arguments_of(resolver: Resolver, call: ast.Call, module: Module, frame: Frame | None) -> Arguments:
    """Return what a call hands over, with `*` and `**` of known values spread out."""
    positional: list[Later | Value] = []
    keywords: dict[str, Later | Value] = {}
    is_open = open_positional = False
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            value = resolver.evaluate(argument.value, module, frame)
            if isinstance(value, Sequence):
                positional.extend(value.items)
                open_positional = open_positional or value.open
            else:
                open_positional = True
        else:
            positional.append(Later(argument, module, frame))
    for keyword in call.keywords:
        if keyword.arg is not None:
            keywords[keyword.arg] = Later(keyword.value, module, frame)
            continue
        brought, spread_open = spread(resolver.evaluate(keyword.value, module, frame))
        keywords.update(brought)
        is_open = is_open or spread_open
    return Arguments(tuple(positional), keywords, is_open, open_positional)


def spread(value: Value) -> tuple[dict[str, Later | Value], bool]:
    """Return the keywords that `**value` brings, and whether there may be others."""
    possible = options(value)
    if all(isinstance(option, Items) for option in possible):
        dictionaries = [option for option in possible if isinstance(option, Items)]
        keys = {key for option in dictionaries for key in option.items if isinstance(key, str)}
        spread: dict[str, Later | Value] = {
            key: choice(
                [option.items.get(key, UNKNOWN_VALUE if option.open else ABSENT) for option in dictionaries]
            )
            for key in sorted(keys)
        }
        return spread, any(option.open for option in dictionaries)
    if isinstance(value, Made) and value.path == "dict":
        return dict(value.arguments.keywords), value.arguments.open
    return {}, True


def frame_of(resolver: Resolver, function: Function, arguments: Arguments) -> Frame:
    """Return the frame that a call of the function with these arguments makes."""
    node = function.scope.node
    values: dict[str, Later | Value] = {}
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return Frame(function.scope, values, function.frame)
    spec = node.args
    ordered = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    positional = list(arguments.positional)
    is_method = enclosing_class(function.scope) is not None
    if is_method and not is_static(node) and function.instance is not None and ordered:
        positional.insert(0, function.instance)
    values.update(zip(ordered, positional, strict=False))
    rest = dict(arguments.keywords)
    for name in (*ordered, *(argument.arg for argument in spec.kwonlyargs)):
        if name in rest and name not in values:
            values[name] = rest.pop(name)
        if name not in values:
            default = default_of(node, name)
            if arguments.open or (arguments.open_positional and name in ordered):
                values[name] = UNKNOWN_VALUE
            elif default is not None:
                values[name] = Later(default, function.scope.module, None)
    if spec.vararg is not None:
        extra = tuple(resolver.force(value) for value in positional[len(ordered) :])
        values[spec.vararg.arg] = Sequence(extra, arguments.open_positional)
    if spec.kwarg is not None:
        values[spec.kwarg.arg] = Items(
            {key: resolver.force(value) for key, value in rest.items()}, arguments.open
        )
    return Frame(function.scope, values, function.frame)


def default_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> ast.expr | None:
    """Return the default of a parameter."""
    spec = node.args
    ordered = [*spec.posonlyargs, *spec.args]
    for argument_node, default in zip(reversed(ordered), reversed(spec.defaults), strict=False):
        if argument_node.arg == name:
            return default
    for argument_node, keyword_default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if argument_node.arg == name:
            return keyword_default
    return None
