"""What stands around a value and says whether it is a credential, and whose."""

import re
from collections.abc import Sequence
from functools import cache

_KEY = re.compile(
    r"(?:api|access|secret|private|auth|master|virtual|service|[-_. \"'(\[{$,?&]|^)_?-?keys?(?![a-z])|"
    r"(?:^|[-_ \"'])pats?(?![a-z])|token(?!i[sz]|s?_?(?:count|limit|id|type|len|usage))|secret|auth(?!or)|"
    r"bearer|credential|passw|passphrase|pwd|api[-_ ]?key|login|client\("
)
_SAYS_NOTHING = re.compile(r"[\s\"'`(\[{,:=>|-]*(?:value|val|default|content|f|b)?[\s\"'`(\[{:=>|-]*")
_HASH = re.compile(
    r"hash|digest|sha[-_]?\d|md5|commit|checksum|integrity|etag|revision|blake|fingerprint|artifact|guid|uuid|"
    r"name_?space|/[\w.-]+@$|crc|(?:^|[^a-z])rev(?:[^a-z]|$)|(?<!key)(?<!account)_id\b|\bid\b|version|salt|"
    r"nonce|deployment|/$"
)
_DIGEST = re.compile(r"(?:sha[-_]?\d{1,3}|md5|blake\w{1,4})[\"']?\s*[=:-]\s*[\"']?$")
_CALLED = re.compile(r"([\w.]+)\(\s*[\"']$")
_BEFORE, _LINE, _AFTER = 240, 120, 120
_FAR = 2 * _BEFORE
_COMMON_HEADER = "x-api-key"


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


def surroundings(text: str, start: int, end: int, names: Sequence[str]) -> tuple[str, str]:
    """Return the text in which an issuer's name may stand: two lines before, and the line's end with `names`."""
    stop = text.find("\n", end, end + _AFTER)
    after = text[end : stop if stop >= 0 else end + _AFTER]
    return text[_lines_before(text, start) : start].lower(), f"{after} {' '.join(names)} ".lower()


def is_key_like(before: str, names: Sequence[str]) -> bool:
    """Tell whether the words before a value, or the names it has, are those of a credential."""
    return bool(_KEY.search(before)) or any(_KEY.search(name.lower()) for name in names)


def is_handed_to(before: str, names: Sequence[str]) -> bool:
    """Tell whether a value is the first argument of something named like its issuer (`Mistral("…")`)."""
    called = _CALLED.search(before)
    return called is not None and nearness((called[1], ""), names) > 0


def nearness(around: tuple[str, str], names: Sequence[str]) -> float:
    """Return how near one of the names stands, from 1 (right before) to just above 0; 0 where none does.

    `=exa` counts only as a word of its own. A header that many issuers use is the farthest.
    """
    before, after = around
    nearest = 0.0
    for name in names:
        word = name.removeprefix("=")
        if word in before and (at := _last(before, name, word)) >= 0:
            nearest = max(nearest, 1 - (len(before) - at) / _FAR if name != _COMMON_HEADER else 0.1)
        elif word in after and _last(after, name, word) >= 0:
            nearest = max(nearest, 0.5)
    return nearest


def _last(text: str, name: str, word: str) -> int:
    """Return where a name stands last, or -1."""
    if name == word:
        return text.rfind(word)
    return max((found.start() for found in _alone(word).finditer(text)), default=-1)


@cache
def _alone(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?:(?<![a-z])|(?<=\dm)){re.escape(word)}(?![a-z])")


def is_hash_like(before: str) -> bool:
    """Tell whether the words right before a value say that it is a digest or an identifier."""
    return bool(_HASH.search(before[-40:]))


def is_digest(before: str) -> bool:
    """Tell whether the name right before a value is that of a hash function, whatever stands before it."""
    return _DIGEST.search(before) is not None


def is_in_blob(text: str, start: int, end: int) -> bool:
    """Tell whether a value is a piece of something longer in base64, or of a path."""
    return (start > 0 and text[start - 1] in "+/") or (end < len(text) and text[end] in "+/")
