"""At run time: text in, safe text out, answers restored.

    from callsafe.redaction import Redactor

    redacted = Redactor().redact("Write to Jane Roe <jane@roe.example>")
    answer = ask_model(redacted.text)
    print(redacted.restore(answer))

Names are loaded at their first use; nothing heavy is loaded before the first detection or `Redactor.warm_up`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callsafe.redaction.audit import Report as Report
    from callsafe.redaction.cipher import Key as Key
    from callsafe.redaction.clients import protect as protect
    from callsafe.redaction.engine import Conversation as Conversation
    from callsafe.redaction.engine import Redacted as Redacted
    from callsafe.redaction.engine import Redactor as Redactor
    from callsafe.redaction.errors import RedactionError as RedactionError
    from callsafe.redaction.logs import RedactingFilter as RedactingFilter
    from callsafe.redaction.operators import Block as Block
    from callsafe.redaction.operators import Drop as Drop
    from callsafe.redaction.operators import Encrypt as Encrypt
    from callsafe.redaction.operators import Hash as Hash
    from callsafe.redaction.operators import Keep as Keep
    from callsafe.redaction.operators import Mask as Mask
    from callsafe.redaction.operators import Replace as Replace
    from callsafe.redaction.operators import Surrogate as Surrogate
    from callsafe.redaction.policy import Policy as Policy
    from callsafe.redaction.spans import Span as Span
    from callsafe.redaction.stream import StreamRestorer as StreamRestorer
    from callsafe.redaction.vaults import Vault as Vault
    from callsafe.redaction.vaults.memory import MemoryVault as MemoryVault
    from callsafe.redaction.vaults.redis import RedisVault as RedisVault
    from callsafe.redaction.vaults.sqlite import SQLiteVault as SQLiteVault

_HOMES = {
    "Block": "operators",
    "Conversation": "engine",
    "Drop": "operators",
    "Encrypt": "operators",
    "Hash": "operators",
    "Keep": "operators",
    "Key": "cipher",
    "Mask": "operators",
    "MemoryVault": "vaults.memory",
    "Policy": "policy",
    "RedactingFilter": "logs",
    "Redacted": "engine",
    "RedactionError": "errors",
    "Redactor": "engine",
    "RedisVault": "vaults.redis",
    "Replace": "operators",
    "Report": "audit",
    "SQLiteVault": "vaults.sqlite",
    "Span": "spans",
    "StreamRestorer": "stream",
    "Surrogate": "operators",
    "Vault": "vaults",
    "protect": "clients",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
