"""Retries in the project: decorators, contexts and functions of retry libraries, and loops written by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from callsafe.checks.module import Module, dotted
from callsafe.checks.resolve import Resolver, argument
from callsafe.checks.values import Arguments, Const, Later, Made, Ref, Sequence, Value, options
from callsafe.rules.facts import UNKNOWN, Retry, Unset, Wait, Where
from callsafe.rules.model import Place
from callsafe.rules.sdks.model import Retrying

Catches = Callable[[Module, ast.ExceptHandler], tuple[frozenset[str], bool]]

_TENACITY = frozenset(
    {"tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying", "tenacity.AsyncRetrying.wraps"}
)
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
PERMANENT = frozenset({"auth", "permission", "bad_request", "not_found", "unprocessable"})
_LEAVING = (ast.Raise, ast.Return, ast.Break)
_SLEEPS = frozenset({"sleep", "wait", "async_sleep"})


@dataclass(frozen=True, slots=True)
class Found:
    """A retry and the exception classes on which it tries again, as values still to be named."""

    retry: Retry
    classes: tuple[Value, ...] = ()


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
        found = _library(resolver, module.source.place(node), path, arguments, Where.DECORATOR, is_async=is_async)
        if found is not None:
            return found
    called = node.func if isinstance(node, ast.Call) else node
    name = dotted(called)
    last = name.rpartition(".")[2]
    outside = any(isinstance(option, Made | Ref) or type(option) is Value for option in options(value))
    if outside and _NAMED.search(last):
        return Found(Retry(module.source.place(node), Where.DECORATOR, last, UNKNOWN, Wait.UNKNOWN, broad=False))
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


def of_context(resolver: Resolver, module: Module, node: ast.expr, value: Value, where: Where) -> Retry | None:
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
    attempts: int | None | Unset = None
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
    retry = arguments.keywords.get("retry")
    if retry is not None:
        broad = False
        for option in options(resolver.force(retry)):
            path, inner = _made(option)
            if path.endswith(("retry_if_exception_type", "retry_if_not_exception_type")):
                classes = _classes(resolver, inner, "exception_types", position=0)
                broad = (_broad(classes) or not classes) and path.endswith("retry_if_exception_type")
    return Found(Retry(place, where, "tenacity", attempts, wait, broad=broad), classes)


def _tenacity_wait(resolver: Resolver, given: Later | Value) -> Wait:
    if isinstance(given, Later) and isinstance(given.node, ast.BinOp):
        sides = [Later(side, given.module, given.frame) for side in (given.node.left, given.node.right)]
        waits = {_tenacity_wait(resolver, side) for side in sides}
        return Wait.GROWING if Wait.GROWING in waits else Wait.UNKNOWN if Wait.UNKNOWN in waits else Wait.CONSTANT
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
    return Found(Retry(place, where, "backoff", attempts, wait, broad=_broad(classes)), classes)


def _retrying(
    resolver: Resolver, place: Place, arguments: Arguments, where: Where, *, works: bool
) -> Found:
    attempts = _number(resolver, arguments, "stop_max_attempt_number", None)
    if attempts is None and "stop_max_delay" in arguments.keywords:
        attempts = UNKNOWN
    keys = arguments.keywords.keys()
    wait = Wait.NONE
    if any(key.startswith("wait_exponential") for key in keys):
        wait = Wait.GROWING
    elif any(key.startswith("wait_incrementing") for key in keys):
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


# -- loops written by hand ---------------------------------------------------------------------------------


def of_loop(
    resolver: Resolver,
    module: Module,
    loop: ast.For | ast.AsyncFor | ast.While,
    call: ast.AST,
    where: Where,
    catches: Catches,
) -> Retry | None:
    """Return the retry that a loop around try/except around the call is, if its handler goes round again."""
    tried = _try_between(module, loop, call)
    if tried is None or not _leaves_on_success(tried, loop):
        return None
    again = [handler for handler in tried.handlers if _goes_round(handler)]
    if not again:
        return None
    roles: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()
    broad = False
    for handler in tried.handlers:
        found, wide = catches(module, handler)
        if handler in again:
            chooses = _chooses(handler)
            roles |= (found - PERMANENT if chooses else found) - earlier
            broad = broad or (wide and not chooses and not earlier & PERMANENT)
        earlier |= found
    if not roles:
        return None
    attempts = _tries(resolver, module, loop, again)
    wait = _waits(resolver, module, loop, again)
    return Retry(module.source.place(loop), where, "loop", attempts, wait, roles, broad)


def _chooses(handler: ast.ExceptHandler) -> bool:
    """Tell whether the handler looks at the error to decide whether to go round again."""
    for inner in _own(handler.body, loops=True):
        if isinstance(inner, ast.If | ast.Match):
            test = inner.test if isinstance(inner, ast.If) else inner.subject
            looks = any(
                isinstance(node, ast.Name) and node.id == handler.name
                or isinstance(node, ast.Name) and "err" in node.id.lower()
                for node in ast.walk(test)
            )
            if looks and any(isinstance(node, _LEAVING) for node in ast.walk(inner)):
                return True
    return False


def _try_between(module: Module, loop: ast.AST, call: ast.AST) -> ast.Try | None:
    found = None
    for parent, name in module.ancestors(call):
        if parent is loop:
            return found
        if isinstance(parent, ast.Try) and name == "body":
            found = parent
        if isinstance(parent, ast.For | ast.AsyncFor | ast.While | ast.FunctionDef | ast.AsyncFunctionDef):
            return None
    return None


def _leaves_on_success(tried: ast.Try, loop: ast.AST) -> bool:
    """Tell whether success ends the loop; without that it is a loop over work, not over attempts."""
    if any(isinstance(inner, ast.Return | ast.Break) for inner in _own([*tried.body, *tried.orelse])):
        return True
    body: list[ast.stmt] = getattr(loop, "body", [])
    if tried in body:
        after = body[body.index(tried) + 1 :]
        return any(isinstance(statement, ast.Return | ast.Break) for statement in after)
    if isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant):
        names = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
        for statement in (*tried.body, *tried.orelse):
            if isinstance(statement, ast.Assign):
                if any(isinstance(target, ast.Name) and target.id in names for target in statement.targets):
                    return True
    return False


def _own(statements: list[ast.stmt], *, loops: bool = False) -> Iterator[ast.AST]:
    """Yield what belongs to these statements themselves: nothing of functions inside, no `break` of inner loops."""
    waiting: list[tuple[ast.AST, bool]] = [(statement, False) for statement in statements]
    while waiting:
        node, inner = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if not (inner and isinstance(node, ast.Break | ast.Continue)):
            yield node
        inner = inner or (not loops and isinstance(node, ast.For | ast.AsyncFor | ast.While))
        waiting.extend((child, inner) for child in ast.iter_child_nodes(node))


def _goes_round(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return not isinstance(last, ast.Raise | ast.Return | ast.Break)


def _tries(
    resolver: Resolver, module: Module, loop: ast.For | ast.AsyncFor | ast.While, handlers: list[ast.ExceptHandler]
) -> int | None | Unset:
    if isinstance(loop, ast.While):
        forever = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
        bounded = any(
            isinstance(inner, ast.Raise | ast.Return | ast.Break)
            for handler in handlers
            for statement in handler.body
            for inner in ast.walk(statement)
        )
        return None if forever and not bounded else UNKNOWN
    call = loop.iter
    if isinstance(call, ast.Call) and dotted(call.func) == "range" and call.args:
        last = call.args[0] if len(call.args) == 1 else call.args[1]
        number = resolver.constant(last, module, None)
        first = resolver.constant(call.args[0], module, None) if len(call.args) > 1 else 0
        if isinstance(number, int) and isinstance(first, int):
            return number - first
    if isinstance(call, ast.Call) and dotted(call.func).endswith("count"):
        return None
    return UNKNOWN


def _waits(
    resolver: Resolver, module: Module, loop: ast.AST, handlers: list[ast.ExceptHandler]
) -> Wait:
    found = Wait.NONE
    body: list[ast.AST] = [*handlers, *getattr(loop, "body", [])]
    for part in body:
        for inner in ast.walk(part):
            if isinstance(inner, ast.Call):
                name = dotted(inner.func).rpartition(".")[2]
                if name in _SLEEPS:
                    wait = _sleep(resolver, module, loop, inner)
                    found = wait if found in {Wait.NONE, Wait.CONSTANT} else found
                elif re.search(r"sleep|backoff|wait|delay", name, re.IGNORECASE):
                    return Wait.UNKNOWN
    return found


def _sleep(resolver: Resolver, module: Module, loop: ast.AST, call: ast.Call) -> Wait:
    if not call.args:
        return Wait.UNKNOWN
    given = call.args[0]
    changed = {
        target.id
        for node in ast.walk(loop)
        for target in (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign | ast.For) else []
        )
        if isinstance(target, ast.Name)
    }
    names = {node.id for node in ast.walk(given) if isinstance(node, ast.Name)}
    if names & changed:
        return Wait.GROWING
    if any(isinstance(node, ast.Call | ast.Attribute) for node in ast.walk(given)):
        return Wait.UNKNOWN
    value = resolver.evaluate(given, module, None)
    constant = all(isinstance(option, Const) for option in options(value)) or isinstance(given, ast.Constant)
    return Wait.CONSTANT if constant else Wait.UNKNOWN
