"""What a data rule is: one way of writing one kind of personal data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Gate(StrEnum):
    """Which part of a text a rule has to look at: what can be left out decides the speed."""

    NUMBER = "number"
    """Text around five digits that stand together but for spaces, hyphens, dots, slashes and brackets."""
    NEAR = "near"
    """Text around any digit, to the next white space."""
    WIDE = "wide"
    """The same with a line's width of words on both sides: addresses and written dates."""
    COLON = "colon"
    """Text around colons between hexadecimal digits."""


Validate = Callable[[re.Match[str]], float | None]


@dataclass(frozen=True, slots=True)
class DataRule:
    """One data rule: a pattern, its checks, and the words that speak for it.

    A match scores `score`; `validate` may settle it: a number is the score (0 refuses the match), none leaves
    it. A whole word of `context` among the five before or three after a match adds `CONTEXT_GAIN`, and lifts
    it to `CONTEXT_FLOOR` at least; a rule that starts below the threshold so *needs* its context. Where the
    pattern has a group named `value`, that is the span. `country` names the pack the rule belongs to, empty
    for all. Where `needles` are given, one of them (in lower case) stands within a line's width of everything
    that the rule finds, and the rule looks nowhere else. What `between` matches inside a match is left out of
    it, so that the match becomes several finds. `documentation` tells values that stand in manuals:
    they are redacted at run time and are no findings at rest. `examples` are texts in which the rule finds
    something; in `counterexamples` it finds nothing. In both, digits that must not be mistaken for anybody's
    are documentation values or have a wrong holder by construction.
    """

    label: str
    name: str
    pattern: re.Pattern[str]
    score: float
    validate: Validate | None = None
    context: tuple[str, ...] = ()
    country: str = ""
    gate: Gate = Gate.NUMBER
    needles: tuple[str, ...] = ()
    between: re.Pattern[str] | None = None
    documentation: Callable[[str], bool] | None = None
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """What a data rule found: `text[start:end]` in characters, and how sure it is, from 0 to 1."""

    start: int
    end: int
    score: float
    rule: DataRule


CONTEXT_GAIN = 0.35
"""What a context word adds to a score (the value that Presidio's context enhancer uses)."""
CONTEXT_FLOOR = 0.4
"""The least score of a match with a context word (likewise)."""
