"""Cuts the bytes of a streamed answer into events and puts restored events back into the same frames.

Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. JSON lines: one event per
line, as Ollama and Cohere's first API send them.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from callsafe.redaction.payloads.json_text import dump
from callsafe.redaction.payloads.model import JSON
from callsafe.redaction.payloads.restoring import EventRestorer, restore_response

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r|\n\r\n")
_LONGEST_MESSAGE = 1 << 25
"""Bytes of the longest message of an event stream of AWS (24 MB by its specification)."""
_EVENT = (b"data:", b"event:", b"id:", b"retry:", b":")
_LINE = re.compile(rb"\r\n|\n|\r")


class BodyRestorer(Protocol):
    """Restores the bytes of one answer as they arrive."""

    def feed(self, chunk: bytes) -> bytes:
        """Return the bytes that can be passed on now."""
        ...

    def finish(self) -> bytes:
        """Return the bytes that were held back; the answer has ended, or broken."""
        ...


def said(restored: bytes) -> Iterator[bytes]:
    """Yield what is not empty.

    For generators that pass restored bytes on: none stands in a local variable where a traceback shows it.
    """
    if restored:
        yield restored


class ServerSentEvents:
    """Restores a `text/event-stream`; an event is passed on as soon as its blank line is there."""

    __slots__ = ("_buffer", "_restorer", "_scanned")

    def __init__(self, restorer: EventRestorer) -> None:
        self._restorer = restorer
        self._buffer = bytearray()
        self._scanned = 0

    def feed(self, chunk: bytes) -> bytes:
        """Return the restored events that are complete."""
        self._buffer += chunk
        out = bytearray()
        start = 0
        for blank in _BLANK_LINE.finditer(self._buffer, self._scanned):
            out += self._frame(bytes(self._buffer[start : blank.end()]))
            start = blank.end()
        del self._buffer[:start]
        self._scanned = max(0, len(self._buffer) - 3)
        return bytes(out)

    def finish(self) -> bytes:
        """Return an event that lacks its blank line, and what the restorers hold."""
        rest = self._frame(bytes(self._buffer)) if self._buffer else b""
        self._buffer.clear()
        if not rest.strip():
            return self._said(self._restorer.finish()) + rest
        return rest + self._said(self._restorer.finish())

    def _frame(self, raw: bytes) -> bytes:
        lines = _LINE.split(raw)
        data = b"\n".join(line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:"))
        if not data:
            return raw
        header = b"".join(line + b"\n" for line in lines if line and not line.startswith(b"data:"))
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            before = self._said(self._restorer.finish())
            if data.strip() == b"[DONE]":  # nothing may follow
                return before + raw
            said = data.decode(errors="surrogateescape")
            restored = self._restorer.text(said)
            if restored == said:
                return before + raw
            lines = restored.encode(errors="surrogateescape").splitlines()
            return before + header + b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"
        held, changed = self._restorer.feed(event, header)
        return self._said(held) + (_sse(header, event) if changed else raw)

    def _said(self, events: Iterable[tuple[JSON, object]]) -> bytes:
        return b"".join(_sse(header if isinstance(header, bytes) else b"", event) for event, header in events)


class AwsEvents:
    """Restores an event stream of AWS whose messages hold JSON in base64, as bedrock sends it.

    A message is: two lengths and their CRC, headers, payload, CRC
    (https://smithy.io/2.0/aws/amazon-eventstream.html). What is no such message comes back as it was.
    """

    __slots__ = ("_buffer", "_restorer")

    def __init__(self, restorer: EventRestorer) -> None:
        self._restorer = restorer
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> bytes:
        """Return the restored messages that are complete."""
        self._buffer += chunk
        out = bytearray()
        while len(self._buffer) >= 12:
            (size,) = struct.unpack_from("!I", self._buffer)
            if not 16 <= size <= _LONGEST_MESSAGE:
                out += self._buffer
                self._buffer.clear()
                break
            if len(self._buffer) < size:
                break
            out += self._message(bytes(self._buffer[:size]))
            del self._buffer[:size]
        return bytes(out)

    def finish(self) -> bytes:
        """Return an incomplete message as it is, and what the restorers hold before it."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return self._said(self._restorer.finish()) + rest

    def _message(self, raw: bytes) -> bytes:
        try:
            (length,) = struct.unpack_from("!I", raw, 4)
            headers, payload = raw[12 : 12 + length], json.loads(raw[12 + length : -4])
            event = json.loads(base64.b64decode(payload["bytes"])) if "bytes" in payload else payload
        except (ValueError, KeyError, TypeError, struct.error, RecursionError):
            return raw
        before, changed = self._restorer.feed(event, (headers, "bytes" in payload))
        said = self._said(before)
        return said + (_aws(headers, event, in_base64="bytes" in payload) if changed else raw)

    def _said(self, events: Iterable[tuple[JSON, object]]) -> bytes:
        return b"".join(
            _aws(frame[0], event, in_base64=frame[1]) for event, frame in events if isinstance(frame, tuple)
        )


class JsonLines:
    """Restores a stream of JSON values, one per line."""

    __slots__ = ("_buffer", "_restorer")

    def __init__(self, restorer: EventRestorer) -> None:
        self._restorer = restorer
        self._buffer: list[bytes] = []

    def feed(self, chunk: bytes) -> bytes:
        """Return the restored lines that are complete."""
        self._buffer.append(chunk)
        if b"\n" not in chunk:
            return b""
        *lines, rest = b"".join(self._buffer).split(b"\n")
        self._buffer = [rest]
        return b"".join(self._line(line) + b"\n" for line in lines)

    def finish(self) -> bytes:
        """Return a line that lacks its end, and what the restorers hold."""
        rest, self._buffer = b"".join(self._buffer), []
        out = self._line(rest) if rest else b""
        held = b"".join(dump(event) + b"\n" for event, _ in self._restorer.finish())
        return out + (b"\n" if out and held else b"") + held

    def _line(self, line: bytes) -> bytes:
        if not line.strip():
            return line
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            return line
        before, changed = self._restorer.feed(event)
        return b"".join(dump(each, answer=True) + b"\n" for each, _ in before) + (
            dump(event, answer=True) if changed else line
        )


class Whole:
    """Restores a JSON body, which is read to its end first."""

    __slots__ = ("_chunks", "_conversation", "_wants_json")

    def __init__(self, conversation: Conversation, *, wants_json: bool = False) -> None:
        self._conversation = conversation
        self._wants_json = wants_json
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes) -> bytes:
        """Keep the chunk."""
        self._chunks.append(chunk)
        return b""

    def finish(self) -> bytes:
        """Return the restored body; what is cut off, or nested without end, is restored as text."""
        raw = b"".join(self._chunks)
        self._chunks.clear()
        try:
            body = json.loads(raw)
            if isinstance(body, str):
                return dump(self._conversation.restore(body))
            changed = restore_response(body, self._conversation, wants_json=self._wants_json)
            return dump(body, answer=True) if changed else raw
        except (ValueError, RecursionError):
            text = raw.decode(errors="surrogateescape")
            return self._conversation.restore(text, escape="json").encode(errors="surrogateescape")


class PlainText:
    """Restores a text body as it arrives."""

    __slots__ = ("_decoder", "_restorer")

    def __init__(self, conversation: Conversation) -> None:
        import codecs

        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
        self._restorer = conversation.stream()

    def feed(self, chunk: bytes) -> bytes:
        """Return what can be said for certain."""
        return self._restorer.feed(self._decoder.decode(chunk)).encode(errors="surrogateescape")

    def finish(self) -> bytes:
        """Return what was held back."""
        rest = self._restorer.feed(self._decoder.decode(b"", final=True)) + self._restorer.flush()
        return rest.encode(errors="surrogateescape")


class Unlabelled:
    """Restores a body whose content type says little: events or JSON where it begins like them."""

    __slots__ = ("_chosen", "_events", "_other", "_start", "_whole")

    def __init__(self, events: BodyRestorer, whole: BodyRestorer, other: BodyRestorer | None) -> None:
        self._events, self._whole, self._other = events, whole, other
        self._chosen = False
        self._start = b""

    def feed(self, chunk: bytes) -> bytes:
        """Return what can be said for certain."""
        if not self._chosen:
            self._start += chunk
            begun = self._start.lstrip()
            if not begun or any(len(begun) < len(first) and first.startswith(begun) for first in _EVENT):
                return b""
            chunk = self._choose()
        return chunk if self._other is None else self._other.feed(chunk)

    def finish(self) -> bytes:
        """Return what was held back."""
        rest = b"" if self._chosen else self._choose()
        return rest if self._other is None else self._other.feed(rest) + self._other.finish()

    def _choose(self) -> bytes:
        begun, start = self._start.lstrip(), self._start
        if begun.startswith(_EVENT):
            self._other = self._events
        elif begun.startswith((b"{", b"[")):
            self._other = self._whole
        self._chosen, self._start = True, b""
        return start


def _aws(headers: bytes, event: JSON, *, in_base64: bool) -> bytes:
    said = dump(event, answer=True)
    payload = dump({"bytes": base64.b64encode(said).decode()}) if in_base64 else said
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _sse(header: bytes, event: JSON) -> bytes:
    return header + b"data: " + dump(event, answer=True) + b"\n\n"
