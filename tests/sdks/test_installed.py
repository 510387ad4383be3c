"""Every catalogue file agrees with the SDK that is installed where the tests run."""

from __future__ import annotations

import contextlib
import importlib
import ssl
import warnings

import pytest
from tests.sdks import introspect
from tests.sdks.objects import NO_CERTIFICATES

from callsafe.rules import sdks


@pytest.mark.parametrize("name", sorted(sdks.heads()))
def test_a_catalogue_file_agrees_with_the_installed_sdk(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda *_, **__: NO_CERTIFICATES)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or it asks the network at import
    with contextlib.suppress(ImportError):  # as this does
        tokens = importlib.import_module("tiktoken_ext.openai_public")
        monkeypatch.setattr(tokens, "load_tiktoken_bpe", lambda *_, **__: {bytes([n]): n for n in range(256)})
    for variable in (
        "OPENAI_API_KEY",
        "REPLICATE_API_TOKEN",
    ):  # a module as client reads its key when looked at
        monkeypatch.setenv(variable, "test")
    sdk = sdks.load(name)
    introspect.record(f"{name}.spellings", introspect.rows(introspect.spellings(sdk)))
    release = introspect.installed(sdk)
    if release is None:
        pytest.skip(f"{sdk.distribution} is not installed here; the matrix installs it")
    entry = introspect.generation(sdk, release)
    if (
        entry is None
        and len([other for other in map(sdks.load, sdks.heads()) if other.distribution == sdk.distribution])
        > 1
    ):
        pytest.skip(f"{sdk.distribution} {release} belongs to another file")
    assert entry is not None, f"{name} has no generation for {sdk.distribution} {release}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(introspect.claims(sdk, entry))
    introspect.record(f"{name}.{entry.name}", introspect.rows(found))
    wrong = [str(claim) for claim in found if claim.strict and not claim.holds]
    assert not wrong, f"{name} and {sdk.distribution} {release} disagree:\n" + "\n".join(wrong)
