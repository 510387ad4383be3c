"""The time-out in force on a model call is none, or minutes long.

A call that may wait for ten minutes, times the attempts of the SDK, holds a worker, a connection and the user who
waits. Several SDKs and most frameworks set no time-out at all. Choose a time that fits the longest answer you
accept, and stream where answers are long.

Reported are time-outs that are absent or 300 s and more, whether written down or the SDK's default; not those of
batch, fine-tuning and file operations.

Bad:

    from openai import OpenAI

    client = OpenAI()
    reply = client.responses.create(model="gpt-5.5", input="hello", max_output_tokens=200)

Good:

    from openai import OpenAI

    client = OpenAI(timeout=60)
    reply = client.responses.create(model="gpt-5.5", input="hello", max_output_tokens=200)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Kind
from callsafe.rules.model import Facts, Problem, Severity, rule

LONGEST = 300
"""Seconds: the shortest time-out that is reported."""
_JUDGED = frozenset({Kind.TEXT, Kind.AGENT, Kind.EMBEDDING, Kind.MODERATION, Kind.RERANK})


def find(call: Call) -> Iterator[Problem]:
    """Report a call that may wait for minutes or for ever."""
    timeout = call.setting("timeout")
    if call.kind not in _JUDGED or call.removed:
        return
    if timeout.missing:
        message = "no time-out is in force"
    elif isinstance(timeout.value, int | float) and timeout.value >= LONGEST:
        message = f"the time-out in force is {timeout.value:g} s"
    else:
        return
    where = f"`{timeout.keyword}=` ({timeout.place})" if timeout.place else timeout.note
    fix = f"set `{timeout.keyword}=` on the client or here" if timeout.keyword else ""
    yield Problem(call.place, message, in_force=where, fix=fix)


RULE = rule(
    __name__,
    __doc__,
    code="LLM209",
    severity=Severity.LOW,
    facts=Facts.CALL,
    section="Improving latency",
    find=find,
    owasp=("LLM10",),
    cwe=(1088,),
)
