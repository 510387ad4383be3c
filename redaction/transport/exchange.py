"""One request and its answer, as bytes: what every wire does, whichever library carries it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from callsafe.redaction.errors import RedactionError
from callsafe.redaction.payloads import payload_for
from callsafe.redaction.payloads.files import redact_lines, redact_multipart
from callsafe.redaction.payloads.framing import (
    AwsEvents,
    BodyRestorer,
    JsonLines,
    PlainText,
    ServerSentEvents,
    Whole,
)
from callsafe.redaction.payloads.model import JSON, Payload
from callsafe.redaction.payloads.restoring import EventRestorer
from callsafe.redaction.payloads.shapes import Kind, dump, redact

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation, Redactor
    from callsafe.redaction.policy import Policy

_current: ContextVar[Conversation | None] = ContextVar("callsafe_conversation", default=None)

_JSON_LINES = (
    "application/x-ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/stream+json",
)
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

    def restorer(self, content_type: str, path: str = "", status: int = 200) -> BodyRestorer | None:
        """Return what restores an answer of this content type, None where it holds no text."""
        kind = content_type.partition(";")[0].strip().lower()
        if self.payload is not None and not self.payload.restores and status < 400:
            return None
        if kind == "text/event-stream":
            return ServerSentEvents(self._events())
        if kind == "application/vnd.amazon.eventstream":
            return AwsEvents(self._events())
        if kind in _JSON_LINES or (path.endswith("/content") and kind != "application/json"):
            return JsonLines(self._events())
        if kind == "application/json" or kind.endswith("+json"):
            return Whole(self.conversation, wants_json=self.wants_json)
        if kind.startswith("text/"):
            return PlainText(self.conversation)
        return None

    def _events(self) -> EventRestorer:
        events = self.payload.events if self.payload is not None else None
        return EventRestorer(events, self.conversation, wants_json=self.wants_json)


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
        new_query = self._query(query, conversation) if query else None
        if not body:
            return Exchange(new_query, body, conversation, payload_for(path))
        if headers.get("authorization", "").startswith("AWS4-"):
            raise RedactionError(
                "the request is already signed, so that redacting it would break the signature: "
                "protect the client that signs, or use a bearer token"
            )
        body = _decoded(body, headers.get("content-encoding", ""))
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
            body = dump(redact(parsed, self._shape(payload, path), conversation, self.policy))
        elif kind == "multipart/form-data":
            body = redact_multipart(body, content_type, conversation, self.policy)
        elif kind == "application/x-www-form-urlencoded":
            body = self._form(body, conversation).encode()
        elif kind in _JSON_LINES:
            body = redact_lines(body, conversation, self.policy)
        else:
            body = self._other(body, kind, conversation)
        return Exchange(new_query, body, conversation, payload, wants_json)

    def _shape(self, payload: Payload | None, path: str) -> Any:
        if payload is not None:
            return payload.request
        if self.policy.on_unknown_payload == "block":
            raise RedactionError(
                f"no payload is known for {path.rpartition('/')[2]!r} and the policy blocks unknown payloads"
                ": set on_unknown_payload to scrub to send it with every string redacted"
            )
        return _UNKNOWN

    def _check_history(self, body: JSON, payload: Payload | None, kept: Conversation | None) -> None:
        if kept is not None or payload is None or not isinstance(body, dict):
            return
        for name in payload.history:
            if body.get(name) is not None:
                raise RedactionError(
                    f"{name!r} continues a conversation that the provider keeps, in which placeholders have "
                    "a meaning already: use protect(client, conversation=...) or conversing(conversation)"
                )

    def _query(self, query: str, conversation: Conversation) -> str | None:
        pairs = parse_qsl(query, keep_blank_values=True)
        said = [
            (name, value if name.lower() in _PARAMETERS_KEPT else conversation.redact(value))
            for name, value in pairs
        ]
        return None if said == pairs else urlencode(said)

    def _form(self, body: bytes, conversation: Conversation) -> str:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
        return urlencode([(name, conversation.redact(value)) for name, value in pairs])

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


def _decoded(body: bytes, encoding: str) -> bytes:
    """Undo a request's Content-Encoding; raises RedactionError for those we do not read."""
    try:
        match encoding.strip().lower():
            case "" | "identity":
                return body
            case "gzip" | "x-gzip":
                return gzip.decompress(body)
            case "deflate":
                return zlib.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise RedactionError(
            "the compressed body of the request cannot be read, so it was not sent"
        ) from None
    raise RedactionError(
        f"the content encoding {encoding!r} of the request cannot be read: send it plain or as gzip"
    )
