import re
from collections.abc import Iterator

import pytest
from tests.credentials.keys import FORMATS, fill, key

from callsafe.checks.texts import texts
from callsafe.rules.credentials import hard_coded_key
from callsafe.rules.model import Problem


def problems(path: str, text: str) -> list[Problem]:
    return [problem for found in texts(path, fill(text).encode()) for problem in hard_coded_key.find(found)]


def blocks(kind: str) -> Iterator[str]:
    for block in re.findall(rf"^{kind}:\n\n((?:    .*\n|\n)+)", hard_coded_key.__doc__ or "", re.MULTILINE):
        yield re.sub(r"^    ", "", block, flags=re.MULTILINE)


def test_the_bad_example_is_found_and_the_good_one_is_clean() -> None:
    assert all(problems("a.py", block) for block in blocks("Bad"))
    assert not any(problems("a.py", block) for block in blocks("Good"))
    assert len(list(blocks("Bad"))) == len(list(blocks("Good"))) == 1


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_part_of_the_value_is_in_the_finding(name: str) -> None:
    form = FORMATS[name]
    word = (form.names or ("service",))[0]
    value = key(name)
    found = problems("a.env", f"{word}_API_KEY={value}\n")
    assert len(found) == 1
    said = f"{found[0].message} {found[0].in_force} {found[0].fix}"
    pieces = {value[at : at + 7] for at in range(len(value) - 6)} - {
        name[at : at + 7] for at in range(len(name))
    }
    assert not [piece for piece in pieces if piece in said]
    assert form.provider in said


def test_the_place_is_that_of_the_whole_value() -> None:
    value = key("openai-proj")
    (found,) = problems("a.py", f'x = 1\nclient = OpenAI(api_key="{value}")\n')
    place = found.place
    assert (place.line, place.column, place.end_line, place.end_column) == (2, 26, 2, 26 + len(value))


def test_a_key_that_several_issuers_could_have_made_is_named_by_what_stands_near() -> None:
    text = "{}=@@openai-48@@\n"
    for name, provider in (
        ("STABILITY_API_KEY", "Stability AI"),
        ("MOONSHOT_API_KEY", "Moonshot"),
        ("KEY", "OpenAI"),
    ):
        (found,) = problems(".env", text.format(name))
        assert provider in found.message
    (found,) = problems("a.py", 'OpenAI(base_url="https://api.deepseek.com", api_key="@@deepseek@@")\n')
    assert "DeepSeek" in found.message


def test_what_detect_secrets_alone_knows_is_reported_by_its_kind() -> None:
    (found,) = problems("a.py", 'mailchimp = "@@ctx:azure-openai@@-us4"\n')
    assert "Mailchimp" in found.message
