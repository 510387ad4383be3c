"""Events of botocore: bedrock-runtime's requests are redacted before they are signed."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from callsafe.redaction.payloads.json_text import dump
from callsafe.redaction.payloads.model import JSON
from callsafe.redaction.payloads.restoring import EventRestorer, restore_response
from callsafe.redaction.transport.exchange import Exchange, Guard

_CONTEXT = "callsafe"


def protect_bedrock(client: Any, guard: Guard) -> None:
    """Redact and restore the calls of a boto3 client for bedrock-runtime.

    Raises TypeError for the client of another service.
    """
    service = client.meta.service_model.service_name
    if service != "bedrock-runtime":
        raise TypeError(
            f"protect() does not know the {service} client of boto3: give it one for bedrock-runtime"
        )

    def redact(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        body = params["body"]
        exchange = guard.exchange(
            path=params["url_path"],
            query="",
            headers={name.lower(): str(value) for name, value in params["headers"].items()},
            body=body.encode() if isinstance(body, str) else bytes(body),
        )
        params["body"] = exchange.body
        context[_CONTEXT] = exchange

    def restore(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        exchange = context.pop(_CONTEXT, None)
        if exchange is not None and "Error" not in parsed:  # an exception must hold no original
            _restore(parsed, exchange)

    events = client.meta.events
    events.register_first("before-call.bedrock-runtime.*", redact, unique_id="callsafe-redact")
    events.register_last("after-call.bedrock-runtime.*", restore, unique_id="callsafe-restore")


def _restore(parsed: dict[str, Any], exchange: Exchange) -> None:
    for name in ("stream", "body"):
        answer = parsed.get(name)
        if answer is None:
            continue
        if hasattr(answer, "read"):
            content = answer.read()
            parsed[name] = type(answer)(io.BytesIO(_whole(content, exchange)), None)
        else:
            parsed[name] = _RestoredEvents(answer, exchange)
        return
    restore_response(parsed, exchange.conversation, wants_json=exchange.wants_json)


def _whole(content: bytes, exchange: Exchange) -> bytes:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return content
    changed = restore_response(body, exchange.conversation, wants_json=exchange.wants_json)
    return dump(body, answer=True) if changed else content


class _RestoredEvents:
    """An event stream of botocore, restored as it arrives; everything else is the stream's own."""

    def __init__(self, stream: Any, exchange: Exchange) -> None:
        self._stream = stream
        events = exchange.payload.events if exchange.payload is not None else None
        self._restorer = EventRestorer(events, exchange.conversation, wants_json=exchange.wants_json)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[JSON]:
        try:
            for event in self._stream:
                yield from self._restored(event)
                del event  # it holds originals by now, and a traceback shows local variables
        except Exception:
            yield from self._held()
            raise
        yield from self._held()

    def _restored(self, event: JSON) -> Iterator[JSON]:
        chunk = event.get("chunk") if isinstance(event, dict) else None
        if not isinstance(chunk, dict) or "bytes" not in chunk:
            before, _ = self._restorer.feed(event, False)
            yield from self._said(before)
            yield event
            return
        try:
            inner = json.loads(chunk["bytes"])
        except (ValueError, RecursionError):
            yield event
            return
        before, changed = self._restorer.feed(inner, True)
        yield from self._said(before)
        yield {"chunk": chunk | {"bytes": dump(inner)}} if changed else event

    def _held(self) -> Iterator[JSON]:
        yield from self._said(self._restorer.finish())

    def _said(self, events: list[tuple[JSON, object]]) -> Iterator[JSON]:
        for event, in_chunk in events:
            yield {"chunk": {"bytes": dump(event)}} if in_chunk else event
