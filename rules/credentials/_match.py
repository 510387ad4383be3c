"""What a scan yields: `Match`, and the steps of its score."""

from dataclasses import dataclass

STRONG, NAMED, KEYED, BARE = 0.95, 0.9, 0.8, 0.6
"""A mark of its own; the issuer's name near; a key-like word near; the shape alone."""


@dataclass(frozen=True, slots=True)
class Match:
    """A credential: its offsets in characters, its format's id, its issuer, a score from 0 to 1."""

    start: int
    end: int
    format: str
    provider: str
    score: float
