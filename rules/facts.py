"""The vocabulary that rules judge: values in force, model calls, the code around them, text.

Facts are made by `checks` from source and by `redaction` from the body of a request; rules cannot tell which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final, Literal

from callsafe.rules.model import Place
from callsafe.rules.text import Text, TextKind

__all__ = [
    "MISSING",
    "UNKNOWN",
    "Body",
    "Call",
    "Credential",
    "Environment",
    "EnvironmentValue",
    "Flow",
    "Handler",
    "Kind",
    "Loop",
    "Origin",
    "Project",
    "Renamed",
    "Retry",
    "Setting",
    "Text",
    "TextKind",
    "Unset",
    "Wait",
    "Where",
]


class Unset(Enum):
    """The two ways of having no value: nobody can know it, or nobody set it."""

    UNKNOWN = "unknown"
    MISSING = "missing"


UNKNOWN: Final = Unset.UNKNOWN
"""The value exists or may exist and cannot be read from the source: rules about absence stay silent."""
MISSING: Final = Unset.MISSING
"""It is known that nobody sets a value."""


class Origin(StrEnum):
    """Who set the value in force, from the nearest to the farthest."""

    CALL = "call"
    OPTIONS = "options"
    CLIENT = "client"
    WRAPPER = "wrapper"
    MODULE = "module"
    SDK = "sdk"


@dataclass(frozen=True, slots=True)
class Setting:
    """The value in force for one role, and where it comes from.

    `value` is a constant in the role's unit (`timeout`: seconds; `retries`: attempts after the first;
    `output_bound`: tokens), `MISSING` (nobody sets one, and the SDK sends none) or `UNKNOWN`. `place` is where it
    is written, none for an SDK default. `keyword` is the name it is written under (`max_completion_tokens`), or
    would be. `note` says in words what is in force where the bare value does not ("openai sends none").
    """

    value: Any
    origin: Origin
    place: Place | None = None
    keyword: str = ""
    note: str = ""

    @property
    def known(self) -> bool:
        """True for a constant, also `None`; false for `MISSING` and `UNKNOWN`."""
        return not isinstance(self.value, Unset)

    @property
    def missing(self) -> bool:
        """True where it is known that no value is in force."""
        return self.value is MISSING


class Kind(StrEnum):
    """What an operation makes: rules about output tokens judge `TEXT` and `AGENT` only."""

    TEXT = "text"
    AGENT = "agent"
    EMBEDDING = "embedding"
    MODERATION = "moderation"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    RERANK = "rerank"
    TOKENS = "tokens"
    BATCH = "batch"
    TUNING = "tuning"
    OTHER = "other"


class Where(StrEnum):
    """Where code that concerns a call stands."""

    AROUND = "around"
    DECORATOR = "decorator"
    CALLER = "caller"
    FRAMEWORK = "framework"


class Body(StrEnum):
    """What the body of an exception handler does with the error."""

    HIDES = "hides"
    HANDLES = "handles"
    RERAISES = "reraises"


@dataclass(frozen=True, slots=True)
class Handler:
    """One `except` clause (or what works like one) that stands between a call and its caller.

    `names` are the classes as far as they resolve, dotted, empty for a bare `except`. `catches` are the roles of
    the call's SDK errors (`rate_limit`, `timeout`, `connection`, `server`, `auth`, `bad_request`, …) that really
    end up here; `never` are the classes that can never be raised by the call, with the reason.
    """

    place: Place
    where: Where
    names: tuple[str, ...]
    catches: frozenset[str]
    broad: bool
    body: Body
    never: tuple[tuple[str, str], ...] = ()


class Wait(StrEnum):
    """How the time between two attempts develops."""

    NONE = "none"
    CONSTANT = "constant"
    GROWING = "growing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Retry:
    """Something in the project that repeats a call: a decorator, a context, a transport, a loop.

    `by` names it ("tenacity", "loop"). `attempts` is the largest number of tries, `None` where nothing stops it.
    `catches` are the roles of SDK errors on which it tries again, `broad` tells that it does on every exception.
    `effective` is false where it silently does nothing (a synchronous decorator on `async def`).
    """

    place: Place
    where: Where
    by: str
    attempts: int | Unset | None
    wait: Wait
    catches: frozenset[str] = frozenset()
    broad: bool = False
    effective: bool = True


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop around a call. `forever` is `while True` and its like."""

    place: Place
    keyword: Literal["for", "while", "comprehension"]
    forever: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """The code around a call.

    `function` is the qualified name of the function that holds it ("Bot.answer"), empty at module level.
    `handlers` and `retries` stand from the innermost outwards, those of callers in the project last. `loops` are
    those inside the function. `complete` is false where something between call and caller cannot be seen (an
    unknown decorator, the function handed on as a value): absence is then unknown. `in_async` tells that the call
    stands in `async def`; `in_thread` that it is handed to a thread or executor. `streamed_in` are the handlers
    around the consumption of a streamed answer, where that is another place than the call.
    """

    function: str = ""
    handlers: tuple[Handler, ...] = ()
    retries: tuple[Retry, ...] = ()
    loops: tuple[Loop, ...] = ()
    complete: bool = True
    in_async: bool = False
    in_thread: bool = False
    consumers: tuple[Handler, ...] = ()
    consumed: bool = False


@dataclass(frozen=True, slots=True)
class Renamed:
    """A parameter that the SDK or the model in force replaced or rejects. `use` is empty for a rejected one."""

    keyword: str
    use: str
    why: str
    place: Place


@dataclass(frozen=True, slots=True)
class Call:
    """One model call and the configuration in force on it.

    `sdk` is the name of the catalogue file, `title` how the SDK is called in messages, `provider` whose model names
    it takes. `release` is the generation
    whose facts are used ("3"), `release_from` who says so ("requirements.txt", "installed", "newest").
    `operation` is the method ("chat.completions.create"). `subject` is how the code names what is called
    ("client.chat.completions.create"). `settings` has one entry for every role that the operation knows.
    `removed` says, for an API generation that the SDK in force no longer has, what to use instead; `successor` names
    the SDK that took the place of one that its maker gave up. `through` is the place of the model call that is
    reached through a function of the project whose caller this is.
    """

    place: Place
    sdk: str
    title: str
    operation: str
    kind: Kind
    settings: Mapping[str, Setting]
    subject: str = ""
    provider: str = ""
    release: str = ""
    release_from: str = ""
    streamed: bool | Unset = False
    asynchronous: bool | Unset = False
    removed: str = ""
    successor: str = ""
    renamed: tuple[Renamed, ...] = ()
    flow: Flow = field(default_factory=Flow)
    through: Place | None = None

    def setting(self, role: str) -> Setting:
        """Return the value in force for a role; `UNKNOWN` for a role that this operation does not have."""
        return self.settings.get(role) or Setting(UNKNOWN, Origin.SDK)


@dataclass(frozen=True, slots=True)
class Credential:
    """A value that reaches a place where an SDK expects a credential.

    `through` says which way ("api_key=", "OPENAI_API_KEY in os.environ", "Authorization header"), `provider` whose
    it is. `value` must not be shown. `local` tells that the client's base URL is loopback or private.
    """

    place: Place
    provider: str
    through: str
    value: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class EnvironmentValue:
    """A credential or organization in an environment file, without its value.

    `name` is the variable's, `stage` is what the nearest name says (`development`, `test`, `staging`,
    `production`, or nothing), `provider` the issuer, empty for an organization or project id. Equal values of one
    project have equal `digest`s.
    """

    place: Place
    name: str
    stage: str
    provider: str
    digest: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A file with values for the environment. `tracked` tells that it is a dotenv file that git tracks."""

    path: str
    tracked: bool
    values: tuple[EnvironmentValue, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """All calls of a run together, for rules that judge the whole."""

    root: str
    calls: tuple[Call, ...]
    files: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = ()
