"""Which files are tied by imports to the files that call models, found without parsing.

A file that mentions no SDK can still decide what is in force at a call: it holds the constant, the wrapper's
caller or its error handler. What calling files import matters, at any depth; so do the files that import
them, at any depth, and what those import directly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)
_ALIAS = re.compile(r"\sas\s+\w+")
_NAME = re.compile(r"\w+")
_DOTTED = re.compile(r"[\w.]+")
NEAR = 3
"""Imports between a file that names no SDK and one that does: a package that hands a client of a module on."""


def related(calling: Iterable[str], files: Mapping[str, bytes]) -> set[str]:
    """Return the paths in `files` (all Python files by path) that are tied to the `calling` ones."""
    first = set(calling)
    if not first:
        return set()
    tails = _tails(files)
    imports = {path: set(_imports(path, data, tails)) - {path} for path, data in files.items()}
    importers: dict[str, set[str]] = {}
    for path, targets in imports.items():
        for target in targets:
            importers.setdefault(target, set()).add(path)
    above = _closure(first, importers)
    direct = {target for path in above for target in imports.get(path, ())}
    return (above | direct | _closure(first, imports)) - first


def leading(
    files: Mapping[str, bytes],
    paths: Iterable[str],
    read: Callable[[str], bytes],
    matters: Callable[[bytes], bool],
) -> set[str]:
    """Return those of some `files` that import, directly or through others, a file of the project that matters.

    Only what is imported is read, and not more than `NEAR` steps away.
    """
    tails = _tails(paths)
    known = dict(files)
    found = set()
    for path in files:
        reached, newest = {path}, {path}
        for _ in range(NEAR):
            newest = {target for one in newest for target in _imports(one, known[one], tails)} - reached
            reached |= newest
            for target in newest - known.keys():
                known[target] = read(target)
            if any(matters(known[target]) for target in newest):
                found.add(path)
                break
    return found


def _closure(first: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    reached, open_ = set(first), list(first)
    while open_:
        fresh = edges.get(open_.pop(), set()) - reached
        reached |= fresh
        open_ += fresh
    return reached


def _tails(paths: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return (folder, path) of the files under every dotted name that a file in `folder` or below can use."""
    tails: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        parts = path.removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        for start in range(len(parts)):
            tails.setdefault(".".join(parts[start:]), []).append(("/".join(parts[:start]), path))
    return tails


def _imports(path: str, data: bytes, tails: Mapping[str, list[tuple[str, str]]]) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    for found in _IMPORT.finditer(data):
        module, names, plain = (part.decode("utf-8", "replace") if part else "" for part in found.groups())
        if plain:
            wanted = _DOTTED.findall(_ALIAS.sub("", plain))
        else:
            base = module.lstrip(".")
            if level := len(module) - len(base):
                parts = folder.split("/")[: len(folder.split("/")) - level + 1]
                base = ".".join([*parts, *([base] if base else [])]).strip(".")
            wanted = [base, *(f"{base}.{name}".strip(".") for name in _NAME.findall(names))]
        for name in wanted:
            for root, target in tails.get(name, ()):
                # A dotted name can also stand for a source root elsewhere in the tree.
                if "." in name or not root or folder == root or folder.startswith(root + "/"):
                    yield target
