"""A JSON object: `calls` and, apart from them, `wrapper_calls`; docs/calls.md describes it.

Lines and columns are 1-based, in characters, the end exclusive. Keys are only ever added.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from callsafe.checks.findings import Finding
from callsafe.hooks.inventory.limits import Bound
from callsafe.hooks.inventory.rows import Page, Role, Row
from callsafe.rules.facts import Handler, Retry, Unset
from callsafe.rules.model import Place

SCHEMA = 1
"""Grows when a key changes its meaning or goes away."""


def write(page: Page, out: TextIO) -> None:
    """Write the object; ASCII only, so that every terminal and every file name passes through."""
    rows = (page.calls, page.wrapper_calls)
    calls, wrapper_calls = ([json.dumps(row(one, page.roles)) for one in some] for some in rows)
    out.write(f'{{\n"schema": {SCHEMA},\n"files": {page.files},\n"unreadable": {page.unreadable},\n')
    out.write(f'"counts": {json.dumps({"calls": len(calls), "wrapper_calls": len(wrapper_calls)})},\n')
    out.write(f'"calls": {_array(calls)},\n"wrapper_calls": {_array(wrapper_calls)}\n}}\n')


def _array(rows: list[str]) -> str:
    return "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def row(one: Row, roles: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the object for one call, with these roles or with all."""
    call = one.call
    return {
        **place(call.place),
        "function": call.flow.function,
        "subject": one.subject,
        "through": _place(call.through),
        "provider": one.provider,
        "sdk": call.sdk,
        "sdk_title": call.title,
        "release": call.release,
        "release_from": call.release_from,
        "operation": call.operation,
        "kind": call.kind,
        "removed": call.removed,
        "streamed": _known(call.streamed),
        "asynchronous": _known(call.asynchronous),
        "roles": {name: _role(role) for name, role in one.roles.items() if not roles or name in roles},
        "attempts": {
            "state": one.attempts.bound,
            "worst": one.attempts.least if one.attempts.bound is Bound.KNOWN else None,
            "at_least": one.attempts.least,
            "retries": [_retry(retry) for retry in one.attempts.retries],
        },
        "wait": {
            "state": one.wait.bound,
            "worst_seconds": one.wait.least if one.wait.bound is Bound.KNOWN else None,
            "at_least_seconds": one.wait.least,
        },
        "errors": {
            "state": one.errors.state,
            "caught": one.errors.caught,
            "uncaught": one.errors.uncaught,
            "handlers": [_handler(handler) for handler in one.errors.handlers],
        },
        "redaction": {"state": one.redaction.way, "place": _place(one.redaction.place)},
        "findings": [_finding(finding) for finding in one.entry.findings],
    }


def place(where: Place) -> dict[str, Any]:
    """Return a place; `cell` is there for notebooks only."""
    cell = {"cell": where.cell} if where.cell else {}
    return {
        "path": where.path,
        **cell,
        "line": where.line,
        "column": where.column,
        "end_line": where.end_line,
        "end_column": where.end_column,
    }


def _place(where: Place | None) -> dict[str, Any] | None:
    return place(where) if where else None


def _known(value: object) -> object:
    return None if isinstance(value, Unset) else value


def _role(role: Role) -> dict[str, Any]:
    return {
        "state": role.state,
        "value": role.value,
        "origin": role.origin,
        "place": _place(role.place),
        "keyword": role.keyword,
        "note": role.note,
    }


def _retry(retry: Retry) -> dict[str, Any]:
    return {
        "by": retry.by,
        "where": retry.where,
        "attempts": "unbounded" if retry.attempts is None else _known(retry.attempts),
        "wait": retry.wait,
        "effective": retry.effective,
        "place": place(retry.place),
    }


def _handler(handler: Handler) -> dict[str, Any]:
    return {
        "where": handler.where,
        "names": handler.names,
        "catches": sorted(handler.catches),
        "broad": handler.broad,
        "body": handler.body,
        "place": place(handler.place),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "place": place(finding.place),
    }
