"""Which exceptions a handler really catches, by the class hierarchies of the catalogue and of Python."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping

from callsafe.checks.catalogue import Catalogue
from callsafe.rules.sdks.model import Generation, Sdk

BROAD = frozenset({"Exception", "BaseException"})
_SAME = {
    "asyncio.TimeoutError": "TimeoutError",
    "asyncio.exceptions.TimeoutError": "TimeoutError",
    "concurrent.futures.TimeoutError": "TimeoutError",
    "socket.timeout": "TimeoutError",
    "IOError": "OSError",
    "EnvironmentError": "OSError",
    "socket.error": "OSError",
}


class Errors:
    """The exception classes of all SDKs of a run."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._parents: dict[str, tuple[str, ...]] = {}
        self._aliases: dict[str, str] = dict(_SAME)
        self._last: dict[tuple[str, str], str] = {}
        self._ancestors: dict[str, frozenset[str]] = {}
        self._sdks: dict[str, list[Sdk]] = {}
        self._catalogue = catalogue
        for sdk in catalogue.sdks.values():
            self._parents.update(sdk.parents)
            for name in sdk.parents:
                self._sdks.setdefault(name, []).append(sdk)
            self._aliases.update(sdk.aliases)
        for name in self._parents:
            root, _, rest = name.partition(".")
            if rest:
                self._last.setdefault((root, name.rpartition(".")[2]), name)

    def canonical(self, name: str) -> str:
        """Return the catalogue's name of a class, also where it is imported from another module of its package."""
        name = self._aliases.get(name, name)
        if name in self._parents or "." not in name:
            return name
        return self._last.get((name.partition(".")[0], name.rpartition(".")[2]), name)

    def known(self, name: str) -> bool:
        """Tell whether the class is one of the catalogue or of Python."""
        return self.canonical(name) in self._parents or hasattr(builtins, name)

    def gone(self, name: str) -> str:
        """Return the SDK of which the release in force no longer has a class; empty where it has it."""
        owners = self._sdks.get(self.canonical(name), [])
        if any(self._catalogue.works(sdk) for sdk in owners):
            return ""
        return owners[0].title if owners else ""

    def ancestors(self, name: str) -> frozenset[str]:
        """Return the class and all its bases."""
        known = self._ancestors.get(name)
        if known is not None:
            return known
        found: set[str] = set()
        waiting = [self.canonical(name)]
        while waiting:
            current = waiting.pop()
            if current in found:
                continue
            found.add(current)
            if current in self._parents:
                waiting.extend(self._parents[current])
            elif "." not in current and isinstance(cls := getattr(builtins, current, None), type):
                found.update(base.__name__ for base in cls.__mro__)
        known = self._ancestors[name] = frozenset(found | {"BaseException", "Exception"})
        return known

    def catches(self, names: Iterable[str], raised: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
        """Return the roles of the raised classes that a handler of these classes catches, wholly or in part."""
        wanted = [self.canonical(name) for name in names]
        return frozenset(
            role
            for role, classes in raised.items()
            for cls in classes
            for name in wanted
            if name in self.ancestors(cls)
            or (self.canonical(cls) not in BROAD and self.canonical(cls) in self.ancestors(name))
        )


def raised(sdk: Sdk, generation: Generation | None, data: bytes | None = None) -> dict[str, tuple[str, ...]]:
    """Return what a call of this SDK raises, by role, in the release in force; `data` is the file that calls."""
    errors = {**sdk.errors, **(generation.errors if generation is not None else {})}
    if data is not None and sdk.errors_after and sdk.errors_after.encode() not in data:
        return {role: classes for role, classes in errors.items() if role in {"timeout", "connection"}}
    return errors
