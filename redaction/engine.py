"""The engine: text in, safe text out, answers restored."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from callsafe.redaction.audit import Audit, Outcome, Report, Tally, report_of
from callsafe.redaction.deadline import FailedError, LateError, Workers
from callsafe.redaction.default_detector import Finder, default_detector
from callsafe.redaction.errors import BlockedError, RedactionError
from callsafe.redaction.operators import Tokens
from callsafe.redaction.placeholders import Escape
from callsafe.redaction.policy import Policy
from callsafe.redaction.restore import Restorer
from callsafe.redaction.scrub import resolve, scrub, spread
from callsafe.redaction.spans import Span
from callsafe.redaction.stream import StreamRestorer
from callsafe.redaction.vaults import Vault
from callsafe.redaction.vaults.memory import MemoryVault


class Budget:
    """What is left of one request: characters, and seconds of work."""

    __slots__ = ("characters", "seconds")

    def __init__(self, policy: Policy) -> None:
        self.characters = policy.max_characters
        self.seconds = policy.max_seconds


@dataclass(frozen=True, slots=True)
class _Done:
    """A text that was dealt with: what may be sent, what was replaced, and the report."""

    text: str = field(repr=False)
    spans: tuple[Span, ...]
    report: Report


def _words(words: Iterable[str]) -> re.Pattern[str] | None:
    """Match any of the words, in any case, the longest first; None where there are none."""
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE) if alternatives else None


class Redactor:
    """Makes texts safe to send. One serves a whole process; every method may be called from several threads.

    `detector` is by default callsafe's own, made for the policy, which loads at the first use or by
    `warm_up`. `vault` is used for every text; without it each text or conversation gets its own in memory.
    `audit` is called with a `Report` for every text.
    """

    __slots__ = (
        "_allowed",
        "_audit",
        "_denied",
        "_denied_labels",
        "_detector",
        "_policy",
        "_tokens",
        "_vault",
        "_workers",
    )

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        detector: Finder | None = None,
        vault: Vault | None = None,
        audit: Audit | None = None,
    ) -> None:
        self._policy = policy if policy is not None else Policy()
        self._detector = detector if detector is not None else default_detector(self._policy)
        self._vault = vault
        self._audit = audit
        self._tokens = self._policy.tokens()
        self._workers = Workers()
        self._allowed = frozenset(value.casefold() for value in self._policy.allow)
        self._denied_labels = {
            term.casefold(): label for label, terms in self._policy.deny.items() for term in terms
        }
        self._denied = _words(self._denied_labels)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(policy={self._policy!r})"

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._policy

    @property
    def tokens(self) -> Tokens | None:
        """What seals and opens encrypted tokens under the policy."""
        return self._tokens

    def redact(self, text: str) -> Redacted:
        """Make one text safe. Raises `RedactionError` where that cannot be done."""
        vault = self._vault if self._vault is not None else MemoryVault()
        outcome = self._attempt(text, vault, Budget(self._policy))
        if isinstance(outcome, RedactionError):
            del text  # a traceback that shows local variables shows none
            raise outcome
        return Redacted(outcome.text, outcome.spans, self.conversation(vault))

    def conversation(self, vault: Vault | None = None) -> Conversation:
        """Start, or with a vault go on with, a conversation: numbers stay the same over all its texts."""
        if vault is None:
            vault = self._vault if self._vault is not None else MemoryVault()
        return Conversation(self, vault)

    def warm_up(self) -> None:
        """Load everything that detection needs now, not at the first text."""
        warm_up = getattr(self._detector, "warm_up", None)
        if callable(warm_up):
            warm_up()

    def _attempt(self, text: str, vault: Vault, budget: Budget) -> _Done | RedactionError:
        """Redact a text; an error comes back as a value, made anew: it carries no trace of the text."""
        started = time.perf_counter()
        done: tuple[str, tuple[Span, ...]] = ("", ())
        outcome: Outcome = "redacted"
        reason = ""
        try:
            done = self._redacted(text, vault, budget)
        except BlockedError as error:
            outcome, reason = "blocked", str(error)
        except RedactionError as error:
            outcome, reason = "blocked" if self._policy.fail == "block" else "passed", str(error)
        except Exception as error:  # whatever it is, only its type's name is told
            outcome = "blocked" if self._policy.fail == "block" else "passed"
            reason = (
                f"redaction failed ({type(error).__name__}): report it with a harmless text that fails too"
            )
        if outcome == "passed":
            done = (text, ())
        report = report_of(
            done[1],
            characters=len(text) if isinstance(text, str) else 0,
            seconds=time.perf_counter() - started,
            outcome=outcome,
            reason=reason,
        )
        if self._audit is not None:
            try:
                self._audit(report)
            except Exception as error:
                outcome, reason = "blocked", f"the audit callback failed ({type(error).__name__})"
        return RedactionError(reason) if outcome == "blocked" else _Done(*done, report)

    def _redacted(self, text: str, vault: Vault, budget: Budget) -> tuple[str, tuple[Span, ...]]:
        if not isinstance(text, str):
            raise BlockedError(f"text is a {type(text).__name__}: give a str")
        budget.characters -= len(text)
        if budget.characters < 0:
            limit = self._policy.max_characters
            raise RedactionError(
                f"the request has more than {limit} characters: send less or raise max_characters"
            )
        started = time.monotonic()
        found = self._detected(self._detector.find, text, budget.seconds)
        spans = resolve([*self._chosen(text, found), *self._denied_in(text)], len(text))
        values = vault.values()
        again = self._chosen(text, spread(text, spans, values))
        find_known = getattr(self._detector, "find_known", None)
        persons = [value for value, label in values.items() if label == "PERSON"]
        if persons and callable(find_known):
            left = budget.seconds - (time.monotonic() - started)
            again += self._chosen(text, self._detected(lambda text: find_known(text, persons), text, left))
        spans = resolve([*spans, *again], len(text)) if again else spans
        safe = scrub(text, spans, vault, self._policy, self._tokens)
        budget.seconds -= time.monotonic() - started
        if budget.seconds < 0:
            limit_seconds = self._policy.max_seconds
            raise RedactionError(
                f"redaction took more than {limit_seconds} seconds: send less or raise max_seconds"
            )
        return safe, tuple(spans)

    def _detected(self, find: Callable[[str], Sequence[Span]], text: str, seconds: float) -> Sequence[Span]:
        """Call the detector with a deadline. Raises `RedactionError`, which holds no trace of the text."""
        try:
            return self._workers.call(find, text, seconds)
        except LateError:
            failure = (
                f"detection took more than {self._policy.max_seconds} seconds: send less or raise max_seconds"
            )
        except FailedError as error:
            failure = f"detection failed ({error}): call the detector on a harmless text to see why"
        raise RedactionError(failure)

    def _chosen(self, text: str, found: Sequence[Span]) -> list[Span]:
        """Give the spans that the policy acts on."""
        policy = self._policy
        return [
            span
            for span in found
            if _sure(span, policy)
            and not policy.keeps(span.label)
            and text[span.start : span.end].casefold() not in self._allowed
        ]

    def _denied_in(self, text: str) -> Iterator[Span]:
        if self._denied is not None:
            for match in self._denied.finditer(text):
                label = self._denied_labels[match.group().casefold()]
                if not self._policy.keeps(label):
                    yield Span(match.start(), match.end(), label, 1.0, "deny")


def _sure(span: Span, policy: Policy) -> bool:
    """Whether a score is enough; the name model has its own threshold, unless `thresholds` sets it."""
    if span.rule == "names" and span.label not in policy.thresholds:
        return True
    return not span.score < policy.threshold_of(span.label)  # a score that is no number is enough


class Redacted:
    """A text made safe: `text` may be sent, `spans` say where the originals stood in the text that was given.

    Its `repr` shows counts only, and it is never pickled.
    """

    __slots__ = ("_conversation", "spans", "text")

    def __init__(self, text: str, spans: tuple[Span, ...], conversation: Conversation) -> None:
        self.text = text
        self.spans = spans
        self._conversation = conversation

    def __repr__(self) -> str:
        return f"{type(self).__name__}(characters={len(self.text)}, spans={len(self.spans)})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a redacted text holds its originals and is never pickled: keep .text")

    @property
    def vault(self) -> Vault:
        """The vault that holds the originals."""
        return self._conversation.vault

    def restore(self, text: str, *, escape: Escape = None) -> str:
        """Put the originals back into an answer; see `Conversation.restore`."""
        return self._conversation.restore(text, escape=escape)

    def stream(self, *, escape: Escape = None) -> StreamRestorer:
        """Give a restorer for an answer that arrives in chunks."""
        return self._conversation.stream(escape=escape)


class Conversation:
    """Many texts with one numbering: the same value has the same placeholder in all of them.

    Its methods may be called from several threads. One conversation belongs to one circle of trust; see
    `Vault`.
    """

    __slots__ = ("_budget", "_redactor", "_tally", "_vault")

    def __init__(
        self, redactor: Redactor, vault: Vault, *, tally: Tally | None = None, budget: Budget | None = None
    ) -> None:
        self._redactor = redactor
        self._vault = vault
        self._tally = tally if tally is not None else Tally()
        self._budget = budget

    def __repr__(self) -> str:
        return f"{type(self).__name__}(originals={len(self._vault)})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "a conversation holds originals and is never pickled: keep its vault's snapshot(key=…)"
        )

    @property
    def vault(self) -> Vault:
        """The vault that holds the originals."""
        return self._vault

    @property
    def report(self) -> Report:
        """What was done so far, in counts."""
        return self._tally.total()

    def request(self) -> Conversation:
        """Give this conversation with one budget of characters and seconds for all texts of one request.

        Without it every text has a budget of its own.
        """
        return Conversation(
            self._redactor, self._vault, tally=self._tally, budget=Budget(self._redactor.policy)
        )

    def redact(self, text: str) -> str:
        """Make a text safe. Raises `RedactionError` where that cannot be done."""
        budget = self._budget if self._budget is not None else Budget(self._redactor.policy)
        outcome = self._redactor._attempt(text, self._vault, budget)
        if isinstance(outcome, RedactionError):
            del text  # a traceback that shows local variables shows none
            self._tally.add(Report("blocked", 1, reason=str(outcome)))
            raise outcome
        self._tally.add(outcome.report)
        return outcome.text

    def restore(self, text: str, *, escape: Escape = None) -> str:
        """Put the originals back; text that is no placeholder of this conversation is unchanged.

        With `escape="json"` the text is the raw inside of a JSON string and originals are escaped to fit.
        """
        return self.restorer(escape).restore(text)

    def stream(self, *, escape: Escape = None) -> StreamRestorer:
        """Give a restorer for one answer that arrives in chunks; it knows what was issued until now."""
        return StreamRestorer(self.restorer(escape))

    def restorer(self, escape: Escape = None) -> Restorer:
        """Give what restores many texts by what was issued until now."""
        return Restorer(self._vault, escape=escape, tokens=self._redactor.tokens)
