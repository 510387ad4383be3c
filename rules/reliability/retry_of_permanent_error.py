"""A retry around a model call also repeats errors that cannot succeed.

A wrong key, a missing permission, a request that the provider rejects: the same request fails in the same way each
time. Repeating it hides the cause, delays the answer and spends the rate limit. Retry the transient classes only:
rate limit, time-out, connection, server error.

Bad:

    from openai import OpenAI
    from tenacity import retry, stop_after_attempt, wait_random_exponential

    client = OpenAI(max_retries=0)

    @retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=60))
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)

Good:

    from openai import APIConnectionError, InternalServerError, OpenAI, RateLimitError
    from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

    client = OpenAI(max_retries=0)

    @retry(
        retry=retry_if_exception_type((RateLimitError, APIConnectionError, InternalServerError)),
        stop=stop_after_attempt(5),
        wait=wait_random_exponential(max=60),
    )
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call
from callsafe.rules.model import Facts, Problem, Severity, rule

_PERMANENT = frozenset({"auth", "permission", "bad_request", "not_found"})


def find(call: Call) -> Iterator[Problem]:
    """Report each retry that tries again on a permanent error."""
    if call.through:
        return
    for retry in call.flow.retries:
        if not retry.effective or retry.attempts in (0, 1):
            continue
        if retry.broad:
            what = "every exception"
        elif wrong := sorted(retry.catches & _PERMANENT):
            what = f"errors that cannot succeed ({', '.join(wrong).replace('_', ' ')})"
        else:
            continue
        yield Problem(
            retry.place,
            f"the {retry.by} retry around a model call repeats {what}",
            fix="retry only the rate-limit, time-out, connection and server errors of the SDK",
        )


RULE = rule(
    __name__,
    __doc__,
    code="LLM204",
    severity=Severity.LOW,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    cwe=(755,),
)
