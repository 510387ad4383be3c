"""Identifiers of the People's Republic of China."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.checksums import is_date, weighted
from callsafe.rules.personal_data.model import DataRule

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _resident_id(match: re.Match[str]) -> float | None:
    """Check the birth date and the last character (GB 11643-1999: ISO/IEC 7064, MOD 11-2)."""
    value = match[0].upper()
    if not is_date(int(value[6:10]), int(value[10:12]), int(value[12:14])):
        return 0
    return 1.0 if "10X98765432"[weighted(value[:17], _WEIGHTS, 11)] == value[17] else 0


RULES = (
    DataRule(
        label="CN_RESIDENT_ID",
        name="cn-resident-id",
        pattern=re.compile(
            r"(?<![0-9A-Za-z.-])(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}(?:18|19|20)\d{2}"
            r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z-]|\.\d)"
        ),
        score=0.5,
        validate=_resident_id,
        context=("身份证", "居民身份证", "公民身份号码", "resident id", "identity card"),
        documentation=lambda value: value.upper() == "11010519491231002X",
        country="cn",
        examples=("身份证号11010519491231002X。", "ID 11010519491231002x"),
        counterexamples=("110105194912310021", "110105194913310023", "991105194912310021"),
    ),
)
