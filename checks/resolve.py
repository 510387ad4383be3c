"""Evaluates expressions of a project on demand: what a name, an attribute, a call is known to be.

No order of execution is simulated. A name is what the bindings that reach its use can be (`reaching`); a call of a
project function is what its `return` expressions are with the arguments in place; everything else is unknown.
Every result is computed once; a cycle is unknown, and so is what lies deeper than `DEPTH`.
"""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable, Iterable
from typing import Any

from callsafe.checks.catalogue import Catalogue
from callsafe.checks.imports import Imports
from callsafe.checks.module import Binding, Module, Scope, dotted
from callsafe.checks.reaching import changes, reaching
from callsafe.checks.values import (
    ABSENT,
    NO_ARGUMENTS,
    UNKNOWN_VALUE,
    Absent,
    Answer,
    Arguments,
    Choice,
    Class,
    Const,
    Environment,
    Frame,
    Function,
    Instance,
    Items,
    Joined,
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

MOST_SITES = 3000
"""Calls of one name in a project that are looked at to learn who calls a function."""

Touched = frozenset[tuple[Scope, str]]
NOTHING: Touched = frozenset()

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
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
_ENTERED = frozenset({"enter_context", "enter_async_context"})


class Resolver:
    """Evaluates; holds the caches of one run."""

    def __init__(self, modules: Iterable[Module], catalogue: Catalogue) -> None:
        self.modules = tuple(modules)
        self.catalogue = catalogue
        self.imports = Imports(self.modules, catalogue)
        self._cache: dict[tuple[ast.AST, Frame | None], tuple[Value, Touched]] = {}
        self._running: set[tuple[ast.AST, Frame | None]] = set()
        self._touched: list[set[tuple[Scope, str]]] = [set()]
        self._depth = 0
        self._steps = 0
        self._calls = 0
        self._cut = False
        self._sites: dict[str, list[tuple[Module, ast.Call]]] = {}
        self._stored: dict[str, list[tuple[Module, ast.expr]]] = {}
        self._callers: dict[Scope, list[tuple[Module, ast.Call, Frame | None]]] = {}
        self._targets: dict[str, dict[Scope, list[tuple[Module, ast.Call, Function]]]] = {}
        self._renamed: dict[str, set[str]] = {}
        self._handed_on: dict[str, list[tuple[Module, ast.Name | ast.Attribute]]] = {}
        functions = {getattr(node, "name", "") for module in self.modules for node in module.scopes}
        for module in self.modules:
            for name in functions & (module.loads.keys() | module.attributes.keys()):
                for use in (*module.loads.get(name, ()), *module.attributes.get(name, ())):
                    parent, field = module.parents[use]
                    if isinstance(use.ctx, ast.Load) and not (isinstance(parent, ast.Call) and field == "func"):
                        self._handed_on.setdefault(name, []).append((module, use))
            for scope in module.scopes.values():
                for name, bindings in scope.bindings.items():
                    for binding in bindings:
                        if binding.kind == "from" and not binding.imported.endswith(name):
                            self._renamed.setdefault(binding.imported.rpartition(".")[2], set()).add(name)
            for call in module.calls:
                name = _last_name(call.func)
                if name:
                    self._sites.setdefault(name, []).append((module, call))
            for attribute, expressions in module.stored.items():
                self._stored.setdefault(attribute, []).extend((module, node) for node in expressions)

        self.stored_callables = frozenset(
            attribute
            for attribute, stores in self._stored.items()
            if any(_may_be_method(node, catalogue.last_names) for _, node in stores)
        )

    def stores_of(self, attribute: str) -> list[tuple[Module, ast.expr]]:
        """Return the values that the project assigns to an attribute of this name, of whatever object."""
        return self._stored.get(attribute, [])

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

    def _constant(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Constant)
        return Const(node.value, node, module)

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

    def lookup(self, module: Module, name: str) -> Value:
        """Return what a name at the top of a module is, seen from outside."""
        if name in module.top.bindings:
            return self._bound(name, module.top, None, module, None)
        for base, level in module.stars:
            found = self.imports.star(module, base, level, name)
            if found is not None:
                return self.imported(found)
        submodule = self.imports.submodule(module, name)
        return Package(submodule) if submodule else UNKNOWN_VALUE

    def _bound(self, name: str, scope: Scope, use: ast.AST | None, module: Module, frame: Frame | None) -> Value:
        bindings = reaching(scope, name, use)
        values = [self._binding(binding, scope, module, frame) for binding in bindings]
        if len(values) > 1:
            values = [value for value in values if not _is_none(value)] or values
        value = choice(values)
        if isinstance(value, Items | Made | Object | Sequence):
            for store, certain in changes(scope, name, bindings, use):
                value = self._changed(value, store, certain, module, frame)
        return value

    def _changed(self, value: Value, store: Any, certain: bool, module: Module, frame: Frame | None) -> Value:
        if isinstance(value, Items):
            return self._changed_items(value, store, certain, module, frame)
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
                return _overridden(value, extra, store.statement, module)
        if isinstance(value, Sequence) and store.kind != "attribute":
            items = value.items
            if store.kind in {"append", "extend", "insert"} and isinstance(store.value, ast.Call):
                items = (*items, *(self.evaluate(argument, module, frame) for argument in store.value.args[-1:]))
            return Sequence(items, open=True)
        return value

    def _changed_items(self, value: Items, store: Any, certain: bool, module: Module, frame: Frame | None) -> Items:
        items = dict(value.items)
        is_open = value.open

        def put(key: Any, new: Value, *, keep: bool = False) -> None:
            old = items.get(key, ABSENT)
            if keep and not isinstance(old, Absent):
                return
            items[key] = new if certain else choice([old, new])

        if store.kind == "item":
            key = self.constant(store.key, module, frame)
            if key is None:
                is_open = True
            else:
                put(key, self.evaluate(store.value, module, frame) if store.value is not None else UNKNOWN_VALUE)
        elif store.kind == "delete":
            key = self.constant(store.key, module, frame)
            if key is None:
                is_open = True
            else:
                put(key, ABSENT)
        elif store.kind == "update" or store.kind in {"pop", "setdefault"}:
            call = store.value
            if store.kind == "update":
                is_open = self._update(put, call, module, frame) or is_open
            elif isinstance(call, ast.Call) and call.args:
                key = self.constant(call.args[0], module, frame)
                if key is None:
                    is_open = True
                elif store.kind == "pop":
                    put(key, ABSENT)
                elif len(call.args) > 1:
                    put(key, self.evaluate(call.args[1], module, frame), keep=True)
        elif store.kind == "clear":
            items, is_open = {}, not certain
        elif store.kind == "escape":
            is_open = True
        return Items(items, is_open)

    def _update(self, put: Callable[..., None], call: ast.AST, module: Module, frame: Frame | None) -> bool:
        is_open = False
        sources: list[ast.expr] = []
        if isinstance(call, ast.Call):
            sources = list(call.args)
            for keyword in call.keywords:
                if keyword.arg:
                    put(keyword.arg, self.evaluate(keyword.value, module, frame))
                else:
                    sources.append(keyword.value)
        elif isinstance(call, ast.expr):
            sources = [call]
        for source in sources:
            value = self.evaluate(source, module, frame)
            if isinstance(value, Items):
                for key, item in value.items.items():
                    put(key, item)
                is_open = is_open or value.open
            else:
                is_open = True
        return is_open

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
            return value if kind == "assign" else self._entered(value)
        if kind == "unpack":
            value = self.evaluate(binding.value, module, frame)
            if isinstance(binding.statement, ast.For | ast.AsyncFor | ast.comprehension):
                value = _element(value)
            for position in binding.path:
                inside = isinstance(value, Sequence) and position < len(value.items)
                value = value.items[position] if inside and isinstance(value, Sequence) else UNKNOWN_VALUE
            return value
        if kind == "for":
            return _element(self.evaluate(binding.value, module, frame))
        return UNKNOWN_VALUE

    def _entered(self, value: Value) -> Value:
        if isinstance(value, Instance):
            enter = self.attribute(value, "__enter__") or self.attribute(value, "__aenter__")
            if isinstance(enter, Function):
                return self._called(enter, NO_ARGUMENTS, enter.scope.node, enter.scope.module)
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
        if isinstance(default_value, Function):  # Depends(get_client)
            return self._called(default_value, NO_ARGUMENTS, node, module)
        if annotation is not None:
            typed = self.annotated(annotation, module)
            if isinstance(typed, Object | Instance):
                return self._from_callers(scope, binding.name, typed) or typed
        found = self._from_callers(scope, binding.name, None)
        if found is not None:
            return found
        if isinstance(default_value, Object | Instance):
            return choice([default_value, UNKNOWN_VALUE])
        return Parameter(scope, binding.name, default_value)

    def _from_callers(self, scope: Scope, name: str, typed: Value | None) -> Value | None:
        """Return the object that all known callers hand over for a parameter, or nothing."""
        if self._depth > DEPTH // 3:
            return None
        found: list[Value] = []
        for module, call, frame in self.callers(scope):
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
            elif not _is_none(value):
                found.append(UNKNOWN_VALUE)
        values = [option for value in found for option in options(value)]
        known = [value for value in values if isinstance(value, Object | Instance)]
        return choice(found) if known else None

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
            names = [getattr(scope.parent.node, "name", "")]
        if node.name == "__call__":
            return []
        names.extend(sorted(self._renamed.get(names[0], ())))
        found: list[tuple[Module, ast.Call, Frame | None]] = []
        for name in names:
            for module, call, function in self._called_as(name).get(scope, ())[:CALLERS]:
                arguments = self.arguments(call, module, None)
                found.append((module, call, self.frame(function, arguments)))
        return found

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
        found = []
        for base in self.bases(cls)[1:]:
            for binding in base.scope.bindings.get(name, ()):
                if binding.kind == "def":
                    found.append(base.scope.module.scopes[binding.statement])
        return found

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
                            return self._called(provider, NO_ARGUMENTS, extra, module)
                return self.annotated(inner.elts[0], module)
            if outer == "Union" and isinstance(inner, ast.Tuple):
                sides = [self.annotated(side, module) for side in inner.elts]
                return choice([side for side in sides if isinstance(side, Object | Instance)])
            return UNKNOWN_VALUE
        if annotation not in module.parents:  # from a string: it stands nowhere in the tree
            name = dotted(annotation)
            return self._typed(self._dotted(name, module)) if name else UNKNOWN_VALUE
        return self._typed(self.evaluate(annotation, module, None))

    def _typed(self, value: Value) -> Value:
        for option in options(value):
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
            if _is_none(option):
                continue
            value = self.attribute(option, node.attr)
            if value is not None:
                values.append(value)
        found = choice(values)
        if isinstance(found, Member) and not isinstance(found.base, Object | Ref | Answer):
            stored = self._stored_objects(node.attr)
            if stored is not None:
                return stored
        if isinstance(found, Items | Made | Object):
            name = dotted(node)
            scope = module.scope_of(node)
            if name and name in scope.stores:
                for store, certain in changes(scope, name, [], node):
                    found = self._changed(found, store, certain, module, frame)
        return found

    def _stored_objects(self, attribute: str) -> Value | None:
        """Return the object that the project stores under this attribute name, where all stores agree."""
        stores = self._stored.get(attribute, [])
        if not stores or len(stores) > CALLERS or self._depth > DEPTH // 2:
            return None
        found = []
        for module, node in stores:
            value = self.evaluate(node, module, None)
            if _is_none(value):
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
            return self._instance_attribute(base, name)
        if isinstance(base, Class):
            return self.member_of_class(base, name) or UNKNOWN_VALUE
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

    def _instance_attribute(self, base: Instance, name: str) -> Value | None:
        values: list[Value] = []
        for cls in self.bases(base.cls):
            scope = cls.scope
            for binding in scope.bindings.get(f"self.{name}", ()):
                if binding.value is None:
                    continue
                holder = scope.module.scope_of(binding.statement)
                frame = self._method_frame(holder, base)
                if binding.kind == "declare":
                    values.append(self.annotated(binding.value, scope.module))
                elif binding.kind in {"assign", "with"}:
                    values.append(self.evaluate(binding.value, scope.module, frame))
                else:
                    values.append(UNKNOWN_VALUE)
            if values:
                break
            if name in scope.bindings:
                return self._class_attribute(base, cls, name)
        if values:
            known = [value for value in values if not _is_none(value) and not _is_plain(value)]
            return choice(known or values)
        if base.arguments is not None and name in base.arguments.keywords:
            return self.force(base.arguments.keywords[name])
        return Member(base, (name,))

    def _class_attribute(self, base: Instance, cls: Class, name: str) -> Value:
        scope = cls.scope
        if base.arguments is not None and name in base.arguments.keywords:
            return self.force(base.arguments.keywords[name])
        value = self._bound(name, scope, None, scope.module, cls.frame)
        if isinstance(value, Function):
            node = value.scope.node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_property(node):
                bound = Function(value.scope, value.frame, base)
                return self._called(bound, NO_ARGUMENTS, node, scope.module)
            return Function(value.scope, value.frame, base)
        if isinstance(value, Made) and value.path.rpartition(".")[2] in {"Field", "field", "PrivateAttr"}:
            default = value.arguments.keywords.get("default")
            factory = value.arguments.keywords.get("default_factory")
            if default is None and value.arguments.positional:
                default = value.arguments.positional[0]
            if default is not None:
                return self.force(default)
            if factory is not None:
                return self.call_value(self.force(factory), NO_ARGUMENTS, value.node, value.module)
        return value

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
                for option in options(self.evaluate(base, current.scope.module, None)):
                    if isinstance(option, Class):
                        waiting.append(option)
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

    def _method_frame(self, scope: Scope, instance: Instance) -> Frame | None:
        """Return the frame of `__init__` for a known construction; other methods run with unknown arguments."""
        node = scope.node
        if instance.arguments is None or getattr(node, "name", "") not in {"__init__", "__new__"}:
            return None
        return self.frame(Function(scope, None, instance), instance.arguments)

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
                key: choice([option.items.get(key, UNKNOWN_VALUE if option.open else ABSENT) for option in dictionaries])
                for key in keys
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
        for name, value in zip(ordered, positional, strict=False):
            values[name] = value
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
            if _is_none(option):
                continue
            arguments = self.arguments(node, module, frame)
            values.append(self.call_value(option, arguments, node, module, frame))
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
            return self._call_outside(callee.path, arguments, node, module)
        if isinstance(callee, Member):
            return self._call_member(callee, arguments, node, module)
        if isinstance(callee, Function):
            return self._called(callee, arguments, node, module)
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
                return self._called(method, arguments, node, module)
        return UNKNOWN_VALUE

    def _call_outside(self, path: str, arguments: Arguments, node: ast.AST, module: Module) -> Value:
        if path in TRANSPARENT and arguments.positional:
            return self.force(arguments.positional[0])
        if path in TRANSPARENT and path.endswith("Depends") and "dependency" in arguments.keywords:
            return self.force(arguments.keywords["dependency"])
        if path in _CASTS and len(arguments.positional) > 1:
            value = self.force(arguments.positional[1])
            given = arguments.positional[0]
            typed = self.annotated(given.node, given.module) if isinstance(given, Later) else UNKNOWN_VALUE
            return value if isinstance(value, Object | Instance) or type(typed) is Value else typed
        if path in {"functools.partial", "functools.partialmethod"} and arguments.positional:
            rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.open, arguments.open_positional)
            return Partial(self.force(arguments.positional[0]), rest)
        if path == "dict":
            return self._made_dict(arguments)
        if path in {"list", "tuple", "set", "sorted"} and len(arguments.positional) == 1:
            return self.force(arguments.positional[0])
        if path == "getattr" and len(arguments.positional) >= 2:
            name = self.force(arguments.positional[1])
            base = self.force(arguments.positional[0])
            if isinstance(name, Const) and isinstance(name.value, str):
                return self.attribute(base, name.value) or UNKNOWN_VALUE
            return UNKNOWN_VALUE
        if path in {"os.getenv", "os.environ.get", "os.environ.setdefault"} and arguments.positional:
            return self._environment(arguments)
        types = [kind for kind in self.catalogue.constructed(path) if self._fits(kind, arguments)]
        if types:
            kind = types[0]
            return Object(kind, arguments, node, module, maker=self._wrapped(kind, arguments))
        operations = self.catalogue.function_operations(path)
        if isinstance(node, ast.Call) and operations and not operations[0].host_argument:
            return Answer(operations[0], node)
        maker = self.catalogue.makers.get(path)
        if maker is not None and self._fits(maker, arguments):
            return Object(maker, arguments, node, module, maker=self._wrapped(maker, arguments))
        return Made(path, arguments, node, module)

    def _environment(self, arguments: Arguments) -> Value:
        name = self.force(arguments.positional[0])
        written = str(name.value) if isinstance(name, Const) else ""
        default = arguments.positional[1] if len(arguments.positional) > 1 else arguments.keywords.get("default")
        values: list[Value] = [Environment(written)]
        if default is not None and not _is_none(given := self.force(default)):
            values.append(given)
        return choice(values)

    def _made_dict(self, arguments: Arguments) -> Value:
        items: dict[Any, Value] = {}
        is_open = arguments.open
        for given in arguments.positional:
            value = self.force(given)
            if isinstance(value, Items):
                items.update(value.items)
                is_open = is_open or value.open
            else:
                is_open = True
        items.update({key: self.force(value) for key, value in arguments.keywords.items()})
        return Items(items, is_open)

    def _fits(self, kind: Type, arguments: Arguments) -> bool:
        for name, wanted in kind.when.items():
            given = argument(arguments, name, kind.positions)
            value = self.force(given) if given is not None else ABSENT
            if not any(isinstance(option, Const) and option.value == wanted for option in options(value)):
                return False
        return True

    def _wrapped(self, kind: Type, arguments: Arguments) -> Object | None:
        if not kind.wraps:
            return None
        given = argument(arguments, kind.wraps, kind.positions)
        for option in options(self.force(given)) if given is not None else ():
            if isinstance(option, Object):
                return option
        return None

    def _call_member(self, callee: Member, arguments: Arguments, node: ast.AST, module: Module) -> Value:
        base = callee.base
        written = ".".join(callee.path)
        if isinstance(base, Made) and base.path in {"contextlib.ExitStack", "contextlib.AsyncExitStack"}:
            if written in _ENTERED and arguments.positional:
                return self.force(arguments.positional[0])
        if not isinstance(base, Object):
            if written in _ENTERED and arguments.positional:
                return self.force(arguments.positional[0])
            if written == "format" and isinstance(base, Const | Joined):
                return Joined((base, UNKNOWN_VALUE))
            if written in {"copy", "strip", "lower", "upper", "encode", "decode", "get_secret_value"}:
                return base
            if written == "get" and isinstance(base, Items) and arguments.positional:
                key = self.force(arguments.positional[0])
                if isinstance(key, Const):
                    return base.items.get(key.value, UNKNOWN_VALUE if base.open else ABSENT)
            return UNKNOWN_VALUE
        operations = self.catalogue.method_operations(base.type.name, written)
        maker = self.catalogue.makers.get(f"{base.type.name}.{written}")
        if maker is not None:
            return Object(maker, arguments, node, module, maker=base, retrying=base.retrying)
        if operations and isinstance(node, ast.Call):
            return Answer(operations[0], node)
        if written in base.type.options:
            return _overridden(base, arguments, node, module)
        if written in base.type.same:
            return base
        if written in {"__enter__", "__aenter__"}:
            return base
        retrying = base.type.retrying.get(written)
        if retrying is not None:
            added = (*base.retrying, (retrying, arguments, node, module))
            return Object(
                base.type, base.arguments, base.node, base.module, base.overrides, base.maker, added
            )
        return UNKNOWN_VALUE

    def _called(self, function: Function, arguments: Arguments, node: ast.AST, module: Module) -> Value:
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
        useful = [value for value in values if not _is_none(value)]
        found = choice(useful) if useful else UNKNOWN_VALUE
        return self._annotated_return(scope) if type(found) is Value else found

    def _annotated_return(self, scope: Scope) -> Value:
        node = scope.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            return self.annotated(node.returns, scope.module)
        return UNKNOWN_VALUE

    # -- other expressions ---------------------------------------------------------------------------------

    def _dict(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Dict)
        items: dict[Any, Value] = {}
        is_open = False
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.evaluate(value, module, frame)
                spread, spread_open = self._spread(inner)
                items.update({name: self.force(given) for name, given in spread.items()})
                is_open = is_open or spread_open
                continue
            name = self.constant(key, module, frame)
            if name is None:
                is_open = True
            else:
                items[name] = self.evaluate(value, module, frame)
        return Items(items, is_open)

    def _list(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.List | ast.Tuple | ast.Set)
        items: list[Value] = []
        is_open = False
        for item in node.elts:
            if isinstance(item, ast.Starred):
                value = self.evaluate(item.value, module, frame)
                items.extend(value.items if isinstance(value, Sequence) else ())
                is_open = True
            else:
                items.append(self.evaluate(item, module, frame))
        return Sequence(tuple(items), is_open)

    def _conditional(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.IfExp)
        return choice([self.evaluate(side, module, frame) for side in (node.body, node.orelse)])

    def _boolean(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.BoolOp)
        values = [self.evaluate(side, module, frame) for side in node.values]
        if isinstance(node.op, ast.Or):
            kept: list[Value] = []
            for value in values:
                if isinstance(value, Const) and not value.value:
                    continue
                kept.append(value)
                if isinstance(value, Const | Object | Made):
                    break
            objects = [value for value in kept if isinstance(value, Object)]
            if objects and all(isinstance(value, Object | Parameter) for value in kept):
                return choice([*objects, *([UNKNOWN_VALUE] if len(objects) < len(kept) else [])])
            return choice(kept or values[-1:])
        return values[-1]

    def _binary(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.BinOp)
        left = self.evaluate(node.left, module, frame)
        right = self.evaluate(node.right, module, frame)
        if isinstance(node.op, ast.BitOr):
            if isinstance(left, Items) and isinstance(right, Items):
                return Items({**left.items, **right.items}, left.open or right.open)
            for side in (left, right):  # prompt | llm | parser
                for option in options(side):
                    if isinstance(option, Object):
                        return option
            return UNKNOWN_VALUE
        if isinstance(left, Const) and isinstance(right, Const):
            numbers = isinstance(left.value, int | float) and isinstance(right.value, int | float)
            texts = isinstance(left.value, str) and isinstance(right.value, str) and isinstance(node.op, ast.Add)
            compute = _ARITHMETIC.get(type(node.op))
            if compute is not None and (numbers or texts):
                try:
                    return Const(compute(left.value, right.value), node, module)
                except (ArithmeticError, ValueError):
                    return UNKNOWN_VALUE
        if isinstance(left, Sequence) and isinstance(right, Sequence):
            return Sequence((*left.items, *right.items), left.open or right.open)
        if isinstance(left, Sequence) or isinstance(right, Sequence):
            known = left if isinstance(left, Sequence) else right
            return Sequence(known.items if isinstance(known, Sequence) else (), open=True)
        if any(isinstance(side, Joined) or _is_text(side) for side in (left, right)):
            return Joined((left, right))
        return UNKNOWN_VALUE

    def _unary(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.UnaryOp)
        value = self.evaluate(node.operand, module, frame)
        if isinstance(node.op, ast.USub) and isinstance(value, Const) and isinstance(value.value, int | float):
            return Const(-value.value, node, module)
        return UNKNOWN_VALUE

    def _joined(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.JoinedStr)
        parts = []
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            parts.append(self.evaluate(inner, module, frame))
        if all(isinstance(part, Const) for part in parts):
            text = "".join(str(part.value) for part in parts if isinstance(part, Const))
            return Const(text, node, module)
        return Joined(tuple(parts))

    def _await(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Await | ast.Starred | ast.NamedExpr)
        return self.evaluate(node.value, module, frame)

    def _subscript(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        assert isinstance(node, ast.Subscript)
        base = self.evaluate(node.value, module, frame)
        key = self.constant(node.slice, module, frame)
        values: list[Value] = []
        for option in options(base):
            if isinstance(option, Ref) and option.path == "os.environ" and isinstance(key, str):
                values.append(Environment(key))
            elif isinstance(option, Items) and key is not None:
                values.append(option.items.get(key, UNKNOWN_VALUE))
            elif isinstance(option, Items) and option.items and not option.open:
                values.append(choice(list(option.items.values())))
            elif isinstance(option, Sequence) and isinstance(key, int) and -len(option.items) <= key < len(option.items):
                values.append(option.items[key])
            else:
                values.append(UNKNOWN_VALUE)
        return choice(values)

    def _function(self, node: ast.AST, module: Module, frame: Frame | None) -> Value:
        return Function(module.scopes[node], frame)

    def constant(self, node: ast.AST | str | None, module: Module, frame: Frame | None) -> Any:
        """Return the constant that an expression is, or `None`."""
        if node is None or isinstance(node, str):
            return node
        value = self.evaluate(node, module, frame)
        return value.value if isinstance(value, Const) and isinstance(value.value, str | int) else None


_HANDLERS: dict[type[ast.AST], Callable[[Resolver, ast.AST, Module, Frame | None], Value]] = {
    ast.Constant: Resolver._constant,
    ast.Name: Resolver._name,
    ast.Attribute: Resolver._attribute,
    ast.Call: Resolver._call,
    ast.Dict: Resolver._dict,
    ast.List: Resolver._list,
    ast.Tuple: Resolver._list,
    ast.Set: Resolver._list,
    ast.IfExp: Resolver._conditional,
    ast.BoolOp: Resolver._boolean,
    ast.BinOp: Resolver._binary,
    ast.UnaryOp: Resolver._unary,
    ast.JoinedStr: Resolver._joined,
    ast.Await: Resolver._await,
    ast.Starred: Resolver._await,
    ast.NamedExpr: Resolver._await,
    ast.Subscript: Resolver._subscript,
    ast.Lambda: Resolver._function,
}


def argument(arguments: Arguments, name: str, positions: tuple[str, ...]) -> Later | Value | None:
    """Return the argument of this name, given by keyword or at its position."""
    if name in arguments.keywords:
        return arguments.keywords[name]
    if name in positions:
        position = positions.index(name)
        if position < len(arguments.positional):
            return arguments.positional[position]
    return None


def _may_be_method(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Call):
        return any(_may_be_method(argument, names) for argument in node.args[:1])
    return isinstance(node, ast.Attribute) and node.attr in names


def is_same(value: Object, node: ast.AST) -> bool:
    """Tell whether a call is that of a method that returns its object unchanged (`llm.bind_tools(…)`)."""
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr in value.type.same


def _overridden(base: Object, arguments: Arguments, node: ast.AST, module: Module) -> Object:
    overrides = (*base.overrides, (arguments, node, module))
    return Object(base.type, base.arguments, base.node, base.module, overrides, base.maker, base.retrying)


def _element(value: Value) -> Value:
    if isinstance(value, Sequence) and value.items:
        return choice(list(value.items))
    return value if isinstance(value, Made) and value.path.endswith("Retrying") else UNKNOWN_VALUE


def _frame_of(frame: Frame | None, scope: Scope) -> Frame | None:
    while frame is not None and frame.scope is not scope:
        frame = frame.outer
    return frame


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _is_plain(value: Value) -> bool:
    return type(value) is Value


def _is_text(value: Value) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)


def _last_name(node: ast.AST) -> str:
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


def _decorated(node: ast.AST, names: frozenset[str]) -> bool:
    decorators = getattr(node, "decorator_list", ())
    return any(dotted(decorator).rpartition(".")[2] in names for decorator in decorators)


def _is_static(node: ast.AST) -> bool:
    return _decorated(node, frozenset({"staticmethod"}))


def _is_classmethod(node: ast.AST) -> bool:
    return _decorated(node, frozenset({"classmethod"}))


def _is_property(node: ast.AST) -> bool:
    return _decorated(node, frozenset({"property", "cached_property"}))
