"""The code around a model call: handlers, retries, loops, threads, callers, the consumption of a stream."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from callsafe.checks import retries, retry_loops
from callsafe.checks.calls import THREADED, Found
from callsafe.checks.classes import enclosing_class, outside_bases
from callsafe.checks.decorators import HARMLESS, is_route
from callsafe.checks.errors import BROAD, Errors
from callsafe.checks.handlers import Handlers, absorb
from callsafe.checks.module import Module, Scope, dotted, last_name
from callsafe.checks.resolve import Resolver
from callsafe.checks.values import Function, Made, Member, Object, Ref, Value, options
from callsafe.rules.facts import Body, Flow, Handler, Loop, Retry, Where

CALLER_DEPTH = 8
CALLER_SITES = 24


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_COMMANDS = (".command", ".callback", ".group")
_STARTS = frozenset({"create_task", "ensure_future", "start_soon", "run_coroutine_threadsafe", "spawn"})


_Site = tuple[Module, ast.AST, bool]
"""Where a function is called or handed on, and whether it is known to be this function."""


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
        self._handlers = Handlers(resolver, errors)
        self._framework = tuple(self._framework_handlers())
        self._found_sites: dict[Scope, tuple[list[_Site], _Around]] = {}

    def of(self, found: Found, raised: Mapping[str, tuple[str, ...]]) -> Flow:
        """Return the flow facts of a model call that raises these classes."""
        module, node = found.module, found.node
        around = _Around()
        if found.base is None and found.subject is not node.func:
            self._taken(module, node, around)
        scope, absorbed = self._collect(module, node, raised, around, Where.AROUND)
        loops = tuple(around.loops)
        if not absorbed:
            self._outwards(module, scope, raised, around, set(), 0)
            around.handlers.extend(self._hooks(raised))
        consumers, consumed = self._consumption(found, raised)
        for retrying, arguments, written_at, written_in in found.receiver.retrying if found.receiver else ():
            given = arguments.keywords.get(retrying.attempts)
            value = self.resolver.force(given) if given is not None else None
            attempts = getattr(value, "value", retrying.default) if value is not None else retrying.default
            around.retries.insert(
                0, retries.of_method(written_in.source.place(written_at), retrying, attempts)
            )
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
        self,
        module: Module,
        node: ast.AST,
        raised: Mapping[str, tuple[str, ...]],
        around: _Around,
        where: Where,
    ) -> tuple[Scope | None, bool]:
        """Collect what stands around a node up to its function, as far as an error gets; tell if it gets no further.

        A lambda's user is part of the way. The loop around a handler that absorbs may go round again for the error;
        nothing farther out sees it.
        """
        absorbed = False
        for parent, name in module.ancestors(node):
            if isinstance(parent, ast.For | ast.AsyncFor | ast.While) and name == "body":
                around.loops.append(_loop(module, parent))
                catches = self._loop_handler(raised)
                retry = retry_loops.of_loop(self.resolver, module, parent, node, where, catches)
                if retry is not None:
                    around.retries.append(retry)
                if absorbed:
                    return self._function(module, parent), True
            elif isinstance(parent, _COMPREHENSIONS):
                if name in {"elt", "key", "value"}:
                    around.loops.append(Loop(module.source.place(parent), "comprehension"))
            elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and name == "body":
                return module.scopes[parent], absorbed
            elif absorbed:
                continue
            elif isinstance(parent, ast.Try | ast.TryStar) and name == "body":
                handlers = [
                    self._handlers.handler(module, handler, raised, where) for handler in parent.handlers
                ]
                around.handlers.extend(handlers)
                absorbed = absorb(handlers, raised)
            elif isinstance(parent, ast.With | ast.AsyncWith) and name == "body":
                before = len(around.handlers)
                for item in parent.items:
                    self._context(module, item.context_expr, raised, around, where)
                absorbed = absorb(around.handlers[before:], raised)
            elif isinstance(parent, ast.Lambda) and name == "body":
                self._handed_over(module, parent, around)
            elif _returns_errors(module, parent, name):
                place = module.source.place(parent)
                around.handlers.append(Handler(place, where, (), frozenset(raised), True, Body.HANDLES))
                absorbed = True
            elif isinstance(parent, ast.Call) and name == "args" and last_name(parent.func) in _STARTS:
                around.complete = False  # the error comes up where the task is awaited
        return None, absorbed

    def _function(self, module: Module, node: ast.AST) -> Scope | None:
        scope = module.scope_of(node)
        return scope if scope.is_function else None

    def _loop_handler(self, raised: Mapping[str, tuple[str, ...]]) -> retry_loops.Catches:
        def catches(module: Module, handler: ast.ExceptHandler) -> tuple[frozenset[str], bool]:
            made = self._handlers.handler(module, handler, raised, Where.AROUND)
            return made.catches, made.broad

        return catches

    def _context(
        self,
        module: Module,
        node: ast.expr,
        raised: Mapping[str, tuple[str, ...]],
        around: _Around,
        where: Where,
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
                    names.extend(self._handlers.class_names(self.resolver.force(given)))
                broad = any(name in BROAD for name in names)
                catches = frozenset(raised) if broad else self.errors.catches(names, raised)
                place = module.source.place(node)
                around.handlers.append(Handler(place, where, tuple(names), catches, broad, Body.HIDES))
            elif isinstance(option, Made) and option.path in {
                "pytest.raises",
                "unittest.TestCase.assertRaises",
            }:
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
                        self._handlers.handler(scope.module, handler, raised, where)
                        for handler in parent.handlers
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
        if (
            node in seen
            or depth > CALLER_DEPTH
            or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ):
            around.complete = around.complete and node in seen
            return
        seen.add(node)
        if node.name.startswith("__") and node.name.endswith("__") and node.name != "__init__":
            around.complete = False  # called by what cannot be seen
        before = len(around.handlers)
        self._decorators(module, node, raised, around)
        self._overrides(scope, around)
        if absorb(around.handlers[before:], raised):
            return
        known = self._found_sites.get(scope)
        if known is None:
            taken = _Around()
            known = self._found_sites[scope] = (self._sites(scope, taken), taken)
        sites, taken = known
        around.retries.extend(taken.retries)
        around.complete = around.complete and taken.complete
        around.in_thread = around.in_thread or taken.in_thread
        for caller, call, certain in sites:
            handlers, repeats = len(around.handlers), len(around.retries)
            outer, absorbed = self._collect(caller, call, raised, around, Where.CALLER)
            if not absorbed:
                self._outwards(caller, outer, raised, around, seen, depth + 1)
            if not certain and (len(around.handlers) > handlers or len(around.retries) > repeats):
                # Another function of the same name may be meant: what stands there may have nothing to do with this.
                del around.handlers[handlers:], around.retries[repeats:]
                around.complete = False

    def _sites(self, scope: Scope, around: _Around) -> list[_Site]:
        """Return where the function is called or handed over: known callers, and calls of the same method name."""
        node = scope.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        sites: list[_Site] = []
        known = set()
        overridden = self.resolver.callers.overridden(scope)
        for called in (scope, *overridden):
            for caller, call, _ in self.resolver.callers.of(called):
                sites.append((caller, call, True))
                known.add(call)
        is_method = scope.parent is not None and scope.parent.is_class
        same_name = self.resolver.uses.sites_of(node.name)
        telling = node.name not in self.resolver.catalogue.last_names  # many things have a `run`
        if is_method and len(same_name) <= CALLER_SITES * 4 and not node.name.startswith("__"):
            for caller, call in same_name:
                if call in known or not isinstance(call.func, ast.Attribute):
                    continue
                value = self.resolver.evaluate(call.func, caller, None)
                if isinstance(value, Member) and _is_open(value):
                    sites.append((caller, call, telling))
        elif is_method and len(same_name) > CALLER_SITES * 4:
            around.complete = False
        sites.extend((other, use, True) for other, use in self._values(scope, around))
        if len(sites) > CALLER_SITES or (overridden and not sites):  # a mixin: called on classes not in sight
            around.complete = False
        return sites[:CALLER_SITES]

    def _values(self, scope: Scope, around: _Around) -> Iterator[tuple[Module, ast.AST]]:
        """Yield the places where the function is handed on as a value; what happens there is not always known."""
        node = scope.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        uses = self.resolver.uses.handed_on(node.name)
        is_method = scope.parent is not None and scope.parent.is_class
        if len(uses) > CALLER_SITES * 8:
            around.complete = False
            return
        for other, use in uses:
            value = self.resolver.evaluate(use, other, None)
            if not any(isinstance(option, Function) and option.scope is scope for option in options(value)):
                if is_method and isinstance(use, ast.Attribute) and _is_open(value):
                    around.complete = False  # may be this method, taken from an object that is not known
                continue
            parent, _ = other.parents[use]
            if isinstance(parent, ast.Call):
                self._taken(other, parent, around)
                yield other, parent
            else:
                around.complete = False
                if isinstance(parent, ast.keyword):
                    yield other, other.parents[parent][0]

    def _handed_over(self, module: Module, node: ast.AST, around: _Around) -> None:
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
        else:
            around.in_thread = around.in_thread or name in THREADED
            # An error comes back where the call is awaited, or where the result is asked for.
            if name != "partial" and not (
                name in THREADED and isinstance(module.parents[call][0], ast.Await)
            ):
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
            elif name.endswith(_COMMANDS):  # the program is the caller: `try: app() …`
                for caller, call in self.resolver.uses.sites_of(name.rpartition(".")[0].rpartition(".")[2]):
                    self._collect(caller, call, raised, around, Where.FRAMEWORK)
            elif name.rpartition(".")[2] not in HARMLESS:
                around.complete = False

    def _with_catches(self, found: retries.Found, raised: Mapping[str, tuple[str, ...]]) -> Retry:
        names = []
        for value in found.classes:
            names.extend(self._handlers.class_names(value))
        catches = frozenset(raised) if found.retry.broad else self.errors.catches(names, raised)
        if found.chooses:
            catches = (catches | raised.keys()) - retry_loops.PERMANENT
        return retries.with_catches(found.retry, catches)

    def _own_decorator(self, scope: Scope, raised: Mapping[str, tuple[str, ...]], around: _Around) -> None:
        """Collect what a decorator of the project keeps around the function that it wraps."""
        found = False
        module = scope.module
        names = {parameter for inner in _inner_scopes(scope) for parameter in _parameters(inner)}
        uses = [use for name in sorted(names) for use in module.loads.get(name, ()) if _within(scope, use)]
        for use in sorted(uses, key=lambda use: module.order[use]):
            call, field_name = module.parents[use]
            if isinstance(call, ast.Call) and field_name == "func":
                found = True
                self._collect(module, call, raised, around, Where.DECORATOR)
            elif isinstance(call, ast.Call) and field_name == "args":
                retry = retries.of_function(self.resolver, module, call)
                if retry is not None:
                    found = True
                    around.retries.append(retry)
        if not found or _wraps_again(scope):
            around.complete = False

    def _overrides(self, scope: Scope, around: _Around) -> None:
        """Note a method of a class with a base outside the project: who calls it through that is not seen."""
        cls = enclosing_class(scope)
        if cls is None:
            return
        outside = outside_bases(self.resolver, cls)
        plain = {"object", "abc.ABC", "ABC", "typing.Generic", "typing.Protocol", "Protocol", "enum.Enum",
                 "pydantic.BaseModel", "typing.NamedTuple", "typing.TypedDict", "Exception"}  # fmt: skip
        if any(base not in plain for base in outside):
            around.complete = False

    # -- frameworks ----------------------------------------------------------------------------------------

    def _framework_handlers(self) -> Iterator[tuple[Module, ast.AST, tuple[str, ...]]]:
        for name in ("exception_handler", "errorhandler", "app_errorhandler", "add_exception_handler"):
            for module, call in self.resolver.uses.sites_of(name):
                if call.args:
                    names, unknown = self._handlers.classes(module, call.args[0])
                    yield module, call, () if unknown else names

    def _hooks(self, raised: Mapping[str, tuple[str, ...]]) -> Iterator[Handler]:
        """Yield `sys.excepthook = …`: what no handler catches ends there."""
        for module, value in self.resolver.stores_on("sys", "excepthook"):
            place = module.source.place(value)
            yield Handler(place, Where.FRAMEWORK, (), frozenset(raised), True, Body.HANDLES)

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
        while isinstance(parent, ast.Await | ast.withitem):
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
                iterated = isinstance(above, ast.For | ast.AsyncFor) and field_name == "iter"
                if iterated and module.scope_of(use) is scope:
                    return self._handlers_at(module, above, raised), True
        return (), False

    def _handlers_at(
        self, module: Module, node: ast.AST, raised: Mapping[str, tuple[str, ...]]
    ) -> tuple[Handler, ...]:
        around = _Around()
        self._collect(module, node, raised, around, Where.AROUND)
        return tuple(around.handlers)


def _returns_errors(module: Module, node: ast.AST, name: str) -> bool:
    """Tell whether errors come back as values: what is awaited in `gather(…, return_exceptions=True)`."""
    if isinstance(node, ast.Call) and name == "args":
        return _gathers_errors(node)
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    scope = module.scope_of(node)
    for use in module.loads.get(node.targets[0].id, ()):
        parent, _ = module.parents[use]
        if isinstance(parent, ast.Starred) and module.scope_of(use) is scope:
            call = module.parents[parent][0]
            if isinstance(call, ast.Call) and _gathers_errors(call):
                return True
    return False


def _gathers_errors(call: ast.Call) -> bool:
    return last_name(call.func) == "gather" and any(
        keyword.arg == "return_exceptions"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for keyword in call.keywords
    )


def _is_open(value: Value) -> bool:
    """Tell whether an attribute belongs to an object of which nothing is known."""
    return any(
        isinstance(option, Member) and not isinstance(option.base, Object | Ref) for option in options(value)
    )


def _is_async(scope: Scope | None) -> bool:
    return scope is not None and isinstance(scope.node, ast.AsyncFunctionDef)


def _loop(module: Module, node: ast.For | ast.AsyncFor | ast.While) -> Loop:
    if isinstance(node, ast.While):
        forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
        return Loop(module.source.place(node), "while", forever)
    endless = isinstance(node.iter, ast.Call) and dotted(node.iter.func) in {"itertools.count", "count"}
    return Loop(module.source.place(node), "for", endless)


def _wraps_again(scope: Scope) -> bool:
    """Tell whether a decorator hands the function that it makes to something else: `return again(attempt)`."""
    inner = list(_inner_scopes(scope))
    made = {getattr(one.node, "name", "") for one in inner} - {""}
    for result in (result for one in inner for result in one.returns):
        if not isinstance(result, ast.Call):
            continue
        by = result.func.func if isinstance(result.func, ast.Call) else result.func
        if last_name(by) not in HARMLESS and made & {last_name(argument) for argument in result.args}:
            return True
    return False


def _inner_scopes(scope: Scope) -> Iterator[Scope]:
    waiting = [scope]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(current.inner)


def _parameters(scope: Scope) -> list[str]:
    node = scope.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [argument.arg for argument in node.args.args]
    return []


def _within(scope: Scope, node: ast.AST) -> bool:
    return any(parent is scope.node for parent, _ in scope.module.ancestors(node))
