"""E-mail, IP and MAC addresses."""

from __future__ import annotations

import ipaddress
import re

from callsafe.rules.personal_data.model import DataRule, Gate

_NOT_A_DOMAIN_LIST = (
    "bmp bz2 cfg conf cpp css csv gif gz html ico ini jpeg jpg js json jsx lock log mp3 mp4 png svg tar "
    "tgz tiff toml ts tsx ttf txt webp whl woff woff2 xml yaml yml"
)
NOT_A_DOMAIN = frozenset(_NOT_A_DOMAIN_LIST.split())
"""Endings of file names that are no top-level domain: `icon@2x.png` is no address."""

DOCUMENTATION_DOMAIN = re.compile(
    r"(?i)(?:.*[@.])?(?:example\.(?:com|org|net|edu|co\.uk)|[\w-]+\.(?:test|example|invalid|localhost)|"
    r"(?:domain|email|company|acme|yourdomain|mydomain|yourcompany|mycompany|foo|bar|test)\.(?:com|org|net|io))"
)
"""RFC 2606 and RFC 6761, and the names that manuals use in their place."""

_PROTOCOLS = ("openssh.com", "libssh.org")
"""Domains that stand in names of algorithms: `chacha20-poly1305@openssh.com`."""

_LOCAL = r"[\w+%-]"


def _email(match: re.Match[str]) -> float | None:
    """Refuse file names, the user part of a URL, `git@host:path` and addresses that nobody can have."""
    value = match[0]
    local, _, domain = value.rpartition("@")
    ending = domain.rpartition(".")[2].lower()
    if ending in NOT_A_DOMAIN or domain.lower().startswith(("-", ".")) or ".." in value:
        return 0
    text, start, end = match.string, match.start(), match.end()
    if (
        domain.lower() in _PROTOCOLS
        or local == "git"
        or (local.isdecimal() and len(local) < 3)
        or text[end : end + 2] == ":/"
    ):
        return 0
    before = text[max(0, start - 80) : start].rpartition(" ")[2]
    return 0 if "://" in before and before[-1:] in ("/", ":") else 1.0


_FUNCTIONS = re.compile(
    r"(?i)(?:support|info|sales|contact|hello|help|admin|administrator|webmaster|postmaster|hostmaster|abuse|security|"
    r"privacy|press|jobs|careers|billing|orders?|office|team|feedback|service|customerservice|no-?reply|do-?not-?reply|"
    r"user(?:name)?|someone|somebody|you(?:r?\.?(?:name|email))?|me|test(?:er|user)?|example|foo|bar|email|name|first\.last)\d{0,3}@.*"
)


def _documentation_email(value: str) -> bool:
    """Addresses of manuals, and of functions: nobody in particular reads them."""
    return DOCUMENTATION_DOMAIN.fullmatch(value) is not None or _FUNCTIONS.fullmatch(value) is not None


_VERSION = re.compile(
    r"(?i)(?:[=<>~^]=?|\b(?:v|ver|version|release|build|section|rev|chapter|clause)[.:]?)\s?$|[\w)]/$"
)


_OBJECT_IDENTIFIERS = ("2.5.4.", "2.5.29.", "1.3.6.", "1.3.101.", "1.2.840.")
"""How object identifiers of X.500, the IETF and ANSI begin: without a word such as "ip" these are no
addresses."""


def _ipv4(match: re.Match[str]) -> float | None:
    """Refuse versions (`==1.2.3.4`, `Chrome/1.2.3.4`), netmasks and addresses that identify nobody."""
    address = match[0].partition("/")[0]
    octets = address.split(".")
    if any(len(octet) > 1 and octet[0] == "0" for octet in octets):
        return 0
    try:
        ip = ipaddress.IPv4Address(address)
    except ValueError:
        return 0
    before = match.string[max(0, match.start() - 12) : match.start()]
    if int(octets[0]) in (0, 127) or int(octets[0]) >= 224 or _VERSION.search(before) is not None:
        return 0
    if match[0].startswith(_OBJECT_IDENTIFIERS):
        return 0.2
    # Small numbers are a version or a section of a document far more often than an address.
    return 0.2 if all(int(octet) < 10 for octet in octets[:3]) and not ip.is_private else None


def _ipv6(match: re.Match[str]) -> float | None:
    """Refuse times, `std::byte` and what `ipaddress` refuses."""
    value = match[0].partition("/")[0]
    mapped = "." in value
    groups = [group for group in value.split(":") if group] + ["", ""] * mapped
    if not any(character.isdigit() for character in value) or (len(groups) < 8 and "::" not in value):
        return 0
    if len(groups) < 3 and not value.lower().startswith(("2001:", "2a0", "2600:", "fe80:", "fd")):
        return 0
    try:
        ip = ipaddress.IPv6Address(value)
    except ValueError:
        return 0
    inside = ip.ipv4_mapped
    if inside is not None and (inside.is_loopback or inside.is_unspecified):
        return 0
    return 0 if ip.is_loopback or ip.is_unspecified or ip.is_multicast else None


_DOCUMENTATION_NETS = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)


def _documentation_ip(value: str) -> bool:
    """RFC 5737, RFC 3849, RFC 9637; and addresses of private networks, which lead to nobody from outside."""
    ip = ipaddress.ip_address(value.partition("/")[0])
    well_known = value in ("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "1.2.3.4", "4.4.4.4")
    inside = any(ip.version == net.version and ip in net for net in _DOCUMENTATION_NETS)
    return well_known or ip.is_private or inside


def _mac(match: re.Match[str]) -> float | None:
    digits = re.sub(r"[:.-]", "", match[0]).lower()
    return 0 if len(set(digits)) == 1 else None


def _documentation_mac(value: str) -> bool:
    """RFC 7042: 00-00-5E-00-53-00 to FF; and the runs that manuals write."""
    digits = re.sub(r"[:.-]", "", value).lower()
    return digits.startswith("00005e0053") or digits in (
        "001122334455",
        "aabbccddeeff",
        "0123456789ab",
        "deadbeefcafe",
    )


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"

RULES = (
    DataRule(
        label="EMAIL_ADDRESS",
        name="email-address",
        needles=("@",),
        pattern=re.compile(
            rf"(?<![\w.+%-])(?:{_LOCAL}|{_LOCAL}(?:[\w.+%'-]){{0,62}}{_LOCAL})"
            r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,30})(?![\w@])"
        ),
        score=0.5,
        validate=_email,
        documentation=_documentation_email,
        context=("email", "e-mail", "mail"),
        examples=(
            "write to jane.doe+news@example.com.",
            "<o'brien@mail.example.co.uk>",
            "mailto:max@müller.example",
            "contact=jane_doe@example.org;",
        ),
        counterexamples=(
            "icon@2x.png",
            "git@example.com:owner/name.git",
            "@dataclass(frozen=True)",
            "https://user:word@example.com/",
            "uses: actions/checkout@v4.2",
            "user@localhost",
            "a @ b.T",
        ),
    ),
    DataRule(
        label="EMAIL_ADDRESS",
        name="email-address-spelled",
        needles=("(at)", "[at]", "{at}", "<at>"),
        pattern=re.compile(
            rf"(?i)(?<![\w.+%-]){_LOCAL}(?:[\w.+%'-]){{0,63}} ?[(\[{{<]at[)\]}}>] ?"
            r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.| ?[(\[{<]dot[)\]}>] ?)){1,8}[^\W\d_]{2,24}(?![\w@])"
        ),
        score=0.5,
        examples=(
            "jane.doe (at) example (dot) org",
            "write to jane[at]example.com",
            "jd [at] mail.example [dot] org",
        ),
        counterexamples=("meet (at) noon", "look [at] this. Then go", "a (at) b"),
    ),
    DataRule(
        label="IP_ADDRESS",
        name="ipv4-address",
        gate=Gate.NEAR,
        pattern=re.compile(
            rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?:/(?:3[0-2]|[12]?\d)(?!\d))?(?![\w]|\.\d|-\d)"
        ),
        score=0.6,
        validate=_ipv4,
        documentation=_documentation_ip,
        context=("ip", "ipv4", "address", "host", "server"),
        examples=("client 203.0.113.77 connected", '"ip": "198.51.100.24"', "from 192.0.2.0/24"),
        counterexamples=(
            "version 10.12.13.14",
            "torch==10.2.0.17",
            "Chrome/120.13.14.15 Safari",
            "1.2.3.4.5",
            "mask 255.255.255.0",
            "http://127.0.0.1:8080",
            "300.1.2.3",
        ),
    ),
    DataRule(
        label="IP_ADDRESS",
        name="ipv6-address",
        pattern=re.compile(
            r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,5}:)[0-9A-Fa-f:]{3,39}(?:(?:\.\d{1,3}){3})?+(?:/\d{1,3})?(?![\w:]|\.\d)"
        ),
        score=0.6,
        validate=_ipv6,
        documentation=_documentation_ip,
        context=("ip", "ipv6", "address", "host", "server"),
        gate=Gate.COLON,
        examples=("peer 2001:db8::8a2e:370:7334", "2001:db8:85a3:1:2:8a2e:370:7334", "::ffff:192.0.2.33 up"),
        counterexamples=("12:30:45", "std::byte", "::1", "::", "a1::b2", "1:2:3:4:5", "::ffff:127.0.0.1"),
    ),
    DataRule(
        label="MAC_ADDRESS",
        name="mac-address",
        pattern=re.compile(
            r"(?<![\w:-])[0-9A-Fa-f]{2}(?P<by>[:-])(?:[0-9A-Fa-f]{2}(?P=by)){4}[0-9A-Fa-f]{2}(?![\w:]|-\w)"
        ),
        score=0.6,
        validate=_mac,
        documentation=_documentation_mac,
        context=("mac", "ethernet", "hardware", "physical", "wifi", "device"),
        gate=Gate.COLON,
        examples=("00:00:5e:00:53:af", "NIC 00-00-5E-00-53-01 up"),
        counterexamples=(
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "aa:bb:cc:dd:ee:ff:00:11",
            "10-11-12-13-14-15-16",
        ),
    ),
    DataRule(
        label="MAC_ADDRESS",
        name="mac-address-dotted",
        gate=Gate.NEAR,
        pattern=re.compile(r"(?<![\w.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![\w]|\.\w)"),
        score=0.3,
        validate=_mac,
        documentation=_documentation_mac,
        context=(
            "mac",
            "ethernet",
            "hardware",
            "physical",
            "interface",
            "vlan",
            "arp",
            "nic",
            "wifi",
            "device",
        ),
        examples=("interface mac 0000.5e00.53af",),
        counterexamples=("0000.0000.0000", "1234.5678.9012"),
    ),
)
