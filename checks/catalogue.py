"""The SDK files that matter for a run, indexed by what source code says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import cache

from callsafe.rules import sdks
from callsafe.rules.sdks.model import Operation, Sdk, Type


class Catalogue:
    """Looks names up in a set of SDK files; built once for a run and not changed afterwards.

    `releases` says for SDKs whose releases differ which generation is in force.
    """

    def __init__(self, names: Iterable[str], releases: Mapping[str, str] | None = None) -> None:
        self.sdks: dict[str, Sdk] = {name: sdks.load(name) for name in sorted(_with_used(names))}
        self.releases = dict(releases or {})
        self.types: dict[str, list[Type]] = {}
        self.makers: dict[str, Type] = {}
        self.telling: dict[str, Type] = {}
        self.functions: dict[str, list[Operation]] = {}
        self.methods: dict[str, dict[str, list[Operation]]] = {}
        self.distinctive: dict[str, list[Operation]] = {}
        self.last_names: set[str] = set()
        self.callables: set[str] = set()
        self.hosts: set[str] = set()
        self.roots: set[str] = set()
        self._classes: dict[tuple[str, str], Type | None] = {}
        self._by_name: dict[str, Type] = {}
        for sdk in self.sdks.values():
            self._add(sdk)

    def _add(self, sdk: Sdk) -> None:
        self.hosts.update(sdk.hosts)
        self.roots.update(module.partition(".")[0] for module in (*sdk.modules, *sdk.libraries))
        for kind in sdk.types:
            self._by_name.setdefault(kind.name, kind)
            for path in (kind.name, *kind.aliases):
                self.types.setdefault(path, []).append(kind)
                key = (path.partition(".")[0], path.rpartition(".")[2])
                known = self._classes.get(key, kind)
                self._classes[key] = kind if known is kind else None
            self.telling.update(dict.fromkeys(kind.telling, kind))
            for maker in kind.made_by:
                self.makers[maker] = kind
            self.methods.setdefault(kind.name, {})
        for operation in sdk.operations:
            names = (kind.name for kind in sdk.types) if operation.on is None else operation.on
            for name in names:
                table = self.methods.setdefault(name, {})
                for method in operation.methods:
                    table.setdefault(method, []).append(operation)
            for function in operation.functions:
                self.functions.setdefault(function, []).append(operation)
            if operation.distinctive:
                for method in operation.methods:
                    self.distinctive.setdefault(method, []).append(operation)
            for path in (*operation.methods, *operation.functions):
                self.last_names.add(path.rpartition(".")[2])
            if "__call__" in operation.methods:
                on = sdk.types if operation.on is None else [k for k in sdk.types if k.name in operation.on]
                paths = [path for kind in on for path in (kind.name, *kind.aliases)]
                self.callables.update(path.rpartition(".")[2] for path in paths)

    def _in_force(self, operations: list[Operation]) -> list[Operation]:
        """Put the operations of the release in force first; those of other releases only where there is no other."""
        fitting = [
            operation
            for operation in operations
            if not operation.generations or self.releases.get(operation.sdk, "") in operation.generations
        ]
        return fitting or operations

    def works(self, sdk: Sdk) -> bool:
        """Tell whether the release in force has any operation of a file."""
        release = self.releases.get(sdk.name, "")
        return not sdk.operations or any(
            not operation.generations or release in operation.generations for operation in sdk.operations
        )

    def function_operations(self, path: str) -> list[Operation]:
        """Return the operations that calling this dotted name can be."""
        return self._in_force(self.functions.get(path, []))

    def method_operations(self, type_name: str, method: str) -> list[Operation]:
        """Return the operations that this method of this type, or of a namesake in another release, can be."""
        found = self.methods.get(type_name, {}).get(method)
        if found is None and type_name in self._by_name:
            found = [
                operation
                for path in (type_name, *self._by_name[type_name].aliases)
                for kind in self.types.get(path, ())
                if kind.name != type_name
                for operation in self.methods[kind.name].get(method, ())
            ]
        return self._in_force(found or [])

    def type_named(self, name: str) -> Type | None:
        """Return the type with this canonical name."""
        return self._by_name.get(name)

    def constructed(self, path: str) -> list[Type]:
        """Return the types that calling this dotted name can make; inner module paths of an SDK count too."""
        found = self.types.get(path)
        if found is not None:
            return sorted(found, key=self._rank) if len(found) > 1 else found
        root, _, rest = path.partition(".")
        last = path.rpartition(".")[2]
        if rest and last[:1].isupper() and root in self.roots:
            kind = self._classes.get((root, last))
            if kind is not None:
                return self.types[kind.name]
        return []

    def _rank(self, kind: Type) -> int:
        """Put the types of the release in force first and those of other releases last."""
        if not kind.generations:
            return 1
        return 0 if self.releases.get(kind.sdk, "") in kind.generations else 2

    def sdk_of(self, path: str) -> Sdk | None:
        """Return the SDK to which a dotted name belongs by its import root, the longest match first."""
        best: tuple[int, Sdk] | None = None
        for sdk in self.sdks.values():
            for module in (*sdk.modules, *sdk.libraries):
                if (path == module or path.startswith(module + ".")) and (
                    best is None or len(module) > best[0]
                ):
                    best = (len(module), sdk)
        return best[1] if best else None


def _with_used(names: Iterable[str]) -> set[str]:
    """Return the SDK files and, transitively, those whose types or error classes they use."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(sdks.load(name).uses)
    return found


def mentioned(data: bytes, known: Set[str] = frozenset()) -> set[str]:
    """Return the names of the SDK files whose modules, hosts, words or keys occur in the bytes of a file.

    Files for raw HTTP have none of these: their library's name is enough in a file that is read anyway. Those in
    `known` are not looked for again.
    """
    wanted = ((name, tokens) for name, tokens in _tokens().items() if name not in known)
    return {name for name, tokens in wanted if any(token in data for token in tokens)}


@cache
def _tokens() -> dict[str, tuple[bytes, ...]]:
    found = {}
    for name, head in sdks.heads().items():
        own = [token for key in ("modules", "hosts", "words", "keys") for token in head.get(key, ())]
        found[name] = tuple(token.encode() for token in own or head.get("libraries", ()))
    return found
