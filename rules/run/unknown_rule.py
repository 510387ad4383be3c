"""An ignore comment names no rule.

A misspelt name suppresses nothing, now or later. The message says which name is spelled most like it. A name
in the configuration that is no rule stops the run with exit status 2 instead.

Bad:

    total = 1 + 1  # callsafe: ignore[unbound-output]

Good:

    total = 1 + 1
"""

from callsafe.rules.model import Facts, Severity, rule

RULE = rule(
    __name__,
    __doc__,
    code="LLM903",
    severity=Severity.LOW,
    facts=Facts.RUN,
    section="About the run",
)
