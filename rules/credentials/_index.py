"""The formats ordered by what leads to them in a text: made once, at the first scan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from callsafe.rules.credentials._cloud import CLOUD
from callsafe.rules.credentials._formats import NAMED, PREFIXED, Format
from callsafe.rules.credentials._shapes import first_run, prefix_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One shape of one format: its literal beginning, how far before its run it begins, that run's length."""

    prefix: str
    shape: str
    format: Format
    back: int = 0
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """The formats, in six groups.

    `begins`: by the first two characters of a run, longest prefix first. `behind`: shapes that begin before
    their run. `named`: shapes that need a name, by the length of their run, `named_behind` those that begin before
    it. `literals`: (needle, entry) of shapes that may hold no run
    or carry their mark in the middle. `wide`: (name, entry) of base64 values that need a name.
    """

    begins: dict[str, tuple[Entry, ...]]
    behind: tuple[Entry, ...]
    named: dict[int, tuple[Entry, ...]]
    named_behind: tuple[Entry, ...]
    literals: tuple[tuple[str, Entry], ...]
    wide: tuple[tuple[str, Entry], ...]


@cache
def index() -> Index:
    """Return all formats, ordered by what leads to them."""
    begins: dict[str, list[Entry]] = {}
    behind, named, literals, wide = [], [], [], []
    for form in (*PREFIXED, *NAMED, *CLOUD):
        for shape in form.shapes:
            prefix = prefix_of(shape)
            if form.kind == "ctx":
                entry = Entry(prefix, shape, form, form.back if shape != "{a84}" else 0, *first_run(shape))
                if "{c" in shape:
                    wide += [(name, entry) for name in form.names]
                else:
                    named.append(entry)
            elif not prefix and "JQQJ99" in shape:
                literals.append(("JQQJ99", Entry(prefix, shape, form, 52)))
            elif ("{c" in shape and len(prefix) < 20) or ("." in prefix and not form.back):
                literals.append((prefix, Entry(prefix, shape, form)))
            elif form.back:
                behind.append(Entry(prefix, shape, form, form.back))
            else:
                begins.setdefault(prefix[:2], []).append(Entry(prefix, shape, form))
    ordered = {two: tuple(sorted(found, key=lambda e: -len(e.prefix))) for two, found in begins.items()}
    by_length: dict[int, list[Entry]] = {}
    for entry in named:
        for length in range(entry.least, entry.most + 1) if not entry.back else ():
            by_length.setdefault(length, []).append(entry)
    return Index(
        ordered,
        tuple(behind),
        {length: tuple(found) for length, found in by_length.items()},
        tuple(entry for entry in named if entry.back),
        tuple(literals),
        tuple(wide),
    )
