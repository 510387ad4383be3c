"""A handler around a model call hides its errors.

When every exception of a call is dropped without a trace, an expired key, a used-up quota and an outage look like
an empty answer. Nobody is told, and the caller cannot tell the difference either.

Bad:

    from openai import OpenAI

    client = OpenAI()

    def answer(question: str) -> str | None:
        try:
            return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200).output_text
        except Exception:
            return None

Good:

    import logging

    import openai

    client = openai.OpenAI()

    def answer(question: str) -> str | None:
        try:
            return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200).output_text
        except openai.OpenAIError:
            logging.exception("the model call failed")
            return None
"""

from collections.abc import Iterator

from callsafe.rules.facts import Body, Call, Where
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a broad handler right around the call that neither logs nor raises nor keeps anything."""
    if call.through:
        return
    for handler in call.flow.handlers:
        if handler.where is not Where.AROUND:
            return
        if handler.broad and handler.body is Body.HIDES:
            yield Problem(
                handler.place,
                f"this handler hides every error of the {call.title} call: nothing is logged or raised",
                fix="catch the SDK's errors, log them or raise your own",
            )
        if handler.broad:
            return


RULE = rule(
    __name__,
    __doc__,
    code="LLM207",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    cwe=(390,),
)
