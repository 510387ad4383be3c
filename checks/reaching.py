"""Which bindings of a name can reach a use, and which changes of the bound object happen in between.

Structured code only: a binding in a block that holds the use, or whose every way out leads there, hides the ones
before it; a binding under a condition adds to them; one later in the same loop can come round.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from callsafe.checks.module import Binding, Module, Scope, Store

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def reaching(scope: Scope, name: str, use: ast.AST | None) -> list[Binding]:
    """Return the bindings that a use can see, or, for a use from another scope, those that stand at the end."""
    bindings = scope.bindings[name]
    if len(bindings) == 1:
        return bindings
    real = [binding for binding in bindings if binding.kind != "declare"]
    if not real:
        return bindings[-1:]
    if len(real) == 1:
        return real
    module = scope.module
    blocks = _blocks(module, use, scope)
    position = module.order[use] if use is not None else None
    found: list[Binding] = []
    covered: set[tuple[ast.AST, str]] = set()
    foreign = [binding for binding in real if module.scope_of(binding.statement) is not scope]
    local = [binding for binding in real if binding.kind == "param" or binding not in foreign]
    hidden = False
    for binding in reversed(local):
        if position is not None and not _before(module, binding, use, position):
            continue
        found.append(binding)
        if binding.kind == "param" or _hides(module, binding.statement, blocks, covered, scope):
            hidden = True
            break
    if (
        use is not None
        and position is not None
        and not (hidden and _same_loop(module, found[-1].statement, use))
    ):
        loops = [node for node, _ in module.ancestors(use) if isinstance(node, _LOOPS)]
        for binding in local:
            if binding in found or module.order[binding.statement] <= position:
                continue
            if any(parent in loops for parent, _ in module.ancestors(binding.statement)):
                found.append(binding)
    if not found and use is not None:
        found = local
    return found + [binding for binding in foreign if binding not in found and binding.kind != "param"]


def changes(
    scope: Scope, name: str, bindings: list[Binding], use: ast.AST | None, *, attributes: bool
) -> Iterator[tuple[Store, bool]]:
    """Yield the changes of an object between its bindings and a use, each with whether it surely happens.

    `attributes` chooses between changes of its attributes and those of its items.
    """
    stores = [store for store in scope.stores.get(name, ()) if (store.kind == "attribute") is attributes]
    if not stores:
        return
    module = scope.module
    start = min((module.order[binding.statement] for binding in bindings), default=0)
    position = module.order[use] if use is not None else None
    blocks = _blocks(module, use, scope)
    around = {parent for parent, _ in module.ancestors(use)} if use is not None else set()
    for store in stores:
        order = module.order[store.statement]
        if order < start or (position is not None and order > position) or store.statement in around:
            continue
        link = module.parents.get(store.statement)
        certain = link is not None and link in blocks and len(bindings) <= 1
        yield store, certain


def _blocks(module: Module, use: ast.AST | None, scope: Scope) -> set[tuple[ast.AST, str]]:
    if use is None:
        return {(scope.node, "body")}
    blocks = set()
    for link in module.ancestors(use):
        blocks.add(link)
        if link[0] is scope.node:
            break
    return blocks


def _before(module: Module, binding: Binding, use: ast.AST | None, position: int) -> bool:
    statement = binding.statement
    if module.order[statement] > position:
        return isinstance(statement, ast.comprehension) and _in_comprehension(module, statement, use)
    if use is None:
        return True
    for parent, name in module.ancestors(use):
        if parent is statement:
            if isinstance(statement, ast.For | ast.AsyncFor):
                return name != "iter"
            if isinstance(statement, ast.With | ast.AsyncWith | ast.ExceptHandler):
                return name == "body"
            return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.NamedExpr)
    return True


def _in_comprehension(module: Module, statement: ast.AST, use: ast.AST | None) -> bool:
    owner = module.parents[statement][0]
    return use is not None and any(parent is owner for parent, _ in module.ancestors(use))


def _hides(
    module: Module,
    statement: ast.AST,
    blocks: set[tuple[ast.AST, str]],
    covered: set[tuple[ast.AST, str]],
    scope: Scope,
) -> bool:
    """Tell whether a binding statement lies on every way to the use."""
    if isinstance(statement, ast.comprehension):
        return True
    current = statement
    while True:
        link = module.parents.get(current)
        if link is None or link in blocks:
            return True
        parent, name = link
        if parent is scope.node:
            return True
        covered.add(link)
        if isinstance(parent, ast.With | ast.AsyncWith):
            current = parent
        elif isinstance(parent, ast.Try) and name in {"body", "finalbody", "orelse"}:
            if name != "finalbody" and not all(
                (parent, "handlers") in blocks or _leaves(handler.body) or (handler, "body") in covered
                for handler in parent.handlers
            ):
                return False
            current = parent
        elif isinstance(parent, ast.ExceptHandler):
            try_node = module.parents[parent][0]
            covered.add((parent, "body"))
            if (try_node, "body") not in covered:
                return False
            current = try_node
        elif isinstance(parent, ast.If):
            other = "orelse" if name == "body" else "body"
            if (parent, other) not in covered and not _leaves(getattr(parent, other)):
                return False
            current = parent
        else:
            return False


def _leaves(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], _LEAVING)


def _same_loop(module: Module, statement: ast.AST, use: ast.AST) -> bool:
    """Tell whether the innermost loop around the use also holds the binding, or there is none."""
    for parent, _ in module.ancestors(use):
        if isinstance(parent, _LOOPS):
            return parent is statement or any(other is parent for other, _ in module.ancestors(statement))
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            return True
    return True
