"""The constant texts that reach a prompt, where they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from callsafe.checks.calls import Found
from callsafe.checks.resolve import Resolver
from callsafe.checks.settings_in_force import inside
from callsafe.checks.source import Source
from callsafe.checks.values import Const, Items, Joined, Sequence, Value, argument, options
from callsafe.rules.facts import Text
from callsafe.rules.model import Place

_ROLES = ("prompt", "instructions")
_SHORTEST = 6
"""Characters: a shorter constant (a role, a separator) holds no personal data."""


def prompt_texts(resolver: Resolver, found: Found) -> Iterator[Text]:
    """Yield every string constant inside the prompt and the instructions of a call."""
    for role in _ROLES:
        for path in found.operation.roles.get(role, ()):
            given = argument(found.arguments, path.keyword, found.operation.positions)
            if given is not None:
                yield from _texts(inside(resolver, resolver.force(given), path.inside), 0)


def _texts(value: Value, depth: int) -> Iterator[Text]:
    if depth > 12:
        return
    for option in options(value):
        if isinstance(option, Const):
            if isinstance(option.value, str) and len(option.value) >= _SHORTEST and option.module is not None:
                source = option.module.source
                assert option.node is not None
                place = source.place(option.node)
                yield Text(option.value, source.path, "prompt", _locator(source, option.value, place))
        elif isinstance(option, Joined):
            for part in option.parts:
                yield from _texts(part, depth + 1)
        elif isinstance(option, Sequence):
            for item in option.items:
                yield from _texts(item, depth + 1)
        elif isinstance(option, Items):
            for item in option.items.values():
                yield from _texts(item, depth + 1)


def _locator(source: Source, content: str, place: Place) -> Callable[[int, int], Place]:
    """Map offsets in a literal to the source; the whole literal where escapes or joins hide the exact spot."""

    def locate(start: int, end: int) -> Place:
        wanted = content[start:end]
        first = source.line(place)
        for line in range(first, first + place.end_line - place.line + 1):
            text = source.lines[line - 1] if line <= len(source.lines) else ""
            column = text.find(wanted)
            if column >= 0 and "\n" not in wanted:
                shown = place.line + line - first
                return Place(place.path, shown, column + 1, shown, column + 1 + len(wanted), place.cell)
        return place

    return locate
