"""One text: spans and a vault in, safe text out.

The text is cut into pieces, each with what is written for it and what that restores to. After the values are
replaced the whole is read as a restorer would read it: whatever would be taken for a placeholder and is none
of ours is reserved, so that its number is never issued, or, where that number already stands for a value, is
itself replaced by a new placeholder. So `restore(redact(text)) == text` holds also for text that looks like
placeholders.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from callsafe.redaction.errors import BlockedError, RedactionError
from callsafe.redaction.operators import Block, Drop, Encrypt, Hash, Keep, Mask, Replace, Surrogate, Tokens
from callsafe.redaction.placeholders import Scanner, forms, is_label, write
from callsafe.redaction.policy import Policy
from callsafe.redaction.spans import Span
from callsafe.redaction.surrogates import candidates
from callsafe.redaction.vaults import Vault
from callsafe.redaction.words import Words

_ROUNDS = 16
_SHORT = 10_000
"""Characters up to which known values that are not in a text are best left out one by one."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the result: what is written, what it restores to, and whether it is ours.

    `surrogate` is the label of a value that got a surrogate.
    """

    written: str = field(repr=False)
    restored: str = field(repr=False)
    ours: bool
    surrogate: str = ""


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A stretch that would be restored and is not ours; what replaces it has its label."""

    start: int
    end: int
    label: str
    encrypted: bool = False


def scrub(text: str, spans: Sequence[Span], vault: Vault, policy: Policy, tokens: Tokens | None) -> str:
    """Replace the spans (sorted, not overlapping) and settle what looks like placeholders.

    Raises `RedactionError` where an operator blocks, the vault is full, or no surrogate can be found.
    """
    lookalikes = {(form.label, form.number) for form in forms(text) if form.number}
    if lookalikes:
        vault.reserve(lookalikes)
    if not spans and not vault.labels() and tokens is None:
        return text
    pieces = _replace(text, spans, vault, policy)
    for _ in range(_ROUNDS):
        foreign = _foreign(pieces, vault, tokens)
        if not foreign:
            return "".join(piece.written for piece in pieces)
        pieces = _escape(pieces, foreign, vault, tokens)
    raise RedactionError("the text holds too much that looks like placeholders: block it or clean it first")


def _replace(text: str, spans: Sequence[Span], vault: Vault, policy: Policy) -> list[_Piece]:
    for span in spans:
        if isinstance(policy.operator(span.label), Block):
            raise BlockedError(f"the text holds a {span.label}, which the policy blocks: remove it")
    numbered = dict.fromkeys(
        (span.label, text[span.start : span.end])
        for span in spans
        if isinstance(policy.operator(span.label), Replace | Surrogate)
    )
    numbers = dict(zip(numbered, vault.issue(list(numbered)), strict=True)) if numbered else {}
    known = (
        vault.values() if any(isinstance(policy.operator(label), Surrogate) for label, _ in numbered) else ()
    )
    pieces: list[_Piece] = []
    position = 0
    for span in spans:
        if span.start > position:
            pieces.append(_plain(text[position : span.start]))
        value = text[span.start : span.end]
        pieces.append(_piece(span.label, value, numbers, known, vault, policy))
        position = span.end
    if position < len(text):
        pieces.append(_plain(text[position:]))
    return pieces


def _plain(text: str) -> _Piece:
    return _Piece(text, text, ours=False)


def _piece(
    label: str,
    value: str,
    numbers: Mapping[tuple[str, str], int],
    known: Collection[str],
    vault: Vault,
    policy: Policy,
) -> _Piece:
    match policy.operator(label):
        case Replace():
            return _Piece(write(label, numbers[label, value]), value, ours=True)
        case Surrogate() as operator:
            for candidate in candidates(operator, label, value):
                adopted = vault.adopt(label, value, candidate) if candidate not in known else None
                if adopted is not None:
                    return _Piece(adopted, value, ours=True, surrogate=label)
            return _Piece(write(label, numbers[label, value]), value, ours=True)
        case Encrypt() as operator:
            return _Piece(operator.apply(label, value), value, ours=True)
        case Hash() as operator:
            written = operator.apply(label, value)
        case Mask() as operator:
            written = operator.apply(value)
        case Drop():
            written = ""
        case Block() | Keep():  # blocked before, never handed over
            raise RedactionError(f"the text holds a {label} that must not be replaced")
    return _Piece(written, written, ours=False)


def _foreign(pieces: list[_Piece], vault: Vault, tokens: Tokens | None) -> list[_Foreign]:
    """Give what a restorer would restore, but for our own pieces; reserve what it would not yet restore."""
    # Our placeholders are blanked out: nothing around one can be a placeholder together with a part of it.
    blank = "".join(
        "\0" * len(piece.written) if piece.ours and not piece.surrogate else piece.written for piece in pieces
    )
    found = list(forms(blank))
    numbers = {(form.label, form.number) for form in found if form.number}
    taken = vault.reserve(numbers) if numbers else set()
    foreign = [
        _Foreign(form.start, form.end, form.label, bool(form.payload))
        for form in found
        if (form.label, form.number) in taken
        or (form.payload and tokens is not None and tokens.open(form.label, form.payload) is not None)
    ]
    foreign += _foreign_surrogates(pieces, vault)
    foreign.sort(key=lambda found: found.start)
    return foreign


def _foreign_surrogates(pieces: list[_Piece], vault: Vault) -> Iterator[_Foreign]:
    """Give what reads like a surrogate and is none of ours, and ours that do not: inside a word."""
    surrogates = vault.surrogates()
    if not surrogates:
        return
    written = "".join(piece.written for piece in pieces)
    read = {start: end for start, end, _ in Words(surrogates).find(written)}
    position = 0
    for piece in pieces:
        end = position + len(piece.written)
        if piece.surrogate and read.pop(position, None) != end:
            yield _Foreign(position, end, piece.surrogate)
        position = end
    yield from (_Foreign(start, end, "TEXT") for start, end in read.items())


def _escape(
    pieces: Iterable[_Piece], foreign: Sequence[_Foreign], vault: Vault, tokens: Tokens | None
) -> list[_Piece]:
    """Replace each foreign stretch, with every piece of ours that it touches, by a placeholder of its own."""
    result: list[_Piece] = []
    waiting = deque(foreign)
    current: _Foreign | None = None
    restored: list[str] = []
    position = 0
    for piece in [*_split(pieces, foreign), _plain("")]:
        end = position + len(piece.written)
        while waiting and waiting[0].end <= position:
            waiting.popleft()
        hit = waiting[0] if waiting and waiting[0].start < end else None
        if hit is not current and current is not None:
            result.append(_placeholder(current, "".join(restored), vault, tokens))
            restored.clear()
        current = hit
        if hit is None:
            result.append(piece)
        else:
            restored.append(piece.restored)
        position = end
    return result


def _split(pieces: Iterable[_Piece], foreign: Sequence[_Foreign]) -> Iterator[_Piece]:
    """Cut the plain pieces where a foreign stretch begins or ends."""
    edges = sorted({edge for found in foreign for edge in (found.start, found.end)})
    position = 0
    for piece in pieces:
        end = position + len(piece.written)
        if piece.ours:
            yield piece
        else:
            inner = edges[bisect_right(edges, position) : bisect_left(edges, end)]
            for start, stop in pairwise([position, *inner, end]):
                yield _plain(piece.written[start - position : stop - position])
        position = end


def _placeholder(found: _Foreign, restored: str, vault: Vault, tokens: Tokens | None) -> _Piece:
    if found.encrypted and tokens is not None:
        return _Piece(tokens.seal(found.label, restored), restored, ours=True)
    return _Piece(write(found.label, vault.issue([(found.label, restored)])[0]), restored, ours=True)


def resolve(spans: Iterable[Span], length: int) -> list[Span]:
    """Sort spans and take overlaps apart: the longest wins, then the surer; what is left of the others stays.

    Raises `RedactionError` for spans outside the text and labels that cannot stand in a placeholder.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    end = 0
    apart = True
    for span in ordered:
        if not 0 <= span.start < span.end <= length:
            raise RedactionError("the detector gave a span that is not inside the text")
        if not is_label(span.label):
            raise RedactionError("the detector gave a label that is not of the form EMAIL_ADDRESS")
        apart = apart and span.start >= end
        end = max(end, span.end)
    return ordered if apart else _take_apart(ordered)


def _take_apart(spans: list[Span]) -> list[Span]:
    """Give every character to the best span that covers it; each run of one span is a span."""
    best = sorted(  # what the policy names itself goes before what was detected
        spans,
        key=lambda span: (span.rule != "deny", span.start - span.end, -span.score, span.start, span.label),
    )
    rank = {id(span): place for place, span in enumerate(best)}
    edges = sorted({edge for span in spans for edge in (span.start, span.end)})
    runs: list[tuple[int, int, Span]] = []
    opened: list[Span] = []
    upcoming = iter(spans)
    following = next(upcoming, None)
    for start, end in pairwise(edges):
        opened = [span for span in opened if span.end > start]
        while following is not None and following.start <= start:
            opened.append(following)
            following = next(upcoming, None)
        if not opened:
            continue
        winner = min(opened, key=lambda span: rank[id(span)])
        if runs and runs[-1][2] is winner and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end, winner)
        else:
            runs.append((start, end, winner))
    return [Span(start, end, span.label, span.score, span.rule) for start, end, span in runs]


def spread(text: str, spans: Sequence[Span], known: Mapping[str, str]) -> list[Span]:
    """Find every other place where a value that is known by now stands as a word: once found, always found.

    `known` gives the label of each value. Values of fewer than four characters (three outside ASCII)
    are not looked for.
    """
    short = len(text) <= _SHORT
    labels = {value: label for value, label in known.items() if not short or value in text}
    labels.update((text[span.start : span.end], span.label) for span in spans)
    values = [value for value in labels if len(value) >= (4 if value.isascii() else 3)]
    if not values:
        return []
    covered = bytearray(len(text))
    for span in spans:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    return [
        Span(start, end, labels[value], 1.0, "known-value")
        for start, end, value in Words(values, after_escapes=True).find(text)
        if not any(covered[start:end]) and Scanner(value).next(0) is None
    ]
