"""Which module of the project an import means; what is left over is outside."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from posixpath import dirname

from callsafe.checks.catalogue import Catalogue
from callsafe.checks.module import Binding, Module

Found = Module | tuple[Module, str] | str


class Imports:
    """The project's modules by every dotted name under which code can import them.

    A file is known by each tail of its path ("app/llm/client.py": `client`, `llm.client`, `app.llm.client`); a
    tail means the file only to code that lies under the folder where the tail begins, as with a script's own
    folder, a source root or an installed package.
    """

    def __init__(self, modules: Iterable[Module], catalogue: Catalogue) -> None:
        self._by_tail: dict[str, list[tuple[str, Module]]] = {}
        self._by_path: dict[str, Module] = {}
        self._roots = catalogue.roots
        for module in modules:
            path = module.path.removeprefix("./")
            if not path.endswith(".py"):
                continue
            self._by_path[path] = module
            parts = path.removesuffix(".py").split("/")
            if parts[-1] == "__init__":
                parts.pop()
            for start in range(len(parts)):
                root = "/".join(parts[:start])
                self._by_tail.setdefault(".".join(parts[start:]), []).append((root, module))

    def find(self, module: Module, binding: Binding) -> Found:
        """Return what an import binding means: a module, a name in a module, or a dotted name outside."""
        if binding.kind == "import":
            return self.named(module, binding.imported)
        statement = binding.statement
        assert isinstance(statement, ast.ImportFrom)
        base, _, name = binding.imported.rpartition(".")
        if binding.level:
            owner = self._relative(module, base, binding.level)
        else:
            owner = self._absolute(module, base) or self._around(module, base, name)
            if owner is None:
                return self.named(module, binding.imported)
            if name not in owner.top.bindings and "__getattr__" in owner.top.bindings:
                return self.submodule(owner, name) or f"?.{binding.imported}"
        if owner is None:
            folder = self._folder(module, binding.level)
            inner = "/".join(part for part in (folder, *base.split("."), name) if part)
            submodule = self._by_path.get(f"{inner}.py") or self._by_path.get(f"{inner}/__init__.py")
            return submodule or f"?.{binding.imported}"
        if name in owner.top.bindings:
            own = owner.top.bindings[name]
            if not all(entry is binding for entry in own):
                return owner, name
        return self.submodule(owner, name) or (owner, name)

    def named(self, module: Module, name: str) -> Found:
        """Return what importing a dotted name means."""
        return self._absolute(module, name) or name

    def star(self, module: Module, base: str, level: int, name: str) -> Found | None:
        """Return what a name means that `from base import *` may have brought."""
        owner = self._relative(module, base, level) if level else self._absolute(module, base)
        if owner is not None:
            return (owner, name) if owner is not module and name in owner.top.bindings else None
        return f"{base}.{name}" if not level and base.partition(".")[0] in self._roots else None

    def submodule(self, package: Module, name: str) -> Module | None:
        """Return the module of this name inside a package."""
        if not package.path.endswith("__init__.py"):
            return None
        folder = dirname(package.path.removeprefix("./"))
        inner = f"{folder}/{name}" if folder else name
        return self._by_path.get(f"{inner}.py") or self._by_path.get(f"{inner}/__init__.py")

    def _folder(self, module: Module, level: int) -> str:
        folder = dirname(module.path.removeprefix("./"))
        for _ in range(level - 1):
            folder = dirname(folder)
        return folder

    def _relative(self, module: Module, base: str, level: int) -> Module | None:
        folder = self._folder(module, level)
        inner = "/".join(part for part in (folder, *base.split(".")) if part)
        return self._by_path.get(f"{inner}/__init__.py") or (
            self._by_path.get(f"{inner}.py") if base else None
        )

    def _around(self, module: Module, package: str, name: str) -> Module | None:
        """Return the package that a module lies in and imports from, where that is an SDK's own source.

        A folder that is only named like the SDK which is used in it does not make the name itself.
        """
        path = module.path.removeprefix("./")
        for _, candidate in self._by_tail.get(package, ()):
            folder = dirname(candidate.path.removeprefix("./"))
            if candidate is module or not path.startswith(folder + "/"):
                continue
            bound = candidate.top.bindings
            if candidate.path.endswith("/__init__.py") and (
                "__getattr__" in bound
                or any(
                    entry.level or entry.kind in {"def", "class", "assign"} for entry in bound.get(name, ())
                )
            ):
                return candidate
        return None

    def _absolute(self, module: Module, name: str) -> Module | None:
        best: tuple[int, Module] | None = None
        own = dirname(module.path.removeprefix("./"))
        for root, candidate in self._by_tail.get(name, ()):
            if candidate is module:
                continue
            if root and own != root and not own.startswith(root + "/"):
                continue
            if root and root == own and name.partition(".")[0] in self._roots and not _runs_here(name, own):
                continue  # a file named like an SDK, next to the importing one
            if root and name.partition(".")[0] in self._roots and "." not in name:
                continue
            if best is None or len(root) > best[0]:
                best = (len(root), candidate)
        if best is None:
            candidates = self._by_tail.get(name, ())
            if len(candidates) == 1 and "." in name and name.partition(".")[0] not in self._roots:
                return candidates[0][1] if candidates[0][1] is not module else None
        return best[1] if best else None


def _runs_here(name: str, folder: str) -> bool:
    """Tell whether a folder named like an SDK stands before it: where scripts run from, and down to the very file."""
    return "." in name and not os.path.exists(f"{folder}/__init__.py")
