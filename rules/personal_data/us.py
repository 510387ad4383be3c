"""Identifiers of the United States."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.checksums import digits_of
from callsafe.rules.personal_data.model import DataRule

_SAMPLES_LIST = "123456789 987654320 078051120 219099999 111111111 123121234"
_SAMPLES = frozenset(_SAMPLES_LIST.split())


def _ssn(match: re.Match[str]) -> float | None:
    """Refuse what the Social Security Administration never issued: zero groups, area 000, 666 and 9xx."""
    digits = digits_of(match[0])
    never = digits[:3] in ("000", "666") or digits[0] == "9" or digits[3:5] == "00" or digits[5:] == "0000"
    return 0 if never or len(set(digits)) == 1 or digits in _SAMPLES else None


def _documentation_ssn(value: str) -> bool:
    """987-65-4320 to 4329 are set aside for advertisements."""
    digits = digits_of(value)
    return digits in _SAMPLES or digits.startswith("98765432") or len(set(digits)) < 3


def _dea(match: re.Match[str]) -> float | None:
    """Check a DEA registration number: (d1 + d3 + d5) + 2 (d2 + d4 + d6) ends in d7."""
    digits = [int(character) for character in match[0][2:]]
    total = sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])
    return None if total % 10 == digits[6] and len(set(digits)) > 2 else 0


_SSN_CONTEXT = ("social security", "ssn", "ssns", "ss", "social", "socialsecurity", "ssa")
_ITIN_GROUP = r"(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])"

RULES = (
    DataRule(
        label="US_SSN",
        name="us-ssn",
        pattern=re.compile(r"(?<![\w.-])\d{3}(?P<by>[- .])\d{2}(?P=by)\d{4}(?![\w-]|\.\d)"),
        score=0.5,
        validate=_ssn,
        documentation=_documentation_ssn,
        context=_SSN_CONTEXT,
        country="us",
        examples=("SSN 219-08-9998", "219 08 9998", "(219-08-9998)"),
        counterexamples=(
            "000-12-3456",
            "666-12-3456",
            "219-00-9998",
            "219-08-0000",
            "1219-08-9998",
            "219-08-9998-1",
        ),
    ),
    DataRule(
        label="US_SSN",
        name="us-ssn-plain",
        pattern=re.compile(r"(?<![\w.-])(?:\d{9}|\d{5}-\d{4}|\d{3}-\d{6})(?![\w-]|\.\d)"),
        score=0.05,
        needles=("ssn", "social", "ssa", " ss ", "ss#"),
        validate=_ssn,
        documentation=_documentation_ssn,
        context=_SSN_CONTEXT,
        country="us",
        examples=("her social security number is 219089998", '{"ssn": "219089998"}'),
        counterexamples=("order 219089998", "ssn 219089998123"),
    ),
    DataRule(
        label="US_ITIN",
        name="us-itin",
        pattern=re.compile(rf"(?<![\w.-])9\d{{2}}(?P<by>[- ]){_ITIN_GROUP}(?P=by)\d{{4}}(?![\w-]|\.\d)"),
        score=0.5,
        documentation=_documentation_ssn,
        context=("itin", "individual taxpayer", "taxpayer", "tax id", "tin"),
        country="us",
        examples=("ITIN 911-70-1234", "911 94 1234"),
        counterexamples=("911-10-1234", "811-70-1234"),
    ),
    DataRule(
        label="US_ITIN",
        name="us-itin-plain",
        pattern=re.compile(
            rf"(?<![\w.-])9\d{{2}}(?:{_ITIN_GROUP}|-{_ITIN_GROUP}|{_ITIN_GROUP}-)\d{{4}}(?![\w-]|\.\d)"
        ),
        score=0.05,
        needles=("itin", "taxpayer", "tax"),
        documentation=_documentation_ssn,
        context=("itin", "individual taxpayer", "taxpayer", "tax id"),
        country="us",
        examples=("taxpayer 911701234",),
        counterexamples=("order 911701234",),
    ),
    DataRule(
        label="US_PASSPORT",
        name="us-passport",
        pattern=re.compile(r"(?<![\w.-])(?:\d{9}|[A-Z]\d{8})(?![\w-]|\.\d)"),
        score=0.05,
        needles=("passport", "travel document"),
        documentation=lambda value: len(set(digits_of(value))) < 3 or digits_of(value) in _SAMPLES,
        context=("passport", "passports", "passport no", "travel document"),
        country="us",
        examples=("passport number 912803457", "passport: A12803457"),
        counterexamples=("contact us 912803457", "order A12803457", "passport 91280345"),
    ),
    DataRule(
        label="MEDICAL_LICENSE",
        name="us-dea-number",
        pattern=re.compile(r"(?<![\w-])[A-HJ-NPR-UX][A-Z9]\d{7}(?![\w-])"),
        score=0.4,
        validate=_dea,
        documentation=lambda value: value[2:] in ("1234563",),
        context=(
            "dea",
            "medical",
            "certificate",
            "license",
            "licence",
            "registration",
            "prescriber",
            "physician",
        ),
        country="us",
        examples=("DEA number BB1388568", "prescriber F91234563 signed"),
        counterexamples=("BB1388567", "bb1388568", "XBB1388568", "BB13885680"),
    ),
)
