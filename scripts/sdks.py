"""Writes `docs/sdks.md`: which SDKs the catalogue covers and what each does when nobody sets anything.

Run with `python -m scripts.sdks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from callsafe.rules import sdks
from callsafe.rules.facts import MISSING, UNKNOWN, Kind
from callsafe.rules.sdks.model import Default, Generation, Operation, Sdk

PAGE = Path(__file__).parent.parent / "docs" / "sdks.md"

INTRODUCTION = """# SDKs that callsafe knows

Made from the files in `rules/sdks/` by `python -m scripts.sdks`. Attempts count the first one; a time-out is
for one attempt. "none" means that nothing is sent and the model's maximum, or no limit at all, is in force;
"required" that the SDK refuses the call. Every line is checked against the real SDKs by `python -m
tests.sdks.matrix`, which installs them, looks at every class, method, keyword and error, and counts HTTP
requests against a server that fails on purpose.

| SDK | releases | calls | attempts | time-out | output bound |
|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    lines = [line for name in sorted(sdks.heads()) for line in _lines(sdks.load(name))]
    return INTRODUCTION + "\n".join(lines) + "\n"


def _lines(sdk: Sdk) -> Iterator[str]:
    for entry in sdk.generations:
        there = {kind.name for kind in sdk.types if not kind.generations or entry.name in kind.generations}
        operations = [
            one
            for one in sdk.operations
            if one.kind in {Kind.TEXT, Kind.AGENT}
            and (not one.generations or entry.name in one.generations)
            and (one.functions or one.on is None or there.intersection(one.on))
        ]
        if not operations or (operations[0].removed and not operations[0].generations):
            continue
        calls = [path for one in operations for path in (*one.methods, *one.functions)]
        shown = ", ".join(f"`{path}`" for path in calls[:3]) + (
            f" and {len(calls) - 3} more" if len(calls) > 3 else ""
        )
        values = (_said(sdk, entry, operations, role) for role in ("retries", "timeout", "output_bound"))
        releases = entry.versions.replace(",", ", ")
        yield f"| {sdk.title} | {releases} | {shown} | {' | '.join(values)} |"


def _said(sdk: Sdk, entry: Generation, operations: list[Operation], role: str) -> str:
    """Return in words what is in force over the operations, the values of types and models side by side."""
    found: dict[str, None] = {}
    for operation in operations:
        types = [kind for kind in sdk.types if operation.on is None or kind.name in operation.on]
        layers = [said for _, said in operation.by_model if role in said]
        if role in operation.defaults:
            layers = [*layers, operation.defaults]
        elif not layers:
            places = [(kind.defaults, entry.defaults, sdk.defaults) for kind in types]
            layers = [
                next((place for place in row if role in place), {})
                for row in places or [({}, entry.defaults, sdk.defaults)]
            ]
        for layer in layers:
            found[_words(layer.get(role), role)] = None
    return ", ".join(found)


def _words(default: Default | None, role: str) -> str:
    if default is None or (default.value is UNKNOWN and not default.required):
        return "depends"
    if default.required:
        return "required"
    if default.value is MISSING:
        return "none"
    if role == "retries":
        return str(default.value + 1)
    return f"{default.value:g} s" if role == "timeout" else str(default.value)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
