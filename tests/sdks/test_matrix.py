"""What the matrix makes of a group that cannot be installed, and of spellings that no release has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tests.sdks import matrix

from callsafe.rules import sdks

NO_INDEX = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(…)': /simple/openai/
ERROR: Could not find a version that satisfies the requirement openai==3.52.0 (from versions: none)
ERROR: No matching distribution found for openai==3.52.0
"""
CONFLICT = """\
WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError(…)': /simple/openai/
ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.
ERROR: ResolutionImpossible: for help visit the documentation
"""
NO_RELEASE = "ERROR: No matching distribution found for openai==99\n"


@pytest.mark.parametrize(("said", "wrong"), [(NO_INDEX, False), (CONFLICT, True), (NO_RELEASE, True)])
def test_only_a_group_without_an_index_is_skipped(
    said: str, wrong: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(matrix, "install", lambda *_: (tmp_path / "python", said))
    assert matrix.run("current", tmp_path, tmp_path).wrong is wrong


def test_a_spelling_that_one_group_has_is_not_missing(tmp_path: Path) -> None:
    for group, has in (("one", True), ("two", False)):
        (tmp_path / group).mkdir()
        (tmp_path / group / "openai.3.json").write_text(
            json.dumps([["a", has], ["b", False]]), encoding="utf-8"
        )
    found = list(matrix.nowhere(tmp_path))
    assert "in no release: openai: b" in found
    assert "in no release: openai: a" not in found
    assert "in no group: openai >=3" not in found
    assert "in no group: openai >=2,<3" in found


def test_the_matrix_installs_the_releases_that_the_facts_were_read_from() -> None:
    pinned = {
        (one.name.replace("_", "-").lower(), str(one.specifier).removeprefix("=="))
        for group in matrix.GROUPS.values()
        for one in map(Requirement, group)
    }
    read = {
        tuple(release.replace("_", "-").lower().split()): sdk.name
        for sdk in map(sdks.load, sdks.heads())
        for release in sdk.read_from
        if sdk.distribution
    }
    assert not {release: name for release, name in read.items() if release not in pinned}
