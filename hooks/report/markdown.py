"""The rules as Markdown: docs/rules.md is made of this, never edited by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from callsafe.rules.model import Rule

FAMILIES = {
    "LLM1": "Credentials and organization",
    "LLM2": "Reliability",
    "LLM3": "Cost and latency",
    "LLM4": "Model lifecycle",
    "LLM5": "Data protection and safety",
    "LLM9": "About the run itself",
}


def page(rules: Iterable[Rule]) -> str:
    """Return the page about all rules: a table per family, then each rule with its examples."""
    rules = list(rules)
    lines = [
        "# Rules",
        "",
        "Made by `callsafe rules --output-format markdown`; edit the rules, not this page.",
        "",
        '*core* rules are on by default; *strict* ones with `level = "strict"` or `extend-select`.',
    ]
    for prefix, title in FAMILIES.items():
        family = [rule for rule in rules if rule.code.startswith(prefix)]
        if family:
            lines += [
                "",
                f"## {title}",
                "",
                "| code | rule | level | severity | finds |",
                "|---|---|---|---|---|",
            ]
            lines += [
                f"| {one.code} | [{one.name}](#{one.name}) | {one.level} | {one.severity} | {_cell(one)} |"
                for one in family
            ]
    for rule in rules:
        lines += ["", f"## {rule.name}", "", _about(rule), "", body(rule)]
    return "\n".join(lines) + "\n"


def body(rule: Rule) -> str:
    """Return the documentation of one rule; its indented examples become fenced blocks."""
    return "\n".join(_fenced(rule.docs.strip().splitlines()))


def _fenced(lines: list[str]) -> Iterator[str]:
    block: list[str] = []
    for line in lines:
        if line.startswith("    ") or (block and not line):
            block.append(line[4:])
            continue
        if block:
            yield from (*_block(block), "")
        block = []
        yield line
    yield from _block(block)


def _block(lines: list[str]) -> list[str]:
    return ["```python", *"\n".join(lines).rstrip().split("\n"), "```"] if lines else []


def _about(rule: Rule) -> str:
    about = [f"`{rule.code}`", str(rule.level), f"severity {rule.severity}", f"guide: {rule.section}"]
    about += [f"OWASP {one}:2026" for one in rule.owasp]
    about += [f"[CWE-{one}](https://cwe.mitre.org/data/definitions/{one}.html)" for one in rule.cwe]
    return " · ".join(about)


def _cell(rule: Rule) -> str:
    return rule.summary.replace("|", "\\|")
