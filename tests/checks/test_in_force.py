"""The value in force at hard cases: each line with a model call says what is in force on it.

`tests/checks/hard_cases/` is one project. A line that holds a model call ends in `# call: role=value …`; a value is a
constant, `-` for missing, `?` for unknown. Lines without the marker hold no model call. `# via:` marks the caller of
a project function that decides settings of a model call.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from callsafe.checks.project import Analysis, analyse
from callsafe.checks.source import read
from callsafe.rules.facts import MISSING, UNKNOWN, Call

ROOT = Path(__file__).resolve().parent / "hard_cases"
_MARKER = re.compile(r"# (call|via): (.*)$")
_SETTING = re.compile(r"(\w+)=(\"[^\"]*\"|\S+)")


def project() -> Analysis:
    sources = [
        read(path.relative_to(ROOT).as_posix(), path.read_bytes())
        for path in sorted(ROOT.rglob("*"))
        if path.suffix in {".py", ".ipynb"}
    ]
    return analyse(sources, root=ROOT)


ANALYSIS = project()


def value(text: str) -> object:
    return {"-": MISSING, "?": UNKNOWN}.get(text) if text in "-?" else ast.literal_eval(text)


def cases() -> list[tuple[str, int, str, dict[str, object]]]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if match := _MARKER.search(line):
                wanted = {role: value(text) for role, text in _SETTING.findall(match[2])}
                found.append((path.relative_to(ROOT).as_posix(), number, match[1], wanted))
    return found


CASES = cases()


def calls_at(path: str, line: int) -> list[Call]:
    return [call for call in ANALYSIS.calls if call.place.path == path and call.place.line == line]


def test_there_are_at_least_sixty_hard_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(
    ("path", "line", "kind", "wanted"), CASES, ids=[f"{path}:{line}" for path, line, _, _ in CASES]
)
def test_the_call_is_found_and_every_value_in_force_is_right(
    path: str, line: int, kind: str, wanted: dict[str, object]
) -> None:
    found = calls_at(path, line)
    assert len(found) == 1
    (call,) = found
    assert (call.through is not None) == (kind == "via")
    facts = {
        "sdk": call.sdk,
        "operation": call.operation,
        "awaits": call.asynchronous,
        "streams": call.streamed,
    }
    in_force = {role: facts.get(role, call.setting(role).value) for role in wanted}
    assert in_force == wanted


def test_no_other_line_holds_a_model_call() -> None:
    marked = {(path, line) for path, line, _, _ in CASES}
    assert {(call.place.path, call.place.line) for call in ANALYSIS.calls} - marked == set()
