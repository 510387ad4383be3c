"""A parameter was replaced by another, or the model refuses it.

SDKs and model families rename parameters (`max_tokens` became `max_completion_tokens`) and drop others
(`temperature` on reasoning models). The call then fails with a type error or a rejected request, or the value is
ignored without a word.

Bad:

    from openai import OpenAI

    client = OpenAI()
    reply = client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=500)

Good:

    from openai import OpenAI

    client = OpenAI()
    reply = client.chat.completions.create(model="gpt-5.5", messages=[], max_completion_tokens=500)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report each keyword that is no longer the right one for the SDK or model in force."""
    for renamed in call.renamed:
        yield Problem(
            renamed.place,
            f"`{renamed.keyword}` is {'replaced' if renamed.use else 'refused'}: {renamed.why}",
            fix=f"use `{renamed.use}=`" if renamed.use else f"leave `{renamed.keyword}` out",
        )


RULE = rule(
    __name__,
    __doc__,
    code="LLM304",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Managing costs",
    find=find,
    wire=True,
)
