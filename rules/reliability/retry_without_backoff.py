"""A retry around a model call waits no time, or always the same time.

Requests that are repeated at once, or in step with everybody else's, keep the rate limit exceeded; failed requests
count towards it. The wait has to grow from one attempt to the next and to be spread by chance (jitter).

Bad:

    from openai import OpenAI
    from tenacity import retry, stop_after_attempt

    client = OpenAI(max_retries=0)

    @retry(stop=stop_after_attempt(5))
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)

Good:

    from openai import OpenAI
    from tenacity import retry, stop_after_attempt, wait_random_exponential

    client = OpenAI(max_retries=0)

    @retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=60))
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call, Wait
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report each retry whose wait does not grow."""
    if call.through:
        return
    for retry in call.flow.retries:
        if not retry.effective or retry.attempts in (0, 1):
            continue
        if retry.wait is Wait.NONE:
            yield Problem(retry.place, f"the {retry.by} retry around a model call does not wait", fix=_FIX)
        elif retry.wait is Wait.CONSTANT:
            yield Problem(
                retry.place, f"the {retry.by} retry around a model call always waits the same time", fix=_FIX
            )


_FIX = "let the wait grow exponentially, with jitter"

RULE = rule(
    __name__,
    __doc__,
    code="LLM202",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    cwe=(799,),
)
