"""`callsafe redact` and `callsafe restore` on files of rows, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import KEY, PEOPLE, lines

VAULT_KEY = "CALLSAFE_VAULT_KEY"


def callsafe(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "callsafe", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows.jsonl").write_bytes(lines(12))
    return tmp_path


HASH = ("--operator", "hash", "--key-env", KEY, "--jobs", "1")


def test_a_file_is_redacted_and_the_report_counts_what_was_replaced(folder: Path) -> None:
    done = callsafe(folder, "redact", "rows.jsonl", "-o", "safe.jsonl", "--report", "report.json", *HASH)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "safe.jsonl: 12 rows in " in done.stderr
    report = json.loads((folder / "report.json").read_text())
    assert report["rows"] == report["changed"] == 12
    assert {"label": "EMAIL_ADDRESS", "operator": "hash", "count": 12} in report["replaced"]
    told = (folder / "safe.jsonl").read_text() + (folder / "report.json").read_text() + done.stderr
    assert not [person for person in PEOPLE if person in told]


def test_a_vault_gives_back_what_was_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VAULT_KEY, os.urandom(16).hex())
    vault = ("--vault", "vault.db", "--jobs", "1", "-q")
    assert callsafe(folder, "redact", "rows.jsonl", "-o", "safe.jsonl", *vault).returncode == 0
    assert "<PERSON_1>" in (folder / "safe.jsonl").read_text()
    done = callsafe(folder, "restore", "safe.jsonl", "-o", "back.jsonl", *vault)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "back.jsonl").read_bytes() == (folder / "rows.jsonl").read_bytes()
    (folder / "answer.txt").write_text("Dear <PERSON_1>,")
    assert callsafe(folder, "restore", "answer.txt", *vault).stdout == "Dear Jane Roe,"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "out.jsonl"], "the policy replaces by number, which needs --vault FILE"),
        ([*HASH], "rows.jsonl: rows need a place to go: give -o FILE"),
        (["-o", "out.jsonl", "--operator", "hash"], "--operator hash needs --key-env NAME"),
        (["-o", "out.jsonl", *HASH, "--on-error", "keep"], "say --allow-unredacted, or skip them"),
        (["-o", "out.jsonl", *HASH, "--policy", "p.toml"], "--policy and --operator contradict each other"),
        (["-o", "out.jsonl", "--operator", "hash", "--key-env", "NO_SUCH"], "NO_SUCH is not set"),
        (["-o", "out.jsonl", "--vault", "v", "--vault-key-env", "NO_SUCH"], "NO_SUCH is not set"),
        (["-o", "rows.jsonl", *HASH, "--force"], "output and input are one file"),
        (["-o", "none/out.jsonl", *HASH], "none/out.jsonl.partial: no such file or directory"),
        (["-o", "out.jsonl", *HASH, "--field", "nots"], "no row has the field 'nots': nothing was written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], message: str, folder: Path) -> None:
    done = callsafe(folder, "redact", "rows.jsonl", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("callsafe: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "out.jsonl").exists()


def test_a_bad_row_ends_the_run_with_its_line(folder: Path) -> None:
    with (folder / "rows.jsonl").open("a") as file:
        file.write('{"note": "Jane Roe"\n')
    done = callsafe(folder, "redact", "rows.jsonl", "-o", "out.jsonl", *HASH)
    assert done.returncode == 2
    assert done.stderr.startswith("callsafe: rows.jsonl:13: not JSON: ")
    assert "Jane" not in done.stderr
    skipped = callsafe(
        folder, "redact", "rows.jsonl", "-o", "out.jsonl", *HASH, "--resume", "--on-error", "skip"
    )
    assert skipped.returncode == 0
    assert "rows.jsonl:13: skip: not JSON: " in skipped.stderr
    assert "12 rows in" in skipped.stderr


def test_restoring_needs_something_to_restore_from(folder: Path) -> None:
    done = callsafe(folder, "restore", "rows.jsonl", "-o", "back.jsonl")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "give --vault FILE, or --key-env NAME" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_a_killed_run_leaves_no_process_and_goes_on_to_the_same_bytes(folder: Path) -> None:
    (folder / "rows.jsonl").write_bytes(lines(7_000))
    arguments = ("rows.jsonl", "--operator", "hash", "--key-env", KEY, "--jobs", "2", "-q", "-o")
    running = subprocess.Popen(
        [sys.executable, "-m", "callsafe", "redact", *arguments, "out.jsonl"], cwd=folder
    )
    journal = folder / "out.jsonl.journal"
    deadline = time.monotonic() + 60
    while not journal.exists() or journal.read_bytes().count(b"\n") < 2:
        assert running.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    workers = children(running.pid)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (folder / "out.jsonl").exists()
    assert len(workers) >= 2
    while any(Path("/proc", str(worker), "stat").exists() for worker in workers):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.05)
    assert callsafe(folder, "redact", *arguments, "out.jsonl", "--resume").returncode == 0
    assert callsafe(folder, "redact", *arguments, "whole.jsonl").returncode == 0
    assert (folder / "out.jsonl").read_bytes() == (folder / "whole.jsonl").read_bytes()


def children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                above = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if above == parent:
                found.append(int(entry.name))
    return found
