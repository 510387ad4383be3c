"""Which files a run looks at."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from callsafe.checks.discover import discover
from callsafe.checks.settings import ConfigurationError, Settings

Write = Callable[[Mapping[str, str | bytes]], Path]


def found(*paths: str, **settings: Any) -> list[str]:
    return [one.path for one in discover(paths, Settings(root=os.getcwd(), **settings))]


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


FILES: dict[str, str | bytes] = {
    "app.py": "",
    "pkg/b.py": "",
    ".env": "",
    "node_modules/x.py": "",
    "pkg/build/y.py": "",
    "logo.png": b"",
}


def test_a_tree_is_walked_without_what_is_never_source(tree: Write) -> None:
    tree(FILES)
    assert found(".") == [".env", "app.py", "pkg/b.py"]


def test_gitignore_files_are_obeyed_outside_a_repository_too(tree: Write) -> None:
    tree(
        FILES
        | {
            ".gitignore": "*.log\n/pkg/c.py\n",
            "a.log": "",
            "pkg/c.py": "",
            "pkg/.gitignore": "d.py\n!e.log\n",
        }
    )
    tree({"pkg/d.py": "", "d.py": ""})
    assert found(".") == [".env", ".gitignore", "app.py", "d.py", "pkg/.gitignore", "pkg/b.py"]


def test_in_a_repository_git_says_which_files_there_are(tree: Write) -> None:
    tree(FILES | {".gitignore": "secret.py\n", "secret.py": "", "gone.py": "", "sub/z é.py": ""})
    git("init", "-q")
    git("add", "gone.py", "app.py")
    os.remove("gone.py")
    assert found(".") == [".env", ".gitignore", "app.py", "pkg/b.py", "sub/z é.py"]
    assert found("sub") == ["sub/z é.py"]


def test_a_tracked_file_counts_even_where_gitignore_names_it(tree: Write) -> None:
    tree({".gitignore": "*.py\n", "kept.py": ""})
    git("init", "-q")
    git("add", "-f", "kept.py")
    assert found(".") == [".gitignore", "kept.py"]


def test_a_repository_inside_a_repository_is_looked_into(tree: Write) -> None:
    tree({"a.py": "", "inner/b.py": ""})
    git("init", "-q")
    git("init", "-q", "inner")
    assert found(".") == ["a.py", "inner/b.py"]


def test_a_submodule_that_is_not_checked_out_is_an_empty_folder(tree: Write) -> None:
    tree({"a.py": ""})
    git("init", "-q")
    git("add", "a.py")
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib/sub")
    (Path("lib/sub")).mkdir(parents=True)
    assert found(".") == ["a.py"]
    assert found("lib/sub") == []


def test_a_folder_that_is_named_is_looked_at_even_where_git_ignores_it(tree: Write) -> None:
    tree({".gitignore": "out/\n.env\n", "out/pkg/a.py": "", "out/b.py": "", "kept/.env": ""})
    git("init", "-q")
    assert found(".") == [".gitignore"]
    assert found("out") == ["out/b.py", "out/pkg/a.py"]
    assert found("out/pkg") == ["out/pkg/a.py"]
    assert found("kept") == []


def test_a_line_of_gitignore_that_is_no_pattern_is_left_out(tree: Write) -> None:
    tree({".gitignore": "[z-a]\n!\n[[:alpha:]]\na.py\n", "a.py": "", "b.py": ""})
    assert found(".") == [".gitignore", "b.py"]


def test_a_repository_cannot_make_git_run_a_program(tree: Write) -> None:
    folder = tree({"a.py": "", "hook.sh": "#!/bin/sh\ntouch ran\n"})
    git("init", "-q")
    git("add", "a.py")
    os.chmod("hook.sh", 0o755)
    git("config", "core.fsmonitor", str(folder / "hook.sh"))
    assert found(".") == ["a.py", "hook.sh"]
    assert not os.path.exists("ran")


def test_the_variables_of_a_git_hook_do_not_lead_elsewhere(
    tree: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree({"a.py": "", "other/b.py": ""})
    git("init", "-q")
    git("init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", os.path.abspath("other/.git"))
    assert found(".") == ["a.py", "other/b.py"]


def test_a_named_file_is_looked_at_even_where_it_is_excluded(tree: Write) -> None:
    tree(FILES)
    assert found("node_modules/x.py", extend_exclude=("*.py",)) == ["node_modules/x.py"]
    assert found("pkg/build") == ["pkg/build/y.py"]


def test_force_exclude_leaves_out_named_files_too(tree: Write) -> None:
    tree(FILES)
    assert found("node_modules/x.py", "app.py", force_exclude=True) == ["app.py"]
    assert found("pkg/b.py", "app.py", force_exclude=True, extend_exclude=("pkg/",)) == ["app.py"]


def test_exclude_replaces_the_default_and_extend_exclude_adds_to_it(tree: Write) -> None:
    tree(FILES)
    assert found(".", exclude=("/app.py",)) == [".env", "node_modules/x.py", "pkg/b.py", "pkg/build/y.py"]
    assert found(".", extend_exclude=("pkg/**", ".env")) == ["app.py"]


def test_patterns_are_relative_to_the_configuration_not_to_the_current_folder(
    tree: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tree(FILES)
    monkeypatch.chdir("pkg")
    settings = Settings(root=str(folder), extend_exclude=("/pkg/b.py",))
    assert [one.path for one in discover([".", ".."], settings)] == [f"{folder}/.env", f"{folder}/app.py"]


def test_the_folder_that_is_named_may_lie_below_an_excluded_name(
    tree: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tree({"build/app/a.py": "", "build/app/dist/b.py": "", "elsewhere/c.py": ""})
    monkeypatch.chdir("elsewhere")
    assert found(f"{folder}/build/app") == [f"{folder}/build/app/a.py"]


def test_links_do_not_lead_in_circles_or_out_of_the_tree(tree: Write) -> None:
    tree({"a/b.py": ""})
    os.symlink("..", "a/loop")
    os.symlink("/etc", "out")
    os.symlink("b.py", "a/c.py")
    os.symlink("nowhere", "broken.py")
    assert found(".") == ["a/b.py"]
    assert found("a/c.py") == ["a/c.py"]


def test_a_file_that_is_named_twice_is_looked_at_once(tree: Write) -> None:
    folder = tree({"a.py": ""})
    assert found("a.py", "./a.py", ".", str(folder / "a.py")) == ["a.py"]


def test_a_path_that_does_not_exist_is_an_error(tree: Write) -> None:
    tree({})
    with pytest.raises(ConfigurationError, match=r"^nowhere\.py: no such file or folder$"):
        found("nowhere.py")
