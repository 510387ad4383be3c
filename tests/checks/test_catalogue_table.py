"""Every SDK x method x role x way of setting it, generated from the catalogue: the value in force is the one set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callsafe.checks.project import analyse
from callsafe.checks.source import read
from callsafe.rules import sdks
from callsafe.rules.facts import UNKNOWN, Call
from callsafe.rules.sdks.model import Default, Operation, Sdk, Type
from callsafe.rules.sdks.model import Path as RolePath

NUMERIC = ("output_bound", "timeout", "retries", "completions", "temperature")
SDKS = sorted(sdks.heads())


def written(path: RolePath, number: str) -> str:
    """Write a keyword argument that sets the path: `config={"max_output_tokens": 7}`."""
    value = number
    for name in reversed(path.inside):
        value = f'{{"{name}": {value}}}'
    return f"{path.keyword}={value}"


def number_for(path: RolePath) -> str:
    return {"ms": "7000", "attempts": "8"}.get(path.unit, "7")


def constructed(kind: Type, extra: str = "") -> str:
    arguments = [f"{name}={value!r}" for name, value in kind.when.items()]
    return f"{kind.name}({', '.join([*arguments, *([extra] if extra else [])])})"


def address(operation: Operation, sdk: Sdk) -> str:
    if not operation.host_argument:
        return ""
    path = "/v1/chat/completions"
    return f'{operation.host_argument}="https://api.openai.com{path}"'


def in_use(operation: Operation, sdk: Sdk) -> bool:
    newest = sdk.generations[0].name if sdk.generations else ""
    return not operation.generations or newest in operation.generations


def combinations(sdk: Sdk) -> Iterator[tuple[str, str, str, Operation, Type | None]]:
    """Yield (way, role, line of code, operation, type)."""
    for operation in sdk.operations:
        if not in_use(operation, sdk) or (
            operation.path and not operation.path.search("/v1/chat/completions")
        ):
            continue
        host = address(operation, sdk)
        for function in operation.functions[:3]:
            yield "default", "", f"{function}({host})", operation, None
            for role in NUMERIC:
                for path in operation.roles.get(role, ())[:1]:
                    line = f"{function}({', '.join(part for part in (host, written(path, number_for(path))) if part)})"
                    yield "call", role, line, operation, None
        kinds = [kind for kind in sdk.types if operation.on is None or kind.name in operation.on]
        for kind in kinds:
            if kind.module or kind.made_by or kind.wraps or (kind.generations and not _newest(kind, sdk)):
                continue
            for method in operation.methods[:4]:
                called = "" if method == "__call__" else f".{method}"
                yield "default", "", f"{constructed(kind)}{called}({host})", operation, kind
                for role in NUMERIC:
                    for path in operation.roles.get(role, ())[:1]:
                        given = ", ".join(part for part in (host, written(path, number_for(path))) if part)
                        yield "call", role, f"{constructed(kind)}{called}({given})", operation, kind
                        yield "splat", role, f"{constructed(kind)}{called}(**dict({given}))", operation, kind
                        unknown = ", ".join([*([host] if host else []), f"**elsewhere({given})"])
                        yield "unknown", role, f"{constructed(kind)}{called}({unknown})", operation, kind
                    for path in kind.roles.get(role, ())[:1]:
                        client = constructed(kind, written(path, number_for(path)))
                        yield "client", role, f"{client}{called}({host})", operation, kind
                    option_paths = sdk.option_roles.get(role, ())
                    for copying in kind.options[:1] if option_paths else ():
                        given = written(option_paths[0], number_for(option_paths[0]))
                        line = f"{constructed(kind)}.{copying}({given}){called}({host})"
                        yield "options", role, line, operation, kind


def _newest(kind: Type, sdk: Sdk) -> bool:
    return bool(sdk.generations) and sdk.generations[0].name in kind.generations


def expected_default(role: str, sdk: Sdk, operation: Operation, kind: Type | None) -> Default | None:
    if any(role in defaults for _, defaults in operation.by_model):
        return Default(UNKNOWN)
    levels = [operation.defaults, *([kind.defaults] if kind else [])]
    levels += [sdk.generations[0].defaults] if sdk.generations else []
    levels.append(sdk.defaults)
    return next((level[role] for level in levels if role in level), None)


@pytest.mark.parametrize("name", SDKS)
def test_the_value_in_force_is_the_one_that_is_set(name: str, tmp_path: Path) -> None:
    sdk = sdks.load(name)
    rows = list(combinations(sdk))
    if not rows:
        pytest.skip("nothing that source can construct: reached through other SDKs' objects")
    roots = sorted(
        {kind.name.rpartition(".")[0] for kind in sdk.types}
        | {function.rpartition(".")[0] for operation in sdk.operations for function in operation.functions}
        - {""}
    )
    head = [f"import {root}" for root in roots if root[:1].islower()]
    head += [
        "# api.openai.com inferenceConfig bedrock-runtime",
        *(f"# {word}" for word in sdks.heads()[name].get("words", ())),
    ]
    lines = [*head, *(line for _, _, line, _, _ in rows)]
    source = read("table.py", "\n".join(lines).encode())
    found: dict[int, list[Call]] = {}
    for call in analyse([source], root=tmp_path).calls:
        found.setdefault(call.place.line, []).append(call)
    wrong = []
    for number, (way, role, line, operation, kind) in enumerate(rows, len(head) + 1):
        calls = [call for call in found.get(number, []) if call.sdk == name]
        if len(calls) != 1:
            wrong.append(f"{line}: {len(calls)} calls")
            continue
        if way == "default":
            for checked in NUMERIC:
                default = expected_default(checked, sdk, operation, kind)
                value = calls[0].setting(checked).value
                if default is not None and checked in calls[0].settings and value != default.value:
                    wrong.append(f"{line}: {checked} is {value}, not {default.value}")
            continue
        path = _path(way, role, sdk, operation, kind)
        value = calls[0].setting(role).value
        wanted = UNKNOWN if way == "unknown" or path.unit == "present" else 7
        if value != wanted:
            wrong.append(f"{line}: {role} is {value}, not {wanted}")
    assert not wrong, f"{len(wrong)} of {len(rows)}:\n" + "\n".join(wrong[:40])


def _path(way: str, role: str, sdk: Sdk, operation: Operation, kind: Type | None) -> RolePath:
    if way == "client" and kind is not None:
        return kind.roles[role][0]
    return (sdk.option_roles if way == "options" else operation.roles)[role][0]


def test_the_table_is_large() -> None:
    assert sum(len(list(combinations(sdks.load(name)))) for name in SDKS) > 1000
