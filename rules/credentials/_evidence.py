"""What stands around a value and says whether it is a credential, and whose."""

import re
from collections.abc import Sequence

_KEY = re.compile(
    r"(?:api|access|secret|private|auth|master|virtual|service|[-_. \"'(\[{$,?&]|^)_?-?keys?(?![a-z])|"
    r"token(?!i[sz]|s?_?(?:count|limit|id|type|len|usage))|secret|auth(?!or)|bearer|credential|passw|"
    r"passphrase|pwd|api[-_ ]?key|login|client\("
)
_SAYS_NOTHING = re.compile(r"[\s\"'`(\[{,:=>|-]*(?:value|val|default|content|f|b)?[\s\"'`(\[{:=>|-]*")
_HASH = re.compile(
    r"hash|digest|sha[-_]?\d|md5|commit|checksum|integrity|etag|revision|blake|fingerprint|artifact|guid|uuid|"
    r"crc|(?:^|[^a-z])rev(?:[^a-z]|$)|(?<!key)(?<!account)_id\b|\bid\b|version|salt|nonce|deployment|/$"
)
_CALLED = re.compile(r"([\w.]+)\(\s*[\"']$")
_BEFORE, _LINE, _AFTER = 240, 120, 120


def line_before(text: str, start: int) -> str:
    """Return what stands before a value on its line, in lower case.

    Where that says nothing (`value:`, an opening bracket) the two lines before it are returned too.
    """
    least = max(0, start - _LINE)
    begin = text.rfind("\n", least, start) + 1 or least
    if _SAYS_NOTHING.fullmatch(text, begin, start):
        begin = _lines_before(text, start)
    return text[begin:start].lower()


def _lines_before(text: str, start: int) -> int:
    """Return where the second line before the one of `start` begins, at most 240 characters before."""
    least = max(0, start - _BEFORE)
    begin = start
    for _ in range(3):
        begin = text.rfind("\n", least, begin)
        if begin < 0:
            return least
    return begin


def surroundings(text: str, start: int, end: int, names: Sequence[str]) -> str:
    """Return the text in which an issuer's name may stand: two lines before, the line, and `names`."""
    stop = text.find("\n", end, end + _AFTER)
    after = text[end : stop if stop >= 0 else end + _AFTER]
    return f"{text[_lines_before(text, start) : start]} {after} {' '.join(names)} ".lower()


def is_key_like(before: str, names: Sequence[str]) -> bool:
    """Tell whether the words before a value, or the names it has, are those of a credential."""
    return bool(_KEY.search(before)) or any(_KEY.search(name.lower()) for name in names)


def is_handed_to(before: str, names: Sequence[str]) -> bool:
    """Tell whether a value is the first argument of something named like its issuer (`Mistral("…")`)."""
    called = _CALLED.search(before)
    return called is not None and any(name in called[1] for name in names)


def is_hash_like(before: str) -> bool:
    """Tell whether the words right before a value say that it is a digest or an identifier."""
    return bool(_HASH.search(before[-40:]))


def is_in_blob(text: str, start: int, end: int) -> bool:
    """Tell whether a value is a piece of something longer in base64, or of a path."""
    return (start > 0 and text[start - 1] in "+/") or (end < len(text) and text[end] in "+/")
