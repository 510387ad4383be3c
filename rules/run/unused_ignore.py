"""An ignore comment suppresses nothing.

The finding it was written for is gone, or it stands on another line. A comment that suppresses nothing hides
the next finding on that line from review. Only callsafe's own tokens are judged: `# callsafe: ignore[…]` and
codes that begin with `LLM` in a `# noqa`; a rule that was not on in this run is not judged either.

Bad:

    total = 1 + 1  # callsafe: ignore[unbounded-output]

Good:

    total = 1 + 1
"""

from callsafe.rules.model import Facts, Severity, rule

RULE = rule(
    __name__,
    __doc__,
    code="LLM901",
    severity=Severity.LOW,
    facts=Facts.RUN,
    section="About the run",
)
