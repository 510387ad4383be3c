"""What stands around a value decides whether it is a credential, and whose."""

from base64 import b64encode
from random import Random
from string import ascii_letters

import pytest
from tests.credentials.keys import FORMATS, key
from tests.credentials.writings import values

from callsafe.rules.credentials._formats import NAMED
from callsafe.rules.credentials._scan import scan

WITHOUT_MARK = sorted({form.id for form in NAMED} - {"aws-secret-key"})


def found(text: str, *, strict: bool = False) -> list[tuple[str, str]]:
    return [(match.provider, text[match.start : match.end]) for match in scan(text, strict=strict)]


def name(form: str) -> str:
    return FORMATS[form].names[0].strip("=._-( ").replace(".", "_").replace(" ", "_").upper()


@pytest.mark.parametrize("form", WITHOUT_MARK)
@pytest.mark.parametrize("other", ["ctx:mistral", "ctx:azure-openai", "ctx:pinecone"])
def test_the_issuer_that_is_named_nearest_is_named(form: str, other: str) -> None:
    value = key(form)
    text = f"{name(other)}_API_KEY={key(other, 5)}\n{name(form)}_API_KEY={value}\n"
    assert found(text)[-1] == (FORMATS[form].provider, value)
    on_one_line = text.replace("\n", ", ")
    assert found(on_one_line)[-1] == (FORMATS[form].provider, value)


def test_a_mark_inside_weighs_more_than_a_name_near() -> None:
    text = f"# as for moonshot\nkey = {key('openai-legacy')!r}\n"
    assert [match.format for match in scan(text)] == ["openai"]


def test_a_header_that_many_issuers_use_names_none_of_them_where_another_is_named() -> None:
    text = f"curl https://api.deepai.org/v1 -H 'x-api-key: {key('ctx:deepai')}'"
    assert found(text) == [("DeepAI", key("ctx:deepai"))]


@pytest.mark.parametrize("word", ["example", "hexadecimal", "default", "false", "with", "switch"])
def test_an_issuer_with_a_short_name_is_not_named_inside_a_word(word: str) -> None:
    for form in ("ctx:exa", "ctx:fal", "ctx:wit.ai"):
        assert not found(f'{word} key: "{key(form)}"')


def test_an_issuer_with_a_short_name_is_named_in_prose() -> None:
    assert found(f"our Exa API key is {key('ctx:exa')}.") == [("Exa", key("ctx:exa"))]


@pytest.mark.parametrize("written", ["CLARIFAI_PAT={}", "clarifai pat: {}", 'CLARIFAI_PATS = [\n    "{}"\n]'])
def test_a_personal_access_token_counts_as_a_word_for_a_credential(written: str) -> None:
    value = key("ctx:clarifai")
    assert found(written.format(value)) == [("Clarifai", value)]


@pytest.mark.parametrize(
    "form", ["openai-proj", "ctx:cohere", "ctx:kagi", "ngc", "ctx:greptile", "ctx:upstage"]
)
@pytest.mark.parametrize(
    ("before", "after"), [("\x1b[32m", "\x1b[0m"), ("%3D", "%26x"), ("\\n", "\\n"), ("\\u003d", '"')]
)
def test_an_escape_right_before_a_value_is_no_part_of_it(form: str, before: str, after: str) -> None:
    value = key(form)
    text = f"{name(form) if form != 'openai-proj' else 'OPENAI'}_API_KEY{before}{value}{after}"
    assert [what for _, what in found(text)] == [value]


@pytest.mark.parametrize(
    "form", ["groq", "openai-48", "deepseek", "ctx:cohere", "ctx:mistral", "zhipu", "google-aq"]
)
@pytest.mark.parametrize("inside", ["{key}", "{key}\n", "{name}={key}\n"])
def test_base64_around_a_value_is_taken_off(form: str, inside: str) -> None:
    called = name(form) if FORMATS[form].names else form.upper().replace("-", "_")
    wrapped = b64encode(inside.format(name=f"{called}_API_KEY", key=key(form)).encode()).decode()
    text = f"kind: Secret\ndata:\n  {called}_API_KEY: {wrapped}\n"
    assert values("a.yaml", text) == [wrapped]


def test_base64_of_ordinary_text_is_no_credential() -> None:
    wrapped = b64encode(b"the quick brown fox and the mistral wind, api key not included").decode()
    assert not values("a.yaml", f"MISTRAL_API_KEY_NOTE: {wrapped}\n")


@pytest.mark.parametrize("form", WITHOUT_MARK)
def test_in_a_prompt_what_is_called_a_key_is_one_whoever_made_it(form: str) -> None:
    value = key(form, 1)
    text = f"here is the key: {value}\nthanks"
    assert [what for _, what in found(text, strict=True)] == [value]
    assert not found(text)


@pytest.mark.parametrize(
    "text",
    [
        "the primary key is 7b1f6c52-8f0a-4a39-9d7e-2f64c1b0a913",
        "cache key: 9f2c7a1e4b8d6053f1a27c9e8b4d6f30",
        "token: getToken().then(refreshTheTokenOfThisSession)",
        "set the api key to the value of environment.variables.provider.secret",
        "secret: projects/acme/secrets/provider/versions/latest",
    ],
)
def test_in_a_prompt_keys_of_other_kinds_stay(text: str) -> None:
    assert not found(text, strict=True)


@pytest.mark.parametrize("number", range(20))
def test_a_value_that_happens_to_have_no_digit_is_found(number: int) -> None:
    value = "".join(Random(number).choices(ascii_letters, k=32))
    assert found(f'MISTRAL_API_KEY = "{value}"') == [("Mistral AI", value)]
