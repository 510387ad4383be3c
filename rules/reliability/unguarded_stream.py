"""A streamed answer is read with nothing to catch a break.

No SDK retries a stream that breaks after its first byte: the answer ends in the middle with an exception, at the
place where it is read. Handle it there, and decide what happens to the part that was already shown.

Bad:

    from openai import OpenAI

    client = OpenAI()

    def answer(question: str) -> None:
        stream = client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200, stream=True)
        for event in stream:
            print(event)

Good:

    import openai

    client = openai.OpenAI()

    def answer(question: str) -> None:
        try:
            stream = client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200, stream=True)
            for event in stream:
                print(event)
        except openai.OpenAIError as error:
            print("the answer broke off:", error)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Where
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a stream that is read in the same function with no handler there nor in any caller."""
    flow = call.flow
    if call.streamed is not True or not flow.consumed or not flow.complete or call.through:
        return
    outer = [handler for handler in flow.handlers if handler.where is not Where.AROUND]
    if any(handler.catches for handler in (*flow.consumers, *outer)):
        return
    yield Problem(
        call.place,
        "the streamed answer is read without a handler for a break in the middle",
        in_force="no SDK retries a stream after its first byte",
        fix="put the loop that reads it into a try block",
    )


RULE = rule(
    __name__,
    __doc__,
    code="LLM216",
    severity=Severity.LOW,
    facts=Facts.CALL,
    section="Improving latency",
    find=find,
    cwe=(755,),
)
