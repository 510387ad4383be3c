"""How well callsafe reads real code: `python benchmarks/accuracy.py calls|findings [FOLDER]`.

`calls` compares the list of model calls with what a careful reading found, `findings` compares the findings with
their labels. Both readings are data in `benchmarks/readings/` (docs/accuracy.md says how they were made). FOLDER
holds the unpacked sources, one folder for each reading, named as its file is ("vanna-2.0.2"); without it the
packages are downloaded with pip into a temporary folder. A repository of notebooks is never downloaded: clone it
at the commit that `readings/repositories.json` names, as FOLDER/NAME. What is not there is left out, and said.

Readings below `readings/heldout/` are of code that nobody had read when callsafe was measured on it; they are
compared only when asked for: `--only heldout/`; so are those below `readings/packages/` and `readings/second/`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callsafe.checks.engine import Run, run
from callsafe.checks.settings import Settings
from callsafe.rules.model import Place

READINGS = Path(__file__).resolve().parent / "readings"
LABELS = ".findings.json"
SDISTS = ("gpt_engineer-0.3.1", "langroid-0.69.16", "marvin-3.2.7", "mem0ai-2.2.1")
"""Readings of the source distribution; the others were made of the wheel."""
RULES = (
    *(
        "LLM101",
        "LLM102",
        "LLM201",
        "LLM206",
        "LLM207",
        "LLM209",
        "LLM301",
        "LLM501",
        "LLM901",
        "LLM902",
        "LLM903",
    ),
    *(
        "LLM202",
        "LLM203",
        "LLM204",
        "LLM205",
        "LLM208",
        "LLM210",
        "LLM216",
        "LLM303",
        "LLM304",
        "LLM401",
        "LLM403",
    ),
)
"""The rules whose findings are labelled."""
Key = tuple[str, int, int]
"""Path below the folder of the reading, cell (0 outside notebooks), line."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A model call that the analysis lists: the lines it covers, and how the code names it."""

    path: str
    cell: int
    first: int
    last: int
    text: str

    def covers(self, key: Key) -> bool:
        """Tell whether the entry of a reading stands on these lines."""
        path, cell, line = key
        return path == self.path and cell == self.cell and self.first <= line <= self.last


def main() -> None:
    """Run one of the two comparisons."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("calls", "findings"))
    parser.add_argument(
        "folder", nargs="?", type=Path, help="folder of unpacked packages and cloned repositories"
    )
    parser.add_argument("--only", metavar="NAME", help="only readings whose name starts so")
    options = parser.parse_args()
    names = sorted(
        path.relative_to(READINGS).as_posix().removesuffix(LABELS).removesuffix(".json")
        for path in READINGS.rglob("*.json")
        if path.name != "repositories.json" and path.name.endswith(LABELS) == (options.what == "findings")
    )
    only = options.only or ""
    names = [name for name in names if name.startswith(only) and name.count("/") == only.count("/")]
    compare = calls if options.what == "calls" else findings
    if options.folder:
        compare(options.folder.resolve(), names)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if name not in _repositories():
                _download(Path(name).name, Path(folder))
        compare(Path(folder).resolve(), names)


def calls(folder: Path, names: list[str]) -> None:
    """Print for each reading the recall and precision of the list of model calls, then misses and wrong entries."""
    details: list[str] = []
    total: Counter[str] = Counter()
    print(f"{'':28} {'read':>5} {'listed':>6} {'found':>6} {'wrong':>6} {'recall':>7} {'precision':>9}")
    for name, root, paths in _present(folder, names):
        read = [_key(entry) for entry in _load(name + ".json")]
        texts = {_key(entry): entry["what"] for entry in _load(name + ".json")}
        listed = list(_listed(_run(root, paths), root))
        wrong, missed = _match(read, listed)
        count = Counter(read=len(read), listed=len(listed), found=len(read) - len(missed), wrong=len(wrong))
        total += count
        print(_row(name, count))
        details += [f"missed  {name}/{_shown(key)}  {texts[key]}" for key in missed]
        details += [f"wrong   {name}/{_shown((one.path, one.cell, one.first))}  {one.text}" for one in wrong]
    print(_row("all", total), "", *details, sep="\n")


def findings(folder: Path, names: list[str]) -> None:
    """Print for each reading and rule how many findings are labelled right, wrong or not yet, and which are gone."""
    by_rule: defaultdict[str, Counter[str]] = defaultdict(Counter)
    details: list[str] = []
    for name, root, paths in _present(folder, names):
        labels: defaultdict[tuple[str, Key], list[dict[str, Any]]] = defaultdict(list)
        for entry in _load(name + LABELS):
            labels[entry["rule"], _key(entry)].append(entry)
        counts: Counter[str] = Counter()
        for finding in _run(root, paths).report.findings:
            if finding.code not in RULES:
                continue
            key = _place(finding.place, root)
            label = labels[finding.code, key].pop() if labels[finding.code, key] else None
            kind = "new" if label is None else "right" if label["right"] else "wrong"
            counts[kind] += 1
            by_rule[finding.code][kind] += 1
            if label is None or not label["right"]:
                reason = label["reason"] if label else finding.message
                details.append(f"{kind:6} {finding.code} {name}/{_shown(key)}  {reason}")
        gone = [(code, key, one) for (code, key), left in labels.items() for one in left]
        for code, key, one in gone:
            said = "right" if one["right"] else "wrong"
            by_rule[code][f"gone {said}"] += 1
            counts[f"gone {said}"] += 1
            details.append(f"gone   {code} {name}/{_shown(key)}  was {said}: {one['reason']}")
        print(f"{name:28} {_labels(counts)}")
    print()
    for code, counts in sorted(by_rule.items()):
        print(f"{code:28} {_labels(counts)}")
    print(f"{'all':28} {_labels(sum(by_rule.values(), Counter[str]()))}", "", *details, sep="\n")


def _labels(counts: Counter[str]) -> str:
    labelled = counts["right"] + counts["wrong"]
    share = f"{counts['right'] / labelled:.3f}" if labelled else "-"
    kinds = ("right", "wrong", "new", "gone right", "gone wrong")
    return "  ".join(f"{kind} {counts[kind]:4}" for kind in kinds) + f"  right/labelled {share}"


def _row(name: str, count: Counter[str]) -> str:
    recall = count["found"] / count["read"] if count["read"] else 1.0
    precision = 1 - count["wrong"] / count["listed"] if count["listed"] else 1.0
    numbers = f"{count['read']:5} {count['listed']:6} {count['found']:6} {count['wrong']:6}"
    return f"{name:28} {numbers} {recall:7.3f} {precision:9.3f}"


def _match(read: list[Key], listed: list[Listed]) -> tuple[list[Listed], list[Key]]:
    """Return the listed calls that no entry of the reading stands for, and the entries that none was listed for."""
    left = list(read)
    wrong = []
    for one in listed:
        mine = next((key for key in left if one.covers(key)), None)
        if mine is None:
            wrong.append(one)
        else:
            left.remove(mine)
    return wrong, left


def _run(root: Path, paths: list[str]) -> Run:
    return run(paths, Settings(root=str(root)))


def _listed(done: Run, root: Path) -> Iterator[Listed]:
    """Yield the model calls, without the callers of functions that reach one."""
    for call in done.calls:
        if call.through is None:
            path, cell, line = _place(call.place, root)
            yield Listed(
                path, cell, line, call.place.end_line, f"{call.title} {call.operation}: {call.subject}"
            )


def _place(place: Place, root: Path) -> Key:
    return (
        os.path.relpath(os.path.abspath(place.path), root).replace(os.sep, "/"),
        place.cell or 0,
        place.line,
    )


def _key(entry: dict[str, Any]) -> Key:
    return entry["path"], entry.get("cell", 0), entry["line"]


def _shown(key: Key) -> str:
    path, cell, line = key
    return f"{path}:{f'cell {cell}:' if cell else ''}{line}"


def _load(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((READINGS / name).read_text(encoding="utf-8"))
    return loaded


def _repositories() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads(
        (READINGS / "repositories.json").read_text(encoding="utf-8")
    )
    return loaded


def _present(folder: Path, names: list[str]) -> Iterator[tuple[str, Path, list[str]]]:
    """Yield name, root and paths of each reading whose source is there."""
    for name in names:
        root = (folder / Path(name).name).resolve()
        if not root.is_dir():
            print(f"{name:28} not there: {root}", file=sys.stderr)
            continue
        sample = _repositories().get(name, {}).get("notebooks")
        yield name, root, [str(root / path) for path in sample] if sample else [str(root)]


def _download(name: str, folder: Path) -> None:
    """Fetch the release that a reading was made of and unpack it, the sdist where the reading was made of one."""
    project, _, version = name.rpartition("-")
    form = ("--no-binary", project) if name in SDISTS else ("--only-binary", ":all:")
    with tempfile.TemporaryDirectory() as parcel:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *form, "-d", parcel]
        subprocess.run([*command, f"{project}=={version}"], check=True)
        (file,) = Path(parcel).iterdir()
        if file.suffix == ".whl":
            with zipfile.ZipFile(file) as wheel:
                wheel.extractall(folder / name)
        else:
            with tarfile.open(file) as sdist:
                sdist.extractall(folder, filter="data")
            (folder / file.name.removesuffix(".tar.gz")).rename(folder / name)


if __name__ == "__main__":
    main()
