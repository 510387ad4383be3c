import base64
import json
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.credentials.keys import fill, key
from tests.credentials.lookalikes import STAND_INS
from tests.timing import growth

from callsafe.rules.credentials._placeholders import is_placeholder
from callsafe.rules.credentials._scan import scan

KEY = key("openai-proj")


def found(text: str, *, names: tuple[str, ...] = (), strict: bool = False) -> list[str]:
    return [text[match.start : match.end] for match in scan(text, names=names, strict=strict)]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "'{}'",
        "key={}&x=1",
        "({})",
        "\\n{}\\n",
        "a%3D{}%26",
        "\\u003d{}\\u0026",
        "\x1b[31m{}\x1b[0m",
        "\\u001b[31m{}",
        "密钥{}结束",
        "Bearer_{}",
        "https://x.io/?api_key={}#a",
        "<b>{}</b>",
        "{}.",
        "{},",
    ],
)
def test_a_key_is_found_whole_whatever_stands_around_it(text: str) -> None:
    assert found(text.format(KEY)) == [KEY]
    assert found(text.format(KEY), strict=True) == [KEY]


def test_the_longest_prefix_names_the_issuer() -> None:
    for name, provider in (
        ("openrouter", "OpenRouter"),
        ("langfuse", "Langfuse"),
        ("anthropic", "Anthropic"),
    ):
        (match,) = scan(key(name))
        assert match.provider == provider


def test_two_keys_on_a_line_are_two_findings() -> None:
    other = key("groq")
    assert found(f"{KEY},{other}") == [KEY, other]


def test_a_key_in_base64_is_found_with_all_that_is_wrapped() -> None:
    for inner in (KEY, key("groq"), key("anthropic")):
        wrapped = b64encode(inner.encode()).decode()
        assert found(f"apiKey: {wrapped}\n") == [wrapped]


def test_a_key_in_basic_authentication_is_found() -> None:
    wrapped = b64encode(f"api:{KEY}".encode()).decode()
    assert found(f"Authorization: Basic {wrapped}") == [wrapped]


def test_a_known_prefix_with_an_unknown_length_is_found_in_a_prompt_only() -> None:
    value = "gsk_" + key("openai-48")[3:] + key("huggingface")[3:]
    assert found(f"use {value} now", strict=True) == [value]
    assert found(f"use {value} now") == []


def test_a_shared_shape_needs_evidence_at_rest_and_none_in_a_prompt() -> None:
    value = key("deepseek")
    assert found(f"x = {value}") == []
    assert found(f"api_key = {value}") == [value]
    assert found(f"x = {value}", names=("DeepSeek",)) == [value]
    assert found(f"x = {value}", strict=True) == [value]


def test_names_beside_the_text_can_name_the_issuer() -> None:
    value = key("ctx:cohere")
    assert found(value) == []
    (match,) = scan(value, names=("cohere.Client", "api_key"))
    assert match.provider == "Cohere"


def test_digests_near_a_providers_name_are_not_keys() -> None:
    for line in (
        "wandb commit {}",
        "wandb sha1: {}",
        'wandb_artifact_digest = "{}"',
        "https://wandb.ai/api/{}/x",
        "wandb/access_token.py,sha256={},653",
    ):
        assert found(line.format(key("ctx:wandb"))) == []


def test_a_private_key_is_found_from_header_to_footer() -> None:
    body = "\n".join(b64encode(KEY.encode() * 3).decode()[at : at + 64] for at in range(0, 640, 64))
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    assert found(f"x\n{pem}\ny") == [pem]
    escaped = json.dumps(pem)
    assert found(escaped) == [escaped[1:-1]]
    assert found("-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----") == []
    assert found('if "-----BEGIN PRIVATE KEY-----" in text: raise ValueError("no")') == []


def test_a_signed_token_is_found_and_the_sample_of_the_standard_is_not() -> None:
    def part(value: dict[str, str]) -> str:
        return b64encode(json.dumps(value).encode()).decode().rstrip("=")

    header, signature = part({"alg": "HS256", "typ": "JWT"}), key("voyage")[3:]
    token = f"{header}.{part({'sub': 'service-7', 'role': 'admin'})}.{signature}"
    assert found(f'token = "{token}"') == [token]
    assert found(f"{header}.{part({'sub': '1234567890', 'name': 'John Doe'})}.{signature}") == []


def test_the_password_of_a_url_is_found_and_samples_are_not() -> None:
    assert found("postgres://app:" + "r7Vq2LmKp9" + "@db.acme.io/x") == ["r7Vq2LmKp9"]
    for url in (
        "postgres://user:password@db.acme.io/x",
        "postgres://postgres:postgres@db.acme.io/x",
        "https://user:${TOKEN}@github.com/x",
        "https://x:<token>@github.com/x",
        "redis://:r7Vq2LmKp9@localhost:6379",
        "https://a:r7Vq2LmKp9@example.com",
    ):
        assert found(url) == []


def test_the_key_of_a_connection_string_is_found() -> None:
    value = b64encode(KEY.encode())[:86].decode() + "=="
    text = f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={value};EndpointSuffix=core"
    assert found(text) == [value]


@pytest.mark.parametrize("value", [*STAND_INS, "", "  ", "hf_xxx", "My_API_Key", "sk-"])
def test_stand_ins_are_placeholders(value: str) -> None:
    if not value.startswith(("vault:", "${{", "process", "wJalr")):
        assert is_placeholder(value)


@pytest.mark.parametrize(
    "name", ["openai-proj", "groq", "huggingface", "ctx:cohere", "ctx:mistral", "ctx:baseten"]
)
def test_keys_are_no_placeholders(name: str) -> None:
    assert not any(is_placeholder(key(name, number)) for number in range(200))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(
                ["sk-", "\\n", "%3D", "-----BEGIN RSA PRIVATE KEY-----", "://a:b@", "eyJ", "cohere key "]
            ),
            st.sampled_from(
                ["@@openai-proj@@", "@@groq@@", "@@ctx:cohere@@", "@@zhipu@@", "@@langfuse@@"]
            ).map(fill),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_matches_lie_in_the_text_in_order_and_apart(parts: list[str], strict: bool) -> None:
    text = "".join(parts)
    reached = 0
    for match in scan(text, strict=strict):
        assert reached <= match.start < match.end <= len(text)
        assert 0 < match.score <= 1
        reached = match.end


@pytest.mark.parametrize(
    "unit",
    [
        "sk-",
        "sk-a",
        "aZ3",
        "A",
        "0123456789abcdef",
        "cohere ",
        "aws ",
        "://",
        "eyJ",
        "a.b:",
        "-----BEGIN PRIVATE KEY-----",
        "Password=",
        "key_",
        "eyJa.eyJb.",
        "mistral='0a'",
    ],
)
def test_time_is_proportional_to_the_length(unit: str) -> None:
    def run(length: int) -> None:
        list(scan(unit * (length // len(unit)), strict=True))

    assert growth(run, 50_000, 400_000, below=24) < 24  # 8 times the length; the square of it is 64


def test_nothing_of_a_value_is_in_the_repr_of_a_match() -> None:
    (match,) = scan(KEY)
    assert not any(KEY[at : at + 6] in repr(match) for at in range(8, len(KEY) - 6))


@pytest.mark.parametrize(
    "text",
    [
        'variable "mistral_api_key" {{\n  type    = string\n  default = "{}"\n}}\n',
        'url = "https://api.mistral.ai/v1?key={}&x=1"',
        'client = Mistral("{}")',
        '"MISTRAL_API_KEY": {{\n  "value": "{}"\n}}',
        "curl https://api.mistral.ai/v1 -H 'Authorization: Bearer {}'",
    ],
)
def test_a_value_without_a_mark_is_found_where_its_issuer_is_named(text: str) -> None:
    value = key("ctx:mistral")
    assert found(text.format(value)) == [value]


def _token(claims: str) -> str:
    parts = ('{"alg":"HS256","typ":"JWT"}', claims)
    encoded = (base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    return ".".join((*encoded, "SflKxwRJSMeKKF2Q" + "T4fwpMeJf36POk6yJV_adQssw5c"))


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ('{"iss":"https://accounts.acme.io","sub":"u_83","exp":1893456000}', ["JSON Web Token"]),
        ('{"sub":"1234567890","name":"John Doe","admin":true}', []),
        ('{"some":"payload"}', []),
        ('{"hello": "world"}', []),
    ],
)
def test_the_samples_of_signed_tokens_are_no_credentials(claims: str, found: list[str]) -> None:
    assert [match.provider for match in scan(f'token = "{_token(claims)}"\n')] == found
