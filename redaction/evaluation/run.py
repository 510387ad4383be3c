"""Measuring a policy on labelled data, and comparing with a saved measurement."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.evaluation.labelled import DataError, Labels, read
from callsafe.redaction.evaluation.measure import ALL, ANY, LEVELS, Measured
from callsafe.redaction.operators import Keep, Operator, Replace
from callsafe.redaction.policy import Policy

if TYPE_CHECKING:
    from callsafe.redaction.default_detector import Finder

FEW: Final = 10
"""A label with fewer labelled spans is not compared with the baseline: one span would decide."""


def measure(
    paths: Sequence[Path],
    policy: Policy,
    labels: Labels,
    *,
    detector: Finder | None = None,
    progress: Callable[[int], object] = lambda _texts: None,
    example: Callable[[str, str, str], object] = lambda _where, _label, _shape: None,
    bad: Callable[[DataError], object] | None = None,
) -> Measured:
    """Measure what a policy finds and replaces in labelled texts, whatever it replaces it with.

    `example` is called with place, label and masked shape ("Xxxxx Xxx", "99-9999") of each labelled value
    that was not covered whole, `bad` with what is wrong with an example that is left out. Raises `DataError`,
    and `RedactionError` with the place of a text that cannot be made safe.
    """
    redactor = Redactor(_found_only(policy), detector=detector)
    measured = Measured()
    for path in paths:
        for one in read(path, bad):
            problem = ""
            try:
                found = [(span.start, span.end, span.label) for span in redactor.redact(one.text).spans]
            except RedactionError as error:
                problem = f"{one.where}: {error}"
            if problem:
                raise RedactionError(problem)
            measured.add(one.text, one.spans, found, labels)
            for start, end, label in one.spans:
                if labels.of(label) and not _covered(one.text, start, end, found):
                    example(one.where, labels.of(label), shape(one.text[start:end]))
            progress(measured.texts)
    if not measured.texts:
        raise DataError(f"{', '.join(map(str, paths))}: there is no example in it")
    return measured


def _found_only(policy: Policy) -> Policy:
    """Give the policy with all that is not kept replaced: nothing blocks, nothing needs a key."""

    def plain(operator: Operator) -> Operator:
        return operator if isinstance(operator, Keep) else Replace()

    entities = {label: plain(operator) for label, operator in policy.entities.items()}
    return replace(policy, entities=entities, default=plain(policy.default), fail="block")


def _covered(text: str, start: int, end: int, found: Sequence[tuple[int, int, str]]) -> bool:
    return all(
        any(s <= place < e for s, e, _ in found) for place in range(start, end) if text[place].isalnum()
    )


def shape(value: str) -> str:
    """Give the form of a value and nothing of it: letters as X and x, digits as 9, runs cut at 8."""
    letters: list[str] = []
    for letter in value:
        masked = (
            ("X" if letter.isupper() else "x")
            if letter.isalpha()
            else "9"
            if letter.isnumeric()
            else " "
            if letter.isspace()
            else letter
            if letter.isascii()
            else "?"
        )
        if letters[-8:] != [masked] * 8:
            letters.append(masked)
    return "".join(letters[:80])


@dataclass(frozen=True, slots=True)
class Change:
    """A score that differs from the baseline's."""

    label: str
    score: str
    before: float
    now: float


def as_json(measured: Measured, data: str = "") -> dict[str, Any]:
    """Give a measurement as JSON: scores by label and level, and leaks. It holds no text."""
    entities = {
        label: {
            **{level: measured.agreement(label, level).as_json() for level in LEVELS},
            "leaks": measured.coverage(label).as_json(),
        }
        for label in (ALL, *measured.labels())
    }
    return {
        "version": 1,
        "data": data,
        "texts": measured.texts,
        "characters": measured.characters,
        "any": measured.any.as_json(),
        "entities": entities,
    }


def digest(paths: Sequence[Path], labels: Labels) -> str:
    """Give a digest of the data and of how its labels are read: scores on other data are not compared."""
    whole = hashlib.sha256(repr((sorted(labels.names.items()), sorted(labels.ignore))).encode())
    for path in paths:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def load_baseline(path: Path, data: str) -> dict[str, Any]:
    """Read a saved measurement. Raises `DataError` for what is none, or is one of other data."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        good = saved["version"] == 1 and list(_scores(saved))
    except (ValueError, KeyError, TypeError, AttributeError):
        good = False
    if not good:
        raise DataError(f"{path}: this is no saved measurement: make one with --save-baseline")
    if saved["data"] != data:
        raise DataError(
            f"{path}: measured on other data or with other labels: measure anew with --save-baseline"
        )
    result: dict[str, Any] = saved
    return result


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Give the scores that differ between two measurements, as `as_json` gives them."""
    new = {(label, score): value for label, score, value, _ in _scores(now)}
    found = []
    for label, score, value, labelled in _scores(before):
        after = new.get((label, score), 0.0)
        if after != value and labelled >= FEW:
            found.append(Change(label, score, value, after))
    return found


def worse(changed: Sequence[Change], tolerance: float) -> list[Change]:
    """Give the changes for the worse by more than a tolerance (0.01 is one point in a hundred)."""
    return [change for change in changed if change.before - change.now > tolerance + 1e-9]


def _scores(saved: Mapping[str, Any]) -> Iterator[tuple[str, str, float, int]]:
    """Give (label, score, value, labelled spans) of what is compared."""
    any_ = saved["any"]
    for name in ("precision", "recall", "f2"):
        yield ANY, f"token {name}", float(any_[name]), int(any_["labelled"])
    for label, scores in saved["entities"].items():
        labelled = int(scores["exact"]["labelled"])
        for name in ("precision", "recall", "f2"):
            yield label, f"token {name}", float(scores["token"][name]), labelled
        yield label, "full coverage", round(1 - float(scores["leaks"]["rate"]), 4), labelled
