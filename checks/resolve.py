"""Evaluates expressions of a project on demand: what a name, an attribute, a call is known to be.

No order of execution is simulated. A name is what the bindings that reach its use can be (`reaching`); a call of a
project function is what its `return` expressions are with the arguments in place; everything else is unknown.
Every result is computed once; a cycle is unknown, and so is what lies deeper than `DEPTH`.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable
from typing import Any

from callsafe.checks import changed, expressions, instances, kept, outside
from callsafe.checks.catalogue import Catalogue
from callsafe.checks.imports import Imports
from callsafe.checks.module import Binding, Module, Scope, decorated, dotted
from callsafe.checks.reaching import reaching
from callsafe.checks.values import (
    ABSENT,
    NO_ARGUMENTS,
    UNKNOWN_VALUE,
    Alias,
    Answer,
    Arguments,
    Choice,
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
    Parameter,
    Partial,
    Ref,
    Sequence,
    Value,
    choice,
    is_none,
    is_same,
    options,
)
from callsafe.rules.sdks.model import Type

DEPTH = 60
"""Nested evaluations: deeper than any code read by people, shallow enough for Python's own stack."""
CALLS = 6
"""Nested activations of project functions."""
STEPS = 4000
"""Expressions evaluated for one question; a question that needs more is answered with unknown."""
CALLERS = 12
"""Call sites that are looked at to learn what a parameter is."""

_COLLECTIONS = frozenset({"tuple", "Tuple", "list", "List", "Sequence", "Iterable", "Iterator"})
_TYPE_COMMENT = re.compile(r"#\s*type:\s*([A-Za-z_][\w.\[\], ]*?)\s*$")
MOST_SITES = 3000
"""Calls of one name in a project that are looked at to learn who calls a function."""

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
        self._aliases: set[ast.AST] = set()
        self._sites: dict[str, list[tuple[Module, ast.Call]]] = {}
        self._stored: dict[str, list[tuple[Module, ast.expr]]] = {}
        self._kept: dict[tuple[str, str], list[tuple[Module, ast.expr]]] = {}
        self._on_outside: dict[tuple[str, str], list[tuple[Module, ast.expr]]] = {}
        self._callers: dict[Scope, list[tuple[Module, ast.Call, Frame | None]]] = {}
        self._targets: dict[str, dict[Scope, list[tuple[Module, ast.Call, Function]]]] = {}
        self._renamed: dict[str, set[str]] = {}
        self._handed_on: dict[str, list[tuple[Module, ast.Name | ast.Attribute]]] = {}
        functions = {getattr(node, "name", "") for module in self.modules for node in module.scopes}
        for module in self.modules:
            for name in functions & (module.loads.keys() | module.attributes.keys()):
                for use in (*module.loads.get(name, ()), *module.attributes.get(name, ())):
                    parent, field = module.parents[use]
                    if isinstance(use.ctx, ast.Load) and not (
                        isinstance(parent, ast.Call) and field == "func"
                    ):
                        self._handed_on.setdefault(name, []).append((module, use))
            for original, name in module.renamed:
                self._renamed.setdefault(original, set()).add(name)
            for call in module.calls:
                name = last_name(call.func)
                if name:
                    self._sites.setdefault(name, []).append((module, call))
            for place, values in module.kept.items():
                self._kept.setdefault(place, []).extend((module, node) for node in values)
            for attribute, stores in module.stored.items():
                self._stored.setdefault(attribute, []).extend((module, node) for node in stores)

        self.stored_callables = frozenset(
            attribute
            for attribute, stores in self._stored.items()
            if any(_may_be_called(node, catalogue) for _, node in stores)
        )

    def stores_of(self, attribute: str) -> list[tuple[Module, ast.expr]]:
        """Return the values that the project assigns to an attribute of this name, of whatever object."""
        return self._stored.get(attribute, [])

    def stores_on(self, path: str, attribute: str) -> list[tuple[Module, ast.expr]]:
        """Return the values that the project assigns to an attribute of an outside module (`openai.timeout = 20`)."""
        known = self._on_outside.get((path, attribute))
        if known is None:
            known = self._on_outside[path, attribute] = []
            for module, node in self.stores_of(attribute):
                statement, _ = module.parents[node]
                for target in statement.targets if isinstance(statement, ast.Assign) else ():
                    if isinstance(target, ast.Attribute) and target.attr == attribute:
                        base = self.evaluate(target.value, module, None)
                        if isinstance(base, Ref) and base.path == path:
                            known.append((module, node))
        return known

    def kept_under(self, holder: str, key: str) -> list[tuple[Module, ast.expr]]:
        """Return the values that the project puts under a constant key into a thing whose last name is this."""
        return self._kept.get((holder, key), [])

    def sites_of(self, name: str) -> list[tuple[Module, ast.Call]]:
        """Return the calls in the project whose callee ends in this name."""
        return self._sites.get(name, [])

    def handed_on(self, name: str) -> list[tuple[Module, ast.Name | ast.Attribute]]:
        """Return where a name that a function of the project has is used otherwise than to call it."""
        return self._handed_on.get(name, [])

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
                return self._bound(node.id, scope, use, module, frame)
            scope, use = scope.parent, None
        for base, level in module.stars:
            found = self.imports.star(module, base, level, node.id)
            if found is not None:
                return self.imported(found)
        if hasattr(builtins, node.id):
            return Ref(node.id)
        return UNKNOWN_VALUE

    def _checked(self, name: str, scope: Scope) -> Value | None:
        """Return the SDK's classes of which `isinstance` in this function says that a thing is an instance.

        Where other things are not refused (`if not isinstance(…): raise`, `assert`), it may be anything else too.
        """
        found: list[Value] = []
        is_open = False
        for expression in scope.checked.get(name, ()) if name else ():
            classes = self.evaluate(expression, scope.module, None)
            typed = [
                self._typed(option)
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
                return self._bound(name, module.top, None, module, None)
            for base, level in module.stars:
                found = self.imports.star(module, base, level, name)
                if found is not None:
                    return self.imported(found)
            submodule = self.imports.submodule(module, name)
            return Package(submodule) if submodule else UNKNOWN_VALUE
        finally:
            self._looking.discard((module, name))

    def _bound(
        self, name: str, scope: Scope, use: ast.AST | None, module: Module, frame: Frame | None
    ) -> Value:
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
            return self._parameter(binding, scope, module, frame)
        if kind == "declare" and binding.value is not None:
            return self.annotated(binding.value, module)
        if binding.value is None:
            return UNKNOWN_VALUE
        if kind in {"assign", "with"}:
            value = self.evaluate(binding.value, module, frame)
            if kind == "with":
                return self._entered(value)
            said = self._said(binding, value, module)
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

    def _said(self, binding: Binding, value: Value, module: Module) -> Value | None:
        """Return what a `# type:` comment says of a name whose value is not known."""
        if isinstance(value, Object | Instance | Const | Items | Sequence | Choice):
            return None
        line = module.source.lines[getattr(binding.statement, "end_lineno", 1) - 1]
        comment = _TYPE_COMMENT.search(line) if "# type:" in line else None
        if comment is None:
            return None
        typed = self.annotated(ast.Constant(comment[1]), module)
        return typed if isinstance(typed, Object | Instance) else None

    def _entered(self, value: Value) -> Value:
        if isinstance(value, Instance):
            enter = self.attribute(value, "__enter__") or self.attribute(value, "__aenter__")
            if isinstance(enter, Function):
                return self._called(enter, NO_ARGUMENTS)
        return value

    def imported(self, found: Module | tuple[Module, str] | str) -> Value:
        """Return the value of an import: a module, a name in a module of the project, or a name outside."""
        if isinstance(found, str):
            return Ref(found)
        if isinstance(found, Module):
            return Package(found)
        module, name = found
        return self.lookup(module, name)

    # -- parameters ----------------------------------------------------------------------------------------

    def _parameter(self, binding: Binding, scope: Scope, module: Module, frame: Frame | None) -> Value:
        current = frame
        while current is not None:
            if current.scope is scope:
                given = current.values.get(binding.name)
                return UNKNOWN_VALUE if given is None else self.force(given)
            current = current.outer
        self._touched[-1].add((scope, binding.name))
        node = scope.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        arguments = node.args
        if arguments.kwarg is not None and arguments.kwarg.arg == binding.name:
            return Items({}, open=True)
        if arguments.vararg is not None and arguments.vararg.arg == binding.name:
            return Sequence((), open=True)
        cls = self.enclosing_class(scope)
        ordered = [*arguments.posonlyargs, *arguments.args]
        if cls is not None and ordered and ordered[0].arg == binding.name and not _is_static(node):
            return cls if _is_classmethod(node) else Instance(cls, None)
        default = _default(node, binding.name)
        default_value = self.evaluate(default, module, None) if default is not None else ABSENT
        annotation = binding.value.annotation if isinstance(binding.value, ast.arg) else None
        typed = UNKNOWN_VALUE
        if isinstance(default_value, Function):  # Depends(get_client)
            return self._called(default_value, NO_ARGUMENTS)
        if annotation is not None:
            typed = self.annotated(annotation, module)
            if isinstance(typed, Object | Instance):
                return self._from_callers(scope, binding.name, typed) or typed
        found = self._from_callers(scope, binding.name, None)
        if found is not None:
            return found
        if isinstance(default_value, Object | Instance):
            return choice([default_value, UNKNOWN_VALUE])
        if (
            annotation is not None
            and isinstance(typed, Sequence)
            and any(isinstance(item, Object | Instance) for item in typed.items)
        ):
            return typed
        return self._checked(binding.name, scope) or Parameter(scope, binding.name, default_value)

    def _from_callers(self, scope: Scope, name: str, typed: Value | None) -> Value | None:
        """Return the object that all known callers hand over for a parameter, or nothing."""
        if self._depth > DEPTH // 3:
            return None
        found: list[Value] = []
        for _, _, frame in self.callers(scope):
            if frame is None:
                return None
            given = frame.values.get(name)
            if given is None:
                continue
            value = self.force(given)
            if any(isinstance(option, Object | Instance) for option in options(value)):
                found.append(value)
            elif typed is not None:
                return None
            elif not is_none(value):
                found.append(UNKNOWN_VALUE)
        values = [option for value in found for option in options(value)]
        known = [value for value in values if isinstance(value, Object | Instance)]
        if isinstance(typed, Object) and not any(self._may_be(value) for value in known):
            return None  # what the project's own classes are handed over for is not what the annotation says
        return choice(found) if known else None

    def _may_be(self, value: Value) -> bool:
        """Tell whether a thing is an SDK's object, or an instance of a class that derives from one outside."""
        return isinstance(value, Object) or (
            isinstance(value, Instance) and self.outside_type(value.cls) is not None
        )

    def callers(self, scope: Scope) -> list[tuple[Module, ast.Call, Frame | None]]:
        """Return the calls in the project that are known to call this function, with the frame each one makes."""
        known = self._callers.get(scope)
        if known is None:
            known = self._find_callers(scope)
            self._callers[scope] = known
        return known

    def _find_callers(self, scope: Scope) -> list[tuple[Module, ast.Call, Frame | None]]:
        node = scope.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return []
        names = [node.name]
        if node.name == "__init__" and scope.parent is not None:
            names = [getattr(scope.parent.node, "name", ""), "cls"]
        if node.name == "__call__":
            names = self._instances_of(scope)
        names.extend(sorted(self._renamed.get(names[0], ()) if names else ()))
        found: list[tuple[Module, ast.Call, Frame | None]] = []
        for name in names:
            for module, call, function in self._called_as(name).get(scope, ())[:CALLERS]:
                arguments = self.arguments(call, module, None)
                found.append((module, call, self.frame(function, arguments)))
        return found

    def _instances_of(self, method: Scope) -> list[str]:
        """Return the names that get what calling the class of a method makes (`ask = Assistant()`)."""
        made = self._sites.get(getattr(method.parent.node if method.parent else None, "name", ""), ())
        parents = [
            (module.parents[call][0], call) for module, call in made[:MOST_SITES] if call in module.parents
        ]
        return sorted(
            {
                last_name(target)
                for parent, call in parents
                if isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is call
                for target in (parent.targets if isinstance(parent, ast.Assign) else [parent.target])
                if isinstance(target, ast.Name | ast.Attribute)
            }
        )

    def _called_as(self, name: str) -> dict[Scope, list[tuple[Module, ast.Call, Function]]]:
        """Return what the calls whose callee ends in this name call, by function: one pass for all functions."""
        known = self._targets.get(name)
        if known is not None:
            return known
        self._targets[name] = {}  # a question that comes back to its own name gets no answer
        targets: dict[Scope, list[tuple[Module, ast.Call, Function]]] = {}
        outer = self._depth, self._steps, self._calls, self._cut
        for module, call in self._sites.get(name, ())[:MOST_SITES]:
            self._depth, self._steps, self._calls = max(self._depth, 1), 1, 0
            for option in options(self.evaluate(call.func, module, None)):
                function = self._function_of(option)
                if function is not None:
                    targets.setdefault(function.scope, []).append((module, call, function))
        self._depth, self._steps, self._calls, self._cut = outer
        self._targets[name] = targets
        return targets

    def overridden(self, scope: Scope) -> list[Scope]:
        """Return the methods of project bases that this method overrides: who calls those may call this one."""
        cls = self.enclosing_class(scope)
        name = getattr(scope.node, "name", "")
        if cls is None or name.startswith("__"):
            return []
        return [
            base.scope.module.scopes[binding.statement]
            for base in self.bases(cls)[1:]
            for binding in base.scope.bindings.get(name, ())
            if binding.kind == "def"
        ]

    def function_called(self, call: ast.Call, module: Module, frame: Frame | None) -> Function | None:
        """Return the project function that a call calls, where there is exactly one."""
        found = [self._function_of(option) for option in options(self.evaluate(call.func, module, frame))]
        known = [function for function in found if function is not None]
        return known[0] if len(known) == 1 else None

    def _function_of(self, value: Value) -> Function | None:
        if isinstance(value, Function):
            return value
        if isinstance(value, Class):
            init = self.member_of_class(value, "__init__")
            if isinstance(init, Function):
                return Function(init.scope, init.frame, Instance(value, NO_ARGUMENTS))
        if isinstance(value, Instance):
            method = self.attribute(value, "__call__")
            return method if isinstance(method, Function) else None
        return None

    def annotated(self, annotation: ast.AST, module: Module) -> Value:
        """Return what a thing annotated like this is: an object of a catalogued type, an instance, or unknown."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                return self.annotated(ast.parse(annotation.value, mode="eval").body, module)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return UNKNOWN_VALUE
        if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
            sides = [self.annotated(side, module) for side in (annotation.left, annotation.right)]
            return choice([side for side in sides if isinstance(side, Object | Instance)])
        if isinstance(annotation, ast.Subscript):
            outer = dotted(annotation.value).rpartition(".")[2]
            inner = annotation.slice
            if outer in {"Optional", "Final", "ClassVar"}:
                return self.annotated(inner, module)
            if outer == "Annotated" and isinstance(inner, ast.Tuple) and inner.elts:
                for extra in inner.elts[1:]:
                    if isinstance(extra, ast.Call) and extra.args:
                        provider = self.evaluate(extra.args[0], module, None)
                        if isinstance(provider, Function):
                            return self._called(provider, NO_ARGUMENTS)
                return self.annotated(inner.elts[0], module)
            if outer == "Union":
                members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                sides = [self.annotated(side, module) for side in members]
                return choice([side for side in sides if isinstance(side, Object | Instance)])
            if outer in _COLLECTIONS:
                return self._collection(outer, inner, module)
            return self.annotated(annotation.value, module)
        if annotation not in module.parents:  # from a string: it stands nowhere in the tree
            name = dotted(annotation)
            return self._typed(self._dotted(name, module)) if name else UNKNOWN_VALUE
        return self._typed(self.evaluate(annotation, module, None))

    def _collection(self, outer: str, inner: ast.expr, module: Module) -> Value:
        """Return what `tuple[A, B]` and `list[A]` are."""
        parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        several = outer.lower() != "tuple" or _is_ellipsis(parts[-1])
        typed = [self.annotated(part, module) for part in (parts[:1] if several else parts)]
        return Sequence(tuple(typed), open=several)

    def _typed(self, value: Value) -> Value:
        for option in options(value):
            if isinstance(option, Alias) and option.node not in self._aliases:
                self._aliases.add(option.node)  # one that names itself ends here
                try:
                    return self.annotated(option.node, option.module)
                finally:
                    self._aliases.remove(option.node)
            if isinstance(option, Ref):
                types = self.catalogue.constructed(option.path)
                if types:
                    return Object(types[0], None)
            if isinstance(option, Class):
                return Instance(option, None)
        return UNKNOWN_VALUE

    def _dotted(self, name: str, module: Module) -> Value:
        first, *rest = name.split(".")
        value = self.lookup(module, first)
        for part in rest:
            value = self.attribute(value, part) or UNKNOWN_VALUE
        return value

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
            checked = self._checked(dotted(node), module.scope_of(node))
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
        stores = self._stored.get(attribute, [])
        if not stores or len(stores) > CALLERS or self._depth > DEPTH // 2:
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
            return self._object_attribute(base, (name,))
        if isinstance(base, Member):
            if isinstance(base.base, Object):
                return self._object_attribute(base.base, (*base.path, name))
            return Member(base.base, (*base.path, name))
        if isinstance(base, Instance):
            return instances.instance_attribute(self, base, name)
        if isinstance(base, Class):
            member = self.member_of_class(base, name)
            if isinstance(member, Function) and _is_classmethod(member.scope.node):
                return Function(member.scope, member.frame, base)
            return member or UNKNOWN_VALUE
        if isinstance(base, Made):
            given = base.arguments.keywords.get(name)
            return self.force(given) if given is not None else Member(base, (name,))
        return Member(base, (name,))

    def _outside(self, path: str) -> Value:
        for kind in self.catalogue.types.get(path.rpartition(".")[0], ()):
            if kind.module:
                return self._object_attribute(Object(kind, NO_ARGUMENTS), (path.rpartition(".")[2],), path)
        return Ref(path)

    def _object_attribute(self, base: Object, path: tuple[str, ...], outside: str = "") -> Value:
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

    def outside_type(self, cls: Class) -> Type | None:
        """Return the catalogued type that a class of the project derives from."""
        for path in self.outside_bases(cls):
            types = self.catalogue.constructed(path)
            if types:
                return types[0]
        return None

    def member_of_class(self, cls: Class, name: str) -> Value | None:
        """Return what a class or the nearest of its project bases binds to a name."""
        for base in self.bases(cls):
            if name in base.scope.bindings:
                return self._bound(name, base.scope, None, base.scope.module, base.frame)
        return None

    def bases(self, cls: Class) -> list[Class]:
        """Return the class and its bases inside the project, nearest first."""
        found: list[Class] = []
        waiting = [cls]
        while waiting and len(found) < 20:
            current = waiting.pop(0)
            if any(current.scope is other.scope for other in found):
                continue
            found.append(current)
            node = current.scope.node
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                known = options(self.evaluate(base, current.scope.module, None))
                waiting.extend(option for option in known if isinstance(option, Class))
        return found

    def outside_bases(self, cls: Class) -> list[str]:
        """Return the dotted names of the bases outside the project; "?" for one that cannot be known."""
        found = []
        for base in self.bases(cls):
            node = base.scope.node
            for expression in node.bases if isinstance(node, ast.ClassDef) else ():
                for option in options(self.evaluate(expression, base.scope.module, None)):
                    if isinstance(option, Ref):
                        found.append(option.path)
                    elif not isinstance(option, Class):
                        found.append("?")
        return found

    def enclosing_class(self, scope: Scope) -> Class | None:
        """Return the class whose method this scope is."""
        parent = scope.parent
        return Class(parent) if scope.is_function and parent is not None and parent.is_class else None

    # -- calls ---------------------------------------------------------------------------------------------

    def arguments(self, call: ast.Call, module: Module, frame: Frame | None) -> Arguments:
        """Return what a call hands over, with `*` and `**` of known values spread out."""
        positional: list[Later | Value] = []
        keywords: dict[str, Later | Value] = {}
        is_open = open_positional = False
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                value = self.evaluate(argument.value, module, frame)
                if isinstance(value, Sequence):
                    positional.extend(value.items)
                    open_positional = open_positional or value.open
                else:
                    open_positional = True
            else:
                positional.append(Later(argument, module, frame))
        for keyword in call.keywords:
            if keyword.arg is not None:
                keywords[keyword.arg] = Later(keyword.value, module, frame)
                continue
            spread, spread_open = self._spread(self.evaluate(keyword.value, module, frame))
            keywords.update(spread)
            is_open = is_open or spread_open
        return Arguments(tuple(positional), keywords, is_open, open_positional)

    def _spread(self, value: Value) -> tuple[dict[str, Later | Value], bool]:
        possible = options(value)
        if all(isinstance(option, Items) for option in possible):
            dictionaries = [option for option in possible if isinstance(option, Items)]
            keys = {key for option in dictionaries for key in option.items if isinstance(key, str)}
            spread: dict[str, Later | Value] = {
                key: choice(
                    [
                        option.items.get(key, UNKNOWN_VALUE if option.open else ABSENT)
                        for option in dictionaries
                    ]
                )
                for key in sorted(keys)
            }
            return spread, any(option.open for option in dictionaries)
        if isinstance(value, Made) and value.path == "dict":
            return dict(value.arguments.keywords), value.arguments.open
        return {}, True

    def frame(self, function: Function, arguments: Arguments) -> Frame:
        """Return the frame that a call of the function with these arguments makes."""
        node = function.scope.node
        values: dict[str, Later | Value] = {}
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return Frame(function.scope, values, function.frame)
        spec = node.args
        ordered = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
        positional = list(arguments.positional)
        is_method = self.enclosing_class(function.scope) is not None
        if is_method and not _is_static(node) and function.instance is not None and ordered:
            positional.insert(0, function.instance)
        values.update(zip(ordered, positional, strict=False))
        rest = dict(arguments.keywords)
        for name in (*ordered, *(argument.arg for argument in spec.kwonlyargs)):
            if name in rest and name not in values:
                values[name] = rest.pop(name)
            if name not in values:
                default = _default(node, name)
                if arguments.open or (arguments.open_positional and name in ordered):
                    values[name] = UNKNOWN_VALUE
                elif default is not None:
                    values[name] = Later(default, function.scope.module, None)
        if spec.vararg is not None:
            extra = tuple(self.force(value) for value in positional[len(ordered) :])
            values[spec.vararg.arg] = Sequence(extra, arguments.open_positional)
        if spec.kwarg is not None:
            values[spec.kwarg.arg] = Items(
                {key: self.force(value) for key, value in rest.items()}, arguments.open
            )
        return Frame(function.scope, values, function.frame)

    def _call(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Call)
        callee = self.evaluate(node.func, module, frame)
        values = []
        for option in options(callee):
            if is_none(option):
                continue
            arguments = self.arguments(node, module, frame)
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
            return self._called(callee, arguments)
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
                return self._called(method, arguments)
        return UNKNOWN_VALUE

    def _called(self, function: Function, arguments: Arguments) -> Value:
        scope = function.scope
        if self._depth > DEPTH // 2 or self._calls >= CALLS:
            return UNKNOWN_VALUE
        results = scope.returns or [found.value for found in scope.yields if found.value is not None]
        if not results:
            return self._annotated_return(scope)
        frame = self.frame(function, arguments)
        self._calls += 1
        try:
            values = [self.evaluate(result, scope.module, frame) for result in results[:8]]
        finally:
            self._calls -= 1
        useful = [value for value in values if not is_none(value)]
        found = choice(useful) if useful else UNKNOWN_VALUE
        return self._annotated_return(scope) if type(found) is Value else found

    def _annotated_return(self, scope: Scope) -> Value:
        node = scope.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            return self.annotated(node.returns, scope.module)
        return UNKNOWN_VALUE

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


def _may_be_called(node: ast.expr, catalogue: Catalogue) -> bool:
    """Tell whether what is stored may be a method of an SDK or an object that is called itself."""
    if isinstance(node, ast.Call):
        made = last_name(node.func) in catalogue.callables
        return made or any(_may_be_called(argument, catalogue) for argument in node.args[:1])
    return isinstance(node, ast.Attribute) and node.attr in catalogue.last_names


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


def _is_ellipsis(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _item(value: Value, position: int) -> Value:
    inside = isinstance(value, Sequence) and position < len(value.items)
    return value.items[position] if inside and isinstance(value, Sequence) else UNKNOWN_VALUE


def _frame_of(frame: Frame | None, scope: Scope) -> Frame | None:
    while frame is not None and frame.scope is not scope:
        frame = frame.outer
    return frame


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name, or of an attribute of anything; else nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _default(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> ast.expr | None:
    spec = node.args
    ordered = [*spec.posonlyargs, *spec.args]
    for argument_node, default in zip(reversed(ordered), reversed(spec.defaults), strict=False):
        if argument_node.arg == name:
            return default
    for argument_node, keyword_default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if argument_node.arg == name:
            return keyword_default
    return None


def _is_static(node: ast.AST) -> bool:
    return decorated(node, frozenset({"staticmethod"}))


def _is_classmethod(node: ast.AST) -> bool:
    return decorated(node, frozenset({"classmethod"}))
