"""Payment cards, bank accounts and cryptocurrency addresses."""

from __future__ import annotations

import re

from callsafe.rules.personal_data.checksums import base58_check, bech32, digits_of, luhn, mod_97
from callsafe.rules.personal_data.model import DataRule, Gate

ISSUERS = (
    # first digits from, to, lengths; ISO/IEC 7812 ranges as the schemes publish them
    ("4", "4", (13, 16, 18, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),  # American Express
    ("300", "305", (14, 16, 17, 18, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 17, 18, 19)),  # Diners Club
    ("36", "36", (14, 15, 16, 17, 18, 19)),  # Diners Club
    ("38", "39", (14, 16, 17, 18, 19)),  # Diners Club
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("1800", "1800", (15,)),  # JCB
    ("2131", "2131", (15,)),  # JCB
    ("6011", "6011", (16, 17, 18, 19)),  # Discover
    ("644", "649", (16, 17, 18, 19)),  # Discover
    ("65", "65", (16, 17, 18, 19)),  # Discover, RuPay
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "82", (16, 17, 18, 19)),  # UnionPay, RuPay
    ("60", "60", (16,)),  # RuPay
    ("508", "508", (16,)),  # RuPay
    ("50", "50", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    ("56", "69", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("9792", "9792", (16,)),  # Troy
    ("636", "639", (16, 17, 18, 19)),  # InstaPayment, InterPayment
    ("1", "1", (15,)),  # UATP
)

_TEST_CARDS_LIST = (
    "4242424242424242 4000056655665556 4111111111111111 4012888888881881 4222222222222 4000000000000002 "
    "4000000000009995 4000000000003220 5555555555554444 5105105105105100 5200828282828210 "
    "2223003122003222 5454545454545454 378282246310005 371449635398431 378734493671000 6011111111111117 "
    "6011000990139424 6011000000000004 3056930009020004 30569309025904 38520000023237 36227206271667 "
    "3566002020360505 3530111333300000 6200000000000005 5019717010103742 6331101999990016 "
    "4917610000000000 4444333322221111 4000000000000077 4000000000000069 4000000000000119 "
    "4000002500003155 4000002760003184 1234567890123452"
)
TEST_CARDS = frozenset(_TEST_CARDS_LIST.split())
"""Numbers that payment providers publish for tests."""


def is_card(digits: str) -> bool:
    """Tell whether a number has a length that its issuer uses and the right check digit."""
    fits = any(low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in ISSUERS)
    return fits and len(set(digits)) > 1 and luhn(digits)


def _card(match: re.Match[str]) -> float | None:
    return 1.0 if is_card(digits_of(match[0])) else 0


_CARD_CONTEXT = (
    "credit",
    "card",
    "visa",
    "mastercard",
    "cc",
    "amex",
    "discover",
    "jcb",
    "diners",
    "maestro",
    "debit",
)


def _documentation_card(value: str) -> bool:
    return digits_of(value) in TEST_CARDS


_IBAN_LENGTHS_LIST = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 "
    "EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 "
    "IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 "
    "NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 "
    "SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
IBAN_LENGTHS = {pair[:2]: int(pair[2:]) for pair in _IBAN_LENGTHS_LIST.split()}
"""Length of an IBAN by country (SWIFT IBAN registry)."""

_DOCUMENTATION_IBANS_LIST = (
    "GB82WEST12345698765432 GB29NWBK60161331926819 GB33BUKB20201555555555 DE89370400440532013000 "
    "FR1420041010050500013M02606 FR7630006000011234567890189 ES9121000418450200051332 "
    "IT60X0542811101000000123456 NL91ABNA0417164300 BE68539007547034 CH9300762011623852957 "
    "AT611904300234573201 PL61109010140000071219812874 SE4550000000058398257466 NO9386011117947 "
    "DK5000400440116243 FI2112345600000785 PT50000201231234567890154 IE29AIBK93115212345678 "
    "LU280019400644750000 DE75512108001245126199 DE91100000000123456789"
)
DOCUMENTATION_IBANS = frozenset(_DOCUMENTATION_IBANS_LIST.split())
"""Account numbers that the registry and manuals use as examples."""


def _iban(match: re.Match[str]) -> float | None:
    value = re.sub(r"[ -]", "", match[0]).upper()
    return 1.0 if mod_97(value) else 0


def _iban_pattern() -> str:
    """Write one alternative per length, so that a match ends where the number ends."""
    by_length: dict[int, list[str]] = {}
    for country, length in IBAN_LENGTHS.items():
        by_length.setdefault(length, []).append(country)
    ways = (
        rf"(?:{'|'.join(countries)})[ -]?\d\d(?:[ -]?[A-Z0-9]){{{length - 4}}}"
        for length, countries in sorted(by_length.items())
    )
    return rf"(?i)(?<![A-Z0-9])(?=[A-Z]{{2}}[ -]?\d\d)(?:{'|'.join(ways)})(?![A-Z0-9])"


def _crypto(match: re.Match[str]) -> float | None:
    value = match[0]
    if value[:2].lower() == "0x":
        digits = value[2:]
        if len(set(digits.lower())) <= 6:
            return 0
        # Addresses carry their check sum in the case of their letters; hash sums are written in one case.
        return None if digits.islower() or digits.isupper() else 0.5
    valid = bech32(value) if value[:3].lower() == "bc1" else base58_check(value)
    return 1.0 if valid else 0


RULES = (
    DataRule(
        label="CREDIT_CARD",
        name="credit-card",
        pattern=re.compile(r"(?<![\w.])(?<!\d-)\d{12,19}(?!\w|[-.]\d)"),
        score=0.3,
        validate=_card,
        documentation=_documentation_card,
        context=_CARD_CONTEXT,
        examples=("pay with 378282246310005 now", "2223003122003222", "3566002020360505."),
        counterexamples=(
            "4242424242424241",
            "1700000000000",
            "0.4242424242424242",
            "a4242424242424242f",
            "0" * 16,
        ),
    ),
    DataRule(
        label="CREDIT_CARD",
        name="credit-card-grouped",
        # As cards are printed: 4-4-4-4, 4-6-5, 4-6-4, 6-13. A security code or an expiry date may follow.
        pattern=re.compile(
            r"(?<![\w.])(?<!\d-)(?:\d{4}(?P<a>[.-]| {1,3})\d{4}(?P=a)\d{4}(?P=a)\d{4}(?!(?P=a)\d{4})|"
            r"\d{4}(?P<b>[.-]| {1,3})\d{6}(?P=b)\d{4,5}|\d{6}[ -]\d{10,13})"
            r"(?!\w|\.\d)"
        ),
        score=0.3,
        validate=_card,
        documentation=_documentation_card,
        context=_CARD_CONTEXT,
        examples=(
            "card 4242 4242 4242 4242",
            "4111-1111-1111-1111.",
            "5555 5555 5555 4444 123 12/29",
            "no. 2 3782 822463 10005",
            "4111.1111.1111.1111, thanks",
            "4111  1111  1111  1111",
            "633110 1999990016 on the back",
        ),
        counterexamples=(
            "4242 4242 4242 4241",
            "4242-4242-4242-4242-4242-4242",
            "12 34 56 78 90 12 34 52",
            "4242.4242.4242.4242.4242",
        ),
    ),
    DataRule(
        label="CREDIT_CARD",
        name="credit-card-grouped-long",
        pattern=re.compile(
            r"(?<![\w.])(?<!\d-)\d{4}(?P<by>[ -])\d{4}(?P=by)\d{4}(?P=by)"
            r"(?:\d{4}(?P=by)\d{1,3}|\d{1,3})(?!\w|[-.]\d)"
        ),
        score=0.3,
        validate=_card,
        documentation=_documentation_card,
        context=_CARD_CONTEXT,
        examples=("Maestro 6304 0000 0000 0000 000 expired",),
        counterexamples=("6304 0000 0000 0000 001",),
    ),
    DataRule(
        label="IBAN_CODE",
        name="iban",
        pattern=re.compile(_iban_pattern()),
        score=0.5,
        validate=_iban,
        documentation=lambda value: re.sub(r"[ -]", "", value).upper() in DOCUMENTATION_IBANS,
        context=("iban", "bank", "account", "transaction"),
        examples=(
            "IBAN DE89 3704 0044 0532 0130 00, thanks",
            "GB82WEST12345698765432",
            "to gb29nwbk60161331926819 2 days ago",
            "FR14-2004-1010-0505-0001-3M02-606",
        ),
        counterexamples=("DE89370400440532013001", "XX89370400440532013000", "AB12CD34EF56GH78"),
    ),
    DataRule(
        label="CRYPTO",
        name="bitcoin-address",
        gate=Gate.NEAR,
        pattern=re.compile(
            r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?i:bc1)[a-zA-Z0-9]{11,71})(?![A-Za-z0-9])"
        ),
        score=0.5,
        validate=_crypto,
        documentation=lambda value: (
            value in ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
        ),
        context=("wallet", "btc", "bitcoin", "crypto"),
        examples=(
            "send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa please",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        counterexamples=("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
    ),
    DataRule(
        label="CRYPTO",
        name="ethereum-address",
        pattern=re.compile(r"(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])"),
        score=0.05,
        needles=("0x",),
        validate=_crypto,
        context=("wallet", "eth", "ethereum", "crypto", "metamask", "send", "transfer", "address"),
        examples=(
            "my wallet is 0x" + "52908400098527886E0F7030069857D2E4169EE7",
            "from 0x" + "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ),
        counterexamples=("commit 0x" + "52908400098527886E0F7030069857D2E4169EE7", "wallet 0x" + "0" * 40),
    ),
)
