"""`callsafe calls`: what no format shows, and how each format is written."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from callsafe.checks.inventory import inventory
from callsafe.checks.settings import Settings
from callsafe.hooks.inventory import as_table
from callsafe.hooks.inventory.rows import ROLES, page

from .conftest import Run
from .test_calls import BODY, LLM, MAIN, calls, one, start

FORMATS = ["table", "json", "csv", "markdown", "html"]

# -- what it never says ------------------------------------------------------------------------------------

KEY = "sk-" + "proj-" + "x7Kd92mQpLr4Tz8Wn3Vb"
OPAQUE = "f" * 8 + "0123456789abcdef01234567"
SECRETS = f'''\
from openai import OpenAI

MODEL = "{KEY}"
client = OpenAI(api_key="{KEY}", base_url="https://user:{OPAQUE}@llm.example:8443/{OPAQUE}?key={OPAQUE}")
client.responses.create(
    model="gpt-5.1", input="my neighbour Ada Quimby owes me money", instructions="you are Zork the terrible",
    extra_headers={{"X-Token": "{OPAQUE}"}}, user="ada.quimby@mail.example", metadata={{"who": "Ada Quimby"}},
)
client.responses.create(model=MODEL, input="x")
client.responses.create(model="tell me about Ada Quimby please", input="x")
OpenAI(api_key="{OPAQUE}").responses.create(model="gpt-5.1", input="x")
'''


@pytest.mark.parametrize("output_format", FORMATS)
def test_no_format_shows_a_key_a_prompt_or_personal_data(
    run: Run, tmp_path: Path, output_format: str
) -> None:
    (tmp_path / "a.py").write_text(SECRETS)
    done = run("calls", "--output-format", output_format, "--role", ",".join(ROLES))
    assert done.returncode == 0
    assert "a.py" in done.stdout
    for hidden in (KEY, OPAQUE, "Quimby", "Zork", "X-Token"):
        assert hidden not in done.stdout
        assert hidden.lower() not in done.stdout.lower()


def test_what_is_not_shown_is_said_to_be_set(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SECRETS)
    roles = calls(run)["calls"][0]["roles"]
    for name in ("api_key", "prompt", "instructions", "user_identifier", "base_url"):
        assert (roles[name]["state"], roles[name]["value"]) == ("set", None)


def test_of_an_address_the_host_is_shown_only(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from openai import OpenAI\n\nclient = OpenAI(base_url='https://me@llm.example:8443/v1/team?key=abc')\n"
        "client.responses.create(model='my', input='x')\n"
    )
    assert one(run)["roles"]["base_url"]["value"] == "https://llm.example:8443"


# -- formats -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_project_without_calls_has_an_empty_inventory(run: Run, tmp_path: Path, output_format: str) -> None:
    (tmp_path / "a.py").write_text("import openai\n")
    done = run("calls", "--output-format", output_format)
    assert (done.returncode, done.stderr) == (0, "")
    if output_format == "json":
        expected = {
            "schema": 1,
            "files": 1,
            "unreadable": 0,
            "counts": {"calls": 0, "wrapper_calls": 0},
            "calls": [],
            "wrapper_calls": [],
        }
        assert json.loads(done.stdout) == expected
    elif output_format == "csv":
        assert len(done.stdout.splitlines()) == 1
    else:
        assert "0 model calls in 1 file" in done.stdout


def test_every_key_of_the_json_is_documented(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import openai\nfrom tenacity import retry\n\nclient = openai.OpenAI()\n\n\n@retry\ndef f(text):\n"
        "    try:\n    " + BODY + "    except Exception:\n        return None\n"
    )
    keys: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            keys.update(key for key in value if key not in ROLES)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(calls(run))
    page = (Path(__file__).parents[2] / "docs" / "calls.md").read_text("utf-8")
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
    assert [role for role in ROLES if f"`{role}`" not in page] == []


def test_csv_has_a_row_for_each_call_and_the_columns_of_the_header(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    (tmp_path / "main.py").write_text(MAIN)
    rows = list(csv.DictReader(io.StringIO(run("calls", "--output-format", "csv").stdout)))
    assert [(row["path"], row["line"], row["through"], row["timeout"]) for row in rows] == [
        ("llm.py", "7", "", "30"),
        ("main.py", "5", "llm.py:7:12", "30"),
    ]
    assert [row["output_bound_state"] for row in rows] == ["unknown", "set"]
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("mark", ["=", "+", "-", "@"])
def test_no_cell_of_the_csv_is_a_formula(run: Run, tmp_path: Path, mark: str) -> None:
    (tmp_path / f"{mark}1+1.py").write_text(
        f"import openai\n\nopenai.OpenAI().responses.create(model='{mark}cmd|calc!A1', input='x')\n"
    )
    for row in list(csv.reader(io.StringIO(run("calls", "--output-format", "csv").stdout)))[1:]:
        assert row[0] == f"'{mark}1+1.py"
        assert f"'{mark}cmd|calc!A1" in row
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_markdown_keeps_pipes_and_tags_of_a_value_inert(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a|b.py").write_text(
        "import openai\n\nopenai.OpenAI().responses.create(model='<img/src=x>|[x](http://e.example)')\n"
    )
    page = run("calls", "--output-format", "markdown").stdout
    row = page.splitlines()[-1]
    assert r"a\|b.py:3:1" in row
    assert "<img" not in page
    assert re.search(r"(?<!\\)\]\(", page) is None
    heads = next(line for line in page.splitlines() if line.startswith("| call "))
    assert row.replace(r"\|", "").count("|") == heads.count("|")


def test_markdown_counts_who_decides_about_each_role(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    (tmp_path / "main.py").write_text(MAIN)
    page = run("calls", "--output-format", "markdown").stdout
    assert "1 model call, 1 call of wrappers in 2 files" in page
    assert "| output bound | 0 | 0 | 1 | 0 |" in page


def test_the_table_folds_nothing_away_where_it_is_piped(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    (folder / "llm.py").write_text(LLM)
    done = run("calls")
    assert f"{'long' * 30}/llm.py:7:12" in done.stdout
    assert "client, line 3" in done.stdout
    assert done.stdout.endswith("\n1 model call in 1 file\n")


class Terminal(io.StringIO):
    """A terminal of some width."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [60, 120, 189, 190, 260])
def test_every_column_is_there_in_a_terminal_of_any_width(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    (tmp_path / "main.py").write_text(
        "import litellm\n\nlitellm.completion('anthropic/my-model', timeout=None, messages=[])\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    as_table.write(page(inventory(["."], Settings(root=str(tmp_path)))), terminal)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    for heading in (
        "output bound",
        "time-out",
        "retries",
        "at worst",
        "errors caught",
        "redaction",
        "findings",
    ):
        assert heading in shown
    for value in ("main.py:3:1", "my-model", "missing", "switched off", "none", "LLM206"):
        assert value in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= width


def test_only_the_roles_asked_for_are_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    assert list(one(run, "--role", "timeout,retries", "--role", "stream")["roles"]) == [
        "timeout",
        "retries",
        "stream",
    ]
    header = run("calls", "--output-format", "csv", "--role", "timeout").stdout.splitlines()[0]
    assert "timeout_origin" in header
    assert "output_bound" not in header
    assert "output bound" not in run("calls", "--role", "timeout").stdout


def test_only_calls_of_the_sdk_or_provider_asked_for_are_listed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    (tmp_path / "b.py").write_text(
        "import litellm\n\nlitellm.completion('anthropic/claude-sonnet-4-5', messages=[])\n"
    )
    assert start(one(run, "--sdk", "openai")) == "llm.py:7"
    assert start(one(run, "--sdk", "litellm")) == "b.py:3"
    assert start(one(run, "--sdk", "Anthropic")) == "b.py:3"
    assert calls(run, "--sdk", "cohere")["counts"] == {"calls": 0, "wrapper_calls": 0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--role", "timout"], "callsafe: --role: 'timout' is no role; did you mean 'timeout'?\n"),
        (["--sdk", "opnai"], "callsafe: --sdk: 'opnai' is no SDK or provider; did you mean 'openai'?\n"),
        (["nowhere"], "callsafe: nowhere: no such file or folder\n"),
        (
            ["-o", "no/where.csv"],
            "callsafe: --output: no/where.csv: cannot be written: no such file or directory\n",
        ),
    ],
)
def test_a_wrong_argument_of_calls_is_one_clear_line(
    run: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "a.py").write_text("import openai\n")
    done = run("calls", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_file_gets_what_the_screen_gets(run: Run, tmp_path: Path, output_format: str) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    printed = run("calls", "--output-format", output_format)
    written = run("calls", "--output-format", output_format, "-o", "out.txt", "llm.py")
    assert (written.returncode, written.stdout) == (0, "")
    with open(tmp_path / "out.txt", encoding="utf-8", newline="") as file:
        assert file.read() == printed.stdout
