"""The detector: what it looks for, what it refuses, and what it never does."""

from __future__ import annotations

import itertools
import logging
import socket
import subprocess
import sys
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.timing import growth

from callsafe.redaction.detect import DetectionError, Detector, known_labels
from callsafe.redaction.spans import Span

PEOPLE = (
    "Reach jane.doe@example.org or (212) 555-0142; card 4242 4242 4242 4242, SSN 219-08-9998, "
    "IBAN DE89 3704 0044 0532 0130 00, from 81.2.69.142, born 14 March 1985, at 12 Old Mill Road."
)


def labels(detector: Detector, text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in detector.find(text)]


def test_the_default_detector_finds_personal_data_of_every_common_kind() -> None:
    assert labels(Detector(names=False), PEOPLE) == [
        ("EMAIL_ADDRESS", "jane.doe@example.org"),
        ("PHONE_NUMBER", "(212) 555-0142"),
        ("CREDIT_CARD", "4242 4242 4242 4242"),
        ("US_SSN", "219-08-9998"),
        ("IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("IP_ADDRESS", "81.2.69.142"),
        ("DATE_OF_BIRTH", "14 March 1985"),
        ("STREET_ADDRESS", "12 Old Mill Road"),
    ]


def test_a_credential_is_found_beside_personal_data() -> None:
    key = "sk-ant-" + "api03-" + "Zq8vTn3LxW" * 9 + "abc" + "AA"
    text = f"mail jane@example.org the key {key} please"
    assert ("CREDENTIAL", key) in labels(Detector(names=False), text)


def test_only_the_labels_asked_for_are_found() -> None:
    assert [label for label, _ in labels(Detector(names=False, labels={"US_SSN", "IP_ADDRESS"}), PEOPLE)] == [
        "US_SSN",
        "IP_ADDRESS",
    ]


def test_country_packs_are_chosen_by_configuration() -> None:
    text = "번호 900101-1234568, 身份证 11010519491231002X, NHS number 9434765919"
    assert labels(Detector(names=False), text) == []
    found = labels(Detector(names=False, countries=("KR", "cn", "gb")), text)
    assert [label for label, _ in found] == ["KR_RRN", "CN_RESIDENT_ID", "UK_NHS"]


def test_a_pack_that_only_presidio_has_brings_its_recognizers() -> None:
    text = "El DNI del titular es 12345678Z y basta"
    assert labels(Detector(names=False), text) == []
    assert labels(Detector(names=False, countries=("es",)), text) == [("ES_NIF", "12345678Z")]


def test_an_entity_that_is_off_is_found_where_it_is_named() -> None:
    text = "see https://example.com/a from 2024-03-14"
    assert labels(Detector(names=False), text) == []
    assert labels(Detector(names=False, labels={"URL", "DATE_TIME"}), text) == [
        ("URL", "https://example.com/a"),
        ("DATE_TIME", "2024-03-14"),
    ]


def test_allowed_texts_are_not_found() -> None:
    assert labels(Detector(names=False, allow={"jane@example.org"}), "jane@example.org joe@example.org") == [
        ("EMAIL_ADDRESS", "joe@example.org")
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": {"EMAIL_ADRESS"}}, "unknown label 'EMAIL_ADRESS', did you mean 'EMAIL_ADDRESS'"),
        ({"countries": ("kor",)}, "unknown country 'kor', did you mean 'kr'"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest_name(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Detector(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", ["spacy", "spacy:no_such_model_at_all", "gliner:/no/such/folder", "bert:x"])
def test_a_model_that_is_not_there_is_refused_and_never_downloaded(names: str) -> None:
    with pytest.raises(ValueError, match=r"names =|not installed|no model in the folder"):
        Detector(names=names).warm_up()


def test_labels_known_without_presidio_are_those_that_presidio_has() -> None:
    from presidio_analyzer import predefined_recognizers

    from callsafe.redaction.detect.labels import countries
    from callsafe.redaction.detect.presidio import country_recognizers

    kinds = [kind for kind in vars(predefined_recognizers).values() if hasattr(kind, "COUNTRY_CODE")]
    packs = {kind.COUNTRY_CODE for kind in kinds}
    theirs = {label for item in country_recognizers(packs) for label in item.supported_entities}
    assert theirs <= known_labels()
    assert countries() == (packs - {None}) | {"cn"}


def test_the_default_detector_never_imports_presidio() -> None:
    code = (
        "import sys\nfrom callsafe.redaction.detect import Detector\n"
        "assert 'presidio_analyzer' not in sys.modules\n"
        "found = Detector(names=False).find('mail jane@example.org, SSN 219-08-9998')\n"
        "assert len(found) == 2\n"
        "assert not {'presidio_analyzer', 'spacy', 'libcst'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_no_socket_is_opened_and_nothing_is_logged_with_a_cold_cache(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setenv("TLDEXTRACT_CACHE", str(tmp_path_factory.mktemp("cold")))
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    from callsafe.redaction.detect import presidio

    presidio._suffixes.cache_clear()
    caplog.set_level(logging.DEBUG)
    detector = Detector(names=False, countries=("us", "de", "es"), labels=None)
    assert detector.find(PEOPLE)
    generic = presidio.GatedAnalyzer(presidio.country_recognizers({None, "us"}))  # type: ignore[arg-type]
    assert any(span.label == "EMAIL_ADDRESS" and span.score == 1 for span in generic.analyze(PEOPLE))
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert not any(value in logged for value in ("jane.doe", "555-0142", "219-08", "3704 0044"))


def test_a_recognizer_that_runs_out_of_time_raises_and_says_nothing_of_the_text() -> None:
    from presidio_analyzer import Pattern, PatternRecognizer

    from callsafe.redaction.detect import presidio

    slow = PatternRecognizer("SLOW", patterns=[Pattern("slow", r"(a|a)+$", 0.5)])
    detector = Detector(names=False, recognizers=[slow])
    detector.warm_up()
    text = "a" * 40 + "b"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presidio, "TIMEOUT", 0.05)
        with pytest.raises(DetectionError) as raised:
            detector.find(text)
    assert "ran out of time" in str(raised.value)
    assert "aaa" not in str(raised.value)


def test_a_recognizer_that_fails_raises_and_says_nothing_of_the_text() -> None:
    from presidio_analyzer import EntityRecognizer

    class Broken(EntityRecognizer):
        def load(self) -> None: ...

        def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
            raise KeyError(text)

    with pytest.raises(DetectionError) as raised:
        Detector(names=False, recognizers=[Broken(["X"], name="Broken")]).find("my word is banana")
    assert "banana" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_recognizer_that_presidio_lets_time_out_silently_raises_here() -> None:
    from presidio_analyzer import EntityRecognizer

    class Skipping(EntityRecognizer):
        def load(self) -> None: ...

        def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
            logging.getLogger("presidio-analyzer").warning(
                "Regex pattern '%s' timed out after %s seconds", "x", 1
            )
            return []

    with pytest.raises(DetectionError, match="out of time"):
        Detector(names=False, recognizers=[Skipping(["X"], name="Skipping")]).find("some text")


def test_any_recognizer_of_presidio_takes_part() -> None:
    from presidio_analyzer import Pattern, PatternRecognizer

    badge = PatternRecognizer("BADGE", patterns=[Pattern("badge", r"\bB-[a-z]{4}\b", 0.6)])
    assert labels(Detector(names=False, recognizers=[badge]), "show B-abcd at the door") == [
        ("BADGE", "B-abcd")
    ]


def test_any_spacy_pipeline_takes_the_place_of_the_name_model(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    import spacy

    pipeline = spacy.blank("en")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "Zaphod Beeblebrox"}])
    folder = tmp_path_factory.mktemp("model") / "tiny"
    pipeline.to_disk(folder)
    text = "Zaphod Beeblebrox wrote to jane@example.org"
    expected = [("PERSON", "Zaphod Beeblebrox"), ("EMAIL_ADDRESS", "jane@example.org")]
    assert labels(Detector(names=f"spacy:{folder}"), text) == expected

    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": str(folder)}])
    engine.load()
    assert labels(Detector(nlp_engine=engine), text) == expected


def test_eight_threads_find_the_same() -> None:
    detector = Detector(names=False, countries=("us", "es"))
    results: list[list[Span]] = []

    def work() -> None:
        results.extend(detector.find(PEOPLE) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 40
    assert all(result == results[0] for result in results)


ODD = [
    "",
    "\0",
    "\ud800 jane@example.org \udfff",
    "e\u0301\u0302\u0303" * 50 + " 219-08-9998",
    "👩‍👩‍👧‍👦" * 20 + "jane@example.org",
    "\u202eelpmaxe@enaj\u202c jane@example.org",
    "كتب jane@example.org إلى ‏+44 20 7946 0958",
    "İ" * 40 + " born 14 March 1985",
    "@" * 500,
    ":" * 500,
    "%" * 500,
    "&#x110000;&#99999999;&#xd800;\\ud800\\x80%ff%C3",
    "0" * 500,
    "=" * 100,
    "9" * 19 + " " + "-" * 200,
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_searched_to_the_end(text: str) -> None:
    for span in Detector(names=False, countries=("us", "uk", "cn")).find(text):
        assert 0 <= span.start < span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "value"), [(text, "jane@example.org") for text in ODD if "jane@example.org" in text]
)
def test_values_among_odd_characters_are_found_exactly(text: str, value: str) -> None:
    assert value in [found for _, found in labels(Detector(names=False), text)]


PIECES = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="0123456789 -./()+:@%&#;\\xu=abcdef", max_size=30),
    st.sampled_from(
        [
            "jane@example.org",
            "4242 4242 4242 4242",
            "219-08-9998",
            "ssn ",
            "born ",
            "%40",
            "\u200b",
            "&#64;",
            "\n",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_spans_lie_in_the_text_are_sorted_and_do_not_overlap(text: str) -> None:
    spans = Detector(names=False, countries=("us", "uk", "kr", "cn"), labels=known_own()).find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in itertools.pairwise(spans))
    assert all(0.4 <= span.score <= 1 for span in spans)


def known_own() -> frozenset[str]:
    from callsafe.redaction.detect.labels import own_labels

    return own_labels() - {"PERSON", "LOCATION"}


@pytest.mark.parametrize(
    "unit",
    [
        "lorem ipsum dolor 2019 ",
        "a",
        "1",
        "a1",
        "jane@example.org ",
        "1-",
        "4242 ",
        "a.b@",
        "%41",
        "QUJD",
        "12 Old Rue ",
        "0:",
    ],
)
def test_the_time_grows_no_faster_than_the_text(unit: str) -> None:
    detector = Detector(names=False)

    def run(size: int) -> None:
        detector.find((unit * (size // len(unit) + 1))[:size])

    assert growth(run, 8_000, 64_000, below=24) < 24  # 8 times the length; the square of it is 64


def test_a_span_shows_no_text() -> None:
    (span,) = Detector(names=False).find("jane@example.org")
    assert repr(span) == "Span(start=0, end=16, label='EMAIL_ADDRESS', score=1.0, rule='email-address')"


def test_names_are_found_by_default_and_switched_off_by_one_argument() -> None:
    text = "Please ask Maria Keller about the invoice of jane@example.org."
    assert ("PERSON", "Maria Keller") in labels(Detector(), text)
    assert labels(Detector(names=False), text) == [("EMAIL_ADDRESS", "jane@example.org")]


def test_what_is_off_stays_off_where_a_model_finds_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    import spacy

    pipeline = spacy.blank("en")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "DATE", "pattern": "yesterday"}])
    folder = tmp_path_factory.mktemp("model") / "dates"
    pipeline.to_disk(folder)
    assert labels(Detector(names=f"spacy:{folder}"), "it came yesterday") == []
    assert labels(Detector(names=f"spacy:{folder}", labels={"DATE_TIME"}), "it came yesterday") == [
        ("DATE_TIME", "yesterday")
    ]
