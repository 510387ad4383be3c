"""One run from files to findings."""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from string import ascii_letters, digits

import pytest

from callsafe.checks.engine import Report, check
from callsafe.checks.settings import Settings, load

Write = Callable[[Mapping[str, str | bytes]], Path]

CALL = """\
from openai import OpenAI

client = OpenAI()


def answer(question: str) -> str:
    reply = client.chat.completions.create(
        model="gpt-5.1",
        messages=[{"role": "user", "content": question}],
    )
    return reply.choices[0].message.content
"""
DRAW = random.Random(7)
KEY = "sk-" + ("T3Blbk" + "FJ").join("".join(DRAW.choices(ascii_letters + digits, k=20)) for _ in range(2))


def run(*paths: str, select: tuple[str, ...] = ("LLM301", "LLM9")) -> Report:
    return check(paths or (".",), Settings(root=os.getcwd(), select=select))


def shown(report: Report) -> list[str]:
    return [f"{one.code} {one.place}:{one.place.column}" for one in report.findings]


def test_a_call_is_judged_where_it_stands(tree: Write) -> None:
    tree({"b.py": CALL, "a.py": "# é\n" + CALL, "c.py": "x = 1\n"})
    report = run()
    assert shown(report) == ["LLM301 a.py:8:13", "LLM301 b.py:7:13"]
    assert (report.files, report.unreadable) == (3, 0)


@pytest.mark.parametrize(
    "change",
    [
        ("create(\n", "create(  # callsafe: ignore[unbounded-output] the proxy does\n"),
        ("create(\n", "create(  # noqa: LLM301\n"),
        ("    reply =", "    # callsafe: ignore[LLM301]\n    reply ="),
        ("from openai", "# callsafe: ignore-file[LLM301]\nfrom openai"),
    ],
)
def test_a_used_ignore_leaves_no_finding_at_all(tree: Write, change: tuple[str, str]) -> None:
    tree({"a.py": CALL.replace(*change)})
    assert shown(run()) == []


def test_a_notebook_is_judged_by_cell(tree: Write) -> None:
    import json

    cells = [{"cell_type": "code", "source": source} for source in ("%pip install openai", CALL)]
    tree({"book.ipynb": json.dumps({"cells": cells})})
    report = run()
    assert shown(report) == ["LLM301 book.ipynb:cell 2:7:13"]
    assert [line.text for line in report.findings[0].lines] == [
        "def answer(question: str) -> str:",
        "    reply = client.chat.completions.create(",
    ]


def test_of_a_notebook_the_lines_are_shown_and_ignored_as_they_are_written(tree: Write) -> None:
    import json

    sources = [
        f"%env OPENAI_API_KEY={KEY}",
        f"%%bash\nexport OPENAI_API_KEY={KEY}  # callsafe: ignore[LLM101]",
    ]
    cells = [{"cell_type": "code", "source": source} for source in sources]
    cells.insert(0, {"cell_type": "markdown", "source": f"my key: {KEY}"})
    tree({"book.ipynb": json.dumps({"cells": cells})})
    report = run(select=("LLM101", "LLM9"))
    assert [one.place.cell for one in report.findings] == [0, 1]
    assert "my key: ▒▒▒" in report.findings[0].key()
    assert report.findings[1].key() == "%env OPENAI_API_KEY=" + "▒" * len(KEY)


def test_the_same_finding_twice_has_two_fingerprints_that_survive_a_move(tree: Write) -> None:
    twice = CALL + CALL.partition("OpenAI()\n")[2].replace("def answer", "def again")
    tree({"a.py": twice})
    before = [one.fingerprint() for one in run().findings]
    tree({"a.py": "import os\n\n" + twice})
    assert len(set(before)) == 2
    assert [one.fingerprint() for one in run().findings] == before


def test_no_excerpt_holds_a_key_even_where_its_rule_is_off(tree: Write) -> None:
    tree({"a.py": CALL.replace("create(", f'with_options(api_key="{KEY}").chat.completions.create(')})
    (found,) = run(select=("LLM301",)).findings
    text = "".join(line.text for line in found.lines)
    assert "with_options" in text
    assert KEY[10:] not in text


def test_nothing_of_a_scanned_repository_is_executed_or_imported(tree: Write) -> None:
    bomb = "import pathlib\npathlib.Path('ran').touch()\n"
    files = {
        "openai.py": bomb,
        "conftest.py": bomb,
        "setup.py": bomb,
        "sitecustomize.py": bomb,
        "a.py": bomb + CALL,
    }
    tree(files)
    before = set(sys.modules)
    run()
    assert not os.path.exists("ran")
    assert not {"setup", "conftest", "a", "sitecustomize"} & (set(sys.modules) - before)


def test_a_key_is_found_in_a_file_that_cannot_be_parsed(tree: Write) -> None:
    tree({"a.py": f'def f(:\n    key = "{KEY}"\n'})
    report = run("a.py", select=("LLM101", "LLM9"))
    assert [one.code for one in report.findings] == ["LLM902", "LLM101"]
    assert KEY[10:] not in repr(report)


def test_text_files_are_judged_too_and_data_is_left_alone(tree: Write) -> None:
    tree({".env": f"OPENAI_API_KEY={KEY}\n", "data.csv": f"{KEY}\n" + "x" * 2_000_000})
    assert [one.place.path for one in run(select=("LLM101",)).findings] == [".env"]


def test_environment_files_are_judged_together_without_any_python(tree: Write) -> None:
    tree(
        {
            "env/prod.env": f"OPENAI_API_KEY={KEY}\n",
            "env/dev.env": f"OPENAI_API_KEY={KEY}\n",
            ".env": f"A_KEY={KEY}\n",
        }
    )
    for arguments in (["init", "-q"], ["add", ".env"]):
        subprocess.run(["git", *arguments], check=True)
    report = run(select=("LLM105", "LLM106"))
    assert shown(report) == ["LLM106 .env:1:7", "LLM105 env/dev.env:1:16"]
    assert KEY[10:] not in repr(report)
    tree({"env/dev.env": f"# callsafe: ignore[LLM105] until May\nOPENAI_API_KEY={KEY}\n"})
    assert shown(run(select=("LLM105", "LLM9"))) == []


def test_a_file_checked_alone_sees_the_project_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pre-commit hands over the changed files only; the client may stand in one that did not change."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.callsafe]\nselect = ['missing-retry', 'unbounded-output']\n"
    )
    (tmp_path / "llm.py").write_text(
        "from openai import OpenAI\n\nclient = OpenAI(max_retries=0)\nclient.responses.create()\n"
    )
    (tmp_path / "app.py").write_text(
        "from llm import client\n\nclient.responses.create(model='x', input='y', max_output_tokens=5)\n"
    )
    monkeypatch.chdir(tmp_path)
    report = check(["app.py"], load(str(tmp_path)))
    assert [(finding.rule, finding.place.path) for finding in report.findings] == [
        ("missing-retry", "app.py")
    ]


def test_a_file_that_names_no_sdk_is_read_where_it_imports_one_that_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is handed to pre-commit may take its client from a file that did not change."""
    (tmp_path / "pyproject.toml").write_text("[tool.callsafe]\nselect = ['missing-retry']\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("")
    (tmp_path / "app" / "llm.py").write_text(
        "from mistralai import Mistral\n\nclient = Mistral(api_key='x')\n"
    )
    (tmp_path / "app" / "shared.py").write_text("from .llm import client\n")
    (tmp_path / "app" / "daily.py").write_text(
        "from .shared import client\n\n" + "#\n" * 3000 + "client.chat.complete(model='m', messages=[])\n"
    )
    (tmp_path / "app" / "plain.py").write_text("import os\n")
    monkeypatch.chdir(tmp_path)
    report = check(["app/daily.py", "app/plain.py"], load(str(tmp_path)))
    assert [(finding.rule, finding.place.path) for finding in report.findings] == [
        ("missing-retry", "app/daily.py")
    ]


def test_a_notebook_sees_the_modules_that_it_imports(tree: Write) -> None:
    import json

    source = "import mistralai\nfrom near import client\nclient.chat.complete(model='m')\n"
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": source}]})
    far = "import mistralai\n\n\ndef made():\n    return mistralai.Mistral(api_key='x')\n"
    tree({"near.py": "from far import made\n\nclient = made()\n", "far.py": far, "a.ipynb": notebook})
    assert shown(run(select=("LLM201",))) == ["LLM201 a.ipynb:cell 1:3:1"]


def test_a_notebook_runs_with_the_release_that_it_installs(tree: Write) -> None:
    import json

    code = "import openai\nopenai.ChatCompletion.create(model='m', messages=[])\n"
    for pin, expected in (("", ["LLM403 a.ipynb:cell 2:2:1"]), ("==0.28.1", [])):
        cells = [{"cell_type": "code", "source": source} for source in (f"!pip install -q openai{pin}", code)]
        tree({"a.ipynb": json.dumps({"cells": cells}), "requirements.txt": "openai==1.55.3\n"})
        assert shown(run(select=("LLM403",))) == expected


def test_a_folder_of_the_project_named_like_an_sdk_comes_first(tree: Write) -> None:
    team = "from openai import OpenAI\n\nteam = OpenAI(max_retries=0)\n"
    main = "from agents.crew import team\n\nteam.responses.create(model='m', input='x')\n"
    tree({"app/agents/crew.py": team, "app/main.py": main})
    assert shown(run(select=("LLM201",))) == ["LLM201 app/main.py:3:1"]


def test_the_source_of_an_sdk_is_no_user_of_it(tree: Write) -> None:
    tree(
        {
            "browser_use/__init__.py": "from .agent import Agent\n",
            "browser_use/agent.py": "class Agent:\n    def run(self):\n        return 1\n",
            "browser_use/play.py": "from browser_use import Agent\n\nAgent(task='x').run()\n",
        }
    )
    assert shown(run(select=("LLM2", "LLM3"))) == []


def test_a_folder_named_like_an_sdk_may_use_it(tree: Write) -> None:
    client = CALL.replace("def answer", "\n\ndef answer")
    tree({"app/openai/__init__.py": "from .client import answer\n", "app/openai/client.py": client})
    assert [one.code for one in run(select=("LLM301",)).findings] == ["LLM301"]
