"""Uploads: multipart forms, and the JSON lines of batch and fine-tuning files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from callsafe.redaction.errors import RedactionError
from callsafe.redaction.payloads import payload_for
from callsafe.redaction.payloads.filenames import redact_filename
from callsafe.redaction.payloads.json_text import dump
from callsafe.redaction.payloads.model import JSON
from callsafe.redaction.payloads.openai import CHAT
from callsafe.redaction.payloads.shapes import Kind
from callsafe.redaction.payloads.walk import redact

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation
    from callsafe.redaction.policy import Policy

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_FIELD = re.compile(rb'(?<![\w*])(filename|name)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_HEADER = re.compile(
    rb'(?:\r\n(?:content-type|content-length|content-transfer-encoding):[^\r\n"@]*'
    rb'|\r\ncontent-disposition: *form-data(?:; *(?:file)?name="(?:[^"\\]|\\.)*")+)+',
    re.IGNORECASE,
)
_TYPE = re.compile(rb"(?im)^content-type:\s*([\w.+/-]+)")
_SETTING = re.compile(rb"[\w.\-/+:\[\]]*")
_SETTINGS = {
    "purpose", "model", "response_format", "language", "temperature", "size", "quality", "n", "stream",
    "timestamp_granularities[]", "include[]", "chunking_strategy", "expires_after[anchor]",
    "expires_after[seconds]",
    "background", "output_format", "output_compression", "input_fidelity", "seconds",
}  # fmt: skip
_SOUND = (".mp3", ".mp4", ".mpeg", ".mpga", ".m4a", ".wav", ".webm", ".ogg", ".flac", ".opus", ".mov")
_SIGHT = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".pdf")

_MESSAGES = CHAT["messages"]
_EXAMPLE: dict[str, Any] = CHAT | {
    "input": CHAT, "preferred_output": _MESSAGES, "non_preferred_output": _MESSAGES, "prompt": Kind.TEXT,
    "completion": Kind.TEXT, "weight": Kind.KEEP, "item": Kind.DATA,
}  # fmt: skip


def redact_lines(body: bytes, conversation: Conversation, policy: Policy) -> bytes:
    """Redact a file of JSON lines: requests of a batch (each by its own URL) or training examples.

    Each line has the limits of a request of its own.

    Raises RedactionError, with the number of the line, for a line that is no JSON.
    """
    lines = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line.strip():
            lines.append(line)
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise RedactionError(f"line {number} of the file is not JSON, so it was not sent") from None
        lines.append(dump(_line(value, conversation.request(), policy)))
    return b"\n".join(lines)


def redact_multipart(body: bytes, content_type: str, conversation: Conversation, policy: Policy) -> bytes:
    """Redact the fields and files of a form; pictures and sound are as the policy says."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise RedactionError("the form has no boundary, so it was not sent")
    mark = b"--" + found[1].encode()
    head, *parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if head.strip() or not parts or not parts[-1].startswith(b"--"):
        raise RedactionError("the form cannot be read, so it was not sent")
    redacted = [_part(part, conversation, policy) for part in parts[:-1]]
    return mark + (b"\r\n" + mark).join([*redacted, parts[-1]])


def _part(part: bytes, conversation: Conversation, policy: Policy) -> bytes:
    header, blank, content = part.partition(b"\r\n\r\n")
    if not blank:
        raise RedactionError("a part of the form cannot be read, so it was not sent")
    if not _HEADER.fullmatch(header):
        raise RedactionError(
            "a part of the form has a header that is not known here, so it was not sent: "
            "give name, filename (in quotes) and a content type only"
        )
    fields = {name.lower(): value for name, value in _FIELD.findall(header)}
    name = fields.get(b"name", b"").decode()
    filename = fields.get(b"filename")
    safe_name = conversation.redact(name)
    if safe_name != name:
        raise RedactionError("the name of a field of the form holds personal data: give it another name")
    if filename is None:
        setting = name in _SETTINGS or name.endswith("_id")
        if not setting or not _SETTING.fullmatch(content):
            content = conversation.redact(content.decode()).encode()
        return header + blank + content
    said = filename.decode()
    safe = redact_filename(said, conversation).replace('"', "")
    if safe != said:
        header = header.replace(b'filename="' + filename + b'"', b'filename="' + safe.encode() + b'"')
    kind = _TYPE.search(header)
    return (
        header + blank + _file(content, said.lower(), kind[1].decode() if kind else "", conversation, policy)
    )


def _file(content: bytes, filename: str, kind: str, conversation: Conversation, policy: Policy) -> bytes:
    kind = kind.lower()
    if kind.startswith(("audio/", "video/")) or filename.endswith(_SOUND):
        redact("", Kind.AUDIO, conversation, policy)
        return content
    if (kind.startswith("image/") and not kind.endswith("+xml")) or filename.endswith(_SIGHT):
        redact("", Kind.IMAGE, conversation, policy)
        return content
    if filename.endswith((".jsonl", ".ndjson")):
        return redact_lines(content, conversation, policy)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise RedactionError(
            "a file in the form is neither text, picture nor sound, so it cannot be redacted and was not sent"
        ) from None
    if filename.endswith(".json"):
        try:
            return dump(redact(json.loads(text), Kind.DATA, conversation, policy))
        except (ValueError, RecursionError):
            pass  # a text all the same
    return conversation.redact(text).encode()


def _line(value: JSON, conversation: Conversation, policy: Policy) -> JSON:
    payload = payload_for(str(value.get("url", ""))) if isinstance(value, dict) else None
    if payload is not None:
        shape = {"method": Kind.KEEP, "url": Kind.KEEP, "custom_id": Kind.TEXT, "body": payload.request}
        return redact(value, shape, conversation, policy)
    return redact(value, _EXAMPLE, conversation, policy)
