"""Retries in the project: decorators, contexts and functions of retry libraries."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Any

from callsafe.checks.module import Module, dotted
from callsafe.checks.resolve import Resolver
from callsafe.checks.values import Arguments, Const, Later, Made, Ref, Sequence, Value, argument, options
from callsafe.rules.facts import UNKNOWN, Retry, Unset, Wait, Where
from callsafe.rules.model import Place
from callsafe.rules.sdks.model import Retrying

_TENACITY_WAITS = {
    "wait_none": Wait.NONE,
    "wait_fixed": Wait.CONSTANT,
    "wait_exponential": Wait.GROWING,
    "wait_random_exponential": Wait.GROWING,
    "wait_full_jitter": Wait.GROWING,
    "wait_exponential_jitter": Wait.GROWING,
    "wait_incrementing": Wait.GROWING,
    "wait_random": Wait.CONSTANT,
    "wait_chain": Wait.UNKNOWN,
    "wait_combine": Wait.UNKNOWN,
}
_NAMED = re.compile(r"retry|retries|backoff|with_attempts", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A retry and the exception classes on which it tries again, as values still to be named.

    `chooses` tells that something that is not read decides as well: a predicate, a function that gives up.
    """

    retry: Retry
    classes: tuple[Value, ...] = ()
    chooses: bool = False


def with_catches(retry: Retry, catches: frozenset[str]) -> Retry:
    """Return the retry with the roles of errors on which it tries again."""
    return replace(retry, catches=catches)


def of_method(place: Place, retrying: Retrying, attempts: Any) -> Retry:
    """Return the retry that a method of a model object wraps around it (`llm.with_retry()`)."""
    number = attempts if isinstance(attempts, int) else UNKNOWN
    return Retry(place, Where.DECORATOR, "with_retry", number, Wait(retrying.wait), broad=True)


def of_decorator(
    resolver: Resolver, module: Module, node: ast.expr, value: Value, *, is_async: bool
) -> Found | None:
    """Return the retry that a decorator is, if it is one."""
    for option in options(value):
        path, arguments = _made(option)
        found = _library(
            resolver, module.source.place(node), path, arguments, Where.DECORATOR, is_async=is_async
        )
        if found is not None:
            return found
    called = node.func if isinstance(node, ast.Call) else node
    name = dotted(called)
    last = name.rpartition(".")[2]
    outside = any(isinstance(option, Made | Ref) or type(option) is Value for option in options(value))
    if outside and _NAMED.search(last):
        return Found(
            Retry(module.source.place(node), Where.DECORATOR, last, UNKNOWN, Wait.UNKNOWN, broad=False)
        )
    if last in {"task", "shared_task"} and isinstance(node, ast.Call):
        return _celery(resolver, module, node)
    return None


def _celery(resolver: Resolver, module: Module, node: ast.Call) -> Found | None:
    keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if "autoretry_for" not in keywords:
        return None
    attempts = resolver.constant(keywords["max_retries"], module, None) if "max_retries" in keywords else 3
    grows = "retry_backoff" in keywords
    wait = Wait.GROWING if grows else Wait.CONSTANT
    number = attempts + 1 if isinstance(attempts, int) else None
    classes = resolver.evaluate(keywords["autoretry_for"], module, None)
    items = classes.items if isinstance(classes, Sequence) else ()
    place = module.source.place(node)
    return Found(Retry(place, Where.DECORATOR, "celery", number, wait, broad=_broad(items)), tuple(items))


def of_context(
    resolver: Resolver, module: Module, node: ast.expr, value: Value, where: Where
) -> Retry | None:
    """Return the retry that a `with` statement is: `with attempt:` of tenacity or stamina."""
    place = module.source.place(node)
    for option in options(value):
        path, arguments = _made(option)
        found = _library(resolver, place, path, arguments, where, is_async=False)
        if found is not None:
            return found.retry
    if isinstance(node, ast.Name):
        for parent, name in module.ancestors(node):
            if isinstance(parent, ast.For | ast.AsyncFor) and name == "body":
                iterated = resolver.evaluate(parent.iter, module, None)
                for option in options(iterated):
                    path, arguments = _made(option)
                    found = _library(resolver, place, path, arguments, where, is_async=False)
                    if found is not None:
                        return found.retry
    return None


def of_function(resolver: Resolver, module: Module, call: ast.Call) -> Retry | None:
    """Return the retry that a call makes of the function it is handed (`retry_call(f)`, `Retrying(…)(f)`)."""
    value = resolver.evaluate(call.func, module, None)
    place = module.source.place(call)
    for option in options(value):
        path, arguments = _made(option)
        found = _library(resolver, place, path, arguments, Where.CALLER, is_async=False)
        if found is not None:
            return found.retry
    name = dotted(call.func) or (dotted(call.func.func) if isinstance(call.func, ast.Call) else "")
    if _NAMED.search(name.rpartition(".")[2]):
        return Retry(place, Where.CALLER, name.rpartition(".")[2], UNKNOWN, Wait.UNKNOWN)
    return None


def _made(value: Value) -> tuple[str, Arguments]:
    if isinstance(value, Made):
        return value.path, value.arguments
    if isinstance(value, Ref):
        return value.path, Arguments()
    return "", Arguments()


def _library(
    resolver: Resolver, place: Place, path: str, arguments: Arguments, where: Where, *, is_async: bool
) -> Found | None:
    root, _, last = path.partition(".")[0], "", path.rpartition(".")[2]
    if root == "tenacity" and last in {"retry", "Retrying", "AsyncRetrying", "retry_unless_exception_type"}:
        return _tenacity(resolver, place, arguments, where)
    if root == "backoff" and last in {"on_exception", "on_predicate"}:
        return _backoff(resolver, place, arguments, where)
    if root == "stamina" and last in {"retry", "retry_context"}:
        attempts = _number(resolver, arguments, "attempts", 10)
        classes = _classes(resolver, arguments, "on")
        return Found(Retry(place, where, "stamina", attempts, Wait.GROWING, broad=_broad(classes)), classes)
    if root == "retrying" and last == "retry":
        return _retrying(resolver, place, arguments, where, works=not is_async)
    if root == "retry" and last in {"retry", "retry_call"}:
        return _retry(resolver, place, arguments, where, works=not is_async)
    if root in {"aioretry", "async_retrying", "retry_async", "opnieuw", "riprova", "redo", "failsafe"}:
        return Found(Retry(place, where, root, UNKNOWN, Wait.UNKNOWN))
    return None


def _tenacity(resolver: Resolver, place: Place, arguments: Arguments, where: Where) -> Found:
    attempts: int | Unset | None = None
    stop = arguments.keywords.get("stop")
    if stop is not None:
        attempts = UNKNOWN
        for option in options(resolver.force(stop)):
            path, given = _made(option)
            if path.endswith("stop_after_attempt"):
                attempts = _number(resolver, given, "max_attempt_number", UNKNOWN, position=0)
    elif arguments.open:
        attempts = UNKNOWN
    wait = Wait.UNKNOWN if arguments.open else Wait.NONE
    given_wait = arguments.keywords.get("wait")
    if given_wait is not None:
        wait = _tenacity_wait(resolver, given_wait)
    classes: tuple[Value, ...] = ()
    broad = not arguments.open
    chooses = False
    retry = arguments.keywords.get("retry")
    if retry is not None:
        broad = False
        for path, inner in _predicates(resolver, retry):
            if path.endswith("retry_if_exception_type"):
                named = _classes(resolver, inner, "exception_types", position=0)
                classes += named
                broad = broad or _broad(named) or not named
            else:
                chooses = True
    return Found(Retry(place, where, "tenacity", attempts, wait, broad=broad), classes, chooses)


def _predicates(resolver: Resolver, given: Later | Value) -> list[tuple[str, Arguments]]:
    """Return the calls of which `retry=a(…) | b(…)` is made; an empty path for what is not known."""
    if isinstance(given, Later) and isinstance(given.node, ast.BinOp):
        sides = [Later(side, given.module, given.frame) for side in (given.node.left, given.node.right)]
        return [found for side in sides for found in _predicates(resolver, side)]
    return [_made(option) for option in options(resolver.force(given))]


def _tenacity_wait(resolver: Resolver, given: Later | Value) -> Wait:
    if isinstance(given, Later) and isinstance(given.node, ast.BinOp):
        sides = [Later(side, given.module, given.frame) for side in (given.node.left, given.node.right)]
        waits = {_tenacity_wait(resolver, side) for side in sides}
        return (
            Wait.GROWING
            if Wait.GROWING in waits
            else Wait.UNKNOWN
            if Wait.UNKNOWN in waits
            else Wait.CONSTANT
        )
    found = Wait.UNKNOWN
    for option in options(resolver.force(given)):
        path, _ = _made(option)
        found = _TENACITY_WAITS.get(path.rpartition(".")[2], Wait.UNKNOWN)
    return found


def _backoff(resolver: Resolver, place: Place, arguments: Arguments, where: Where) -> Found:
    attempts = _number(resolver, arguments, "max_tries", None)
    if attempts is None and ("max_time" in arguments.keywords or arguments.open):
        attempts = UNKNOWN
    wait = Wait.UNKNOWN
    generator = argument(arguments, "wait_gen", ("wait_gen",))
    if generator is not None:
        path, _ = _made(resolver.force(generator))
        last = path.rpartition(".")[2]
        wait = {"expo": Wait.GROWING, "fibo": Wait.GROWING, "constant": Wait.CONSTANT}.get(last, Wait.UNKNOWN)
    classes = _classes(resolver, arguments, "exception", position=1)
    chooses = "giveup" in arguments.keywords
    broad = _broad(classes) and not chooses
    return Found(Retry(place, where, "backoff", attempts, wait, broad=broad), classes, chooses)


def _retrying(resolver: Resolver, place: Place, arguments: Arguments, where: Where, *, works: bool) -> Found:
    attempts = _number(resolver, arguments, "stop_max_attempt_number", None)
    if attempts is None and "stop_max_delay" in arguments.keywords:
        attempts = UNKNOWN
    keys = arguments.keywords.keys()
    wait = Wait.NONE
    if any(key.startswith("wait_exponential") for key in keys) or any(
        key.startswith("wait_incrementing") for key in keys
    ):
        wait = Wait.GROWING
    elif any(key.startswith("wait") for key in keys):
        wait = Wait.CONSTANT
    broad = "retry_on_exception" not in arguments.keywords
    return Found(Retry(place, where, "retrying", attempts, wait, broad=broad, effective=works))


def _retry(resolver: Resolver, place: Place, arguments: Arguments, where: Where, *, works: bool) -> Found:
    attempts = _number(resolver, arguments, "tries", None)
    if isinstance(attempts, int) and attempts < 0:
        attempts = None
    factor = _number(resolver, arguments, "backoff", 1)
    delay = _number(resolver, arguments, "delay", 0)
    wait = Wait.NONE if delay == 0 else Wait.CONSTANT if factor == 1 else Wait.GROWING
    classes = _classes(resolver, arguments, "exceptions", position=0)
    broad = _broad(classes) or not classes
    return Found(Retry(place, where, "retry", attempts, wait, broad=broad, effective=works), classes)


def _number(
    resolver: Resolver, arguments: Arguments, name: str, default: Any, *, position: int | None = None
) -> Any:
    given = arguments.keywords.get(name)
    if given is None and position is not None and len(arguments.positional) > position:
        given = arguments.positional[position]
    if given is None:
        return default
    value = resolver.force(given)
    if isinstance(value, Const) and (value.value is None or isinstance(value.value, int | float)):
        return default if value.value is None else value.value
    return UNKNOWN


def _classes(
    resolver: Resolver, arguments: Arguments, name: str, *, position: int | None = None
) -> tuple[Value, ...]:
    given = arguments.keywords.get(name)
    if given is None and position is not None and len(arguments.positional) > position:
        given = arguments.positional[position]
    if given is None:
        return ()
    value = resolver.force(given)
    return value.items if isinstance(value, Sequence) else (value,)


def _broad(classes: tuple[Value, ...]) -> bool:
    return any(isinstance(value, Ref) and value.path in {"Exception", "BaseException"} for value in classes)
