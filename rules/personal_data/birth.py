"""Dates of birth: a date near words that speak of birth. Other dates are nobody's in particular."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.checksums import is_date
from callsafe.rules.personal_data.model import DataRule

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|enero|febrero|marzo|abril|mayo|"
    "junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janvier|février|mars|avril|juin|juillet|août|septembre|"
    "octobre|novembre|décembre"
)
_NUMERIC = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})|(\d{4})(\d\d)(\d\d)")


def _day(match: re.Match[str]) -> float | None:
    """Refuse what is no day of a calendar, in either order."""
    numeric = _NUMERIC.fullmatch(match[0])
    if numeric is None:
        return None
    first, middle, last = (part for part in numeric.groups() if part)
    if len(first) == 4:
        return None if is_date(int(first), int(middle), int(last)) else 0
    year = int(last) + (1900 if len(last) == 2 else 0)
    months = (int(first), int(middle)), (int(middle), int(first))
    return None if year >= 1850 and any(is_date(year, month, day) for month, day in months) else 0


RULES = (
    DataRule(
        label="DATE_OF_BIRTH",
        name="date-of-birth",
        pattern=re.compile(
            r"(?<![\w./-])(?:(?:18|19|20)\d\d(?P<a>[-/.])(?:0?[1-9]|1[0-2])(?P=a)(?:[12]\d|3[01]|0?[1-9])|"
            r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
            r"(?:[12]\d|3[01]|0?[1-9])(?P<b>[-/. ])(?:[12]\d|3[01]|0?[1-9])(?P=b)(?:(?:18|19|20)\d\d|\d\d)|"
            r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|\.)?[ -](?:of |de |d')?"
            rf"(?:{_MONTHS})\.?(?:,? |-|,? de )(?:18|19|20)\d\d|"
            rf"(?:{_MONTHS})\.? (?:(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?,? )?(?:18|19|20)\d\d|"
            r"(?:18|19|20)\d\d[년年] ?\d{1,2}[월月] ?\d{1,2}[일日])(?:(?=T\d\d:)|(?![\w/]|[.-]\d))",
            re.IGNORECASE,
        ),
        score=0.05,
        validate=_day,
        needles=(
            "born",
            "birth",
            "dob",
            "d.o.b",
            "bday",
            "gebor",
            "geburt",
            "nacim",
            "nacid",
            "naiss",
            "né ",
            "née ",
            "nascita",
            "nato ",
            "nata ",
            "nascimento",
            "생년월일",
            "생일",
            "出生",
            "生年月日",
        ),
        context=(
            "born",
            "birth",
            "dob",
            "d o b",
            "birthday",
            "birthdate",
            "birthdays",
            "bday",
            "dateofbirth",
            "geboren",
            "geburtsdatum",
            "nacimiento",
            "nacido",
            "nacida",
            "naissance",
            "né",
            "née",
            "nascita",
            "nato",
            "nata",
            "nascimento",
            "geboortedatum",
            "생년월일",
            "생일",
            "出生",
            "生年月日",
        ),
        examples=(
            "DOB: 03/14/1985",
            "she was born on March 14th, 1985",
            '"date_of_birth": "1985-03-14"',
            "geboren am 14. März 1985",
            "생년월일 1985년 3월 14일",
            "14-Mar-1985 is my birthday",
            "DOB 19850314",
            '"birthDate": "1985-03-14T00:00:00Z"',
            "born in May 1985",
            "DOB 03 14 1985",
        ),
        counterexamples=(
            "released on 2024-03-14",
            "born on 31/31/1985",
            "DOB 99/99/9999",
            "DOB 19851399",
            "born 20 30 40",
            "version 3.14.19",
            "the meeting is on March 14th, 2025",
        ),
    ),
)
