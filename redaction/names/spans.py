"""From probabilities to names: which stretches of a run are spans, and how sure they have to be."""

import re
from collections.abc import Collection, Mapping

from callsafe.redaction.names import features
from callsafe.redaction.names.recurrence import recurrences, teaches
from callsafe.redaction.names.tokens import Kind, Token

LABELS = ("O", "PERSON", "LOCATION", "ORGANIZATION")
NAMES = ("PERSON", "LOCATION")
"""What is found unless told otherwise."""
DEFAULT_THRESHOLD = 0.5
Found = tuple[int, int, int, float]  # first token, token after the last, label, score

PERSON, LOCATION = LABELS.index("PERSON"), LABELS.index("LOCATION")
_LETTERS = re.compile(r"[^\W\d_]+")
_GREETINGS = frozenset(("dear", "hi", "hello", "hey", "am", "i'm", "im"))
_GREETED = 20.0  # how much likelier a person is behind them than the same word is elsewhere
_BEFORE_VALUES = frozenset("=:\"'")
_QUOTES = frozenset("\"'“”‘’„")

_TRADE, _ODD = 0.1, 0.25  # how much of the doubt that the threshold allows is left to unlikely spans
_PEOPLE = features.GIVEN | features.FAMILY
_LISTED = _PEOPLE | features.PLACE | features.COUNTRY

_SHOUTED = 0.05  # the same for names in capitals only, which constants and tables are full of
_LOUD = 0.01  # and for those among other words in capitals
_NEVER = 2.0
_LEAST_THRESHOLD = 1e-6


def limits_of(threshold: float | Mapping[str, float]) -> tuple[float, ...]:
    """Return the least score of each label."""
    if isinstance(threshold, Mapping):
        return tuple(max(threshold.get(label, DEFAULT_THRESHOLD), _LEAST_THRESHOLD) for label in LABELS)
    return (max(threshold, _LEAST_THRESHOLD),) * len(LABELS)


def spans_of(
    words: list[features.Word],
    start: int,
    marginals: list[tuple[float, ...]],
    wanted: list[int],
    limits: tuple[float, ...],
) -> list[Found]:
    """Return the spans of a run: tokens above their label's limit, with neighbours above half of it."""
    spans = []
    index = 0
    if len(set(limits)) == 1:
        best = [max(wanted, key=row.__getitem__) for row in marginals]
    else:
        shares = ([score / limit for score, limit in zip(row, limits, strict=True)] for row in marginals)
        best = [max(wanted, key=share.__getitem__) for share in shares]
    while index < len(best):
        label = best[index]
        limit = limits[label]
        if marginals[index][label] < limit / 2:
            index += 1
            continue
        stop = index + 1
        while stop < len(best) and best[stop] == label and marginals[stop][label] >= limit / 2:
            stop += 1
        score = max(row[label] for row in marginals[index:stop])
        first, last = start + index, start + stop
        index = stop
        if score < limit:
            continue
        while first < last and not _may_begin(words[first : first + 2], label, last - first):
            first += 1
        while last > first and words[last - 1].lower in features.JOINERS:
            last -= 1
        if (
            label == PERSON
            and last < len(words)
            and words[last].upper
            and words[last].lower in features.SUFFIXES
        ):
            last += 1
        if first < last:
            spans.append((first, last, label, score))
    return spans


def introduced(
    words: list[features.Word], start: int, marginals: list[tuple[float, ...]]
) -> list[tuple[float, ...]]:
    """Favour persons where a greeting or "I am" comes right before words that nobody else uses."""
    for step in (start, start + 1):
        if step and words[step - 1].lower in _GREETINGS:
            begin = step - start
            break
    else:
        return marginals
    result = list(marginals)
    for index in range(begin, len(result)):
        word = words[start + index]
        if not word.upper or word.use[:1] in ("1", "2") or word.bits & (features.COMMON | features.PRODUCT):
            break
        row = list(result[index])
        row[PERSON] *= _GREETED
        total = sum(row)
        result[index] = tuple(value / total for value in row)
    return result


def with_nicknames(tokens: list[Token], words: list[features.Word], spans: list[Found]) -> list[Found]:
    """Join the two halves of a person's name around a nickname in quotes: Harold "Junior" Green."""
    joined: list[Found] = []
    for begin, end, label, score in spans:
        if label == PERSON and begin > 3 and words[begin - 1].lower in _QUOTES:
            opened = next((n for n in (begin - 3, begin - 4) if _opens_quotation(tokens, n)), -1)
            before = [span for span in joined if span[1] >= opened]
            named = all(word.alpha for word in words[opened + 1 : begin - 1])
            if opened > 0 and named and before and before[0][1] == opened and before[0][2] == PERSON:
                del joined[-len(before) :]
                begin, score = before[0][0], max(score, before[0][3])
        joined.append((begin, end, label, score))
    return joined


def required(words: list[features.Word], threshold: float) -> float:
    """Return the score that a span needs: more where it has terms of the trade ("Claude", "Jenkins").

    Unless another of its words is a name of people.
    """
    if len(words) == 1 and "-" in words[0].lower and not (words[0].upper or words[0].bits & features.POPULAR):
        return _NEVER  # sans-serif, claude-opus
    others = [word for word in words if not word.bits & features.PRODUCT]
    if len(others) < len(words) and not any(word.bits & _PEOPLE for word in others):
        return 1 - _TRADE * (1 - threshold)
    return threshold


def required_in_code(
    text: str,
    tokens: list[Token],
    words: list[features.Word],
    first: int,
    last: int,
    threshold: float,
    identifiers: Collection[str],
) -> float:
    """Return the score that a span needs in a text with code in it, where names are rarer than in training.

    What is an identifier or a key of the text's code is no name, nor is one word in capitals among others.
    More is asked of other spans in capitals, of those without capitals and of those without a listed name.
    """
    if text[tokens[first].start : tokens[last - 1].end] in identifiers:
        return _NEVER
    own = words[first:last]
    shouting = any(0 <= n < len(words) and words[n].shape == "XX" for n in (first - 1, last))
    if all(word.shape[:2] == "XX" or not word.alpha for word in own):
        if shouting:
            return _NEVER if last - first == 1 else 1 - _LOUD * (1 - threshold)
        if last - first == 1 or not all(word.bits & _PEOPLE for word in own if word.alpha):
            return 1 - _SHOUTED * (1 - threshold)
    value = first > 0 and words[first - 1].lower in _BEFORE_VALUES
    if last - first == 1 and not own[0].bits & _LISTED and not value:
        return 1 - _SHOUTED * (1 - threshold)
    if not (any(word.bits & _LISTED for word in own) and any(word.upper for word in own)):
        return max(1 - _ODD * (1 - threshold), required(own, threshold))
    return required(own, threshold)


def identifiers_of(text: str, tokens: list[Token]) -> frozenset[str]:
    """Return the words and keys of a text's code, as they are written, but for those of addresses."""
    found: set[str] = set()
    for token in tokens:
        if token.kind is Kind.CODE:
            piece = text[token.start : token.end]
            if piece[0] in "\"'":
                found.add(piece[1:-1])
            elif "@" not in piece and "://" not in piece:
                found.update(_LETTERS.findall(piece))
    return frozenset(found)


def with_recurrences(
    text: str,
    tokens: list[Token],
    words: list[features.Word],
    spans: list[Found],
    known: Collection[str],
    *,
    technical: bool,
) -> list[Found]:
    """Add later and earlier occurrences of known names and of the text's own sure names."""
    names = set(known)
    for first, last, label, score in spans:
        if technical and (words[first].shape == "XX" or not any(w.bits & _PEOPLE for w in words[first:last])):
            continue
        if label == PERSON and teaches(words[first:last], score):
            names.add(text[tokens[first].start : tokens[last - 1].end])
    if not names:
        return spans
    again = list(recurrences(tokens, words, names))
    if not again:
        return spans
    by_token = {index: span for span in spans for index in range(span[0], span[1])}
    merged = set(spans)
    for first, last, score in again:
        there = {by_token[index] for index in range(first, last) if index in by_token}
        if all(_gives_way(words, span, first, last) for span in there):
            merged -= there
            score = max([score, *(span[3] for span in there if span[2] == PERSON)])
            merged.add((first, last, PERSON, score))
    return sorted(merged)


def _opens_quotation(tokens: list[Token], index: int) -> bool:
    quote = tokens[index]
    return (
        quote.text in _QUOTES and tokens[index - 1].end < quote.start and quote.end == tokens[index + 1].start
    )


def _gives_way(words: list[features.Word], span: Found, first: int, last: int) -> bool:
    """Whether a span is part of a recurring name: a person's, or a small town's of the same letters."""
    begin, end, label, _ = span
    if not (first <= begin and end <= last):
        return False
    town = label == LOCATION and (begin, end) == (first, last)
    known = features.COUNTRY | features.CITY
    return label == PERSON or (town and not any(word.bits & known for word in words[begin:end]))


def _may_begin(words: list[features.Word], label: int, length: int) -> bool:
    """Whether a span may begin with the first word: no title, and no rank with a name behind it."""
    word = words[0]
    if not word.alpha:
        return False
    if label != PERSON:
        return True
    if length > 2 and word.shape == "XX" and word.use[:1] == "6":
        return False  # CV Jane Roe
    ranked = length > 1 and word.lower in features.RANKS and words[1].upper
    return not ranked and word.lower not in features.TITLES
