"""Identifiers of the Republic of Korea."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.checksums import digits_of, is_date, weighted
from callsafe.rules.personal_data.model import DataRule

_CENTURY = {
    "1": 1900,
    "2": 1900,
    "3": 2000,
    "4": 2000,
    "5": 1900,
    "6": 1900,
    "7": 2000,
    "8": 2000,
    "9": 1800,
    "0": 1800,
}


def has_valid_check_digit(digits: str) -> bool:
    """Tell whether 13 digits end in their check digit: (11 - Σ wᵢ dᵢ mod 11) mod 10.

    Numbers of foreigners (seventh digit 5 to 8) add 2.
    """
    check = (11 - weighted(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), 11)) % 10
    return digits[12] in (str(check), str((check + 2) % 10) if digits[6] in "5678" else str(check))


def _rrn(match: re.Match[str]) -> float | None:
    """Check the birth date and the check digit, which is random in numbers given since October 2020."""
    digits = digits_of(match[0])
    year = _CENTURY[digits[6]] + int(digits[:2])
    if not is_date(year, int(digits[2:4]), int(digits[4:6])):
        return 0
    return 1.0 if has_valid_check_digit(digits) else None


RULES = (
    DataRule(
        label="KR_RRN",
        name="kr-resident-registration-number",
        pattern=re.compile(
            r"(?<![\w.-])\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[- ]?[1-8]\d{6}(?![\d-]|\.\d)"
        ),
        score=0.3,
        validate=_rrn,
        context=(
            "rrn",
            "resident registration",
            "주민등록번호",
            "주민번호",
            "주민등록",
            "외국인등록번호",
            "등록번호",
        ),
        documentation=lambda value: digits_of(value)[6:] in ("1234567", "2345678"),
        country="kr",
        examples=("900101-1234568", "주민등록번호는 900101-1234569입니다", "RRN 9001011234568"),
        counterexamples=("901301-1234567", "900101-9234567", "900101-1234569"),
    ),
)
