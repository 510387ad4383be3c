"""What a rule is, and what it says: `Rule`, `Problem`, `Place` and their scales."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much harm the thing found can do."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Level(StrEnum):
    """`core` rules are on by default; `strict` ones are true statements that a team may choose not to care about."""

    CORE = "core"
    STRICT = "strict"


class Facts(StrEnum):
    """What a rule's `find` is handed."""

    CALL = "call"
    """A `facts.Call`: one model call, the values in force on it and the code around it."""
    TEXT = "text"
    """A `facts.Text`: a piece of text, at rest or in a prompt."""
    CREDENTIAL = "credential"
    """A `facts.Credential`: a value that reaches a place where an SDK expects a credential."""
    PROJECT = "project"
    """A `facts.Project`: all files and calls together."""
    RUN = "run"
    """Nothing: the engine itself reports these (LLM9xx)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: 1-based lines and columns, columns in characters, the end exclusive.

    In a notebook `cell` is the 1-based number of the code cell and the line counts inside it; elsewhere it is 0.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int = 0

    def __str__(self) -> str:
        return f"{self.path}:cell {self.cell}:{self.line}" if self.cell else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule found: where, what is wrong, which value is in force, what to do.

    `message`, `in_force` and `fix` are lower case without a full stop and never quote a secret or personal data.
    `severity` overrides the rule's own where one case is milder or worse.
    """

    place: Place
    message: str
    in_force: str = ""
    fix: str = ""
    severity: Severity | None = None


Find = Callable[[Any], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its identity, its documentation, and one function from facts to problems.

    `section` is the part of the production-best-practices guide that the rule turns into a check. `owasp` holds
    ids of the OWASP Top 10 for LLM applications (2026), `cwe` numbers of the Common Weakness Enumeration. `wire`
    rules also judge a `Call` that was built from a JSON body about to be sent.
    """

    name: str
    code: str
    level: Level
    severity: Severity
    facts: Facts
    section: str
    docs: str
    find: Find
    owasp: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    wire: bool = False

    @property
    def summary(self) -> str:
        """The first line of the documentation, without its full stop."""
        return self.docs.strip().partition("\n")[0].rstrip(".")


def nothing(_facts: object) -> Iterable[Problem]:
    """Find nothing: the `find` of rules that the engine itself reports."""
    return ()


def rule(
    module: str,
    docs: str | None,
    *,
    code: str,
    level: Level = Level.CORE,
    severity: Severity = Severity.MEDIUM,
    facts: Facts,
    section: str,
    find: Find = nothing,
    owasp: tuple[str, ...] = (),
    cwe: tuple[int, ...] = (),
    wire: bool = False,
) -> Rule:
    """Make a module's rule, `RULE`, from its `__name__` and `__doc__`; the rule is named like the module."""
    name = module.rpartition(".")[2].replace("_", "-")
    return Rule(name, code, level, severity, facts, section, docs or "", find, owasp, cwe, wire)
