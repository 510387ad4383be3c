"""Measures detection: parity with Presidio, speed beside Presidio in the same run, quality, false alarms.

    python benchmarks/detection.py [LABELLED.json] [--plain FOLDER] [--names]

LABELLED is a JSON list of `{"full_text": …, "spans": [{"entity_type", "start_position", "end_position"}]}`
(the form of presidio-research); without it, text is generated. FOLDER holds documentation or source that has
hardly any personal data: every find is counted and the first of each entity are shown. Times are CPU
milliseconds per KB, the best of a few.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

PROSE = """\
The committee met on the second floor of the old library, as it had done every month since the spring of
2011. Most of those present had read the draft, some had even written in its margins, and for once nobody
asked to put the decision off. The question was simple enough: should the town keep the small ferry, which
lost money in every winter, or build the footbridge that three engineers had drawn and two councils had
refused? The ferryman sat at the back and said nothing. He had taken people across for 26 years, in fog and
in high water, and knew better than anyone how often the boat went empty after seven in the evening.

A bridge, said the chair, would cost about 4 million and last a hundred years. A ferry costs a little each
year and lasts as long as somebody is willing to get up at five. There was a long silence in which the
radiators could be heard. Then the youngest member, who taught geography at the school on the other bank,
asked what would happen to the children if the boat stopped one year before the bridge was finished. Nobody
had thought of that; version 3 of the plan did not mention it either. They agreed to come back to the matter
in the autumn, with a table of what each way would cost, and went home along the river, where the lamps had
just been lit.
"""
DENSE = (
    "Reach Jane at jane.doe@example.org or (212) 555-0142, card 4242 4242 4242 4242, SSN 219-08-9998, "
    "IBAN DE89 3704 0044 0532 0130 00, from 81.2.69.142 on 2024-03-14; she was born on 14 March 1985 and "
    "lives at 12 Old Mill Road. "
)
SAME = {"ADDRESS": "LOCATION", "STREET_ADDRESS": "LOCATION", "GPE": "LOCATION", "DATE_OF_BIRTH": "DATE_TIME"}
"""Labels that are compared as one: an address is a place, a date of birth a date."""
SUPPORTED = {
    "PERSON",
    "LOCATION",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "CREDIT_CARD",
    "IBAN_CODE",
    "IP_ADDRESS",
    "US_SSN",
}


def best(work: Callable[[], object], seconds: float = 1.0) -> float:
    """Return the least CPU time of a few runs, in seconds."""
    least, until = float("inf"), time.monotonic() + seconds
    while True:
        start = time.process_time()
        work()
        least = min(least, time.process_time() - start)
        if time.monotonic() > until:
            return least


def plain_presidio() -> tuple[Any, Any, list[Any]]:
    """Make Presidio with its default recognizers, once with no tokens and once with words for its context."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NoOpNlpEngine
    from presidio_analyzer.predefined_recognizers import EmailRecognizer
    from presidio_analyzer.recognizer_registry import RecognizerRegistry

    from callsafe.redaction.detect.nlp import TokenNlpEngine
    from callsafe.redaction.detect.presidio import _has_domain

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers()
    registry.remove_recognizer("SpacyRecognizer")
    for recognizer in registry.recognizers:
        if isinstance(recognizer, EmailRecognizer):
            setattr(recognizer, "validate_result", _has_domain)  # noqa: B010 - its own opens a connection
    bare = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])
    bare.load()
    return (
        AnalyzerEngine(registry=registry, nlp_engine=bare),
        AnalyzerEngine(registry=registry, nlp_engine=TokenNlpEngine()),
        list(registry.recognizers),
    )


def parity(texts: Iterable[str]) -> None:
    """Compare spans, types and scores of plain Presidio with the gate's, and with the data rules'."""
    from callsafe.redaction.detect import Detector
    from callsafe.redaction.detect.presidio import GatedAnalyzer

    _, worded, recognizers = plain_presidio()
    gated = GatedAnalyzer(recognizers)
    shared = {"EMAIL_ADDRESS", "IBAN_CODE", "CRYPTO", "US_SSN", "IP_ADDRESS", "MAC_ADDRESS"}
    detector = Detector(names=False, labels=shared)
    total = differ = 0
    only: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        items = worded.analyze(text, "en")
        theirs = {(item.entity_type, item.start, item.end, round(item.score, 6)) for item in items}
        ours = {(span.label, span.start, span.end, round(span.score, 6)) for span in gated.analyze(text)}
        total += len(theirs)
        differ += len(theirs ^ ours)
        certain = {item[:3] for item in theirs if item[0] in shared and item[3] >= 0.4}
        rules = {(span.label, span.start, span.end) for span in detector.find(text)}
        for label, *_ in certain & rules:
            only[label]["both"] += 1
        for label, *_ in certain - rules:
            only[label]["presidio only"] += 1
        for label, *_ in rules - certain:
            only[label]["data rules only"] += 1
    print(f"parity: {total} spans of plain Presidio, {differ} differ behind the gate (span, type or score)")
    for label in sorted(only):
        print(f"  data rules beside Presidio  {label:14} {dict(only[label])}")


def speed(dense: str, *, names: bool) -> None:
    """Time plain Presidio, the gate, and the detector on the same texts in one run."""
    from callsafe.redaction.detect import Detector
    from callsafe.redaction.detect.presidio import GatedAnalyzer

    bare, worded, recognizers = plain_presidio()
    gated, detector = GatedAnalyzer(recognizers), Detector(names=False)
    ways: list[tuple[str, Callable[[str], object]]] = [
        ("Presidio, no model, no context", lambda text: bare.analyze(text, "en")),
        ("Presidio, no model, context", lambda text: worded.analyze(text, "en")),
        ("the same recognizers, gated", gated.analyze),
        ("Detector, rules and credentials", detector.find),
    ]
    if names:
        ways.append(("Detector with names", Detector().find))
    print("speed: CPU ms per KB")
    print(f"  {'':34}{'prose 1 KB':>12}{'prose 100 KB':>14}{'dense 1 KB':>12}{'dense 100 KB':>14}")
    for title, way in ways:
        row = []
        for unit in (PROSE, dense):
            for size in (1024, 102_400):
                text = (unit * (size // len(unit) + 1))[:size]
                way(text)
                row.append(best(lambda way=way, text=text: way(text)) * 1000 / (size / 1024))  # type: ignore[misc]
        print(f"  {title:34}{row[0]:12.3f}{row[1]:14.3f}{row[2]:12.3f}{row[3]:14.3f}")
    for title, unit in (("prose", PROSE), ("dense", dense)):
        rates = []
        for size in (10_240, 102_400, 1_048_576):
            text = (unit * (size // len(unit) + 1))[:size]
            rates.append(f"{best(lambda text=text: detector.find(text), 0.1) * 1000 / (size / 1024):.3f}")  # type: ignore[misc]
        print(f"  Detector, {title}, ms per KB at 10 KB, 100 KB, 1 MB: {', '.join(rates)}")


def quality(samples: list[dict[str, Any]], *, names: bool) -> None:
    """Print precision, recall and F2 per entity over tokens, as presidio-research counts them."""
    from callsafe.redaction.detect import Detector

    detector = Detector(names=names)
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    given: Counter[str] = Counter()
    spans: dict[str, Counter[str]] = defaultdict(Counter)
    for sample in samples:
        text = sample["full_text"]
        marks = [
            (mark["start_position"], mark["end_position"], SAME.get(mark["entity_type"], mark["entity_type"]))
            for mark in sample["spans"]
        ]
        finds = [(span.start, span.end, SAME.get(span.label, span.label)) for span in detector.find(text)]
        for token in re.finditer(r"\w+|[^\w\s]", text):
            gold = next((label for start, end, label in marks if start <= token.start() < end), "")
            mine = next((label for start, end, label in finds if start <= token.start() < end), "")
            given[gold] += 1
            found[mine] += 1
            right[gold] += gold == mine
        for start, end, label in marks:
            whole = any(find[2] == label and find[0] <= start and find[1] >= end for find in finds)
            spans[label]["whole" if whole else "not whole"] += 1
    print("quality: over tokens, and labelled spans covered whole by their own label")
    labels = sorted(label for label in given if label)
    for label in labels:
        covered = f"whole {spans[label]['whole']} of {spans[label].total()}"
        print(f"  {label:18} {_figures(right[label], found[label], given[label])}  {covered}")
    kept = [label for label in labels if label in SUPPORTED]
    totals = [sum(counter[label] for label in kept) for counter in (right, found, given)]
    print(f"  {'all supported':18} {_figures(*totals)}")
    kept.remove("LOCATION")
    totals = [sum(counter[label] for label in kept) for counter in (right, found, given)]
    print(f"  {'without LOCATION':18} {_figures(*totals)}")


def _figures(right: int, found: int, given: int) -> str:
    precision, recall = right / found if found else 0.0, right / given if given else 0.0
    f2 = 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0
    return f"P {precision:.3f}  R {recall:.3f}  F2 {f2:.3f}  ({given} tokens)"


def false_alarms(folder: Path, *, names: bool) -> None:
    """Count what is found in text that has hardly any personal data, and show the first of each entity."""
    from callsafe.redaction.detect import Detector

    detector = Detector(names=names)
    counts: Counter[str] = Counter()
    shown: dict[str, list[str]] = defaultdict(list)
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".md", ".rst", ".txt", ".py"):
            continue
        text = path.read_text("utf-8", errors="replace")
        size += len(text)
        for span in detector.find(text):
            counts[span.label] += 1
            if len(shown[span.label]) < 8:
                shown[span.label].append(f"{path.name}: {text[span.start : span.end]!r}")
    print(f"false alarms: {size / 1024:.0f} KB")
    for label, count in counts.most_common():
        print(f"  {label:18} {count:6}  {count / (size / 1024):.4f} per KB")
        for line in shown[label]:
            print(f"      {line}")


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", nargs="?", type=Path)
    parser.add_argument("--plain", type=Path)
    parser.add_argument("--names", action="store_true", help="with the embedded name model")
    given = parser.parse_args()
    if given.plain is not None:
        false_alarms(given.plain, names=given.names)
        return
    samples = json.loads(given.labelled.read_text("utf-8")) if given.labelled else []
    texts = [sample["full_text"] for sample in samples] or [PROSE, DENSE]
    parity(texts)
    speed("\n".join(texts)[:20_000] if samples else DENSE, names=given.names)
    if samples:
        quality(samples, names=given.names)


if __name__ == "__main__":
    main()
