"""What a call with an SDK's defaults really sends is what the catalogue says."""

from __future__ import annotations

import importlib
import ssl
import warnings

import pytest
from tests.sdks import introspect
from tests.sdks.cases import CASES, Case
from tests.sdks.objects import NO_CERTIFICATES
from tests.sdks.wire import send

from callsafe.rules import sdks
from callsafe.rules.facts import MISSING, UNKNOWN
from callsafe.rules.sdks.model import Default, Generation, Operation, Sdk

ERRORS = {
    "429": "rate_limit",
    "500": "server",
    "503": "server",
    "400": "bad_request",
    "reset": "connection",
    "hang": "timeout",
}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda *_, **__: NO_CERTIFICATES)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    warnings.simplefilter("ignore")


def _loaded(case: Case) -> tuple[Sdk, Generation, Operation]:
    sdk = sdks.load(case.sdk)
    release = introspect.installed(sdk)
    if release is None:
        pytest.skip(f"{sdk.distribution} is not installed here; the matrix installs it")
    entry = introspect.generation(sdk, release)
    kind = next((kind for kind in sdk.types if kind.name == case.type), None)
    if entry is None or (kind is not None and kind.generations and entry.name not in kind.generations):
        pytest.skip(f"{sdk.distribution} {release} has no {case.type}")
    if case.generations and entry.name not in case.generations:
        pytest.skip(f"{sdk.distribution} {release} does not speak HTTP")
    if kind is not None and introspect.named(kind) is None:
        pytest.skip(f"{case.type} is in a package of its own that is not installed here")
    for operation in sdk.operations:
        if operation.generations and entry.name not in operation.generations:
            continue
        there = operation.on is None or case.type in operation.on
        if case.operation in (operation.methods if case.type and there else operation.functions):
            return sdk, entry, operation
    pytest.skip(f"{sdk.distribution} {release} has no {case.operation}")


def _default(case: Case, role: str) -> Default:
    """Return the default that the catalogue has for a plain call, the most special one first."""
    sdk, entry, operation = _loaded(case)
    kind = next((kind for kind in sdk.types if kind.name == case.type), None)
    by_model = next(
        (said for pattern, said in operation.by_model if case.model and pattern.search(case.model)), {}
    )
    for said in (by_model, operation.defaults, kind.defaults if kind else {}, entry.defaults, sdk.defaults):
        if role in said:
            return said[role]
    return Default(UNKNOWN)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_attempts_of_a_call_are_those_of_the_catalogue(case: Case) -> None:
    introspect.record(f"{case.sdk}.no {case}", [[f"a release in which {case} is counted", False]])
    retries = _default(case, "retries").value
    introspect.record(f"{case.sdk}.{case}", [[f"a release in which {case} is counted", True]])
    assert isinstance(retries, int), f"{case} has no number of retries"
    counted = {fault: send(fault, case.call).attempts for fault in (*case.faults, "400")}
    assert counted == {**dict.fromkeys(case.faults, retries + 1), "400": 1}


@pytest.mark.parametrize("case", [case for case in CASES if case.single], ids=str)
def test_faults_beyond_the_catalogues_retries_are_not_repeated(case: Case) -> None:
    _loaded(case)
    assert {fault: send(fault, case.call).attempts for fault in case.single} == dict.fromkeys(case.single, 1)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_time_out_of_a_call_is_that_of_the_catalogue(case: Case) -> None:
    said = _default(case, "timeout")
    sent = send("400", case.call)
    if not sent.timeouts:
        pytest.skip("its requests go past httpx and requests")
    assert set(sent.timeouts) == {None if said.value is MISSING else said.value}


@pytest.mark.parametrize("case", [case for case in CASES if not case.own_errors], ids=str)
def test_the_errors_of_a_call_are_those_of_the_catalogue(case: Case) -> None:
    sdk, entry, _ = _loaded(case)
    roles = {**sdk.errors, **entry.errors}
    for fault in (*case.faults, "400"):
        if ERRORS[fault] not in roles:
            continue
        error = send(fault, case.call).error
        classes = tuple(introspect.resolve(name) for name in roles[ERRORS[fault]] if introspect.exists(name))
        assert isinstance(error, classes), f"{fault} raises {type(error).__mro__}, not {roles[ERRORS[fault]]}"


@pytest.mark.parametrize("case", [case for case in CASES if case.stream], ids=str)
def test_a_stream_that_breaks_off_is_not_repeated_and_raises_the_catalogues_error(case: Case) -> None:
    sdk, entry, _ = _loaded(case)
    assert case.stream is not None
    sent = send("midstream", case.stream)
    names = {**sdk.errors, **entry.errors}["connection"]
    classes = tuple(introspect.resolve(name) for name in names if introspect.exists(name))
    assert sent.attempts == 1
    assert isinstance(sent.error, classes), f"{type(sent.error).__mro__} is not among {names}"


def test_the_sdk_of_every_case_can_be_loaded() -> None:
    assert {case.sdk for case in CASES} <= set(sdks.heads())
    assert importlib.import_module("tests.sdks.cases").CASES is CASES
