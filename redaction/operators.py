"""Operators: what is written in the place of a value.

| operator | written | restored |
|---|---|---|
| `Replace` | `<PERSON_1>` | from the vault |
| `Surrogate` | a made-up value of the same form or kind | from the vault |
| `Encrypt` | `<PERSON:mfrggzdf…>` | by key, without a vault |
| `Hash` | `<PERSON#1f0a…>` | never |
| `Mask` | `*****` | never |
| `Drop` | nothing | never |
| `Block` | the request is not sent | |
| `Keep` | the value | |
"""

from __future__ import annotations

import base64
import functools
import importlib.util
from dataclasses import dataclass
from typing import Literal

from callsafe.redaction.cipher import Cipher, Key
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.placeholders import LONGEST_TOKEN, write_token


@dataclass(frozen=True, slots=True)
class Replace:
    """A numbered placeholder, the same for the same value throughout a conversation."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Each letter and digit becomes `character`, but for the last `keep_last` of them."""

    character: str = "*"
    keep_last: int = 0

    def __post_init__(self) -> None:
        if len(self.character) != 1 or self.character.isalnum():
            raise ValueError("character must be one character that is no letter and no digit")
        if self.keep_last < 0:
            raise ValueError(f"keep_last is {self.keep_last}: give 0 or more")

    def apply(self, value: str) -> str:
        """Mask a value; one that has not more letters and digits than are to be kept is masked whole."""
        left = sum(letter.isalnum() for letter in value)
        kept = self.keep_last if left > self.keep_last else 0
        letters: list[str] = []
        for letter in value:
            hide = letter.isalnum() and left > kept
            left -= letter.isalnum()
            letters.append(self.character if hide or not (letter.isascii() or letter.isalnum()) else letter)
        return "".join(letters)


@dataclass(frozen=True, slots=True)
class Hash:
    """A keyed hash (HMAC-SHA-256, 64 bits of it): equal values stay equal, and nobody gets them back."""

    key: Key

    def apply(self, label: str, value: str) -> str:
        """Hash a value under its label."""
        digest = self.key.digest("hash", label.encode() + b"\0" + value.encode("utf-8", "surrogatepass"))
        return f"<{label}#{digest[:8].hex()}>"


@dataclass(frozen=True, slots=True)
class Encrypt:
    """AES-SIV: the same value gives the same token everywhere, and the key alone gives the value back."""

    key: Key

    def apply(self, label: str, value: str) -> str:
        """Encrypt a value under its label. Raises `RedactionError` for one above 10,000 bytes."""
        sealed = _cipher(self.key).seal(value.encode("utf-8", "surrogatepass"), label)
        payload = base64.b32encode(sealed).decode().rstrip("=").lower()
        if len(payload) > LONGEST_TOKEN:
            raise RedactionError(
                f"a {label} of {len(value)} characters is too long to encrypt: block or drop it"
            )
        return write_token(label, payload)

    def open(self, label: str, payload: str) -> str | None:
        """Give the value behind a token's payload, None where this key did not write it."""
        try:
            sealed = base64.b32decode(payload.upper() + "=" * (-len(payload) % 8))
        except ValueError:
            return None
        value = _cipher(self.key).open(sealed, label)
        return None if value is None else value.decode("utf-8", "surrogatepass")


@functools.lru_cache(maxsize=16)
def _cipher(key: Key) -> Cipher:
    return Cipher(key)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The `Encrypt` operators of a policy: the first seals, any opens."""

    operators: tuple[Encrypt, ...]

    def seal(self, label: str, value: str) -> str:
        """Encrypt a value under its label."""
        return self.operators[0].apply(label, value)

    def open(self, label: str, payload: str) -> str | None:
        """Give the value behind a payload, None where none of the keys wrote it."""
        for operator in self.operators:
            value = operator.open(label, payload)
            if value is not None:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A made-up value: of the same `format` (digits stay digits, letters letters) or, by Faker, kind.

    With a key the same value gets the same surrogate in every process, without one it is drawn at random for
    each conversation. Faker's are in the language of `locale` and need `faker` installed; labels it knows
    nothing for get one of the same format.
    """

    kind: Literal["format", "faker"] = "format"
    locale: str = "en_US"
    key: Key | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("format", "faker"):
            raise ValueError(f"kind is {self.kind!r}: choose format or faker")
        if self.kind == "faker" and importlib.util.find_spec("faker") is None:
            raise ValueError("kind faker needs the package faker: install it or choose format")
        if self.kind == "faker":
            from faker.config import AVAILABLE_LOCALES

            if self.locale not in AVAILABLE_LOCALES:
                raise ValueError(f"locale is {self.locale!r}: Faker has none such: choose one like en_US")


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing at all is written."""


@dataclass(frozen=True, slots=True)
class Block:
    """A request that holds such a value is not sent: `RedactionError`."""


@dataclass(frozen=True, slots=True)
class Keep:
    """The value is known and may leave."""


Operator = Replace | Mask | Hash | Encrypt | Surrogate | Drop | Block | Keep
