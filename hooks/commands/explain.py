"""`callsafe explain NAME-OR-CODE`: what a rule means; of a prefix of codes, which rules it stands for."""

from __future__ import annotations

import argparse
import sys

from callsafe.checks.settings import ConfigurationError, selects
from callsafe.hooks.commands.rules import write_rows
from callsafe.rules.model import Rule
from callsafe.rules.registry import find_rule, nearest, rules


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("rule", metavar="NAME-OR-CODE", help="unbounded-output, LLM301, or LLM3 for a list")


def run(options: argparse.Namespace) -> int:
    """Print the documentation of one rule, or the rules under a prefix."""
    rule = find_rule(options.rule)
    if rule is None and (under := [one for one in rules() if selects(options.rule, one)]):
        write_rows(under)
        return 0
    if rule is None:
        close = nearest(options.rule)
        hint = f"did you mean {close!r}?" if close else "`callsafe rules` lists them all"
        raise ConfigurationError(f"{options.rule!r} is no rule; {hint}")
    sys.stdout.write(_text(rule) + "\n")
    return 0


def _text(rule: Rule) -> str:
    about = [f"level {rule.level}", f"severity {rule.severity}", f"guide section: {rule.section}"]
    about += [f"OWASP {one}:2026" for one in rule.owasp] + [f"CWE-{one}" for one in rule.cwe]
    title = f"{rule.name} ({rule.code})"
    return f"{title}\n{'=' * len(title)}\n{' · '.join(about)}\n\n{rule.docs.strip()}"
