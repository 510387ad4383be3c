"""The model is shut down, or will be on an announced day.

Providers retire models on a day that they announce; from then on every call fails. The table of models
(`rules/models.toml`) is data with sources and dates; a name that it does not have is not reported.

Bad:

    from openai import OpenAI

    client = OpenAI()
    reply = client.responses.create(model="o1-mini", input="hello", max_output_tokens=200)

Good:

    from openai import OpenAI

    client = OpenAI()
    reply = client.responses.create(model="gpt-5.5", input="hello", max_output_tokens=200)
"""

from collections.abc import Iterator

from callsafe.rules.facts import Call
from callsafe.rules.model import Facts, Problem, Severity, rule


def find(call: Call) -> Iterator[Problem]:
    """Report a model name that the table knows to be at its end."""
    from datetime import date

    from callsafe.rules import models

    setting = call.setting("model")
    model = models.find(setting.value, call.provider) if isinstance(setting.value, str) else None
    if model is None or model.shutdown is None:
        return
    place = setting.place or call.place
    fix = f"use {model.replacement}, for example" if model.replacement else ""
    if model.shutdown <= date.today():
        yield Problem(place, f"{model.provider} shut {model.name} down on {model.shutdown}", fix=fix)
    else:
        message = f"{model.provider} shuts {model.name} down on {model.shutdown}"
        yield Problem(place, message, fix=fix, severity=Severity.LOW)


RULE = rule(
    __name__,
    __doc__,
    code="LLM401",
    severity=Severity.HIGH,
    facts=Facts.CALL,
    section="MLOps strategy",
    find=find,
    wire=True,
)
