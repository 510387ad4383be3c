"""Restoring a stream: chunks in, text out, no more held back than what may become a placeholder."""

from __future__ import annotations

from callsafe.redaction.placeholders import LOOK_BEHIND
from callsafe.redaction.restore import Restorer


class StreamRestorer:
    """Restores text that arrives in chunks cut anywhere.

    For every way to cut a text the outputs of `feed` and of the last `flush` together are what `restore`
    gives for the whole. One stream of text has one of these; it is not shared between threads.
    """

    __slots__ = ("_position", "_restorer", "_text")

    def __init__(self, restorer: Restorer) -> None:
        self._restorer = restorer
        self._text = ""
        self._position = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}(held={self.held})"

    @property
    def held(self) -> int:
        """How many characters are held back now."""
        return len(self._text) - self._position

    def feed(self, chunk: str) -> str:
        """Take the next chunk; give what is certain by now, restored."""
        self._text += chunk
        return self._take(self._restorer.held_from(self._text, self._position), last=False)

    def flush(self) -> str:
        """Give what is still held, restored: call it once at the end, also after an error or cancellation."""
        return self._take(len(self._text), last=True)

    def _take(self, certain: int, *, last: bool) -> str:
        text, position = self._text, self._position
        parts: list[str] = []
        for found in self._restorer.find(text, position) if position < certain else ():
            if found.start >= certain:
                break
            parts += (text[position : found.start], found.text)
            position = found.end
            if position > certain:
                certain = self._restorer.held_from(text, position)
        parts.append(text[position:certain])
        if last:
            self._text, self._position = "", 0
            return "".join(parts)
        keep = max(0, certain - LOOK_BEHIND)
        self._text, self._position = text[keep:], certain - keep
        return "".join(parts)
