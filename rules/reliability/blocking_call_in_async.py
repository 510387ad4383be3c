"""A synchronous model call stands in `async def` and blocks the event loop.

While it waits for the model, often for seconds, nothing else in the process runs: no other request is served, no
health check answered. Use the SDK's asynchronous client, or hand the call to a thread.

Bad:

    from openai import OpenAI

    client = OpenAI()

    async def answer(question: str) -> str:
        reply = client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
        return reply.output_text

Good:

    from openai import AsyncOpenAI

    client = AsyncOpenAI()

    async def answer(question: str) -> str:
        reply = await client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
        return reply.output_text
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Kind
from callsafe.rules.model import Facts, Problem, Severity, rule

_LOCAL = (Kind.TOKENS, Kind.OTHER)


def find(call: Call) -> Iterator[Problem]:
    """Report a synchronous call in asynchronous code that is not handed to a thread."""
    flow = call.flow
    judged = call.kind not in _LOCAL and not call.through and not call.removed
    if judged and flow.in_async and call.asynchronous is False and not flow.in_thread:
        yield Problem(
            call.place,
            f"a synchronous {call.title} call blocks the event loop",
            in_force=f"`async def {flow.function.rpartition('.')[2]}`",
            fix="await the asynchronous client, or use asyncio.to_thread",
        )


RULE = rule(
    __name__,
    __doc__,
    code="LLM210",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Improving latency",
    find=find,
    cwe=(833,),
)
