"""Git tracks an environment file that holds credentials.

A file such as `.env` is made to keep credentials out of the code; once it is committed they are in the
history of every clone. Taking it out of the index does not take it out of the history: the credentials must
be revoked. Files that are named as samples (`.env.example`) are not reported.

Bad:

    # .env, listed by `git ls-files`
    OPENAI_API_KEY=@@openai-proj@@

Good:

    # .gitignore
    .env
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from callsafe.rules.model import Facts, Problem, Severity, rule

if TYPE_CHECKING:
    from callsafe.rules.facts import Project


def find(project: Project) -> Iterator[Problem]:
    """Report each dotenv file that git tracks and that holds a credential, at the first one."""
    for environment in project.environments:
        held = [value for value in environment.values if value.provider]
        if environment.tracked and held:
            count = f"{len(held)} credentials" if len(held) > 1 else "a credential"
            yield Problem(
                held[0].place,
                f"git tracks this file, and it holds {count}",
                fix="revoke, then `git rm --cached` the file and list it in .gitignore",
            )


RULE = rule(
    __name__,
    __doc__,
    code="LLM106",
    severity=Severity.HIGH,
    facts=Facts.PROJECT,
    section="API keys",
    find=find,
    owasp=("LLM02",),
    cwe=(538, 798),
)
