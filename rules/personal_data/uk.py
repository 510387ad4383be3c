"""Identifiers of the United Kingdom."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.checksums import digits_of, weighted
from callsafe.rules.personal_data.model import DataRule


def _nhs(match: re.Match[str]) -> float | None:
    """Check the digit: 11 minus the weighted sum (10 … 2) modulo 11; 10 is never issued."""
    digits = digits_of(match[0])
    check = (11 - weighted(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2), 11)) % 11
    return None if check == int(digits[9]) and check != 10 and len(set(digits)) > 2 else 0


def _documentation_nhs(value: str) -> bool:
    """Numbers that begin with 999 are for tests; 943 476 5919 is the service's own example."""
    digits = digits_of(value)
    return digits.startswith("999") or digits == "9434765919"


RULES = (
    DataRule(
        label="UK_NHS",
        name="uk-nhs-number",
        pattern=re.compile(r"(?<![\w.+-])\d{3}(?P<by>[- ]?)\d{3}(?P=by)\d{4}(?![\w-]|\.\d)"),
        score=0.4,
        validate=_nhs,
        documentation=_documentation_nhs,
        context=("nhs", "national health service", "patient", "health authority"),
        country="uk",
        examples=("NHS number 943 476 5919", "nhs 9434765919", "943-476-5919"),
        counterexamples=("943 476 5918", "943 4765919", "19434765919"),
    ),
    DataRule(
        label="UK_NINO",
        name="uk-national-insurance-number",
        pattern=re.compile(
            r"(?<![\w-])(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?P<by>[ -]?)"
            r"\d{2}(?P=by)\d{2}(?P=by)\d{2}(?P=by)[A-D](?![\w-])",
            re.IGNORECASE,
        ),
        score=0.5,
        documentation=lambda value: digits_of(value) in ("123456", "000000"),
        context=("national insurance", "ni number", "nino", "ni", "insurance"),
        country="uk",
        examples=("AA 12 34 56 B", "NINO: jg103759a"),
        counterexamples=("QQ 12 34 56 C", "GB 12 34 56 A", "AA 12 34 56 E"),
    ),
)
