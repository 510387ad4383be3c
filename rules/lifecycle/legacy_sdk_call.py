"""A call uses an interface that the SDK in force no longer has, or an SDK that its maker gave up.

The function was removed or replaced in the release that the project uses: the call raises as soon as it is reached.
An SDK that was given up gets no repairs and none of the provider's new models; its successor is named.

Bad:

    import openai

    reply = openai.ChatCompletion.create(model="gpt-5.5", messages=[], max_tokens=500)

Good:

    from openai import OpenAI

    client = OpenAI()
    reply = client.chat.completions.create(model="gpt-5.5", messages=[], max_completion_tokens=500)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a call of a removed interface, or through an SDK that has a successor."""
    if call.through:
        return
    if call.successor and not call.removed:
        yield Problem(
            call.place,
            f"{call.title} is deprecated by its maker",
            fix=f"move to its successor, {call.successor}",
        )
    if not call.removed:
        return
    said = f"{call.title} {call.release}".strip() + (f" ({call.release_from})" if call.release_from else "")
    yield Problem(
        call.place,
        f"`{call.operation}` no longer exists in the release in force",
        in_force=said,
        fix=call.removed,
    )


RULE = rule(
    __name__,
    __doc__,
    code="LLM403",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="MLOps strategy",
    find=find,
    cwe=(477,),
)
