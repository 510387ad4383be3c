"""What is installed: one import package, the same from the tree and from the sdist, with its data files."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent


def wheel(root: Path, target: Path) -> dict[str, bytes]:
    (path,) = WheelBuilder(str(root)).build(directory=str(target), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def from_tree(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return wheel(ROOT, tmp_path_factory.mktemp("tree"))


def test_nothing_but_callsafe_becomes_importable_at_top_level(from_tree: dict[str, bytes]) -> None:
    tops = {name.partition("/")[0] for name in from_tree}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"callsafe"}


def test_the_wheel_holds_all_modules_and_data_files_of_the_folders(from_tree: dict[str, bytes]) -> None:
    wanted = {
        f"callsafe/{path.relative_to(ROOT).as_posix()}"
        for folder in ("rules", "checks", "redaction", "hooks")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - set(from_tree) == set()
    assert {"callsafe/__init__.py", "callsafe/__main__.py", "callsafe/py.typed"} <= set(from_tree)


def test_the_wheel_from_the_sdist_is_the_wheel_from_the_tree(
    from_tree: dict[str, bytes], tmp_path: Path
) -> None:
    (archive,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    (root,) = (tmp_path / "unpacked").iterdir()
    assert wheel(root, tmp_path / "wheel") == from_tree


def test_the_links_under_src_lead_to_the_folders_at_the_top() -> None:
    for folder in ("rules", "checks", "redaction", "hooks"):
        link = ROOT / "src" / "callsafe" / folder
        if not link.exists():
            pytest.skip("no links in an sdist")
        assert os.readlink(link) == f"../../{folder}"
