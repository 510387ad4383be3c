"""Credentials of no one issuer: private keys, signed tokens, passwords in URLs and connection strings.

In a text about to be sent also what is called a key or token and looks drawn, whoever made it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from callsafe.rules.credentials._judge import is_drawn
from callsafe.rules.credentials._match import BARE, Match
from callsafe.rules.credentials._placeholders import is_made_up, is_placeholder

_PEM = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?)-----|"
    r"---- BEGIN (SSH2 ENCRYPTED PRIVATE KEY) ----"
)
_PEM_LONGEST, _PEM_SHOWN = 20_000, 2000
_PEM_BODY = re.compile(r"(?:[A-Z][\w-]{2,20}: [^\n]{1,80}|\\[nrt]|[0-9A-Za-z+/=\s\"',+|>-])*")
_PEM_LINE = re.compile(r"[0-9A-Za-z+/]{32,}")
_SAMPLE_CLAIM = re.compile(
    rb'\{\s*"[a-z_]+"\s*:\s*"[A-Za-z ]*"\s*\}'
)  # {"some": "payload"}: who, until when?
_JWT = re.compile(
    r"(?<![0-9A-Za-z_.-])eyJ[-0-9A-Z_a-z]{10,4000}\.eyJ[-0-9A-Z_a-z]{10,8000}\.[-0-9A-Z_a-z]{20,1400}(?![0-9A-Za-z_-])"
)
_URL = re.compile(r"://([^\s:/@\"'<>`|\\?#]{0,100}):([^\s/@\"'<>`|\\]{3,200})@([A-Za-z0-9._\[\]-]{1,253})")
_PAIR = re.compile(
    r"(?<![A-Za-z])(AccountKey|SharedAccessKey|Password|Pwd)=([^\s;\"'<>`&,]{6,200})", re.IGNORECASE
)
_PASSWORD_WORD = re.compile("pass|secret|pw|token|key|admin|root|user", re.IGNORECASE)
_SAMPLE_HOSTS = re.compile(
    r"(?:^|\.)(?:example(?:\.[a-z]{2,4})?|test|invalid|localhost)$|^(?:127\.0\.0\.1|\[?::1\]?|host|hostname|server|ip|address|db|proxy|your.*)$"
)
_SERVER = re.compile(r"(?:server|data source|host|endpoint|accountname)\s*=", re.IGNORECASE)


_CALLED = re.compile(
    r"(?:(?:api|access|secret|auth|client)[ _-]?(?:key|token|secret)|secret|bearer|(?<!c)(?<![a-z])token|"
    r"(?<!primary )(?<!foreign )(?<!public )(?<!cache )(?<!sort )(?<!partition )(?<!idempotency )"
    r"(?<![a-z_-])key)[\"'`*]{0,3}(?:[ \t]+(?:is|was|of|for it is))?[\s:=\"'`*(>/]{1,8}"
    r"([0-9A-Z_a-z][-+./:0-9A-Z_a-z~]{18,200}=?=?)(?![-+./0-9A-Z_a-z~])",
    re.IGNORECASE,
)


def generic(text: str, strict: bool) -> Iterator[Match]:
    """Yield the credentials of no particular issuer; `strict` also those for hosts that are not real."""
    if strict:
        yield from _called(text)
    if "-----BEGIN" in text:
        yield from _private_keys(text)
    if "eyJ" in text:
        yield from _signed_tokens(text)
    if "://" in text and "@" in text:
        yield from _urls(text, strict)
    if "=" in text and ("Key=" in text or "assword=" in text or "wd=" in text):
        yield from _connection_strings(text, strict)


def _called(text: str) -> Iterator[Match]:
    """Yield what follows a word for a credential and looks drawn."""
    for found in _CALLED.finditer(text):
        value = found[1].rstrip(".:/-")
        if any(map(str.isdigit, value)) and is_drawn(value, 3.2) and not is_placeholder(value):
            yield Match(found.start(1), found.start(1) + len(value), "called", "an unknown issuer", BARE)


def _private_keys(text: str) -> Iterator[Match]:
    """Yield whole private keys, header and footer included; a header without a body is none."""
    for begin in _PEM.finditer(text):
        mark = "-----" if begin[1] else "----"
        ending = f"{mark}END {begin[1]}{mark}" if begin[1] else f"{mark} END {begin[2]} {mark}"
        end = text.find(mark, begin.end(), begin.end() + _PEM_LONGEST)
        body = text[begin.end() : end if end >= 0 else begin.end() + _PEM_SHOWN]
        if not text.startswith(ending, max(end, 0)):
            end, body = -1, body[:_PEM_SHOWN]
        kept = _PEM_BODY.match(body)
        length = kept.end() if kept else 0
        lines = _PEM_LINE.findall(body[:length].replace("\\n", "\n"))
        if not lines or (end >= 0 and length < len(body)) or is_made_up("".join(lines)[:80]):
            continue
        stop = end + len(ending) if end >= 0 else begin.end() + length
        yield Match(begin.start(), stop, "private-key", "private key", 0.99)


def _signed_tokens(text: str) -> Iterator[Match]:
    for token in _JWT.finditer(text):
        if _is_signed(token[0]):
            yield Match(token.start(), token.end(), "jwt", "JSON Web Token", 0.85)


def _is_signed(token: str) -> bool:
    """Tell whether the parts decode to a header with an algorithm and to claims other than the sample's."""
    from base64 import urlsafe_b64decode

    header, claims, _signature = token.split(".")
    try:
        first, second = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (header, claims))
    except ValueError:
        return False
    sample = b"John Doe" in second or b'"1234567890"' in second or _SAMPLE_CLAIM.fullmatch(second)
    return b'"alg"' in first and not sample


def _urls(text: str, strict: bool) -> Iterator[Match]:
    """Yield the passwords of URLs `scheme://user:password@host`."""
    for url in _URL.finditer(text):
        user, password, host = url.groups()
        if not _is_sample(user, password) and (strict or not _SAMPLE_HOSTS.search(host.lower())):
            yield Match(url.start(2), url.end(2), "basic-auth-url", "URL with a password", 0.8)


def _is_sample(user: str, password: str) -> bool:
    """Tell whether a pair of user and password is one that documentation uses, or no pair at all."""
    plain = re.sub(r"%([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), password)
    if (
        user == password
        or user == "scott"
        or is_placeholder(plain)
        or set("[]{}()").intersection(user + password)
    ):
        return True
    return plain.isalpha() and (len(plain) < 8 or bool(_PASSWORD_WORD.search(plain)))


def _connection_strings(text: str, strict: bool) -> Iterator[Match]:
    for pair in _PAIR.finditer(text):
        line = text[max(0, pair.start() - 200) : pair.start()] + text[pair.end() : pair.end() + 120]
        if (
            is_placeholder(pair[2])
            or "(" in pair[2]
            or not (strict or _SERVER.search(line))
            or ";" not in line
        ):
            continue
        yield Match(pair.start(2), pair.end(2), "connection-string", "connection string", 0.85)
