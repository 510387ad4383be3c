"""The README says what is true: its code runs, its commands name what exists, its length is bounded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from callsafe.hooks.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_readme_has_at_most_a_hundred_lines() -> None:
    assert len(README.splitlines()) <= 100


def test_the_finding_is_printed_as_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client, call = re.findall(r"# app/\w+\.py\n(.+)\n", blocks("python")[0])
    answer = ["from app.llm import MODEL, client", *[""] * 37]
    answer += ["def answer(question: str) -> str:", "    messages = [{'content': question}]", f"    {call}"]
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").touch()
    (tmp_path / "app/llm.py").write_text(f"from openai import OpenAI\n\n{client}\nMODEL = 'gpt-5.5'\n")
    (tmp_path / "app/answer.py").write_text("\n".join(answer) + "\n")
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    printed = capsys.readouterr().out
    assert blocks("text")[0] in printed
    assert "missing-retry" in printed
    assert "`max_retries=0` (app/llm.py:3)" in printed


def test_the_redaction_example_prints_what_it_says() -> None:
    example = next(block for block in blocks("python") if "Redactor()" in block)
    names: dict[str, object] = {}
    exec(example, names)  # the README's own code
    said = re.findall(r'^(redacted\..*?) +# (".*")$', example, re.MULTILINE)
    assert len(said) == 2
    for expression, printed in said:
        assert eval(expression, names) == eval(printed)


def test_the_linked_pages_exist() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_ci_runs_the_readmes_test_command() -> None:
    command = next(block for block in blocks("sh") if "pytest" in block)
    install = re.search(r"\.venv/bin/pip install [^&]+?(?= &&)", command)
    assert install is not None
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert install[0] in script
    assert ".venv/bin/pytest -q -n auto" in command
    assert ".venv/bin/pytest -q -n auto" in script


def test_the_commands_on_datasets_do_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"text": "Write to maria@nordvik.se", "spans": []}
    for name in ("data.jsonl", "labelled.jsonl"):
        (tmp_path / name).write_text(json.dumps(row) + "\n")
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"`callsafe ((?:redact|evaluate) [^`]+)`", README)
    assert len(commands) == 2
    for command in commands:
        assert main(command.split()) == 0, capsys.readouterr().err
    safe = json.loads((tmp_path / "safe.jsonl").read_text())
    assert safe["text"].startswith("Write to ")
    assert "maria" not in safe["text"]


def test_every_command_in_the_readme_exists(capsys: object) -> None:
    for command in set(re.findall(r"`callsafe (\w+)", README)):
        try:
            status = main([command, "--help"])
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        assert status == 0, command
