"""An adapter for requests."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import BaseAdapter, HTTPAdapter

from callsafe.redaction.errors import RedactionError
from callsafe.redaction.payloads.framing import BodyRestorer, said
from callsafe.redaction.transport.exchange import Guard
from callsafe.redaction.transport.httpx import guard_for

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

    from callsafe.redaction.engine import Redactor

_BODY_HEADERS = ("Content-Length", "Content-Encoding", "Transfer-Encoding")


class RedactingAdapter(BaseAdapter):
    """Redacts what goes through an adapter of requests, and restores what comes back.

    `session.mount("https://", RedactingAdapter())`. The prepared request of the caller is left as it is.
    Raises RedactionError before anything is sent.
    """

    def __init__(
        self,
        adapter: BaseAdapter | None = None,
        redactor: Redactor | None = None,
        *,
        guard: Guard | None = None,
    ) -> None:
        super().__init__()
        self.adapter = adapter or HTTPAdapter()
        self.guard = guard or guard_for(redactor)

    def send(self, request: PreparedRequest, *arguments: Any, **keywords: Any) -> Response:
        """Send a redacted copy of the request."""
        scheme, host, path, query, fragment = urlsplit(request.url or "")
        exchange = self.guard.exchange(
            path=path if isinstance(path, str) else path.decode(),
            query=query if isinstance(query, str) else query.decode(),
            headers={name.lower(): str(value) for name, value in request.headers.items()},
            body=_body(request),
        )
        sent = request.copy()
        sent.headers.update(exchange.headers)
        if exchange.url_query is not None:
            sent.url = str(urlunsplit((scheme, host, path, exchange.url_query, fragment)))
        if exchange.body:
            for name in _BODY_HEADERS:
                sent.headers.pop(name, None)
            sent.prepare_body(exchange.body, None)
        response = self.adapter.send(sent, *arguments, **keywords)
        content_type, path = response.headers.get("content-type", ""), sent.path_url.partition("?")[0]
        restorer = exchange.restorer(content_type, path, response.status_code)
        if restorer is not None:
            for name in _BODY_HEADERS:
                response.headers.pop(name, None)
            response.raw = _RestoringBody(response.raw, restorer)
        response.request = request
        return response

    def close(self) -> None:
        """Close the adapter."""
        self.adapter.close()


def protect_session(session: Session, guard: Guard) -> None:
    """Put a redacting adapter around every adapter of a session, also around those mounted later."""

    def mount(prefix: Any, adapter: BaseAdapter) -> None:
        inner = adapter.adapter if isinstance(adapter, RedactingAdapter) else adapter
        type(session).mount(session, prefix, RedactingAdapter(inner, guard=guard))

    for prefix, adapter in list(session.adapters.items()):
        mount(prefix, adapter)
    session.mount = mount  # type: ignore[method-assign]


def _body(request: PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None or isinstance(body, bytes):
        return body or b""
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        content = body.read()
        return content.encode() if isinstance(content, str) else bytes(content)
    try:
        return b"".join(part.encode() if isinstance(part, str) else part for part in body)
    except TypeError:
        raise RedactionError("the body of the request cannot be read, so it was not sent") from None


class _RestoringBody:
    """The raw body of a response of requests, restored as it arrives."""

    def __init__(self, raw: Any, restorer: BodyRestorer) -> None:
        self._raw = raw
        self._restorer = restorer
        self._rest = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    @functools.cached_property
    def _chunks(self) -> Iterator[bytes]:
        return self._restored(65536)

    def stream(self, amount: int = 65536, **_: Any) -> Iterator[bytes]:
        """Yield restored bytes; they are always decoded."""
        yield from self._restored(amount)

    def read(self, amount: int | None = None, **_: Any) -> bytes:
        """Return up to so many restored bytes, all of them without a number."""
        while amount is None or len(self._rest) < amount:
            before = len(self._rest)
            self._rest += next(self._chunks, b"")
            if len(self._rest) == before:
                break
        end = len(self._rest) if amount is None else amount
        taken, self._rest = self._rest[:end], self._rest[end:]
        return taken

    def _restored(self, amount: int) -> Iterator[bytes]:
        try:
            for chunk in self._raw.stream(amount, decode_content=True):
                yield from said(self._restorer.feed(chunk))
        except Exception:
            yield from said(self._restorer.finish())
            raise
        yield from said(self._restorer.finish())
