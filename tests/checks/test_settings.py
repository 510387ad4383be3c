"""Configuration is found, read, and refused with the way out."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callsafe.checks.settings import ConfigurationError, Settings, load, override
from callsafe.rules.model import Level
from callsafe.rules.registry import rules

Write = Callable[[Mapping[str, str | bytes]], Path]


def on(settings: Settings) -> set[str]:
    return {rule.code for rule in settings.enabled(rules())}


CORE = {rule.code for rule in rules() if rule.level is Level.CORE}
ALL = {rule.code for rule in rules()}


def test_without_configuration_the_core_rules_are_on(tree: Write) -> None:
    tree({})
    assert on(Settings(root=".")) == CORE


def test_the_nearest_configuration_counts(tree: Write) -> None:
    folder = tree(
        {
            "pyproject.toml": "[tool.callsafe]\nlevel = 'strict'\n",
            "a/pyproject.toml": "[project]\nname = 'callsafe-user'\n",
            "a/b/callsafe.toml": "ignore = ['LLM9']\n",
        }
    )
    assert load("a").level is Level.STRICT
    assert load("a").root == str(folder)
    assert load("a").source == "pyproject.toml"
    assert load("a/b").ignore == ("LLM9",)


def test_callsafe_toml_may_also_hold_the_table_of_pyproject(tree: Write) -> None:
    tree({"callsafe.toml": "[tool.callsafe]\nignore = ['LLM901']\n"})
    assert load(".").ignore == ("LLM901",)


def test_rules_are_chosen_by_name_code_prefix_and_all() -> None:
    assert on(Settings(root=".", select=("unbounded-output",))) == {"LLM301", "LLM902"}
    assert on(Settings(root=".", select=("LLM901",))) == {"LLM901", "LLM902"}
    assert on(Settings(root=".", select=("llm9",))) == {"LLM901", "LLM902", "LLM903"}
    assert on(Settings(root=".", select=("ALL",))) == ALL
    assert on(Settings(root=".", level=Level.STRICT)) == ALL
    assert on(Settings(root=".", ignore=("LLM9",))) == CORE - {"LLM901", "LLM902", "LLM903"}
    assert on(Settings(root=".", select=("LLM9",), extend_select=("LLM301",), ignore=("LLM903",))) == {
        "LLM301",
        "LLM901",
        "LLM902",
    }


def test_what_could_not_be_read_is_told_whatever_is_selected() -> None:
    assert "LLM902" in on(Settings(root=".", select=("LLM301",)))
    assert "LLM902" not in on(Settings(root=".", select=("LLM301",), ignore=("unreadable-file",)))


def test_a_select_that_names_nothing_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match=r"^--select: no rule is named"):
        override(Settings(root="."), [], [], [])


def test_the_command_line_wins_over_the_configuration() -> None:
    configured = Settings(root=".", select=("LLM9",), ignore=("LLM301",))
    assert on(override(configured, ["LLM301"], [], [])) == {"LLM301", "LLM902"}
    assert "LLM301" in on(override(configured, None, ["LLM301"], []))
    assert "LLM901" not in on(override(configured, None, [], ["LLM901"]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "pyproject.toml: unknown key 'selct' in [tool.callsafe]; did you mean 'select'?"),
        (
            "zzz = 1",
            "pyproject.toml: unknown key 'zzz' in [tool.callsafe]; known are select, extend-select, ignore, ",
        ),
        (
            "ignore = ['unbound-output']",
            "pyproject.toml: ignore: 'unbound-output' is no rule; did you mean 'unbounded-output'?",
        ),
        ("select = ['LLM7']", "pyproject.toml: select: 'LLM7' is no rule; did you mean"),
        ("select = 'LLM3'", "pyproject.toml: select must be a list of strings, not str"),
        ("exclude = [1]", "pyproject.toml: exclude must be a list of strings, not list"),
        ("level = 'strickt'", "pyproject.toml: level = 'strickt' is unknown; did you mean 'strict'?"),
        ("level = 3", "pyproject.toml: level = 3 is unknown; known are core, strict"),
        (
            "per-file-ignores = ['x']",
            "pyproject.toml: per-file-ignores must be a table of patterns, each with a list of rules",
        ),
        (
            "per-file-ignores = {'tests/**' = ['LLM8']}",
            "pyproject.toml: per-file-ignores.'tests/**': 'LLM8' is no rule; did you mean",
        ),
        ("= 1", "pyproject.toml: no valid toml: "),
        (
            "exclude = ['[z-a]']",
            "pyproject.toml: exclude: '[z-a]' is no pattern; write it as in .gitignore",
        ),
        (
            "per-file-ignores = {'!' = ['ALL']}",
            "pyproject.toml: per-file-ignores: '!' is no pattern; write it as in .gitignore",
        ),
        (
            "redaktion = {}",
            "pyproject.toml: unknown key 'redaktion' in [tool.callsafe]; did you mean 'redaction'?",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_its_file_and_the_way_out(tree: Write, text: str, message: str) -> None:
    tree({"pyproject.toml": f"[tool.callsafe]\n{text}\n"})
    with pytest.raises(ConfigurationError) as error:
        load(".")
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("name", ["redaction", "evaluation"])
def test_the_tables_of_other_parts_are_left_to_them(tree: Write, name: str) -> None:
    tree({"pyproject.toml": f"[tool.callsafe.{name}]\nanything = 1\n"})
    assert load(".").root == os.getcwd()


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md"])
def test_the_configurations_that_the_documentation_shows_are_right(tree: Write, page: str) -> None:
    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    for shown in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        tree({"pyproject.toml": shown})
        assert load(".").source == "pyproject.toml"


def test_another_tools_broken_file_is_not_our_error(tree: Write) -> None:
    tree({"pyproject.toml": "callsafe = = 1\n"})
    assert load(".").select is None


def test_a_configuration_that_is_named_must_be_there(tree: Write) -> None:
    tree({"pyproject.toml": "[project]\n"})
    with pytest.raises(ConfigurationError, match=r"^other\.toml: cannot be read: no such file or directory$"):
        load(".", "other.toml")
    with pytest.raises(ConfigurationError, match=r"^pyproject\.toml: no \[tool\.callsafe\] table in it; "):
        load(".", "pyproject.toml")
