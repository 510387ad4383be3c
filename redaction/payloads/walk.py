"""Walks a request body along the shape of its wire format and redacts the text in it.

A field that no table knows is free data: every string in it is redacted, or the request is blocked, as the policy says.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from callsafe.redaction.errors import RedactionError
from callsafe.redaction.payloads.filenames import redact_filename
from callsafe.redaction.payloads.json_text import dump
from callsafe.redaction.payloads.model import JSON
from callsafe.redaction.payloads.shapes import Kind, Shape

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation
    from callsafe.redaction.policy import Policy


_PLAIN_KEY = re.compile(r"(?!.*\d{6})[A-Za-z_$][\w.\-/$]{0,63}")
_SPEAKS = re.compile(r"[@\s]|[^\x00-\x7f]")
"""What is in no id, model name or setting: a value that holds it is read, wherever it stands."""
_LIKE_A_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.\-/$]{20,}")
_DATA_URL = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+)?(?P<rest>(?:;[^,]*)?),", re.IGNORECASE)
_DATA_URL_SETTINGS = re.compile(r"(?:;(?:base64|charset=[\w\"-]+))*", re.IGNORECASE)
_TEXT_MIME = re.compile(
    r"text/|(?:application|image)/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|csv|x-ndjson|jsonl|javascript)",
    re.IGNORECASE,
)
_ADDRESS_OR_BYTES = re.compile(r"[A-Za-z][A-Za-z\d+.\-]*:\S*|[A-Za-z0-9+/_\-\r\n]*={0,2}\s*")
_URL = re.compile(r"[A-Za-z][A-Za-z\d+.\-]*://")
_MEDIA_SETTINGS = {"detail", "format", "type", "media_type", "mime_type", "mimeType", "file_id", "id"}
_TEXT_FORMATS = {"csv", "html", "md", "txt"}
_LONG_NUMBER = 10**6
_MAXIMUM_DEPTH = 200

_SCHEMA_TEXT = {"description", "title", "default", "const", "enum", "examples", "example", "$comment"}
_SCHEMA_MAPS = {"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"}
_SCHEMA_WORDS = {
    "type", "format", "pattern", "$ref", "$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor",
    "contentEncoding", "contentMediaType", "nullable", "dependentRequired",
}  # fmt: skip
_SCHEMA_NAMES = {"required", "propertyOrdering"}


_GROWING = {"chat_history": 1, "contents": 1, "input": 1, "items": 1, "messages": 1, "message": 2}


class _Dropped(Exception):  # noqa: N818 - nothing is wrong
    """A picture or sound that the policy drops; caught by the list it stands in."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def redact(value: JSON, shape: Shape, conversation: Conversation, policy: Policy) -> JSON:
    """Return a copy of a request body with placeholders.

    Raises RedactionError where the policy blocks what the body holds, and when the text cannot be redacted.
    """
    try:
        return _Walk(conversation, policy).value(value, shape, "", None, 0)
    except _Dropped as dropped:
        raise RedactionError(
            f"the policy drops {dropped.what}, and this request is nothing without it: "
            "leave it out, or set the policy to pass"
        ) from None


class _Walk:
    """One pass over one body."""

    __slots__ = ("conversation", "policy")

    def __init__(self, conversation: Conversation, policy: Policy) -> None:
        self.conversation = conversation
        self.policy = policy

    def value(self, value: JSON, shape: Shape, key: str, holder: Any, depth: int) -> JSON:
        """Redact one value of a known shape; `key` and `holder` say where it stands."""
        if depth > _MAXIMUM_DEPTH:
            raise RedactionError(f"the request is nested deeper than {_MAXIMUM_DEPTH} levels: flatten it")
        if value is None or isinstance(value, bool) or shape is Kind.OPAQUE:
            return value
        if isinstance(shape, Mapping):
            if isinstance(value, dict):
                return self._fields(value, shape, depth)
            if isinstance(value, list):
                return self._elements(value, shape, key, holder, depth)
            shape = Kind.TEXT
        if shape is Kind.FILE and isinstance(value, dict):
            return self._file(value, depth)
        if shape is Kind.IMAGE or shape is Kind.AUDIO:
            return self._media(value, shape, holder, depth)
        if isinstance(value, list) and shape is not Kind.DATA and shape is not Kind.SCHEMA:
            if shape in (Kind.TEXT, Kind.ARGUMENTS) and any(type(element) is int for element in value):
                raise RedactionError(
                    f"{key!r} is given as token numbers, which cannot be redacted: send it as text"
                )
            return self._elements(value, shape, key, holder, depth)
        if shape is Kind.SCHEMA:
            return self._schema(value, "", depth)
        if shape is Kind.KEEP and not isinstance(value, dict):
            return self._text(value, "") if isinstance(value, str) and _SPEAKS.search(value) else value
        if shape is Kind.SIGNED and isinstance(holder, dict) and holder.get("signature"):
            return value
        if isinstance(value, str):
            if shape is Kind.NAME:
                return self._name(value)
            if shape is Kind.FILENAME:
                return redact_filename(value, self.conversation)
            if shape is Kind.ARGUMENTS or (shape is Kind.TEXT and value[:1] in ("{", "[")):
                return self._embedded(value, key, depth)
            return self._text(value, key if shape is Kind.DATA else "")
        return self._data(value, key, depth)

    def _fields(self, fields: dict[str, Any], shape: Mapping[str, Any], depth: int) -> JSON:
        result: dict[str, Any] = dict.fromkeys(fields) if depth == 0 else {}
        for key in fields if depth else sorted(fields, key=_growing):
            value = fields[key]
            known = shape.get(key)
            if known is None and self.policy.on_unknown_payload == "block" and _holds_text(value):
                said = repr(key) if _PLAIN_KEY.fullmatch(key) else "of this request"
                raise RedactionError(
                    f"the field {said} is unknown here and the policy blocks unknown payloads: "
                    "leave it out, or set on_unknown_payload to scrub"
                )
            try:
                redacted = self.value(value, Kind.DATA if known is None else known, key, fields, depth + 1)
            except _Dropped:
                if known not in (Kind.IMAGE, Kind.AUDIO) or not isinstance(value, list):
                    raise
                result.pop(key, None)
                continue
            name = key if known is not None else self._key(key)
            if name != key:
                result.pop(key, None)
                _refuse(result, name)
            result[name] = redacted
        return result

    def _elements(self, elements: list[Any], shape: Shape, key: str, holder: Any, depth: int) -> list[Any]:
        result = []
        for element in elements:
            try:
                result.append(self.value(element, shape, key, holder, depth + 1))
            except _Dropped as dropped:
                if not isinstance(element, dict):
                    raise
                result.append(_notice(element, dropped.what, shape))
        return result

    def _data(self, value: JSON, key: str, depth: int) -> JSON:
        """Redact free JSON: strings, long whole numbers, and keys that are no identifiers."""
        if depth > _MAXIMUM_DEPTH:
            raise RedactionError(f"the request is nested deeper than {_MAXIMUM_DEPTH} levels: flatten it")
        if isinstance(value, str):
            return self._text(value, key)
        if isinstance(value, list):
            return [self._data(element, key, depth + 1) for element in value]
        if isinstance(value, dict):
            result: dict[str, Any] = {}
            for name, field in value.items():
                safe = self._key(name)
                _refuse(result, safe)
                result[safe] = self._data(field, name, depth + 1)
            return result
        if type(value) in (int, float) and abs(value) >= _LONG_NUMBER and value == value // 1:
            said = str(int(value))
            redacted = self._text(said, key)
            return value if redacted == said else redacted
        return value

    def _key(self, key: str) -> str:
        plain = _PLAIN_KEY.fullmatch(key) and not _LIKE_A_KEY.fullmatch(key)
        return key if plain else self.conversation.redact(key)

    def _text(self, text: str, key: str) -> str:
        """Redact one text; the name of its field tells the detector what it is about."""
        if len(text) < 2:
            return text
        data_url = _DATA_URL.match(text)
        if data_url:
            return self._data_url(text, data_url["mime"] or "text/plain")
        if key.lower() in ("filename", "file_name"):
            return redact_filename(text, self.conversation, joined=True)
        if key and len(text) < 200 and _PLAIN_KEY.fullmatch(key):
            context = key.replace("_", " ") + ": "
            redacted = self.conversation.redact(context + text)
            if redacted.startswith(context):
                return redacted[len(context) :]
        return self.conversation.redact(text)

    def _data_url(self, text: str, mime: str) -> str:
        head, _, content = text.partition(",")
        settings = head.partition(";")[2]
        if settings and not _DATA_URL_SETTINGS.fullmatch(f";{settings}"):
            said = unquote(settings)
            redacted = self.conversation.redact(said)
            if redacted != said:
                text = f"{head.partition(';')[0]};{quote(redacted, safe=';=')},{content}"
                head = text.partition(",")[0]
        if _TEXT_MIME.match(mime):
            if head.lower().endswith(";base64"):
                return f"{head},{self._base64(content)}"
            return f"{head},{quote(self.conversation.redact(unquote(content)))}"
        sound = mime.lower().startswith(("audio/", "video/"))
        return str(self._admit(text, Kind.AUDIO if sound else Kind.IMAGE))

    def _base64(self, content: str) -> str:
        try:
            text = base64.b64decode(content).decode()
        except ValueError:
            raise RedactionError(
                "a text file in the request is not UTF-8 in base64: send it as text"
            ) from None
        return base64.b64encode(self.conversation.redact(text).encode()).decode()

    def _name(self, name: str) -> str:
        """Redact a participant's name; providers accept no `<`, `>` or blank in it."""
        said = name.replace("_", " ")
        redacted = self.conversation.redact(said)
        return name if redacted == said else re.sub(r"[<>]", "", redacted).replace(" ", "_")

    def _embedded(self, text: str, key: str, depth: int) -> str:
        """Redact the values of JSON inside a string; text that is no JSON is redacted as text.

        Repeated keys are text too: a parser keeps only the last of them, so the first would be sent unread.
        """
        try:
            value = json.loads(text, object_pairs_hook=_unique)
        except (ValueError, RecursionError):
            return self._text(text, "")
        if not isinstance(value, (dict, list)):
            return self._text(text, key)
        redacted = self._data(value, "", depth)
        return text if redacted == value else dump(redacted).decode()

    def _schema(self, value: JSON, key: str, depth: int) -> JSON:
        if depth > _MAXIMUM_DEPTH:
            raise RedactionError(f"the request is nested deeper than {_MAXIMUM_DEPTH} levels: flatten it")
        if isinstance(value, list):
            return [self._schema(element, key, depth + 1) for element in value]
        if not isinstance(value, dict):
            said = isinstance(value, str) and _SPEAKS.search(value)
            return value if key in _SCHEMA_WORDS and not said else self._data(value, "", depth)
        result = {}
        for name, field in value.items():
            if name in _SCHEMA_TEXT:
                result[name] = self._data(field, "", depth + 1)
            elif name in _SCHEMA_MAPS and isinstance(field, dict):
                result[name] = {
                    self._key(each): self._schema(schema, "", depth + 1) for each, schema in field.items()
                }
            elif name in _SCHEMA_NAMES and isinstance(field, list):
                result[name] = [self._key(each) if isinstance(each, str) else each for each in field]
            else:
                result[self._key(name)] = self._schema(field, name, depth + 1)
        return result

    def _media(self, value: JSON, kind: Kind, holder: Any, depth: int) -> JSON:
        """Admit a picture, document or sound; what says that it is text, or is no address, is redacted."""
        if isinstance(value, list):
            return [self._media(element, kind, holder, depth) for element in value]
        if isinstance(value, dict):
            self._admit(value, kind)
            return {
                self._key(name): self.value(
                    field, Kind.KEEP if name in _MEDIA_SETTINGS else kind, name, value, depth + 1
                )
                for name, field in value.items()
            }
        if isinstance(value, str):
            about = holder if isinstance(holder, dict) else {}
            if about.get("type") == "text":
                return self._text(value, "")
            mime = str(about.get("media_type") or about.get("mimeType") or about.get("mime_type") or "")
            data_url = _DATA_URL.match(value)
            if data_url:
                return self._data_url(value, data_url["mime"] or "text/plain")
            if _TEXT_MIME.match(mime) and not _URL.match(value):
                return self._base64(value)
            if not _ADDRESS_OR_BYTES.fullmatch(value):
                self._admit(value, kind)
                return self._text(value, "")
            if mime.startswith(("audio/", "video/")):
                kind = Kind.AUDIO
        return self._admit(value, kind)

    def _file(self, value: dict[str, Any], depth: int) -> JSON:
        """Redact a document of Bedrock's: text inside, or bytes in a format that may be text."""
        kept = ("format", "source")
        result = {
            self._key(key): field if key in kept else self._data(field, "", depth)
            for key, field in value.items()
        }
        if isinstance(value.get("name"), str):  # Bedrock takes no other signs in it
            redacted = redact_filename(value["name"], self.conversation)
            result["name"] = re.sub(r"[<>]", "", redacted).replace("_", "-")
        source = value.get("source")
        if not isinstance(source, dict):
            return result
        if isinstance(source.get("bytes"), str) and value.get("format") in _TEXT_FORMATS:
            result["source"] = {"bytes": self._base64(source["bytes"])}
        elif "bytes" in source or "s3Location" in source:
            self._admit(source, Kind.IMAGE)
        else:
            result["source"] = self._data(source, "", depth)
        return result

    def _admit(self, value: JSON, kind: Kind) -> JSON:
        what, rule = ("images", self.policy.images) if kind is Kind.IMAGE else ("audio", self.policy.audio)
        if rule == "pass":
            return value
        if rule == "drop":
            raise _Dropped(what)
        raise RedactionError(
            f"the request holds {what} and the policy blocks them: leave them out, "
            f"or set {what} to pass or drop"
        )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("repeated key")
    return result


def _refuse(fields: dict[str, Any], name: str) -> None:
    """Refuse a second field of the same name: a mask may make one of two, and the first would be lost."""
    if name in fields:
        raise RedactionError(
            "two keys of the request are the same once redacted: use an operator that keeps them apart"
        )


def _growing(field: str) -> int:
    """Order the fields of a request: those that grow from turn to turn come last.

    So the numbers in what is said again stay the same: providers cache it, and signed thinking refers to it.
    """
    return _GROWING.get(field, 0)


def _holds_text(value: JSON) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_text, value.values()))
    if isinstance(value, list):
        return any(map(_holds_text, value))
    return isinstance(value, str)


def _notice(part: dict[str, Any], what: str, shape: Shape) -> dict[str, Any]:
    """Return the part that stands where one was dropped, in the manner of its provider.

    A chat of OpenAI knows `input_audio` and no `input_text`; the parts of its responses are flat.
    """
    text = f"[{what} removed]"
    kind = part.get("type")
    if not isinstance(kind, str):
        return {"text": text}
    flat = isinstance(shape, Mapping) and "file_data" in shape
    return {"type": "input_text" if flat and kind.startswith("input_") else "text", "text": text}
