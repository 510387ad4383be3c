"""A file, a notebook cell or a folder cannot be read, so it was not judged.

The run goes on, and the exit status tells that not everything was seen. The message says why: not utf-8, a
syntax error, a syntax newer than the running Python (then with the version to run callsafe with), too large,
nested too deeply, no permission.

Python files that are named on the command line are always parsed, and so are short ones (up to 4 KB). Of the
rest of a folder only those are parsed that can matter, because they mention an SDK, a provider or a retry
library or are tied by imports to one that does: a syntax error elsewhere hides no model call.

Bad:

    def answer(question:
        return question

Good:

    def answer(question):
        return question
"""

from callsafe.rules.model import Facts, Severity, rule

RULE = rule(
    __name__,
    __doc__,
    code="LLM902",
    severity=Severity.MEDIUM,
    facts=Facts.RUN,
    section="About the run",
)
