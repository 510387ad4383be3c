"""No retry is in force on a model call.

Providers answer 429 and 5xx as a matter of course; a call that is made once fails whenever they do. Most SDKs try
again by themselves with exponential backoff, some never do, and any can be told not to. The call is reported when
the SDK in force does not retry, or was told not to, and nothing in the project does it instead: no decorator,
context, loop, wrapper or caller.

Bad:

    from openai import OpenAI

    client = OpenAI(max_retries=0)
    reply = client.responses.create(model="gpt-5.5", input="hello", max_output_tokens=200)

Good:

    from openai import OpenAI

    client = OpenAI(max_retries=4)
    reply = client.responses.create(model="gpt-5.5", input="hello", max_output_tokens=200)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Kind, Origin
from callsafe.rules.model import Facts, Problem, Severity, rule

_LOCAL = (Kind.TOKENS, Kind.OTHER)


def find(call: Call) -> Iterator[Problem]:
    """Report a call that is tried once."""
    retries = call.setting("retries")
    if call.kind in _LOCAL or call.through or call.removed or not (retries.missing or retries.value == 0):
        return
    if any(retry.effective for retry in call.flow.retries) or not call.flow.complete:
        return
    if retries.origin is Origin.SDK:
        message = f"no retry is in force: {call.title} tries once, and nothing around the call tries again"
    else:
        message = (
            "no retry is in force: the SDK's own is switched off, and nothing around the call tries again"
        )
    where = f"`{retries.keyword}={retries.value}` ({retries.place})" if retries.place else retries.note
    fix = (
        f"set `{retries.keyword}=` on the client"
        if retries.keyword
        else "wrap the call in a retry with backoff"
    )
    yield Problem(call.place, message, in_force=where, fix=fix)


RULE = rule(
    __name__,
    __doc__,
    code="LLM201",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    cwe=(755,),
)
