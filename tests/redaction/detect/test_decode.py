"""What is written in disguise is found, and the span is the disguise."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsafe.redaction.detect import Detector
from callsafe.redaction.detect.decode import MAX_DECODED, encoded, unfold
from callsafe.redaction.detect.errors import DetectionError

MAIL = "jane.doe@example.org"
DETECTOR = Detector(names=False)


def wide(text: str) -> str:
    return "".join(
        chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text
    )


WRITINGS = {
    "percent": quote(MAIL, safe=""),
    "every character percent": "".join(f"%{ord(character):02X}" for character in MAIL),
    "percent twice": quote(quote(MAIL, safe=""), safe=""),
    "decimal entities": "".join(f"&#{ord(character)};" for character in MAIL),
    "hexadecimal entities": "".join(f"&#x{ord(character):x};" for character in MAIL),
    "named entity": MAIL.replace("@", "&commat;"),
    "unicode escapes": "".join(f"\\u{ord(character):04x}" for character in MAIL),
    "byte escapes": "".join(f"\\x{ord(character):02x}" for character in MAIL),
    "zero width": "\u200b".join(MAIL),
    "soft hyphen": MAIL.replace("doe", "d\u00adoe"),
    "word joiner": MAIL.replace("@", "\u2060@\u2060"),
    "full width": wide(MAIL),
    "mathematical": MAIL.replace("jane", "".join(chr(0x1D41A + ord(character) - 97) for character in "jane")),
    "base64": base64.b64encode(f"mail {MAIL} today".encode()).decode(),
    "base64 without padding": base64.b64encode(f"mail {MAIL} now".encode()).decode().rstrip("="),
    "base64 for URLs": base64.urlsafe_b64encode(f"mail {MAIL} »ok«".encode()).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(f"mail {MAIL} today".encode())).decode(),
    "hexadecimal": MAIL.encode().hex(),
    "hexadecimal in capitals": "0x" + MAIL.encode().hex().upper(),
    "percent in base64": base64.b64encode(quote(f"mail {MAIL} now", safe="").encode()).decode(),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_disguised_value_is_found_and_the_span_is_the_whole_disguise(writing: str) -> None:
    value = WRITINGS[writing]
    for before, after in (("", ""), ("see ", " please"), ("a" * 300 + " ", "\n" + "b" * 300), ("(", ")")):
        text = before + value + after
        spans = [span for span in DETECTOR.find(text) if span.label == "EMAIL_ADDRESS"]
        assert [text[span.start : span.end] for span in spans] == [value], (before, after)


def test_digits_of_any_script_are_read() -> None:
    for zero in ("٠", "०", "０", "𝟎"):
        card = "".join(chr(ord(zero) + int(digit)) for digit in "4242424242424242")
        text = f"card {card} ok"
        assert [(span.label, text[span.start : span.end]) for span in DETECTOR.find(text)] == [
            ("CREDIT_CARD", card)
        ]


def test_hyphens_and_spaces_of_any_width_separate_groups() -> None:
    for by in ("\u2011", "\u2013", "\u00a0", "\u2009", "\u3000"):
        number = by.join(("212", "555", "0142"))
        text = f"call {number} now"
        assert [text[span.start : span.end] for span in DETECTOR.find(text)] == [number]


def test_base64_wrapped_over_lines_is_one_run() -> None:
    run = (
        base64.encodebytes(b"lorem ipsum dolor sit amet " * 5 + MAIL.encode() + b" consectetur")
        .decode()
        .strip()
    )
    text = f"-----\n{run}\n-----"
    assert [text[span.start : span.end] for span in DETECTOR.find(text)] == [run]


def test_a_run_in_a_path_is_found_without_the_path() -> None:
    run = base64.urlsafe_b64encode(f"mail {MAIL} now".encode()).decode()
    text = f"https://host.example/u/{run}/view"
    assert [text[span.start : span.end] for span in DETECTOR.find(text)] == [run]


def test_a_third_layer_is_not_taken_off() -> None:
    run = f"mail {MAIL} today".encode()
    for _ in range(3):
        run = base64.b64encode(run)
    assert DETECTOR.find(run.decode()) == []


def test_escaped_line_ends_of_json_do_not_hide_what_follows() -> None:
    text = json.dumps({"note": f"first line\n212-555-0142\n{MAIL}\tend"})
    assert {span.label for span in DETECTOR.find(text)} == {"PHONE_NUMBER", "EMAIL_ADDRESS"}


def test_plain_text_needs_no_view() -> None:
    assert unfold("100% of A&B at C:\\dir is 5 & 6") is None
    assert list(encoded("internationalization/of/everything-that-has-a-name aaaaaaaaaaaaaaaaaaaaaaaa")) == []


def test_binary_in_base64_is_not_looked_at() -> None:
    image = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40).decode()
    assert list(encoded(image)) == []


def test_decoded_text_is_bounded_and_what_is_beyond_is_not_passed_unread() -> None:
    run = base64.b64encode(b"lorem ipsum dolor " * 3).decode()
    text = " ".join([run] * (MAX_DECODED // 54))
    assert sum(len(found.text) for found in encoded(text)) <= MAX_DECODED
    long = base64.b64encode(b"word " * (MAX_DECODED // 4) + MAIL.encode()).decode()
    for much in (text * 2, long):
        with pytest.raises(DetectionError, match="more encoded text"):
            DETECTOR.find(much)
    words = " ".join(["internationalization_of_everything", "0123456789abcdef" * 30] * 3)
    assert list(encoded(f"{text} {words}"))


@given(st.text(max_size=80), st.sampled_from(sorted(WRITINGS)), st.text(max_size=80))
def test_a_view_leads_back_to_ranges_of_the_original(before: str, writing: str, after: str) -> None:
    text = before + WRITINGS[writing] + after
    view = unfold(text)
    if view is None:
        return
    last = 0
    for at in range(len(view.text)):
        start, end = view.original(at, at + 1)
        assert last <= start < end <= len(text)
        last = start
    assert view.original(0, len(view.text))[1] <= len(text)


@given(st.text(alphabet="abc<>&\"'é€", min_size=1, max_size=30))
def test_entities_read_as_html_reads_them(value: str) -> None:
    written = "".join(f"&#{ord(character)};" for character in value)
    view = unfold(written)
    assert view is not None
    assert view.text == html.unescape(written) == value
