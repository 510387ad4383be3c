"""A handler around a model call can never match.

It names classes of another SDK, or of a generation of the SDK that is no longer in force, or of a transport that
the SDK left (several moved from httpx to httpx2, whose exceptions are other classes), or a class whose base is caught
above it. The error that was meant to be handled passes it by.

Bad:

    import anthropic
    from openai import OpenAI

    client = OpenAI()

    def answer(question: str) -> str:
        try:
            return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200).output_text
        except anthropic.RateLimitError:
            return "please try again later"

Good:

    import openai

    client = openai.OpenAI()

    def answer(question: str) -> str:
        try:
            return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200).output_text
        except openai.RateLimitError:
            return "please try again later"
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Where
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report each handler right around the call of which no class can be raised by it."""
    if call.through:
        return
    for handler in call.flow.handlers:
        if handler.where is Where.AROUND and handler.never and not handler.catches:
            name, reason = handler.never[0]
            yield Problem(
                handler.place,
                f"`{name}` never matches in this handler of the {call.title} call",
                in_force=reason,
                fix="catch the classes of the SDK that is called",
            )


RULE = rule(
    __name__,
    __doc__,
    code="LLM208",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    cwe=(755,),
)
