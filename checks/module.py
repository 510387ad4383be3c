"""The per-file pass: one walk over a tree that records scopes, bindings, calls and stores.

Nothing is resolved here; `checks.resolve` reads these tables on demand, across files.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from callsafe.checks.source import Source

KEEPING = frozenset({"set", "setdefault"})
"""Methods that put their second argument under the key that is their first."""
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ScopeNode = ast.Module | ast.ClassDef | FunctionNode


@dataclass(slots=True, eq=False)
class Binding:
    """One way in which a name gets its value.

    `kind` is `assign`, `unpack`, `import`, `def`, `class`, `param`, `for`, `with`, `except`, `declare` (an
    annotation without value) or `unknown`. `value` is the expression that gives the value, `path` the positions
    inside it for an unpacked target, `statement` the statement that binds.
    """

    kind: str
    name: str
    statement: ast.AST
    value: ast.AST | None = None
    path: tuple[int, ...] = ()
    imported: str = ""
    level: int = 0


@dataclass(slots=True, eq=False)
class Store:
    """A change of an object held by a name: `d["key"] = v`, `d.update(…)`, `o.attribute = v`, `d.pop("key")`.

    `inside` are the keys under which the changed object stands in the one that has the name: `d["inside"]["key"] = v`.
    """

    kind: str
    statement: ast.AST
    key: ast.expr | str | None
    value: ast.expr | None
    inside: tuple[ast.expr, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Scope:
    """A module, class or function and the names bound in it.

    `outer` are the names declared `nonlocal` or `global` in it, `shared` those declared `global`. `checked` are the
    classes that `isinstance` asks about, by the dotted name of what is asked.
    """

    node: ScopeNode
    module: Module
    parent: Scope | None
    name: str
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stores: dict[str, list[Store]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    inner: list[Scope] = field(default_factory=list)
    checked: dict[str, list[ast.expr]] = field(default_factory=dict)
    returns: list[ast.expr] = field(default_factory=list)
    yields: list[ast.Yield] = field(default_factory=list)

    @property
    def is_class(self) -> bool:
        """True for a class body."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        """True for a function or lambda."""
        return isinstance(self.node, FunctionNode)


@dataclass(slots=True, eq=False, repr=False)
class Module:
    """One file's tables.

    `parents` gives for a node the node above and the field that holds it, `order` its position in the source.
    `renamed` are the names under which functions or classes are imported, `varying` all names that can be bound to
    something else than a function or class of this module. `kept` are the values put under a constant key into
    something, by the last name of that thing and the key.
    """

    source: Source
    tree: ast.Module
    top: Scope = field(init=False)
    scopes: dict[ast.AST, Scope] = field(default_factory=dict)
    parents: dict[ast.AST, tuple[ast.AST, str]] = field(default_factory=dict)
    calls: list[ast.Call] = field(default_factory=list)
    attributes: dict[str, list[ast.Attribute]] = field(default_factory=dict)
    loads: dict[str, list[ast.Name]] = field(default_factory=dict)
    stored: dict[str, list[ast.expr]] = field(default_factory=dict)
    stars: list[tuple[str, int]] = field(default_factory=list)
    kept: dict[tuple[str, str], list[ast.expr]] = field(default_factory=dict)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    dictionaries: list[ast.Dict] = field(default_factory=list)
    varying: set[str] = field(default_factory=set)
    order: dict[ast.AST, int] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path as it is shown."""
        return self.source.path

    def scope_of(self, node: ast.AST) -> Scope:
        """Return the innermost scope whose body holds the node (a decorator belongs to the scope outside)."""
        for parent, name in self.ancestors(node):
            if name == "body" and parent in self.scopes:
                return self.scopes[parent]
        return self.top

    def ancestors(self, node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
        """Yield each parent of the node with the field of the parent that holds the way down, innermost first."""
        while (link := self.parents.get(node)) is not None:
            yield link
            node = link[0]


def index(source: Source, tree: ast.Module) -> Module:
    """Walk the tree once and return its tables."""
    module = Module(source, tree)
    _Walk(module).run()
    return module


class _Walk:
    """The walk's state: a stack instead of recursion, because generated code nests deeper than Python's stack."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def run(self) -> None:
        module = self.module
        module.top = Scope(module.tree, module, None, "")
        module.scopes[module.tree] = module.top
        stack: list[tuple[ast.AST, Scope]] = [(module.tree, module.top)]
        parents, order = module.parents, module.order
        count = 0
        while stack:
            node, scope = stack.pop()
            count += 1
            order[node] = count
            kind = type(node)
            visitor = _VISITORS.get(kind)
            inner = scope if visitor is None else visitor(self, node, scope)
            children: list[tuple[ast.AST, Scope]] = []
            for name in _CHILDREN[kind]:
                value = getattr(node, name, None)
                if value is None or value == []:
                    continue
                held = inner if name == "body" else scope
                if isinstance(value, list):
                    link = (node, name)
                    for item in value:
                        if isinstance(item, ast.AST):
                            parents[item] = link
                            children.append((item, held))
                elif isinstance(value, ast.AST):
                    parents[value] = (node, name)
                    children.append((value, held))
            children.reverse()
            stack += children

    def bind(self, scope: Scope, binding: Binding) -> None:
        if binding.kind not in {"def", "class"}:
            self.module.varying.add(binding.name)
        if binding.name in scope.outer:
            target = scope.parent
            while target is not None and target.parent is not None and not target.is_function:
                target = target.parent
            scope = (None if binding.name in scope.shared else target) or self.module.top
        scope.bindings.setdefault(binding.name, []).append(binding)

    def target(
        self,
        scope: Scope,
        target: ast.AST,
        value: ast.AST | None,
        statement: ast.AST,
        kind: str,
        path: tuple[int, ...],
    ) -> None:
        if isinstance(target, ast.Name):
            self.bind(scope, Binding("unpack" if path else kind, target.id, statement, value, path))
        elif isinstance(target, ast.Tuple | ast.List):
            for position, item in enumerate(target.elts):
                starred = isinstance(item, ast.Starred)
                self.target(
                    scope,
                    item.value if isinstance(item, ast.Starred) else item,
                    None if starred else value,
                    statement,
                    "unknown" if starred else kind,
                    (*path, position),
                )
        elif isinstance(target, ast.Attribute):
            key = target.attr
            if isinstance(target.value, ast.Name) and kind != "declare":
                store = Store("attribute", statement, key, value if isinstance(value, ast.expr) else None)
                scope.stores.setdefault(target.value.id, []).append(store)
            if isinstance(target.value, ast.Name):
                first = _first_parameter(scope)
                if first == target.value.id and not path:
                    owner = _class_of(scope)
                    if owner is not None and value is not None:
                        bound = Binding(kind, key, statement, value)
                        owner.bindings.setdefault(f"self.{key}", []).append(bound)
            if isinstance(value, ast.expr) and kind != "declare":
                self.module.stored.setdefault(key, []).append(value)
                self.keep(target.value, key, value, path)
        elif isinstance(target, ast.Subscript):
            name, inside = _held(target.value)
            if name:
                expression = value if isinstance(value, ast.expr) else None
                store = Store("item", statement, target.slice, expression, inside)
                scope.stores.setdefault(name, []).append(store)
                self.keep(target.value, target.slice, expression, path)

    def keep(
        self, holder: ast.expr, key: ast.expr | str, value: ast.expr | None, path: tuple[int, ...]
    ) -> None:
        """Note a thing that is put under a constant key into something outside (`st.session_state["llm"] = …`)."""
        name = key.value if isinstance(key, ast.Constant) else key
        written = dotted(holder).rpartition(".")[2]
        if value is not None and not path and written and isinstance(name, str):
            self.module.kept.setdefault((written, name), []).append(value)

    def visit_call(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Call)
        self.module.calls.append(node)
        if isinstance(node.func, ast.Name) and node.func.id == "isinstance" and len(node.args) == 2:
            name = dotted(node.args[0])
            if name:
                scope.checked.setdefault(name, []).append(node.args[1])
        elif isinstance(node.func, ast.Attribute) and node.func.attr in KEEPING and len(node.args) == 2:
            self.keep(node.func.value, node.args[0], node.args[1], ())
        return scope

    def visit_attribute(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Attribute)
        self.module.attributes.setdefault(node.attr, []).append(node)
        return scope

    def visit_name(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Name)
        self.module.loads.setdefault(node.id, []).append(node)
        return scope

    def visit_dict(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Dict)
        self.module.dictionaries.append(node)
        return scope

    def visit_function(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, FunctionNode)
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        inner = Scope(node, self.module, scope, f"{scope.name}.{name}".lstrip("."))
        if not isinstance(node, ast.Lambda):
            self.bind(scope, Binding("def", node.name, node, node))
        else:
            inner.returns.append(node.body)
        self.module.scopes[node] = inner
        scope.inner.append(inner)
        arguments = node.args
        every = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        for argument in every:
            if argument is not None:
                inner.bindings[argument.arg] = [Binding("param", argument.arg, node, argument)]
                self.module.varying.add(argument.arg)
        return inner

    def visit_class(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.ClassDef)
        inner = Scope(node, self.module, scope, f"{scope.name}.{node.name}".lstrip("."))
        self.bind(scope, Binding("class", node.name, node, node))
        self.module.scopes[node] = inner
        scope.inner.append(inner)
        return inner

    def visit_assign(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Assign)
        for target in node.targets:
            self.target(scope, target, node.value, node, "assign", ())
        return scope

    def visit_annotated(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.AnnAssign)
        if node.value is not None:
            self.target(scope, node.target, node.value, node, "assign", ())
        if isinstance(node.target, ast.Name):
            self.bind(scope, Binding("declare", node.target.id, node, node.annotation))
        elif isinstance(node.target, ast.Attribute) and (node.value is None or _is_none(node.value)):
            self.target(scope, node.target, node.annotation, node, "declare", ())
        return scope

    def visit_augmented(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.AugAssign)
        if isinstance(node.target, ast.Name):
            if isinstance(node.op, ast.BitOr):
                store = Store("update", node, None, node.value)
                scope.stores.setdefault(node.target.id, []).append(store)
            else:
                self.bind(scope, Binding("augment", node.target.id, node, node.value))
        return scope

    def visit_walrus(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.NamedExpr)
        self.target(scope, node.target, node.value, node, "assign", ())
        return scope

    def visit_import(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Import)
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            path = alias.name if alias.asname else name
            self.bind(scope, Binding("import", name, node, None, (), path))
        return scope

    def visit_from(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.ImportFrom)
        base = node.module or ""
        for alias in node.names:
            if alias.name == "*":
                self.module.stars.append((base, node.level))
                continue
            name = alias.asname or alias.name
            if name != alias.name:
                self.module.renamed.append((alias.name, name))
            path = f"{base}.{alias.name}" if base else alias.name
            self.bind(scope, Binding("from", name, node, None, (), path, node.level))
        return scope

    def visit_for(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
        self.target(scope, node.target, node.iter, node, "for", ())
        return scope

    def visit_with(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items:
            if item.optional_vars is not None:
                self.target(scope, item.optional_vars, item.context_expr, node, "with", ())
        return scope

    def visit_except(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.ExceptHandler)
        if node.name:
            self.bind(scope, Binding("except", node.name, node, node.type))
        return scope

    def visit_outer(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Global | ast.Nonlocal)
        scope.outer.update(node.names)
        if isinstance(node, ast.Global):
            scope.shared.update(node.names)
        return scope

    def visit_return(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Return)
        if node.value is not None:
            scope.returns.append(node.value)
        return scope

    def visit_yield(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Yield)
        scope.yields.append(node)
        return scope

    def visit_expression(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Expr)
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if not isinstance(call, ast.Call):
            return scope
        function = call.func
        if isinstance(function, ast.Attribute):
            name, inside = _held(function.value)
            if name and function.attr in {
                "update",
                "setdefault",
                "pop",
                "clear",
                "append",
                "extend",
                "insert",
            }:
                scope.stores.setdefault(name, []).append(Store(function.attr, node, None, call, inside))
        for argument in call.args:
            name = dotted(argument)
            if name and not _only_reads(function):
                scope.stores.setdefault(name, []).append(Store("escape", node, None, call))
        return scope

    def visit_delete(self, node: ast.AST, scope: Scope) -> Scope:
        assert isinstance(node, ast.Delete)
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                name, inside = _held(target.value)
                if name:
                    store = Store("delete", node, target.slice, None, inside)
                    scope.stores.setdefault(name, []).append(store)
        return scope


_LEAVES = frozenset(
    {"ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "lineno", "simple", "level"}
)
_CHILDREN = {
    kind: () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _LEAVES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_VISITORS = {
    ast.Call: _Walk.visit_call,
    ast.Attribute: _Walk.visit_attribute,
    ast.Name: _Walk.visit_name,
    ast.Dict: _Walk.visit_dict,
    ast.FunctionDef: _Walk.visit_function,
    ast.AsyncFunctionDef: _Walk.visit_function,
    ast.Lambda: _Walk.visit_function,
    ast.ClassDef: _Walk.visit_class,
    ast.Assign: _Walk.visit_assign,
    ast.AnnAssign: _Walk.visit_annotated,
    ast.AugAssign: _Walk.visit_augmented,
    ast.NamedExpr: _Walk.visit_walrus,
    ast.Import: _Walk.visit_import,
    ast.ImportFrom: _Walk.visit_from,
    ast.For: _Walk.visit_for,
    ast.AsyncFor: _Walk.visit_for,
    ast.comprehension: _Walk.visit_for,
    ast.With: _Walk.visit_with,
    ast.AsyncWith: _Walk.visit_with,
    ast.ExceptHandler: _Walk.visit_except,
    ast.Global: _Walk.visit_outer,
    ast.Nonlocal: _Walk.visit_outer,
    ast.Return: _Walk.visit_return,
    ast.Yield: _Walk.visit_yield,
    ast.Expr: _Walk.visit_expression,
    ast.Delete: _Walk.visit_delete,
}

_READERS = frozenset(
    {
        "print",
        "pprint",
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "log",
        "write",
        "dumps",
        "len",
        "str",
        "repr",
    }
)


def _held(node: ast.expr) -> tuple[str, tuple[ast.expr, ...]]:
    """Return the dotted name of what holds a thing, and the keys under which it stands there: `d["a"]["b"]`."""
    inside: list[ast.expr] = []
    while isinstance(node, ast.Subscript):
        inside.insert(0, node.slice)
        node = node.value
    return dotted(node), tuple(inside)


def _only_reads(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in _READERS


def _first_parameter(scope: Scope) -> str:
    if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = (*scope.node.args.posonlyargs, *scope.node.args.args)
        if arguments and _class_of(scope) is not None:
            return arguments[0].arg
    return ""


def _class_of(scope: Scope) -> Scope | None:
    return scope.parent if scope.parent is not None and scope.parent.is_class else None


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a chain of names, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def decorated(node: ast.AST, names: frozenset[str]) -> bool:
    """Tell whether a function or class has a decorator whose name ends in one of these."""
    decorators = getattr(node, "decorator_list", ())
    called = (decorator.func if isinstance(decorator, ast.Call) else decorator for decorator in decorators)
    return any(dotted(decorator).rpartition(".")[2] in names for decorator in called)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name, or of an attribute of anything; else nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
