"""A credential is written into the code that uses it.

A string constant that reaches `api_key=`, an authorization header or the environment variable of an SDK is a
credential in the source, whatever it looks like: everyone who can read the repository can use it, and it stays in
the history when the line is changed. Read it from the environment or from a secret manager.

Placeholders are not reported, nor the dummy keys of servers on this machine or a private network, nor values in
which `hard-coded-key` knows a format: one finding is enough.

Bad:

    import os

    os.environ["OPENAI_API_KEY"] = "q8Zr2LmK0pTwXv5y"

Good:

    import os

    from openai import OpenAI

    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from callsafe.rules.credentials._placeholders import is_placeholder
from callsafe.rules.model import Facts, Problem, Severity, rule

if TYPE_CHECKING:
    from callsafe.rules.facts import Credential

_SHORTEST = 8
"""Characters: no provider's key is shorter."""


def find(credential: Credential) -> Iterator[Problem]:
    """Report a constant in a credential's place that is not a stand-in."""
    if credential.local or len(credential.value) < _SHORTEST or is_placeholder(credential.value):
        return
    yield Problem(
        credential.place,
        f"a constant is used as {credential.provider} credential ({credential.through.rstrip('=')})",
        fix="read it from the environment or a secret manager, and revoke this one",
    )


RULE = rule(
    __name__,
    __doc__,
    code="LLM102",
    severity=Severity.HIGH,
    facts=Facts.CREDENTIAL,
    section="API keys",
    find=find,
    owasp=("LLM02",),
    cwe=(798,),
)
