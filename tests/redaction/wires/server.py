"""A local HTTP server that speaks the providers' wire formats and records what arrived.

Its "model" repeats the last thing the user said, so that a placeholder that was sent comes back; asked to use
a tool, it passes what the user said on as the argument `said`.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the server sends."""

    chunks: Iterable[bytes]
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    broken: bool = False
    """Close the connection before the answer's end."""


Responder = Callable[[Recorded], Reply]


class Server:
    """The server; `respond` decides what it says."""

    def __init__(self, respond: Responder) -> None:
        self.respond = respond
        self.received: list[Recorded] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                server._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        class Threaded(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self._http = Threaded(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def last(self) -> Recorded:
        """The last request."""
        return self.received[-1]

    def saw(self, text: str) -> bool:
        """Whether a text arrived in any request, in any of the ways JSON and URLs may write it."""
        needles = {text.encode(), json.dumps(text)[1:-1].encode(), text.replace(" ", "+").encode()}
        return any(
            needle in place
            for request in self.received
            for place in (request.body, request.path.encode(), json.dumps(request.headers).encode())
            for needle in needles
        )

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(_read_chunks(handler))
        else:
            body = handler.rfile.read(int(headers.get("content-length") or 0))
        recorded = Recorded(handler.command, handler.path, headers, body)
        self.received.append(recorded)
        try:
            reply = self.respond(recorded)
        except Exception as error:  # the test must see it
            reply = Reply([json.dumps({"error": {"message": f"server: {error!r}"}}).encode()], 418)
        try:
            handler.send_response(reply.status)
            handler.send_header("Content-Type", reply.content_type)
            handler.send_header("Transfer-Encoding", "chunked")
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            for chunk in reply.chunks:
                if chunk:
                    handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                    handler.wfile.flush()
            if reply.broken:
                handler.close_connection = True
            else:
                handler.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Serve until the context ends."""
        thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()


def _read_chunks(handler: BaseHTTPRequestHandler) -> Iterator[bytes]:
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        yield handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()


def json_reply(value: Any, status: int = 200) -> Reply:
    """Return a JSON answer."""
    return Reply([json.dumps(value).encode()], status)


def gzipped(reply: Reply) -> Reply:
    """Return the same answer, compressed."""
    body = gzip.compress(b"".join(reply.chunks))
    return Reply([body[:10], body[10:]], reply.status, reply.content_type, {"Content-Encoding": "gzip"})


def cut(data: bytes, size: int) -> Iterator[bytes]:
    """Cut bytes into chunks of a size, regardless of what they mean."""
    return (data[start : start + size] for start in range(0, len(data), size))


def pieces(text: str, size: int = 3) -> list[str]:
    """Cut a text the way a model streams it."""
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]


def sse(events: Iterable[Any], *, named: bool = False, done: bool = False) -> Reply:
    """Return a stream of server-sent events."""
    frames = []
    for event in events:
        name = f"event: {event['type']}\n" if named else ""
        frames.append(f"{name}data: {json.dumps(event)}\n\n".encode())
    return Reply(
        frames + ([b"data: [DONE]\n\n"] if done else []), content_type="text/event-stream; charset=utf-8"
    )


def json_lines(events: Iterable[Any], content_type: str = "application/x-ndjson") -> Reply:
    """Return a stream of JSON lines."""
    return Reply([json.dumps(event).encode() + b"\n" for event in events], content_type=content_type)
