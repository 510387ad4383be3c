"""Which release of an SDK is in force: what a project's own files say of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsafe.checks.versions import generations
from callsafe.rules import sdks

PIPFILE_LOCK = '{"default": {"openai": {"version": "==1.30.0"}}, "develop": {}}'


def said(root: Path, sdk: str = "openai") -> tuple[str, str]:
    generation, source = generations(root, [sdks.load(sdk)])[sdk]
    return generation.name, source


def lay(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_without_a_word_the_newest_is_assumed(tmp_path: Path) -> None:
    assert said(tmp_path) == ("3", "newest")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "openai==1.30.0\n"),
        ("requirements.txt", "OpenAI[datalib] == 1.30.0 ; python_version > '3.8'  # pinned\n"),
        ("requirements.txt", "# openai==3.0.0\n-r base.txt\nopenai~=1.30\n"),
        ("requirements.txt", "openai>=1.0,<2\n"),
        ("requirements.txt", "openai==1.30.0 --hash=sha256:00\n"),
        ("requirements.txt", "openai==1.30.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"),
        ("requirements-dev.txt", "openai<2\n"),
        ("requirements.in", "openai<2\n"),
        ("requirements/prod.txt", "openai==1.*\n"),
        ("pyproject.toml", '[project]\ndependencies = ["openai>=1.2,<2"]\n'),
        ("pyproject.toml", '[project.optional-dependencies]\nai = ["openai==1.2.3"]\n'),
        ("pyproject.toml", '[dependency-groups]\ndev = ["openai==1.2.3", {include-group = "x"}]\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\nopenai = "^1.2"\n'),
        (
            "pyproject.toml",
            '[tool.poetry.group.ai.dependencies]\nopenai = {version = "^1.2", extras = ["x"]}\n',
        ),
        ("Pipfile", '[packages]\nopenai = "==1.30.0"\n'),
        ("Pipfile.lock", PIPFILE_LOCK),
        ("uv.lock", '[[package]]\nname = "openai"\nversion = "1.30.0"\n'),
        ("poetry.lock", '[[package]]\nname = "openai"\nversion = "1.30.0"\n'),
        ("pdm.lock", '[[package]]\nname = "openai"\nversion = "1.30.0"\n'),
        ("pylock.toml", '[[packages]]\nname = "openai"\nversion = "1.30.0"\n'),
        ("setup.py", 'from setuptools import setup\nsetup(install_requires=["openai>=1,<2"])\n'),
        ("setup.cfg", "[options]\ninstall_requires =\n    openai>=1,<2\n"),
        (".venv/lib/python3.11/site-packages/openai-1.30.0.dist-info/METADATA", ""),
        ("PKG-INFO", "Name: x\nRequires-Dist: openai (<2,>=1)\n"),
    ],
)
def test_the_files_of_the_project_decide(tmp_path: Path, name: str, text: str) -> None:
    lay(tmp_path, {name: text})
    generation, source = said(tmp_path)
    assert generation == "1"
    assert source == ("installed" if name.startswith(".venv") else Path(name).name)


@pytest.mark.parametrize(
    ("written", "generation"),
    [
        ("openai", "3"),
        ("openai>=1", "3"),
        ("openai>1,!=2.0", "3"),
        ("openai<3", "2"),
        ("openai>=1,<3", "2"),
        ("openai==2.54.0", "2"),
        ("openai~=1.9", "1"),
        ("openai @ git+https://example.org/openai", "3"),
        ("openai==not a version", "3"),
    ],
)
def test_of_a_range_the_newest_that_it_admits(tmp_path: Path, written: str, generation: str) -> None:
    lay(tmp_path, {"requirements.txt": written + "\n"})
    assert said(tmp_path)[0] == generation


def test_a_lock_file_outweighs_a_range(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "pyproject.toml": '[project]\ndependencies = ["openai>=1"]\n',
            "uv.lock": '[[package]]\nname = "openai"\nversion = "2.1.0"\n',
        },
    )
    assert said(tmp_path) == ("2", "uv.lock")


def test_the_first_releases_are_other_files_of_the_catalogue(tmp_path: Path) -> None:
    lay(tmp_path, {"requirements.txt": "openai==0.28.1\nanthropic==0.2.10\n"})
    assert said(tmp_path, "openai_legacy")[0] == "0"
    assert said(tmp_path, "anthropic_legacy")[0] == "0"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "project = 1\ntool = 'x'\ndependency-groups = []\n"),
        ("pyproject.toml", "[project]\ndependencies = {openai = 1}\noptional-dependencies = 3\n"),
        ("pyproject.toml", "[tool.poetry]\ngroup = 1\ndependencies = ['openai']\n"),
        ("pyproject.toml", "[tool.poetry.dependencies]\nopenai = 1\n"),
        ("pyproject.toml", "[project\n"),
        ("Pipfile", "packages = 1\n"),
        ("Pipfile.lock", '{"default": {"openai": "==1.30.0"}, "develop": []}'),
        ("Pipfile.lock", "[" * 100_000),
        ("uv.lock", 'package = "openai"\n'),
        ("poetry.lock", "[[package]]\nname = 1\nversion = 2\n"),
    ],
)
def test_files_that_say_nothing_sensible_are_passed_over(tmp_path: Path, name: str, text: str) -> None:
    lay(tmp_path, {name: text})
    assert said(tmp_path) == ("3", "newest")
