"""Transports for httpx and httpx2, and what seals a request before an SDK's own retry loop.

Both libraries have the same interface and unrelated classes; which one is meant is told by the request at
hand, so neither is imported here.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from callsafe.redaction.payloads.framing import BodyRestorer, said
from callsafe.redaction.transport.exchange import Exchange, Guard

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation, Redactor

_SEAL = "callsafe"
"""The extension of a request that has been redacted already."""
_BODY_HEADERS = {"content-length", "content-encoding", "transfer-encoding"}


def guard_for(redactor: Redactor | None = None, conversation: Conversation | None = None) -> Guard:
    """Return the guard of a redactor (default: a new one with the default policy)."""
    if redactor is None:
        from callsafe.redaction.engine import Redactor

        redactor = Redactor()
    return Guard(redactor, redactor.policy, conversation)


class RedactingTransport:
    """Redacts what goes through an httpx or httpx2 transport, and restores what comes back.

    `httpx.Client(transport=RedactingTransport(httpx.HTTPTransport()))`. The caller's request is left as it
    is; a redacted copy is sent. Raises RedactionError before anything is sent.
    """

    def __init__(
        self, transport: Any, redactor: Redactor | None = None, *, guard: Guard | None = None
    ) -> None:
        self.transport = transport
        self.guard = guard or guard_for(redactor)

    def handle_request(self, request: Any) -> Any:
        """Send a redacted copy of the request."""
        exchange = request.extensions.get(_SEAL)
        if exchange is None:
            request.read()
            exchange = _exchange(self.guard, request)
            request = _redacted(request, exchange)
        return _restoring(request, self.transport.handle_request(request), exchange, "SyncByteStream")

    def close(self) -> None:
        """Close the transport."""
        self.transport.close()

    def __enter__(self) -> RedactingTransport:
        self.transport.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.transport.__exit__(*error)


class AsyncRedactingTransport:
    """Redacts what goes through an async httpx or httpx2 transport, and restores what comes back.

    Redaction runs in a worker thread, so that the event loop goes on. Raises RedactionError before anything
    is sent.
    """

    def __init__(
        self, transport: Any, redactor: Redactor | None = None, *, guard: Guard | None = None
    ) -> None:
        self.transport = transport
        self.guard = guard or guard_for(redactor)

    async def handle_async_request(self, request: Any) -> Any:
        """Send a redacted copy of the request."""
        exchange = request.extensions.get(_SEAL)
        if exchange is None:
            await request.aread()
            exchange = await _in_thread(partial(_exchange, self.guard, request))
            request = _redacted(request, exchange)
        response = await self.transport.handle_async_request(request)
        return _restoring(request, response, exchange, "AsyncByteStream")

    async def aclose(self) -> None:
        """Close the transport."""
        await self.transport.aclose()

    async def __aenter__(self) -> AsyncRedactingTransport:
        await self.transport.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.transport.__aexit__(*error)


def seal(guard: Guard, request: Any) -> None:
    """Redact a request in place, before an SDK signs it, sends it, or wraps what goes wrong.

    A sealed request is not redacted again, however often it is sent.
    """
    if _SEAL not in request.extensions:
        request.read()
        _seal(request, _exchange(guard, request))


async def aseal(guard: Guard, request: Any) -> None:
    """Redact a request in place, in a worker thread; see `seal`."""
    if _SEAL not in request.extensions:
        await request.aread()
        _seal(request, await _in_thread(partial(_exchange, guard, request)))


def protect_http_client(client: Any, guard: Guard) -> None:
    """Put a redacting transport around every transport of an httpx or httpx2 client, proxies included."""
    wrap = AsyncRedactingTransport if hasattr(client, "aclose") else RedactingTransport

    def wrapped(transport: Any) -> Any:
        inner = transport.transport if isinstance(transport, wrap) else transport
        return wrap(inner, guard=guard)

    client._transport = wrapped(client._transport)
    client._mounts = {
        pattern: None if transport is None else wrapped(transport)
        for pattern, transport in client._mounts.items()
    }


async def _in_thread(function: Callable[[], Exchange]) -> Exchange:
    from anyio.to_thread import run_sync

    return await run_sync(function)


def _exchange(guard: Guard, request: Any) -> Exchange:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return guard.exchange(
        path=request.url.path, query=request.url.query.decode(), headers=headers, body=request.content
    )


def _library(thing: Any) -> Any:
    return sys.modules[type(thing).__module__.partition(".")[0]]


def _seal(request: Any, exchange: Exchange) -> None:
    url, headers, content = _parts(request, exchange)
    extensions = {**request.extensions, _SEAL: exchange}
    method = request.method
    vars(request).clear()  # the content that was read would stay: hooks, signatures and errors would see it
    type(request).__init__(request, method, url, headers=headers, content=content, extensions=extensions)


def _redacted(request: Any, exchange: Exchange) -> Any:
    url, headers, content = _parts(request, exchange)
    return type(request)(request.method, url, headers=headers, content=content, extensions=request.extensions)


def _parts(request: Any, exchange: Exchange) -> tuple[Any, list[tuple[bytes, bytes]], bytes | None]:
    headers = [
        (
            name,
            exchange.headers[name.lower().decode()].encode()
            if name.lower().decode() in exchange.headers
            else value,
        )
        for name, value in request.headers.raw
        if name.lower().decode() not in _BODY_HEADERS
    ]
    url = request.url
    if exchange.url_query is not None:
        url = url.copy_with(query=exchange.url_query.encode())
    bodiless = not exchange.body and request.headers.get("content-length", "0") == "0"
    if bodiless and "content-length" in request.headers:
        headers.append((b"Content-Length", b"0"))
    return url, headers, None if bodiless else exchange.body


def _restoring(request: Any, response: Any, exchange: Exchange, stream: str) -> Any:
    """Return a response that restores the body of the given one as it is read."""
    restorer = exchange.restorer(
        response.headers.get("content-type", ""), request.url.path, response.status_code
    )
    if restorer is None:
        return response
    library = _library(response)
    headers = [pair for pair in response.headers.raw if pair[0].lower().decode() not in _BODY_HEADERS]
    return library.Response(
        response.status_code,
        headers=headers,
        stream=_stream_type(library.__name__, stream)(response, restorer),
        extensions=response.extensions,
    )


@cache
def _stream_type(library: str, base: str) -> Any:
    """Return the stream class for a library, which insists on its own base class."""
    mixin = _SyncStream if base == "SyncByteStream" else _AsyncStream
    return type(mixin.__name__, (mixin, getattr(sys.modules[library], base)), {})


class _SyncStream:
    """A response body, restored as it arrives; what is held back is not lost when the connection breaks."""

    def __init__(self, response: Any, restorer: BodyRestorer) -> None:
        self._response = response
        self._restorer = restorer

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._response.iter_bytes():
                yield from said(self._restorer.feed(chunk))
        except Exception:
            yield from said(self._restorer.finish())
            raise
        yield from said(self._restorer.finish())

    def close(self) -> None:
        self._response.close()


class _AsyncStream:
    """The same for an async response."""

    def __init__(self, response: Any, restorer: BodyRestorer) -> None:
        self._response = response
        self._restorer = restorer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_bytes():
                for restored in said(self._restorer.feed(chunk)):
                    yield restored
                    del restored
        except Exception:
            for restored in said(self._restorer.finish()):
                yield restored
                del restored
            raise
        for restored in said(self._restorer.finish()):
            yield restored
            del restored

    async def aclose(self) -> None:
        await self._response.aclose()
