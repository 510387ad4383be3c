"""Retries written by hand: a loop around `try` whose handler goes round again."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from callsafe.checks.module import Module, dotted
from callsafe.checks.resolve import Resolver
from callsafe.checks.values import Const, options
from callsafe.rules.facts import UNKNOWN, Retry, Unset, Wait, Where

Catches = Callable[[Module, ast.ExceptHandler], tuple[frozenset[str], bool]]
PERMANENT = frozenset({"auth", "permission", "bad_request", "not_found", "unprocessable"})
_LEAVING = (ast.Raise, ast.Return, ast.Break)
_SLEEPS = frozenset({"sleep", "wait", "async_sleep"})


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
    if tried is None or not _leaves_on_success(module, tried, loop, call):
        return None
    if _over_alternatives(loop, tried):  # what it tries next is something else: nothing is known
        place = module.source.place(loop)
        return Retry(place, where, "loop", UNKNOWN, Wait.UNKNOWN, frozenset({"connection"}))
    again = [handler for handler in tried.handlers if _goes_round(handler)]
    if not again:
        return None
    roles: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()
    broad = False
    for handler in tried.handlers:
        found, wide = catches(module, handler)
        if handler in again:
            chooses = _chooses(resolver, module, handler)
            roles |= (found - PERMANENT if chooses else found) - earlier
            broad = broad or (wide and not chooses and not earlier & PERMANENT)
        earlier |= found
    if not roles:
        return None
    attempts = _tries(resolver, module, loop, again)
    wait = _waits(resolver, module, loop, again)
    return Retry(module.source.place(loop), where, "loop", attempts, wait, roles, broad)


def _chooses(resolver: Resolver, module: Module, handler: ast.ExceptHandler) -> bool:
    """Tell whether the handler looks at the error to decide whether to go round again."""
    if any(_raises(helper) for helper in _helpers(resolver, module, handler)):
        return True
    own = list(_own(handler.body, loops=True))
    about = {handler.name or ""} | {
        target.id
        for inner in own
        if isinstance(inner, ast.Assign) and handler.name in _names(inner.value)
        for target in inner.targets
        if isinstance(target, ast.Name)
    }
    leaves = any(isinstance(node, _LEAVING) for node in own)
    for inner in own:
        if isinstance(inner, ast.If | ast.Match):
            names = _names(inner.test if isinstance(inner, ast.If) else inner.subject)
            looks = names & about or any("err" in name.lower() for name in names)
            way_out = (*_LEAVING, ast.Continue) if leaves else _LEAVING
            if looks and any(isinstance(node, way_out) for node in ast.walk(inner)):
                return True
    return False


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _helpers(resolver: Resolver, module: Module, handler: ast.ExceptHandler) -> Iterator[ast.AST]:
    """Yield the functions of the project that the handler hands its error to."""
    for inner in _own(handler.body, loops=True):
        if isinstance(inner, ast.Call) and any(
            isinstance(given, ast.Name) and given.id == handler.name
            for given in (*inner.args, *(keyword.value for keyword in inner.keywords))
        ):
            function = resolver.callers.function_called(inner, module, None)
            if function is not None:
                yield function.scope.node


def _raises(function: ast.AST) -> bool:
    return any(isinstance(inner, ast.Raise) for inner in _own(getattr(function, "body", [])))


def _over_alternatives(loop: ast.AST, tried: ast.Try) -> bool:
    """Tell whether each round tries another thing: a loop over what is not a count, that uses what it is at."""
    if not isinstance(loop, ast.For | ast.AsyncFor):
        return False
    called = dotted(loop.iter.func) if isinstance(loop.iter, ast.Call) else ""
    if called.rpartition(".")[2] in {"range", "count", "trange"}:
        return False
    used = {name for statement in tried.body for name in _names(statement)}
    return bool(_names(loop.target) & used)


def _try_between(module: Module, loop: ast.AST, call: ast.AST) -> ast.Try | None:
    found = None
    for parent, name in module.ancestors(call):
        if parent is loop:
            return found
        if isinstance(parent, ast.Try) and name == "body":
            found = parent
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        if found is not None and isinstance(parent, ast.For | ast.AsyncFor | ast.While):
            return None
    return None


def _leaves_on_success(module: Module, tried: ast.Try, loop: ast.AST, call: ast.AST) -> bool:
    """Tell whether success ends the loop; without that it is a loop over work, not over attempts."""
    elsewhere: set[ast.AST] = set()  # branches that are not taken together with the call
    for parent, name in module.ancestors(call):
        if parent is tried:
            break
        if isinstance(parent, ast.If) and name in {"body", "orelse"}:
            other = parent.orelse if name == "body" else parent.body
            elsewhere.update(inner for statement in other for inner in ast.walk(statement))
    for inner in _own([*tried.body, *tried.orelse]):
        if isinstance(inner, ast.Return | ast.Break) and inner not in elsewhere:
            return True
    body: list[ast.stmt] = getattr(loop, "body", [])
    if tried in body:
        after = body[body.index(tried) + 1 :]
        return any(isinstance(statement, ast.Return | ast.Break) for statement in after)
    if isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant):
        names = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
        for statement in (*tried.body, *tried.orelse):
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id in names for target in targets):
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
    resolver: Resolver,
    module: Module,
    loop: ast.For | ast.AsyncFor | ast.While,
    handlers: list[ast.ExceptHandler],
) -> int | Unset | None:
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


def _waits(resolver: Resolver, module: Module, loop: ast.AST, handlers: list[ast.ExceptHandler]) -> Wait:
    found = Wait.NONE
    body: list[ast.AST] = [*handlers, *getattr(loop, "body", [])]
    helpers = (helper for handler in handlers for helper in _helpers(resolver, module, handler))
    if any(
        isinstance(inner, ast.Call) and _pauses(inner) for helper in helpers for inner in ast.walk(helper)
    ):
        return Wait.UNKNOWN
    for part in body:
        for inner in ast.walk(part):
            if isinstance(inner, ast.Call):
                name = dotted(inner.func).rpartition(".")[2]
                if name in _SLEEPS:
                    wait = _sleep(resolver, module, loop, inner)
                    found = wait if found in {Wait.NONE, Wait.CONSTANT} else found
                elif _pauses(inner):
                    return Wait.UNKNOWN
    return found


def _pauses(call: ast.Call) -> bool:
    name = dotted(call.func).rpartition(".")[2]
    return re.search(r"sleep|backoff|wait|delay", name, re.IGNORECASE) is not None


def _sleep(resolver: Resolver, module: Module, loop: ast.AST, call: ast.Call) -> Wait:
    if not call.args:
        return Wait.UNKNOWN
    given = call.args[0]
    changed = {
        target.id
        for node in ast.walk(loop)
        for target in (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AugAssign | ast.For)
            else []
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
