"""What rows need of a policy: operators that give the same token everywhere, with no shared state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from callsafe.redaction.operators import Replace, Surrogate
from callsafe.redaction.payloads.shapes import Kind
from callsafe.redaction.payloads.walk import redact

if TYPE_CHECKING:
    from callsafe.redaction.engine import Conversation
    from callsafe.redaction.policy import Policy

KEYED: Final = "hash, encrypt, surrogate with a key, mask or drop"


def needs_vault(policy: Policy) -> bool:
    """Whether a value is written as a number that only a vault can give back."""
    return any(isinstance(operator, Replace) for operator in (policy.default, *policy.entities.values()))


def refuse_vault(policy: Policy) -> None:
    """Raise `ValueError` for a policy that needs state shared between rows."""
    if needs_vault(policy):
        raise ValueError(f"the policy replaces by number, which needs a vault: choose {KEYED}")
    refuse_random(policy)


def refuse_random(policy: Policy) -> None:
    """Raise `ValueError` for a policy that draws surrogates at random: no two runs would be the same."""
    for operator in (policy.default, *policy.entities.values()):
        if isinstance(operator, Surrogate) and operator.key is None:
            raise ValueError("the policy draws surrogates at random: give surrogate a key (key_env)")


def redact_cell(conversation: Conversation, policy: Policy, text: str, name: str) -> str:
    """Make the text of a cell safe; the name of its column tells the detector what it is about."""
    if not name.isidentifier():
        return conversation.redact(text)
    result: str = redact({name: text}, {name: Kind.DATA}, conversation, policy)[name]
    return result
