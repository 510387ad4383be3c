"""Keys, and what is done with them: sealing values so that the same value gives the same bytes.

AES-SIV (RFC 5297) is deterministic and authenticated: equal values under equal context give equal bytes,
nothing else can be learned from them, and bytes that the key did not write do not open. Keys of any text are
stretched to the 64 bytes of AES-256-SIV with HKDF-SHA-256 (RFC 5869); a passphrase should be random, not a
word.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING, NoReturn, Self

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

SHORTEST_KEY = 16


class Key:
    """A secret key: 16 bytes (or characters) or more of random text.

    Its `repr` shows nothing of it. It is pickled by the name of its environment variable, and not at all
    where it was given in code. Raises `ValueError` for a key that is too short.
    """

    __slots__ = ("_secret", "_variable")

    def __init__(self, secret: bytes | str, *, variable: str = "") -> None:
        data = secret.encode() if isinstance(secret, str) else bytes(secret)
        if len(data) < SHORTEST_KEY:
            source = f"the key in {variable}" if variable else "the key"
            raise ValueError(f"{source} has {len(data)} bytes: give {SHORTEST_KEY} or more, at random")
        self._secret = data
        self._variable = variable

    @classmethod
    def from_environment(cls, variable: str) -> Self:
        """Read the key from an environment variable. Raises `ValueError` where it is not set or too short."""
        secret = os.environ.get(variable)
        if not secret:
            raise ValueError(f"the environment variable {variable} is not set: put the key there")
        return cls(secret, variable=variable)

    def __repr__(self) -> str:
        return f"Key({self._variable or '…'})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return int.from_bytes(self.digest("hash", b"")[:7])

    def __reduce__(self) -> tuple[object, tuple[str]]:
        if not self._variable:
            raise TypeError("a key given in code is not pickled: use Key.from_environment")
        return Key.from_environment, (self._variable,)

    def digest(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA-256 of the data, separate for each purpose."""
        own = hmac.digest(self._secret, b"callsafe " + purpose.encode(), hashlib.sha256)
        return hmac.digest(own, data, hashlib.sha256)


class Cipher:
    """Seals and opens values with one key. Thread-safe; never pickled."""

    __slots__ = ("_siv",)

    def __init__(self, key: Key | bytes | str) -> None:
        self._siv = _siv(key if isinstance(key, Key) else Key(key))

    def __repr__(self) -> str:
        return "Cipher()"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a cipher holds a key and is never pickled")

    def seal(self, value: bytes, *context: str) -> bytes:
        """Encrypt a value; the same key, value and context give the same bytes."""
        return self._siv.encrypt(value or b"\0", [_purpose(value), *(part.encode() for part in context)])

    def open(self, data: bytes, *context: str) -> bytes | None:
        """Give the value back, None where this key and context did not seal it."""
        from cryptography.exceptions import InvalidTag

        for empty in (False, True):
            purpose = _purpose(b"" if empty else b"x")
            try:
                value = self._siv.decrypt(data, [purpose, *(part.encode() for part in context)])
            except (InvalidTag, ValueError):
                continue
            return b"" if empty else value
        return None


def _purpose(value: bytes) -> bytes:
    """AES-SIV of this library takes no empty text, so an empty one is marked in the context."""
    return b"value" if value else b"empty"


def _siv(key: Key) -> AESSIV:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    # HKDF-Expand of 64 bytes from the key's own digest: two blocks of SHA-256.
    seed = key.digest("encrypt", b"")
    first = hmac.digest(seed, b"callsafe AES-256-SIV\x01", hashlib.sha256)
    second = hmac.digest(seed, first + b"callsafe AES-256-SIV\x02", hashlib.sha256)
    return AESSIV(first + second)
