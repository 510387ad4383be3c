"""One request and its answer, as bytes: what every wire does, whichever library carries it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode

from callsafe.redaction.errors import RedactionError
from callsafe.redaction.payloads import any_events, payload_for
from callsafe.redaction.payloads.filenames import redact_filename
from callsafe.redaction.payloads.files import redact_lines, redact_multipart
from callsafe.redaction.payloads.framing import (
    AwsEvents,
    BodyRestorer,
    JsonLines,
    PlainText,
    ServerSentEvents,
    Unlabelled,
    Whole,
)
from callsafe.redaction.payloads.json_text import dump
from callsafe.redaction.payloads.model import JSON, Payload
from callsafe.redaction.payloads.restoring import EventRestorer
from callsafe.redaction.payloads.shapes import Kind
from callsafe.redaction.payloads.walk import redact

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation, Redactor
    from callsafe.redaction.policy import Policy

_current: ContextVar[Conversation | None] = ContextVar("callsafe_conversation", default=None)

_JSON_LINES = (
    "application/x-ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/x-jsonlines",
    "application/stream+json",
)
_HEADER_KEPT = re.compile(
    r"accept.*|anthropic-.*|connection|content-.*|date|expect|host|if-.*|openai-beta|origin|range|user-agent"
    r"|transfer-encoding|x-amz.*|x-goog-api-client|x-goog-upload-(?:command|protocol)|x-stainless-.*"
    r"|x-b3-.*|traceparent|(?:.*-)?(?:length|offset|request-?id|size|time|trace(?:-?id)?|trace-?(?:state|context))"
    r"|(?:.*-)?(?:auth|authori[sz]ation|config|cookie|credentials?|(?:api)?key|secret|signature|token)(?:-?\d+)?"
)
"""Headers that are settings, or where credentials belong, by the last word of their names."""
_SPEAKS = re.compile(r"[@\s{]|[^\x00-\x7f]|%[2-9A-Fa-f][0-9A-Fa-f]")
_NUMBER = re.compile(
    r"(?<![\w.-])(?:\+?\(?\d(?:[ ().\-]{0,2}\d){6,18}|\d{1,3}(?:\.\d{1,3}){3}|[A-Z]{2}\d{2}[A-Z0-9]{11,30})(?![\w.-])"
)
"""What may be the number of a phone, a card, a person, an account or a machine."""
_PARTS = re.compile(r"/uploads/[^/]+/parts/?\Z")
_WORD = re.compile(r"[A-Za-z_][A-Za-z_\[\].\-]{0,63}")
_UNSAID = ("", "text/plain", "application/octet-stream", "application/binary", "binary/octet-stream")
_FILES = ("/content", "/results")
"""Endings of paths where the result files of batches lie."""
_PARAMETERS_KEPT = {
    "access_token", "after", "alt", "api-key", "api-version", "api_key", "beta", "before", "include", "key",
    "limit", "order", "pagesize", "pagetoken", "purpose", "starting_after", "stream",
}  # fmt: skip


@contextmanager
def conversing(conversation: Conversation) -> Iterator[None]:
    """Let every request of this context (thread or task) belong to one conversation.

    Needed where the provider keeps the history (`previous_response_id`): placeholders of earlier turns then
    mean the same as before.
    """
    token = _current.set(conversation)
    try:
        yield
    finally:
        _current.reset(token)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that is safe to send, and how to restore its answer."""

    url_query: str | None
    """The redacted query, None where it is as it was."""
    body: bytes = field(repr=False)
    conversation: Conversation = field(repr=False)
    payload: Payload | None = None
    wants_json: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The headers that were redacted, by their lower-case names."""

    def restorer(self, content_type: str, path: str = "", status: int = 200) -> BodyRestorer | None:
        """Return what restores an answer of this content type, None where it holds no text.

        An error is not restored: it becomes an exception, which is logged, and must hold no original.
        """
        kind = content_type.partition(";")[0].strip().lower()
        if status >= 400 or (self.payload is not None and not self.payload.restores):
            return None
        if kind == "text/event-stream":
            return ServerSentEvents(self.events())
        if kind == "application/vnd.amazon.eventstream":
            return AwsEvents(self.events())
        if kind.startswith(("audio/", "image/", "video/")):
            return None
        if kind in _JSON_LINES or (path.endswith(_FILES) and kind != "application/json"):
            return JsonLines(self.events())
        whole = Whole(self.conversation, wants_json=self.wants_json)
        if kind == "application/json" or kind.endswith("+json"):
            return whole
        if kind in _UNSAID:
            text = PlainText(self.conversation) if kind in ("", "text/plain") else None
            return Unlabelled(ServerSentEvents(self.events()), whole, text)
        return PlainText(self.conversation) if kind.startswith("text/") else None

    def events(self) -> EventRestorer:
        """Return what restores the answer where it is a stream of events."""
        events = self.payload.events if self.payload is not None else None
        return EventRestorer(events or any_events(), self.conversation, wants_json=self.wants_json)


@dataclass(frozen=True, slots=True)
class Guard:
    """Redacts the requests of a client, each in a conversation of its own unless one is given."""

    redactor: Redactor
    policy: Policy = field(repr=False)
    conversation: Conversation | None = field(default=None, repr=False)

    def exchange(self, *, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Redact one request; `headers` has lower-case names.

        Raises RedactionError whatever goes wrong: what cannot be redacted is not sent.
        """
        outcome = self._attempt(path, query, headers, body)
        if isinstance(outcome, RedactionError):
            del path, query, headers, body  # a traceback that shows local variables shows none
            raise outcome
        return outcome

    def _attempt(
        self, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Exchange | RedactionError:
        """Redact one request; give an error back as a value that carries no trace of it."""
        try:
            return self._exchange(path, query, headers, body)
        except RedactionError as error:
            return RedactionError(str(error))
        except Exception as error:
            return RedactionError(
                f"the request could not be redacted ({type(error).__name__}), so it was not sent"
            )

    def _exchange(self, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        kept = _current.get() or self.conversation
        conversation = (kept or self.redactor.conversation()).request()
        self._check_path(path, conversation)
        new_query = self._query(query, conversation) if query else None
        new_headers = _headers(headers, conversation)
        if not body:
            return Exchange(new_query, body, conversation, payload_for(path), headers=new_headers)
        if _PARTS.search(path) or "upload" in headers.get("x-goog-upload-command", ""):
            raise RedactionError(
                "the parts of an upload are cut anywhere, also inside a name, so they cannot be redacted: "
                "upload the file whole (files.create), or send its content in the request"
            )
        if headers.get("authorization", "").startswith("AWS4-"):
            raise RedactionError(
                "the request is already signed, so that redacting it would break the signature: "
                "protect the client that signs, or use a bearer token"
            )
        body = _decoded(body, headers.get("content-encoding", ""), 64 + 8 * self.policy.max_characters)
        content_type = headers.get("content-type", "")
        kind = content_type.partition(";")[0].strip().lower()
        payload = payload_for(path)
        wants_json = False
        if kind == "application/json" or kind.endswith("+json") or (not kind and body[:1] in (b"{", b"[")):
            try:
                parsed = json.loads(body)
            except (ValueError, RecursionError):
                raise RedactionError("the body of the request is not JSON, so it was not sent") from None
            self._check_history(parsed, payload, kept)
            wants_json = payload is not None and payload.wants_json(parsed)
            body = dump(redact(parsed, self._shape(payload), conversation, self.policy))
        elif kind == "multipart/form-data":
            body = redact_multipart(body, content_type, conversation, self.policy)
        elif kind == "application/x-www-form-urlencoded":
            body = self._form(body, conversation).encode()
        elif kind in _JSON_LINES:
            body = redact_lines(body, conversation, self.policy)
        else:
            body = self._other(body, kind, conversation)
        return Exchange(new_query, body, conversation, payload, wants_json, new_headers)

    def _check_path(self, path: str, conversation: Conversation) -> None:
        """Block a path that holds what would be redacted: under another path the request means another thing."""
        said = (unquote(part) for part in path.split("/"))
        if any(conversation.redact(part) != part for part in said if _says(part) and not part.isdigit()):
            raise RedactionError(
                "the path of the request holds personal data or a secret: put it into the body"
            )

    def _shape(self, payload: Payload | None) -> Any:
        if payload is not None:
            return payload.request
        if self.policy.on_unknown_payload == "block":
            raise RedactionError(
                "no payload is known for this address and the policy blocks unknown payloads"
                ": set on_unknown_payload to scrub to send it with every string redacted"
            )
        return _UNKNOWN

    def _check_history(self, body: JSON, payload: Payload | None, kept: Conversation | None) -> None:
        if kept is not None or payload is None or not isinstance(body, dict):
            return
        for name in payload.history:
            if body.get(name):
                raise RedactionError(
                    f"{name!r} is part of a conversation that the provider keeps, in which placeholders must "
                    "keep their meaning: use protect(client, conversation=...) or conversing(conversation)"
                )

    def _query(self, query: str, conversation: Conversation) -> str | None:
        pairs = parse_qsl(query, keep_blank_values=True)
        said = [
            (
                _name(name, conversation),
                value
                if name.lower() in _PARAMETERS_KEPT and "@" not in value
                else conversation.redact(value),
            )
            for name, value in pairs
        ]
        return None if said == pairs else urlencode(said)

    def _form(self, body: bytes, conversation: Conversation) -> str:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
        return urlencode([(_name(name, conversation), conversation.redact(value)) for name, value in pairs])

    def _other(self, body: bytes, kind: str, conversation: Conversation) -> bytes:
        media = Kind.AUDIO if kind.startswith(("audio/", "video/")) else Kind.IMAGE
        if kind.startswith(("audio/", "video/", "image/")) or kind == "application/pdf":
            redact("", media, conversation, self.policy)
            return body
        if self.policy.on_unknown_payload == "block":
            raise RedactionError(
                f"a body of type {kind or 'unknown'!r} is unknown and the policy blocks unknown payloads"
            )
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise RedactionError(
                f"a body of type {kind or 'unknown'!r} is not text, so it cannot be redacted and was not sent"
            ) from None
        return conversation.redact(text).encode()


_UNKNOWN = {"model": Kind.KEEP, "stream": Kind.KEEP}


def _says(value: str) -> bool:
    """Whether a header or a part of a path may hold more than a word."""
    return bool(_SPEAKS.search(value) or _NUMBER.search(value))


def _headers(headers: Mapping[str, str], conversation: Conversation) -> dict[str, str]:
    """Redact the headers that say something, and give those that changed."""
    redacted = {
        name: redact_filename(value, conversation) if files else conversation.redact(value)
        for name, value in headers.items()
        if not _HEADER_KEPT.fullmatch(name)
        and ((files := name.endswith(("file-name", "filename"))) or _says(value))
    }
    return {name: value for name, value in redacted.items() if value != headers[name]}


def _name(name: str, conversation: Conversation) -> str:
    """Redact the name of a parameter, which need not be a word."""
    return name if _WORD.fullmatch(name) else conversation.redact(name)


def _decoded(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo a request's Content-Encoding, to `limit` bytes; raises RedactionError for what we do not read."""
    windows = {"gzip": 31, "x-gzip": 31, "deflate": 15}
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        return body
    if kind not in windows:
        raise RedactionError(
            "the content encoding of the request cannot be read: send the body plain or as gzip"
        )
    unpacker = zlib.decompressobj(windows[kind])
    try:
        content = unpacker.decompress(body, limit)
    except zlib.error:
        content = b""
    if not unpacker.eof or unpacker.unused_data:
        raise RedactionError(
            "the compressed body of the request cannot be read or is too long, so it was not sent"
        )
    return content
