"""Whole addresses: what stands around a street or a place and belongs to it.

A rule finds the street, the name model the town; between and after them stand numbers, units, state codes and
postal codes that nothing else would cover. An address that is one span is also one placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from callsafe.redaction.spans import Span

STREET = "STREET_ADDRESS"
PLACE = "LOCATION"
PERSON = "PERSON"

_MOST_PARTS = 8
_BEFORE = 100
"""How many characters before a place are read for its street and postal code."""
_BREAK = r"(?:\r?\n|\\r\\n|\\n)[ \t>|*]{0,12}"
_GAP = re.compile(rf"[ \t]{{0,2}},?[ \t]{{0,2}}(?:{_BREAK})?,?[ \t]?(?:-[ ])?")
_CAPITAL = r"(?:St\.|Ste\.|[^\W\d_a-z](?:[\w'’-]*\w)?)"
_SMALL = (
    r"(?:de|del|della|di|da|do|dos|das|du|des|la|le|les|los|las|el|al|der|den|van|am|an|im|in|auf|sur|sous|en|nad|pod|u|"
    r"of|the|upon|and|y|i)"
)
_TOWN = re.compile(
    rf"{_CAPITAL}(?:[ -]{_CAPITAL}|[ ]{_SMALL}(?=[ ]{_CAPITAL})){{0,4}}(?![\w:=@(/]|\.\w|[ ]\w+:)"
)
_UNIT = re.compile(
    r"(?i:apartment|apt|suite|ste|unit|flat|floor|room|building|bldg|piso|wohnung|appt|bte)\.?\s?#?\s?\w{1,5}\b"
    r"|#\s?\d{1,5}\b|\d{1,3}(?:º|ª|°|er|e|th|nd|rd|st)[ ](?:étage|floor|piso)\b"
)
_STATE = re.compile(r"[A-Z]{2,3}\b(?![:=(.@-]\w)")
_POSTAL = re.compile(
    r"(?:(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3,4})?|\d{3} \d{2}|\d{4} ?[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|"
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?![\w@/-]|[.,:]\d)"
)
_ENDS_IN_CODE = re.compile(r"(?<![A-Z]{2} )(?<!\d)\d{5}$")
_SURE_POSTAL = re.compile(r"\d{5}(?:-\d{4})?|.*[A-Z].*")
_CODE_THEN_PLACE = re.compile(
    r"(?:^|[,;:(>|]|\\n|\n)[ \t]{0,4}(?P<code>(?:[A-Z]{1,2}-)?(?!19\d\d |20\d\d )\d{4,6}|\d{3} \d{2}) $"
)
_PLACE_THEN_CODE = re.compile(
    r"(?:,?[ ](?P<state>[A-Z]{2,3}))?,?[ ](?P<code>\d{5}(?:-\d{4})?|\d{6}|[A-Z]\d[A-Z] ?\d[A-Z]\d|"
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?=[ \t]*(?:[.,;)\"'\n]|\\n|$))"
)
_STREET_BEFORE = re.compile(
    rf"(?<![\w.$/#-])(?:\d{{1,4}}[A-Za-z]?[ ])?(?:{_CAPITAL}|{_SMALL})(?:[ ](?:{_CAPITAL}|{_SMALL}))"
    rf"{{0,4}}[ ](?:n[º°.]\s?)?\d{{1,4}} ?[a-zA-Z]?(?:[ ]{{0,2}},[ ]{{1,2}}|[ \t]*,?{_BREAK})$"
)
_NUMBER_BEFORE = re.compile(
    rf"(?<![\w.$/#,:-])\d{{1,4}}[A-Za-z]?[ ,/]{{1,2}}$|(?<![\w-])(?:{_UNIT.pattern})(?:,?[ ]|,?{_BREAK})$"
)
_LOWER_TAIL = re.compile(
    rf"(?=[^\n\d]{{0,60}}[,\n])(?:(?:[ ]|,[ ]?|[ ]?{_BREAK},?[ ]?)[^\W\d][\w.'’-]*){{1,6}}"
    rf"(?:[ ]|,[ ]?|[ ]?{_BREAK})(?P<code>\d{{5}}(?:-\d{{4}})?)(?=[ \t]*(?:[.,;)\"']|$|\\?\n|\\n))"
)
_QUOTED = re.compile(r"[ \t]*\n[ \t]*[>|*][>|* \t]*")
"""How a quoted line goes on: the marks of the quotation are no part of the address."""
_KNOWN_STATE = re.compile(
    r"(?:A[BEKLPRZ]|BC|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ABDEINOST]|N[BCDEHJLMSTUVY]|NSW|O[HKNR]|P[AR]|QC|QLD|RI|"
    r"S[ACDK]|T[NX]|TAS|UT|V[AIT]|VIC|W[AIVY]|YT)\b(?![:=(.@-]\w)"
)


def complete(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield addresses that reach further than the spans found: round a street, or a place with a postal code.

    Overlaps with the given spans are left to whoever resolves them: the longer one wins.
    """
    anchors: list[Span] = []
    places: dict[int, int] = {}
    people: set[int] = set()
    for span in spans:
        if span.label in (STREET, PLACE):
            anchors.append(span)
            places[span.start] = max(span.end, places.get(span.start, 0))
        elif span.label == PERSON and " " in text[span.start : span.end]:
            people.add(span.start)
    reached = 0
    for span in sorted(anchors, key=lambda span: (span.start, -span.end)):
        if span.end <= reached:
            continue
        start, end, last = span.start, span.end, "street"
        if span.label == STREET and _ENDS_IN_CODE.search(text, max(start, end - 9), end) is not None:
            last = "code"
        if span.label == PLACE:
            after = _PLACE_THEN_CODE.match(text, end)
            before = _CODE_THEN_PLACE.search(text, max(0, start - _BEFORE), start)
            if after is None and before is None:
                continue
            start = before.start("code") if before is not None else start
            end = after.end() if after is not None else end
            last = "code" if after is not None else "town"
        start = _begun(text, start)
        end = _followed(text, end, last, places, people)
        if (
            end <= span.end
            and span.label == STREET
            and (tail := _LOWER_TAIL.match(text, span.end)) is not None
        ):
            end = tail.end("code")
        if (start, end) != (span.start, span.end):
            reached = end
            for mark in _QUOTED.finditer(text, start, end):
                yield Span(start, mark.start(), STREET, span.score, "address")
                start = mark.end()
            yield Span(start, end, STREET, span.score, "address")


def _begun(text: str, start: int) -> int:
    """Return where an address begins whose first part found so far begins here."""
    low = max(0, start - _BEFORE)
    street = _STREET_BEFORE.search(text, low, start)
    if street is not None:
        return street.start()
    number = _NUMBER_BEFORE.search(text, low, start) if text[start : start + 1].isdigit() else None
    return number.start() if number is not None else start


def _followed(text: str, end: int, last: str, places: dict[int, int], people: set[int]) -> int:
    """Return where an address ends whose parts so far end here, the last of them a street, town or code.

    Capitalised words alone are no town: a postal code or a known place has to follow them, or a postal code
    to stand before.
    """
    at, person, named = end, False, last == "town"
    for _ in range(_MOST_PARTS):
        start = _skip(text, at)
        if start == at:
            break
        if start in places:
            if person:
                break
            at = end = places[start]
            last, named = "town", True
        elif (unit := _UNIT.match(text, start)) is not None:
            at = end = unit.end()
        elif (code := _POSTAL.match(text, start)) is not None:
            if (
                last not in ("town", "state")
                and not _SURE_POSTAL.fullmatch(code[0])
                and not _town_follows(text, code.end())
            ):
                break
            at = end = code.end()
            last, person = "code", False
        elif last == "town" and (state := _STATE.match(text, start)) is not None:
            if end == at or _KNOWN_STATE.match(text, start) is not None:
                end = state.end()
            at, last = state.end(), "state"
        elif (town := _TOWN.match(text, start)) is not None:
            person = person or start in people
            if last == "code" and end == at and not named and "\n" not in text[at:start]:
                end = town.end()
            at, last, named = town.end(), "town", True
        else:
            break
    return end


def _skip(text: str, at: int) -> int:
    """Return where the next part of an address can begin."""
    gap = _GAP.match(text, at)
    return gap.end() if gap is not None else at


def _town_follows(text: str, at: int) -> bool:
    return text.startswith(" ", at) and _TOWN.match(text, at + 1) is not None
