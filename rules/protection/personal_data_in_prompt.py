"""Personal data of somebody who looks real stands in a prompt.

A constant that reaches a prompt is sent with every request, stands in the provider's logs and in the
repository's history, and nobody asked the person. Examples in prompts work as well with values that belong to
nobody: addresses at example.com, telephone numbers with 555-01xx, the test cards of payment providers,
192.0.2.0/24.

Such documentation values are never reported, nor addresses of functions (support@, info@, no-reply@) and of
private networks. Missed: names and places, which need a model that the linter does not load; shapes that only
their context tells from any number, without it.

Bad:

    from openai import OpenAI

    client = OpenAI()
    reply = client.responses.create(
        model="gpt-5.5",
        input="Answer the complaint of maria.keller@bluewin.ch about her invoice.",
        max_output_tokens=500,
    )

Good:

    from openai import OpenAI

    client = OpenAI()
    reply = client.responses.create(
        model="gpt-5.5",
        input="Answer the complaint of maria.keller@example.com about her invoice.",
        max_output_tokens=500,
    )
"""

from collections.abc import Iterator

from callsafe.rules.model import Facts, Problem, Severity, rule
from callsafe.rules.text import Text

LEAST_SCORE = 0.5
"""Below it a shape alone is too often somebody's invention or no personal data at all."""


def find(text: Text) -> Iterator[Problem]:
    """Report each kind of personal data in a prompt once, where it first stands."""
    if text.kind != "prompt":
        return
    from callsafe.rules.personal_data.catalogue import data_rules
    from callsafe.rules.personal_data.scan import scan

    found: dict[str, list[int]] = {}
    first: dict[str, tuple[int, int]] = {}
    for hit in scan(text.content, data_rules()):
        value = text.content[hit.start : hit.end]
        if hit.score < LEAST_SCORE or (hit.rule.documentation is not None and hit.rule.documentation(value)):
            continue
        label = hit.rule.label
        found.setdefault(label, []).append(hit.start)
        first[label] = min(first.get(label, (hit.start, hit.end)), (hit.start, hit.end))
    for label, (start, end) in sorted(first.items(), key=lambda item: item[1]):
        times = len(set(found[label]))
        kind = _KINDS.get(label, label.lower().replace("_", " "))
        yield Problem(
            text.locate(start, end),
            f"{kind} stands in a prompt" if times == 1 else f"{kind} stands in a prompt ({times} of them)",
            in_force="the text is sent as it is written here",
            fix="write a documentation value (example.com, 555-0100, a test card), or fill the value in at "
            "run time behind redaction",
        )


_KINDS = {
    "EMAIL_ADDRESS": "an e-mail address",
    "PHONE_NUMBER": "a telephone number",
    "CREDIT_CARD": "a payment card number",
    "IBAN_CODE": "a bank account number",
    "IP_ADDRESS": "an IP address",
    "MAC_ADDRESS": "a hardware address",
    "CRYPTO": "a wallet address",
    "US_SSN": "a social security number",
    "US_ITIN": "a taxpayer number",
    "US_PASSPORT": "a passport number",
    "MEDICAL_LICENSE": "a medical licence number",
    "UK_NHS": "an NHS number",
    "UK_NINO": "a national insurance number",
    "KR_RRN": "a resident registration number",
    "CN_RESIDENT_ID": "a resident identity number",
    "DATE_OF_BIRTH": "a date of birth",
    "STREET_ADDRESS": "a street address",
}

RULE = rule(
    __name__,
    __doc__,
    code="LLM501",
    severity=Severity.MEDIUM,
    facts=Facts.TEXT,
    section="Security and compliance",
    find=find,
    owasp=("LLM02",),
    cwe=(359,),
    wire=True,
)
