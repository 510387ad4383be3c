"""What finds, by default: callsafe's own detector, made for a policy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Protocol

from callsafe.redaction.policy import Policy
from callsafe.redaction.spans import Span


class Finder(Protocol):
    """Anything that finds what must not leave, for example `callsafe.redaction.detect.Detector`.

    One that has `find_known(text, persons)` as well is asked where persons that the conversation already
    names stand in a text, in whole or in part.
    """

    def find(self, text: str) -> Sequence[Span]:
        """Give the spans of a text. Called from several threads at once."""


def default_detector(policy: Policy) -> Finder:
    """Make the detector that looks for what is on by default and for what else the policy names.

    Raises `ValueError` for countries and entities that it does not know.
    """
    from callsafe.redaction.detect import Detector
    from callsafe.redaction.detect.labels import NAMES, ORGANIZATION

    check_known(policy)
    by_default = _default_labels(policy.countries)
    wanted = _wanted(policy, by_default)
    return Detector(
        labels=None if wanted == by_default else wanted,
        countries=policy.countries,
        threshold=min([policy.threshold, *policy.thresholds.values()]),
        names=policy.names,
        name_thresholds={
            label: policy.thresholds[label] for label in (*NAMES, ORGANIZATION) if label in policy.thresholds
        },
        allow=policy.allow,
    )


def _wanted(policy: Policy, by_default: frozenset[str]) -> frozenset[str]:
    """Give the entities that the policy acts on, but for those that only its `deny` terms have."""
    from callsafe.redaction.detect.labels import known_labels

    labels = {label for label in by_default if not policy.keeps(label)}
    labels |= {label for label in policy.entities if not policy.keeps(label)}
    return frozenset(labels - (policy.deny.keys() - known_labels()))


def _default_labels(countries: Iterable[str]) -> frozenset[str]:
    """Give the entities that the detector looks for where it is not told which."""
    from callsafe.redaction.detect.labels import CREDENTIAL, NAMES, presidio_labels
    from callsafe.rules.personal_data.catalogue import chosen

    packs = tuple("uk" if country.lower() == "gb" else country.lower() for country in countries)
    rules = (rule.label for rule in chosen(None, packs))
    return frozenset({*rules, CREDENTIAL, *NAMES, *presidio_labels(packs)})


def check_known(policy: Policy) -> None:
    """Check that callsafe's detector knows the countries and entities of a policy.

    Entities that the policy's own `deny` terms have, and all where `names` is another model, are not checked.
    Raises `ValueError` with the closest valid name.
    """
    from callsafe.redaction.detect.labels import countries, known_labels

    packs = sorted({*countries(), "gb"})
    for country in policy.countries:
        if country.lower() not in packs:
            raise ValueError(f"countries: there is no {country!r}: choose among {', '.join(packs)}")
    labels = {*known_labels(), *policy.deny}
    for label in sorted({*policy.entities, *policy.thresholds} - labels):
        if not isinstance(policy.names, str):
            close = difflib.get_close_matches(label, sorted(labels), n=1, cutoff=0.0)
            raise ValueError(f"entities.{label}: there is no such entity: did you mean {close[0]}?")
