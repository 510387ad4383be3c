"""A call asks for several completions of the same prompt.

Each one is generated and charged: the cost of the output is the bound multiplied by the larger of `n` and
`best_of`. Ask for one, and for more only where something chooses between them.

Bad:

    from openai import OpenAI

    client = OpenAI()
    reply = client.chat.completions.create(model="gpt-5.5", messages=[], max_completion_tokens=500, n=4)

Good:

    from openai import OpenAI

    client = OpenAI()
    reply = client.chat.completions.create(model="gpt-5.5", messages=[], max_completion_tokens=500)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Kind
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a known number of completions above one."""
    settings = [call.setting(role) for role in ("completions", "best_of")]
    asked = [setting for setting in settings if isinstance(setting.value, int) and setting.value > 1]
    if call.kind is not Kind.TEXT or not asked:
        return
    most = max(asked, key=lambda setting: int(setting.value))
    bound = call.setting("output_bound")
    total = f": up to {bound.value * most.value} output tokens" if isinstance(bound.value, int) else ""
    yield Problem(
        call.place,
        f"the output is generated and charged {most.value} times{total}",
        in_force=f"`{most.keyword}={most.value}`" + (f" ({most.place})" if most.place else ""),
        fix="ask for one completion",
    )


RULE = rule(
    __name__,
    __doc__,
    code="LLM303",
    severity=Severity.LOW,
    facts=Facts.CALL,
    section="Improving latency",
    find=find,
    owasp=("LLM10",),
    cwe=(770,),
    wire=True,
)
