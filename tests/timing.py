"""Growth of time with length, measured so that a busy machine does not decide."""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS = 6
CLOCK_SECONDS = 0.005
"""Below this, what is measured is the clock and the collector."""


def growth(run: Callable[[int], object], small: int, large: int, *, below: float) -> float:
    """How many times longer `run(large)` takes than `run(small)`: the smallest that was seen.

    A pause can only lengthen a run, so the shortest of each is kept, and both are run again while their ratio is
    not `below` what the caller asserts, `ROUNDS` times at most. The time is that of this process on the processor.
    """
    shortest = [float("inf"), float("inf")]
    ratio = float("inf")
    run(small)
    for _ in range(ROUNDS):
        for at, size in enumerate((small, large)):
            began = time.process_time()
            run(size)
            shortest[at] = min(shortest[at], time.process_time() - began)
        ratio = shortest[1] / max(shortest[0], CLOCK_SECONDS)
        if ratio < below:
            break
    return ratio
