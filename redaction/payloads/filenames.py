"""Names of files: words joined by `_` or `-`, and a suffix, which hide a person's name from a detector."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation

_SUFFIX = re.compile(r"(?<=.)\.(?=\d?[A-Za-z])[A-Za-z0-9]{1,8}\Z")


def redact_filename(name: str, conversation: Conversation, *, joined: bool = False) -> str:
    """Redact the name of a file: without its suffix, then with its joined words apart, then as it stands.

    With `joined` its words are left joined: a name that comes back must be the name of the same file.
    """
    found = _SUFFIX.search(name)
    suffix = found[0] if found else ""
    stem = name.removesuffix(suffix)
    readings = (stem,) if joined else (stem, stem.replace("_", " "), re.sub(r"[_-]", " ", stem))
    for said in dict.fromkeys(readings):
        redacted = conversation.redact(said)
        if redacted != said:
            return redacted + suffix
    return conversation.redact(name) if suffix else name
