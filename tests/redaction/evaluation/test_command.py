"""`callsafe evaluate`: data in two formats, configuration, baseline, plot, and nothing of the texts."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsafe.hooks.cli import main
from callsafe.redaction.evaluation import run as evaluation

TEXTS = ("My name is Jane Roe and I live in Rotterdam.", "Write to omar.haddad@mail.example today.")
SPANS = (((11, 19, "PERSON"), (34, 43, "GPE")), ((9, 33, "EMAIL_ADDRESS"),))

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in a folder with data in both formats."""
    monkeypatch.chdir(tmp_path)
    ours = [
        {"text": text, "spans": [{"start": s, "end": e, "label": label} for s, e, label in spans]}
        for text, spans in zip(TEXTS, SPANS, strict=True)
    ]
    theirs = [
        {
            "full_text": text,
            "spans": [
                {"entity_type": label, "entity_value": text[s:e], "start_position": s, "end_position": e}
                for s, e, label in spans
            ],
        }
        for text, spans in zip(TEXTS, SPANS, strict=True)
    ]
    Path("ours.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ours))
    Path("theirs.json").write_text(json.dumps(theirs, indent=1))
    Path("labels.toml").write_text('[labels]\nGPE = "LOCATION"\n')

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(("evaluate", *arguments))
        out, err = capsys.readouterr()
        return status, out, err

    return call


def test_both_formats_give_the_same_scores(run: Run) -> None:
    made: list[dict[str, Any]] = []
    for data in ("ours.jsonl", "theirs.json"):
        status, out, _ = run(data, "--config", "labels.toml", "--output-format", "json")
        assert status == 0
        made.append(json.loads(out) | {"data": ""})
    assert made[0] == made[1]
    assert made[0]["texts"] == 2
    assert made[0]["entities"]["EMAIL_ADDRESS"]["exact"]["f1"] == 1
    assert made[0]["entities"]["LOCATION"]["exact"]["labelled"] == 1


def test_the_table_has_every_entity_and_no_text(run: Run) -> None:
    status, out, err = run("ours.jsonl", "--examples", "--config", "labels.toml")
    assert status == 0
    rows = {line.split()[0] for line in out.splitlines() if line.strip()}
    assert {"PERSON", "LOCATION", "EMAIL_ADDRESS", "(all)", "(any)"} <= rows
    assert not [word for word in ("Jane", "Rotterdam", "omar", "live in") if word in out + err]


def test_examples_show_masked_shapes_of_what_was_not_covered(run: Run) -> None:
    Path("policy.toml").write_text('[entities]\nEMAIL_ADDRESS = "keep"\n')
    _, out, err = run("ours.jsonl", "--examples", "--config", "policy.toml")
    assert err == "ours.jsonl:2: EMAIL_ADDRESS: xxxx.xxxxxx@xxxx.xxxxxxx\n"
    assert "omar" not in out


def test_the_exit_status_is_1_where_a_score_got_worse(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "FEW", 1)
    assert run("ours.jsonl", "--save-baseline", "base.json")[0] == 0
    assert "Jane" not in Path("base.json").read_text()
    status, out, _ = run("ours.jsonl", "--baseline", "base.json")
    assert (status, out.splitlines()[-1]) == (0, "no score got worse")
    Path("policy.toml").write_text('[entities]\nEMAIL_ADDRESS = "keep"\n')
    status, out, _ = run("ours.jsonl", "--baseline", "base.json", "--config", "policy.toml")
    assert status == 1
    assert "worse: EMAIL_ADDRESS full coverage: 1.0000 -> 0.0000" in out
    status, out, _ = run(
        "ours.jsonl", "--baseline", "base.json", "--config", "policy.toml", "--output-format", "json"
    )
    assert status == 1
    assert json.loads(out)["compared"]["worse"] is True
    tolerant = ("--tolerance", "0.999", "--config", "policy.toml")
    monkeypatch.setattr(evaluation, "FEW", 2)
    assert run("ours.jsonl", "--baseline", "base.json", *tolerant)[0] == 0


def test_a_pyproject_gives_policy_and_labels(run: Run) -> None:
    Path("pyproject.toml").write_text(
        '[tool.callsafe.redaction.entities]\nEMAIL_ADDRESS = "keep"\n'
        '[tool.callsafe.evaluation]\nignore = ["PERSON", "GPE", "LOCATION"]\n'
    )
    status, out, _ = run("ours.jsonl", "--config", "pyproject.toml", "--output-format", "json")
    assert status == 0
    assert [*json.loads(out)["entities"]] == ["(all)", "EMAIL_ADDRESS"]
    assert json.loads(out)["entities"]["EMAIL_ADDRESS"]["leaks"]["none"] == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"text": "Jane"', "bad.jsonl:1: not JSON: "),
        ('{"said": "Jane"}', "bad.jsonl:1: no example: give"),
        ('{"text": "Jane"}', "bad.jsonl:1: spans is no list"),
        ('{"text": 7, "spans": []}', "bad.jsonl:1: text is no text"),
        (
            '{"text": "Jane", "spans": [{"start": 0, "end": 9, "label": "X"}]}',
            "a span from 0 to 9 is not in the 4",
        ),
        (
            '{"text": "Jane", "spans": [{"start": true, "end": 2, "label": "X"}]}',
            "no whole numbers as start and end",
        ),
        ('{"text": "Jane", "spans": [{"start": 0, "end": 2}]}', "the span from 0 to 2 has no label"),
        ('{"text": "Jane", "spans": ["Jane"]}', "bad.jsonl:1: a span is no object"),
        (
            '{"full_text":"J","spans":[{"entity_type":"X","entity_value":"R","start_position":0,"end_position":1}]}',
            "does not hold its entity_value",
        ),
    ],
)
def test_bad_data_is_named_by_its_line(row: str, message: str, run: Run) -> None:
    Path("bad.jsonl").write_text(row + "\n")
    status, out, err = run("bad.jsonl")
    assert (status, out) == (2, "")
    assert message in err
    assert "Jane" not in err
    Path("bad.jsonl").write_text(row + "\n" + Path("ours.jsonl").read_text())
    status, out, err = run("bad.jsonl", "--on-error", "skip", "--output-format", "json")
    assert (status, json.loads(out)["texts"]) == (0, 2)
    assert err.endswith("(left out)\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.jsonl"], "none.jsonl: no such file or directory"),
        (["empty.jsonl"], "empty.jsonl: there is no example in it"),
        (["ours.jsonl", "--tolerance", "2"], "--tolerance is 2.0: give a number from 0 to below 1"),
        (["ours.jsonl", "--plot", "plot.gif"], "a plot is a .png or an .svg file"),
        (["ours.jsonl", "--baseline", "ours.jsonl"], "this is no saved measurement"),
        (["ours.jsonl", "--baseline", "other.json"], "measured on other data or with other labels"),
        (["ours.jsonl", "--config", "wrong.toml"], "wrong.toml: labels: give a table from label to label"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], message: str, run: Run) -> None:
    Path("empty.jsonl").write_text("")
    Path("wrong.toml").write_text("labels = 7\n")
    assert run("theirs.json", "--save-baseline", "other.json")[0] == 0
    status, _, err = run(*arguments)
    assert status == 2
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")
@pytest.mark.parametrize(("name", "magic"), [("plot.png", b"\x89PNG"), ("plot.svg", b"<?xml")])
def test_a_measurement_is_drawn(name: str, magic: bytes, run: Run) -> None:
    status, _, err = run("ours.jsonl", "--plot", name)
    assert (status, err) == (0, "")
    drawn = Path(name).read_bytes()
    assert drawn.startswith(magic)
    assert b"Jane" not in drawn
