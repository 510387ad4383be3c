"""What the formats show, and never show."""

import io
import json
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len

from callsafe.checks.engine import Report
from callsafe.checks.findings import Finding, by_line, finding
from callsafe.hooks.report import as_concise, as_full, as_json, as_sarif
from callsafe.rules.model import Facts, Place, Problem, Rule, Severity, rule
from callsafe.rules.registry import find_rule

BOUND = find_rule("LLM301")
KEY = rule("hard_coded_key", "", code="LLM101", severity=Severity.HIGH, facts=Facts.TEXT, section="Keys")
SECRET = "sk-" + "proj-" + "A1b2C3d4" * 8

CODE = (
    "def answer(question: str) -> str:",
    "    messages = []",
    "    reply = client.chat.completions.create(model=MODEL, messages=messages)",
)
UNBOUNDED = Problem(
    Place("app/answer.py", 3, 13, 3, 43),
    "no bound on output tokens is in force",
    in_force="nothing here; nothing on `client` (app/llm.py:12); openai sends none",
    fix="set `max_completion_tokens=` here",
)


def made(
    problem: Problem = UNBOUNDED, lines: tuple[str, ...] = CODE, by: Rule | None = BOUND, **masks: Any
) -> Finding:
    assert by is not None
    return finding(by, problem, lines, **masks)


def written(report: Any, *findings: Finding) -> str:
    out = io.StringIO()
    report.write(Report(findings, 1), out)
    return out.getvalue()


def test_the_full_report_shows_the_line_the_value_in_force_and_the_way_out() -> None:
    assert (
        written(as_full, made())
        == """\
app/answer.py:3:13  unbounded-output  LLM301  medium
   1 │ def answer(question: str) -> str:
 → 3 │     reply = client.chat.completions.create(model=MODEL, messages=messages)
     │             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no bound on output tokens is in force
     in force: nothing here; nothing on `client` (app/llm.py:12); openai sends none
     fix: set `max_completion_tokens=` here
     callsafe explain unbounded-output

1 finding (1 medium) in 1 file
"""
    )


def test_marks_stand_under_wide_characters_and_tabs() -> None:
    lines = ('\tx = "日本"; f(1)',)
    shown = written(as_full, made(Problem(Place("a.py", 1, 12, 1, 16), "wrong"), lines)).splitlines()
    assert shown[1] == ' → 1 │     x = "日本"; f(1)'
    assert shown[2] == "     │                 ^^^^ wrong"  # each wide character takes two cells


def test_a_long_line_is_cut_around_what_is_marked() -> None:
    lines = ("x = '" + "a" * 300 + "'; f(1)",)
    shown = written(as_full, made(Problem(Place("a.py", 1, 309, 1, 313), "wrong"), lines)).splitlines()
    assert len(shown[1]) <= 121


def test_a_long_line_of_wide_characters_fits_too() -> None:
    lines = ("f(1, '" + "日" * 150 + "')",)
    shown = written(as_full, made(Problem(Place("a.py", 1, 1, 1, 2), "wrong"), lines)).splitlines()
    assert 110 <= cell_len(shown[1]) <= 121


def test_a_marked_range_far_to_the_right_is_still_shown() -> None:
    lines = ("x = '" + "a" * 130 + "'; f(1)",)
    shown = written(as_full, made(Problem(Place("a.py", 1, 139, 1, 143), "wrong"), lines)).splitlines()
    assert "…" in shown[1]
    assert shown[1].endswith("f(1)")
    assert shown[2].index("^") == shown[1].index("f(1)")


def test_a_call_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    lines = ("f(", "  1,", ")")
    shown = written(as_full, made(Problem(Place("a.py", 1, 1, 3, 2), "wrong"), lines)).splitlines()
    assert shown[1:3] == [" → 1 │ f(", "     │ ^^ wrong"]


def test_a_finding_without_a_line_is_shown_too() -> None:
    shown = written(as_full, made(Problem(Place("gone", 1, 1, 1, 2), "no permission"), ()))
    assert shown.startswith("gone:1:1  unbounded-output  LLM301  medium\n     no permission\n")


def test_a_cell_of_a_notebook_is_named() -> None:
    one = made(Problem(Place("book.ipynb", 1, 1, 1, 2, 4), "wrong"), ("f(1)",))
    assert written(as_full, one).startswith("book.ipynb:cell 4:1:1  ")
    assert written(as_concise, one).startswith("book.ipynb:cell 4:1:1: LLM301")
    (row,) = json.loads(written(as_json, one))
    assert (row["cell"], row["line"]) == (4, 1)


def test_no_excerpt_shows_a_credential_that_was_found_anywhere_in_it() -> None:
    lines = (f'def answer(key="{SECRET}"):', f'    return ask("{SECRET}", model=MODEL)')
    masks = [Place("a.py", 1, 17, 1, 17 + len(SECRET)), Place("a.py", 2, 17, 2, 17 + len(SECRET))]
    one = made(Problem(Place("a.py", 2, 12, 2, 15), "wrong"), lines, masks=by_line(masks))
    for report in (as_full, as_concise, as_json, as_sarif):
        text = written(report, one)
        assert SECRET not in text
        assert SECRET[-8:] not in text
    assert "▒" * len(SECRET) in written(as_full, one)
    assert SECRET[-8:] not in repr(one)


def test_a_scanned_file_cannot_steer_the_terminal() -> None:
    lines = ("x = '\x1b[2J\x07\u202e'; f(1)",)
    one = made(Problem(Place("a\x1b[31m\n.py", 1, 16, 1, 20), "wrong"), lines)
    for report in (as_full, as_concise):
        assert not {"\x1b", "\x07", "\u202e"} & set(written(report, one))
    assert len(written(as_concise, one).splitlines()) == 2


def test_a_fingerprint_survives_edits_elsewhere_and_a_changed_key() -> None:
    moved = Problem(Place("app/answer.py", 4, 13, 4, 43), "no bound on output tokens is in force")
    assert made().fingerprint() == made(moved, ("import x", *CODE)).fingerprint()
    assert made().fingerprint() != made(lines=(*CODE[:2], CODE[2].replace("reply", "text"))).fingerprint()
    assert made().fingerprint() != made(by=KEY).fingerprint()


# The parts of the published schema that a reader of this log depends on.
REGION = {
    "type": "object",
    "required": ["startLine", "startColumn", "endLine", "endColumn"],
    "properties": {
        name: {"type": "integer", "minimum": 1}
        for name in ("startLine", "startColumn", "endLine", "endColumn")
    },
    "additionalProperties": False,
}
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
URI = {"type": "string", "format": "uri-reference", "pattern": r"^[!-~]+$"}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {
            "type": "object",
            "properties": {"level": LEVEL},
            "additionalProperties": False,
        },
        "properties": {
            "type": "object",
            "properties": {"tags": {"type": "array", "uniqueItems": True, "items": {"type": "string"}}},
        },
    },
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "properties": {"uri": URI},
                    "additionalProperties": False,
                },
                "region": REGION,
            },
            "additionalProperties": False,
        },
        "logicalLocations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "kind": {"type": "string"}},
            },
        },
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
    },
    "additionalProperties": False,
}
RUN = {
    "type": "object",
    "required": ["tool"],
    "properties": {
        "tool": {
            "type": "object",
            "required": ["driver"],
            "properties": {"driver": DRIVER},
            "additionalProperties": False,
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
    "additionalProperties": False,
}
LOG = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {"type": "array", "items": RUN},
    },
    "additionalProperties": False,
}


def test_sarif_is_valid_and_counts_characters() -> None:
    odd = made(Problem(Place("a b/é#?.py", 3, 13, 3, 43), "wrong"))
    cell = made(Problem(Place("book.ipynb", 2, 1, 2, 3, 4), "wrong"), ("", "f(1)"))
    far = made(Problem(Place("/elsewhere/a.py", 1, 1, 1, 2), "wrong"))
    log = json.loads(written(as_sarif, made(), odd, cell, far))
    jsonschema.Draft7Validator(LOG, format_checker=jsonschema.FormatChecker()).validate(log)
    run = log["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "LLM301"
    locations = [result["locations"][0] for result in run["results"]]
    assert locations[0]["physicalLocation"] == {
        "artifactLocation": {"uri": "app/answer.py"},
        "region": {"startLine": 3, "startColumn": 13, "endLine": 3, "endColumn": 43},
    }
    uris = [location["physicalLocation"]["artifactLocation"]["uri"] for location in locations]
    assert uris == ["app/answer.py", "a%20b/%C3%A9%23%3F.py", "book.ipynb", "file:///elsewhere/a.py"]
    assert locations[2]["logicalLocations"][0]["name"] == "cell 4"
    assert run["results"][2]["message"]["text"].startswith("cell 4, line 2: wrong")


def test_a_sarif_log_without_findings_is_valid_too() -> None:
    log = json.loads(written(as_sarif))
    jsonschema.Draft7Validator(LOG).validate(log)
    assert log["runs"][0]["results"] == []


@pytest.mark.parametrize("report", [as_full, as_concise])
def test_the_summary_counts_by_severity(report: Any) -> None:
    three = (made(), made(), made(by=KEY))
    out = io.StringIO()
    report.write(Report(three, 7, 2), out)
    assert out.getvalue().splitlines()[-1] == "3 findings (1 high, 2 medium) in 7 files; 2 could not be read"
