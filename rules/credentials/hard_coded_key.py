"""A credential of a known format is written down in a file.

Whoever can read the file, its history or a copy of it can spend money and read data in the owner's name; a
key that was ever committed stays in the history and must be revoked, not only removed. Judged is every text
file: source, notebooks with their outputs, configuration, scripts, documentation. The value is recognised
by its issuer's format, also where it is split over several literals or wrapped in base64; placeholders and
sample values are not reported. Formats that several things share are reported only where the issuer or a
key-like name stands near.

Bad:

    from openai import OpenAI

    client = OpenAI(api_key="@@openai-proj@@")

Good:

    import os

    from openai import OpenAI

    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
"""

from collections.abc import Iterator

from callsafe.rules.credentials._scan import scan
from callsafe.rules.model import Facts, Problem, Severity, rule
from callsafe.rules.text import Text


def find(text: Text) -> Iterator[Problem]:
    """Report each credential of a known format; the message names issuer and format, never the value."""
    for match in scan(text.content, names=text.names, strict=text.kind == "prompt"):
        where = " in the output of this cell" if text.names == ("output",) else ""
        yield Problem(
            text.locate(match.start, match.end),
            f"a credential of {match.provider} (format `{match.format}`) is written down{where}",
            fix="revoke it, then read it from the environment or a secret manager",
        )
    if text.kind == "file":
        yield from _others(text)


def _others(text: Text) -> Iterator[Problem]:
    """Report what only detect-secrets' plugins know."""
    from callsafe.rules.credentials._needles import has_needle

    if has_needle(text.content):
        from callsafe.rules.credentials._detect_secrets import others

        for start, end, kind in others(text.content):
            yield Problem(
                text.locate(start, end),
                f"a credential of a kind that detect-secrets calls {kind} is written down",
                fix="revoke it, then read it from the environment or a secret manager",
            )


RULE = rule(
    __name__,
    __doc__,
    code="LLM101",
    severity=Severity.HIGH,
    facts=Facts.TEXT,
    section="API keys",
    find=find,
    owasp=("LLM02",),
    cwe=(798, 312),
)
