"""Credentials in a whole run: reported once, with what a baseline knows left out, up to a size."""

import json
from pathlib import Path

import pytest
from tests.credentials.keys import key

from callsafe.checks.engine import check
from callsafe.checks.findings import Finding
from callsafe.checks.secrets_baseline import hashed, write_baseline
from callsafe.checks.settings import ConfigurationError, load
from callsafe.hooks.cli import main


@pytest.fixture(autouse=True)
def in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(folder: Path, path: str = ".") -> list[Finding]:
    return [one for one in check([path], load(str(folder))).findings if one.code.startswith("LLM10")]


@pytest.mark.parametrize(
    "written",
    [
        'import os\nos.environ["MISTRAL_API_KEY"] = "{}"\n',
        'from mistralai import Mistral\nclient = Mistral(api_key="{}")\n',
        'import requests\nrequests.post("https://api.mistral.ai/v1", headers={{"Authorization": "Bearer {}"}})\n',
        'import requests\nURL = "https://api.mistral.ai"\nHEADERS = {{"Authorization": "Bearer " + "{}"}}\n',
    ],
)
def test_a_key_without_a_mark_is_reported_once(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.py").write_text(written.format(key("ctx:mistral")), "utf-8")
    (found,) = run(tmp_path)
    assert found.code == "LLM101"


def test_the_pieces_of_a_key_are_not_shown(tmp_path: Path) -> None:
    value = key("openai-proj")
    (tmp_path / "a.py").write_text(f'KEY = "{value[:60]}{{}}".format("{value[60:]}")\n', "utf-8")
    (found,) = run(tmp_path)
    assert not any(value[at : at + 8] in repr(found) for at in range(8, len(value) - 8))


def test_what_the_baseline_of_detect_secrets_knows_is_not_reported(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    known = f'GROQ = "{key("groq")}"\n'
    (tmp_path / "app" / "a.py").write_text(known + f'XAI = "{key("xai")}"\n', "utf-8")
    write_baseline(str(tmp_path / ".secrets.baseline"), {"app/a.py": known.encode()})
    assert [one.place.line for one in run(tmp_path)] == [2]
    assert [one.place.line for one in run(tmp_path, "app/a.py")] == [2]


def test_a_baseline_elsewhere_is_configured(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(f"GROQ_API_KEY={key('groq')}\n", "utf-8")
    (tmp_path / "callsafe.toml").write_text('secrets-baseline = "ci/known.json"\n', "utf-8")
    with pytest.raises(ConfigurationError, match=r"known\.json: cannot be read"):
        run(tmp_path)
    (tmp_path / "ci").mkdir()
    entry = {"type": "x", "hashed_secret": hashed(key("groq"))}
    (tmp_path / "ci" / "known.json").write_text(json.dumps({"results": {"a.env": [entry]}}), "utf-8")
    assert [one.code for one in run(tmp_path)] == ["LLM101"]  # paths are relative to the baseline
    (tmp_path / "ci" / "known.json").write_text(json.dumps({"results": {"../a.env": [entry]}}), "utf-8")
    assert not run(tmp_path)


def test_a_broken_baseline_stops_the_run_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text(f"GROQ_API_KEY={key('groq')}\n", "utf-8")
    (tmp_path / ".secrets.baseline").write_text("[]", "utf-8")
    with pytest.raises(ConfigurationError, match=r"\.secrets\.baseline: no json object"):
        run(tmp_path)


@pytest.mark.parametrize(("limit", "count"), [("100", 0), ("5_000_000", 1)])
def test_the_size_limit_is_a_setting(tmp_path: Path, limit: str, count: int) -> None:
    (tmp_path / "log.txt").write_text("." * 3_000_000 + f"\nGROQ_API_KEY={key('groq')}\n", "utf-8")
    (tmp_path / "callsafe.toml").write_text(f"max-file-size = {limit}\n", "utf-8")
    assert len(run(tmp_path)) == count


@pytest.mark.parametrize("value", ["0", "-1", '"2 MB"', "true", "1.5"])
def test_a_size_limit_is_a_number_of_bytes(tmp_path: Path, value: str) -> None:
    (tmp_path / "callsafe.toml").write_text(f"max-file-size = {value}\n", "utf-8")
    with pytest.raises(ConfigurationError, match="max-file-size must be a number of bytes"):
        load(str(tmp_path))


def test_a_written_baseline_is_read_by_the_next_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.env").write_text(f"GROQ_API_KEY={key('groq')}\n", "utf-8")
    (tmp_path / "b.yaml").write_text(f"xai: {key('xai')}\nplain: text\n", "utf-8")
    assert main(["check", "--write-secrets-baseline", ".secrets.baseline"]) == 0
    assert "2 credentials in 2 files" in capsys.readouterr().out
    content = (tmp_path / ".secrets.baseline").read_text("utf-8")
    assert key("groq") not in content
    assert key("xai")[4:20] not in content
    assert main(["check", "-q"]) == 0
    (tmp_path / "a.env").write_text(f"GROQ_API_KEY={key('groq', 2)}\n", "utf-8")
    assert main(["check", "-q"]) == 1
