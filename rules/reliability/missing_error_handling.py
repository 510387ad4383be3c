"""Nothing handles the errors of a model call.

Rate limits, time-outs, overload and rejected requests are part of normal operation. Without a handler around the
call, in a decorator, in any caller inside the project or in the framework, each of them ends the request or the
program with a traceback.

Where something stands between the call and its caller that cannot be seen (an unknown decorator, a method that a
framework calls, a function handed on as a value), the call is not reported.

Bad:

    from openai import OpenAI

    client = OpenAI()

    def answer(question: str) -> str:
        reply = client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
        return reply.output_text

Good:

    import openai

    client = openai.OpenAI()

    def answer(question: str) -> str:
        try:
            reply = client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
        except openai.OpenAIError as error:
            raise RuntimeError("the assistant is not available") from error
        return reply.output_text
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Kind
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a call none of whose errors is caught on any way out."""
    flow = call.flow
    if call.through or call.removed or call.kind is Kind.OTHER or not flow.complete:
        return
    if any(handler.catches for handler in flow.handlers):
        return
    where = f"in `{flow.function}` or its callers" if flow.function else "at the top of the module"
    yield Problem(
        call.place,
        f"no handler for {call.title} errors",
        in_force=f"no handler around the call, nor {where}" if flow.function else f"no handler {where}",
        fix="catch the errors of the SDK and say what happens then",
    )


RULE = rule(
    __name__,
    __doc__,
    code="LLM206",
    severity=Severity.LOW,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    cwe=(755,),
)
