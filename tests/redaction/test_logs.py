"""Logs: records that pass the filter hold no original."""

from __future__ import annotations

import io
import logging
import threading

import pytest

from callsafe.redaction import RedactingFilter, Redactor


@pytest.fixture
def logged(redactor):
    """A logger and what it wrote, with the filter on its handler."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s %(user)s", defaults={"user": "-"}))
    handler.addFilter(RedactingFilter(redactor))
    logger = logging.getLogger("tests.redaction.logs")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    yield logger, stream.getvalue
    logger.removeHandler(handler)


def test_message_and_arguments_are_scrubbed(logged):
    logger, output = logged
    logger.info("mail from %s: %d items", "Jane Roe <jane@roe.example>", 3)
    assert output() == "INFO mail from <PERSON_1> <<EMAIL_ADDRESS_1>>: 3 items -\n"


def test_exception_and_stack_texts_are_scrubbed(logged):
    logger, output = logged
    try:
        raise ValueError("no such person: Jane Roe")
    except ValueError:
        logger.exception("failed", stack_info=True)
    assert "Traceback" in output()
    assert "ValueError: no such person: <PERSON_1>" in output()
    assert "Jane" not in output().replace('raise ValueError("no such person: Jane Roe")', "")
    assert "Stack (most recent call last)" in output()


def test_extra_fields_are_scrubbed_also_inside_containers(logged):
    logger, output = logged
    logger.info("x", extra={"user": {"name": "Jane Roe", "tags": ["Bob", 3, None]}})
    assert output() == "INFO x {'name': '<PERSON_1>', 'tags': ['<PERSON_2>', 3, None]}\n"


def test_the_names_of_thread_and_logger_are_scrubbed(logged):
    logger, output = logged
    logger.handlers[0].setFormatter(logging.Formatter("%(name)s|%(threadName)s|%(processName)s"))
    thread = threading.Thread(
        target=logger.getChild("Jane Roe").info, args=("x",), name="mail to Jane Roe <jane@roe.example>"
    )
    thread.start()
    thread.join()
    assert output() == "tests.redaction.logs.<PERSON_1>|mail to <PERSON_1> <<EMAIL_ADDRESS_1>>|MainProcess\n"


def test_a_record_that_does_not_fit_its_arguments_is_withheld(logged):
    logger, output = logged
    logger.info("%d", "Jane Roe")
    assert output() == "INFO log record withheld: it could not be redacted -\n"


def test_a_record_that_cannot_be_scrubbed_is_withheld():
    class Raises:
        def find(self, text):
            raise ValueError(text)

    record = logging.makeLogRecord({"msg": "Jane Roe", "user": "Jane Roe", "exc_text": "Jane Roe"})
    assert RedactingFilter(Redactor(detector=Raises())).filter(record)
    assert "Jane" not in repr(record.__dict__)
    assert record.getMessage() == "log record withheld: it could not be redacted"


def test_what_detection_itself_logs_is_dropped(logged):
    logger, output = logged

    class Logs:
        def find(self, text):
            logger.info("looking at %s", text)
            return []

    Redactor(detector=Logs()).redact("Jane Roe")
    assert output() == ""
    logger.info("after")
    assert output() == "INFO after -\n"
