"""The same credential or organization serves different stages.

Where development or staging use production's key or organization, an experiment spends production's rate
limit and budget, a key that leaks from a developer's machine is production's key, and access to production
cannot be limited. Compared are environment files, and sections and variables, that are named for a stage
(`.env.staging`, `[production]`, `OPENAI_API_KEY_DEV`). Values are compared by a keyed hash and never shown.

Bad:

    # .env.staging
    OPENAI_API_KEY=@@openai-proj@@
    # .env.production
    OPENAI_API_KEY=@@openai-proj@@

Good:

    # .env.staging
    OPENAI_API_KEY=@@openai-proj#1@@
    # .env.production
    OPENAI_API_KEY=@@openai-proj#2@@
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from callsafe.rules.model import Facts, Problem, Severity, rule

if TYPE_CHECKING:
    from callsafe.rules.facts import EnvironmentValue, Project

_ORDER = ("production", "staging", "test", "development")


def find(project: Project) -> Iterator[Problem]:
    """Report each place where a value stands that a stage nearer to production uses too."""
    by_digest: dict[str, list[EnvironmentValue]] = {}
    for environment in project.environments:
        for value in environment.values:
            if value.stage:
                by_digest.setdefault(value.digest, []).append(value)
    for same in by_digest.values():
        same.sort(key=lambda value: (_ORDER.index(value.stage), value.place.path, value.place.line))
        first = same[0]
        for value in same[1:]:
            if value.stage != first.stage:
                what = f"credential of {value.provider}" if value.provider else "organization"
                yield Problem(
                    value.place,
                    f"{value.stage} uses the same {what} as {first.stage}",
                    in_force=f"{first.stage} has it in {first.place}",
                    fix=f"give {value.stage} its own, in an organization or project of its own",
                )


RULE = rule(
    __name__,
    __doc__,
    code="LLM105",
    severity=Severity.MEDIUM,
    facts=Facts.PROJECT,
    section="Staging accounts",
    find=find,
    owasp=("LLM02",),
    cwe=(1188, 522),
)
