"""No bound on output tokens is in force.

The cost of a call and most of its latency follow the number of generated tokens. Where neither the call nor its
client sets a bound and the SDK sends none, the model's own maximum is the only limit, today often 128,000 tokens.
A bound also stops an answer that has begun to repeat itself.

Where the SDK or the provider requires a bound the call is never reported, nor where a value comes from outside
and cannot be read from the source.

Bad:

    from openai import OpenAI

    client = OpenAI()
    reply = client.chat.completions.create(model="gpt-5.5", messages=[])

Good:

    from openai import OpenAI

    client = OpenAI()
    reply = client.chat.completions.create(model="gpt-5.5", messages=[], max_completion_tokens=1024)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Kind
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a text-generating call on which nobody bounds the output."""
    bound = call.setting("output_bound")
    if call.kind is Kind.TEXT and bound.missing:
        yield Problem(
            call.place,
            "no bound on output tokens is in force",
            in_force=bound.note,
            fix=f"set `{bound.keyword}=` here" if bound.keyword else "",
        )


RULE = rule(
    __name__,
    __doc__,
    code="LLM301",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Managing costs",
    find=find,
    owasp=("LLM10",),
    cwe=(770,),
    wire=True,
)
