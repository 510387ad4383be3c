"""Safety: whatever goes wrong blocks, and nothing tells what the text was."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.timing import growth

from callsafe.redaction import Policy, RedactionError, Redactor, Span

SECRET = "Jane Roe's secret"


class Raises:
    def find(self, text):
        raise ValueError(f"cannot read {text}")


class Hangs:
    def find(self, text):
        time.sleep(3)
        return []


class Spans:
    def __init__(self, *spans):
        self.spans = spans

    def find(self, text):
        return self.spans


class Exits:
    def find(self, text):
        raise SystemExit(text)


BROKEN = {
    "it raises": Raises(),
    "it exits": Exits(),
    "it gives None": Spans(None),
    "its span ends outside": Spans(Span(0, 99, "PERSON", 1.0)),
    "its span is empty": Spans(Span(3, 3, "PERSON", 1.0)),
    "its span begins before the text": Spans(Span(-2, 3, "PERSON", 1.0)),
    "its label is no label": Spans(Span(0, 3, "per son", 1.0)),
    "its label is another placeholder": Spans(Span(0, 3, "A> <B", 1.0)),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("way", ["redact", "conversation"])
def test_a_detector_that_fails_blocks_and_nothing_tells_the_text(name, way):
    redactor = Redactor(detector=BROKEN[name])
    redact = redactor.redact if way == "redact" else redactor.conversation().redact
    with pytest.raises(RedactionError) as caught:
        redact(SECRET)
    ours = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [
        frame for frame in ours.stack if "/redaction/" in frame.filename and "/tests/" not in frame.filename
    ]
    assert frames
    assert not [frame for frame in frames if "secret" in repr(frame.locals)]
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_a_detector_that_hangs_blocks_in_time():
    started = time.monotonic()
    with pytest.raises(RedactionError, match=r"0\.1 seconds"):
        Redactor(Policy(max_seconds=0.1), detector=Hangs()).redact(SECRET)
    assert time.monotonic() - started < 2.5


def test_detection_that_ends_just_after_its_time_blocks():
    class Slow:
        def __init__(self, times):
            self.times = times

        def find(self, text):
            time.sleep(self.times)
            return []

    request = Redactor(Policy(max_seconds=0.7), detector=Slow(0.4)).conversation().request()
    assert request.redact("x") == "x"
    with pytest.raises(RedactionError, match=r"0\.7 seconds"):
        request.redact("x")


def test_a_detector_that_always_hangs_cannot_take_all_threads():
    redactor = Redactor(Policy(max_seconds=0.01), detector=Hangs())
    before = threading.active_count()
    for _ in range(80):
        with pytest.raises(RedactionError):
            redactor.redact("x")
    assert threading.active_count() - before <= 64


def test_a_text_that_is_too_long_blocks_before_detection():
    redactor = Redactor(Policy(max_characters=10), detector=Raises())
    with pytest.raises(RedactionError, match="more than 10 characters"):
        redactor.redact("x" * 11)


def test_the_texts_of_one_request_share_its_budget(finder):
    conversation = Redactor(Policy(max_characters=10), detector=finder).conversation()
    conversation.redact("x" * 8)
    conversation.redact("x" * 8)  # outside a request every text has its own
    request = conversation.request()
    request.redact("x" * 8)
    with pytest.raises(RedactionError, match="more than 10 characters"):
        request.redact("x" * 8)
    assert conversation.request().redact("Bob") == "<PERSON_1>"
    assert conversation.restore("<PERSON_1>") == "Bob"


@pytest.mark.parametrize("text", [None, b"Jane Roe", 7])
def test_what_is_no_text_blocks(redactor, text):
    with pytest.raises(RedactionError, match=type(text).__name__):
        redactor.redact(text)


def test_where_the_policy_says_so_a_failure_passes_and_is_reported():
    reports = []
    redactor = Redactor(Policy(fail="pass"), detector=Raises(), audit=reports.append)
    assert redactor.redact("hello").text == "hello"
    assert [(report.outcome, "ValueError" in report.reason) for report in reports] == [("passed", True)]


def test_a_score_that_is_no_number_does_not_let_a_value_out():
    redactor = Redactor(detector=Spans(Span(0, 4, "PERSON", float("nan"))))
    assert redactor.redact("Jane").text == "<PERSON_1>"


def test_what_is_no_text_blocks_also_where_failures_pass(make):
    with pytest.raises(RedactionError, match="bytes"):
        make(fail="pass").redact(b"Jane Roe")


def test_overlapping_spans_leave_no_part_of_a_value():
    spans = Spans(
        Span(0, 8, "PERSON", 0.9),
        Span(5, 20, "EMAIL_ADDRESS", 0.9),
        Span(6, 8, "CITY", 1.0),
        Span(20, 21, "A", 1.0),
    )
    redacted = Redactor(detector=spans).redact("Jane roe@roe.example!")
    assert redacted.text == "<PERSON_1><EMAIL_ADDRESS_1><A_1>"
    assert redacted.restore(redacted.text) == "Jane roe@roe.example!"
    assert [(span.start, span.end) for span in redacted.spans] == [(0, 5), (5, 20), (20, 21)]


def test_a_kept_span_does_not_hide_another_one(make):
    from callsafe.redaction import Keep

    spans = Spans(Span(0, 20, "URL", 1.0), Span(8, 20, "EMAIL_ADDRESS", 0.5))
    redactor = Redactor(Policy(entities={"URL": Keep()}), detector=spans)
    assert redactor.redact("https://jane@roe.org/").text == "https://<EMAIL_ADDRESS_1>/"


def test_nothing_that_holds_originals_is_printed_pickled_or_copied(redactor):
    redacted, conversation = redactor.redact("Jane Roe"), redactor.conversation()
    conversation.redact("Jane Roe")
    things = [redacted, conversation, redacted.vault, redacted.stream(), redactor]
    assert "Jane" not in repr(things)
    for thing in (redacted, conversation, redacted.vault):
        for leak in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                leak(thing)


def test_eight_threads_on_one_redactor_do_not_mix(redactor):
    names = ["Jane Roe", "John Smith", "Bob", "김민준"]

    def work(number):
        for turn in range(50):
            name = names[(number + turn) % 4]
            text = f"{number}: {name} <PERSON_7> {turn}"
            redacted = redactor.redact(text)
            assert redacted.text == f"{number}: <PERSON_1> <PERSON_7> {turn}"
            assert redacted.restore(redacted.text) == text
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(8)))


def test_eight_threads_on_one_conversation_agree_on_every_number(redactor):
    conversation = redactor.conversation()

    def work(number):
        return [conversation.redact(f"user{step % 20}@x.example") for step in range(number, number + 40)]

    with ThreadPoolExecutor(8) as threads:
        rows = list(threads.map(work, range(8)))
    numbers = {}
    for number, row in enumerate(rows):
        for step, safe in enumerate(row, number):
            assert numbers.setdefault(step % 20, safe) == safe
            assert conversation.restore(safe) == f"user{step % 20}@x.example"
    assert len(set(numbers.values())) == 20


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\0",
        "\ud800 Bob",
        "👩‍👩‍👧 Bob",
        "שלום Bob",
        "<" * 500,
        "<a " * 500,
        "A_" * 500,
        "\\" * 500,
        "&lt;" * 300,
    ],
)
def test_hostile_text_is_read_quickly_and_comes_back(redactor, text):
    started = time.monotonic()
    redacted = redactor.redact(text)
    assert redacted.restore(redacted.text) == text
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "unit", ["<a_1 ", "<A B C D E F G H ", "A_1", "PERSON_1 ", "<PERSON:", "\\u003c", "Bob "]
)
def test_time_grows_with_the_length_of_the_text_and_not_faster(redactor, unit):
    assert growth(lambda times: redactor.redact(unit * times), 1000, 8000, below=32) < 32


def test_importing_loads_nothing_heavy():
    code = "import sys, callsafe.redaction as r; r.Redactor; r.Policy; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {
        "presidio_analyzer",
        "spacy",
        "libcst",
        "cryptography",
        "faker",
        "sqlite3",
        "redis",
        "regex",
        "tomllib",
    }
    assert heavy & set(loaded) == set()


def test_every_public_name_is_there():
    import callsafe.redaction

    missing = [name for name in callsafe.redaction.__all__ if getattr(callsafe.redaction, name, None) is None]
    assert missing == []
    with pytest.raises(AttributeError, match="no_such_name"):
        callsafe.redaction.no_such_name  # noqa: B018
