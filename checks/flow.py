"""The code around a model call: handlers, retries, loops, threads, callers, the consumption of a stream."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from callsafe.checks import retries
from callsafe.checks.calls import THREADED, Found
from callsafe.checks.decorators import HARMLESS, is_route
from callsafe.checks.errors import BROAD, Errors
from callsafe.checks.module import Module, Scope, dotted
from callsafe.checks.resolve import Resolver
from callsafe.checks.values import Class, Function, Made, Member, Object, Ref, Sequence, Value, options
from callsafe.rules.facts import Body, Flow, Handler, Loop, Retry, Where

CALLER_DEPTH = 8
CALLER_SITES = 24
_LOGGING = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "write", "capture_exception",
     "capture_message", "add_note", "record_exception", "set_status", "echo", "secho", "notify", "put", "append", "send"}
)  # fmt: skip


@dataclass(slots=True)
class _Around:
    """What is collected on the way from a call outwards."""

    handlers: list[Handler] = field(default_factory=list)
    retries: list[Retry] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    complete: bool = True
    in_thread: bool = False


class Flows:
    """Reads the code around calls; one for a run."""

    def __init__(self, resolver: Resolver, errors: Errors) -> None:
        self.resolver = resolver
        self.errors = errors
        self._framework = tuple(self._framework_handlers())

    def of(self, found: Found, raised: Mapping[str, tuple[str, ...]]) -> Flow:
        """Return the flow facts of a model call that raises these classes."""
        module, node = found.module, found.node
        around = _Around()
        if found.base is None and found.subject is not node.func:
            complete = around.complete
            self._taken(module, node, around)
            around.complete = complete
        scope = self._collect(module, node, raised, around, Where.AROUND)
        loops = tuple(around.loops)
        self._outwards(module, scope, raised, around, set(), 0)
        consumers, consumed = self._consumption(found, raised)
        for retrying, arguments, written_at, written_in in found.receiver.retrying if found.receiver else ():
            given = arguments.keywords.get(retrying.attempts)
            value = self.resolver.force(given) if given is not None else None
            attempts = getattr(value, "value", retrying.default) if value is not None else retrying.default
            around.retries.insert(0, retries.of_method(written_in.source.place(written_at), retrying, attempts))
        return Flow(
            function=scope.name if scope is not None else "",
            handlers=tuple(around.handlers),
            retries=tuple(around.retries),
            loops=loops,
            complete=around.complete,
            in_async=_is_async(scope),
            in_thread=found.in_thread or around.in_thread,
            consumers=consumers,
            consumed=consumed,
        )

    # -- inside one function -------------------------------------------------------------------------------

    def _collect(
        self, module: Module, node: ast.AST, raised: Mapping[str, tuple[str, ...]], around: _Around, where: Where
    ) -> Scope | None:
        """Collect what stands around a node up to its function; a lambda's user is part of the way."""
        inside = node
        for parent, name in module.ancestors(node):
            if isinstance(parent, ast.Try | ast.TryStar) and name == "body":
                around.handlers.extend(self.handler(module, handler, raised, where) for handler in parent.handlers)
            elif isinstance(parent, ast.With | ast.AsyncWith) and name == "body":
                for item in parent.items:
                    self._context(module, item.context_expr, raised, around, where)
            elif isinstance(parent, ast.For | ast.AsyncFor | ast.While) and name == "body":
                around.loops.append(_loop(module, parent))
                retry = retries.of_loop(self.resolver, module, parent, node, where, self._loop_handler(raised))
                if retry is not None:
                    around.retries.append(retry)
            elif isinstance(parent, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
                if name in {"elt", "key", "value"}:
                    place = module.source.place(parent)
                    around.loops.append(Loop(place, "comprehension"))
            elif isinstance(parent, ast.Lambda) and name == "body":
                self._handed_over(module, parent, around, where)
            elif isinstance(parent, ast.Call) and name == "args" and inside is not node:
                pass
            elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and name == "body":
                return module.scopes[parent]
            inside = parent
        return None

    def _loop_handler(self, raised: Mapping[str, tuple[str, ...]]) -> retries.Catches:
        def catches(module: Module, handler: ast.ExceptHandler) -> tuple[frozenset[str], bool]:
            made = self.handler(module, handler, raised, Where.AROUND)
            return made.catches, made.broad

        return catches

    def handler(
        self, module: Module, node: ast.ExceptHandler, raised: Mapping[str, tuple[str, ...]], where: Where
    ) -> Handler:
        """Return the facts of one `except` clause for a call that raises these classes."""
        names, unknown = self._classes(module, node.type)
        place = module.source.place(node.type) if node.type is not None else _clause(module, node)
        broad = node.type is None or any(name in BROAD for name in names)
        catches = frozenset(raised) if broad or unknown else self.errors.catches(names, raised)
        never: tuple[tuple[str, str], ...] = ()
        if not broad and not unknown and not catches:
            reasons = [self._never(name, raised) for name in names]
            never = tuple(reason for reason in reasons if reason is not None)
            if never and self._others_can_raise(module, node, names):
                never = ()
        return Handler(place, where, names, catches, broad, _body(node), never)

    def _never(self, name: str, raised: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
        """Return the class with the reason where it belongs to an SDK and the call can never raise it."""
        canonical = self.errors.canonical(name)
        if "." not in canonical or not self.errors.known(name) or self.errors.catches([name], raised):
            return None
        root = canonical.partition(".")[0]
        own = {cls.partition(".")[0] for classes in raised.values() for cls in classes}
        if root in own:
            return None
        return name, f"this call raises errors of {', '.join(sorted(own - {''}))}"

    def _others_can_raise(self, module: Module, node: ast.ExceptHandler, names: tuple[str, ...]) -> bool:
        """Tell whether another call in the `try` block may raise one of the classes."""
        tried, _ = module.parents[node]
        roots = {self.errors.canonical(name).partition(".")[0] for name in names}
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

    def _classes(self, module: Module, node: ast.expr | None) -> tuple[tuple[str, ...], bool]:
        """Return the dotted names of the classes in an `except` clause, and whether some could not be resolved."""
        if node is None:
            return (), False
        value = self.resolver.evaluate(node, module, None)
        names: list[str] = []
        unknown = False
        for option in options(value):
            for item in option.items if isinstance(option, Sequence) else (option,):
                for inner in options(item):
                    found = self._class_names(inner)
                    unknown = unknown or not found
                    names.extend(found)
        return tuple(dict.fromkeys(names)), unknown

    def _class_names(self, value: Value) -> list[str]:
        if isinstance(value, Ref):
            return [value.path]
        if isinstance(value, Member) and isinstance(value.base, Object):
            return [f"{value.base.type.name}.{'.'.join(value.path)}"]
        if isinstance(value, Class):
            outside = self.resolver.outside_bases(value)
            return [] if "?" in outside else [f"project.{value.scope.name}", *(() if not outside else outside)][:1]
        return []

    def _context(
        self, module: Module, node: ast.expr, raised: Mapping[str, tuple[str, ...]], around: _Around, where: Where
    ) -> None:
        value = self.resolver.evaluate(node, module, None)
        retry = retries.of_context(self.resolver, module, node, value, where)
        if retry is not None:
            around.retries.append(retry)
            return
        for option in options(value):
            if isinstance(option, Made) and option.path in {"contextlib.suppress", "suppress"}:
                names: list[str] = []
                for given in option.arguments.positional:
                    names.extend(self._class_names(self.resolver.force(given)))
                broad = any(name in BROAD for name in names)
                catches = frozenset(raised) if broad else self.errors.catches(names, raised)
                place = module.source.place(node)
                around.handlers.append(Handler(place, where, tuple(names), catches, broad, Body.HIDES))
            elif isinstance(option, Made) and option.path in {"pytest.raises", "unittest.TestCase.assertRaises"}:
                around.complete = False
        if isinstance(node, ast.Call):
            callee = self.resolver.evaluate(node.func, module, None)
            for option in options(callee):
                if isinstance(option, Function) and option.scope.yields:
                    self._around_yield(option.scope, raised, around, where)

    def _around_yield(
        self, scope: Scope, raised: Mapping[str, tuple[str, ...]], around: _Around, where: Where
    ) -> None:
        """Collect the handlers that a project's own context manager keeps around its `yield`."""
        for expression in scope.yields[:3]:
            for parent, name in scope.module.ancestors(expression):
                if parent is scope.node:
                    break
                if isinstance(parent, ast.Try) and name == "body":
                    around.handlers.extend(
                        self.handler(scope.module, handler, raised, where) for handler in parent.handlers
                    )

    # -- outside the function ------------------------------------------------------------------------------

    def _outwards(
        self,
        module: Module,
        scope: Scope | None,
        raised: Mapping[str, tuple[str, ...]],
        around: _Around,
        seen: set[ast.AST],
        depth: int,
    ) -> None:
        if scope is None:
            return
        node = scope.node
        if node in seen or depth > CALLER_DEPTH or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around.complete = around.complete and node in seen
            return
        seen.add(node)
        self._decorators(module, node, raised, around)
        self._overrides(scope, around)
        absorbed = any(handler.broad and handler.body is not Body.RERAISES for handler in around.handlers)
        for caller, call in self._sites(module, scope, around):
            before = len(around.retries)
            outer = self._collect(caller, call, raised, around, Where.CALLER)
            self._outwards(caller, outer, raised, around, seen, depth + 1)
            if absorbed:  # no error gets out to what a caller repeats
                del around.retries[before:]

    def _sites(self, module: Module, scope: Scope, around: _Around) -> list[tuple[Module, ast.AST]]:
        """Return where the function is called or handed over: known callers, and calls of the same method name."""
        node = scope.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        sites: list[tuple[Module, ast.AST]] = []
        known = set()
        for called in (scope, *self.resolver.overridden(scope)):
            for caller, call, _ in self.resolver.callers(called):
                sites.append((caller, call))
                known.add(call)
        is_method = scope.parent is not None and scope.parent.is_class
        same_name = self.resolver.sites_of(node.name)
        if is_method and len(same_name) <= CALLER_SITES * 4 and not node.name.startswith("__"):
            for caller, call in same_name:
                if call in known or not isinstance(call.func, ast.Attribute):
                    continue
                value = self.resolver.evaluate(call.func, caller, None)
                if isinstance(value, Member) and not isinstance(value.base, Object | Ref):
                    sites.append((caller, call))
        elif is_method and len(same_name) > CALLER_SITES * 4:
            around.complete = False
        sites.extend(self._values(scope, around))
        if len(sites) > CALLER_SITES:
            around.complete = False
        return sites[:CALLER_SITES]

    def _values(
        self, scope: Scope, around: _Around
    ) -> Iterator[tuple[Module, ast.AST]]:
        """Yield the places where the function is handed on as a value; what happens there is not always known."""
        node = scope.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        uses = self.resolver.handed_on(node.name)
        if len(uses) > CALLER_SITES * 8:
            around.complete = False
            return
        for other, use in uses:
            value = self.resolver.evaluate(use, other, None)
            if not any(isinstance(option, Function) and option.scope is scope for option in options(value)):
                continue
            parent, _ = other.parents[use]
            if isinstance(parent, ast.Call):
                self._taken(other, parent, around)
                yield other, parent
            else:
                around.complete = False
                if isinstance(parent, ast.keyword):
                    yield other, other.parents[parent][0]

    def _handed_over(self, module: Module, node: ast.AST, around: _Around, where: Where) -> None:
        parent, name = module.parents[node]
        if isinstance(parent, ast.Call) and name == "args":
            self._taken(module, parent, around)
        else:
            around.complete = False

    def _taken(self, module: Module, call: ast.Call, around: _Around) -> None:
        """Note what a call does that is handed the function: retry it, run it in a thread, or something unknown."""
        retry = retries.of_function(self.resolver, module, call)
        name = dotted(call.func).rpartition(".")[2]
        if retry is not None:
            around.retries.append(retry)
        elif name in THREADED:
            around.in_thread = True
        else:
            around.complete = False

    def _decorators(
        self,
        module: Module,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        raised: Mapping[str, tuple[str, ...]],
        around: _Around,
    ) -> None:
        is_async = isinstance(node, ast.AsyncFunctionDef)
        for decorator in node.decorator_list:
            value = self.resolver.evaluate(decorator, module, None)
            retry = retries.of_decorator(self.resolver, module, decorator, value, is_async=is_async)
            if retry is not None:
                around.retries.append(self._with_catches(retry, raised))
                continue
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = dotted(called)
            target = self.resolver.evaluate(called, module, None)
            own = [option for option in options(target) if isinstance(option, Function)]
            if own:
                for option in own:
                    self._own_decorator(option.scope, raised, around)
            elif is_route(name):
                around.handlers.extend(self._framework_for(raised))
            elif name.rpartition(".")[2] not in HARMLESS:
                around.complete = False

    def _with_catches(self, found: retries.Found, raised: Mapping[str, tuple[str, ...]]) -> Retry:
        names = []
        for value in found.classes:
            names.extend(self._class_names(value))
        catches = frozenset(raised) if found.retry.broad else self.errors.catches(names, raised)
        return retries.with_catches(found.retry, catches)

    def _own_decorator(
        self, scope: Scope, raised: Mapping[str, tuple[str, ...]], around: _Around
    ) -> None:
        """Collect what a decorator of the project keeps around the function that it wraps."""
        found = False
        for inner in _inner_scopes(scope):
            for parameter in _parameters(inner):
                for call in scope.module.calls:
                    if isinstance(call.func, ast.Name) and call.func.id == parameter and _within(scope, call):
                        found = True
                        self._collect(scope.module, call, raised, around, Where.DECORATOR)
                    elif any(isinstance(given, ast.Name) and given.id == parameter for given in call.args):
                        if _within(scope, call):
                            retry = retries.of_function(self.resolver, scope.module, call)
                            if retry is not None:
                                found = True
                                around.retries.append(retry)
        if not found:
            around.complete = False

    def _overrides(self, scope: Scope, around: _Around) -> None:
        """A method that overrides one of an outside class is called by code that cannot be seen."""
        cls = self.resolver.enclosing_class(scope)
        if cls is None:
            return
        outside = self.resolver.outside_bases(cls)
        plain = {"object", "abc.ABC", "ABC", "typing.Generic", "typing.Protocol", "Protocol", "enum.Enum",
                 "pydantic.BaseModel", "typing.NamedTuple", "typing.TypedDict", "Exception"}  # fmt: skip
        if any(base not in plain for base in outside):
            around.complete = False

    # -- frameworks ----------------------------------------------------------------------------------------

    def _framework_handlers(self) -> Iterator[tuple[Module, ast.AST, tuple[str, ...]]]:
        for name in ("exception_handler", "errorhandler", "app_errorhandler", "add_exception_handler"):
            for module, call in self.resolver.sites_of(name):
                if call.args:
                    names, unknown = self._classes(module, call.args[0])
                    yield module, call, () if unknown else names

    def _framework_for(self, raised: Mapping[str, tuple[str, ...]]) -> Iterator[Handler]:
        for module, node, names in self._framework:
            broad = any(name in BROAD for name in names) or not names
            catches = frozenset(raised) if broad else self.errors.catches(names, raised)
            if catches:
                place = module.source.place(node)
                yield Handler(place, Where.FRAMEWORK, names, catches, broad, Body.HANDLES)

    # -- streams -------------------------------------------------------------------------------------------

    def _consumption(
        self, found: Found, raised: Mapping[str, tuple[str, ...]]
    ) -> tuple[tuple[Handler, ...], bool]:
        """Return the handlers around the loop that reads a streamed answer, and whether that loop was found."""
        module, node = found.module, found.node
        current: ast.AST = node
        parent, name = module.parents[current]
        while isinstance(parent, ast.Await) or (isinstance(parent, ast.withitem)):
            current = parent
            parent, name = module.parents[current]
        if isinstance(parent, ast.For | ast.AsyncFor) and name == "iter":
            return self._handlers_at(module, parent, raised), True
        if isinstance(parent, ast.With | ast.AsyncWith) and name == "items":
            return self._handlers_at(module, parent, raised), True
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            stream = parent.targets[0].id
            scope = module.scope_of(node)
            for use in module.loads.get(stream, []):
                above, field_name = module.parents[use]
                if isinstance(above, ast.For | ast.AsyncFor) and field_name == "iter":
                    if module.scope_of(use) is scope:
                        return self._handlers_at(module, above, raised), True
        return (), False

    def _handlers_at(
        self, module: Module, node: ast.AST, raised: Mapping[str, tuple[str, ...]]
    ) -> tuple[Handler, ...]:
        around = _Around()
        self._collect(module, node, raised, around, Where.AROUND)
        return tuple(around.handlers)


def _is_async(scope: Scope | None) -> bool:
    return scope is not None and isinstance(scope.node, ast.AsyncFunctionDef)


def _loop(module: Module, node: ast.For | ast.AsyncFor | ast.While) -> Loop:
    if isinstance(node, ast.While):
        forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
        return Loop(module.source.place(node), "while", forever)
    endless = isinstance(node.iter, ast.Call) and dotted(node.iter.func) in {"itertools.count", "count"}
    return Loop(module.source.place(node), "for", endless)


def _clause(module: Module, node: ast.ExceptHandler):  # type: ignore[no-untyped-def]
    return module.source.span(node.lineno, node.col_offset, node.lineno, node.col_offset + len("except"))


def _body(node: ast.ExceptHandler) -> Body:
    """Say what a handler does: it hides the error when nothing is logged, kept, changed or raised."""
    name = node.name
    for statement in node.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Raise):
                return Body.RERAISES
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
    return isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict) and not ast.dump(node).count("Constant")


def _inner_scopes(scope: Scope) -> Iterator[Scope]:
    yield scope
    for inner in scope.module.scopes.values():
        parent = inner.parent
        while parent is not None:
            if parent is scope:
                yield inner
                break
            parent = parent.parent


def _parameters(scope: Scope) -> list[str]:
    node = scope.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [argument.arg for argument in node.args.args]
    return []


def _within(scope: Scope, node: ast.AST) -> bool:
    return any(parent is scope.node for parent, _ in scope.module.ancestors(node))
