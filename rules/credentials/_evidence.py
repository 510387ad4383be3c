"""What stands around a value and says whether it is a credential, and whose."""

import re
from collections.abc import Sequence

_KEY = re.compile(
    r"(?:api|access|secret|private|auth|master|virtual|service|[-_. \"'(\[{$,]|^)_?-?keys?(?![a-z])|token(?!i[sz]|s?_?(?:count|limit|id|"
    r"type|len|usage))|secret|auth(?!or)|bearer|credential|passw|passphrase|pwd|api[-_ ]?key|apikey|login|client\(",
)
_CLASS = re.compile(r"[A-Z]\w*\($")
_HASH = re.compile(
    r"hash|digest|sha[-_]?\d|md5|commit|checksum|integrity|etag|revision|blake|fingerprint|artifact|guid|uuid|crc|"
    r"(?:^|[^a-z])rev(?:[^a-z]|$)|(?<!key)(?<!account)_id\b|\bid\b|version|salt|nonce|deployment|/$"
)
_BEFORE, _LINE, _AFTER = 240, 120, 120


def line_before(text: str, start: int) -> str:
    """Return what stands before a value on its line, the line before where nothing but marks does; in lower case."""
    least = max(0, start - _LINE)
    begin = text.rfind("\n", least, start) + 1 or least
    if not text[begin:start].strip("\"'`( \t[{fb"):
        begin = text.rfind("\n", max(0, begin - _LINE), max(0, begin - 1)) + 1 or max(0, begin - _LINE)
    return text[begin:start].lower()


def surroundings(text: str, start: int, end: int, names: Sequence[str]) -> str:
    """Return the text in which an issuer's name may stand: up to two lines before, the rest of the line, `names`."""
    least = max(0, start - _BEFORE)
    begin = start
    for _ in range(3):
        begin = text.rfind("\n", least, begin)
        if begin < 0:
            begin = least
            break
    stop = text.find("\n", end, end + _AFTER)
    after = text[end : stop if stop >= 0 else end + _AFTER]
    return f"{text[begin:start]} {after} {' '.join(names)} ".lower()


def is_key_like(before: str, names: Sequence[str]) -> bool:
    """Tell whether the words before a value, or the names it has, are those of a credential."""
    return bool(_KEY.search(before)) or any(_KEY.search(name.lower()) for name in names)


def is_hash_like(before: str) -> bool:
    """Tell whether the words right before a value say that it is a digest or an identifier."""
    return bool(_HASH.search(before[-40:]))


def is_in_blob(text: str, start: int, end: int) -> bool:
    """Tell whether a value is a piece of something longer in base64, or of a path."""
    return (start > 0 and text[start - 1] in "+/") or (end < len(text) and text[end] in "+/")
