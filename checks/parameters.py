"""What a parameter is where nobody has called yet."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from callsafe.checks.annotations import annotated
from callsafe.checks.arguments import default_of
from callsafe.checks.classes import enclosing_class, is_classmethod, is_static, outside_type
from callsafe.checks.module import Binding, Module, Scope
from callsafe.checks.values import (
    ABSENT,
    NO_ARGUMENTS,
    UNKNOWN_VALUE,
    Frame,
    Function,
    Instance,
    Items,
    Object,
    Parameter,
    Sequence,
    Value,
    choice,
    is_none,
    options,
)

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver


def parameter(
    resolver: Resolver, binding: Binding, scope: Scope, module: Module, frame: Frame | None
) -> Value:
    """Return what a parameter is: what the frame holds, else what its annotation, callers or default say."""
    current = frame
    while current is not None:
        if current.scope is scope:
            given = current.values.get(binding.name)
            return UNKNOWN_VALUE if given is None else resolver.force(given)
        current = current.outer
    resolver.touch(scope, binding.name)
    node = scope.node
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    arguments = node.args
    if arguments.kwarg is not None and arguments.kwarg.arg == binding.name:
        return Items({}, open=True)
    if arguments.vararg is not None and arguments.vararg.arg == binding.name:
        return Sequence((), open=True)
    cls = enclosing_class(scope)
    ordered = [*arguments.posonlyargs, *arguments.args]
    if cls is not None and ordered and ordered[0].arg == binding.name and not is_static(node):
        return cls if is_classmethod(node) else Instance(cls, None)
    default = default_of(node, binding.name)
    default_value = resolver.evaluate(default, module, None) if default is not None else ABSENT
    annotation = binding.value.annotation if isinstance(binding.value, ast.arg) else None
    typed = UNKNOWN_VALUE
    if isinstance(default_value, Function):  # Depends(get_client)
        return resolver.called(default_value, NO_ARGUMENTS)
    if annotation is not None:
        typed = annotated(resolver, annotation, module)
        if isinstance(typed, Object | Instance):
            return _from_callers(resolver, scope, binding.name, typed) or typed
    found = _from_callers(resolver, scope, binding.name, None)
    if found is not None:
        return found
    if isinstance(default_value, Object | Instance):
        return choice([default_value, UNKNOWN_VALUE])
    if (
        annotation is not None
        and isinstance(typed, Sequence)
        and any(isinstance(item, Object | Instance) for item in typed.items)
    ):
        return typed
    return resolver.checked(binding.name, scope) or Parameter(scope, binding.name, default_value)


def _from_callers(resolver: Resolver, scope: Scope, name: str, typed: Value | None) -> Value | None:
    """Return the object that all known callers hand over for a parameter, or nothing."""
    if resolver.deeper_than(3):
        return None
    found: list[Value] = []
    for _, _, frame in resolver.callers.of(scope):
        if frame is None:
            return None
        given = frame.values.get(name)
        if given is None:
            continue
        value = resolver.force(given)
        if any(isinstance(option, Object | Instance) for option in options(value)):
            found.append(value)
        elif typed is not None:
            return None
        elif not is_none(value):
            found.append(UNKNOWN_VALUE)
    values = [option for value in found for option in options(value)]
    known = [value for value in values if isinstance(value, Object | Instance)]
    if isinstance(typed, Object) and not any(_may_be(resolver, value) for value in known):
        return None  # what the project's own classes are handed over for is not what the annotation says
    return choice(found) if known else None


def _may_be(resolver: Resolver, value: Value) -> bool:
    """Tell whether a thing is an SDK's object, or an instance of a class that derives from one outside."""
    return isinstance(value, Object) or (
        isinstance(value, Instance) and outside_type(resolver, value.cls) is not None
    )
