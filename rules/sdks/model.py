"""The parsed form of an SDK file: types, operations, roles, defaults, errors, generations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callsafe.rules.facts import MISSING, UNKNOWN, Kind

Roles = Mapping[str, tuple["Path", ...]]


@dataclass(frozen=True, slots=True)
class Path:
    """Where a role is written: a keyword, names inside, a unit (none, `ms`, `attempts`, `present`)."""

    keyword: str
    inside: tuple[str, ...] = ()
    unit: str = ""

    def __str__(self) -> str:
        return ".".join((self.keyword, *self.inside))


@dataclass(frozen=True, slots=True)
class Default:
    """What is in force when nobody sets a role; `required` means that the SDK refuses a call without it."""

    value: Any
    note: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Generation:
    """A range of releases that share facts."""

    name: str
    versions: str
    http: str
    defaults: Mapping[str, Default]
    errors: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Retrying:
    """A method that returns its object in a retry: keyword of the tries, their default, the wait."""

    attempts: str
    default: int
    wait: str


@dataclass(frozen=True, slots=True)
class Type:
    """A client, a model object, a chat: something on which operations are called."""

    sdk: str
    name: str
    generations: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    asynchronous: bool = False
    provider: str = ""
    positions: tuple[str, ...] = ()
    module: bool = False
    when: Mapping[str, Any] = field(default_factory=dict)
    wraps: str = ""
    pipes: str = ""
    abstract: bool = False
    made_by: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    parts: str = ""
    retrying: Mapping[str, Retrying] = field(default_factory=dict)
    roles: Roles = field(default_factory=dict)
    defaults: Mapping[str, Default] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renaming:
    """A keyword that was replaced (`use`) or is rejected (empty `use`), for models, in generations.

    With `accepted` it is rejected only with other values than these.
    """

    keyword: str
    use: str
    why: str
    models: re.Pattern[str] | None = None
    generations: tuple[str, ...] = ()
    accepted: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A group of methods or functions that call a model in the same way."""

    sdk: str
    methods: tuple[str, ...]
    functions: tuple[str, ...]
    on: tuple[str, ...] | None
    kind: Kind
    distinctive: bool = False
    asynchronous: tuple[str, ...] = ()
    streams: str = "never"
    always_streams: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    host_argument: str = ""
    path: re.Pattern[str] | None = None
    body: tuple[tuple[tuple[str, ...], ...], ...] = ()
    generations: tuple[str, ...] = ()
    removed: str = ""
    roles: Roles = field(default_factory=dict)
    defaults: Mapping[str, Default] = field(default_factory=dict)
    by_model: tuple[tuple[re.Pattern[str], Mapping[str, Default]], ...] = ()
    renamed: tuple[Renaming, ...] = ()


@dataclass(frozen=True, slots=True)
class Sdk:
    """One file of the catalogue."""

    name: str
    title: str
    distribution: str
    provider: str
    modules: tuple[str, ...]
    hosts: tuple[str, ...]
    libraries: tuple[str, ...]
    uses: tuple[str, ...]
    keys: tuple[str, ...]
    read_from: tuple[str, ...]
    successor: str
    generations: tuple[Generation, ...]
    types: tuple[Type, ...]
    operations: tuple[Operation, ...]
    client_roles: Roles
    option_roles: Roles
    defaults: Mapping[str, Default]
    errors: Mapping[str, tuple[str, ...]]
    errors_after: str
    parents: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str]


TOP = {
    "name", "title", "distribution", "modules", "hosts", "words", "libraries", "uses", "keys", "provider",
    "read_from", "successor",
    "generation", "roles", "defaults", "type", "operation", "errors",
}  # fmt: skip
UNITS = {"", "ms", "attempts", "present"}


def parse(name: str, data: dict[str, Any]) -> Sdk:
    """Return the SDK that a parsed TOML file describes; raise `ValueError` naming the file and the key."""
    try:
        return _sdk(name, data)
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise ValueError(f"rules/sdks/{name}.toml: {error}") from error


def _sdk(name: str, data: dict[str, Any]) -> Sdk:
    _known(data, TOP, "")
    if data["name"] != name:
        raise ValueError(f"name = {data['name']!r} is not the file's name")
    roles = data.get("roles", {})
    _known(roles, {"call", "client", "options"}, "roles")
    errors = dict(data.get("errors", {}))
    parents = errors.pop("parents", {})
    aliases = errors.pop("aliases", {})
    after = errors.pop("after", "")
    call_roles = _roles(roles.get("call", {}))
    client_roles = _roles(roles.get("client", {}))
    return Sdk(
        name=name,
        title=data.get("title", name),
        distribution=data.get("distribution", ""),
        provider=data.get("provider", ""),
        modules=tuple(data.get("modules", ())),
        hosts=tuple(data.get("hosts", ())),
        libraries=tuple(data.get("libraries", ())),
        uses=tuple(data.get("uses", ())),
        keys=tuple(data.get("keys", ())),
        read_from=tuple(data.get("read_from", ())),
        successor=data.get("successor", ""),
        generations=tuple(_generation(entry) for entry in data.get("generation", ())),
        types=tuple(_type(name, entry, client_roles) for entry in data.get("type", ())),
        operations=tuple(_operation(name, entry, call_roles) for entry in data.get("operation", ())),
        client_roles=client_roles,
        option_roles=_roles(roles.get("options", {})),
        defaults=_defaults(data.get("defaults", {})),
        errors={role: _strings(classes) for role, classes in errors.items()},
        errors_after=after,
        parents={child: _strings(bases) for child, bases in parents.items()},
        aliases=dict(aliases),
    )


def _type(sdk: str, data: dict[str, Any], inherited: Roles) -> Type:
    _known(data, set(Type.__dataclass_fields__) - {"sdk"}, "type")
    entry = dict(data)
    return Type(
        sdk=sdk,
        name=entry["name"],
        generations=tuple(entry.get("generations", ())),
        aliases=tuple(entry.get("aliases", ())),
        asynchronous=entry.get("asynchronous", False),
        provider=entry.get("provider", ""),
        positions=tuple(entry.get("positions", ())),
        module=entry.get("module", False),
        when=entry.get("when", {}),
        wraps=entry.get("wraps", ""),
        pipes=entry.get("pipes", ""),
        abstract=entry.get("abstract", False),
        made_by=tuple(entry.get("made_by", ())),
        attributes=entry.get("attributes", {}),
        options=tuple(entry.get("options", ())),
        same=tuple(entry.get("same", ())),
        telling=tuple(entry.get("telling", ())),
        parts=entry.get("parts", ""),
        retrying={method: Retrying(**spec) for method, spec in entry.get("retrying", {}).items()},
        roles=_merged(inherited, _roles(entry.get("roles", {}))),
        defaults=_defaults(entry.get("defaults", {})),
    )


def _operation(sdk: str, data: dict[str, Any], inherited: Roles) -> Operation:
    _known(data, set(Operation.__dataclass_fields__) - {"sdk"}, "operation")
    if not data.get("methods") and not data.get("functions"):
        raise ValueError("an operation needs methods or functions")
    return Operation(
        sdk=sdk,
        methods=tuple(data.get("methods", ())),
        functions=tuple(data.get("functions", ())),
        on=tuple(data["on"]) if "on" in data else None,
        kind=Kind(data["kind"]),
        distinctive=data.get("distinctive", False),
        asynchronous=tuple(data.get("asynchronous", ())),
        streams=data.get("streams", "never"),
        always_streams=tuple(data.get("always_streams", ())),
        positions=tuple(data.get("positions", ())),
        host_argument=data.get("host_argument", ""),
        path=re.compile(data["path"]) if "path" in data else None,
        body=tuple(
            tuple(tuple(path.split(".")) for path in entry.split("+")) for entry in data.get("body", ())
        ),
        generations=tuple(data.get("generations", ())),
        removed=data.get("removed", ""),
        roles=_merged(inherited, _roles(data.get("roles", {}))),
        defaults=_defaults(data.get("defaults", {})),
        by_model=tuple(
            (re.compile(entry["match"]), _defaults(entry["defaults"])) for entry in data.get("by_model", ())
        ),
        renamed=tuple(_renaming(entry) for entry in data.get("renamed", ())),
    )


def _renaming(data: dict[str, Any]) -> Renaming:
    _known(data, set(Renaming.__dataclass_fields__), "renamed")
    models = re.compile(data["models"]) if "models" in data else None
    return Renaming(
        data["keyword"], data.get("use", ""), data["why"], models,
        tuple(data.get("generations", ())), tuple(data.get("accepted", ())),
    )  # fmt: skip


def _generation(data: dict[str, Any]) -> Generation:
    _known(data, set(Generation.__dataclass_fields__), "generation")
    return Generation(
        data["name"],
        data["versions"],
        data.get("http", ""),
        _defaults(data.get("defaults", {})),
        {role: _strings(classes) for role, classes in data.get("errors", {}).items()},
    )


def _roles(data: dict[str, list[str]]) -> Roles:
    return {role: tuple(_path(text) for text in paths) for role, paths in data.items()}


def _merged(base: Roles, special: Roles) -> Roles:
    return {role: paths for role, paths in {**base, **special}.items() if paths}


def _path(text: str) -> Path:
    written, _, unit = text.partition(":")
    if unit not in UNITS:
        raise ValueError(f"unknown unit in {text!r}")
    keyword, *inside = written.split(".")
    return Path(keyword, tuple(inside), unit)


def _defaults(data: dict[str, Any]) -> dict[str, Default]:
    return {role: _default(value) for role, value in data.items()}


def _default(value: Any) -> Default:
    if not isinstance(value, dict):
        return Default(value)
    _known(value, {"is", "value", "note"}, "defaults")
    note = value.get("note", "")
    if "value" in value:
        return Default(value["value"], note)
    kinds = {"missing": Default(MISSING, note), "unknown": Default(UNKNOWN, note)}
    kinds["required"] = Default(UNKNOWN, note, required=True)
    return kinds[value["is"]]


def _strings(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _known(data: dict[str, Any], keys: set[str], where: str) -> None:
    for key in data:
        if key not in keys:
            raise ValueError(f"unknown key {where + '.' if where else ''}{key}")
