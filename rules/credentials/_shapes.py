"""The small language in which the shapes of credentials are written, and what is made from it.

A shape is literal text with groups such as `{b74}` or `{h20-40}`: an alphabet and how many of its
characters. One shape gives the regular expression that finds the credential and the generator of examples
for tests, so the two cannot drift apart. Alphabets: `a` letters and digits, `L` letters, `l` lower case and
digits, `u` upper case and digits, `b` base64url, `c` base64, `h` hexadecimal, `d` digits, `z` base32 in
lower case.
"""

import re
from collections.abc import Callable
from functools import cache
from math import log2

ALPHABETS = {
    "a": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "L": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "l": "0123456789abcdefghijklmnopqrstuvwxyz",
    "u": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "b": "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    "c": "+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "h": "0123456789abcdef",
    "d": "0123456789",
    "z": "234567abcdefghijklmnopqrstuvwxyz",
}
_CLASSES = {
    "a": "[0-9A-Za-z]",
    "L": "[A-Za-z]",
    "l": "[0-9a-z]",
    "u": "[0-9A-Z]",
    "b": "[-0-9A-Z_a-z]",
    "c": "[+/0-9A-Za-z]",
    "h": "[0-9a-f]",
    "d": "[0-9]",
    "z": "[0-9a-z]",
}
_GROUP = re.compile(r"\{([aLlubchdz])(\d+)(?:-(\d+))?\}")


@cache
def compiled(shape: str) -> re.Pattern[str]:
    """Return the regular expression of a shape, to be matched at the first character of the credential.

    It ends where no further letter or digit follows, so that a match is the whole value. Repetition is
    bounded: matching takes time proportional to the shape, never to the text.
    """
    parts, position = [], 0
    for group in _GROUP.finditer(shape):
        alphabet, least, most = group.groups()
        times = f"{{{least},{most}}}" if most else f"{{{least}}}"
        parts += [re.escape(shape[position : group.start()]), _CLASSES[alphabet], times]
        position = group.end()
    parts.append(re.escape(shape[position:]))
    is_base64 = len(parts) > 2 and parts[-3] == _CLASSES["c"]
    return re.compile("".join(parts) + ("={0,2}(?![+/0-9A-Za-z])" if is_base64 else "(?![0-9A-Za-z])"))


def prefix_of(shape: str) -> str:
    """Return the literal text with which a shape begins."""
    return shape.partition("{")[0]


def build(shape: str, pick: Callable[[str], str]) -> str:
    """Return an example of a shape, ranges at their shortest; `pick` draws a character of an alphabet."""

    def drawn(group: re.Match[str]) -> str:
        return "".join(pick(ALPHABETS[group[1]]) for _ in range(int(group[2])))

    return _GROUP.sub(drawn, shape)


def entropy(value: str) -> float:
    """Return Shannon's entropy of a value in bits per character, 0 for an empty one."""
    length = len(value)
    counts = [value.count(c) for c in set(value)]
    return -sum(n / length * log2(n / length) for n in counts)


@cache
def first_run(shape: str) -> tuple[int, int]:
    """Return the least and the greatest length of what stands before the first `.` or `:` of a shape."""
    head = re.split(r"[.:]", shape)[0]
    least = most = len(_GROUP.sub("", head))
    for _alphabet, low, high in _GROUP.findall(head):
        least += int(low)
        most += int(high or low)
    return least, most
