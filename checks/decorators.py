"""Decorators by name: those that change nothing for errors, and those that make a web framework the caller."""

from __future__ import annotations

HARMLESS = frozenset(
    {
        "staticmethod", "classmethod", "property", "cached_property", "cache", "lru_cache", "wraps", "override",
        "abstractmethod", "overload", "final", "contextmanager", "asynccontextmanager", "dataclass", "total_ordering",
        "no_type_check", "deprecated", "setter", "singledispatch", "njit",
        # tracing and caching that passes errors on
        "observe", "traceable", "trace", "traced", "op", "track", "span", "instrument", "start_as_current_span",
        "weave_op", "timer", "timed", "timeit", "log_time", "profile", "cached", "cache_data", "cache_resource",
        "memoize", "alru_cache", "async_lru", "atrace",
        # command lines, whose errors end the program with a traceback
        "command", "group", "option", "argument", "pass_context", "pass_obj", "callback", "version_option",
        "fixture", "parametrize", "mark", "skipif", "asyncio",
        # access control and validation before the call
        "login_required", "require_http_methods", "require_POST", "csrf_exempt", "api_view", "permission_classes",
        "validate_call", "validate_arguments", "beartype", "typechecked", "inject", "on_event",
    }
)  # fmt: skip
_ROUTES = frozenset(
    {
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "route",
        "api_route",
        "websocket",
        "head",
        "options",
        "before_request",
    }
)


def is_route(name: str) -> bool:
    """Tell whether a decorator registers a handler with a web application (`@app.post`, `@router.get`, `@bp.route`)."""
    owner, _, last = name.rpartition(".")
    return bool(owner) and last in _ROUTES
