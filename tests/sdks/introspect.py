"""Compare a catalogue file with the SDK that is really installed.

`claims` yields one `Claim` for everything that the file says and the installed release can confirm or deny:
that a type, an alias, a keyword, a method, an error class exists, that a default is what the SDK has, that a
method is awaited. A *strict* claim must hold in every release of its generation. The others (keywords that
only some releases have) must hold in at least one environment of the matrix, and so must `spellings`: names
that may belong to another distribution than the file's.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.metadata
import importlib.util
import inspect
import itertools
import json
import os
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from tests.sdks.objects import MISSING_OBJECT, make
from tests.sdks.signatures import MARK, accepts, accepts_path, awaited, default_of, positional

from callsafe.rules.facts import UNKNOWN, Unset
from callsafe.rules.sdks.model import Generation, Operation, Path, Sdk, Type


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a catalogue file about an SDK, and whether the installed release agrees."""

    sdk: str
    says: str
    holds: bool
    strict: bool
    found: str = ""
    spelling: str = ""

    def __str__(self) -> str:
        return f"{self.sdk}: {self.says}" + (f" (found {self.found})" if self.found else "")


def rows(found: Iterable[Claim]) -> Iterator[tuple[str, bool]]:
    """Yield what the matrix joins of claims."""
    for claim in found:
        yield claim.spelling or claim.says, claim.holds


def record(name: str, found: Iterable[Sequence[str | bool]]) -> None:
    """Write what was compared for the matrix, where it asks."""
    folder = os.environ.get("CALLSAFE_SDK_CLAIMS")
    if folder:
        (File(folder) / f"{name.replace('/', '-')}.json").write_text(
            json.dumps(list(found)), encoding="utf-8"
        )


def installed(sdk: Sdk) -> Version | None:
    """Return the installed release of an SDK's distribution."""
    if not sdk.distribution:  # Python's own
        return None
    try:
        return Version(importlib.metadata.version(sdk.distribution))
    except importlib.metadata.PackageNotFoundError:
        return None


def generation(sdk: Sdk, release: Version) -> Generation | None:
    """Return the generation that a release belongs to."""
    for entry in sdk.generations:
        if SpecifierSet(entry.versions, prereleases=True).contains(release):
            return entry
    return None


@functools.cache
def resolve(path: str) -> Any:
    """Return the object with this dotted name; raise `LookupError` where there is none."""
    if "." not in path:
        if hasattr(builtins, path):
            return getattr(builtins, path)
        return importlib.import_module(path)
    try:
        return pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise LookupError(path) from error


def exists(path: str) -> bool:
    """Tell whether a dotted name resolves."""
    try:
        resolve(path)
    except (LookupError, ImportError):
        return False
    return True


def claims(sdk: Sdk, entry: Generation) -> Iterator[Claim]:
    """Yield every claim of a file that the installed release can confirm or deny."""
    if not any(_active(operation, entry) for operation in sdk.operations) and sdk.operations:
        return
    types = {kind.name: kind for kind in sdk.types if not kind.generations or entry.name in kind.generations}
    for kind in types.values():
        yield from _type_claims(sdk, entry, kind)
    for operation in sdk.operations:
        if _active(operation, entry):
            yield from _operation_claims(sdk, types, operation, entry.name)
    yield from _error_claims(sdk, entry)


def spellings(sdk: Sdk) -> Iterator[Claim]:
    """Yield a claim for every name of a type and function; what is not installed here is not imported."""
    for kind in sdk.types:
        yield Claim(sdk.name, f"type {kind.name} exists", _found(kind.name), strict=False)
        for alias in kind.aliases:
            yield Claim(sdk.name, f"alias {alias} of {kind.name} exists", _found(alias), strict=False)
    for operation in sdk.operations:
        for path in operation.functions:
            yield Claim(sdk.name, f"function {path} exists", _found(path), strict=False)


def _found(path: str) -> bool:
    return importlib.util.find_spec(path.partition(".")[0]) is not None and exists(path)


def _active(operation: Operation, entry: Generation) -> bool:
    """Tell whether the generation has the operation."""
    return entry.name in operation.generations if operation.generations else not operation.removed


def named(kind: Type) -> Any:
    """Return what a type's name, or the first of its aliases that this release has, stands for."""
    return next((resolve(path) for path in (kind.name, *kind.aliases) if exists(path)), None)


def elsewhere(kind: Type) -> bool:
    """Tell whether a type is of a distribution that is not here: the last package on its way is a namespace."""
    if named(kind) is not None:
        return False
    found: Any = None
    for path in itertools.accumulate(kind.name.split("."), "{}.{}".format):
        try:
            found = importlib.import_module(path)
        except ImportError:
            break
    return found is not None and getattr(found, "__file__", None) is None


def holder(kind: Type) -> Any:
    """Return an object of a type, or its class where no object can be made here."""
    for path in (kind.name, *kind.aliases):
        found = make(path, kind.name)
        if found is not MISSING_OBJECT:
            return found
    return named(kind)


def _newest(sdk: Sdk, entry: Type | Operation) -> str:
    """Return the newest generation that has a type or an operation: every keyword must be accepted there."""
    names = [one.name for one in sdk.generations if not entry.generations or one.name in entry.generations]
    return names[0]


# --- types


def _type_claims(sdk: Sdk, entry: Generation, kind: Type) -> Iterator[Claim]:
    there = named(kind) is not None
    yield Claim(sdk.name, f"type {kind.name} exists", there, strict=not elsewhere(kind))
    if kind.module or not there:
        return
    strict = _newest(sdk, kind) == entry.name
    maker = _maker(sdk, kind)
    shared = any(kind.name in other.attributes.values() for other in sdk.types)
    if maker is not None and not kind.when and not shared:
        yield from _keyword_claims(
            sdk, f"constructor {kind.name}", kind.roles, [maker], strict and not kind.wraps, "constructor"
        )
        for position in kind.positions:
            accepted = accepts(maker, position)
            yield Claim(
                sdk.name, f"{kind.name} has the parameter {position}", accepted is not False, strict=True
            )
    instance = holder(kind)
    for name, target in kind.attributes.items():
        found = _member(instance, name)
        holds = found is not None and exists(target) and type(found) is resolve(target)
        yield Claim(sdk.name, f"{kind.name}.{name} is a {target}", holds, strict=True, found=str(type(found)))
    for name in kind.options:
        method = _member(instance, name)
        yield Claim(sdk.name, f"{kind.name}.{name} exists", method is not None, strict=strict)
        if method is not None:
            yield from _keyword_claims(
                sdk, f"{kind.name}.{name}", sdk.option_roles, [method], False, "options"
            )
    for name in kind.same:
        there = _member(instance, name) is not None
        yield Claim(sdk.name, f"{kind.name}.{name} exists", there, False, spelling=f"method {name}")
    for name, retrying in kind.retrying.items():
        method = _member(instance, name)
        default = default_of(method, retrying.attempts) if method is not None else MARK
        yield Claim(
            sdk.name,
            f"{kind.name}.{name}({retrying.attempts}={retrying.default})",
            default == retrying.default,
            strict=True,
            found=repr(default),
        )
    yield from _default_claims(sdk, entry, kind, maker, instance)


def _maker(sdk: Sdk, kind: Type) -> Any:
    """Return what is called to get an object of the type: its class, or the method that makes it."""
    for path in kind.made_by:
        for owner in sdk.types:
            if path.startswith(owner.name + ".") and owner.name != kind.name:
                return _member(holder(owner), path.removeprefix(owner.name + "."))
    return named(kind)


def _default_claims(sdk: Sdk, entry: Generation, kind: Type, maker: Any, instance: Any) -> Iterator[Claim]:
    """Compare the defaults of the catalogue with the constructor's and with what an instance shows."""
    in_force = {**sdk.defaults, **entry.defaults, **kind.defaults}
    for role, default in in_force.items():
        value = default.value
        if value is UNKNOWN and not default.required:
            continue
        paths = [path for path in kind.roles.get(role, ()) if not path.inside]
        for path in paths:
            written = default_of(maker, path.keyword)
            number = _number(written, path.unit)
            if number is None:
                continue
            said = None if isinstance(value, Unset) else value
            yield Claim(
                sdk.name,
                f"{kind.name}({path.keyword}=) defaults to {said}",
                _agrees(said, number, kind, role),
                strict=True,
                found=repr(written),
            )
        if (
            kind.made_by
            or not kind.roles.get(role)
            or role not in {"timeout", "retries"}
            or isinstance(value, Unset)
        ):
            continue
        shown = getattr(instance, {"timeout": "timeout", "retries": "max_retries"}[role], None)
        number = _number(getattr(shown, "read", shown), kind.roles[role][0].unit)
        if number is not None and not inspect.ismethod(shown):
            yield Claim(
                sdk.name,
                f"an instance of {kind.name} shows {role} = {value}",
                _agrees(value, number, kind, role),
                strict=True,
                found=repr(shown),
            )


# Attempts that a second layer multiplies (measured on the wire): the constructor's number says less.
LAYERED = {
    "llama_index.llms.openai.OpenAI",
    "llama_index.llms.openai.OpenAIResponses",
    "llama_index.llms.azure_openai.AzureOpenAI",
    "llama_index.llms.openai_like.OpenAILike",
    "llama_index.llms.google_genai.GoogleGenAI",
}


def _agrees(said: Any, number: float, kind: Type, role: str) -> bool:
    return said == number or (role == "retries" and kind.name in LAYERED)


def _number(value: Any, unit: str) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return {"ms": value / 1000, "attempts": value - 1}.get(unit, value)


# --- operations


def _operation_claims(
    sdk: Sdk, types: Mapping[str, Type], operation: Operation, generation_name: str
) -> Iterator[Claim]:
    found: list[tuple[str, Any]] = []
    owners = [name for name in (operation.on if operation.on is not None else types) if name in types]
    for method in operation.methods:
        somewhere = False
        for owner in owners:
            if types[owner].module:
                target = resolve(f"{owner}.{method}") if exists(f"{owner}.{method}") else None
            else:
                target = _member(holder(types[owner]), method)
            if target is None:
                continue
            somewhere = True
            found.append((method, target))
            yield from _awaited_claims(
                sdk, f"{owner}.{method}", target, operation, method, types[owner].asynchronous
            )
        yield Claim(
            sdk.name,
            f"method {method} exists on one of {', '.join(owners)}",
            somewhere,
            strict=False,
            spelling=f"method {method}",
        )
    for path in operation.functions:
        if exists(path):
            found.append((path, resolve(path)))
            yield from _awaited_claims(sdk, path, resolve(path), operation, path, False)
    what = f"operation {(*operation.methods, *operation.functions)[0]}"
    if not owners and not operation.functions:
        return
    strict = bool(operation.functions) or not all(elsewhere(types[owner]) for owner in owners)
    yield Claim(sdk.name, f"{what} exists", bool(found), strict)
    targets = [target for _, target in found]
    if targets:
        rejected = {
            entry.keyword
            for entry in operation.renamed
            if not entry.use and generation_name in entry.generations
        }
        roles = {
            role: paths
            for role, paths in operation.roles.items()
            if {path.keyword for path in paths} - rejected
        }
        yield from _keyword_claims(
            sdk, what, roles, targets, strict=_newest(sdk, operation) == generation_name
        )
        if operation.positions:
            first = [positional(target) for target in targets]
            known = [names for names in first if names is not None]
            if known:
                said = list(operation.positions)
                yield Claim(
                    sdk.name,
                    f"{what} takes the positions {said}",
                    any(names[: len(said)] == said for names in known),
                    strict=all(known),
                    found=str(known[0]),
                )


def _awaited_claims(
    sdk: Sdk, name: str, target: Any, operation: Operation, method: str, asynchronous: bool
) -> Iterator[Claim]:
    said = asynchronous or method in operation.asynchronous
    found = awaited(target)
    if found is None or (method in operation.always_streams and said):
        return
    yield Claim(sdk.name, f"{name} is {'' if said else 'not '}awaited", found == said, strict=True)


# --- errors


def _error_claims(sdk: Sdk, entry: Generation) -> Iterator[Claim]:
    roles = {**sdk.errors, **entry.errors}
    for role, classes in roles.items():
        for name in classes:
            there = (
                exists(name) and inspect.isclass(resolve(name)) and issubclass(resolve(name), BaseException)
            )
            foreign = name.partition(".")[0] not in {
                m.partition(".")[0] for m in (*sdk.modules, *sdk.libraries)
            }
            yield Claim(sdk.name, f"error {role} = {name} exists", there, strict=not foreign)
    for name, bases in sdk.parents.items():
        yield Claim(sdk.name, f"error {name} exists", exists(name), strict=False)
        if not exists(name):
            continue
        for base in bases:
            holds = exists(base) and resolve(base) in resolve(name).__mro__[1:]
            yield Claim(
                sdk.name,
                f"error {name} is a {base}",
                holds,
                strict=len(sdk.generations) == 1,
                found=str(resolve(name).__bases__),
            )
    for alias, name in sdk.aliases.items():
        holds = exists(alias) and exists(name) and resolve(alias) is resolve(name)
        yield Claim(sdk.name, f"error {alias} is {name}", holds, strict=False)


# --- keywords


def _keyword_claims(
    sdk: Sdk,
    what: str,
    roles: Mapping[str, tuple[Path, ...]],
    targets: list[Any],
    strict: bool,
    level: str = "",
) -> Iterator[Claim]:
    """Claim every spelling of every role; `level` joins those of several types that share a table of roles."""
    for role, paths in roles.items():
        answers = []
        for path in paths:
            answer = [accepts_path(target, path) for target in targets]
            best = True if True in answer else None if None in answer else False
            answers.append(best)
            spelling = f"{level or what}: {role} under {path}"
            yield Claim(sdk.name, f"{what}: {role} under {path}", best is not False, False, spelling=spelling)
        said = f"{what}: {role} under one of {', '.join(map(str, paths))}"
        spelling = f"{level or what}: {role}"
        yield Claim(sdk.name, said, any(answer is not False for answer in answers), strict, spelling=spelling)


def _member(instance: Any, path: str) -> Any:
    """Return the method of an instance under a dotted path, `None` where it has none."""
    if instance is MISSING_OBJECT or not path:
        return None
    found = instance
    for name in path.split("."):
        found = _attribute(found, name)
        if found is None:
            return None
    return found


def _attribute(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name, None)
    except Exception:
        return None
