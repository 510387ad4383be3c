"""A retry around a model call has no end.

When the provider is down, the quota is used up or the request is wrong, a retry without a stop never returns, and
where failed requests are charged it keeps spending.

Bad:

    from openai import OpenAI
    from tenacity import retry, wait_random_exponential

    client = OpenAI()

    @retry(wait=wait_random_exponential(max=60))
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)

Good:

    from openai import OpenAI
    from tenacity import retry, stop_after_attempt, wait_random_exponential

    client = OpenAI()

    @retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=60))
    def answer(question: str):
        return client.responses.create(model="gpt-5.5", input=question, max_output_tokens=200)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report each retry that nothing stops."""
    for retry in call.flow.retries:
        if retry.attempts is None and retry.effective and not call.through:
            yield Problem(
                retry.place,
                f"nothing stops the {retry.by} retry around a model call",
                fix="bound the number of attempts or the total time",
            )


RULE = rule(
    __name__,
    __doc__,
    code="LLM203",
    severity=Severity.MEDIUM,
    facts=Facts.CALL,
    section="Managing rate limits",
    find=find,
    owasp=("LLM10",),
    cwe=(835,),
)
