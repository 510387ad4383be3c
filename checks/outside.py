"""What calls of things outside the project return: SDK clients, their methods, and the standard library's."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from callsafe.checks.annotations import annotated
from callsafe.checks.module import Module, Scope
from callsafe.checks.values import (
    ABSENT,
    UNKNOWN_VALUE,
    Answer,
    Arguments,
    Class,
    Const,
    Environment,
    Instance,
    Items,
    Joined,
    Later,
    Made,
    Member,
    Object,
    Partial,
    Ref,
    Sequence,
    Value,
    argument,
    choice,
    is_none,
    options,
    overridden,
)
from callsafe.rules.sdks.model import Type

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver

TRANSPARENT = frozenset(
    {
        "json.dumps", "orjson.dumps", "ujson.dumps", "copy.copy", "copy.deepcopy", "contextlib.closing",
        "contextlib.aclosing", "contextlib.nullcontext", "anyio.fail_after", "asyncio.shield", "str",
        "langsmith.wrappers.wrap_openai", "langsmith.wrappers.wrap_anthropic", "weave.op", "braintrust.wrap_openai",
        "opik.integrations.openai.track_openai", "helicone.openai_proxy", "asyncio.ensure_future",
        "asyncio.create_task", "fastapi.Depends", "fastapi.params.Depends", "dataclasses.replace",
        "callsafe.redaction.protect", "callsafe.redaction.protect.protect", "patronus.wrap", "pydantic.SecretStr",
    }
)  # fmt: skip
"""Outside callables that return, for our purposes, their first argument."""
_CASTS = frozenset({"typing.cast", "typing_extensions.cast"})
_DYNAMIC_IMPORTS = frozenset({"__import__", "importlib.import_module"})
_ENTERED = frozenset({"enter_context", "enter_async_context"})


def call_outside(resolver: Resolver, path: str, arguments: Arguments, node: ast.AST, module: Module) -> Value:
    """Return what calling a dotted name outside the project returns."""
    if path in TRANSPARENT and arguments.positional:
        return resolver.force(arguments.positional[0])
    if path in TRANSPARENT and path.endswith("Depends") and "dependency" in arguments.keywords:
        return resolver.force(arguments.keywords["dependency"])
    if path in _CASTS and len(arguments.positional) > 1:
        value = resolver.force(arguments.positional[1])
        given = arguments.positional[0]
        typed = annotated(resolver, given.node, given.module) if isinstance(given, Later) else UNKNOWN_VALUE
        return value if isinstance(value, Object | Instance) or type(typed) is Value else typed
    if path in {"functools.partial", "functools.partialmethod"} and arguments.positional:
        rest = Arguments(
            arguments.positional[1:], arguments.keywords, arguments.open, arguments.open_positional
        )
        return Partial(resolver.force(arguments.positional[0]), rest)
    if path in _DYNAMIC_IMPORTS and arguments.positional:
        name = resolver.force(arguments.positional[0])
        if isinstance(name, Const) and isinstance(name.value, str) and not name.value.startswith("."):
            wanted = name.value if path != "__import__" else name.value.partition(".")[0]
            return resolver.imported(resolver.imports.named(module, wanted))
    if path == "dict":
        return _made_dict(resolver, arguments)
    if path in {"list", "tuple", "set", "sorted"} and len(arguments.positional) == 1:
        return resolver.force(arguments.positional[0])
    if path == "enumerate" and arguments.positional:
        value = resolver.force(arguments.positional[0])
        if isinstance(value, Sequence):
            return Sequence(tuple(Sequence((UNKNOWN_VALUE, item)) for item in value.items), value.open)
    if path == "zip" and not arguments.open_positional:
        values = [resolver.force(given) for given in arguments.positional]
        return Sequence((Sequence(tuple(element(value) for value in values)),), open=True)
    if path == "getattr" and len(arguments.positional) >= 2:
        name = resolver.force(arguments.positional[1])
        base = resolver.force(arguments.positional[0])
        if isinstance(name, Const) and isinstance(name.value, str):
            return resolver.attribute(base, name.value) or UNKNOWN_VALUE
        return UNKNOWN_VALUE
    if path == "super":
        return _super(resolver, arguments, node, module)
    if path in {"os.getenv", "os.environ.get", "os.environ.setdefault"} and arguments.positional:
        return _environment(resolver, arguments)
    types = [kind for kind in resolver.catalogue.constructed(path) if _fits(resolver, kind, arguments)]
    if types:
        kind = types[0]
        return Object(kind, arguments, node, module, maker=_wrapped(resolver, kind, arguments))
    operations = resolver.catalogue.function_operations(path)
    if isinstance(node, ast.Call) and operations and not operations[0].host_argument:
        return Answer(operations[0], node)
    maker = resolver.catalogue.makers.get(path)
    if maker is not None and _fits(resolver, maker, arguments):
        return Object(maker, arguments, node, module, maker=_wrapped(resolver, maker, arguments))
    return Made(path, arguments, node, module)


def element(value: Value) -> Value:
    """Return what an item of something that is gone through is."""
    if isinstance(value, Sequence) and value.items:
        return choice(list(value.items))
    return value if isinstance(value, Made) and value.path.endswith("Retrying") else UNKNOWN_VALUE


def _super(resolver: Resolver, arguments: Arguments, node: ast.AST, module: Module) -> Value:
    """Return what `super()` is: an instance of the project's bases, an object or the class of an SDK."""
    scope: Scope | None = module.scope_of(node)
    while scope is not None and not scope.is_class:
        scope = scope.parent
    given = resolver.force(arguments.positional[0]) if arguments.positional else None
    cls = given if isinstance(given, Class) else Class(scope) if scope is not None else None
    values: list[Value] = []
    for base in getattr(cls.scope.node, "bases", ()) if cls is not None else ():
        for option in options(resolver.evaluate(base, cls.scope.module, None)) if cls is not None else ():
            if isinstance(option, Class):
                values.append(Instance(option, None))
            elif isinstance(option, Ref):
                types = resolver.catalogue.constructed(option.path)
                if not types:
                    values.append(option)
                elif not types[0].abstract:
                    values.append(Object(types[0], None, node, module))
    return choice(values) if values else UNKNOWN_VALUE


def _environment(resolver: Resolver, arguments: Arguments) -> Value:
    name = resolver.force(arguments.positional[0])
    written = str(name.value) if isinstance(name, Const) else ""
    default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default")
    values: list[Value] = [Environment(written)]
    if default is not None and not is_none(given := resolver.force(default)):
        values.append(given)
    return choice(values)


def _made_dict(resolver: Resolver, arguments: Arguments) -> Value:
    items: dict[Any, Value] = {}
    is_open = arguments.open
    for given in arguments.positional:
        value = resolver.force(given)
        if isinstance(value, Items):
            items.update(value.items)
            is_open = is_open or value.open
        else:
            is_open = True
    items.update({key: resolver.force(value) for key, value in arguments.keywords.items()})
    return Items(items, is_open)


def _fits(resolver: Resolver, kind: Type, arguments: Arguments) -> bool:
    for name, wanted in kind.when.items():
        given = argument(arguments, name, kind.positions)
        value = resolver.force(given) if given is not None else ABSENT
        if not any(isinstance(option, Const) and option.value == wanted for option in options(value)):
            return False
    return True


def _wrapped(resolver: Resolver, kind: Type, arguments: Arguments) -> Object | None:
    if not kind.wraps:
        return None
    given = argument(arguments, kind.wraps, kind.positions)
    for option in options(resolver.force(given)) if given is not None else ():
        if isinstance(option, Object):
            return option
    return None


def call_member(
    resolver: Resolver, callee: Member, arguments: Arguments, node: ast.AST, module: Module
) -> Value:
    """Return what calling an attribute of something returns."""
    base = callee.base
    written = ".".join(callee.path)
    if not isinstance(base, Object):
        told = resolver.catalogue.telling.get(callee.path[-1])
        if told is not None:
            return Object(told, None, node, module)
        if written in _ENTERED and arguments.positional:
            return resolver.force(arguments.positional[0])
        if written == "format" and isinstance(base, Const | Joined):
            return Joined((base, UNKNOWN_VALUE))
        if written in {"copy", "strip", "lower", "upper", "encode", "decode", "get_secret_value"}:
            return base
        if written == "get" and isinstance(base, Items) and arguments.positional:
            key = resolver.force(arguments.positional[0])
            if isinstance(key, Const):
                return base.items.get(key.value, UNKNOWN_VALUE if base.open else ABSENT)
            return choice([*base.items.values(), UNKNOWN_VALUE])
        if written == "values" and isinstance(base, Items):
            return Sequence(tuple(base.items.values()), base.open)
        if written == "items" and isinstance(base, Items):
            pairs = (Sequence((Const(key), value)) for key, value in base.items.items())
            return Sequence(tuple(pairs), base.open)
        return UNKNOWN_VALUE
    operations = resolver.catalogue.method_operations(base.type.name, written)
    maker = resolver.catalogue.makers.get(f"{base.type.name}.{written}")
    if maker is not None:
        return Object(maker, arguments, node, module, maker=base, retrying=base.retrying)
    if operations and isinstance(node, ast.Call):
        return Answer(operations[0], node)
    if written in base.type.options:
        return overridden(base, arguments, node, module)
    if written in base.type.same or written in {
        "__enter__",
        "__aenter__",
        "pipe",
    }:  # `a.pipe(b)` is `a | b`
        return base
    retrying = base.type.retrying.get(written)
    if retrying is not None:
        added = (*base.retrying, (retrying, arguments, node, module))
        return Object(base.type, base.arguments, base.node, base.module, base.overrides, base.maker, added)
    return UNKNOWN_VALUE
