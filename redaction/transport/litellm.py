"""litellm: a module that makes HTTP clients as it goes, so the places where it makes them are met."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from callsafe.redaction.transport.exchange import Guard
from callsafe.redaction.transport.httpx import protect_http_client


def protect_litellm(module: Any, guard: Guard) -> None:
    """Redact and restore every call of litellm in this process.

    Its handlers make redacting clients from now on, those that it keeps are forgotten, and the OpenAI family
    gets sessions of ours.
    """
    import importlib

    import httpx

    http_handler = importlib.import_module("litellm.llms.custom_httpx.http_handler")
    for handler in (http_handler.HTTPHandler, http_handler.AsyncHTTPHandler):
        _protect_result(handler, "create_client", guard)
    for name in ("module_level_client", "module_level_aclient"):
        held = getattr(module, name, None)
        if held is not None:
            protect_http_client(held.client, guard)
    for name, kind in (("client_session", httpx.Client), ("aclient_session", httpx.AsyncClient)):
        session = getattr(module, name, None) or kind(timeout=module.request_timeout, follow_redirects=True)
        protect_http_client(session, guard)
        setattr(module, name, session)
    module.in_memory_llm_clients_cache.flush_cache()


def _protect_result(handler: Any, name: str, guard: Guard) -> None:
    current: Callable[..., Any] = getattr(handler, name)
    original = getattr(current, "__wrapped__", current)

    @functools.wraps(original)
    def method(self: Any, *arguments: Any, **keywords: Any) -> Any:
        made = original(self, *arguments, **keywords)
        protect_http_client(made, guard)
        return made

    setattr(handler, name, method)
