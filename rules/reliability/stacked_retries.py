"""Retries around a client that already retries multiply.

The attempts of the SDK and those of the decorator or loop around it are multiplied, and so is the longest wait.
That can be meant; more often one of the two was forgotten, and a rate limit is answered with many requests.

Bad:

    from openai import OpenAI
    from tenacity import retry, stop_after_attempt, wait_random_exponential

    client = OpenAI()

    @retry(stop=stop_after_attempt(6), wait=wait_random_exponential(max=60))
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)

Good:

    from openai import OpenAI
    from tenacity import retry, stop_after_attempt, wait_random_exponential

    client = OpenAI(max_retries=0)

    @retry(stop=stop_after_attempt(6), wait=wait_random_exponential(max=60))
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call
from callsafe.rules.model import Facts, Level, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a call on which two or more retries with known numbers of attempts are in force."""
    inner = call.setting("retries").value
    factors = [retry.attempts for retry in call.flow.retries if retry.effective]
    known = [factor for factor in factors if isinstance(factor, int) and factor > 1]
    own = inner + 1 if isinstance(inner, int) and not isinstance(inner, bool) else 1
    if call.through or not known or (own == 1 and len(known) == 1):
        return
    attempts = own
    for factor in known:
        attempts *= factor
    written = " x ".join(str(factor) for factor in [*known, *([own] if own > 1 else [])])
    yield Problem(
        call.place,
        f"retries multiply: up to {attempts} requests for one call",
        in_force=f"{written} attempts ({', '.join(retry.by for retry in call.flow.retries)} and {call.title})",
        fix="keep one of them; switch the SDK's own off where a retry stands around it",
    )


RULE = rule(
    __name__,
    __doc__,
    code="LLM205",
    level=Level.STRICT,
    severity=Severity.LOW,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    cwe=(799,),
)
