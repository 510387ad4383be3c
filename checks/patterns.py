"""Patterns of paths, of the kind that .gitignore has."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Matches = Callable[[str], bool]


class PatternError(ValueError):
    """A pattern that means nothing, such as `[z-a]`; the message quotes it."""


def matcher(patterns: Sequence[str], root: str, *, lenient: bool = False) -> Matches:
    """Return the test whether any of the patterns, relative to the folder `root`, matches a path.

    `lenient` leaves out what is no pattern, as git does with the lines of a .gitignore.

    Raises:
        PatternError: one of them is no pattern.

    """
    if lenient:
        patterns = [one for one in patterns if is_pattern(one)]
    spec = _spec(tuple(patterns))

    def matches(path: str) -> bool:
        relative = os.path.relpath(path, root).replace(os.sep, "/")
        return not relative.startswith("../") and spec.match_file(relative)

    return matches


def is_pattern(text: str) -> bool:
    """Tell whether a text is a pattern."""
    try:
        _spec((text,))
    except PatternError:
        return False
    return True


@cache
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    import pathspec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `[[:alpha:]]` is fine for git
        try:
            return pathspec.GitIgnoreSpec.from_lines(patterns)
        except (ValueError, re.error) as error:
            quoted = ", ".join(map(repr, patterns))
            raise PatternError(f"{quoted} is no pattern of .gitignore's kind") from error
