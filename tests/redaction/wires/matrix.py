"""Run the tests of the wires against every SDK, each release in an environment of its own.

    python -m tests.redaction.wires.matrix [FOLDER] [GROUP ...]

Creates the environments in FOLDER (default: callsafe-wires in the user's cache folder), installs pinned
releases and the project itself, runs the tests there and prints a table. What exists is used again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[3]
TESTS = "tests/redaction/wires"
NEEDED = ("pytest", "hypothesis", "httpx", "httpx2", "requests", "anyio")
GROUPS = {
    "current": (
        "openai==3.52.0", "anthropic==2.11.0", "google-genai==3.4.0", "mistralai==3.7.0", "cohere==7.3.1",
        "groq==1.7.0", "together==3.1.1", "ollama==0.6.3", "huggingface_hub==2.4.0", "boto3==1.44.5",
        "langchain-openai==1.7.3", "langchain-anthropic==1.7.7",
    ),
    "previous": (
        "openai==2.54.0", "anthropic==0.125.0", "google-genai==2.34.0", "mistralai==2.10.1", "cohere==5.21.1",
        "litellm==1.106.2",
    ),
    "oldest": (
        "openai==1.109.1", "google-genai==1.75.0", "mistralai==1.12.4", "huggingface_hub==1.33.0",
        "boto3==1.35.99",
    ),
}  # fmt: skip
"""Releases that can be installed together."""


def main(arguments: list[str]) -> int:
    """Run the groups; the exit status is that of the worst."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "callsafe-wires"
    folder = Path(arguments[0]) if arguments else cache
    unknown = set(arguments[1:]) - set(GROUPS)
    if unknown:
        sys.exit(f"no such group: {', '.join(sorted(unknown))} (there are {', '.join(GROUPS)})")
    worst = 0
    for group in arguments[1:] or GROUPS:
        status, *lines = _run(group, folder / group)
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        worst = max(worst, int(status))
    return worst


def _run(group: str, folder: Path) -> tuple[str, ...]:
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    _install(python, [*NEEDED, *GROUPS[group]])
    _install(python, ["-e", f"{ROOT}[redaction]"])
    report = folder / "report.xml"
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", TESTS]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if not report.exists():
        return "1", f"{group}: the tests did not run", done.stdout[-2000:], done.stderr[-2000:]
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    count = {
        name: sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    }
    bad = count["failures"] + count["errors"]
    passed = count["tests"] - bad - count["skipped"]
    versions = " ".join(re.sub("==", " ", each) + "," for each in GROUPS[group]).rstrip(",")
    lines = [
        f"{group}: {passed} passed, {bad} failed, {count['skipped']} skipped in {seconds:.0f} s ({versions})"
    ]
    lines += [f"  failed: {line[7:]}" for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    return str(int(done.returncode not in (0,))), *lines


def _install(python: Path, packages: list[str]) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    installer = (
        [uv, "pip", "install", "-q", "-p", str(python)] if uv else [str(python), "-m", "pip", "install", "-q"]
    )
    subprocess.run([*installer, *packages], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
