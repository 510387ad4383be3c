"""Check digits: what tells a number that somebody issued from a number."""

from __future__ import annotations

from datetime import date
from hashlib import sha256


def digits_of(value: str) -> str:
    """Return the ASCII digits of a text, in order."""
    return "".join(character for character in value if character in "0123456789")


def luhn(digits: str) -> bool:
    """Tell whether the digits end in their check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        digit = ord(character) - 48
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


def mod_97(iban: str) -> bool:
    """Tell whether an IBAN without separators fits its check digits (ISO 13616: ISO/IEC 7064, MOD 97-10)."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def weighted(digits: str, weights: tuple[int, ...], modulus: int) -> int:
    """Return the weighted sum of the first digits, reduced."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % modulus


def is_date(year: int, month: int, day: int) -> bool:
    """Tell whether there is such a day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58_check(address: str) -> bool:
    """Tell whether a Bitcoin address of the first kinds (P2PKH, P2SH) fits its checksum."""
    number = 0
    for character in address:
        place = _BASE58.find(character)
        if place < 0:
            return False
        number = number * 58 + place
    if number >= 1 << 200:
        return False
    raw = number.to_bytes(25, "big")
    return sha256(sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def bech32(address: str) -> bool:
    """Tell whether a segregated-witness address fits its checksum (BIP 173, BIP 350)."""
    if address.lower() != address and address.upper() != address:
        return False
    prefix, _, data = address.lower().rpartition("1")
    values = [_BECH32.find(character) for character in data]
    if not prefix or len(values) < 7 or min(values) < 0:
        return False
    codes = [ord(character) for character in prefix]
    check = 1
    for value in [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes), *values]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            check ^= term if (top >> bit) & 1 else 0
    return check in (1, 0x2BC830A3)
