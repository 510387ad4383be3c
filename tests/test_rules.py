"""Every rule against its fixture, its documentation and the registry.

A fixture is `tests/rules/<rule>.py`: ordinary Python in which the lines to be found end in `# finds: rule-name`,
and known misses say `# missed: why`. A first line `# with: openai<1` is the project's dependency file. Tokens
`@@format@@` become generated keys. A fixture may hold several files, divided by `# file: path` lines.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.credentials.keys import fill

from callsafe.checks.engine import check
from callsafe.checks.settings import Settings
from callsafe.hooks.report import markdown
from callsafe.rules.model import Facts, Level
from callsafe.rules.registry import TEXT_FAMILIES, rules

ROOT = Path(__file__).resolve().parent
FIXTURES = sorted((ROOT / "rules").glob("*.py"))
RULES = {rule.name: rule for rule in rules()}
_MARKER = re.compile(r"# finds: ([\w, -]+?)\s*$")
_FILE = re.compile(r"^# file: (\S+)\s*$", re.MULTILINE)
EXAMPLED = [rule.name for rule in rules() if rule.facts in {Facts.CALL, Facts.CREDENTIAL}]


def split(name: str, text: str) -> dict[str, str]:
    parts = _FILE.split(text)
    if len(parts) == 1:
        return {name: text}
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def found(folder: Path, files: dict[str, str]) -> set[tuple[str, int, str]]:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(fill(text), "utf-8")
    settings = Settings(root=str(folder), level=Level.STRICT)
    report = check([str(folder)], settings)
    return {(Path(finding.place.path).name, finding.place.line, finding.rule) for finding in report.findings}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_rule_finds_the_marked_lines_of_its_fixture_and_no_others(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = path.stem.replace("_", "-")
    text = path.read_text("utf-8")
    if text.startswith("# with: "):
        (tmp_path / "requirements.txt").write_text(
            text.partition("\n")[0].removeprefix("# with: ") + "\n", "utf-8"
        )
    files = split(path.name, text)
    expected = {
        (Path(file).name, number, rule.strip())
        for file, content in files.items()
        for number, line in enumerate(content.splitlines(), 1)
        if (match := _MARKER.search(line))
        for rule in match[1].split(",")
    }
    assert {rule for _, _, rule in expected} == {name}
    assert {entry for entry in found(tmp_path, files) if entry[2] == name} == expected


def test_every_rule_has_a_fixture_and_every_fixture_a_rule() -> None:
    run = {
        rule.name for rule in rules() if rule.facts in {Facts.RUN, Facts.PROJECT}
    }  # tested in tests/checks, tests/credentials
    assert {path.stem.replace("_", "-") for path in FIXTURES} | run == set(RULES) | run
    assert not {path.stem.replace("_", "-") for path in FIXTURES} - set(RULES)


def test_names_and_codes_are_unique_and_follow_the_families() -> None:
    families = {
        "credentials": "1",
        "reliability": "2",
        "cost": "3",
        "lifecycle": "4",
        "protection": "5",
        "run": "9",
    }
    codes = [rule.code for rule in rules()]
    assert len(set(codes)) == len(codes) == len(RULES)
    for rule in rules():
        family = rule.find.__module__.split(".")[-2]
        if family in families:
            assert rule.code.startswith(f"LLM{families[family]}"), rule.name
        assert rule.section, rule.name
        assert not rule.summary.endswith("."), rule.name


def examples(name: str, kind: str) -> list[str]:
    docs = RULES[name].docs
    blocks = re.findall(rf"^{kind}:\n\n((?:    .*\n|\n)+)", docs + "\n", re.MULTILINE)
    return ["\n".join(line[4:] for line in block.splitlines()) + "\n" for block in blocks]


@pytest.mark.parametrize("name", EXAMPLED)
def test_the_bad_example_in_the_documentation_is_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = examples(name, "Bad")
    assert blocks
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        assert name in {rule for _, _, rule in found(folder, {"example.py": block})}


@pytest.mark.parametrize("name", EXAMPLED)
def test_the_good_example_in_the_documentation_is_clean(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = examples(name, "Good")
    assert blocks
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        assert name not in {rule for _, _, rule in found(folder, {"example.py": block})}


def test_the_rule_documentation_is_what_the_registry_generates() -> None:
    page = ROOT.parent / "docs" / "rules.md"
    if not page.parent.is_dir():
        pytest.skip("no docs beside the tests (installed from an sdist)")
    assert page.read_text("utf-8") == markdown.page(rules()), "run `callsafe rules --output-format markdown`"


def test_rules_about_texts_are_in_the_families_that_every_run_loads() -> None:
    of_texts = {rule.code for rule in rules() if rule.facts is Facts.TEXT}
    assert of_texts == {rule.code for rule in rules(TEXT_FAMILIES) if rule.facts is Facts.TEXT}
