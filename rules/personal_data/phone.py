"""Telephone numbers: one pass over the candidates, then their shape."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.checksums import digits_of
from callsafe.rules.personal_data.model import DataRule

_EXTENSION = re.compile(r"(?i),?[ ]?(?:extension|ext|x|#)\.?[ ]?\d{1,6}$")
_NORTH_AMERICA = re.compile(r"(?:(?:\+?1|001)[ .-]?)?(?:\(\d{3}\)[ .-]?|\d{3}[ .-])\d{3}[ .-]?\d{4}")
_AREA_IN_BRACKETS = re.compile(r"(?:(?:\+|00)\d{1,3}[ .-]?)?\(\d{2,5}\)[ .-]?\d{2,5}(?:[ .-]?\d{2,5}){0,3}")
_TRUNK = re.compile(r"(?:00\d{1,3}[ .-]\d{1,4}|0\d{1,4})[ ./-]\d{2,8}(?:[ .-]\d{2,5}){0,4}")
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ]\d{1,2}|"
    rf"{_DAY}(?P<by>[-/.]){_DAY}(?P=by)(?:19|20)?\d\d)(?: \d{{1,2}})?|"
    rf"(?:19|20)\d\d ?[-/ ] ?(?:19|20)?\d\d|{_DAY}[ .]{_DAY}[ .](?:19|20)\d\d(?: \d{{1,2}})?|"
    r"(?:19|20)\d{6}(?:[-. ]?\d{4,6})?"
)
_COUNTS = re.compile(
    r"\d{1,3}(?:[ .]\d{3})*[ .]000|\d+\.\d+(?:[ -]+\d+\.\d+)*|\d{1,2}(?: \d){2,}(?: \d{1,2})*|(\d+)(?: \1)+"
)
"""Thousands with separators, decimals, short counts in a row: 1 000 000, 3.14 2.71, 1 2 3 4 5 6 7."""


def international_score(value: str) -> float:
    """Score a number with its country code: whether it can exist and is in use."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return 0.0
    if phonenumbers.is_valid_number(number):
        return 0.6
    return 0.4 if phonenumbers.is_possible_number(number) else 0.0


def _phone(match: re.Match[str]) -> float | None:
    """Score a candidate by its shape, low where only words can tell."""
    value = match["value"]
    number = _EXTENSION.sub("", value)
    digits = digits_of(number)
    text, start, end = match.string, match.start("value"), match.end("value")
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 3:
        return 0
    if number[0] == "+":
        if re.fullmatch(r"\+\d+\.\d+", number) is not None:
            return 0
        return international_score(number)
    if _DATE.fullmatch(number) is not None:
        return 0
    if number.count("(") != number.count(")") or (text[max(0, start - 1) : start] in "$€£¥" and start):
        return 0
    after = text[end : end + 2].lower()
    if after[:1] in ("%", "°", "€") or after == " €":
        return 0
    if _NORTH_AMERICA.fullmatch(number) is not None:
        grouped = not number.isdigit()
        return 0.4 if grouped and "." not in number.replace(".", "", 2) else 0.05
    if _AREA_IN_BRACKETS.fullmatch(number) is not None or (
        9 <= len(digits) <= 13 and _TRUNK.fullmatch(number) is not None and "/" not in number[6:]
    ):
        return 0.4
    return 0 if _COUNTS.fullmatch(number) is not None else 0.05


_FICTITIOUS = re.compile(
    r"(?:00)?1?(?:\d{3}555\d{4}|555\d{7}|555\d{4})|(?:00|0)?(?:44)?0?(?:1632960|7700900|2079460)\d{3}|"
    r"(?:00)?(?:61)?0?[2378]?(?:5550|7010)\d{4}|"
    r"(?:1|001)?(?:1234567890|0123456789|9876543210|1234567|12345678|123456789)"
)


def _is_fictitious(value: str) -> bool:
    """Tell numbers that are kept for films and manuals (North America, Ofcom, ACMA) and runs of digits."""
    digits = digits_of(_EXTENSION.sub("", value))
    return _FICTITIOUS.fullmatch(digits) is not None or len(set(digits)) < 4


RULES = (
    DataRule(
        label="PHONE_NUMBER",
        name="phone-number",
        pattern=re.compile(
            r"(?<![\w+#/\\])(?<!\d[ (.,:-])(?P<value>(?:\+[ ]?)?\(?\d(?:[ ]?[().\-/]{0,2}[ ]?\d){6,18}"
            r"(?:,?[ ]?(?:ext(?:ension)?|x|#)\.?[ ]?\d{1,6})?)(?!\w|[.,:/-]\d|[+=*])",
            re.IGNORECASE,
        ),
        score=0.05,
        validate=_phone,
        documentation=_is_fictitious,
        context=(
            "phone",
            "phones",
            "telephone",
            "tel",
            "cell",
            "cellphone",
            "mobile",
            "mob",
            "call",
            "calling",
            "called",
            "fax",
            "whatsapp",
            "sms",
            "contact",
            "dial",
            "reach",
            "ring",
            "hotline",
            "landline",
            "voicemail",
            "answer",
            "answering",
            "telefon",
            "telefono",
            "teléfono",
            "téléphone",
            "tél",
            "celular",
            "móvil",
            "handy",
            "portable",
            "telefoon",
            "my number",
            "his number",
            "her number",
            "their number",
            "your number",
            "전화",
            "휴대폰",
            "연락처",
            "핸드폰",
            "电话",
            "手机",
            "電話",
            "携帯",
            "联系方式",
        ),
        examples=(
            "reach me at (212) 555-0142 x12",
            "+1-212-555-0142",
            "+44 20 7946 0958",
            "212.555.0142",
            "call 2125550142",
            "phone 7946 0958",
            "ring 020 7946 0958 now",
        ),
        counterexamples=(
            "2024-10-12 11:22:33",
            "12/10/2024",
            "1999-2003",
            "order 2125550142",
            "population 1 000 000",
            "1700000000",
            "3.1415926",
            "550e8400-e29b-41d4-a716-446655440000",
            "1.2.3.4",
            "scores 1 2 3 4 5 6 7 8 to call",
            "call at 2024-10-12",
            "x = 1234567 - 2345678",
        ),
    ),
)
