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
from functools import cache, lru_cache, partial
from math import exp
from pathlib import Path
from typing import NamedTuple

from callsafe.redaction.names import features
from callsafe.redaction.names.recurrence import present, recurrences
from callsafe.redaction.names.spans import (
    DEFAULT_THRESHOLD,
    LABELS,
    NAMES,
    PERSON,
    Found,
    identifiers_of,
    introduced,
    limits_of,
    required,
    required_in_code,
    spans_of,
    with_nicknames,
    with_recurrences,
)
from callsafe.redaction.names.tokens import Kind, Token, tokenize

MODEL_PATH = Path(__file__).with_name("names.crf")

_MAGIC = b"callsafe names 3\n"
_HEADER = struct.Struct("<IIII16h")
_SCALE = 200.0  # weights are stored as 1/200
_LEAST = 20  # weaker weights are left out: no loss on the held-out sets, and it opens faster
_CACHED = 1 << 14
_FIELD = 21  # bits of each label's number in a packed one
_HALF, _FULL = 1 << _FIELD - 1, (1 << _FIELD) - 1
_MOST = 8000  # a larger weight is cut to this: the sums of the 122 features that a token can have fit a field

_TECHNICAL = 0.08  # share of tokens that are code from which a text is technical


Packed = int
"""The weights of PERSON, LOCATION and ORGANIZATION above that of no name, each in a field: `p + (l << 21) + (g << 42)`.

Packed numbers add up field by field, so one built-in `sum` adds the weights of all labels.
"""


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A name in a text: `start:end` in characters, its label, a score in 0..1 (highest token probability)."""

    start: int
    end: int
    label: str
    score: float


class Weights(NamedTuple):
    """What training hands over: weights per feature and label, of label pairs, and what is known of words."""

    features: Mapping[str, Iterable[float]]
    transitions: Iterable[Iterable[float]]
    entries: Mapping[str, features.Entry]


def pack(weights: Weights) -> bytes:
    """Return the model file's bytes: fixed-point weights; words as sorted CRC-32 sums with their entries."""
    rows = {
        name: [max(-_MOST, min(_MOST, round((value - none) * _SCALE))) for value in others]
        for name, (none, *others) in sorted(weights.features.items())
    }
    rows = {name: row for name, row in rows.items() if max(map(abs, row)) >= _LEAST}
    paths = sorted({path for entry in weights.entries.values() for path in (entry.title, entry.lower)} | {""})
    number = {path: index for index, path in enumerate(paths)}
    words = sorted(
        (
            zlib.crc32(word.encode()),
            entry.bits,
            entry.case << 13 | entry.often << 10 | number[entry.title],
            number[entry.lower],
        )
        for word, entry in weights.entries.items()
    )
    names = "\0".join(rows).encode("utf-8", "surrogatepass")
    numbers = [sum(value << _FIELD * n for n, value in enumerate(row)) for row in rows.values()]
    transitions = [round(value * _SCALE) for row in weights.transitions for value in row]
    body = b"".join(
        (
            _HEADER.pack(len(rows), len(names), len(words), len(paths), *transitions),
            struct.pack(f"<{len(numbers)}q", *numbers),
            struct.pack(f"<{len(words)}I", *(word[0] for word in words)),
            *(struct.pack(f"<{len(words)}H", *(word[n] for word in words)) for n in (1, 2, 3)),
            struct.pack(f"<{len(paths)}I", *(int("1" + path, 2) for path in paths)),
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
        rows, size, words, paths, *transitions = _HEADER.unpack_from(body)
        at = _HEADER.size
        weights = _numbers("q", body[at : at + 8 * rows])
        at += 8 * rows
        self._hashes = _numbers("I", body[at : at + 4 * words])
        at += 4 * words
        self._bits, self._titles, self._lowers = (
            _numbers("H", body[begin : begin + 2 * words]) for begin in range(at, at + 6 * words, 2 * words)
        )
        at += 6 * words
        self._paths = [f"{path:b}"[1:] for path in _numbers("I", body[at : at + 4 * paths])]
        at += 4 * paths
        names = body[at : at + size].decode("utf-8", "surrogatepass").split("\0")
        self._weights = dict(zip(names, weights, strict=True))
        factors = [exp(value / _SCALE) for value in transitions]
        self._transitions = tuple(tuple(factors[n : n + 4]) for n in range(0, 16, 4))
        self._describe = lru_cache(_CACHED)(self._describe_uncached)
        self._own = lru_cache(_CACHED)(self._own_uncached)
        self._beside = tuple(
            lru_cache(_CACHED)(partial(self._beside_uncached, n)) for n in ("-2", "-1", "1", "2")
        )

    def __repr__(self) -> str:
        return f"NameModel({len(self._weights)} features)"

    def find(
        self,
        text: str,
        *,
        threshold: float | Mapping[str, float] = DEFAULT_THRESHOLD,
        labels: Collection[str] = NAMES,
        known: Collection[str] = frozenset(),
    ) -> list[NameSpan]:
        """Return the names in a text, in order and without overlaps.

        `threshold` (0..1) is the recall knob, for all labels or by label: lower finds more. `labels` are of
        PERSON, LOCATION, ORGANIZATION; a place is never taken for a person because places are not asked for.
        `known` are names of persons that the conversation already has: they, their given names
        and their surnames are found again whatever the threshold, as are those of names that are certain
        elsewhere in the text.
        """
        tokens = tokenize(text)
        words = [self._describe(token.text) for token in tokens]
        wanted = [n for n, label in enumerate(LABELS) if n and (label in labels or label in NAMES)]
        limits = limits_of(threshold)
        spans: list[Found] = []
        code = sum(token.kind is Kind.CODE for token in tokens) + text.count("0x")
        technical = code > _TECHNICAL * len(tokens)
        for start, stop in features.runs(tokens, words):
            marginals = introduced(words, start, self._marginals(tokens, words, start, stop))
            spans += spans_of(words, start, marginals, wanted, limits)
        if spans:
            spans = with_nicknames(tokens, words, spans)
            identifiers = identifiers_of(text, tokens) if technical else frozenset()
            spans = [
                (first, last, label, score)
                for first, last, label, score in spans
                if score
                >= (
                    required_in_code(text, tokens, words, first, last, limits[label], identifiers)
                    if technical
                    else required(words[first:last], limits[label])
                )
            ]
        if "PERSON" in labels:
            spans = with_recurrences(text, tokens, words, spans, known, technical=technical)
        return [span for span in _named(tokens, spans) if span.label in labels]

    def find_known(self, text: str, known: Collection[str]) -> list[NameSpan]:
        """Return where these names of persons stand in a text, whole or in part, and nothing else."""
        known = present(text, known)
        if not known:
            return []
        tokens = tokenize(text)
        words = [self._describe(token.text) for token in tokens]
        found = recurrences(tokens, words, known)
        return _named(tokens, [(first, last, PERSON, score) for first, last, score in found])

    def _describe_uncached(self, text: str) -> features.Word:
        return features.describe(text, self._lookup)

    def _own_uncached(self, text: str) -> Packed:
        return self._sum(features.own(self._describe(text)))

    def _beside_uncached(self, offset: str, text: str) -> Packed:
        return self._sum(features.beside(self._describe(text), offset))

    def _lookup(self, word: str) -> features.Entry:
        key = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        at = bisect_left(self._hashes, key)
        if at == len(self._hashes) or self._hashes[at] != key:
            return features.UNKNOWN
        title, paths = self._titles[at], self._paths
        return features.Entry(
            self._bits[at], title >> 13, title >> 10 & 7, paths[title & 1023], paths[self._lowers[at]]
        )

    def _sum(self, names: Iterable[str]) -> Packed:
        return sum(filter(None, map(self._weights.get, names)))

    def _marginals(
        self, tokens: list[Token], words: list[features.Word], start: int, stop: int
    ) -> list[tuple[float, ...]]:
        """Return the probability of each label for each token of a run."""
        own, edge, n = self._own, features.EDGE.lower, len(words)
        second_before, before, after, second_after = self._beside
        potentials = []
        for at, extra in enumerate(features.run_features(words, start, stop), start):
            total = (
                own(tokens[at].text)
                + second_before(tokens[at - 2].text if at > 1 else edge)
                + before(tokens[at - 1].text if at else edge)
                + after(tokens[at + 1].text if at + 1 < n else edge)
                + second_after(tokens[at + 2].text if at + 2 < n else edge)
                + self._sum(extra)
            )
            p, total = _unpacked(total)
            l, total = _unpacked(total)  # noqa: E741 - labels PERSON, LOCATION, ORGANIZATION
            g, _ = _unpacked(total)
            top = max(0, p, l, g)
            potentials.append(
                [
                    exp(-top / _SCALE),
                    exp((p - top) / _SCALE),
                    exp((l - top) / _SCALE),
                    exp((g - top) / _SCALE),
                ]
            )
        return _forward_backward(potentials, self._transitions)


def _unpacked(total: Packed) -> tuple[int, Packed]:
    """Return the lowest field, and the other fields."""
    lowest = (total + _HALF & _FULL) - _HALF
    return lowest, total - lowest >> _FIELD


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


def _named(tokens: list[Token], spans: list[Found]) -> list[NameSpan]:
    return [
        NameSpan(tokens[first].start, tokens[last - 1].end, LABELS[label], round(score, 4))
        for first, last, label, score in spans
    ]


@cache
def load() -> NameModel:
    """Return the process's name model, opened at the first call."""
    return NameModel()
