"""What an attribute of an instance is: set on self, bound in a class, a field, or one of an SDK's class below."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from callsafe.checks.annotations import annotated
from callsafe.checks.arguments import frame_of
from callsafe.checks.classes import bases, member_of_class, outside_bases, outside_type
from callsafe.checks.module import Scope, decorated, dotted
from callsafe.checks.values import (
    NO_ARGUMENTS,
    UNKNOWN_VALUE,
    Arguments,
    Class,
    Const,
    Frame,
    Function,
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

_DATA_CLASSES = frozenset({"dataclass", "define", "attrs", "s", "frozen", "mutable"})
_MODELS = frozenset(
    {"BaseModel", "BaseSettings", "NamedTuple", "Struct", "SQLModel", "RootModel", "TypedDict"}
)


def instance_attribute(resolver: Resolver, base: Instance, name: str) -> Value | None:
    """Return what an attribute of an instance is; nothing where it is known not to exist."""
    values: list[Value] = []
    for cls in bases(resolver, base.cls):
        scope = cls.scope
        for binding in scope.bindings.get(f"self.{name}", ()):
            if binding.value is None:
                continue
            holder = scope.module.scope_of(binding.statement)
            frame = _method_frame(resolver, holder, base)
            if binding.kind == "declare":
                values.append(annotated(resolver, binding.value, scope.module))
            elif binding.kind in {"assign", "with"}:
                values.append(resolver.evaluate(binding.value, scope.module, frame))
            else:
                values.append(UNKNOWN_VALUE)
        if values:
            break
        if name in scope.bindings:
            return _class_attribute(resolver, base, cls, name)
    if values:
        known = [value for value in values if not is_none(value) and not _is_plain(value)]
        return choice(known or values)
    if base.arguments is not None and name in base.arguments.keywords:
        return resolver.force(base.arguments.keywords[name])
    kind = outside_type(resolver, base.cls)
    if kind is not None and not kind.abstract:
        return resolver.object_attribute(Object(kind, None, base.node), (name,))
    fallback = member_of_class(resolver, base.cls, "__getattr__")
    if isinstance(fallback, Function) and not name.startswith("__"):
        bound = Function(fallback.scope, fallback.frame, base)
        found = resolver.called(bound, Arguments((Const(name),)))
        if any(isinstance(option, Ref | Object | Member) for option in options(found)):
            return found
    return Member(base, (name,))


def _class_attribute(resolver: Resolver, base: Instance, cls: Class, name: str) -> Value:
    scope = cls.scope
    if base.arguments is not None and name in base.arguments.keywords:
        return resolver.force(base.arguments.keywords[name])
    value = resolver.bound(name, scope, None, scope.module, cls.frame)
    plain = base.arguments is None and not isinstance(value, Function)
    if plain and (is_none(value) or _is_field(resolver, cls, name)):
        typed = [annotated(resolver, annotation, scope.module) for annotation in _annotations(scope, name)]
        known = [one for one in typed if isinstance(one, Object | Instance)]
        return known[0] if known else Member(base, (name,))
    if isinstance(value, Function):
        node = value.scope.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_property(node):
            bound = Function(value.scope, value.frame, base)
            return resolver.called(bound, NO_ARGUMENTS)
        return Function(value.scope, value.frame, base)
    if isinstance(value, Made) and value.path.rpartition(".")[2] in {"Field", "field", "PrivateAttr"}:
        default = value.arguments.keywords.get("default")
        factory = value.arguments.keywords.get("default_factory")
        if default is None and value.arguments.positional:
            default = value.arguments.positional[0]
        if default is not None:
            return resolver.force(default)
        if factory is not None:
            return resolver.call_value(resolver.force(factory), NO_ARGUMENTS, value.node, value.module)
    return value


def _is_field(resolver: Resolver, cls: Class, name: str) -> bool:
    """Tell whether an object made out of sight may have another value for this attribute than its class.

    That is so for the annotated attributes of data classes, pydantic models and their like.
    """
    if not _annotations(cls.scope, name):
        return False
    if any(decorated(base.scope.node, _DATA_CLASSES) for base in bases(resolver, cls)):
        return True
    return any(path.rpartition(".")[2] in _MODELS for path in outside_bases(resolver, cls))


def _method_frame(resolver: Resolver, scope: Scope, instance: Instance) -> Frame | None:
    """Return the frame of `__init__` for a known construction; other methods run with unknown arguments."""
    node = scope.node
    if instance.arguments is None or getattr(node, "name", "") not in {"__init__", "__new__"}:
        return None
    return frame_of(resolver, Function(scope, None, instance), instance.arguments)


def _annotations(scope: Scope, name: str) -> list[ast.AST]:
    """Return what the annotated statements of a class body say that the attribute is."""
    statements = (binding.statement for binding in scope.bindings.get(name, ()))
    return [
        node.annotation
        for node in statements
        if isinstance(node, ast.AnnAssign) and not _is_class_variable(node)
    ]


def _is_class_variable(node: ast.AnnAssign) -> bool:
    annotation = node.annotation.value if isinstance(node.annotation, ast.Subscript) else node.annotation
    return dotted(annotation).rpartition(".")[2] in {"ClassVar", "Final"}


def _is_property(node: ast.AST) -> bool:
    return decorated(node, frozenset({"property", "cached_property"}))


def _is_plain(value: Value) -> bool:
    return type(value) is Value
