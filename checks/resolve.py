"""Evaluates expressions of a project on demand: what a name, an attribute, a call is known to be.

No order of execution is simulated. A name is what the bindings that reach its use can be (`reaching`); a call of a
project function is what its `return` expressions are with the arguments in place; everything else is unknown.
Every result is computed once; a cycle is unknown, and so is what lies deeper than `DEPTH`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from callsafe.checks import changed, expressions, instances, kept, outside
from callsafe.checks.annotations import annotated, commented, instance_of, returned
from callsafe.checks.arguments import arguments_of, frame_of
from callsafe.checks.callers import MOST_CALLERS, Callers
from callsafe.checks.catalogue import Catalogue
from callsafe.checks.classes import is_classmethod, member_of_class
from callsafe.checks.imports import Imports
from callsafe.checks.module import Binding, Module, Scope, dotted
from callsafe.checks.parameters import parameter
from callsafe.checks.reaching import reaching
from callsafe.checks.uses import Uses
from callsafe.checks.values import (
    NO_ARGUMENTS,
    UNKNOWN_VALUE,
    Answer,
    Arguments,
    Class,
    Const,
    Frame,
    Function,
    Instance,
    Items,
    Later,
    Made,
    Member,
    Object,
    Package,
    Partial,
    Ref,
    Sequence,
    Value,
    choice,
    is_none,
    is_same,
    options,
)

DEPTH = 60
"""Nested evaluations: deeper than any code read by people, shallow enough for Python's own stack."""
CALLS = 6
"""Nested activations of project functions."""
STEPS = 4000
"""Expressions evaluated for one question; a question that needs more is answered with unknown."""
Touched = frozenset[tuple[Scope, str]]
NOTHING: Touched = frozenset()


class Resolver:
    """Evaluates; holds the caches of one run."""

    def __init__(self, modules: Iterable[Module], catalogue: Catalogue) -> None:
        self.modules = tuple(modules)
        self.catalogue = catalogue
        self.imports = Imports(self.modules, catalogue)
        self._cache: dict[tuple[ast.AST, Frame | None], tuple[Value, Touched]] = {}
        self._running: set[tuple[ast.AST, Frame | None]] = set()
        self._looking: set[tuple[Module, str]] = set()
        self._touched: list[set[tuple[Scope, str]]] = [set()]
        self._depth = 0
        self._steps = 0
        self._calls = 0
        self._cut = False
        self.aliases: set[ast.AST] = set()
        """Names given to annotations that are being followed."""
        self.uses = Uses(self.modules, catalogue)
        self.callers = Callers(self, self.uses)
        self._on_outside: dict[tuple[str, str], list[tuple[Module, ast.expr]]] = {}

    def stores_on(self, path: str, attribute: str) -> list[tuple[Module, ast.expr]]:
        """Return the values that the project assigns to an attribute of an outside module (`openai.timeout = 20`)."""
        known = self._on_outside.get((path, attribute))
        if known is None:
            known = self._on_outside[path, attribute] = []
            for module, node in self.uses.stores_of(attribute):
                statement, _ = module.parents[node]
                for target in statement.targets if isinstance(statement, ast.Assign) else ():
                    if isinstance(target, ast.Attribute) and target.attr == attribute:
                        base = self.evaluate(target.value, module, None)
                        if isinstance(base, Ref) and base.path == path:
                            known.append((module, node))
        return known

    # -- evaluation ----------------------------------------------------------------------------------------

    def evaluate(self, node: ast.AST, module: Module, frame: Frame | None = None) -> Value:
        """Return what the expression is known to be."""
        key = (node, frame)
        known = self._cache.get(key)
        if known is None:
            self._steps = self._steps + 1 if self._depth else 0
            if key in self._running or self._depth > DEPTH or self._steps > STEPS:
                self._cut = True
                return UNKNOWN_VALUE
            cut_before, self._cut = self._cut, False
            self._running.add(key)
            self._touched.append(set())
            self._depth += 1
            try:
                handler = _HANDLERS.get(type(node))
                value = handler(self, node, module, frame) if handler else UNKNOWN_VALUE
            finally:
                self._depth -= 1
                self._running.discard(key)
                touched = frozenset(self._touched.pop())
            known = (value, touched)
            # What was cut short by a cycle or a limit further up holds for this question only.
            if not self._cut or self._depth == 0:
                self._cache[key] = known
            self._cut = cut_before or (self._cut and self._depth > 0)
        self._touched[-1].update(known[1])
        return known[0]

    def touch(self, scope: Scope, name: str) -> None:
        """Record that an answer depends on a parameter."""
        self._touched[-1].add((scope, name))

    def deeper_than(self, part: int) -> bool:
        """Tell whether more than this part (3 for a third) of the nesting that is allowed is used up."""
        return self._depth > DEPTH // part

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Ask another question with a budget of its own."""
        outer = self._depth, self._steps, self._calls, self._cut
        self._depth, self._steps, self._calls = max(self._depth, 1), 1, 0
        try:
            yield
        finally:
            self._depth, self._steps, self._calls, self._cut = outer

    def touching(self, compute: Callable[[], Any]) -> tuple[Any, Touched]:
        """Return what `compute` returns and the parameters without known callers that it depended on."""
        self._touched.append(set())
        try:
            result = compute()
        finally:
            touched = frozenset(self._touched.pop())
            self._touched[-1].update(touched)
        return result, touched

    def force(self, value: Later | Value) -> Value:
        """Return the value, evaluating it if it has not been."""
        if isinstance(value, Later):
            return self.evaluate(value.node, value.module, value.frame)
        return value

    def _name(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Name)
        scope: Scope | None = module.scope_of(node)
        use: ast.AST | None = node
        while scope is not None:
            if node.id in scope.bindings and not (scope.is_class and use is None):
                return self.bound(node.id, scope, use, module, frame)
            scope, use = scope.parent, None
        for base, level in module.stars:
            found = self.imports.star(module, base, level, node.id)
            if found is not None:
                return self.imported(found)
        if hasattr(builtins, node.id):
            return Ref(node.id)
        return UNKNOWN_VALUE

    def checked(self, name: str, scope: Scope) -> Value | None:
        """Return the SDK's classes of which `isinstance` in this function says that a thing is an instance.

        Where other things are not refused (`if not isinstance(…): raise`, `assert`), it may be anything else too.
        """
        found: list[Value] = []
        is_open = False
        for expression in scope.checked.get(name, ()) if name else ():
            classes = self.evaluate(expression, scope.module, None)
            typed = [
                instance_of(self, option)
                for option in (classes.items if isinstance(classes, Sequence) else options(classes))
            ]
            found.extend(value for value in typed if isinstance(value, Object))
            known = all(isinstance(value, Object) for value in typed)
            is_open = is_open or not known or not _refuses(scope.module, expression)
        return choice([*found, *([UNKNOWN_VALUE] if is_open else [])]) if found else None

    def lookup(self, module: Module, name: str) -> Value:
        """Return what a name at the top of a module is, seen from outside."""
        if (module, name) in self._looking or len(self._looking) > DEPTH:  # modules that import each other
            self._cut = True
            return UNKNOWN_VALUE
        self._looking.add((module, name))
        try:
            if name in module.top.bindings:
                return self.bound(name, module.top, None, module, None)
            for base, level in module.stars:
                found = self.imports.star(module, base, level, name)
                if found is not None:
                    return self.imported(found)
            submodule = self.imports.submodule(module, name)
            return Package(submodule) if submodule else UNKNOWN_VALUE
        finally:
            self._looking.discard((module, name))

    def bound(
        self, name: str, scope: Scope, use: ast.AST | None, module: Module, frame: Frame | None
    ) -> Value:
        """Return what the bindings of a name in a scope that reach a use of it can be."""
        bindings = reaching(scope, name, use)
        values = [self._binding(binding, scope, module, frame) for binding in bindings]
        if len(values) > 1:
            values = [value for value in values if not is_none(value)] or values
        value = choice(values)
        return changed.after(self, value, scope, name, bindings, use, module, frame)

    def _binding(self, binding: Binding, scope: Scope, module: Module, frame: Frame | None) -> Value:
        kind = binding.kind
        if kind in {"import", "from"}:
            return self.imported(self.imports.find(module, binding))
        if kind == "def":
            return Function(module.scopes[binding.statement], _frame_of(frame, scope))
        if kind == "class":
            return Class(module.scopes[binding.statement], _frame_of(frame, scope))
        if kind == "param":
            return parameter(self, binding, scope, module, frame)
        if kind == "declare" and binding.value is not None:
            return annotated(self, binding.value, module)
        if binding.value is None:
            return UNKNOWN_VALUE
        if kind in {"assign", "with"}:
            value = self.evaluate(binding.value, module, frame)
            if kind == "with":
                return self._entered(value)
            said = commented(self, binding, value, module)
            return value if said is None else said
        if kind == "unpack":
            value = self.evaluate(binding.value, module, frame)
            if isinstance(binding.statement, ast.For | ast.AsyncFor | ast.comprehension):
                value = outside.element(value)
            for position in binding.path:
                value = choice([_item(option, position) for option in options(value) if not is_none(option)])
            return value
        if kind == "for":
            return outside.element(self.evaluate(binding.value, module, frame))
        return UNKNOWN_VALUE

    def _entered(self, value: Value) -> Value:
        if isinstance(value, Instance):
            enter = self.attribute(value, "__enter__") or self.attribute(value, "__aenter__")
            if isinstance(enter, Function):
                return self.called(enter, NO_ARGUMENTS)
        return value

    def imported(self, found: Module | tuple[Module, str] | str) -> Value:
        """Return the value of an import: a module, a name in a module of the project, or a name outside."""
        if isinstance(found, str):
            return Ref(found)
        if isinstance(found, Module):
            return Package(found)
        module, name = found
        return self.lookup(module, name)

    # -- attributes ----------------------------------------------------------------------------------------

    def _attribute(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Attribute)
        base = self.evaluate(node.value, module, frame)
        values = []
        for option in options(base):
            if is_none(option):
                continue
            value = self.attribute(option, node.attr)
            if value is not None:
                values.append(value)
        found = choice(values)
        if not any(isinstance(option, Object | Instance) for option in options(found)):
            checked = self.checked(dotted(node), module.scope_of(node))
            if checked is not None:
                return checked
        if isinstance(found, Ref):
            held = kept.under(self, node.value, base, node.attr, module, frame)
            if held is not None:
                return held
        if isinstance(found, Member) and not isinstance(found.base, Object | Ref | Answer):
            stored = self._stored_objects(node.attr)
            if stored is not None and not self._says_more(node, module, stored):
                return stored
        name = dotted(node) if isinstance(found, Items | Made | Object) else ""
        return (
            changed.after(self, found, module.scope_of(node), name, [], node, module, frame)
            if name
            else found
        )

    def _says_more(self, node: ast.Attribute, module: Module, stored: Value) -> bool:
        """Tell whether the method called says of which SDK a thing is, and it is not one of what is stored."""
        parent, _ = module.parents[node]
        if (
            not isinstance(parent, ast.Attribute)
            or f"{node.attr}.{parent.attr}" not in self.catalogue.distinctive
        ):
            return False
        objects = [option for option in options(stored) if isinstance(option, Object)]
        return not any(self.catalogue.method_operations(one.type.name, parent.attr) for one in objects)

    def _stored_objects(self, attribute: str) -> Value | None:
        """Return the object that the project stores under this attribute name, where all stores agree."""
        stores = self.uses.stores_of(attribute)
        if not stores or len(stores) > MOST_CALLERS or self.deeper_than(2):
            return None
        found = []
        for module, node in stores:
            value = self.evaluate(node, module, None)
            if is_none(value):
                continue
            if not any(isinstance(option, Object | Instance) for option in options(value)):
                return None
            found.append(value)
        return choice(found) if found else None

    def attribute(self, base: Value, name: str) -> Value | None:
        """Return an attribute of a value; nothing where it is known not to exist."""
        if isinstance(base, Ref):
            return self._outside(f"{base.path}.{name}")
        if isinstance(base, Package):
            return self.lookup(base.module, name)
        if isinstance(base, Object):
            return self.object_attribute(base, (name,))
        if isinstance(base, Member):
            if isinstance(base.base, Object):
                return self.object_attribute(base.base, (*base.path, name))
            return Member(base.base, (*base.path, name))
        if isinstance(base, Instance):
            return instances.instance_attribute(self, base, name)
        if isinstance(base, Class):
            member = member_of_class(self, base, name)
            if isinstance(member, Function) and is_classmethod(member.scope.node):
                return Function(member.scope, member.frame, base)
            return member or UNKNOWN_VALUE
        if isinstance(base, Made):
            given = base.arguments.keywords.get(name)
            return self.force(given) if given is not None else Member(base, (name,))
        return Member(base, (name,))

    def _outside(self, path: str) -> Value:
        for kind in self.catalogue.types.get(path.rpartition(".")[0], ()):
            if kind.module:
                return self.object_attribute(Object(kind, NO_ARGUMENTS), (path.rpartition(".")[2],), path)
        return Ref(path)

    def object_attribute(self, base: Object, path: tuple[str, ...], outside: str = "") -> Value:
        """Return what stands under a path of attributes of an SDK's object."""
        written = ".".join(path)
        other = base.type.attributes.get(written)
        if other is not None:
            kind = self.catalogue.type_named(other)
            if kind is not None:
                return Object(kind, NO_ARGUMENTS, base.node, base.module, maker=base)
        if written in base.type.same:
            return base
        if outside:
            table = self.catalogue.methods.get(base.type.name, {})
            known = any(method == written or method.startswith(written + ".") for method in table)
            if not known or self.catalogue.constructed(outside):
                return Ref(outside)
        return Member(base, path)

    # -- calls ---------------------------------------------------------------------------------------------

    def _call(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Call)
        callee = self.evaluate(node.func, module, frame)
        values = []
        for option in options(callee):
            if is_none(option):
                continue
            arguments = arguments_of(self, node, module, frame)
            values.append(self.call_value(option, arguments, node, module, frame))
        if isinstance(node.func, ast.Attribute) and node.func.attr in kept.ASKING and node.args:
            key = self.constant(node.args[0], module, frame)
            base = self.evaluate(node.func.value, module, frame)
            if isinstance(key, str):
                held = kept.under(self, node.func.value, base, key, module, frame)
                if held is not None:
                    return held
        return choice(values)

    def call_value(
        self, callee: Value, arguments: Arguments, node: ast.AST, module: Module, frame: Frame | None = None
    ) -> Value:
        """Return what calling a value returns."""
        if isinstance(callee, Partial):
            merged = Arguments(
                (*callee.arguments.positional, *arguments.positional),
                {**callee.arguments.keywords, **arguments.keywords},
                callee.arguments.open or arguments.open,
                arguments.open_positional,
            )
            return self.call_value(callee.target, merged, node, module, frame)
        if isinstance(callee, Ref):
            return outside.call_outside(self, callee.path, arguments, node, module)
        if isinstance(callee, Member):
            return outside.call_member(self, callee, arguments, node, module)
        if isinstance(callee, Function):
            return self.called(callee, arguments)
        if isinstance(callee, Class):
            return Instance(callee, arguments, node)
        if isinstance(callee, Object) and is_same(callee, node):
            return callee
        if isinstance(callee, Object) and isinstance(node, ast.Call):
            operations = self.catalogue.method_operations(callee.type.name, "__call__")
            return Answer(operations[0], node) if operations else callee
        if isinstance(callee, Instance):
            method = self.attribute(callee, "__call__")
            if isinstance(method, Function):
                return self.called(method, arguments)
        return UNKNOWN_VALUE

    def called(self, function: Function, arguments: Arguments) -> Value:
        """Return what a function of the project returns for these arguments."""
        scope = function.scope
        if self.deeper_than(2) or self._calls >= CALLS:
            return UNKNOWN_VALUE
        results = scope.returns or [found.value for found in scope.yields if found.value is not None]
        if not results:
            return returned(self, scope)
        frame = frame_of(self, function, arguments)
        self._calls += 1
        try:
            values = [self.evaluate(result, scope.module, frame) for result in results[:8]]
        finally:
            self._calls -= 1
        useful = [value for value in values if not is_none(value)]
        found = choice(useful) if useful else UNKNOWN_VALUE
        return returned(self, scope) if type(found) is Value else found

    def constant(self, node: ast.AST | str | None, module: Module, frame: Frame | None) -> Any:
        """Return the constant that an expression is, or `None`."""
        if node is None or isinstance(node, str):
            return node
        value = self.evaluate(node, module, frame)
        return value.value if isinstance(value, Const) and isinstance(value.value, str | int) else None


_HANDLERS: dict[type[ast.AST], Callable[[Resolver, ast.AST, Module, Frame | None], Value]] = {
    ast.Constant: expressions.constant,
    ast.Name: Resolver._name,
    ast.Attribute: Resolver._attribute,
    ast.Call: Resolver._call,
    ast.Dict: expressions.dictionary,
    ast.List: expressions.sequence,
    ast.Tuple: expressions.sequence,
    ast.Set: expressions.sequence,
    ast.IfExp: expressions.conditional,
    ast.BoolOp: expressions.boolean,
    ast.BinOp: expressions.binary,
    ast.UnaryOp: expressions.unary,
    ast.JoinedStr: expressions.joined,
    ast.Await: expressions.inner,
    ast.Starred: expressions.inner,
    ast.NamedExpr: expressions.inner,
    ast.Subscript: expressions.subscript,
    ast.Lambda: expressions.function,
    ast.ListComp: expressions.comprehension,
    ast.SetComp: expressions.comprehension,
    ast.GeneratorExp: expressions.comprehension,
}


def _refuses(module: Module, classes: ast.AST) -> bool:
    """Tell whether `isinstance` with these classes is there to refuse everything else."""
    call, _ = module.parents[classes]
    parent, _ = module.parents[call]
    if isinstance(parent, ast.Assert):
        return True
    if not isinstance(parent, ast.UnaryOp):
        return False
    test, field = module.parents[parent]
    return isinstance(test, ast.If) and field == "test" and isinstance(test.body[-1], ast.Raise)


def _item(value: Value, position: int) -> Value:
    inside = isinstance(value, Sequence) and position < len(value.items)
    return value.items[position] if inside and isinstance(value, Sequence) else UNKNOWN_VALUE


def _frame_of(frame: Frame | None, scope: Scope) -> Frame | None:
    while frame is not None and frame.scope is not scope:
        frame = frame.outer
    return frame
