"""The embedded name model: what it finds, where it is silent, and that nothing makes it fail."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.timing import growth

from callsafe.redaction.names import NameModel, NameSpan, load
from callsafe.redaction.names.features import Entry
from callsafe.redaction.names.model import MODEL_PATH, Weights, pack
from callsafe.redaction.names.tokens import Kind, tokenize

LETTER = """Dear Ms. Oliveira,

I spoke to Jonathan Becker in Rotterdam on Monday. Becker's assistant, Priya Raghunathan, will call you.

Kind regards,
Margaret O'Sullivan
"""


def found(text: str, **options: object) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.label) for s in load().find(text, **options)]  # type: ignore[arg-type]


def persons(text: str, **options: object) -> list[str]:
    return [name for name, label in found(text, **options) if label == "PERSON"]


def test_names_in_a_letter_are_found_without_titles_and_possessives() -> None:
    assert persons(LETTER) == [
        "Oliveira",
        "Jonathan Becker",
        "Becker",
        "Priya Raghunathan",
        "Margaret O'Sullivan",
    ]


def test_places_are_found() -> None:
    assert found("We flew from Amsterdam to Kenya last week.") == [
        ("Amsterdam", "LOCATION"),
        ("Kenya", "LOCATION"),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("my name is sandra miller and i need help", ["sandra miller"]),
        ("PATIENT: ROBERT HUGHES\nADMITTED BY DR. LAURA CHEN", ["ROBERT HUGHES", "LAURA CHEN"]),
        ("The report was written by J. K. Thompson.", ["J. K. Thompson"]),
        ("Please forward this to Nguyen Thi Huong today.", ["Nguyen Thi Huong"]),
        ("Ahmed Al-Farsi and Yuki Tanaka joined the call.", ["Ahmed Al-Farsi", "Yuki Tanaka"]),
        ("Name: Ludwig van Houten\nPhone: +31 20 555 1234", ["Ludwig van Houten"]),
        ('{"name": "Carlos Mendes", "active": true}', ["Carlos Mendes"]),
        ("Agent: Who am I speaking to?\nCustomer: Emily Watson.", ["Emily Watson"]),
    ],
)
def test_names_are_found_in_many_kinds_of_text(text: str, names: list[str]) -> None:
    assert persons(text) == names


def test_two_names_on_two_lines_are_two_spans() -> None:
    assert persons("Attendees:\nMartin Fischer\nJulia Novak\n") == ["Martin Fischer", "Julia Novak"]


@pytest.mark.parametrize(
    "text",
    [
        "```\nPeter Miller lives in Berlin\n```",
        "Call `Peter Miller` with two arguments.",
        "Use PeterMiller, peter_miller and peter.miller as identifiers.",
        '{"Peter Miller": 1, "Mary Jones": 2}',
        "See https://example.com/Peter/Miller and /home/Peter/Miller for it.",
        "Write to Peter.Miller@example.com or ask @PeterMiller.",
        "def Miller(Peter, Mary): return Peter",
        "    from Peter import Miller",
        "Example::\n\n    Peter Miller went to Berlin\n    with Mary Jones\n",
        "<peter miller='Mary'> and {Peter} and <PERSON_1>",
    ],
)
def test_code_keys_identifiers_and_addresses_hold_no_names(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The Response object has a Status Code. Django and Flask use Jinja templates on Linux.",
        "Getting Started\n\nInstall Redis first. See the Release Notes for Kubernetes and Postgres.",
        "Returns True if the Iterator is exhausted, None otherwise.",
        "I will go on Monday. May is warm. Thanks in advance!",
    ],
)
def test_technical_prose_holds_no_names(text: str) -> None:
    assert found(text) == []


def test_terms_of_the_trade_need_more_certainty_than_names() -> None:
    assert persons("It is available to Claude Enterprise customers and runs on Jenkins.") == []
    assert persons("My brother Julia Jenkins-Moreau lives here.") == ["Julia Jenkins-Moreau"]


def test_prose_that_begins_like_code_is_read() -> None:
    text = (
        "We sent the offer\nwith a copy to:\nJonathan Becker\n... and to the\nimport office of Laura Chen.\n"
    )
    assert persons(text) == ["Jonathan Becker", "Laura Chen"]


def test_names_in_string_literals_of_code_are_still_seen() -> None:
    assert persons('customer = "Jonathan Becker"\n') == ["Jonathan Becker"]


IN_CODE = """\
# Reported by Margaret Fischer, who could not log in.
import logging

logger = logging.getLogger(__name__)


def remind(customer_id: int) -> None:
    \"\"\"Send the letter that Jonathan Becker wrote to the customer.\"\"\"
    logger.info("refund approved by Priya Sharma for %s", customer_id)
    send(to="Carlos Mendes", subject="Final Notice", retries=3)
    ticket = {"assignee": "Laura Chen", "status": "Pending Review", "theme": "Dark"}
    return queue.put(ticket)  # ask Peter Novak before you change this
"""


def test_names_in_comments_docstrings_and_strings_of_pasted_code_are_found() -> None:
    assert persons(IN_CODE) == [
        "Margaret Fischer",
        "Jonathan Becker",
        "Priya Sharma",
        "Carlos Mendes",
        "Laura Chen",
        "Peter Novak",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            'Summarise:\n{"id": 7, "notes": "Spoke to Laura Chen about the refund", "level": "Warning"}',
            ["Laura Chen"],
        ),
        ('[{"author": "Martin Fischer", "title": "Getting Started"}]', ["Martin Fischer"]),
        ("2024-03-14 10:22:31 INFO Login succeeded for user Emily Watson from 10.0.0.7", ["Emily Watson"]),
        (
            "Why does this fail?\n\n```\nfoo(1)\n```\n\nMy colleague Priya Sharma wrote it.",
            ["Priya Sharma"],
        ),
        ("SELECT * FROM users WHERE name = 'Jonathan Becker';", ["Jonathan Becker"]),
    ],
)
def test_names_in_values_and_log_lines_are_found(text: str, names: list[str]) -> None:
    assert persons(text) == names


def test_a_word_that_is_an_identifier_of_the_code_around_it_is_no_name() -> None:
    code = "def run(self, context):\n    self.Emax, self.Emin = context.Emax, 0\n"
    code += "    if self.Julian is None:\n        pass\n"
    text = f'{code}    # Julian day, between Emin and Emax\n    raise ValueError("Emax is too large")\n' * 3
    assert persons(text) == []
    assert persons("Julian Emax called.") == ["Julian Emax"]


def test_a_key_of_the_data_around_it_is_no_name() -> None:
    assert persons('blocks = {\n    "Tai Tham": "Tai Tham",\n    "Kayah Li": "Kayah Li",\n}\n') == []


def test_tables_in_capitals_hold_no_names() -> None:
    text = "    0x003c: 0x00bc,  #  LESS-THAN SIGN\n    0x0623: 0x00c3,  #  ARABIC LETTER ALEF WITH HAMZA ABOVE\n"
    assert persons(text * 5) == []


def test_places_are_not_taken_for_persons_where_only_persons_are_asked_for() -> None:
    text = "Florence Miller moved to Amsterdam last year."
    assert persons(text, labels=("PERSON",)) == persons(text)
    assert found(text, labels=("PERSON",)) == [("Florence Miller", "PERSON")]


def test_each_label_may_have_a_threshold_of_its_own() -> None:
    text = LETTER + "Grabowszczak left Quillfeather for Bretton and Fennimore. " * 2

    def covered(label: str, **thresholds: float) -> set[int]:
        spans = load().find(text, threshold=thresholds)
        return {n for span in spans if span.label == label for n in range(span.start, span.end)}

    assert covered("LOCATION", LOCATION=0.05) > covered("LOCATION")
    assert not covered("LOCATION", LOCATION=1.0)
    assert covered("PERSON", LOCATION=1.0) >= covered("PERSON")


def test_only_the_given_names_are_found_by_find_known() -> None:
    text = "As agreed with Martin Fischer, Zyxwall came."
    spans = load().find_known(text, ["Quorina Zyxwall"])
    assert [text[span.start : span.end] for span in spans] == ["Zyxwall"]
    assert load().find_known("Nobody came.", ["Quorina Zyxwall"]) == []


def test_a_lower_threshold_finds_at_least_as_much() -> None:
    text = LETTER + "Grabowszczak left. Tell Quillfeather about Bretton and Fennimore. " * 3
    covered = []
    for threshold in (0.9, 0.5, 0.1):
        spans = load().find(text, threshold=threshold)
        assert all(span.score >= threshold for span in spans)
        covered.append({n for span in spans for n in range(span.start, span.end)})
    assert covered[0] <= covered[1] <= covered[2]
    assert len(covered[0]) < len(covered[2])


def test_organizations_are_found_only_when_asked_for() -> None:
    text = "She works at Harrington Holdings Ltd in London."
    assert {label for _, label in found(text)} <= {"PERSON", "LOCATION"}
    assert "ORGANIZATION" in {label for _, label in found(text, labels=("ORGANIZATION",))}


def test_a_known_name_is_found_again_whole_and_in_part() -> None:
    text = "As agreed, Zyxwall came. Later Quorina zyxwall wrote: ask QUORINA ZYXWALL or Quorina."
    assert persons(text, known=frozenset({"Quorina Zyxwall"})) == [
        "Zyxwall",
        "Quorina zyxwall",
        "QUORINA ZYXWALL",
        "Quorina",
    ]


def test_a_part_of_a_known_name_that_is_an_ordinary_word_is_not_looked_for() -> None:
    assert persons("The will of the people. Will you come?", known=frozenset({"Will Quorina"})) == []


def test_a_known_name_is_no_part_of_a_longer_word_and_not_found_in_code() -> None:
    assert persons("Zyxwallian `Zyxwall` zyxwall_id", known=frozenset({"Zyxwall"})) == []


def test_a_name_that_is_certain_once_is_found_elsewhere_in_the_text() -> None:
    text = "Rebecca Brockenhurst runs the clinic. The Brockenhurst figures are late."
    assert persons(text) == ["Rebecca Brockenhurst", "Brockenhurst"]


def test_offsets_are_those_of_the_given_text() -> None:
    text = "\N{GRINNING FACE}\u200b Grüße, Jürgen Müller\N{COMBINING ACUTE ACCENT} 🎉 José Hernández!"
    assert "José Hernández" in persons(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "\0",
        "\ud800 Peter \udfff",
        "😀" * 50,
        "A",
        "'s",
        "`",
        '"',
        "\\",
        "a" * 70000,
        "\u0301",
        "İI",
        "ß's",
    ],
)
def test_odd_text_does_no_harm(text: str) -> None:
    for span in load().find(text, threshold=0.01):
        assert 0 <= span.start < span.end <= len(text)


@given(st.text(alphabet=st.sampled_from("Aa '\"`.:,\n\\_@/<>{}()[]=#-&0éЖ中\ud800\0 Mr"), max_size=120))
def test_spans_are_ordered_disjoint_and_inside_the_text(text: str) -> None:
    end = 0
    for span in load().find(text, threshold=0.05, known=frozenset({"Aa Mr", "éA"})):
        assert isinstance(span, NameSpan)
        assert end <= span.start < span.end <= len(text)
        assert not text[span.start : span.end].isspace()
        end = span.end


@given(st.text(max_size=200))
def test_tokens_are_ordered_and_say_what_stands_there(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end <= len(text)
        if token.kind is Kind.WORD:
            assert text[token.start : token.end] == token.text
        end = token.end


@pytest.mark.parametrize(
    "unit",
    [
        "We met Jonathan Becker in Rotterdam and he was not amused about the weather there. ",
        "a.b.c.d.",
        '"key',
        "`x ",
        "<a ",
        "{{a",
        "John's ",
        "Smith, ",
        "of the and ",
        "((((",
        "\\n",
        "A.B.",
        "x = 'a\n",
        "if a_b",
        "a, a, ",
        "f(x) ",
    ],
)
def test_time_grows_with_the_length_of_the_text_and_not_faster(unit: str) -> None:
    model = load()
    assert growth(lambda size: model.find(unit * (size // len(unit))), 5_000, 50_000, below=30) < 30


def test_a_megabyte_on_one_line_takes_no_longer_than_its_parts() -> None:
    unit = "We met Jonathan Becker in Rotterdam and he was not amused about the weather there. "
    model = load()
    assert growth(lambda size: model.find(unit * (size // len(unit))), 100_000, 1_000_000, below=30) < 30


def test_threads_share_one_model() -> None:
    texts = [LETTER.replace("Becker", f"Becker{'abcdefgh'[n]}") for n in range(8)]
    expected = [NameModel().find(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(load().find, texts * 4)) == expected * 4
    assert load() is load()


def test_the_model_file_is_small_and_needs_no_package() -> None:
    assert MODEL_PATH.stat().st_size <= 3_000_000
    code = (
        "import sys; from callsafe.redaction.names import load; load();"
        "print([m for m in ('pycrfsuite', 'numpy', 'spacy', 'presidio_analyzer') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "other.crf"
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"other\.crf"):
        NameModel(path)


def test_a_packed_model_opens_with_the_weights_it_was_packed_from(tmp_path: Path) -> None:
    path = tmp_path / "tiny.crf"
    weights = Weights(
        {"b": (3.0, 0.0, 0.0, 0.0), "w=zyx": (0.0, 9.0, 0.0, 0.0)}, [[0.0] * 4] * 4, {"zyx": Entry(bits=1)}
    )
    path.write_bytes(pack(weights))
    assert pack(weights) == path.read_bytes()
    model = NameModel(path)
    spans = model.find("Ask Zyx about it")
    assert [(span.start, span.end, span.label) for span in spans] == [(4, 7, "PERSON")]
    assert spans[0].score > 0.99
    assert "zyx" not in repr(model).lower()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "Brigadier General Tobias Arnesen, 3 June 1986; Colonel Ruth Mbeki",
            ["Tobias Arnesen", "Ruth Mbeki"],
        ),
        ("user=Oksana action=login status=failed", ["Oksana"]),
        ("The letter came from Attorney General Patricia Lundgren.", ["Patricia Lundgren"]),
        ('They elected Harold "Junior" Lindgren of Oslo.', ['Harold "Junior" Lindgren']),
        ('names = ["Priya", "Jonathan"]', ["Priya", "Jonathan"]),
        ('Ask "Priya Becker" and "Jonathan Becker" today.', ["Priya Becker", "Jonathan Becker"]),
        ("I am Quorina Brockenhurst and I need a new card.", ["Quorina Brockenhurst"]),
        ("Dear Quorina Wexcombe,\n", ["Quorina Wexcombe"]),
        ("Dear Hiring Manager,\nDear Customer,\nHi Team,\nHello World", []),
        ("body { font-family: sans-serif; display: flex; align-items: flex-end; }", []),
        ("use claude-opus-4 here", []),
        ("CV Jane Becker", ["Jane Becker"]),
        ("We met Martin Okafor Jr and Samuel Brandt III.", ["Martin Okafor Jr", "Samuel Brandt III"]),
    ],
)
def test_names_are_cut_where_people_cut_them(text: str, names: list[str]) -> None:
    assert persons(text) == names


def test_a_surname_of_the_text_is_no_town_of_the_same_name() -> None:
    text = "General Manuel Arvada was defeated. In Arvada's army few survived. They buried Arvada near Lima."
    assert ("Arvada", "LOCATION") not in found(text)
    assert persons(text) == ["Manuel Arvada", "Arvada", "Arvada"]
    assert ("Paris", "LOCATION") in found("Paris Newman flew to Paris. Newman liked Paris.")
