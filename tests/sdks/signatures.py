"""What the signature of a callable tells: keywords, positions, defaults, whether it is awaited."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Iterator
from typing import Any

from tests.sdks.objects import MISSING_OBJECT

from callsafe.rules.sdks.model import Path

MARK = object()
"""Stands for what a signature does not say."""


def awaited(target: Any) -> bool | None:
    """Tell whether a call must be awaited; `None` where the signature does not tell."""
    function = inspect.unwrap(getattr(target, "__func__", target))
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return True
    returned = str(getattr(function, "__annotations__", {}).get("return", ""))
    if not returned or any(word in returned for word in ("Any", "TypeVar", "~", "ContextManager")):
        return None
    promised = any(word in returned for word in ("Awaitable", "Coroutine", "Async"))
    if promised and any(mark in returned for mark in ("Union", "|")):
        return None
    return promised


def accepts_path(target: Any, path: Path) -> bool | None:
    accepted = accepts(target, path.keyword)
    if accepted is not True or not path.inside:
        return accepted
    hint = _hint(target, path.keyword)
    for name in path.inside:
        hint, accepted = _inside(hint, name)
        if accepted is not True:
            return accepted
    return True


def accepts(target: Any, keyword: str) -> bool | None:
    """Tell whether a callable takes a keyword; `None` where `**kwargs` or no signature leaves it open."""
    if target is None or target is MISSING_OBJECT:
        return None
    fields = _fields(target)
    if fields is not None:
        if keyword in fields:
            return True
        if (
            _is_model(target)
            and getattr(target, "model_config", {}).get("extra") != "allow"
            and not _own_init(target)
        ):
            return False
    try:
        parameters = inspect.signature(target).parameters
    except (TypeError, ValueError):
        return None
    if keyword in parameters:
        return True
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    return False


def positional(target: Any) -> list[str] | None:
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return [
        p.name
        for p in parameters
        if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD} and p.name != "self"
    ]


def default_of(target: Any, keyword: str) -> Any:
    if _is_model(target):
        for name, field in target.model_fields.items():
            if keyword in {name, field.alias}:
                return field.default
    try:
        parameter = inspect.signature(target).parameters.get(keyword)
    except (TypeError, ValueError):
        return MARK
    return MARK if parameter is None else parameter.default


def _is_model(target: Any) -> bool:
    return inspect.isclass(target) and hasattr(target, "model_fields")


def _own_init(target: Any) -> bool:
    return any(
        "__init__" in vars(base)
        for base in target.__mro__[:-1]
        if "pydantic" not in base.__module__ and "langchain_core" not in base.__module__
    )


def _fields(target: Any) -> set[str] | None:
    """Return the names under which a configuration class (pydantic, TypedDict, dataclass) can be filled."""
    if _is_model(target):
        names = set(target.model_fields)
        for name, field in target.model_fields.items():
            names.update({field.alias or name})
            choices = getattr(field.validation_alias, "choices", [field.validation_alias])
            names.update(choice for choice in choices if isinstance(choice, str))
        return names
    if inspect.isclass(target) and hasattr(target, "__fields__"):  # pydantic 1
        both = target.__config__.allow_population_by_field_name
        return {name for one in target.__fields__.values() for name in (one.alias, one.name if both else "")}
    if typing.is_typeddict(target):
        return set(target.__annotations__)
    if inspect.isclass(target) and hasattr(target, "__dataclass_fields__"):
        return set(target.__dataclass_fields__)
    return None


def _hint(target: Any, keyword: str) -> Any:
    owner = target.__init__ if inspect.isclass(target) else getattr(target, "__func__", target)
    return _hints(inspect.unwrap(owner)).get(keyword, MARK)


@functools.cache
def _hints(owner: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(owner)
    except (NameError, TypeError, AttributeError):
        return {}


def _inside(hint: Any, name: str) -> tuple[Any, bool | None]:
    """Look a name up in the classes that a type hint allows."""
    classes = [member for member in _members(hint) if _fields(member) is not None]
    if not classes:
        return MARK, None
    for member in classes:
        if name in (_fields(member) or ()):
            return _hints(member).get(name, MARK), True
    return MARK, False


def _members(hint: Any) -> Iterator[Any]:
    arguments = typing.get_args(hint)
    if arguments and typing.get_origin(hint) is not dict:
        for argument in arguments:
            yield from _members(argument)
    else:
        yield hint
