"""The embedded name model: a linear-chain conditional random field with its own decoder and no dependency.

The weights come from `scripts/train_names.py` (python-crfsuite, L-BFGS). Decoding is the forward-backward
algorithm (Rabiner 1989; Lafferty, McCallum and Pereira 2001) over four labels and over candidate runs only.
"""

import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import exp
from pathlib import Path
from typing import NamedTuple

from callsafe.redaction.names import features
from callsafe.redaction.names.recurrence import recurrences, teaches
from callsafe.redaction.names.tokens import Kind, Token, tokenize

LABELS = ("O", "PERSON", "LOCATION", "ORGANIZATION")
MODEL_PATH = Path(__file__).with_name("names.crf")

_MAGIC = b"callsafe names 1\n"
_HEADER = struct.Struct("<III16h")
_SCALE = 200.0  # weights are stored as 1/200
_LEAST = 20  # weaker weights are left out: no loss on the held-out sets, and it opens faster
_CACHED = 1 << 14

_TECHNICAL = 0.08  # share of tokens that are code from which a text is technical
_TRADE, _ODD = 0.1, 0.25  # how much of the doubt that the threshold allows is left to unlikely spans
_PEOPLE = features.GIVEN | features.FAMILY
_LISTED = _PEOPLE | features.PLACE | features.COUNTRY

_PERSON = LABELS.index("PERSON")

Vector = tuple[int, ...]
_Found = tuple[int, int, int, float]  # first token, token after the last, label, score


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name in a text: `start:end` in characters, its label, a score in 0..1 (highest token probability)."""

    start: int
    end: int
    label: str
    score: float


class Weights(NamedTuple):
    """What training hands over: weights per feature and label, of label pairs, and the gazetteer's bits."""

    features: Mapping[str, Iterable[float]]
    transitions: Iterable[Iterable[float]]
    gazetteer: Mapping[str, int]


def pack(weights: Weights) -> bytes:
    """Return the model file's bytes: fixed-point weights; the gazetteer as sorted CRC-32 sums with bits."""
    rows = {
        name: tuple(max(-32768, min(32767, round(value * _SCALE))) for value in row)
        for name, row in sorted(weights.features.items())
    }
    rows = {name: row for name, row in rows.items() if max(map(abs, row)) >= _LEAST}
    words = sorted((zlib.crc32(word.encode()), bits) for word, bits in weights.gazetteer.items())
    names = "\0".join(rows).encode("utf-8", "surrogatepass")
    numbers = [value for column in range(len(LABELS)) for value in (row[column] for row in rows.values())]
    transitions = [round(value * _SCALE) for row in weights.transitions for value in row]
    body = b"".join(
        (
            _HEADER.pack(len(rows), len(names), len(words), *transitions),
            struct.pack(f"<{len(numbers)}h", *numbers),
            struct.pack(f"<{len(words)}I", *(word for word, _ in words)),
            struct.pack(f"<{len(words)}H", *(bits for _, bits in words)),
            names,
        )
    )
    return _MAGIC + zlib.compress(body, 9)


def _numbers(code: str, data: bytes) -> "array[int]":
    numbers = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


class NameModel:
    """Finds names of people, places and organizations in English-like text; thread-safe.

    Opening costs some 20 ms; use `load()` for the process's one model.
    """

    def __init__(self, path: Path = MODEL_PATH) -> None:
        """Open a model file; raises OSError where it cannot be read, ValueError where it is no model."""
        data = path.read_bytes()
        if not data.startswith(_MAGIC):
            raise ValueError(f"{path.name} is no name model of this version: install callsafe again")
        body = zlib.decompress(data[len(_MAGIC) :])
        rows, size, words, *transitions = _HEADER.unpack_from(body)
        at = _HEADER.size
        width = 2 * rows
        columns = []
        for _ in LABELS:
            columns.append(_numbers("h", body[at : at + width]))
            at += width
        self._hashes = _numbers("I", body[at : at + 4 * words])
        at += 4 * words
        self._bits = _numbers("H", body[at : at + 2 * words])
        at += 2 * words
        names = body[at : at + size].decode("utf-8", "surrogatepass").split("\0")
        self._columns = tuple(columns)
        self._rows = dict(zip(names, range(rows), strict=True))
        factors = [exp(value / _SCALE) for value in transitions]
        self._transitions = tuple(tuple(factors[n : n + 4]) for n in range(0, 16, 4))
        self._describe = lru_cache(_CACHED)(self._describe_uncached)
        self._own = lru_cache(_CACHED)(lambda word: self._sum(features.own(word)))
        self._beside = lru_cache(_CACHED)(lambda word, offset: self._sum(features.beside(word, offset)))

    def __repr__(self) -> str:
        return f"NameModel({len(self._rows)} features)"

    def find(
        self,
        text: str,
        *,
        threshold: float = 0.5,
        labels: Collection[str] = ("PERSON", "LOCATION"),
        known: Collection[str] = frozenset(),
    ) -> list[NameSpan]:
        """Return the names in a text, in order and without overlaps.

        `threshold` (0..1) is the recall knob: lower finds more. `labels` are of PERSON, LOCATION,
        ORGANIZATION. `known` are names of persons that the conversation already has: they, their given names
        and their surnames are found again whatever the threshold, as are those of names that are certain
        elsewhere in the text.
        """
        tokens = tokenize(text)
        words = [self._describe(token.text) for token in tokens]
        wanted = [n for n, label in enumerate(LABELS) if n and label in labels]
        spans: list[_Found] = []
        technical = sum(token.kind is Kind.CODE for token in tokens) > _TECHNICAL * len(tokens)
        for start, stop in features.runs(tokens, words):
            found = _spans(words, start, self._marginals(words, start, stop), wanted, threshold)
            spans += [
                span for span in found if span[3] >= _required(words[span[0] : span[1]], technical, threshold)
            ]
        if "PERSON" in labels:
            spans = _with_recurrences(text, tokens, words, spans, known)
        return [
            NameSpan(tokens[first].start, tokens[last - 1].end, LABELS[label], round(score, 4))
            for first, last, label, score in spans
        ]

    def _describe_uncached(self, text: str) -> features.Word:
        return features.describe(text, self._lookup)

    def _lookup(self, word: str) -> int:
        key = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        at = bisect_left(self._hashes, key)
        return self._bits[at] if at < len(self._hashes) and self._hashes[at] == key else 0

    def _sum(self, names: Iterable[str]) -> Vector:
        """Return the sums of the features' weights, a number for each label."""
        o, p, l, g = 0, 0, 0, 0  # noqa: E741 - labels O, PERSON, LOCATION, ORGANIZATION
        find = self._rows.get
        outside, person, location, group = self._columns
        for name in names:
            at = find(name)
            if at is not None:
                o += outside[at]
                p += person[at]
                l += location[at]  # noqa: E741
                g += group[at]
        return o, p, l, g

    def _marginals(self, words: list[features.Word], start: int, stop: int) -> list[tuple[float, ...]]:
        """Return the probability of each label for each token of a run."""
        own, beside, edge, n = self._own, self._beside, features.EDGE, len(words)
        potentials = []
        for index, extra in enumerate(features.run_features(words, start, stop), start):
            rows = [
                own(words[index]),
                beside(words[index - 2] if index > 1 else edge, "-2"),
                beside(words[index - 1] if index else edge, "-1"),
                beside(words[index + 1] if index + 1 < n else edge, "1"),
                beside(words[index + 2] if index + 2 < n else edge, "2"),
            ]
            rows.append(self._sum(extra))
            sums = tuple(map(sum, zip(*rows, strict=True)))
            top = max(sums)
            potentials.append([exp((value - top) / _SCALE) for value in sums])
        return _forward_backward(potentials, self._transitions)


def _forward_backward(
    potentials: list[list[float]], transitions: tuple[tuple[float, ...], ...]
) -> list[tuple[float, ...]]:
    (oo, op, ol, og), (po, pp, pl, pg), (lo, lp, ll, lg), (go, gp, gl, gg) = transitions
    forward = []
    o, p, l, g = potentials[0]  # noqa: E741 - labels O, PERSON, LOCATION, ORGANIZATION
    for at, (eo, ep, el, eg) in enumerate(potentials):
        if at:
            o, p, l, g = (  # noqa: E741
                eo * (o * oo + p * po + l * lo + g * go),
                ep * (o * op + p * pp + l * lp + g * gp),
                el * (o * ol + p * pl + l * ll + g * gl),
                eg * (o * og + p * pg + l * lg + g * gg),
            )
        total = o + p + l + g
        o, p, l, g = o / total, p / total, l / total, g / total  # noqa: E741
        forward.append((o, p, l, g))
    marginals: list[tuple[float, ...]] = [forward[-1]]
    o = p = l = g = 1.0  # noqa: E741
    for at in range(len(potentials) - 2, -1, -1):
        eo, ep, el, eg = potentials[at + 1]
        o, p, l, g = o * eo, p * ep, l * el, g * eg  # noqa: E741
        o, p, l, g = (  # noqa: E741
            oo * o + op * p + ol * l + og * g,
            po * o + pp * p + pl * l + pg * g,
            lo * o + lp * p + ll * l + lg * g,
            go * o + gp * p + gl * l + gg * g,
        )
        total = o + p + l + g
        o, p, l, g = o / total, p / total, l / total, g / total  # noqa: E741
        fo, fp, fl, fg = forward[at]
        total = fo * o + fp * p + fl * l + fg * g
        marginals.append((fo * o / total, fp * p / total, fl * l / total, fg * g / total))
    marginals.reverse()
    return marginals


def _spans(
    words: list[features.Word],
    start: int,
    marginals: list[tuple[float, ...]],
    wanted: list[int],
    threshold: float,
) -> list[_Found]:
    """Return the spans of a run: tokens above the threshold, with their neighbours above half of it."""
    best = [max(wanted, key=row.__getitem__) for row in marginals] if wanted else []
    spans = []
    index = 0
    while index < len(best):
        label = best[index]
        if marginals[index][label] < threshold / 2:
            index += 1
            continue
        stop = index + 1
        while stop < len(best) and best[stop] == label and marginals[stop][label] >= threshold / 2:
            stop += 1
        score = max(row[label] for row in marginals[index:stop])
        first, last = start + index, start + stop
        index = stop
        if score < threshold:
            continue
        while first < last and not _may_begin(words[first], label):
            first += 1
        while last > first and words[last - 1].lower in features.JOINERS:
            last -= 1
        if first < last:
            spans.append((first, last, label, score))
    return spans


def _required(words: list[features.Word], technical: bool, threshold: float) -> float:
    """Return the score that a span needs: more where names are rarer than in the texts of the training.

    That is a span with terms of the trade ("Claude", "Jenkins") and no other name of people, and in a
    text with code in it a span without capitals or without any listed name.
    """
    others = [word for word in words if not word.bits & features.PRODUCT]
    if len(others) < len(words) and not any(word.bits & _PEOPLE for word in others):
        return 1 - _TRADE * (1 - threshold)
    if technical and not (any(word.bits & _LISTED for word in words) and any(word.upper for word in words)):
        return 1 - _ODD * (1 - threshold)
    return threshold


def _with_recurrences(
    text: str, tokens: list[Token], words: list[features.Word], spans: list[_Found], known: Collection[str]
) -> list[_Found]:
    """Add later and earlier occurrences of known names and of the text's own sure names."""
    names = set(known)
    for first, last, label, score in spans:
        if label == _PERSON and teaches(words[first:last], score):
            names.add(text[tokens[first].start : tokens[last - 1].end])
    if not names:
        return spans
    again = list(recurrences(tokens, words, names))
    if not again:
        return spans
    merged: list[_Found] = []
    taken = {index for first, last, label, _ in spans for index in range(first, last)}
    for first, last, score in again:
        if taken.isdisjoint(range(first, last)):
            merged.append((first, last, _PERSON, score))
    return sorted(spans + merged)


def _may_begin(word: features.Word, label: int) -> bool:
    if not word.alpha:
        return False
    return not (label == _PERSON and word.lower in features.TITLES)


@cache
def load() -> NameModel:
    """Return the process's name model, opened at the first call."""
    return NameModel()
