"""Policies: what they do, how they are read, and how a mistake is told."""

from __future__ import annotations

import pickle

import pytest

from callsafe.redaction import (
    Block,
    Encrypt,
    Hash,
    Keep,
    Key,
    Mask,
    Policy,
    RedactionError,
    Redactor,
    Replace,
    Span,
    Surrogate,
)

FULL = """
countries = ["us", "kr"]
names = false
threshold = 0.5
allow = ["Acme"]
default = "mask"
images = "block"
audio = "drop"
on_unknown_payload = "block"
fail = "pass"
max_characters = 5000
max_seconds = 2.5

[deny]
PROJECT = ["Bluebird"]

[entities]
PERSON = "replace"
URL = "keep"
CREDIT_CARD = { operator = "mask", keep_last = 4, threshold = 0.7 }
EMAIL_ADDRESS = { operator = "hash", key_env = "CALLSAFE_TEST_KEY" }
IBAN_CODE = { operator = "encrypt", key_env = "CALLSAFE_TEST_KEY" }
PHONE_NUMBER = { operator = "surrogate", kind = "format", key_env = "CALLSAFE_TEST_KEY" }
"""


def expected(variable):
    key = Key.from_environment(variable)
    return Policy(
        entities={
            "PERSON": Replace(),
            "URL": Keep(),
            "CREDIT_CARD": Mask(keep_last=4),
            "EMAIL_ADDRESS": Hash(key),
            "IBAN_CODE": Encrypt(key),
            "PHONE_NUMBER": Surrogate(key=key),
        },
        default=Mask(),
        threshold=0.5,
        thresholds={"CREDIT_CARD": 0.7},
        countries=("us", "kr"),
        names=False,
        allow=frozenset({"Acme"}),
        deny={"PROJECT": ("Bluebird",)},
        max_characters=5000,
        max_seconds=2.5,
        on_unknown_payload="block",
        images="block",
        audio="drop",
        fail="pass",
    )


def test_every_field_can_be_set_in_a_file(toml, key_in_environment):
    assert Policy.load(toml(FULL)) == expected(key_in_environment)


def test_in_pyproject_the_policy_is_a_table_of_callsafe(toml, key_in_environment):
    text = FULL.replace("[deny]", "[tool.callsafe.redaction.deny]").replace(
        "[entities]", "[tool.callsafe.redaction.entities]"
    )
    path = toml("[project]\nname = 'x'\n[tool.callsafe.redaction]\n" + text, "pyproject.toml")
    assert Policy.load(path) == expected(key_in_environment)


def test_a_pyproject_without_a_policy_gives_the_default_one(toml):
    assert Policy.load(toml("[project]\nname = 'x'\n", "pyproject.toml")) == Policy()


def test_a_policy_with_keys_from_the_environment_can_be_sent_to_another_process(toml, key_in_environment):
    policy = Policy.load(toml(FULL))
    data = pickle.dumps(policy)
    assert b"kkkk" not in data
    assert pickle.loads(data) == policy


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("treshold = 0.5", ["treshold", "'threshold'"]),
        ("threshold = 2", ["threshold", "2"]),
        ("threshold = true", ["threshold", "True"]),
        ("countries = 'us'", ["countries", "list"]),
        ("images = 'blok'", ["images", "'block'"]),
        ("fail = 1", ["fail", "'block'"]),
        ("names = 3", ["names"]),
        ("max_characters = 0", ["max_characters", "0"]),
        ("max_seconds = -1", ["max_seconds", "-1"]),
        ("entities = 3", ["entities", "table"]),
        ("default = 'replce'", ["default.operator", "'replace'"]),
        ("default = 7", ["default", "7"]),
        ("[entities]\nPERSON = 'maks'", ["entities.PERSON.operator", "'mask'"]),
        ("[entities]\nperson = 'mask'", ["entities.person", "EMAIL_ADDRESS"]),
        (
            "[entities]\nPERSON = {operator = 'mask', keep_lst = 4}",
            ["entities.PERSON.keep_lst", "'keep_last'"],
        ),
        (
            "[entities]\nPERSON = {operator = 'mask', keep_last = 'x'}",
            ["entities.PERSON.keep_last", "whole number"],
        ),
        ("[entities]\nPERSON = {operator = 'mask', keep_last = -1}", ["entities.PERSON", "keep_last"]),
        ("[entities]\nPERSON = {operator = 'hash'}", ["entities.PERSON.key_env", "hash"]),
        (
            "[entities]\nPERSON = {operator = 'hash', key_env = 'NOT_SET_1'}",
            ["entities.PERSON.key_env", "NOT_SET_1"],
        ),
        ("[entities]\nPERSON = {operator = 'mask', threshold = 7}", ["entities.PERSON.threshold", "7"]),
        ("[entities]\nPERSON = {operator = 'surrogate', kind = 'fany'}", ["entities.PERSON", "format"]),
        ("[entities]\nEMAIL_ADRESS = 'mask'", ["entities.EMAIL_ADRESS", "EMAIL_ADDRESS"]),
        ("countries = ['xx']", ["countries", "'xx'", "us"]),
        ("[deny]\nPROJECT = 'Bluebird'", ["deny.PROJECT", "list"]),
        ("[deny]\nPROJECT = ['']", ["deny.PROJECT", "empty"]),
        ("names = 'gliner'", ["names", "'gliner'", "spacy:NAME"]),
        (
            "[entities]\nPERSON = {operator = 'surrogate', kind = 'faker', locale = 'xx_YY'}",
            ["entities.PERSON", "locale", "xx_YY"],
        ),
        ("this is not toml", ["not TOML", "line 1"]),
    ],
)
def test_a_mistake_is_told_with_the_file_the_key_and_the_way_out(toml, monkeypatch, text, told):
    monkeypatch.delenv("NOT_SET_1", raising=False)
    path = toml(text)
    with pytest.raises(ValueError, match=r"policy\.toml") as caught:
        Policy.load(path)
    assert [part for part in [str(path), *told] if part not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


def test_a_key_in_the_file_is_refused_and_not_repeated(toml):
    secret = "never" + "-in-a-file-" * 3
    path = toml(f"[entities]\nPERSON = {{operator = 'hash', key = '{secret}'}}")
    with pytest.raises(ValueError, match="does not belong in a file") as caught:
        Policy.load(path)
    assert secret not in str(caught.value)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Policy.load(tmp_path / "none.toml")


def test_a_policy_does_not_change(make):
    entities = {"PERSON": Mask()}
    policy = Policy(entities=entities)
    entities["PERSON"] = Keep()
    assert policy.operator("PERSON") == Mask()
    with pytest.raises(TypeError):
        policy.entities["PERSON"] = Keep()
    with pytest.raises(AttributeError):
        policy.threshold = 0.1


def test_what_is_below_the_threshold_of_its_entity_stays():
    class Scores:
        def find(self, text):
            return [Span(0, 1, "A", 0.5), Span(2, 3, "B", 0.5)]

    policy = Policy(threshold=0.4, thresholds={"B": 0.6})
    assert Redactor(policy, detector=Scores()).redact("a b").text == "<A_1> b"


def test_allowed_values_leave_and_denied_terms_never_do(make):
    redactor = make(allow=frozenset({"jane roe"}), deny={"PROJECT": ("Bluebird", "Blue")})
    redacted = redactor.redact("Jane Roe and Bob fly BLUEBIRD, Blue and Blues")
    assert redacted.text == "Jane Roe and <PERSON_1> fly <PROJECT_1>, <PROJECT_2> and Blues"
    assert [span.rule for span in redacted.spans] == ["words", "deny", "deny"]


def test_what_the_policy_lists_is_not_printed():
    policy = Policy(allow=frozenset({"Jane Roe"}), deny={"PERSON": ("John Smith",)})
    assert "Jane" not in repr(policy)
    assert "John" not in repr(policy)
    assert "Jane" not in repr(Redactor(policy))


def test_the_default_detector_looks_only_for_what_the_policy_acts_on():
    from callsafe.redaction import Drop

    text = "Maria Lopez <maria.lopez@acme-corp.com> wrote about Bluebird, see https://x.org/a?b=1"
    kept = Policy(
        default=Keep(), entities={"EMAIL_ADDRESS": Mask(), "PROJECT": Drop()}, deny={"PROJECT": ("Bluebird",)}
    )
    assert Redactor(kept).redact(text).text == (
        "Maria Lopez <*****.*****@****-****.***> wrote about , see https://x.org/a?b=1"
    )
    opted_in = Policy(names=False, entities={"URL": Replace(), "PHONE_NUMBER": Keep()})
    assert Redactor(opted_in).redact(text).text == (
        "Maria Lopez <<EMAIL_ADDRESS_1>> wrote about Bluebird, see <URL_1>"
    )


def test_a_redactor_refuses_countries_and_entities_that_its_detector_does_not_know():
    with pytest.raises(ValueError, match="xx"):
        Redactor(Policy(countries=("xx",)))
    with pytest.raises(ValueError, match="EMAIL_ADRESS"):
        Redactor(Policy(entities={"EMAIL_ADRESS": Mask()}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("entities", None),
        ("entities", {"EMAIL_ADRESS": Mask()}),
        ("thresholds", {"EMAIL_ADRESS": 0.5}),
        ("countries", None),
        ("countries", ("xx",)),
        ("allow", None),
        ("deny", ["Bluebird"]),
        ("deny", {"bad label": ("Bluebird",)}),
        ("deny", {"PROJECT": None}),
        ("names", "gliner"),
    ],
)
def test_a_bad_value_of_a_policy_is_told_with_its_key_before_anything_is_read(key, value):
    with pytest.raises(ValueError, match=key.removeprefix("thresh").replace("olds", "entities")):
        Redactor(Policy(**{key: value}))


def test_a_denied_term_is_blocked_where_another_label_has_the_same_span() -> None:
    class Names:
        def find(self, text: str) -> list[Span]:
            start = text.index("Priya Novak")
            return [Span(start, start + 11, "PERSON", 1.0, "names")]

    policy = Policy(entities={"PROJECT": Block()}, deny={"PROJECT": ("Priya Novak",)})
    with pytest.raises(RedactionError):
        Redactor(policy, detector=Names()).redact("the project is called Priya Novak")
