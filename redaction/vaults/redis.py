"""A vault in Redis, or a server that speaks its protocol: several machines, values encrypted."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from callsafe.redaction.cipher import Cipher, Key
from callsafe.redaction.errors import RedactionError

if TYPE_CHECKING:
    from redis import Redis

_REMEMBER = 30 * 24 * 3600 * 1000
"""Milliseconds for which numbers are remembered after the originals have expired."""

# Four keys per conversation, the scripts' KEYS:
#   1 hash   `v:LABEL:N` → sealed original, "" where only reserved; `i:LABEL:SEALED` → its number
#   2 list   LABEL:N in order of issue
#   3 hash   LABEL → the last number issued; it outlives the others, so that no number comes back
#   4 hash   `=SURROGATE` → LABEL:SEALED, and LABEL:SEALED → `=SURROGATE`
_TOUCH = f"""
local function touch(ttl)
  if ttl <= 0 then return end
  for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], i == 3 and ttl + {_REMEMBER} or ttl) end
end
"""
_ISSUE = """
local numbers = {}
for i = 3, #ARGV, 2 do
  local label, sealed = ARGV[i], ARGV[i + 1]
  local index = 'i:' .. label .. ':' .. sealed
  local number = redis.call('HGET', KEYS[1], index)
  if not number then
    if redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[2]) then return redis.error_reply('VAULT full') end
    repeat
      number = redis.call('HINCRBY', KEYS[3], label, 1)
    until redis.call('HSETNX', KEYS[1], 'v:' .. label .. ':' .. number, sealed) == 1
    redis.call('HSET', KEYS[1], index, number)
    redis.call('RPUSH', KEYS[2], label .. ':' .. number)
  end
  numbers[#numbers + 1] = tonumber(number)
end
touch(tonumber(ARGV[1]))
return numbers
"""
_RESERVE = """
local taken = {}
for i = 3, #ARGV do
  local field = 'v:' .. ARGV[i]
  if redis.call('HSETNX', KEYS[1], field, '') == 0 and redis.call('HGET', KEYS[1], field) ~= '' then
    taken[#taken + 1] = ARGV[i]
  end
end
if redis.call('HLEN', KEYS[1]) > 12 * tonumber(ARGV[2]) then return redis.error_reply('VAULT full') end
touch(tonumber(ARGV[1]))
return taken
"""
_FIND = """
local sealed = redis.call('HGET', KEYS[1], 'v:' .. ARGV[3])
touch(tonumber(ARGV[1]))
return sealed
"""
_ADOPT = """
local current = redis.call('HGET', KEYS[4], ARGV[3])
if current then return current end
if redis.call('HSETNX', KEYS[4], ARGV[4], ARGV[3]) == 0 then return false end
redis.call('HSET', KEYS[4], ARGV[3], ARGV[4])
touch(tonumber(ARGV[1]))
return ARGV[4]
"""
_CLEAR = "return redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])"


class RedisVault:
    """Originals in Redis, each sealed with AES-SIV under a key that the server never sees.

    `client` is a `redis.Redis` of yours, with the time-outs you want; `conversation` names the conversation.
    Labels, numbers and surrogates are in clear. `ttl` is in seconds since the conversation was last used: all
    of it expires together, and its numbers are remembered for thirty days more. Redis must not evict: a lost
    original cannot be restored (`maxmemory-policy noeviction`).

    Raises `RedactionError` where the server cannot be used and `ValueError` where the key is not the
    conversation's.
    """

    def __init__(
        self,
        client: Redis,
        key: Key | bytes | str,
        *,
        conversation: str,
        ttl: float | None = None,
        size: int = 100_000,
        prefix: str = "callsafe",
    ) -> None:
        self._client = client
        self._cipher = Cipher(key)
        self._conversation = conversation
        self._settings = (0 if ttl is None else max(1, round(ttl * 1000)), size)
        self._keys = [
            f"{prefix}:{{{conversation}}}:{part}" for part in ("values", "order", "numbers", "surrogates")
        ]
        self._unsealed: dict[str, str] = {}
        proof = self._seal("proof", "callsafe")
        self._call("hsetnx", self._keys[2], ":proof", proof)
        if _text(self._call("hget", self._keys[2], ":proof")) != proof:
            raise ValueError("this key is not the one the conversation was begun with")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(values={len(self)})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a vault is never pickled: open the same conversation in the other process")

    def _call(self, name: str, *arguments: Any) -> Any:
        """Call the client; an error of it becomes a `RedactionError` without it."""
        from redis import RedisError

        failure = ""
        try:
            return getattr(self._client, name)(*arguments)
        except RedisError as error:
            failure = "full" if "VAULT full" in str(error) else type(error).__name__
        if failure == "full":
            raise RedactionError(
                f"the vault is full ({self._settings[1]} originals): start a new conversation or raise size"
            )
        raise RedactionError(f"the vault's server cannot be used ({failure}): check its address and state")

    def _run(self, script: str, *arguments: str | int) -> Any:
        return self._call("eval", _TOUCH + script, 4, *self._keys, *self._settings, *arguments)

    def _seal(self, label: str, value: str) -> str:
        sealed = self._cipher.seal(value.encode("utf-8", "surrogatepass"), "vault", self._conversation, label)
        return base64.b64encode(sealed).decode()

    def _unseal(self, label: str, sealed: str) -> str:
        value = self._cipher.open(base64.b64decode(sealed), "vault", self._conversation, label)
        if value is None:
            raise RedactionError(
                "an original in the vault was changed from outside: start a new conversation"
            )
        return value.decode("utf-8", "surrogatepass")

    def issue(self, items: Sequence[tuple[str, str]]) -> list[int]:
        """Give the number of each (label, value). Raises `RedactionError` where the vault is full."""
        arguments = [part for label, value in items for part in (label, self._seal(label, value))]
        return [int(number) for number in self._run(_ISSUE, *arguments)]

    def reserve(self, numbers: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Never issue these (label, number); return those that already stand for a value."""
        names = {f"{label}:{number}": (label, number) for label, number in numbers}
        return {names[_text(name)] for name in self._run(_RESERVE, *names)}

    def find(self, label: str, number: int) -> str | None:
        """Give the original behind a number, None where none was issued."""
        sealed = self._run(_FIND, f"{label}:{number}")
        return self._unseal(label, _text(sealed)) if sealed else None

    def labels(self) -> frozenset[str]:
        """Give the labels under which values were issued."""
        return frozenset(map(_text, self._call("hkeys", self._keys[2]))) - {":proof"}

    def values(self) -> Mapping[str, str]:
        """Give every original with the label it was first issued under."""
        order = [_text(name) for name in self._call("lrange", self._keys[1], 0, -1)]
        known = {name: self._unsealed[name] for name in order if name in self._unsealed}
        missing = [name for name in order if name not in known]
        if missing:
            found = self._call("hmget", self._keys[0], [f"v:{name}" for name in missing])
            for name, sealed in zip(missing, found, strict=True):
                if sealed:
                    known[name] = self._unseal(name.rpartition(":")[0], _text(sealed))
        self._unsealed = known
        values: dict[str, str] = {}
        for name in order:
            if name in known:
                values.setdefault(known[name], name.rpartition(":")[0])
        return values

    def adopt(self, label: str, value: str, surrogate: str) -> str | None:
        """Give the surrogate in force for a value; None where this one already stands for another value."""
        adopted = self._run(_ADOPT, f"{label}:{self._seal(label, value)}", f"={surrogate}")
        return _text(adopted)[1:] if adopted else None

    def surrogates(self) -> Mapping[str, str]:
        """Give every surrogate with its original."""
        found: dict[str, str] = {}
        for name, place in self._call("hgetall", self._keys[3]).items():
            if _text(name).startswith("="):
                label, _, sealed = _text(place).partition(":")
                found[_text(name)[1:]] = self._unseal(label, sealed)
        return found

    def clear(self) -> None:
        """Forget every original; numbers are still not issued again."""
        self._run(_CLEAR)
        self._unsealed = {}

    def __len__(self) -> int:
        return int(self._call("llen", self._keys[1]))


def _text(reply: Any) -> str:
    """Read a reply as text, whether the client decodes or not."""
    return reply.decode() if isinstance(reply, bytes) else str(reply)
