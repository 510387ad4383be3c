"""Whole addresses: what belongs to a street or town is one find."""

import pytest

from callsafe.redaction.detect import Detector
from callsafe.redaction.detect.addresses import complete
from callsafe.redaction.spans import Span


def found(text: str, *, names: bool = True) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.label) for span in Detector(names=names).find(text)]


@pytest.mark.parametrize(
    "address",
    [
        "12 Old Mill Road, Apt. 5, Smallville, OR 97403",
        "4 Rosebank Gardens\nLittle Hampton\nBN17 6QQ",
        "12 rue de la République, 69002 Lyon",
        "Lindenstraße 14, 10969 Berlin",
        "Calle de Alcalá 45, 28014 Madrid",
        "Via Santa Teresa degli Scalzi 71, 80135 Napoli",
        "Dózsa György út 78, 1068 Budapest",
        "Ingelbrecht Knudssøns gate 22, 0365 Oslo",
        "Paul-Nevermann-Platz 47, 22765 Hamburg",
        "P.O. Box 101, Springfield, IL 62704",
        "USNS Vestergaard\nFPO AA 08331",
        "40 Queen Street West, Toronto, ON M5H 2N2",
        "7 Acacia Avenue, Northcote VIC 3070",
    ],
)
def test_an_address_is_one_find(address: str) -> None:
    assert found(f"Please send it to {address}.") == [(address, "STREET_ADDRESS")]


def test_the_street_before_a_postal_code_and_town_needs_no_word_for_street() -> None:
    assert found("Ship to:\nBouciña 65,\n15001 Madrid\n") == [("Bouciña 65,\n15001 Madrid", "STREET_ADDRESS")]


def test_a_postal_code_belongs_to_its_town() -> None:
    assert found("We moved, 10115 Berlin.") == [("10115 Berlin", "STREET_ADDRESS")]
    assert found("In 2019 Berlin was full.") == [("Berlin", "LOCATION")]


def test_an_address_in_lower_case_is_found_to_its_postal_code() -> None:
    text = "send it to 19 folkestone road, red deer, alberta 46027"
    assert found(text) == [("19 folkestone road, red deer, alberta 46027", "STREET_ADDRESS")]


def test_the_marks_of_a_quotation_are_left_out() -> None:
    text = "> 31 Old Mill Road\n> Springfield\n> IL 62704\n"
    assert [value for value, _ in found(text)] == ["31 Old Mill Road", "Springfield", "IL 62704"]


def test_an_address_inside_a_json_string_goes_over_escaped_line_breaks() -> None:
    text = '{"to": "12 Old Mill Road\\nSpringfield, IL 62704"}'
    assert found(text) == [("12 Old Mill Road\\nSpringfield, IL 62704", "STREET_ADDRESS")]


@pytest.mark.parametrize(
    "text",
    [
        "She lives at 12 Old Mill Road. Mary Miller lives next door.",
        "12 Old Mill Road\nPhone: 5\n",
        "We left 12 Old Mill Road, and Monday was fine.",
        "12 Old Mill Road, Thanks Everyone",
    ],
)
def test_what_only_follows_an_address_is_no_part_of_it(text: str) -> None:
    assert ("12 Old Mill Road", "STREET_ADDRESS") in found(text)


def test_addresses_are_completed_without_the_name_model() -> None:
    assert found("to 12 Old Mill Road, Smallville, OR 97403", names=False) == [
        ("12 Old Mill Road, Smallville, OR 97403", "STREET_ADDRESS")
    ]


@pytest.mark.parametrize("unit", ["12 Old Mill Road, ", "Rome, 10115 ", "A B ", "1 a,\n", "Xx 1, "])
def test_time_grows_linearly(unit: str) -> None:
    text = unit * 2000
    places = [Span(at, at + 4, "LOCATION", 1.0) for at in range(0, len(text) - 4, len(unit))]
    assert len(list(complete(text, places))) <= len(places)
