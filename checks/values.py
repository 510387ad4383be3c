"""What an expression can be known to be: the values that `checks.resolve` computes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callsafe.checks.module import Module, Scope
    from callsafe.rules.sdks.model import Operation, Retrying, Type


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """The base of all values; alone it is unknown."""


UNKNOWN_VALUE = Value()


@dataclass(frozen=True, slots=True, eq=False)
class Const(Value):
    """A constant, with the expression that wrote it."""

    value: Any
    node: ast.AST | None = None
    module: Module | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Joined(Value):
    """A text put together from parts of which some are not constant (f-string, `+`, `%`, `format`)."""

    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ref(Value):
    """Something outside the project, by its dotted name ("openai.OpenAI")."""

    path: str


@dataclass(frozen=True, slots=True, eq=False)
class Items(Value):
    """A dictionary with constant keys; `open` when it may hold keys that cannot be seen."""

    items: Mapping[Any, Value]
    open: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sequence(Value):
    """A list or tuple; `open` when it may hold more."""

    items: tuple[Value, ...]
    open: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Value):
    """One of several values, depending on the path taken."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Absent(Value):
    """No value on this path: a key that was dropped, an argument not given."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The parameters of one activation of a function; `outer` is that of the function around it."""

    scope: Scope
    values: Mapping[str, Later | Value]
    outer: Frame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """An expression that is evaluated when it is asked for."""

    node: ast.expr
    module: Module
    frame: Frame | None


@dataclass(frozen=True, slots=True, eq=False)
class Arguments:
    """What a call hands over. `open` when a `*x` or `**x` that cannot be seen may hold more."""

    positional: tuple[Later | Value, ...] = ()
    keywords: Mapping[str, Later | Value] = field(default_factory=dict)
    open: bool = False
    open_positional: bool = False


NO_ARGUMENTS = Arguments()


@dataclass(frozen=True, slots=True, eq=False)
class Made(Value):
    """What an unknown outside callable returned: its name, what it was given, where."""

    path: str
    arguments: Arguments
    node: ast.AST
    module: Module


@dataclass(frozen=True, slots=True, eq=False)
class Alias(Value):
    """A type that was given a name: `Client = Annotated[OpenAI, Depends(get_client)]`."""

    node: ast.Subscript
    module: Module


@dataclass(frozen=True, slots=True, eq=False)
class Object(Value):
    """A client, model object or chat of a catalogued type.

    `arguments` are its constructor's, none where it was made out of sight. `overrides` come from copying methods,
    the last one first. `maker` is the object it was made from or wraps. `retrying` are retries wrapped around it.
    """

    type: Type
    arguments: Arguments | None
    node: ast.AST | None = None
    module: Module | None = None
    overrides: tuple[tuple[Arguments, ast.AST, Module], ...] = ()
    maker: Object | None = None
    retrying: tuple[tuple[Retrying, Arguments, ast.AST, Module], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Member(Value):
    """An attribute path on an object, a reference or something unknown: `client` + `chat.completions.create`."""

    base: Value
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Function(Value):
    """A function of the project; `instance` where it is a method taken from one."""

    scope: Scope
    frame: Frame | None = None
    instance: Value | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class(Value):
    """A class of the project."""

    scope: Scope
    frame: Frame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Instance(Value):
    """An instance of a class of the project; `arguments` are none where it was made out of sight."""

    cls: Class
    arguments: Arguments | None
    node: ast.AST | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Package(Value):
    """A module of the project."""

    module: Module


@dataclass(frozen=True, slots=True, eq=False)
class Partial(Value):
    """`functools.partial` and its like: a callable with some arguments given."""

    target: Value
    arguments: Arguments


@dataclass(frozen=True, slots=True, eq=False)
class Answer(Value):
    """What a model call returned."""

    operation: Operation
    node: ast.Call


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Value):
    """A parameter whose callers are not known; `default` is its default, `ABSENT` where it has none."""

    scope: Scope
    name: str
    default: Value


@dataclass(frozen=True, slots=True, eq=False)
class Environment(Value):
    """What an environment variable holds."""

    name: str


MOST_OPTIONS = 8
MOST_OBJECTS = 40
"""A factory chooses between many classes of model objects: all of them are model calls."""


def options(value: Value) -> tuple[Value, ...]:
    """Return the possible values: those of a choice, flattened, or the value itself."""
    if not isinstance(value, Choice):
        return (value,)
    return tuple(inner for option in value.options for inner in options(option))


def choice(values: list[Value]) -> Value:
    """Return one value for several: itself when there is one, else a `Choice`; of too many nothing is known."""
    flat = list(dict.fromkeys(option for value in values for option in options(value)))
    if len(flat) > MOST_OPTIONS:
        flat = [
            option
            for option in flat
            if isinstance(option.base if isinstance(option, Member) else option, Object)
        ]
        if not 0 < len(flat) <= MOST_OBJECTS:
            return UNKNOWN_VALUE
        return Choice((*flat, UNKNOWN_VALUE))
    if not flat:
        return UNKNOWN_VALUE
    return flat[0] if len(flat) == 1 else Choice(tuple(flat))


def argument(arguments: Arguments, name: str, positions: tuple[str, ...]) -> Later | Value | None:
    """Return the argument of this name, given by keyword or at its position."""
    if name in arguments.keywords:
        return arguments.keywords[name]
    if name in positions:
        position = positions.index(name)
        if position < len(arguments.positional):
            return arguments.positional[position]
    return None


def is_same(value: Object, node: ast.AST) -> bool:
    """Tell whether a call is that of a method that returns its object unchanged (`llm.bind_tools(…)`)."""
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr in value.type.same


def overridden(base: Object, arguments: Arguments, node: ast.AST, module: Module) -> Object:
    """Return the copy of an object that a copying method or a store to an attribute makes."""
    overrides = (*base.overrides, (arguments, node, module))
    return Object(base.type, base.arguments, base.node, base.module, overrides, base.maker, base.retrying)


def is_none(value: Value) -> bool:
    """Tell whether a value is the constant `None`."""
    return isinstance(value, Const) and value.value is None
