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
                (isinstance(node, ast.Name) and node.id == handler.name)
                or (isinstance(node, ast.Name) and "err" in node.id.lower())
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
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        if found is not None and isinstance(parent, ast.For | ast.AsyncFor | ast.While):
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
