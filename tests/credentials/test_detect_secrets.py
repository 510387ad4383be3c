import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.credentials.keys import fill, key

from callsafe.checks.secrets_baseline import BaselineError, hashed, read_baseline, write_baseline
from callsafe.hooks import detect_secrets_plugin
from callsafe.rules.credentials._detect_secrets import others
from callsafe.rules.credentials._needles import has_needle
from callsafe.rules.model import Place


def detect_secrets(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "detect_secrets", "scan", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_plugin_finds_whole_keys_in_the_real_detect_secrets(tmp_path: Path) -> None:
    value = key("openai-proj")
    (tmp_path / "a.env").write_text(f"OPENAI_API_KEY={value}\nGROQ_API_KEY={key('groq')}\n", "utf-8")
    out = detect_secrets(tmp_path, "--all-files", "-p", detect_secrets_plugin.__file__)
    results = json.loads(out)["results"]["a.env"]
    ours = {entry["hashed_secret"] for entry in results if entry["type"] == "AI credential"}
    assert ours == {hashed(value), hashed(key("groq"))}


def test_the_plugin_finds_keys_in_calls_once_the_filter_is_off(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f'client = OpenAI(api_key="{key("openai-proj")}")\n', "utf-8")
    filters = "detect_secrets.filters.heuristic.is_indirect_reference"
    out = detect_secrets(
        tmp_path, "--all-files", "-p", detect_secrets_plugin.__file__, "--disable-filter", filters
    )
    assert [entry["line_number"] for entry in json.loads(out)["results"]["a.py"]]


def test_a_baseline_of_detect_secrets_covers_what_it_knows_and_nothing_else(tmp_path: Path) -> None:
    lines = [
        f'OPENAI = "{key("openai-legacy")}"',
        f'OPENAI_2 = "{key("openai-proj")}"',
        f'GITHUB = "{key("github")}"',
        f'GROQ_API_KEY = "{key("groq")}"',
    ]
    (tmp_path / "a.py").write_text("\n".join(lines[:3]) + "\n", "utf-8")
    (tmp_path / ".secrets.baseline").write_text(detect_secrets(tmp_path, "--all-files"), "utf-8")
    known = read_baseline(str(tmp_path / ".secrets.baseline"))

    def covered(line: str) -> bool:
        start = line.index('"') + 2
        return known.covers("a.py", line, Place("a.py", 1, start, 1, len(line)))

    assert covered(lines[0])
    assert not covered(lines[3])
    assert not covered(f'OPENAI = "{key("openai-legacy", 9)}"')
    assert not known.covers("b.py", lines[0], Place("b.py", 1, 11, 1, len(lines[0])))


def test_a_secret_that_was_audited_as_real_is_reported(tmp_path: Path) -> None:
    value = key("groq")
    entry = {"type": "x", "hashed_secret": hashed(value), "is_secret": True}
    (tmp_path / "b").write_text(json.dumps({"results": {"a.py": [entry]}}), "utf-8")
    place = Place("a.py", 1, 1, 1, len(value) + 1)
    assert not read_baseline(str(tmp_path / "b")).covers("a.py", value, place)


def test_a_path_entry_of_a_baseline_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n", "utf-8")
    plugins = [{"name": "Evil", "path": f"file://{tmp_path / 'evil.py'}"}]
    path = tmp_path / ".secrets.baseline"
    path.write_text(json.dumps({"plugins_used": plugins, "results": {}}), "utf-8")
    read_baseline(str(path))
    write_baseline(str(path), {"a.env": f"K={key('groq')}".encode()})
    assert not (tmp_path / "ran").exists()


def test_a_written_baseline_is_read_back_and_by_detect_secrets_and_holds_no_value(tmp_path: Path) -> None:
    value = key("anthropic")
    content = f"ANTHROPIC_API_KEY={value}\n".encode()
    (tmp_path / "a.env").write_bytes(content)
    path = tmp_path / ".secrets.baseline"
    assert write_baseline(str(path), {"a.env": content}) == 1
    assert write_baseline(str(path), {"a.env": content}) == 1
    assert value not in path.read_text("utf-8")
    line = content.decode().rstrip()
    assert read_baseline(str(path)).covers("a.env", line, Place("a.env", 1, 19, 1, len(line) + 1))
    detect_secrets(tmp_path, "--baseline", ".secrets.baseline", "--all-files")
    assert json.loads(path.read_text("utf-8"))["version"]


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"results": 3}'])
def test_a_broken_baseline_names_the_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "broken").write_text(content, "utf-8")
    with pytest.raises(BaselineError, match="broken: "):
        read_baseline(str(tmp_path / "broken"))


def test_what_only_detect_secrets_knows_is_found_with_its_span() -> None:
    token = "AKC" + "p8" + key("huggingface")[3:30]
    mail = key("ctx:azure-openai") + "-us12"
    text = f'token = "{token}"\nmailchimp = "{mail}"\n'
    assert has_needle(text)
    assert {text[start:end] for start, end, _kind in others(text)} == {token, mail}


def test_the_settings_of_detect_secrets_are_not_touched() -> None:
    from detect_secrets.settings import get_settings

    before = json.dumps(get_settings().json(), sort_keys=True, default=str)
    list(others(fill('token = "AKCp8@@huggingface@@"\n')))
    assert json.dumps(get_settings().json(), sort_keys=True, default=str) == before


def test_a_scan_of_ordinary_source_does_not_import_detect_secrets() -> None:
    code = (
        "import sys\n"
        "from callsafe.checks.texts import texts\n"
        "from callsafe.rules.credentials.hard_coded_key import find\n"
        "for text in texts('a.py', b'import os\\nprint(os.environ)\\n'):\n"
        "    list(find(text))\n"
        "heavy = {'detect_secrets', 'libcst', 'rich', 'json', 'logging'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"
