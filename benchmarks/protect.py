"""What protect() costs: on a chat request of 1 KB, and on each chunk of a streamed answer.

    python benchmarks/protect.py [CALLS]

The real openai SDK talks to a server on loopback, in a process of its own, with and without protect(). The
server stamps each chunk with the time at which it sends it, so that the delay of a chunk is read off the same
clock; "CPU" is that of this process. Where `langchain` is installed its PIIMiddleware (e-mail, card, IP, MAC,
URL: regular expressions, the last user message only, nothing is restored) does the same text.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROSE = (
    "The committee met on the second floor and went through the agenda. Nothing was decided about the "
    "new building, and the reports of last year were accepted as they stood. "
)
DENSE = (
    "Please write to Jane Roe at jane.roe@mail.example.org or call +1 (415) 555-2671 before noon; her card "
    "4111 1111 1111 1111 was charged twice from 203.0.113.7 on Tuesday. "
)
WORDS = 60


class Handler(BaseHTTPRequestHandler):
    """Answers a chat with its own message, or with a stream of stamped words."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body.get("stream"):
            self._stream()
            return
        message = {"role": "assistant", "content": body["messages"][-1]["content"]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self._send("application/json", json.dumps(_answer("chat.completion", choice)).encode())

    def _send(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(WORDS):
            time.sleep(0.002)
            text = ("<", "PERSON", "_1>")[number % 3] if number % 20 < 3 else f"word{number} "
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
            event = _answer("chat.completion.chunk", choice) | {"id": str(time.monotonic_ns())}
            frame = b"data: " + json.dumps(event).encode() + b"\n\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(frame), frame))
            self.wfile.flush()
        frame = b"data: [DONE]\n\n"
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(frame), frame))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _answer(kind: str, choice: Any) -> dict[str, Any]:
    return {"id": "1", "object": kind, "created": 1, "model": "m", "choices": [choice]}


class Server(ThreadingHTTPServer):
    """Says nothing about a caller that hangs up."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


def serve(port: Any) -> None:
    """Serve until the process is ended."""
    server = Server(("127.0.0.1", 0), Handler)
    port.put(server.server_address[1])
    server.serve_forever()


def costs(call: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the median wall time and the mean CPU time of a call, in milliseconds."""
    for _ in range(10):
        call()
    walls = []
    cpu = time.process_time()
    for _ in range(times):
        started = time.perf_counter()
        call()
        walls.append(time.perf_counter() - started)
    return statistics.median(walls) * 1000, (time.process_time() - cpu) / times * 1000


def delays(client: Any, times: int) -> tuple[list[float], list[float], float]:
    """Return the delays of first and of later chunks, from the server's write to the caller's loop, in ms.

    Then the CPU time of one chunk.
    """
    first: list[float] = []
    later: list[float] = []
    message = {"role": "user", "content": DENSE}
    cpu = time.process_time()
    for _ in range(times):
        stream = client.chat.completions.create(model="m", messages=[message], stream=True)
        for number, chunk in enumerate(stream):
            (later if number else first).append((time.monotonic_ns() - int(chunk.id)) / 1e6)
    return first, later, (time.process_time() - cpu) / (times * WORDS) * 1000


def firsts(client: Any, times: int) -> float:
    """Return the median time from the call to the first chunk, in ms."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        message = {"role": "user", "content": DENSE}
        with client.chat.completions.create(model="m", messages=[message], stream=True) as stream:
            next(iter(stream))
            found.append(time.perf_counter() - started)
    return statistics.median(found) * 1000


def langchain(text: str) -> Callable[[], object] | None:
    """Return what LangChain's middleware does to a text before the model is called."""
    try:
        middleware_of = importlib.import_module("langchain.agents.middleware")
        messages = importlib.import_module("langchain_core.messages")
    except ImportError:
        return None
    kinds = ("email", "credit_card", "ip", "mac_address", "url")
    middleware = [middleware_of.PIIMiddleware(kind) for kind in kinds]

    def run() -> object:
        state: Any = {"messages": [messages.HumanMessage(text)]}
        for each in middleware:
            state = {**state, **(each.before_model(state, None) or {})}
        return state

    return run


def main(times: int) -> None:
    """Print the figures."""
    from openai import OpenAI

    from callsafe.redaction import Policy, Redactor, protect

    context = multiprocessing.get_context("spawn")
    port = context.Queue()
    process = context.Process(target=serve, args=(port,), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{port.get()}"
    clients: dict[str, Any] = {"unprotected": OpenAI(base_url=url, api_key="none")}
    for name, policy in (("protect()", Policy()), ("protect(), names=False", Policy(names=False))):
        redactor = Redactor(policy)
        redactor.warm_up()
        clients[name] = protect(OpenAI(base_url=url, api_key="none"), redactor=redactor)
    print(f"{'a chat request of 1 KB, milliseconds':44}{'wall':>8}{'CPU':>8}{'added':>8}")
    for kind, piece in (("prose", PROSE), ("dense personal data", DENSE)):
        text = (piece * 9)[:1024]
        base = 0.0
        for name, client in clients.items():
            message = {"role": "user", "content": text}
            wall, cpu = costs(partial(client.chat.completions.create, model="m", messages=[message]), times)
            base = base or cpu
            print(f"{kind + ': ' + name:44}{wall:8.2f}{cpu:8.2f}{cpu - base:8.2f}")
        run = langchain(text)
        if run is not None:
            wall, cpu = costs(run, times)
            print(f"{kind + ': LangChain PIIMiddleware, alone':44}{wall:8.2f}{cpu:8.2f}{cpu:8.2f}")
    title = "a streamed answer, milliseconds"
    print(f"\n{title:34}{'first':>8}{'later: p50':>12}{'p95':>8}{'CPU':>8}{'call to first':>15}")
    streams = max(10, times // 10)
    for name, client in clients.items():
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": DENSE}])
        first, later, cpu = delays(client, streams)
        p50, p95 = statistics.median(later), statistics.quantiles(later, n=20)[-1]
        start = firsts(client, streams)
        print(f"{name:34}{statistics.median(first):8.2f}{p50:12.2f}{p95:8.2f}{cpu:8.3f}{start:15.2f}")
    process.terminate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 200)
