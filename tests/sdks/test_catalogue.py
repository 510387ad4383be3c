"""The catalogue's files are sound in themselves: what can be checked without any SDK."""

from __future__ import annotations

import builtins
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from scripts.sdks import page

from callsafe.rules import sdks
from callsafe.rules.facts import Kind
from callsafe.rules.sdks.model import Path as RolePath
from callsafe.rules.sdks.model import Sdk, parse

NAMES = sorted(sdks.heads())
FOLDER = Path(sdks.FOLDER)
ROLES = set(
    re.findall(
        r"`(\w+)`",
        (FOLDER / "FORMAT.md").read_text("utf-8").partition("## Roles")[2].partition("`[roles.call]`")[0],
    )
)
TRANSIENT = {"rate_limit", "timeout", "connection", "server", "conflict"}
PERMANENT = {
    "auth",
    "permission",
    "bad_request",
    "not_found",
    "truncated",
    "content_filter",
    "unprocessable",
    "quota",
}

each_file = pytest.mark.parametrize("name", NAMES)


@each_file
def test_a_head_read_by_pattern_is_what_the_file_says(name: str) -> None:
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    head = sdks.heads()[name]
    assert head["name"] == (data["name"],) == (name,)
    for key in ("modules", "hosts", "words", "libraries", "keys"):
        assert head.get(key, ()) == tuple(data.get(key, ())), key


@each_file
def test_a_file_finds_its_users_or_rests_on_a_host(name: str) -> None:
    head = sdks.heads()[name]
    assert head["modules"] or head["words"] or head.get("libraries"), f"{name} is never read"


@each_file
def test_roles_and_kinds_are_known(name: str) -> None:
    for where, roles in _roles(sdks.load(name)):
        assert set(roles) <= ROLES, f"{where}: {set(roles) - ROLES} is in no role list of FORMAT.md"


@each_file
def test_every_type_that_is_named_exists(name: str) -> None:
    sdk = sdks.load(name)
    known = {kind.name for file in (name, *sdk.uses) for kind in sdks.load(file).types}
    for operation in sdk.operations:
        assert set(operation.on or ()) <= known, f"{operation.methods} is on a type that is not there"
        assert set(operation.asynchronous) <= {*operation.methods, *operation.functions}
        assert set(operation.always_streams) <= {*operation.methods, *operation.functions}
    for kind in sdk.types:
        assert set(kind.attributes.values()) <= known, kind.name


@each_file
def test_every_operation_can_be_reached(name: str) -> None:
    sdk = sdks.load(name)
    if not sdk.types:
        assert all(operation.functions for operation in sdk.operations)
    assert sdk.operations or any(kind.roles for kind in sdk.types)


@each_file
def test_generations_are_named_once_and_do_not_overlap(name: str) -> None:
    sdk = sdks.load(name)
    names = [entry.name for entry in sdk.generations]
    assert len(names) == len(set(names))
    assert names, f"{name} has no generation"
    for entry in sdk.generations:
        SpecifierSet(entry.versions)
    for used in [one.generations for one in sdk.types] + [one.generations for one in sdk.operations]:
        assert set(used) <= set(names), f"{used} is no generation of {name}"
    for release in ("0.1", "0.28.1", "1.0.0", "1.44.5", "2.0", "3.4", "4.57", "5.21", "6.1", "7.3"):
        fitting = [
            e.name for e in sdk.generations if SpecifierSet(e.versions, prereleases=True).contains(release)
        ]
        assert len(fitting) <= 1, f"{release} is in {fitting}"


@each_file
def test_every_error_has_its_ancestors_up_to_a_builtin(name: str) -> None:
    sdk = sdks.load(name)
    parents = sdks.parents(name)
    raised = [
        cls
        for errors in (sdk.errors, *(e.errors for e in sdk.generations))
        for row in errors.values()
        for cls in row
    ]
    for cls in (*raised, *sdk.parents, *sdk.aliases.values()):
        assert _reaches_builtin(cls, parents), f"{cls} has no way up to a builtin exception"


@each_file
def test_error_roles_are_known_and_every_operation_can_fail(name: str) -> None:
    sdk = sdks.load(name)
    for errors in (sdk.errors, *(entry.errors for entry in sdk.generations)):
        assert set(errors) <= TRANSIENT | PERMANENT
    if sdk.operations:
        assert sdk.errors, f"{name} names no errors"


@each_file
def test_a_generation_changes_only_error_roles_that_the_file_has(name: str) -> None:
    sdk = sdks.load(name)
    for entry in sdk.generations:
        assert set(entry.errors) <= set(sdk.errors) | TRANSIENT


@each_file
def test_every_call_of_a_text_model_says_what_bounds_its_answer(name: str) -> None:
    sdk = sdks.load(name)
    for operation in sdk.operations:
        if operation.kind not in {Kind.TEXT, Kind.AGENT}:
            continue
        models = [said for _, said in operation.by_model]
        said = "output_bound" in {**sdk.defaults, **operation.defaults} or any(
            "output_bound" in s for s in models
        )
        of_types = [kind.defaults for kind in sdk.types if kind.name in (operation.on or ())]
        assert said or (of_types and all("output_bound" in d for d in of_types)), (
            f"{operation.methods or operation.functions}"
        )


@each_file
def test_every_operation_says_its_time_out_and_retries(name: str) -> None:
    sdk = sdks.load(name)
    for operation in sdk.operations:
        for role in ("timeout", "retries"):
            models = [said for _, said in operation.by_model]
            places = [sdk.defaults, operation.defaults, *models, *(e.defaults for e in sdk.generations)]
            of_types = [kind.defaults for kind in sdk.types if kind.name in (operation.on or ())]
            assert any(role in place for place in (*places, *of_types)), (
                f"{role} of {operation.methods or operation.functions}"
            )


def test_no_two_files_claim_the_same_name_in_the_same_release() -> None:
    claimed: dict[str, list[Sdk]] = defaultdict(list)
    for name in NAMES:
        sdk = sdks.load(name)
        for kind in sdk.types:
            for path in (kind.name, *kind.aliases):
                if not kind.when or sdk not in claimed[path]:  # `when` tells apart what one name makes
                    claimed[path].append(sdk)
        for operation in sdk.operations:
            for path in operation.functions:
                if sdk not in claimed[path]:
                    claimed[path].append(sdk)
    for path, owners in claimed.items():
        if len(owners) > 1:
            assert len({owner.distribution for owner in owners}) == 1, (
                f"{path} is in {[o.name for o in owners]}"
            )
            assert any(owner.name.endswith("_legacy") for owner in owners), path


def test_the_prefilter_leaves_ordinary_code_alone() -> None:
    ordinary = b"""
import requests, boto3, json
from together_utils import bring_together
agents = list(user_agents(session))
instructor = coherent(replicated(model.parse(stream)))
requests.get("https://example.org/agents", timeout=3)
"""
    assert not sdks.prefilter(ordinary)


@pytest.mark.parametrize(
    "source",
    [
        "from openai import OpenAI",
        "import anthropic",
        "from google import genai",
        "from langchain_openai import ChatOpenAI",
        'requests.post("https://api.openai.com/v1/chat/completions")',
        'boto3.client("bedrock-runtime")',
        "from agents import Agent, Runner",
        "from together import Together",
        "import cohere",
        "client.chat.completions.create(model=MODEL)",
    ],
)
def test_the_prefilter_finds_code_that_calls_models(source: str) -> None:
    assert sdks.prefilter(source.encode())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"titel": "x"}, "titel"),
        ({"name": "other"}, "not the file's name"),
        ({"operation": [{"kind": "text"}]}, "methods or functions"),
        ({"operation": [{"kind": "txt", "methods": ["a"]}]}, "txt"),
        ({"roles": {"call": {"timeout": ["timeout:hours"]}}}, "timeout:hours"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_name_and_key(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        parse("sample", {"name": "sample", **change})
    assert "rules/sdks/sample.toml" in str(caught.value)


def test_the_page_of_covered_sdks_is_up_to_date() -> None:
    written = Path(__file__).parents[2] / "docs" / "sdks.md"
    assert written.read_text("utf-8") == page(), "run `python -m scripts.sdks`"


def _roles(sdk: Sdk) -> Iterator[tuple[str, dict[str, tuple[RolePath, ...]]]]:
    yield "roles.client", dict(sdk.client_roles)
    yield "roles.options", dict(sdk.option_roles)
    for kind in sdk.types:
        yield kind.name, dict(kind.roles)
    for operation in sdk.operations:
        yield str(operation.methods or operation.functions), dict(operation.roles)


def _reaches_builtin(name: str, parents: dict[str, tuple[str, ...]]) -> bool:
    if "." not in name:
        return isinstance(getattr(builtins, name, None), type) and issubclass(
            getattr(builtins, name), BaseException
        )
    bases = parents.get(name, ())
    return bool(bases) and all(_reaches_builtin(base, parents) for base in bases)
