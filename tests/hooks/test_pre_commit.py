"""The real pre-commit runs the hook on a commit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (
    *("pyproject.toml", "README.md", "LICENSE", "NOTICE", ".pre-commit-hooks.yaml"),
    *("rules", "checks", "redaction", "hooks", "src"),
)
OFFLINE = re.compile(
    r"No matching distribution|Could not find a version|NewConnectionError|name resolution|ProxyError"
)

BAD = """\
from openai import OpenAI

client = OpenAI()


def answer(question: str) -> str:
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model="gpt-5.1", messages=messages).choices[0].message.content
"""


def command(*arguments: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))
    }
    environment |= {
        "PRE_COMMIT_HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{
            f"GIT_{role}_{field}": "x@example.com"
            for role in ("AUTHOR", "COMMITTER")
            for field in ("NAME", "EMAIL")
        },
    }
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.network
def test_pre_commit_stops_a_bad_commit_and_lets_a_good_one_through(tmp_path: Path) -> None:
    pytest.importorskip("pre_commit")
    hook, project, home = tmp_path / "hook", tmp_path / "project", tmp_path / "home"

    def run(*arguments: str, folder: Path = project) -> subprocess.CompletedProcess[str]:
        return command(*arguments, folder=folder, home=home)

    hook.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, hook / part, symlinks=True, ignore=ignored)
        else:
            shutil.copy(source, hook / part)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "hook"]):
        assert run("git", *arguments, folder=hook).returncode == 0
    revision = run("git", "rev-parse", "HEAD", folder=hook).stdout.strip()

    project.mkdir()
    run("git", "init", "-q")
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hook}\n  rev: {revision}\n"
        "  hooks:\n  - id: callsafe\n    args: [--output-format, concise, '--']\n"
    )
    (project / "pyproject.toml").write_text(
        "[tool.callsafe]\nselect = ['LLM3', 'LLM9']\nextend-exclude = ['old/']\n"
    )
    (project / "answer.py").write_text(BAD)
    (project / "--exit-zero").write_text("no option\n")
    (project / "two é words.py").write_text(BAD)
    (project / "old").mkdir()
    (project / "old/answer.py").write_text(BAD)
    run("git", "add", ".")

    installed = run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    if installed.returncode and OFFLINE.search(installed.stdout + installed.stderr):
        pytest.skip("no package registry to install the hook from")
    assert installed.returncode == 0, installed.stdout + installed.stderr

    bad = run("git", "commit", "-m", "bad")
    assert bad.returncode == 1
    assert re.search(r"^answer\.py:8:12: LLM301 unbounded-output", bad.stdout + bad.stderr, re.MULTILINE)
    assert re.search(r"^two é words\.py:8:12: LLM301", bad.stdout + bad.stderr, re.MULTILINE)
    assert "old/answer.py" not in bad.stdout + bad.stderr
    (project / "two é words.py").unlink()

    (project / "answer.py").write_text(
        BAD.replace("messages=messages", "messages=messages, max_completion_tokens=64")
    )
    run("git", "add", ".")
    good = run("git", "commit", "-m", "good")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Passed" in good.stdout + good.stderr
