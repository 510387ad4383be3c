"""huggingface_hub: its clients share one HTTP client of the process, so they are met one step earlier."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from callsafe.redaction.payloads.framing import ServerSentEvents
from callsafe.redaction.payloads.json_text import dump
from callsafe.redaction.transport.exchange import Exchange, Guard


def protect_inference(client: Any, guard: Guard) -> None:
    """Redact and restore what an InferenceClient or AsyncInferenceClient posts.

    The process's own HTTP client is left alone: it also moves the files of models and data sets.
    """
    original = type(client)._inner_post
    if type(client).__name__.startswith("Async"):

        async def apost(request_parameters: Any, *, stream: bool = False) -> Any:
            from anyio.to_thread import run_sync

            safe, exchange = await run_sync(partial(_redacted, guard, request_parameters))
            answer = await original(client, safe, stream=stream)
            return _alines(answer, exchange) if stream else _whole(answer, exchange)

        client._inner_post = apost
    else:

        def post(request_parameters: Any, *, stream: bool = False) -> Any:
            safe, exchange = _redacted(guard, request_parameters)
            answer = original(client, safe, stream=stream)
            return _lines(answer, exchange) if stream else _whole(answer, exchange)

        client._inner_post = post


def _redacted(guard: Guard, parameters: Any) -> tuple[Any, Exchange]:
    url = urlsplit(parameters.url)
    headers = {name.lower(): str(value) for name, value in (parameters.headers or {}).items()}
    if parameters.json is not None:
        headers["content-type"] = "application/json"
        body = dump(parameters.json)
    else:
        data = parameters.data or b""
        body = (
            data.encode() if isinstance(data, str) else bytes(data.read() if hasattr(data, "read") else data)
        )
        task = str(parameters.task)
        headers.setdefault(
            "content-type", "audio/unknown" if "audio" in task or "speech" in task else "image/unknown"
        )
    exchange = guard.exchange(path=url.path, query="", headers=headers, body=body)
    if exchange.headers:
        kept = {
            name: value for name, value in parameters.headers.items() if name.lower() not in exchange.headers
        }
        parameters = dataclasses.replace(parameters, headers=kept | dict(exchange.headers))
    if parameters.json is not None:
        return dataclasses.replace(parameters, json=json.loads(exchange.body)), exchange
    return dataclasses.replace(parameters, data=exchange.body or None), exchange


def _whole(answer: Any, exchange: Exchange) -> Any:
    restorer = exchange.restorer("application/json")
    if restorer is None or not isinstance(answer, bytes):
        return answer
    restorer.feed(answer)
    return restorer.finish()


def _line(line: Any) -> bytes:
    raw = line.encode() if isinstance(line, str) else bytes(line)
    return raw.rstrip(b"\r\n") + b"\n"


def _lines(answer: Any, exchange: Exchange) -> Iterator[str]:
    events = ServerSentEvents(exchange.events())
    try:
        for line in answer:
            yield from events.feed(_line(line)).decode().splitlines()
    except Exception:
        yield from events.finish().decode().splitlines()
        raise
    yield from events.finish().decode().splitlines()


async def _alines(answer: Any, exchange: Exchange) -> AsyncIterator[str]:
    events = ServerSentEvents(exchange.events())
    try:
        async for line in answer:
            for restored in events.feed(_line(line)).decode().splitlines():
                yield restored
                del restored  # a traceback shows local variables
    except Exception:
        for restored in events.finish().decode().splitlines():
            yield restored
            del restored
        raise
    for restored in events.finish().decode().splitlines():
        yield restored
