"""What is done about what is found: one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from types import MappingProxyType
from typing import Literal, Self

from callsafe.redaction.operators import Encrypt, Keep, Operator, Replace, Tokens


@dataclass(frozen=True, slots=True)
class Policy:
    """How texts are made safe.

    `entities` gives the operator of a label ("EMAIL_ADDRESS"); `default` that of every other one that is
    looked for. `threshold` (and `thresholds` by label) is the score from 0 to 1 that a span must have.
    `countries` are the country packs to look for. `names` turns the embedded name model on or off, or names
    another ("spacy:en_core_web_lg"). `allow` are values that may leave, `deny` terms by label that never may.
    `max_characters` and `max_seconds` bound one request. `on_unknown_payload`, `images` and `audio` say what
    is done with a request whose form is not known and with content that is no text. `fail` is what happens
    when a text cannot be made safe: "block" raises `RedactionError`; "pass" sends it as it is.

    Raises `ValueError`, naming the field, for a value that cannot be.
    """

    entities: Mapping[str, Operator] = field(default_factory=dict)
    default: Operator = field(default_factory=Replace)
    threshold: float = 0.4
    thresholds: Mapping[str, float] = field(default_factory=dict)
    countries: tuple[str, ...] = ("us",)
    names: bool | str = True
    allow: frozenset[str] = field(default=frozenset(), repr=False)
    deny: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    max_characters: int = 1_000_000
    max_seconds: float = 30.0
    on_unknown_payload: Literal["scrub", "block"] = "scrub"
    images: Literal["pass", "drop", "block"] = "pass"
    audio: Literal["pass", "drop", "block"] = "pass"
    fail: Literal["block", "pass"] = "block"

    def __post_init__(self) -> None:
        from callsafe.redaction.policy_file import check

        check(self)
        for name in ("entities", "thresholds", "deny"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.entities)), self.countries, self.threshold, self.fail))

    def __reduce__(self) -> tuple[object, ...]:
        from callsafe.redaction.policy_file import rebuild

        values = {name: getattr(self, name) for name in self.__slots__}
        for name in ("entities", "thresholds", "deny"):
            values[name] = dict(values[name])
        return rebuild, (values,)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Read a policy from a TOML file; in a pyproject.toml from `[tool.callsafe.redaction]`.

        Keys come from the environment variables that `key_env` names. Raises `ValueError`, naming the file,
        the key and the closest valid name, for a policy that is not right, and `OSError` where it cannot be
        read.
        """
        from callsafe.redaction.policy_file import load

        return cls(**load(path))

    def operator(self, label: str) -> Operator:
        """Give the operator of a label."""
        return self.entities.get(label, self.default)

    def keeps(self, label: str) -> bool:
        """Whether values of this label may leave."""
        return isinstance(self.operator(label), Keep)

    def threshold_of(self, label: str) -> float:
        """Give the score that a span of this label must have."""
        return self.thresholds.get(label, self.threshold)

    def tokens(self) -> Tokens | None:
        """Give what seals and opens encrypted tokens, None where no operator encrypts."""
        operators = (self.default, *self.entities.values())
        encrypting = tuple(operator for operator in operators if isinstance(operator, Encrypt))
        return Tokens(tuple(dict.fromkeys(encrypting))) if encrypting else None
