"""Texts with labelled names, read from files.

Used by train_names.py and by benchmarks/names.py. A labelled text is `(text, spans)`, a span is
`(start, end, label)` with character offsets and the labels PERSON, LOCATION, ORGANIZATION.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Span = tuple[int, int, str]
Labelled = tuple[str, list[Span]]

LABELS = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "LOC": "LOCATION",
    "LOCATION": "LOCATION",
    "GPE": "LOCATION",
    "ORG": "ORGANIZATION",
    "ORGANIZATION": "ORGANIZATION",
    "CORPORATION": "ORGANIZATION",
    "GROUP": "ORGANIZATION",
}

_NO_SPACE_BEFORE = re.compile(r"^(?:[,.!?;:)\]}%…]+|'s|’s|n't|'(?:m|re|ve|ll|d|t))$")
_NO_SPACE_AFTER = frozenset("([{$#")


def read_conll(path: Path) -> Iterator[Labelled]:
    """Read a CoNLL file, a sentence at a time; the tag stands last (`B-PER`, `I-location`, `O`)."""
    rows: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        columns = line.split("\t") if "\t" in line else line.split(" ")
        if len(columns) > 1 and columns[0].strip() and not line.startswith("-DOCSTART-"):
            rows.append((columns[0].strip(), columns[-1].strip()))
        elif not line.strip() and rows:
            yield _sentence(rows)
            rows = []


def _sentence(rows: list[tuple[str, str]]) -> Labelled:
    text, spans = "", list[Span]()
    opened: list[Any] | None = None
    quoted = glued = False
    for token, tag in rows:
        if token in ("``", "''"):
            token = '"'
        space = bool(text) and not glued and not _NO_SPACE_BEFORE.match(token)
        glued = token in _NO_SPACE_AFTER
        handle = text.endswith("@") and len(token) > 1
        if handle:
            space = False
        if token == '"':
            space = not quoted and bool(text)
            glued = quoted = not quoted
        text += " " if space else ""
        start = len(text)
        text += token
        label = None if handle or token[0] == "@" else LABELS.get(tag[2:].upper())
        if label and token[0] == "#" and len(token) > 1:
            start += 1
        if label and opened and opened[2] == label and not tag.startswith("B-"):
            opened[1] = len(text)
            continue
        if opened:
            spans.append((opened[0], opened[1], opened[2]))
        opened = [start, len(text), label] if label else None
    if opened:
        spans.append((opened[0], opened[1], opened[2]))
    return text, spans


def read_presidio(path: Path) -> Iterator[Labelled]:
    """Read a presidio-research data set; titles labelled on their own and street addresses are left out."""
    for record in json.loads(path.read_text(encoding="utf-8")):
        spans = [
            (span["start_position"], span["end_position"], LABELS[span["entity_type"]])
            for span in record["spans"]
            if span["entity_type"] in LABELS
            and not re.fullmatch(r"(?:Mr|Mrs|Ms|Dr|Miss)\.?", span["entity_value"])
        ]
        yield record["full_text"], sorted(spans)


def read_jsonl(path: Path) -> Iterator[Labelled]:
    """Read JSON lines `{"text": …, "spans": [[start, end, label], …]}`."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        yield record["text"], [(s, e, LABELS[label]) for s, e, label in record["spans"] if label in LABELS]


def read(path: Path) -> Iterator[Labelled]:
    """Read a labelled file by its ending: .json (presidio-research), .jsonl, anything else as CoNLL."""
    return {".json": read_presidio, ".jsonl": read_jsonl}.get(path.suffix, read_conll)(path)


def joined(texts: Iterable[Labelled], rng: random.Random, separators: tuple[str, ...]) -> Iterator[Labelled]:
    """Yield texts of one to four consecutive ones, some of them wrapped into lines."""
    parts = list(texts)
    index = 0
    while index < len(parts):
        size = rng.choice((1, 1, 2, 3, 4))
        text, spans = "", list[Span]()
        for part, marks in parts[index : index + size]:
            text += rng.choice(separators) if text else ""
            spans += [(start + len(text), end + len(text), label) for start, end, label in marks]
            text += part
        index += size
        yield (wrapped(text, rng.randint(50, 100)) if rng.random() < 0.3 else text), spans


def wrapped(text: str, width: int) -> str:
    """Replace spaces by line breaks so that lines stay within a width; no offset changes."""
    characters = list(text)
    begin, space = 0, -1
    for index, character in enumerate(characters):
        if character == "\n":
            begin, space = index + 1, -1
        elif character == " ":
            space = index
        if index - begin >= width and space > begin:
            characters[space] = "\n"
            begin, space = space + 1, -1
    return "".join(characters)
