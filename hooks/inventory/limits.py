"""What a call can cost at worst: attempts, seconds; and which of its errors somebody catches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import prod

from callsafe.checks.errors import raised
from callsafe.checks.inventory import Entry
from callsafe.rules import sdks
from callsafe.rules.facts import UNKNOWN, Body, Call, Handler, Retry, Unset


class Bound(StrEnum):
    """Whether a worst case is known, cannot be known, or does not exist because nothing stops it."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    UNBOUNDED = "unbounded"


@dataclass(frozen=True, slots=True)
class Attempts:
    """Requests that one call makes at worst: those of the SDK times every retry around it.

    `least` is what is known of it, the worst case itself where `bound` is `KNOWN`. Of several retries outside
    the call's function it is not known which are on one way to it: the largest counts, and the bound is
    `UNKNOWN`. `retries` are those of the project, each once.
    """

    bound: Bound
    least: int
    retries: tuple[Retry, ...]

    @property
    def shown(self) -> str:
        """The worst case for people: `9`, `≥ 3`, `unbounded`."""
        if self.bound is Bound.UNBOUNDED:
            return "unbounded"
        if self.bound is Bound.KNOWN:
            return str(self.least)
        return f"≥ {self.least}" if self.least > 1 else "unknown"


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds that one call waits for answers at worst: time-out times attempts, without the pauses.

    `least` is what is known of it, none where the time-out is not.
    """

    bound: Bound
    least: float | None

    @property
    def shown(self) -> str:
        """The worst case for people: `30 min`, `≥ 20 s`, `unbounded`."""
        if self.bound is Bound.UNBOUNDED:
            return "unbounded"
        if self.least is None:
            return "unknown"
        return duration(self.least) if self.bound is Bound.KNOWN else f"≥ {duration(self.least)}"


class Caught(StrEnum):
    """How many of a call's errors are caught on some way out of the project."""

    ALL = "all"
    SOME = "some"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Errors:
    """Which roles of the SDK's errors are caught, which are not, and by what."""

    state: Caught
    caught: tuple[str, ...]
    uncaught: tuple[str, ...]
    handlers: tuple[Handler, ...]

    @property
    def shown(self) -> str:
        """For people: `all, around`, `rate limit, timeout, in a caller`, `none`, `unknown`."""
        if not self.handlers or self.state in (Caught.NONE, Caught.UNKNOWN):
            return str(self.state)
        what = "all" if self.state is Caught.ALL else ", ".join(one.replace("_", " ") for one in self.caught)
        places = ", ".join(dict.fromkeys(str(one.where) for one in self.handlers))
        hidden = ", hidden" if all(one.body is Body.HIDES for one in self.handlers) else ""
        return f"{what} ({places}{hidden})"


def attempts(entry: Entry) -> Attempts:
    """Multiply the attempts of the SDK with those of every retry around the call that works."""
    around = entry.around
    retries = (*around.own, *around.outer)
    inner = [retry.attempts for retry in around.own if retry.effective]
    outer = [retry.attempts for retry in around.outer if retry.effective]
    setting = entry.call.setting("retries")
    own: int | Unset = UNKNOWN
    if setting.missing:
        own = 1
    elif isinstance(setting.value, int) and not isinstance(setting.value, bool):
        own = max(setting.value, 0) + 1
    factors = [number for number in (own, *inner) if isinstance(number, int)]
    least = prod(factors) * max((number for number in outer if isinstance(number, int)), default=1)
    if None in inner or None in outer:
        return Attempts(Bound.UNBOUNDED, least, retries)
    known = (
        around.complete
        and len(outer) < 2
        and not any(isinstance(one, Unset) for one in (own, *inner, *outer))
    )
    return Attempts(Bound.KNOWN if known else Bound.UNKNOWN, least, retries)


def wait(call: Call, tries: Attempts) -> Wait:
    """Multiply the time-out of one attempt with the attempts."""
    timeout = call.setting("timeout")
    seconds = timeout.value
    if timeout.missing or tries.bound is Bound.UNBOUNDED:
        return Wait(Bound.UNBOUNDED, None)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return Wait(Bound.UNKNOWN, None)
    return Wait(tries.bound, seconds * tries.least)


def errors(entry: Entry) -> Errors:
    """Compare what the SDK raises in the release in force with what the handlers catch."""
    call = entry.call
    sdk = sdks.load(call.sdk)
    generation = next((one for one in sdk.generations if one.name == call.release), None)
    roles = tuple(raised(sdk, generation))
    handlers = tuple(one for one in entry.around.handlers if one.catches or one.broad)
    caught = tuple(role for role in roles if any(role in one.catches for one in handlers))
    if any(one.broad for one in handlers) or (roles and len(caught) == len(roles)):
        state = Caught.ALL
    elif caught:
        state = Caught.SOME
    elif roles and entry.around.complete:
        state = Caught.NONE
    else:
        state = Caught.UNKNOWN
    uncaught = () if state is Caught.ALL else tuple(role for role in roles if role not in caught)
    return Errors(state, caught, uncaught, handlers)


def duration(seconds: float) -> str:
    """Return seconds as people read them: `45 s`, `30 min`, `1 h 30 min`."""
    if seconds < 120:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
