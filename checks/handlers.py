"""What an `except` clause really catches of what a model call raises, and what its body does with it."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from callsafe.checks.classes import outside_bases
from callsafe.checks.errors import BROAD, Errors
from callsafe.checks.module import Module
from callsafe.checks.resolve import Resolver
from callsafe.checks.values import Class, Function, Member, Object, Ref, Sequence, Value, options
from callsafe.rules.facts import Body, Handler, Where
from callsafe.rules.model import Place


class Handlers:
    """Reads `except` clauses; one for a run."""

    def __init__(self, resolver: Resolver, errors: Errors) -> None:
        self.resolver = resolver
        self.errors = errors

    def handler(
        self, module: Module, node: ast.ExceptHandler, raised: Mapping[str, tuple[str, ...]], where: Where
    ) -> Handler:
        """Return the facts of one `except` clause for a call that raises these classes."""
        names, unknown = self.classes(module, node.type)
        place = module.source.place(node.type) if node.type is not None else _clause(module, node)
        broad = node.type is None or any(name in BROAD for name in names)
        catches = frozenset(raised) if broad or unknown else self.errors.catches(names, raised)
        never: tuple[tuple[str, str], ...] = ()
        above = self._above(module, node, names) if names and not unknown else ()
        if above:
            catches, never = frozenset(), above
        elif not broad and not unknown and not catches:
            reasons = [self._never(name, raised) for name in names]
            never = tuple(reason for reason in reasons if reason is not None)
            if never and self._others_can_raise(module, node, names):
                never = ()
        return Handler(place, where, names, catches, broad, _body(node), never)

    def _above(
        self, module: Module, node: ast.ExceptHandler, names: tuple[str, ...]
    ) -> tuple[tuple[str, str], ...]:
        """Return the classes of an SDK with what catches them first, where clauses above catch all of these."""
        tried, _ = module.parents[node]
        clauses = tried.handlers if isinstance(tried, ast.Try | ast.TryStar) else []
        earlier = [
            name
            for clause in clauses[: clauses.index(node) if node in clauses else 0]
            for name in self.classes(module, clause.type)[0]
        ]
        found = []
        for name in names:
            ancestors = self.errors.ancestors(name)
            first = next((one for one in earlier if self.errors.canonical(one) in ancestors), None)
            if first is None or "." not in self.errors.canonical(name) or not self.errors.known(name):
                return ()
            found.append((name, f"`{first}` above catches it first"))
        return tuple(found)

    def _never(self, name: str, raised: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
        """Return the class with the reason where it belongs to an SDK and the call can never raise it."""
        canonical = self.errors.canonical(name)
        if "." not in canonical or not self.errors.known(name) or self.errors.catches([name], raised):
            return None
        root = canonical.partition(".")[0]
        own = {cls.partition(".")[0] for classes in raised.values() for cls in classes}
        if root in own:
            gone = self.errors.gone(name)
            return (name, f"the release of {gone} in force no longer has it") if gone else None
        return name, f"this call raises errors of {', '.join(sorted(own - {''}))}"

    def _others_can_raise(self, module: Module, node: ast.ExceptHandler, names: tuple[str, ...]) -> bool:
        """Tell whether another call in the `try` block may raise one of the classes."""
        tried, _ = module.parents[node]
        roots = {
            self.errors.canonical(name).partition(".")[0] for name in names if not self.errors.gone(name)
        }
        for statement in getattr(tried, "body", []):
            for inner in ast.walk(statement):
                if not isinstance(inner, ast.Call):
                    continue
                for option in options(self.resolver.evaluate(inner.func, module, None)):
                    base = option.base if isinstance(option, Member) else option
                    if isinstance(base, Function | Class):
                        return True
                    path = base.type.name if isinstance(base, Object) else getattr(base, "path", "")
                    if str(path).partition(".")[0] in roots:
                        return True
        return False

    def classes(self, module: Module, node: ast.expr | None) -> tuple[tuple[str, ...], bool]:
        """Return the dotted names of the classes in an `except` clause, and whether some could not be resolved."""
        if node is None:
            return (), False
        value = self.resolver.evaluate(node, module, None)
        names: list[str] = []
        unknown = False
        for option in options(value):
            for item in option.items if isinstance(option, Sequence) else (option,):
                for inner in options(item):
                    found = self.class_names(inner)
                    unknown = unknown or not found
                    names.extend(found)
        return tuple(dict.fromkeys(names)), unknown

    def class_names(self, value: Value) -> list[str]:
        """Return the dotted names of the exception classes that a value is; none where it is not known."""
        if isinstance(value, Ref):
            return [value.path]
        if isinstance(value, Member) and isinstance(value.base, Object):
            return [f"{value.base.type.name}.{'.'.join(value.path)}"]
        if isinstance(value, Class):
            outside = outside_bases(self.resolver, value)
            return [] if "?" in outside else [f"project.{value.scope.name}", *outside][:1]
        return []


def _clause(module: Module, node: ast.ExceptHandler) -> Place:
    return module.source.span(node.lineno, node.col_offset, node.lineno, node.col_offset + len("except"))


def _body(node: ast.ExceptHandler) -> Body:
    """Say what a handler does: it hides the error when nothing is logged, kept, changed or raised."""
    name = node.name
    if any(isinstance(inner, ast.Raise) for statement in node.body for inner in ast.walk(statement)):
        return Body.RERAISES
    for statement in node.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Call):
                return Body.HANDLES
            if name and isinstance(inner, ast.Name) and inner.id == name:
                return Body.HANDLES
            if isinstance(inner, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Break | ast.Yield | ast.If):
                return Body.HANDLES
    last = node.body[-1]
    if isinstance(last, ast.Return) and not _is_empty(last.value):
        return Body.HANDLES
    return Body.HIDES


def _is_empty(node: ast.expr | None) -> bool:
    if node is None:
        return True
    if isinstance(node, ast.Constant):
        return not node.value
    return isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict) and not ast.dump(node).count(
        "Constant"
    )


def absorb(handlers: list[Handler], raised: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether no error of the SDK gets past these handlers of one `try`, in their order."""
    for handler in handlers:
        if handler.catches and handler.body is Body.RERAISES:
            return False
        if handler.broad or (raised and handler.catches >= raised.keys()):
            return True
    return False
