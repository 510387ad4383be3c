"""A cheap look whether Python source may join a credential from pieces: most files need no tokens for that."""

from __future__ import annotations

import re

_VALUE = r"[-\w./+=]"
_GAP = r"(?:[ \t()]|\\?\r?\n|\#[^\n]*\n)*"
_LETTERS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_PART = re.compile(r"[-0-9A-Z_a-z]{9,}+")
_SHORTEST = 9
_MARK = re.compile(r"""["'{}%](?:(?=[-0-9A-Z_a-z]{9})|(?<=[-0-9A-Z_a-z]{9}.))""")
_GOES_ON = re.compile(
    rf"""["']{_GAP}(?:\+{_GAP}(?:[A-Za-z_]|(?=["']))|,{_GAP}(?=["'])|(?=[bBrRuUfF]{{0,2}}["']{_VALUE}))"""
    r"""|["']\}|\{\w*\}|%s"""
)
_INTERPOLATED = re.compile(r"\{[\"'\w-]*\}$")
_JOINED = re.compile(r"\+[ \t\\\n]{0,40}([A-Za-z_]\w*)|\b([A-Za-z_]\w*+)(?=[ \t]{0,40}\+)|\{([A-Za-z_]\w*)\}")
_BETWEEN = " \t\r\n\\bBrRuUfF"
_LIST = re.compile(
    r"""(?:""|'')\.join\(\s*[\[(]\s*["'][-\w]|(?:%[s%]["']\s*%|\{\}["']\.format)\s*\(\s*["'][-\w]"""
)
_NAME_PIECE = r"(?:[a-z]+[0-9]{0,2}|[0-9]{1,4}[a-z]{0,2})"
_MAY_BE_DRAWN = re.compile(
    rf"(?!{_NAME_PIECE}(?:[-_]{_NAME_PIECE})+$)(?=[-0-9_]*[A-Za-z])"
    r"(?:(?=[-A-Z_a-z]*[0-9])(?:[0-9A-Za-z]+$|[-\w]{12})|(?=[A-Z]*[a-z])(?:[a-z]*[A-Z]){3}[A-Za-z]*$)"
)
_FORMATTED = re.compile(r"(?<!\w)[bBrR]?[fF][rR]?[\"']")


def may_split(content: str) -> bool:
    """Tell by a cheap look whether Python source may join a credential from pieces.

    Looked for is a part of at least nine characters that looks drawn and ends or begins at a quote beyond
    which a string goes on, or that is assigned to a name which something is joined to.
    """
    listed: bool | None = None
    names: frozenset[str] | None = None
    for mark in _MARK.finditer(content):
        at = mark.start()
        for part, joined in ((_opened(content, at), _goes_on_from), (_closed(content, at), _goes_on)):
            joint = joined(content, at) if part else ""
            if joint == ",":  # of a list that is joined, or of values for a template
                listed = bool(_LIST.search(content)) if listed is None else listed
                joint = joint if listed else ""
            if not joint or not _is_mixed(part):
                continue
            if joint.isidentifier():
                names = _joined_names(content) if names is None else names
                if joint not in names:
                    continue
            return True
    return False


def _opened(content: str, at: int) -> str:
    """Return the part that begins after a mark, if it may be one of a credential."""
    part = _PART.match(content, at + 1)
    return part[0] if part and _MAY_BE_DRAWN.match(part[0]) else ""


def _closed(content: str, at: int) -> str:
    """Return the part that ends before a mark beyond which the string may go on."""
    if not _GOES_ON.match(content, at):
        return ""
    window = content[max(0, at - 200) : at]
    part = window[len(window.rstrip(_LETTERS)) :]
    return part if len(part) >= _SHORTEST and _MAY_BE_DRAWN.match(part) else ""


def _goes_on_from(content: str, at: int) -> str:
    """Return what joins a part that begins after a mark to something before it: a sign, a name, or nothing."""
    if content[at] not in "\"'":
        head = content[max(0, at - 60) : at + 1]
        return head[-1] if content[at : at + 2] == "%s" or _INTERPOLATED.search(head) else ""
    head = content[max(0, at - 120) : at]
    if "#" in head:
        head = re.sub(r"#[^\n]*\n", "", head)
    head = head.rstrip(_BETWEEN)
    last = head[-1:]
    if last in ("+", "%", ","):
        return last
    if last in ("'", '"'):
        return last if re.match(_VALUE, head[-2:]) else ""
    if last == "(":
        return last if head.endswith(".format(") or head[:-1].rstrip().endswith("%") else _name(head)
    return "+" if head.endswith("+=") else _name(head)


def _name(head: str) -> str:
    """Return the name that what follows is assigned to, without its annotation."""
    head = head.rstrip("( \t\r\n\\")
    if not head.endswith("="):
        return ""
    for _ in range(2):
        head = head[:-1].rstrip()
        name = head[len(head.rstrip(_LETTERS)) :]
        if not head[: -len(name)].rstrip().endswith(":"):
            break
        head = head[: -len(name)].rstrip()
    return name if name.isidentifier() else ""


def _goes_on(content: str, at: int) -> str:
    """Return what joins a part that ends before a mark to something after it, or nothing."""
    found = _GOES_ON.match(content, at)
    if found and found[0][0] in "\"'" and found[0][1:] == "}":
        return "}" if _FORMATTED.search(content, content.rfind("\n", 0, at) + 1, at) else ""
    return "," if found and "," in found[0] else "+" if found else ""


def _joined_names(content: str) -> frozenset[str]:
    """Return the names to which something is joined."""
    return frozenset(name for found in _JOINED.findall(content) for name in found if name)


def _is_mixed(part: str) -> bool:
    """Tell whether a part looks drawn: it is no name with a number (`text-embedding-2024`)."""
    from callsafe.rules.credentials._judge import is_drawn

    return is_drawn(part, 2.5)
