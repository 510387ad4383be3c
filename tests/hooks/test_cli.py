"""The command: arguments, exit statuses, streams and what it loads."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import callsafe
from callsafe.rules.registry import rules

from .conftest import Run, Spawn

CLEAN = "import openai\n\n\ndef double(x: int) -> int:\n    return 2 * x\n"
UNUSED = "x = 1  # callsafe: ignore[unbounded-output]\n"


def test_a_clean_run_says_so_and_exits_with_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CLEAN)
    done = run("check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings in 1 file\n", "")


def test_findings_exit_with_1_and_exit_zero_with_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(UNUSED)
    done = run("check", "--output-format", "concise")
    assert done.returncode == 1
    assert done.stdout == (
        "a.py:1:27: LLM901 unused-ignore there is no longer a finding of `unbounded-output` on this line\n"
        "1 finding (1 low) in 1 file\n"
    )
    assert run("check", "--exit-zero", "-q").returncode == 0


def test_quiet_prints_findings_only(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CLEAN)
    assert run("check", "-q").stdout == ""
    assert run("check", "-q", "--output-format", "concise").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere.py"], "callsafe: nowhere.py: no such file or folder\n"),
        (
            ["check", "--select", "unbound-output"],
            "callsafe: --select: 'unbound-output' is no rule; did you mean 'unbounded-output'?\n",
        ),
        (["check", "--config", "no.toml"], "callsafe: no.toml: cannot be read: no such file or directory\n"),
        (
            ["check", "--config", "no.toml", "--isolated"],
            "callsafe: --isolated and --config contradict each other; leave one out\n",
        ),
        (
            ["explain", "unbound-output"],
            "callsafe: 'unbound-output' is no rule; did you mean 'unbounded-output'?\n",
        ),
        (["redact", "nowhere.txt"], "callsafe: nowhere.txt: no such file or directory\n"),
    ],
)
def test_a_wrong_argument_is_one_clear_line_and_exits_with_2(
    run: Run, arguments: list[str], message: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


@pytest.mark.parametrize("arguments", [[], ["chek"], ["check", "--nope"], ["check", "--level", "loud"]])
def test_unknown_commands_and_options_exit_with_2(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: callsafe")


def test_a_wrong_configuration_exits_with_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.callsafe]\nselct = []\n")
    done = run("check")
    assert done.returncode == 2
    assert done.stderr == (
        "callsafe: pyproject.toml: unknown key 'selct' in [tool.callsafe]; did you mean 'select'?\n"
    )
    assert run("check", "--isolated").returncode == 0


def test_configuration_is_looked_for_from_the_paths_upwards(run: Run, tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part/a.py").write_text(UNUSED)
    (tmp_path / "part/callsafe.toml").write_text("ignore = ['LLM901']\n")
    assert run("check", "part/a.py").returncode == 0
    assert run("check", ".").returncode == 1
    assert run("check", ".", "--config", "part/callsafe.toml").returncode == 0


def test_nothing_to_check_is_said(run: Run) -> None:
    done = run("check")
    assert (done.returncode, done.stderr) == (0, "callsafe: no files to check\n")


def test_selections_add_up_over_commas_and_repetitions(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(UNUSED + "y = 1  # callsafe: ignore[nonsense]\n")
    options = ["--select", "LLM901,LLM301", "--select", "unknown-rule", "--ignore", "LLM903"]
    rows = json.loads(run("check", "--output-format", "json", *options).stdout)
    assert [row["code"] for row in rows] == ["LLM901"]


def test_json_is_an_array_of_objects(run: Run, tmp_path: Path) -> None:
    (tmp_path / "é.py").write_text("é = 'é'  # callsafe: ignore[unbounded-output]\n", "utf-8")
    (row,) = json.loads(run("check", "--output-format", "json").stdout)
    assert (
        row.pop("fingerprint") == json.loads(run("check", "--output-format", "json").stdout)[0]["fingerprint"]
    )
    assert row == {
        "rule": "unused-ignore",
        "code": "LLM901",
        "path": "é.py",
        "line": 1,
        "column": 29,
        "end_line": 1,
        "end_column": 45,
        "severity": "low",
        "level": "core",
        "message": "there is no longer a finding of `unbounded-output` on this line",
        "in_force": "",
        "fix": "remove it",
    }
    (tmp_path / "é.py").unlink()
    assert run("check", "--output-format", "json").stdout == "[]\n"


def test_explain_prints_the_documentation_under_any_name(run: Run) -> None:
    by_code, by_name = run("explain", "llm301"), run("explain", "unbounded-output")
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith("unbounded-output (LLM301)\n=========================\n")
    assert "Bad:" in by_code.stdout


def test_explain_lists_the_rules_under_a_prefix(run: Run) -> None:
    done = run("explain", "llm9")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["LLM901", "LLM902", "LLM903"]


def test_rules_lists_every_rule_in_each_format(run: Run) -> None:
    codes = [rule.code for rule in rules()]
    assert [line.split()[0] for line in run("rules").stdout.splitlines()] == codes
    assert [row["code"] for row in json.loads(run("rules", "--output-format", "json").stdout)] == codes
    page = run("rules", "--output-format", "markdown").stdout
    assert re.findall(r"^## ([a-z-]+)$", page, re.MULTILINE) == [rule.name for rule in rules()]
    assert page.count("```") % 2 == 0


def test_redact_prints_the_text_with_placeholders(spawn: Spawn, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_bytes(b"\xc3\xa9 mail ann.lee@initech.io\nbye")
    done = spawn("-m", "callsafe", "redact", "letter.txt")
    assert (done.returncode, done.stdout, done.stderr) == (0, "é mail <EMAIL_ADDRESS_1>\nbye", "")


def test_redact_prints_nothing_where_the_redaction_fails(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callsafe.redaction import RedactionError, Redactor

    def fail(_redactor: Redactor, _text: str) -> None:
        raise RedactionError("out of time")

    monkeypatch.setattr(Redactor, "redact", fail)
    (tmp_path / "letter.txt").write_text("mail ann.lee@initech.io")
    done = run("redact", "letter.txt")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "callsafe: letter.txt: not redacted: out of time\n"


def test_redact_refuses_what_is_no_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "image.bin").write_bytes(b"\xff\xfe")
    done = run("redact", "image.bin")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "callsafe: image.bin: not utf-8\n")


MISSING = [
    ("countries = ['us', 'it']", "presidio_analyzer", "'callsafe[redaction]'"),
    ("names = 'spacy:en_core_web_lg'", "spacy", "spacy"),
    ("default = {operator = 'encrypt', key_env = 'KEY'}", "cryptography", "'callsafe[redaction]'"),
]


@pytest.mark.parametrize(("policy", "module", "wanted"), MISSING)
@pytest.mark.parametrize(
    "command", ["redact letter.txt", "redact rows.jsonl -o safe.jsonl", "evaluate rows.jsonl"]
)
def test_what_the_light_install_lacks_is_named_before_any_text_is_read(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    policy: str,
    module: str,
    wanted: str,
    command: str,
) -> None:
    for loaded in list(sys.modules):
        if loaded.partition(".")[0] == module or loaded.startswith("callsafe.redaction.detect."):
            monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setenv("KEY", "k" * 32)
    if "operator" not in policy:
        policy += "\ndefault = {operator = 'hash', key_env = 'KEY'}"
    (tmp_path / "policy.toml").write_text(policy)
    (tmp_path / "evaluation.toml").write_text("policy = 'policy.toml'")
    (tmp_path / "letter.txt").write_text("mail ann.lee@initech.io")
    (tmp_path / "rows.jsonl").write_text('{"text": "mail ann.lee@initech.io", "spans": []}\n')
    option = ("--config", "evaluation.toml") if "evaluate" in command else ("--policy", "policy.toml")
    done = run(*command.split(), *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"callsafe: {module} is not installed; run: pip install {wanted}\n"
    assert not (tmp_path / "safe.jsonl").exists()


def test_the_version_is_the_packages(run: Run) -> None:
    assert run("--version").stdout == f"callsafe {callsafe.__version__}\n"


def test_colours_are_for_terminals_and_for_those_who_ask(spawn: Spawn, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(UNUSED)
    assert "\x1b[" not in spawn("-m", "callsafe", "check").stdout
    cyan = "\x1b[1;36m"
    assert cyan in spawn("-m", "callsafe", "check", FORCE_COLOR="1").stdout
    assert cyan not in spawn("-m", "callsafe", "check", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_terminal_without_unicode_gets_plain_characters(spawn: Spawn, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("é = 1  # callsafe: ignore[unbounded-output]\n", "utf-8")
    done = spawn("-m", "callsafe", "check", PYTHONIOENCODING="ascii", encoding="ascii")
    assert done.returncode == 1
    assert " > 1 | \\xe9 = 1  # callsafe" in done.stdout


def test_a_reader_that_leaves_early_is_no_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(UNUSED * 5000)
    command = f"{sys.executable} -m callsafe check --output-format concise | head -1"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("a.py:1:27: LLM901")
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", ["check", "rules", "calls"])
def test_a_full_disk_is_one_clear_line(spawn: Spawn, tmp_path: Path, command: str) -> None:
    (tmp_path / "a.py").write_text(UNUSED)
    done = subprocess.run(
        f"{sys.executable} -m callsafe {command} > /dev/full",
        shell=True, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "callsafe: no space left on device\n")


def test_a_closed_output_leaves_the_exit_status(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(UNUSED)
    command = f"{sys.executable} -m callsafe check >&-"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


def test_an_interrupt_exits_with_130_and_no_traceback(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(
        [sys.executable, "-m", "callsafe", "redact", "pipe"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    with open(tmp_path / "pipe", "w"):  # opens when the other side reads: the command is under way
        time.sleep(0.1)
        reader.send_signal(signal.SIGINT)
        _, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (130, "")


def test_a_failing_rule_is_named_with_its_file_and_nothing_of_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from callsafe.checks import engine
    from callsafe.hooks.cli import main
    from callsafe.rules.model import Facts, Problem, Severity, rule

    def fail(project: object) -> list[Problem]:
        raise ValueError("a secret")

    broken = rule(
        "broken_rule", "", code="LLM999", severity=Severity.LOW, facts=Facts.PROJECT, section="", find=fail
    )
    monkeypatch.setattr(engine, "rules", lambda *_: (*rules(), broken))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(CLEAN)
    assert main(["check"]) == 2
    errors = capsys.readouterr().err
    assert re.fullmatch(
        r"callsafe: internal error: rule broken-rule failed on .*: ValueError in test_cli\.py:\d+; .*\n",
        errors,
    )


def loaded_by_check_of(code: str, spawn: Spawn, folder: Path) -> set[str]:
    names = [f"m{number}.py" for number in range(3)]
    for name in names:
        (folder / name).write_text(code)
    done = spawn("-X", "importtime", "-m", "callsafe", "check", *names)
    assert (done.returncode, done.stdout) == (0, "no findings in 3 files\n")
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    return modules | {name.partition(".")[0] for name in modules}


HEAVY = {"libcst", "rich", "detect_secrets", "logging", "pathspec", "presidio_analyzer", "importlib.metadata"}


@pytest.mark.parametrize("code", [CLEAN, "def double(x: int) -> int:\n    return 2 * x\n"])
def test_a_check_with_nothing_to_show_loads_almost_nothing(code: str, spawn: Spawn, tmp_path: Path) -> None:
    loaded = loaded_by_check_of(code, spawn, tmp_path)
    assert "callsafe.checks.engine" in loaded
    assert not loaded & HEAVY
    assert ("callsafe.checks.resolve" in loaded) is ("openai" in code)
