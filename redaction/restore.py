"""Restoring: text with placeholders in, text with originals out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from callsafe.redaction.operators import Tokens
from callsafe.redaction.placeholders import Escape, Form, Scanner, escaped, held_from, json_escaped
from callsafe.redaction.vaults import Vault
from callsafe.redaction.words import Words


@dataclass(frozen=True, slots=True)
class Found:
    """A placeholder or surrogate that the vault (or a key) knows: where it stands and what belongs there."""

    start: int
    end: int
    text: str = field(repr=False)


class Restorer:
    """Finds what a vault issued, in the state the vault has when this is made.

    One left-to-right pass: an original is never searched again, so that what looks like a placeholder inside
    it stays.
    """

    __slots__ = ("_escape", "_labels", "_originals", "_surrogates", "_tokens", "_vault")

    def __init__(self, vault: Vault, *, escape: Escape = None, tokens: Tokens | None = None) -> None:
        self._vault = vault
        self._escape = escape
        self._tokens = tokens
        self._labels = vault.labels()
        self._originals = vault.surrogates() if self._labels else {}
        self._surrogates = Words(self._originals, escape=escape) if self._originals else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(labels={len(self._labels)}, surrogates={len(self._originals)})"

    def restore(self, text: str) -> str:
        """Put the originals back; text that is no placeholder of this vault is unchanged."""
        if not self._labels and self._tokens is None:
            return text
        parts: list[str] = []
        position = 0
        for found in self.find(text, 0):
            parts += (text[position : found.start], found.text)
            position = found.end
        parts.append(text[position:])
        return "".join(parts)

    def find(self, text: str, start: int) -> Iterator[Found]:
        """Give every known placeholder and surrogate from `start` on, none overlapping another."""
        scanner = Scanner(text, self._escape)
        known = self._placeholder(scanner, start)
        made_up = self._made_up(text, start)
        surrogate = next(made_up, None)
        position = start
        while known is not None or surrogate is not None:
            first = known
            if surrogate is not None and (first is None or surrogate.start < first.start):
                first = surrogate
            assert first is not None
            yield first
            position = first.end
            if known is not None and known.start < position:
                known = self._placeholder(scanner, position)
            if surrogate is not None and surrogate.start < position:
                if surrogate is not first:  # it was overlapped: what it hid may be one
                    made_up = self._made_up(text, position)
                surrogate = next(made_up, None)

    def _placeholder(self, scanner: Scanner, start: int) -> Found | None:
        form = scanner.next(start)
        while form is not None:
            value = self._original(form)
            if value is not None:
                return Found(form.start, form.end, escaped(value, form.level, self._escape))
            form = scanner.next(form.start + 1)
        return None

    def _made_up(self, text: str, start: int) -> Iterator[Found]:
        if self._surrogates is None:
            return
        for begin, end, surrogate in self._surrogates.find(text, start):
            value = self._originals[surrogate]
            yield Found(begin, end, json_escaped(value) if self._escape else value)

    def _original(self, form: Form) -> str | None:
        if form.payload:
            return self._tokens.open(form.label, form.payload) if self._tokens is not None else None
        return self._vault.find(form.label, form.number) if form.label in self._labels else None

    def held_from(self, text: str, start: int) -> int:
        """Give the first index from which the rest of `text` may still become a placeholder or surrogate."""
        first = held_from(text, start, self._labels, self._escape, tokens=self._tokens is not None)
        return first if self._surrogates is None else self._surrogates.held_from(text, start, first)
