"""A local server that fails on purpose and counts what a call really sends.

Which error comes out of a call is part of what is measured, so every one is caught.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any
from unittest import mock

STATUSES = {"429": 429, "500": 500, "503": 503, "400": 400}
FIRST = (
    b'data: {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], '
    b'"candidates": [{"content": {"role": "model", "parts": [{"text": "Hel"}]}}]}\n\n'
)
"""The beginning of a stream: what Gemini sends, an object without meaning for the others."""
LINE = b'{"model": "m", "message": {"role": "assistant", "content": "Hel"}, "done": false}\n'
"""The same of Ollama, whose streams are lines of JSON."""
HANG = 0.3
"""Seconds a client is given where the server never answers."""


@dataclass
class Server:
    """Answers every POST with the same fault. `posts` counts them."""

    fault: str
    url: str = ""
    posts: int = 0
    released: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serve(fault: str) -> Iterator[Server]:
    """Run a server with a fault: a status, `reset`, `hang`, or `midstream` (a stream that breaks off).

    `posts` is right when the server has ended: what a client gave up on may not have been read before.
    """
    state = Server(fault)

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            state.posts += 1
            self.rfile.read(int(self.headers.get("content-length") or 0))
            _fail(self, state)

        def log_message(self, *arguments: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing waits for them
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        state.released.set()
        with contextlib.suppress(OSError), socket.create_connection(server.server_address[:2], 5) as last:
            last.sendall(b"GET / HTTP/1.0\r\n\r\n")
            last.recv(1)  # all that connected before has been accepted
        server.shutdown()
        server.server_close()


def _fail(handler: BaseHTTPRequestHandler, state: Server) -> None:
    if state.fault in STATUSES:
        body = json.dumps({"error": {"message": "fault", "type": "fault"}, "message": "fault"}).encode()
        handler.send_response(STATUSES[state.fault])
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    elif state.fault == "reset":
        _break_off(handler)
    elif state.fault == "hang":
        state.released.wait(10)
        handler.close_connection = True
    elif state.fault == "midstream":
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("content-length", "100000")
        handler.end_headers()
        handler.wfile.write(LINE if handler.path.startswith("/api/") else FIRST)
        handler.wfile.flush()
        _break_off(handler)


def _break_off(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection with a reset instead of an orderly end."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


@dataclass(frozen=True, slots=True)
class Sent:
    """What a call did: requests that arrived, the error that came out, the read time-outs in force."""

    attempts: int
    error: BaseException | None
    timeouts: tuple[float | None, ...]


def send(fault: str, call: Callable[[str, float | None], object], timeout: float | None = None) -> Sent:
    """Make a call against a fault, with the waits between attempts left out.

    `call` gets the server's address and the time-out to set (`None`: leave the SDK's own).
    """
    limit = HANG if fault == "hang" and timeout is None else timeout
    error: BaseException | None = None
    with serve(fault) as server, _no_waiting(), _watched() as timeouts:
        try:
            call(server.url, limit)
        except Exception as raised:
            error = raised
    return Sent(server.posts, error, tuple(timeouts))


@contextlib.contextmanager
def _no_waiting() -> Iterator[None]:
    with mock.patch.object(time, "sleep", return_value=None):
        yield


@contextlib.contextmanager
def _watched() -> Iterator[list[float | None]]:
    """Collect the read time-out of every request that goes through httpx, httpx2 or requests."""
    seen: list[float | None] = []
    with contextlib.ExitStack() as stack:
        for module in ("httpx", "httpx2"):
            with contextlib.suppress(ImportError):
                transport = import_module(module).HTTPTransport
                stack.enter_context(_recording(transport, "handle_request", seen, _of_httpx))
        with contextlib.suppress(ImportError):
            adapter = import_module("requests").adapters.HTTPAdapter
            stack.enter_context(_recording(adapter, "send", seen, _of_requests))
        yield seen


def _of_httpx(arguments: tuple[Any, ...], _: dict[str, Any]) -> float | None:
    found: float | None = arguments[1].extensions.get("timeout", {}).get("read")
    return found


def _of_requests(_: tuple[Any, ...], keywords: dict[str, Any]) -> float | None:
    value = keywords.get("timeout")
    found: float | None = value[1] if isinstance(value, tuple) else value
    return found


@contextlib.contextmanager
def _recording(
    owner: Any,
    name: str,
    seen: list[float | None],
    read: Callable[[tuple[Any, ...], dict[str, Any]], float | None],
) -> Iterator[None]:
    real = getattr(owner, name)

    def recorded(*arguments: Any, **keywords: Any) -> Any:
        seen.append(read(arguments, keywords))
        return real(*arguments, **keywords)

    with mock.patch.object(owner, name, recorded):
        yield
