"""Made-up values for the `Surrogate` operator."""

from __future__ import annotations

import functools
import math
import random
import secrets
import threading
import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from callsafe.redaction.operators import Surrogate

if TYPE_CHECKING:
    from faker import Faker

_ATTEMPTS = 64
_LEAST_ROOM = 10_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_RANGES = (
    (0xAC00, 0xD7A3),
    (0x4E00, 0x9FFF),
    (0x3041, 0x3096),
    (0x30A1, 0x30FA),
    (0x0430, 0x044F),
    (0x05D0, 0x05EA),
)
"""Letters of scripts in which a surrogate stays: Hangul, Han, Hiragana, Katakana, Cyrillic, Hebrew."""

_PROVIDERS = {
    "PERSON": "name",
    "EMAIL_ADDRESS": "safe_email",
    "PHONE_NUMBER": "phone_number",
    "LOCATION": "city",
    "STREET_ADDRESS": "street_address",
    "ORGANIZATION": "company",
    "CREDIT_CARD": "credit_card_number",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ipv4_private",
    "MAC_ADDRESS": "mac_address",
    "US_SSN": "ssn",
    "DATE_OF_BIRTH": "date",
    "URL": "url",
    "USERNAME": "user_name",
}


def candidates(operator: Surrogate, label: str, value: str) -> Iterator[str]:
    """Give surrogates of a value, none of them the value itself, until one is taken or 64 were given.

    None at all for a value of which there are not more than ten thousand of the same format: its surrogate
    would soon stand somewhere by chance.
    """
    if operator.kind == "format" and _room(value) <= _LEAST_ROOM:
        return
    for attempt in range(_ATTEMPTS):
        if operator.key is None:
            seed = secrets.token_bytes(32)
        else:
            text = f"{label}\0{attempt}\0{value}"
            seed = operator.key.digest("surrogate", text.encode("utf-8", "surrogatepass"))
        surrogate = _faked(operator, label, seed) or _same_format(value, seed)
        if surrogate != value and any(letter.isalnum() for letter in surrogate):
            yield surrogate


def _room(value: str) -> int:
    """How many values have this format."""
    return math.prod(10 if letter.isdecimal() else 26 if letter.isalpha() else 1 for letter in value)


def _same_format(value: str, seed: bytes) -> str:
    draw = random.Random(seed)
    return "".join(_like(letter, draw.randrange) for letter in unicodedata.normalize("NFC", value))


def _like(letter: str, below: Callable[[int], int]) -> str:
    if letter.isdecimal():
        return str(below(10))
    if not letter.isalpha():
        return letter
    code = ord(letter.lower())
    for first, last in _RANGES:
        if first <= code <= last:
            made = chr(first + below(last - first + 1))
            return made.upper() if letter.isupper() else made
    made = _LETTERS[below(26)]
    return made.upper() if letter.isupper() else made


def _faked(operator: Surrogate, label: str, seed: bytes) -> str:
    if operator.kind != "faker" or label not in _PROVIDERS:
        return ""
    faker, lock = _faker(operator.locale)
    with lock:
        faker.seed_instance(int.from_bytes(seed))
        return str(getattr(faker, _PROVIDERS[label])()).replace("\n", ", ")


@functools.cache
def _faker(locale: str) -> tuple[Faker, threading.Lock]:
    from faker import Faker

    return Faker(locale), threading.Lock()
