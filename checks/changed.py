"""What an object is after the changes that code makes to it: items stored, attributes set, lists grown."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from callsafe.checks.module import Binding, Module, Scope, Store
from callsafe.checks.reaching import changes
from callsafe.checks.values import (
    ABSENT,
    UNKNOWN_VALUE,
    Absent,
    Arguments,
    Frame,
    Items,
    Later,
    Made,
    Object,
    Sequence,
    Value,
    choice,
    options,
    overridden,
)

if TYPE_CHECKING:
    from callsafe.checks.resolve import Resolver

MOST_CHANGES = 100
"""Changes of one object that are followed; after more of them nothing is known of it."""


def after(
    resolver: Resolver,
    value: Value,
    scope: Scope,
    name: str,
    bindings: list[Binding],
    use: ast.AST | None,
    module: Module,
    frame: Frame | None,
) -> Value:
    """Return what an object is after the changes between its bindings and a use."""
    if name not in scope.stores or not isinstance(value, Items | Made | Object | Sequence):
        return value
    attributes = isinstance(value, Made | Object)
    stores = list(islice(changes(scope, name, bindings, use, attributes=attributes), MOST_CHANGES + 1))
    if len(stores) > MOST_CHANGES:
        return Items({}, open=True) if isinstance(value, Items) else UNKNOWN_VALUE
    for store, certain in stores:
        value = _changed(resolver, value, store, certain, module, frame)
    return value


def _changed(
    resolver: Resolver, value: Value, store: Store, certain: bool, module: Module, frame: Frame | None
) -> Value:
    if isinstance(value, Items):
        return _changed_items(resolver, value, store, certain, module, frame)
    if store.kind == "attribute" and isinstance(store.key, str) and store.value is not None:
        given: Later | Value = Later(store.value, module, frame)
        if not certain:
            given = UNKNOWN_VALUE
        extra = Arguments(keywords={store.key: given})
        if isinstance(value, Made):
            keywords = {**value.arguments.keywords, store.key: given}
            merged = Arguments(value.arguments.positional, keywords, value.arguments.open)
            return Made(value.path, merged, value.node, value.module)
        if isinstance(value, Object):
            return overridden(value, extra, store.statement, module)
    if isinstance(value, Sequence) and store.kind != "attribute" and not store.inside:
        items = value.items
        if store.kind in {"append", "extend", "insert"} and isinstance(store.value, ast.Call):
            items = (
                *items,
                *(resolver.evaluate(argument, module, frame) for argument in store.value.args[-1:]),
            )
        return Sequence(items, open=True)
    return value


def _changed_inside(
    resolver: Resolver, value: Items, store: Store, certain: bool, module: Module, frame: Frame | None
) -> Items:
    """Return a dictionary after the change of one that stands in it."""
    key = resolver.constant(store.inside[0], module, frame)
    if key is None:
        return Items(value.items, open=True)
    deeper = replace(store, inside=store.inside[1:])
    inner = [
        _changed_items(resolver, option, deeper, certain, module, frame)
        if isinstance(option, Items)
        else option
        if isinstance(option, Sequence)
        else UNKNOWN_VALUE
        for option in options(value.items.get(key, UNKNOWN_VALUE))
    ]
    return Items({**value.items, key: choice(inner)}, value.open)


def _changed_items(
    resolver: Resolver, value: Items, store: Store, certain: bool, module: Module, frame: Frame | None
) -> Items:
    if store.inside:
        return _changed_inside(resolver, value, store, certain, module, frame)
    items = dict(value.items)
    is_open = value.open

    def put(key: Any, new: Value, *, keep: bool = False) -> None:
        old = items.get(key, ABSENT)
        if keep and not isinstance(old, Absent):
            return
        items[key] = new if certain else choice([old, new])

    if store.kind == "item":
        key = resolver.constant(store.key, module, frame)
        if key is None:
            is_open = True
        else:
            put(
                key,
                resolver.evaluate(store.value, module, frame) if store.value is not None else UNKNOWN_VALUE,
            )
    elif store.kind == "delete":
        key = resolver.constant(store.key, module, frame)
        if key is None:
            is_open = True
        else:
            put(key, ABSENT)
    elif store.kind == "update" or store.kind in {"pop", "setdefault"}:
        call = store.value
        if store.kind == "update":
            if _update(resolver, put, call, module, frame):  # what is not in sight may replace each of them
                items = {key: choice([item, UNKNOWN_VALUE]) for key, item in items.items()}
                is_open = True
        elif isinstance(call, ast.Call) and call.args:
            key = resolver.constant(call.args[0], module, frame)
            if key is None:
                is_open = True
            elif store.kind == "pop":
                put(key, ABSENT)
            elif len(call.args) > 1:
                new = resolver.evaluate(call.args[1], module, frame)
                put(key, choice([UNKNOWN_VALUE, new]) if is_open else new, keep=True)
    elif store.kind == "clear":
        items, is_open = {}, not certain
    elif store.kind == "escape":
        is_open = True
    return Items(items, is_open)


def _update(
    resolver: Resolver, put: Callable[..., None], call: ast.expr | None, module: Module, frame: Frame | None
) -> bool:
    is_open = False
    sources: list[ast.expr] = []
    if isinstance(call, ast.Call):
        sources = list(call.args)
        for keyword in call.keywords:
            if keyword.arg:
                put(keyword.arg, resolver.evaluate(keyword.value, module, frame))
            else:
                sources.append(keyword.value)
    elif isinstance(call, ast.expr):
        sources = [call]
    for source in sources:
        value = resolver.evaluate(source, module, frame)
        if isinstance(value, Items):
            for key, item in value.items.items():
                put(key, item)
            is_open = is_open or value.open
        else:
            is_open = True
    return is_open
