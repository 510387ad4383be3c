"""Logs without personal data: a filter for `logging`."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from callsafe.redaction.deadline import inside
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.vaults.memory import MemoryVault

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_NAMES = ("name", "threadName", "taskName", "processName")
_SPEAKS = re.compile(r"[@\s]|[^\x00-\x7f]")
WITHHELD = "log record withheld: it could not be redacted"


class RedactingFilter(logging.Filter):
    """Scrubs every record that passes: message, arguments, exception and stack text, and extra fields.

    The names of its logger, thread, task and process are read too where they are more than a word. Put it on
    a handler, so that it sees the records of every logger: `handler.addFilter(RedactingFilter())`. A record
    that cannot be scrubbed is replaced by a line that says so. Placeholders are numbered anew in each record
    and cannot be restored. What detection itself logs is dropped.
    """

    def __init__(self, redactor: Redactor | None = None) -> None:
        super().__init__()
        self._redactor = redactor if redactor is not None else Redactor()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def filter(self, record: logging.LogRecord) -> bool:
        """Scrub a record in place; False drops it."""
        if inside():
            return False
        conversation = self._redactor.conversation(MemoryVault())
        try:
            message = conversation.redact(_message(record))
            exception = conversation.redact(_exception(record))
            stack = conversation.redact(record.stack_info or "")
            extras = {
                key: _scrubbed(value, conversation.redact, 0)
                for key, value in record.__dict__.items()
                if key not in _OWN
            }
            extras |= {key: conversation.redact(name) for key, name in _speaking(record)}
        except RedactionError:
            message, exception, stack = WITHHELD, "", ""
            extras = {key: WITHHELD for key in record.__dict__ if key not in _OWN}
            extras |= {key: WITHHELD for key, _ in _speaking(record)}
        record.msg, record.args, record.exc_info = message, None, None
        record.exc_text = exception or None
        record.stack_info = stack or None
        record.__dict__.update(extras)
        return True


def _speaking(record: logging.LogRecord) -> Iterator[tuple[str, str]]:
    """Give the names of logger, thread, task and process that are more than a word."""
    for key in _NAMES:
        name = getattr(record, key, None)
        if isinstance(name, str) and _SPEAKS.search(name):
            yield key, name


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # arguments that do not fit the message, or a __str__ that raises
        return WITHHELD


def _exception(record: logging.LogRecord) -> str:
    if record.exc_text:
        return record.exc_text
    if not record.exc_info or not isinstance(record.exc_info, tuple) or record.exc_info[1] is None:
        return ""
    return "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")


def _scrubbed(value: Any, redact: Any, depth: int) -> Any:
    """Scrub the strings in an extra field; what is no text, number or plain container becomes its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping) and depth < 8:
        return {redact(str(key)): _scrubbed(item, redact, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < 8:
        return [_scrubbed(item, redact, depth + 1) for item in value]
    try:
        text = str(value)
    except Exception:  # a __str__ that raises
        return WITHHELD
    return redact(text)
