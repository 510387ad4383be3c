"""Finds the model calls of a project: operations called, handed on as values, or reached through wrappers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from callsafe.checks.arguments import arguments_of, frame_of
from callsafe.checks.graphs import only_computes
from callsafe.checks.module import Module, Scope, dotted, last_name
from callsafe.checks.resolve import NOTHING, Resolver, Touched
from callsafe.checks.values import (
    UNKNOWN_VALUE,
    Arguments,
    Const,
    Frame,
    Items,
    Joined,
    Made,
    Member,
    Object,
    Parameter,
    Partial,
    Ref,
    Sequence,
    Value,
    argument,
    is_same,
    options,
)
from callsafe.rules.facts import Kind
from callsafe.rules.sdks.model import Operation

THREADED = frozenset(
    {
        *("to_thread", "run_in_executor", "submit", "run_sync", "run_in_threadpool", "sync_to_async", "map"),
        *("asyncify", "make_async"),
    }
)
"""Callables that run what they are handed in a thread or process."""
LOOKING = frozenset(
    {
        "isinstance", "hasattr", "getattr", "setattr", "callable", "print", "object", "type", "id", "repr",
        "wrap_function_wrapper", "iscoroutinefunction", "isasyncgenfunction", "isgeneratorfunction",
        "iscoroutine", "isawaitable", "isfunction", "ismethod", "signature", "getfullargspec", "getsource",
        "getdoc", "unwrap", "get_type_hints",
    }
)  # fmt: skip
"""Callables that only look at what they are handed."""
_TELLING = re.compile(
    r"(?:^|/|\0)(?:chat/completions|api/(?:chat|generate|embed|embeddings))$"
    r"|/models/[^/]+:(?:stream)?[gG]enerateContent$"
    r"|(?:\0|/v\d\w*)/(?:completions|embeddings)$"
    r"|/v\d\w*/(?:messages|responses|rerank|audio/transcriptions|images/generations)$"
)
"""The end of an address whose host is not known, where it says by itself that a model is called."""
_CALLERS = 4
"""Callers of a function that are asked for the address that they hand over."""
_RAW = frozenset({"with_raw_response", "with_streaming_response"})


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A place where a model is called: what is called, on what, with which arguments.

    `others` are operations and receivers that it may have instead. `touched` are the parameters without known
    callers that decided what was found. For the caller of a project function that reaches a model, `base` is the
    model call itself and `steps` are the calls between the two.
    """

    module: Module
    node: ast.Call
    subject: ast.expr
    operation: Operation
    method: str
    receiver: Object | None
    arguments: Arguments
    others: tuple[tuple[Operation, str, Object | None], ...] = ()
    in_thread: bool = False
    touched: Touched = NOTHING
    base: Found | None = None
    steps: tuple[tuple[Module, ast.Call], ...] = ()


def find(resolver: Resolver, module: Module) -> Iterator[Found]:
    """Yield the model calls of one module, in the order of the source."""
    names = resolver.catalogue.last_names
    aliases = resolver.uses.stored_callables
    for call in module.calls:
        last = last_name(call.func)
        if isinstance(
            call.func, ast.Name
        ):  # neither a builtin nor a function or class of the project is a model
            plain = last in module.varying or bool(module.stars)
        else:
            plain = isinstance(call.func, ast.Call | ast.Subscript)
        if plain or last in names or last in aliases or last == "__call__":
            found, touched = resolver.touching(partial(_called, resolver, module, call))
            if found is not None:
                yield replace(found, touched=touched)
    for last in sorted(names & module.attributes.keys()):
        for attribute in module.attributes[last]:
            found, touched = resolver.touching(partial(_handed_on, resolver, module, attribute))
            if found is not None:
                yield replace(found, touched=touched)


def _called(resolver: Resolver, module: Module, call: ast.Call) -> Found | None:
    callee = resolver.evaluate(call.func, module, None)
    arguments = arguments_of(resolver, call, module, None)
    return match(resolver, module, call, call.func, callee, arguments)


def match(
    resolver: Resolver,
    module: Module,
    call: ast.Call,
    subject: ast.expr,
    callee: Value,
    arguments: Arguments,
    *,
    in_thread: bool = False,
) -> Found | None:
    """Return the model call that calling this value with these arguments is, if it is one."""
    found: Found | None = None
    others: list[tuple[Operation, str, Object | None]] = []
    outside = False
    for option in options(callee):
        given = arguments
        while isinstance(option, Partial):
            given = Arguments(
                (*option.arguments.positional, *given.positional),
                {**option.arguments.keywords, **given.keywords},
                option.arguments.open or given.open,
                given.open_positional,
            )
            option = option.target
        if isinstance(option, Object) and is_same(option, call):
            continue
        hit = _operation(resolver, module, option, given)
        if hit is None:
            outside = outside or _from_outside(option)
            continue
        operation, method, receiver = hit
        if found is None:
            found = Found(module, call, subject, operation, method, receiver, given, (), in_thread=in_thread)
        elif operation is not found.operation or receiver is not found.receiver:
            others.append(hit)
    if found is None or (found.receiver is not None and only_computes(resolver, found.receiver)):
        return None
    if outside and found.receiver is not None and found.operation.methods:  # or one that a caller hands over
        others.append((found.operation, found.method, None))
    return Found(
        found.module, call, subject, found.operation, found.method, found.receiver, found.arguments,
        tuple(others), in_thread=in_thread,
    )  # fmt: skip


def _from_outside(value: Value) -> bool:
    """Tell whether nothing is known of a thing, or of the object whose attribute it is."""
    base = value.base if isinstance(value, Member) else value
    return isinstance(base, Parameter) or base is UNKNOWN_VALUE


def _operation(
    resolver: Resolver, module: Module, value: Value, arguments: Arguments
) -> tuple[Operation, str, Object | None] | None:
    catalogue = resolver.catalogue
    if isinstance(value, Ref):
        reached = _reached(resolver, catalogue.function_operations(value.path), None, arguments)
        return (reached, value.path, _module_object(resolver, value.path)) if reached else None
    if isinstance(value, Object):
        operations = catalogue.method_operations(value.type.name, "__call__")
        return (operations[0], "__call__", value) if operations else None
    if not isinstance(value, Member):
        return None
    path = tuple(part for part in value.path if part not in _RAW)
    written = ".".join(path)
    if isinstance(value.base, Object):
        known = catalogue.method_operations(value.base.type.name, written)
        reached = _reached(resolver, known, value.base, arguments)
        return (reached, written, value.base) if reached else None
    for start in range(len(path)):
        tail = ".".join(path[start:])
        known = catalogue.distinctive.get(tail, [])
        operations = [operation for operation in known if _imported(resolver, module, operation)]
        if "." in tail:  # a single name says too little in a file that does not import the SDK
            operations = operations or known
        if operations:
            return operations[0], tail, None
    return None


def _module_object(resolver: Resolver, path: str) -> Object | None:
    for kind in resolver.catalogue.types.get(path.rpartition(".")[0], ()):
        if kind.module:
            return Object(kind, Arguments())
    return None


def _imported(resolver: Resolver, module: Module, operation: Operation) -> bool:
    sdk = resolver.catalogue.sdks[operation.sdk]
    data = module.source.data
    return any(name.encode() in data for name in sdk.modules or sdk.libraries)


def _reached(
    resolver: Resolver, known: list[Operation], receiver: Object | None, arguments: Arguments
) -> Operation | None:
    """Return the operation that a call is: the first, for raw HTTP that of the address."""
    for operation in sorted(known, key=_is_text):  # `/stable-image/generate` is an image
        if not operation.host_argument:
            return known[0]
        if _reaches_provider(resolver, operation, receiver, arguments, whole=True):
            return operation
    for operation in known:
        if _reaches_provider(resolver, operation, receiver, arguments):
            return operation
    return None


def _is_text(operation: Operation) -> bool:
    return operation.kind is Kind.TEXT


def _reaches_provider(
    resolver: Resolver,
    operation: Operation,
    receiver: Object | None,
    arguments: Arguments,
    *,
    whole: bool = False,
) -> bool:
    """Tell, for raw HTTP, whether the address is on a provider's host and the path one of the operation's.

    A path that is not known, wholly or in part, may be the operation's too, unless `whole`.
    """
    given = argument(arguments, operation.host_argument, operation.positions)
    texts = [_text(resolver, resolver.force(given))] if given is not None else []
    holder: Object | None = receiver
    while holder is not None:
        for path in holder.type.roles.get("base_url", ()):
            base = (
                argument(holder.arguments, path.keyword, holder.type.positions) if holder.arguments else None
            )
            if base is not None:
                texts.insert(0, _text(resolver, resolver.force(base)))
        holder = holder.maker
    address = "".join(texts)
    host = next((host for host in sorted(resolver.catalogue.hosts) if host in address), "")
    if not host:
        if not address.strip("\0"):
            return _body_tells(resolver, operation, arguments)
        return _TELLING.search(address) is not None and (
            not operation.path or bool(operation.path.search(address))
        )
    if operation.path is None:
        return True
    rest = address.partition(host)[2]
    written = rest.partition("?")[0]
    return bool(operation.path.search(rest)) or (not whole and ("\0" in written or written in {"", "/"}))


def _body_tells(resolver: Resolver, operation: Operation, arguments: Arguments) -> bool:
    """Tell whether the JSON body of a request says by itself that a model is called."""
    for name in ("json", "data", "content", "body"):
        given = argument(arguments, name, operation.positions)
        if given is None:
            continue
        for option in options(resolver.force(given)):
            if any(all(_has(option, path) for path in paths) for paths in operation.body):
                return True
    return False


def _has(value: Value, path: tuple[str, ...]) -> bool:
    """Tell whether a dictionary, or the first of a list of them, has a key at this path."""
    for key in path:
        if isinstance(value, Sequence) and value.items:
            value = value.items[0]
        if not isinstance(value, Items) or key not in value.items:
            return False
        value = value.items[key]
    return True


def _text(resolver: Resolver, value: Value, depth: int = 3) -> str:
    """Return a text with NUL for every part that is not known."""
    for option in options(value):
        if isinstance(option, Const):
            if isinstance(option.value, str):
                return option.value
        elif isinstance(option, Joined):
            return "".join(_text(resolver, part, depth) for part in option.parts)
        elif isinstance(option, Made) and option.path == "urllib.request.Request":
            given = argument(option.arguments, "url", ("url",))
            return "\0" if given is None else _text(resolver, resolver.force(given), depth)
        elif isinstance(option, Parameter) and depth:
            text = _handed(resolver, option, depth - 1)
            if text.strip("\0"):
                return text
    return "\0"


def _handed(resolver: Resolver, parameter: Parameter, depth: int) -> str:
    """Return the text that is the default of a parameter, or that the first known caller with one hands over."""
    if isinstance(parameter.default, Const) and isinstance(parameter.default.value, str):
        return parameter.default.value
    for _, _, frame in resolver.callers.of(parameter.scope)[:_CALLERS]:
        given = frame.values.get(parameter.name) if frame is not None else None
        text = _text(resolver, resolver.force(given), depth) if given is not None else ""
        if text.strip("\0"):
            return text
    return "\0"


def _handed_on(resolver: Resolver, module: Module, attribute: ast.Attribute) -> Found | None:
    """Return the model call that handing a bound method to something else makes (`to_thread(client.x.create, …)`)."""
    link = module.parents.get(attribute)
    if link is None:
        return None
    parent, field = link
    if not isinstance(parent, ast.Call) or field != "args":
        return None
    if attribute not in parent.args:
        return None
    taker = last_name(parent.func)
    if taker in LOOKING:
        return None
    callee = resolver.evaluate(attribute, module, None)
    if not any(isinstance(option, Member) for option in options(callee)):
        return None
    if taker == "partial" and _named_and_called(module, parent):
        return None
    position = parent.args.index(attribute)
    whole = arguments_of(resolver, parent, module, None)
    threaded = taker in THREADED or (taker == "partial" and _in_thread(module, parent))
    known = threaded or taker == "partial" or position == 0
    arguments = Arguments(
        whole.positional[position + 1 :] if known else (),
        whole.keywords,
        open=whole.open or not threaded,
        open_positional=whole.open_positional or not known,
    )
    found = match(resolver, module, parent, attribute, callee, arguments, in_thread=threaded)
    says_little = found is not None and found.receiver is None and found.method.count(".") == 1
    if found is not None and says_little and not _imported(resolver, module, found.operation):
        return None  # `f(config.chat.stream)` hands on a value
    return found


def _in_thread(module: Module, call: ast.Call) -> bool:
    link = module.parents.get(call)
    return link is not None and isinstance(link[0], ast.Call) and last_name(link[0].func) in THREADED


def _named_and_called(module: Module, call: ast.Call) -> bool:
    link = module.parents.get(call)
    if link is None or not isinstance(link[0], ast.Assign):
        return False
    name = dotted(link[0].targets[0]).rpartition(".")[2]
    uses = (*module.loads.get(name, ()), *module.attributes.get(name, ()))
    parents = (module.parents[use] for use in uses)
    return any(isinstance(parent, ast.Call) and field == "func" for parent, field in parents)


def wrapped(resolver: Resolver, found: Found, touched: Touched) -> Iterator[Found]:
    """Yield the calls of project functions through which a caller decides settings of a model call.

    `touched` are the parameters on which the settings depend. Each known caller makes the call again with its own
    arguments; what a caller only passes on is followed to its callers in turn by the one who iterates.
    """
    scopes = {scope for scope, _ in touched}
    scope: Scope | None = found.module.scope_of(found.node)
    callers: list[tuple[Module, ast.Call, Frame | None]] = []
    while scope is not None and not callers:  # an inner function that is only handed on has no callers
        callers = resolver.callers.of(scope) if scope in scopes and scope.is_function else []
        scope = scope.parent
    base = found.base or found
    steps = ((found.module, found.node), *found.steps) if found.base else ()
    for module, call, frame in callers:
        if frame is None or call is found.node:
            continue
        inner, deeper = resolver.touching(partial(_again, resolver, base, frame, steps))
        if inner is not None:
            yield Found(
                module, call, call.func, inner.operation, inner.method, inner.receiver, inner.arguments,
                inner.others, touched=deeper, base=base, steps=steps,
            )  # fmt: skip


def _again(
    resolver: Resolver, base: Found, frame: Frame, steps: tuple[tuple[Module, ast.Call], ...]
) -> Found | None:
    """Make the model call again in the frame of a caller, through the calls between the two."""
    for module, call in steps:
        function = resolver.callers.function_called(call, module, frame)
        if function is None:
            return None
        frame = frame_of(resolver, function, arguments_of(resolver, call, module, frame))
    return _within(resolver, base, frame)


def _within(resolver: Resolver, found: Found, frame: Frame) -> Found | None:
    callee = resolver.evaluate(found.subject, found.module, frame)
    arguments = arguments_of(resolver, found.node, found.module, frame)
    if found.subject is not found.node.func:
        position = found.node.args.index(found.subject) if found.subject in found.node.args else 0
        arguments = Arguments(
            arguments.positional[position + 1 :],
            arguments.keywords,
            arguments.open,
            arguments.open_positional,
        )
    return match(resolver, found.module, found.node, found.subject, callee, arguments)


def subject_text(node: ast.expr) -> str:
    """Return how the code names what is called, short and without literals: `OpenAI(…).responses.create`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(f".{node.attr}")
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("(…)" if node.args or node.keywords else "()")
            node = node.func
        elif isinstance(node, ast.Subscript):
            parts.append("[…]")
            node = node.value
        elif isinstance(node, ast.Await):
            node = node.value
        else:
            parts.append(node.id if isinstance(node, ast.Name) else "(…)")
            break
    text = "".join(reversed(parts))
    return text if len(text) <= 60 else "…" + text[-59:]
