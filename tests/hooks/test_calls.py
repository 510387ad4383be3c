"""`callsafe calls`: what a row says about a model call."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from callsafe.hooks.inventory.rows import ROLES
from callsafe.rules import sdks

from .conftest import Run

LLM = """\
from openai import OpenAI

client = OpenAI(timeout=30, max_retries=4)


def ask(question, limit=None):
    return client.chat.completions.create(
        model="gpt-5.1", messages=[{"role": "user", "content": question}], max_completion_tokens=limit
    )
"""
MAIN = """\
from llm import ask


def main():
    ask("hello", limit=50)
"""


def calls(run: Run, *arguments: str) -> dict[str, Any]:
    done = run("calls", "--output-format", "json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def one(run: Run, *arguments: str) -> dict[str, Any]:
    found = calls(run, *arguments)["calls"]
    assert len(found) == 1
    row: dict[str, Any] = found[0]
    return row


def start(row: dict[str, Any] | None) -> str:
    return f"{row['path']}:{row['line']}" if row else ""


# -- what a row says ---------------------------------------------------------------------------------------


def test_each_value_in_force_says_who_set_it_and_where(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    row = one(run)
    roles = row["roles"]
    said = {
        name: (roles[name]["state"], roles[name]["value"], roles[name]["origin"], start(roles[name]["place"]))
        for name in ("model", "timeout", "retries", "output_bound", "completions")
    }
    assert said == {
        "model": ("set", "gpt-5.1", "call", "llm.py:8"),
        "timeout": ("set", 30, "client", "llm.py:3"),
        "retries": ("set", 4, "client", "llm.py:3"),
        "output_bound": ("unknown", None, "wrapper", ""),
        "completions": ("default", 1, "sdk", ""),
    }
    assert (row["path"], row["line"], row["column"], row["function"]) == ("llm.py", 7, 12, "ask")
    assert (row["provider"], row["sdk"], row["operation"]) == ("openai", "openai", "chat.completions.create")
    assert (row["kind"], row["streamed"], row["asynchronous"]) == ("text", False, False)


def test_an_embedding_has_no_output_bound(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from langchain_openai import OpenAIEmbeddings\n\nOpenAIEmbeddings(model='my').embed_query('x')\n"
    )
    row = one(run)
    assert row["kind"] == "embedding"
    assert "output_bound" not in row["roles"]


def test_the_release_says_which_file_decided(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    (tmp_path / "requirements.txt").write_text("openai==2.3.0\n")
    row = one(run)
    assert (row["release"], row["release_from"]) == ("2", "requirements.txt")


CLIENT = "import openai\nfrom tenacity import *\nimport retry as again\n\nclient = openai.OpenAI({})\n"
BODY = "    return client.responses.create(model='my-model', input=text)\n"
ASYNC = "import openai\nfrom retry import retry\n\nclient = openai.AsyncOpenAI(max_retries=1)\n"


@pytest.mark.parametrize(
    ("source", "attempts", "wait"),
    [
        pytest.param(
            CLIENT.format("max_retries=3, timeout=10") + "def f(text):\n" + BODY,
            ("known", 4, 4),
            ("known", 40, 40),
            id="the SDK's own",
        ),
        pytest.param(
            "import openai\nfrom tenacity import retry, stop_after_attempt\n\n"
            "client = openai.OpenAI(max_retries=3, timeout=10)\n\n\n"
            "@retry(stop=stop_after_attempt(5))\ndef f(text):\n" + BODY,
            ("known", 20, 20),
            ("known", 200, 200),
            id="the SDK's times those of the decorator",
        ),
        pytest.param(
            "import openai\nfrom tenacity import retry\n\n"
            "client = openai.OpenAI(max_retries=3, timeout=10)\n\n\n@retry\ndef f(text):\n" + BODY,
            ("unbounded", None, 4),
            ("unbounded", None, None),
            id="a decorator that never stops",
        ),
        pytest.param(
            CLIENT.format("max_retries=number(), timeout=10") + "def f(text):\n" + BODY,
            ("unknown", None, 1),
            ("unknown", None, 10),
            id="unknown stays unknown",
        ),
        pytest.param(
            CLIENT.format("max_retries=3, timeout=None") + "def f(text):\n" + BODY,
            ("known", 4, 4),
            ("unbounded", None, None),
            id="no time-out, no bound on the wait",
        ),
        pytest.param(
            ASYNC
            + "\n\n@retry(tries=7)\nasync def f(text):\n    await client.responses.create(input=text)\n",
            ("known", 2, 2),
            ("known", 1200, 1200),
            id="a synchronous decorator on async def repeats nothing",
        ),
    ],
)
def test_the_worst_case_is_the_sdk_s_attempts_times_every_retry_around(
    run: Run, tmp_path: Path, source: str, attempts: tuple[Any, ...], wait: tuple[Any, ...]
) -> None:
    (tmp_path / "a.py").write_text(source)
    row = one(run)
    found = row["attempts"]
    assert (found["state"], found["worst"], found["at_least"]) == attempts
    found = row["wait"]
    assert (found["state"], found["worst_seconds"], found["at_least_seconds"]) == wait


def test_retries_of_several_callers_are_not_multiplied(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import openai\nfrom tenacity import retry, stop_after_attempt\n\n"
        "client = openai.OpenAI(max_retries=1)\n\n\ndef f(text):\n" + BODY + "\n\n"
        "@retry(stop=stop_after_attempt(5))\ndef g():\n    f('g')\n\n\n"
        "@retry(stop=stop_after_attempt(7))\ndef h():\n    f('h')\n"
    )
    found = one(run)["attempts"]
    assert (found["state"], found["worst"], found["at_least"]) == ("unknown", None, 14)
    assert [retry["attempts"] for retry in found["retries"]] == [5, 7]


def test_a_caller_of_a_wrapper_has_the_retries_and_handlers_inside_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import openai\nfrom tenacity import retry, stop_after_attempt\n\n"
        "client = openai.OpenAI(max_retries=1)\n\n\n"
        "@retry(stop=stop_after_attempt(5))\ndef f(text, limit):\n    try:\n"
        "        return client.responses.create(model='my', input=text, max_output_tokens=limit)\n"
        "    except openai.RateLimitError:\n        raise\n\n\n"
        "@retry(stop=stop_after_attempt(3))\ndef g():\n    return f('g', 10)\n"
    )
    caller = calls(run)["wrapper_calls"][0]
    assert (caller["attempts"]["state"], caller["attempts"]["worst"]) == ("known", 30)
    assert caller["errors"]["caught"] == ["rate_limit"]


def test_errors_say_what_is_caught_where_and_what_is_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import openai\n\nclient = openai.OpenAI()\n\n\ndef f(text):\n    try:\n    " + BODY
        + "    except openai.RateLimitError as error:\n        print(error)\n"
    )  # fmt: skip
    errors = one(run)["errors"]
    assert (errors["state"], errors["caught"]) == ("some", ["rate_limit"])
    assert "auth" in errors["uncaught"]
    handler = errors["handlers"][0]
    assert (handler["where"], handler["names"], handler["body"]) == (
        "around",
        ["openai.RateLimitError"],
        "handles",
    )
    assert handler["place"]["line"] == 9


@pytest.mark.parametrize(
    ("body", "state"),
    [("except Exception:\n        raise\n", "all"), ("finally:\n        pass\n", "none")],
)
def test_errors_are_all_or_none(run: Run, tmp_path: Path, body: str, state: str) -> None:
    source = (
        "import openai\n\nclient = openai.OpenAI()\n\n\ndef f(text):\n    try:\n    " + BODY + "    " + body
    )
    (tmp_path / "a.py").write_text(source)
    assert one(run)["errors"]["state"] == state


def test_findings_stand_at_the_call_also_those_of_its_handler(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import openai\n\nclient = openai.OpenAI()\n\n\ndef f(text):\n    try:\n    " + BODY
        + "    except Exception:\n        return None\n"
    )  # fmt: skip
    assert [finding["code"] for finding in one(run)["findings"]] == ["LLM207", "LLM209", "LLM301"]


def test_ignored_findings_are_not_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import openai\n\nclient = openai.OpenAI(timeout=9)\ntry:\n"
        "    client.responses.create(model='my', input='x')  # callsafe: ignore[LLM301] short by nature\n"
        "except openai.OpenAIError as error:\n    print(error)\n"
    )
    assert one(run)["findings"] == []


def test_the_findings_at_calls_are_those_of_check(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    (tmp_path / "main.py").write_text(MAIN)
    (tmp_path / "b.py").write_text(
        "import litellm\n\nlitellm.completion('mistral/mistral-tiny', messages=[])\n"
    )
    checked = json.loads(run("check", "--output-format", "json").stdout)
    found = calls(run)
    at_calls = {
        (finding["code"], start(finding["place"]), finding["message"])
        for row in (*found["calls"], *found["wrapper_calls"])
        for finding in row["findings"]
    }
    assert at_calls
    assert at_calls == {(one["code"], f"{one['path']}:{one['line']}", one["message"]) for one in checked}


def test_callers_of_wrappers_are_listed_apart_and_can_be_left_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "llm.py").write_text(LLM)
    (tmp_path / "main.py").write_text(MAIN)
    found = calls(run)
    assert found["counts"] == {"calls": 1, "wrapper_calls": 1}
    caller = found["wrapper_calls"][0]
    assert (start(caller), start(caller["through"])) == ("main.py:5", "llm.py:7")
    assert caller["roles"]["output_bound"]["value"] == 50
    assert found["calls"][0]["through"] is None
    assert calls(run, "--no-wrappers")["counts"] == {"calls": 1, "wrapper_calls": 0}


@pytest.mark.parametrize(
    ("imported", "client", "state"),
    [
        ("", "OpenAI()", "none"),
        ("from callsafe.redaction import Redactor", "OpenAI()", "unknown"),
        ("from callsafe.redaction import protect", "protect(OpenAI())", "protected"),
        ("import callsafe.redaction", "callsafe.redaction.protect(OpenAI())", "protected"),
        ("from callsafe.redaction import protect", "OpenAI()\nprotect(client)", "protected"),
        ("from callsafe.redaction import protect", "OpenAI()\nother = protect(OpenAI())", "unknown"),
        ("from elsewhere import protect", "protect(OpenAI())", "none"),
        (
            "import httpx2\nfrom callsafe.redaction.transport import RedactingTransport",
            "OpenAI(http_client=httpx2.Client(transport=RedactingTransport(httpx2.HTTPTransport())))",
            "protected",
        ),
    ],
)
def test_redaction_on_the_way_is_shown_only_where_it_is_seen(
    run: Run, tmp_path: Path, imported: str, client: str, state: str
) -> None:
    (tmp_path / "a.py").write_text(
        f"from openai import OpenAI\n{imported}\n\nclient = {client}\n\n\n"
        "def f(text):\n    client.responses.create(model='gpt-5.1', input=text)\n"
    )
    found = one(run)["redaction"]
    assert found["state"] == state
    assert (found["place"] is not None) == (state == "protected")


def test_a_client_protected_in_one_function_is_not_protected_in_another(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from openai import OpenAI\nfrom callsafe.redaction import protect\n\n\n"
        "def f(text):\n    client = protect(OpenAI())\n    client.responses.create(input=text)\n\n\n"
        "def g(text):\n    client = OpenAI()\n    client.responses.create(input=text)\n"
    )
    assert [row["redaction"]["state"] for row in calls(run)["calls"]] == ["protected", "unknown"]


def test_a_call_in_a_notebook_has_its_cell(run: Run, tmp_path: Path) -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in (["from openai import OpenAI\n", "client = OpenAI()"], ["client.responses.create()"])
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "a.ipynb").write_text(json.dumps(book))
    row = one(run)
    assert (row["path"], row["cell"], row["line"], row["column"]) == ("a.ipynb", 2, 1, 1)
    assert next(csv.DictReader(io.StringIO(run("calls", "--output-format", "csv").stdout)))["cell"] == "2"


def test_every_role_of_the_catalogue_has_its_place(run: Run) -> None:
    known: set[str] = set()
    for name in sdks.heads():
        sdk = sdks.load(name)
        known |= {*sdk.client_roles, *sdk.option_roles, *sdk.defaults}
        for kind in sdk.types:
            known |= {*kind.roles, *kind.defaults}
        for operation in sdk.operations:
            known |= {*operation.roles, *operation.defaults}
    assert known <= set(ROLES)
