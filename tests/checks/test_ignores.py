"""Comments suppress findings, and are judged themselves."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callsafe.checks import ignores
from callsafe.checks.engine import check
from callsafe.checks.settings import Settings
from callsafe.rules.model import Facts, Place, Rule, Severity, rule
from callsafe.rules.registry import find_rule

Write = Callable[[Mapping[str, str | bytes]], Path]

BOUND = find_rule("LLM301")
KEY = rule("hard_coded_key", "", code="LLM101", severity=Severity.HIGH, facts=Facts.TEXT, section="")


def suppressed(
    code: str, line: int, *, end: int = 0, by: Rule | None = BOUND, path: str = "a.py", cell: int = 0
) -> bool:
    lines = code.split("\n")
    end = end or line
    place = Place(path, line, 1, end, len(lines[end - 1]) + 1, cell)
    assert by is not None
    return bool(ignores.suppressing(ignores.tokens(path, lines))(by, place))


@pytest.mark.parametrize(
    "comment",
    [
        "# callsafe: ignore[unbounded-output]",
        "# callsafe: ignore[LLM301] the bound is set by the proxy",
        "# callsafe:ignore[hard-coded-key,LLM301]",
        "# callsafe: ignore[ llm301 , LLM101 ]",
        "# callsafe: ignore[LLM3]",
        "# callsafe: ignore",
        "# type: ignore[x]  # callsafe: ignore[unbounded-output]",
        "# noqa",
        "# NOQA : LLM301",
        "# noqa: LLM301",
        "# noqa:E501,LLM301",
        "# noqa: E501 LLM301 because",
        "# callsafe: ignore-file[LLM301]",
    ],
)
def test_a_comment_on_the_line_suppresses(comment: str) -> None:
    assert suppressed(f"f()  {comment}", 1)
    assert not suppressed("f()", 1)


@pytest.mark.parametrize(
    "comment",
    [
        "# callsafe: ignore[hard-coded-key]",
        "# callsafe: ignore-next[LLM301]",
        "# callsafe: ignored",
        "# callsafe: ignore[]",
        "# noqa: E501",
        "# noqa: because",
        "# pragma: allowlist secret",
        "# unbounded-output",
    ],
)
def test_a_comment_about_something_else_does_not(comment: str) -> None:
    assert not suppressed(f"f()  {comment}", 1)


def test_a_comment_reaches_a_call_that_begins_or_ends_on_its_line() -> None:
    code = "f(  # callsafe: ignore[LLM301]\n  1,\n  2,\n)"
    assert suppressed(code, 1, end=4)
    assert suppressed("f(\n  1,\n  2,\n)  # noqa: LLM301", 1, end=4)
    assert not suppressed("f(\n  1,  # noqa: LLM301\n  2,\n)", 1, end=4)


CALL = """\
import openai

client = openai.OpenAI(timeout=9)
try:
    reply = client.chat.completions.create({}
        model="my",{}
        messages=[{}
            {{"role": "user", "content": "x"}},{}
        ],
        {}
    ).choices[0].message.content{}
except openai.OpenAIError:
    raise
"""


@pytest.mark.parametrize("where", range(6))
def test_a_comment_anywhere_in_a_call_of_several_lines_reaches_it(tree: Write, where: int) -> None:
    comments = [""] * 6
    comments[where] = "  # callsafe: ignore[LLM301] the proxy sets it"
    tree({"a.py": CALL.format(*comments), "b.py": CALL.format(*[""] * 6)})
    assert [one.place.path for one in check(["."], Settings(root=os.getcwd())).findings] == ["b.py"]


def test_noqa_stands_behind_the_first_or_the_last_line_of_a_call(tree: Write) -> None:
    for where, name in enumerate("abcdef"):
        comments = [""] * 6
        comments[where] = "  # noqa"
        tree({f"{name}.py": CALL.format(*comments)})
    found = {one.place.path for one in check(["."], Settings(root=os.getcwd())).findings}
    assert found == {"b.py", "c.py", "d.py", "e.py"}


def test_a_comment_inside_parentheses_does_not_reach_a_key_on_their_first_line() -> None:
    code = "keys = dict(a='key',\n    b='key',  # callsafe: ignore[LLM101]\n    c='key')"
    assert suppressed(code, 2, by=KEY)
    assert not suppressed(code, 1, by=KEY)
    assert not suppressed(code + "  # callsafe: ignore[LLM101]", 1, by=KEY)


def test_a_comment_alone_on_its_line_reaches_the_next_line_of_code() -> None:
    code = "# callsafe: ignore[LLM301]\n\n# why\nf()\nf()"
    assert suppressed(code, 4)
    assert not suppressed(code, 5)


def test_a_comment_behind_a_string_of_several_lines_reaches_all_of_them() -> None:
    code = 'x = """\n  one\n  two\n"""  # callsafe: ignore[LLM101]\ny'
    assert suppressed(code, 2, by=KEY)
    assert not suppressed(code, 5, by=KEY)
    assert suppressed('x = f"""\n  one {1}\n"""  # noqa', 2, by=KEY)


def test_a_comment_inside_a_string_is_no_comment() -> None:
    assert not suppressed('f("# callsafe: ignore[LLM301]", "# noqa")', 1)


def test_the_pragmas_of_detect_secrets_suppress_credential_rules_only() -> None:
    assert suppressed("key = 1  # pragma: allowlist secret", 1, by=KEY)
    assert suppressed("# pragma: allowlist nextline secret\nkey = 1", 2, by=KEY)
    assert suppressed("# pragma: whitelist secret\nkey = 1", 2, by=KEY)
    assert not suppressed("key = 1  # pragma: allowlist nextline secret\nkey = 2", 1, by=KEY)
    assert not suppressed("key = 1  # pragma: allowlist secret", 1)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.env", "KEY=1 # callsafe: ignore[LLM101]"),
        ("a.js", "const key = 1 // pragma: allowlist secret"),
        ("a.md", "key <!-- callsafe: ignore[hard-coded-key] -->"),
        ("a.ini", "key = 1 ; noqa: LLM101"),
        ("a.sql", "select 1 -- callsafe: ignore[LLM101]"),
    ],
)
def test_other_files_have_comments_of_their_own(path: str, line: str) -> None:
    assert suppressed(line, 1, by=KEY, path=path)


def test_a_file_that_cannot_be_tokenized_is_read_by_line() -> None:
    assert suppressed('x = (\n"""\nkey = 1  # noqa: LLM101', 3, by=KEY)


def test_a_comment_in_one_cell_does_not_reach_another() -> None:
    suppressing = ignores.suppressing(ignores.tokens("a.ipynb", ["f()  # noqa: LLM301"], 1))
    assert BOUND is not None
    assert suppressing(BOUND, Place("a.ipynb", 1, 1, 1, 4, 1))
    assert not suppressing(BOUND, Place("a.ipynb", 1, 1, 1, 4, 2))


def run(*paths: str, **settings: tuple[str, ...]) -> list[tuple[str, int, int, str]]:
    report = check(paths, Settings(root=os.getcwd(), **settings))  # type: ignore[arg-type]
    return [(one.code, one.place.line, one.place.column, one.fix) for one in report.findings]


def test_an_ignore_that_suppresses_nothing_is_a_finding(tree: Write) -> None:
    tree({"a.py": "x = 1  # callsafe: ignore[unbounded-output, LLM3]\ny = 1  # noqa: E501, LLM301\n"})
    assert run(".") == [
        ("LLM901", 1, 27, "remove it"),
        ("LLM901", 1, 45, "remove it"),
        ("LLM901", 2, 22, "remove it"),
    ]


def test_an_ignore_for_a_rule_that_is_off_is_not_judged(tree: Write) -> None:
    tree({"a.py": "x = 1  # callsafe: ignore[unbounded-output]\n"})
    assert run(".", ignore=("LLM301",)) == []
    assert run(".", select=("LLM901",)) == []


def test_an_ignore_that_names_no_rule_is_told_the_closest_name(tree: Write) -> None:
    tree({"a.py": "x = 1  # callsafe: ignore[unbound-output]\n# callsafe: ignore-file[zzzzzz]\n"})
    assert run(".") == [
        ("LLM903", 1, 27, "write `unbounded-output`"),
        ("LLM903", 2, 25, "`callsafe rules` lists them all"),
    ]


def test_comments_of_other_tools_are_never_judged(tree: Write) -> None:
    tree({"a.py": "x = 1  # noqa\ny = 1  # noqa: E501, XYZ999\nz = 1  # pragma: allowlist secret\n"})
    assert run(".") == []


def test_documentation_may_show_ignore_comments(tree: Write) -> None:
    tree(
        {"a.md": "write `# callsafe: ignore[rule-name]`\n", "a.py": '"""`# callsafe: ignore[rule-name]`"""\n'}
    )
    assert run(".") == []


def test_a_report_beside_the_code_adds_no_findings(
    tree: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from callsafe.hooks.cli import main

    tree({"a.py": "x = 1  # callsafe: ignore[unbound-output]\n"})
    for output_format, name in (
        ("sarif", "a.sarif"),
        ("json", "b.json"),
        ("concise", "c.log"),
        ("full", "d.txt"),
    ):
        main(["check", "--output-format", output_format])
        Path(name).write_text(capsys.readouterr().out)
    assert [code for code, *_ in run(".")] == ["LLM903"]


def test_what_an_unknown_name_may_hold_is_not_quoted(tree: Write) -> None:
    secret = "sk-" + "proj-" + "A1b2C3d4" * 8
    tree({"a.py": f"x = 1  # callsafe: ignore[{secret}]\n"})
    (found,) = check(["."], Settings(root=os.getcwd(), select=("LLM903",))).findings
    assert secret[:12] not in found.message


def test_an_ignore_of_unused_ignore_is_obeyed(tree: Write) -> None:
    tree({"a.py": "x = 1  # callsafe: ignore[unbounded-output, unused-ignore]\n"})
    assert run(".") == []


def test_a_syntax_error_can_be_ignored_for_the_whole_file(tree: Write) -> None:
    tree({"a.py": "# callsafe: ignore-file[unreadable-file] a template\ndef {{ name }}(:\n"})
    assert run(".") == []


def test_per_file_ignores_switch_rules_off_by_pattern(tree: Write) -> None:
    files = {"tests/a.py": "def f(:\n", "app/a.py": "def f(:\n"}
    tree(files)
    report = check(["."], Settings(root=os.getcwd(), per_file_ignores=(("tests/**", ("LLM902",)),)))
    assert [one.place.path for one in report.findings] == ["app/a.py"]


def test_a_negative_pattern_switches_rules_off_everywhere_else(tree: Write) -> None:
    tree({"tests/a.py": "def f(:\n", "app/a.py": "def f(:\n"})
    report = check(["."], Settings(root=os.getcwd(), per_file_ignores=(("!tests/**", ("LLM902",)),)))
    assert [one.place.path for one in report.findings] == ["tests/a.py"]
