"""Measure the embedded name model: python benchmarks/names.py PATH … [--threshold T] [--show N].

A PATH that ends in .json (presidio-research), .jsonl or .conll is a labelled set: precision, recall and F1 by
token and by exact span are printed. Any other file, or every text file below a folder, is taken as text
without names: false alarms per KB, and speed. Without --model the shipped model is measured.
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from callsafe.redaction.names import NameModel
from callsafe.redaction.names.model import MODEL_PATH

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from names_corpora import Labelled, read

LABELS = ("PERSON", "LOCATION", "ORGANIZATION")
TEXT = (".py", ".md", ".rst", ".txt")


def score(
    model: NameModel, texts: Iterable[Labelled], threshold: float
) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return (precision, recall, F1) per label and level (`token`: single words; `span`: exact spans)."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for text, gold in texts:
        found = [(s.start, s.end, s.label) for s in model.find(text, threshold=threshold, labels=LABELS)]
        for label in LABELS:
            for level, pick in (("span", _exact), ("token", _words)):
                truth, guess = pick(text, gold, label), pick(text, found, label)
                counter = counts[label, level]
                counter["hit"] += len(truth & guess)
                counter["truth"] += len(truth)
                counter["guess"] += len(guess)
    result = {}
    for key, counter in counts.items():
        precision = counter["hit"] / max(1, counter["guess"])
        recall = counter["hit"] / max(1, counter["truth"])
        result[key] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    return result


def _exact(_: str, spans: list[tuple[int, int, str]], label: str) -> set[tuple[int, int]]:
    return {(start, end) for start, end, kind in spans if kind == label}


def _words(text: str, spans: list[tuple[int, int, str]], label: str) -> set[tuple[int, int]]:
    words = set()
    for start, end, kind in spans:
        if kind == label:
            words |= {(m.start() + start, m.end() + start) for m in re.finditer(r"[^\W_]+", text[start:end])}
    return words


def plain_files(path: Path, skipped: Iterable[str]) -> Iterator[Path]:
    """Yield the text files of a path that are in none of the folders of these names."""
    if path.is_file():
        yield path
        return
    yield from sorted(
        file
        for file in path.rglob("*")
        if file.suffix in TEXT and not {*skipped} & {*file.relative_to(path).parts} and file.is_file()
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument("--model", type=Path, default=MODEL_PATH)
    parser.add_argument("--show", type=int, default=0, help="print so many false alarms, drawn at random")
    parser.add_argument("--skip", nargs="*", default=[], help="names of folders to leave out")
    parser.add_argument("--limit", type=float, default=5e6, help="characters of text without names to read")
    arguments = parser.parse_args()

    opened = []
    for _ in range(5):
        begun = time.process_time()
        model = NameModel(arguments.model)
        opened.append((time.process_time() - begun) * 1e3)
    size = arguments.model.stat().st_size / 1e6
    print(f"model {size:.2f} MB, opens in {statistics.median(opened):.1f} ms of processor time")
    for path in arguments.paths:
        if path.suffix in (".json", ".jsonl", ".conll"):
            texts = list(read(path))
            begun = time.process_time()
            figures = score(model, texts, arguments.threshold)
            print(f"{path.name}: {len(texts)} texts")
            for (label, level), (precision, recall, f1) in figures.items():
                print(f"  {label:13}{level:6} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}")
            continue
        read_in, spent = 0, 0.0
        alarms: dict[str, list[str]] = defaultdict(list)
        for file in plain_files(path, arguments.skip):
            text = file.read_text(encoding="utf-8", errors="replace")
            begun = time.process_time()
            spans = model.find(text, threshold=arguments.threshold)
            spent += time.process_time() - begun
            read_in += len(text)
            for span in spans:
                around = " ".join(text[max(0, span.start - 50) : span.start].split())
                after = " ".join(text[span.end : span.end + 30].split())
                alarms[span.label].append(
                    f"{span.score:.2f} …{around} ⟦{text[span.start : span.end]}⟧ {after}…"
                )
            if read_in > arguments.limit:
                break
        per_kb = {
            label: f"{len(found) * 1024 / max(1, read_in):.4f}" for label, found in sorted(alarms.items())
        }
        print(
            f"{path}: {read_in / 1e6:.2f} MB, names per KB {per_kb}, "
            f"{spent * 1024e3 / max(1, read_in):.2f} ms/KB"
        )
        for label, found in sorted(alarms.items()):
            for line in random.Random(1).sample(found, min(arguments.show, len(found))):
                print(f"  {label[:3]} {line}")


if __name__ == "__main__":
    main()
