"""String constants that reach a place where an SDK expects a credential."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from callsafe.checks.catalogue import Catalogue
from callsafe.checks.module import Module, dotted
from callsafe.checks.resolve import Resolver
from callsafe.checks.values import Const, Object, Value, argument, options
from callsafe.rules.facts import Call, Credential
from callsafe.rules.model import Place

_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key", "xi-api-key"})
_LOCAL = re.compile(
    r"(?:\w+://|^|@)(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|10\.[\d.]+|192\.168\.[\d.]+|"
    r"172\.(?:1[6-9]|2\d|3[01])\.[\d.]+|[\w.-]+\.(?:local|localhost|internal)|(?<=//)[A-Za-z][\w-]*)(?:[:/]|$)"
)
"""Addresses of this machine, of a private network, or of a service beside this one (a name without a dot)."""


def credentials(resolver: Resolver, catalogue: Catalogue, calls: Iterable[Call]) -> Iterator[Credential]:
    """Yield the constants given to clients, calls, SDK modules, headers and environment variables as credentials."""
    seen: set[Place] = set()
    for found in _all(resolver, catalogue, calls):
        if found.place not in seen:
            seen.add(found.place)
            yield found


def _all(resolver: Resolver, catalogue: Catalogue, calls: Iterable[Call]) -> Iterator[Credential]:
    for call in calls:
        setting = call.settings.get("api_key")
        if setting is not None and isinstance(setting.value, str) and setting.place is not None:
            sdk = catalogue.sdks[call.sdk]
            base = call.settings.get("base_url")
            local = base is not None and isinstance(base.value, str) and _is_local(base.value)
            yield Credential(
                setting.place, sdk.provider or sdk.title, f"{setting.keyword}=", setting.value, local
            )
    keys = {
        name: sdk.provider or sdk.title
        for sdk in sorted(
            catalogue.sdks.values(), key=lambda sdk: bool(sdk.hosts)
        )  # providers before frameworks
        for name in sdk.keys
        if not name.endswith("_CREDENTIALS")  # the path of a file
    }
    for name in sorted({path.rpartition(".")[2] for path in (*catalogue.types, *catalogue.makers)}):
        for module, site in resolver.uses.sites_of(name):
            yield from _constructed(resolver, catalogue, module, site)
    for module in resolver.modules:
        yield from _environment(resolver, module, keys)
        yield from _headers(resolver, catalogue, module)
    yield from _module_attributes(resolver, catalogue)


def _constructed(
    resolver: Resolver, catalogue: Catalogue, module: Module, call: ast.Call
) -> Iterator[Credential]:
    """Yield what the constructor of a client is given as its key."""
    for option in options(resolver.evaluate(call, module, None)):
        if not isinstance(option, Object) or option.arguments is None or option.node is not call:
            continue
        sdk = catalogue.sdks[option.type.sdk]
        for path in option.type.roles.get("api_key", ()):
            given = argument(option.arguments, path.keyword, option.type.positions)
            if given is None or path.inside:
                continue
            for place, value in _texts(resolver.force(given)):
                local = _local_client(resolver, option)
                yield Credential(place, sdk.provider or sdk.title, f"{path.keyword}=", value, local)


def _local_client(resolver: Resolver, client: Object) -> bool:
    assert client.arguments is not None
    for path in client.type.roles.get("base_url", ()):
        given = argument(client.arguments, path.keyword, client.type.positions)
        if given is not None:
            for option in options(resolver.force(given)):
                if (
                    not isinstance(option, Const)
                    or not isinstance(option.value, str)
                    or _is_local(option.value)
                ):
                    return True
    return False


def _is_local(address: str) -> bool:
    return bool(_LOCAL.search(address))


def _environment(resolver: Resolver, module: Module, keys: dict[str, str]) -> Iterator[Credential]:
    """`os.environ["OPENAI_API_KEY"] = "…"`, `os.environ.setdefault(…)`, `.update(…)`, `os.putenv(…)`."""
    for scope in module.scopes.values():
        for store in (*scope.stores.get("os.environ", ()), *scope.stores.get("environ", ())):
            if store.kind != "item" or store.value is None or not isinstance(store.key, ast.expr):
                continue
            name = resolver.constant(store.key, module, None)
            if name in keys:
                value = resolver.evaluate(store.value, module, None)
                for place, text in _texts(value):
                    yield Credential(place, keys[str(name)], f"{name} in os.environ", text)
    for call in module.calls:
        if dotted(call.func) in {"os.environ.setdefault", "os.putenv"} and len(call.args) == 2:
            name = resolver.constant(call.args[0], module, None)
            if name in keys:
                for place, text in _texts(resolver.evaluate(call.args[1], module, None)):
                    yield Credential(place, keys[str(name)], f"{name} in os.environ", text)
        if dotted(call.func) == "os.environ.update":
            for key, written in _updates(call):
                name = resolver.constant(key, module, None)
                if name in keys:
                    for place, text in _texts(resolver.evaluate(written, module, None)):
                        yield Credential(place, keys[str(name)], f"{name} in os.environ", text)


def _updates(call: ast.Call) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the keys and values that `update` is called with."""
    for keyword in call.keywords:
        if keyword.arg:
            yield ast.Constant(keyword.arg), keyword.value
    for given in call.args:
        if isinstance(given, ast.Dict):
            yield from ((key, value) for key, value in zip(given.keys, given.values, strict=True) if key)


def _headers(resolver: Resolver, catalogue: Catalogue, module: Module) -> Iterator[Credential]:
    """Yield an `Authorization` or `x-api-key` header with a constant, in a file that names a provider's host."""
    headers = [
        (key.value, value)
        for node in module.dictionaries
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.lower() in _HEADERS
    ]
    text = module.source.text
    host = next((host for host in sorted(catalogue.hosts) if host in text), "") if headers else ""
    if not host:
        return
    provider = next(sdk.provider or sdk.title for sdk in catalogue.sdks.values() if host in sdk.hosts)
    for name, value in headers:
        for place, written in _texts(resolver.evaluate(value, module, None)):
            token = written.removeprefix("Bearer ").removeprefix("bearer ").strip()
            if token and not token.lower().startswith("basic "):
                yield Credential(place, provider, f"{name} header", token)


def _module_attributes(resolver: Resolver, catalogue: Catalogue) -> Iterator[Credential]:
    """`openai.api_key = "…"`."""
    modules = {kind.name: kind for types in catalogue.types.values() for kind in types if kind.module}
    for kind in modules.values():
        for path in kind.roles.get("api_key", ()):
            for module, node in resolver.stores_on(kind.name, path.keyword):
                sdk = catalogue.sdks[kind.sdk]
                for place, text in _texts(resolver.evaluate(node, module, None)):
                    yield Credential(place, sdk.provider or sdk.title, f"{kind.name}.{path.keyword}", text)


def _texts(value: Value) -> Iterator[tuple[Place, str]]:
    for option in options(value):
        if isinstance(option, Const) and isinstance(option.value, str) and option.node is not None:
            assert option.module is not None
            yield option.module.source.place(option.node), option.value
