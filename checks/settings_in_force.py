"""The value in force for each role of a call, and where it came from.

The order is: the call's own arguments; copies with overrides (`with_options`), the last first; the constructor;
the client it was made from; attributes set on the SDK's module; the default that the catalogue knows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from callsafe.checks.module import dotted
from callsafe.checks.resolve import Resolver
from callsafe.checks.values import (
    ABSENT,
    UNKNOWN_VALUE,
    Absent,
    Arguments,
    Const,
    Instance,
    Items,
    Made,
    Object,
    Parameter,
    Ref,
    Sequence,
    Value,
    argument,
    choice,
    options,
)
from callsafe.rules.facts import MISSING, UNKNOWN, Kind, Origin, Setting
from callsafe.rules.model import Place
from callsafe.rules.sdks.model import Default, Generation, Operation, Path, Sdk

TIMEOUT_OBJECTS = re.compile(r"\.(Timeout|ClientTimeout)$")
_NOT_GIVEN = re.compile(r"(^|\.)(NOT_GIVEN|not_given|omit|Omit|NotGiven|OMIT|UNSET|Unset)$")
SWITCHED_OFF_BY_NONE = frozenset({"timeout", "output_bound"})
"""Roles for which `None` means that nothing bounds the call; for others it means that nobody set one."""


def settings(
    resolver: Resolver,
    sdk: Sdk,
    generation: Generation | None,
    operation: Operation,
    receiver: Object | None,
    arguments: Arguments,
    subject: str,
) -> dict[str, Setting]:
    """Return the setting of every role that the operation, its client or a default knows."""
    roles = set(operation.roles) | set(operation.defaults) | set(sdk.defaults)
    if generation is not None:
        roles |= set(generation.defaults)
    for holder in _chain(receiver):
        roles |= set(holder.type.roles) | set(holder.type.defaults)
    if receiver is None and operation.methods and not operation.functions:
        roles |= set(sdk.client_roles)
    reader = _Reader(resolver, sdk, generation, operation, receiver, arguments, subject)
    found: dict[str, Setting] = {}
    for role in sorted(roles, key=lambda role: role != "model"):
        found[role] = reader.read(role, found.get("model"))
    bound = found.get("output_bound")
    if bound is not None and bound.origin is Origin.SDK and operation.kind not in {Kind.TEXT, Kind.AGENT}:
        del found["output_bound"]  # an embedding has none to miss
    return found


class _Reader:
    def __init__(
        self,
        resolver: Resolver,
        sdk: Sdk,
        generation: Generation | None,
        operation: Operation,
        receiver: Object | None,
        arguments: Arguments,
        subject: str,
    ) -> None:
        self.resolver = resolver
        self.sdk = sdk
        self.generation = generation
        self.operation = operation
        self.receiver = receiver
        self.arguments = arguments
        self.subject = subject

    def read(self, role: str, model: Setting | None) -> Setting:
        passed: list[str] = []
        preferred = ""
        for origin, paths, positions, arguments, owner in self._levels(role):
            preferred = preferred or str(paths[0])
            if arguments is None:
                return Setting(UNKNOWN, origin, None, str(paths[0]), "the client comes from outside")
            value, path = self._given(arguments, paths, positions)
            setting = self._setting(role, value, path, origin)
            if setting is not None:
                return setting
            passed.append(owner)
        from_module = self._module_attribute(role)
        if from_module is not None:
            return from_module
        if self._is_inside(role):
            return Setting(UNKNOWN, Origin.CLIENT, None, preferred, "what it wraps comes from outside")
        default = self._default(role, model)
        if default is None:
            return Setting(MISSING, Origin.SDK, None, preferred, "")
        note = default.note
        if default.value is MISSING:
            note = "; ".join([*passed, *([note] if note else [])])
        return Setting(default.value, Origin.SDK, None, preferred, note)

    def _is_inside(self, role: str) -> bool:
        """Tell whether a client or model that the receiver wraps decides, and it is not in sight."""
        for holder in _chain(self.receiver):
            if not holder.type.wraps or holder.maker is not None or role in holder.type.roles:
                continue
            if holder.arguments is None or argument(
                holder.arguments, holder.type.wraps, holder.type.positions
            ):
                return True
        return False

    def _levels(
        self, role: str
    ) -> Iterator[tuple[Origin, tuple[Path, ...], tuple[str, ...], Arguments | None, str]]:
        if role in self.operation.roles:
            yield (
                Origin.CALL,
                self.operation.roles[role],
                self.operation.positions,
                self.arguments,
                "nothing here",
            )
        for holder in _chain(self.receiver):
            paths = self.sdk.option_roles.get(role) or holder.type.roles.get(role)
            if paths:
                for arguments, node, module in reversed(holder.overrides):
                    place = module.source.place(node)
                    yield Origin.OPTIONS, paths, (), arguments, f"nothing on the copy ({place})"
            paths = holder.type.roles.get(role)
            if paths and not (holder.type.module and holder.node is None):
                where = _written(holder)
                yield Origin.CLIENT, paths, holder.type.positions, holder.arguments, f"nothing on {where}"
        if self.receiver is None and self.operation.methods and not self.operation.functions:
            paths = self.sdk.client_roles.get(role)
            if paths:
                yield Origin.CLIENT, paths, (), None, ""

    def _given(
        self, arguments: Arguments, paths: tuple[Path, ...], positions: tuple[str, ...]
    ) -> tuple[Value, Path]:
        unknown = False
        for path in paths:
            given = argument(arguments, path.keyword, positions)
            if given is None:
                unknown = unknown or (arguments.open_positional and path.keyword in positions)
                continue
            value = inside(self.resolver, self.resolver.force(given), path.inside)
            if not isinstance(value, Absent):
                return value, path
        if arguments.open or unknown:
            return UNKNOWN_VALUE, paths[0]
        return ABSENT, paths[0]

    def _setting(self, role: str, value: Value, path: Path, origin: Origin) -> Setting | None:
        """Return the setting that a value makes, or nothing where it sets none."""
        results = [self._converted(role, option, path) for option in options(value)]
        place, is_parameter = _place(value), isinstance(value, Parameter)
        if all(result is ABSENT for result in results):
            return None
        first = results[0]
        if any(type(result) is not type(first) or result != first for result in results[1:]):
            return Setting(UNKNOWN, origin, place, str(path), "depends on the path taken")
        if first is MISSING:
            return Setting(MISSING, origin, place, str(path), f"`{path}=None` switches it off")
        note = ""
        if isinstance(value, Parameter):
            note = f"the parameter `{value.name}` decides"
        elif first is UNKNOWN and value is not UNKNOWN_VALUE:
            note = "given, not a constant"
        return Setting(first, Origin.WRAPPER if is_parameter else origin, place, str(path), note)

    def _converted(self, role: str, value: Value, path: Path) -> Any:
        if isinstance(value, Absent) or _not_given(value):
            return ABSENT
        if isinstance(value, Const):
            constant = value.value
            if constant is None:
                return MISSING if role in SWITCHED_OFF_BY_NONE and path.unit != "present" else ABSENT
            if path.unit == "present":
                return ABSENT if constant is False else UNKNOWN
            if path.unit == "ms" and isinstance(constant, int | float):
                return constant / 1000
            if path.unit == "attempts" and isinstance(constant, int):
                return max(constant - 1, 0)
            return constant
        if path.unit == "present":
            return UNKNOWN
        if role == "timeout":
            return self._timeout(value, path)
        if role == "modalities" and isinstance(value, Sequence) and not value.open:
            return tuple(_modality(self.resolver.force(item)) for item in value.items)
        return UNKNOWN

    def _timeout(self, value: Value, path: Path) -> Any:
        if isinstance(value, Made) and TIMEOUT_OBJECTS.search(value.path):
            for name in ("read", "timeout", "total"):  # how long nothing may come
                given = argument(value.arguments, name, ("timeout",) if name == "timeout" else ())
                if given is not None:
                    results = {
                        self._converted("timeout", option, path)
                        for option in options(self.resolver.force(given))
                    }
                    return results.pop() if len(results) == 1 else UNKNOWN
            return UNKNOWN
        if isinstance(value, Sequence) and value.items and not value.open:  # requests: (connect, read)
            return self._converted("timeout", value.items[-1], path)
        return UNKNOWN

    def _module_attribute(self, role: str) -> Setting | None:
        """Return what the project assigns to an attribute of the SDK's own module (`openai.timeout = 20`)."""
        for kind in self.sdk.types:
            if not kind.module or not (self.receiver is None or self.receiver.type is kind):
                continue
            for path in kind.roles.get(role, ()):
                found = self._assigned(kind.name, path)
                if found is not None:
                    return found
        return None

    def _assigned(self, module_name: str, path: Path) -> Setting | None:
        results: list[Setting] = []
        for module, node in self.resolver.stores_on(module_name, path.keyword):
            value = self.resolver.evaluate(node, module, None)
            setting = self._setting(path.keyword, value, path, Origin.MODULE)
            if setting is not None:
                results.append(setting)
        if len(results) > 1 and any(result.value != results[0].value for result in results):
            return Setting(UNKNOWN, Origin.MODULE, results[0].place, path.keyword, "set more than once")
        return results[0] if results else None

    def _default(self, role: str, model: Setting | None) -> Default | None:
        by_model = self._by_model(role, model)
        if by_model is not None:
            return by_model
        levels: list[Mapping[str, Default]] = [self.operation.defaults]
        levels.extend(holder.type.defaults for holder in _chain(self.receiver))
        if self.generation is not None:
            levels.append(self.generation.defaults)
        levels.append(self.sdk.defaults)
        return next((level[role] for level in levels if role in level), None)

    def _by_model(self, role: str, model: Setting | None) -> Default | None:
        tables = self.operation.by_model
        if not any(role in defaults for _, defaults in tables):
            return None
        if model is None or not isinstance(model.value, str):
            return Default(UNKNOWN, "depends on the model, which is not known here")
        for pattern, defaults in tables:
            if pattern.search(model.value):
                return defaults.get(role)
        return None


def inside(resolver: Resolver, value: Value, names: tuple[str, ...]) -> Value:
    """Return what stands under these names in a dictionary, a config object or an instance."""
    for name in names:
        found = [_step(resolver, option, name) for option in options(value)]
        value = choice(found)
    return value


def _step(resolver: Resolver, value: Value, name: str) -> Value:
    if isinstance(value, Absent) or (isinstance(value, Const) and value.value is None) or _not_given(value):
        return ABSENT
    if isinstance(value, Items):
        return value.items.get(name, UNKNOWN_VALUE if value.open else ABSENT)
    if isinstance(value, Made | Object):
        arguments = value.arguments
        if arguments is None:
            return UNKNOWN_VALUE
        given = arguments.keywords.get(name)
        if given is None:
            only_keywords = not arguments.open and not (arguments.positional and isinstance(value, Made))
            return ABSENT if only_keywords else UNKNOWN_VALUE
        return resolver.force(given)
    if isinstance(value, Instance):
        return resolver.attribute(value, name) or UNKNOWN_VALUE
    return UNKNOWN_VALUE


def _chain(receiver: Object | None) -> Iterator[Object]:
    while receiver is not None:
        yield receiver
        receiver = receiver.maker


def _written(holder: Object) -> str:
    if holder.node is None or holder.module is None:
        return f"the {holder.type.name.rpartition('.')[2]}"
    name = ""
    link = holder.module.parents.get(holder.node)
    if link is not None and isinstance(link[0], ast.Assign):
        name = dotted(link[0].targets[0])
    place = holder.module.source.place(holder.node)
    return f"`{name or holder.type.name.rpartition('.')[2]}` ({place})"


def _place(value: Value) -> Place | None:
    for option in options(value):
        if isinstance(option, Const | Made) and option.node is not None and option.module is not None:
            return option.module.source.place(option.node)
    return None


def _not_given(value: Value) -> bool:
    return isinstance(value, Ref | Made) and _NOT_GIVEN.search(value.path) is not None


def _modality(value: Value) -> str:
    """Return IMAGE for "IMAGE" and `Modality.IMAGE`, nothing for what is not known."""
    written = value.value if isinstance(value, Const) else getattr(value, "path", "")
    return str(written).rpartition(".")[2].upper()
