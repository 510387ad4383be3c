"""Chunks over several processes, answers in the order of the file."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from callsafe.redaction.datasets.job import Chunk, DatasetError, Job, Result
from callsafe.redaction.datasets.rows import Rows
from callsafe.redaction.default_detector import default_detector

if TYPE_CHECKING:
    from callsafe.redaction.default_detector import Finder
    from callsafe.redaction.spans import Span

T = TypeVar("T")
Found = dict[str, Sequence["Span"]]
"""What was found in each text of a chunk."""


def results(job: Job, chunks: Iterable[Chunk], jobs: int) -> Generator[tuple[Chunk, Result], None, None]:
    """Do a job on every chunk, in `jobs` processes, and give the results in order.

    Where rows share one numbering, processes only look for what is there; numbers are given out here, in
    order, so that they are the same for any number of processes. Raises `DatasetError` where a process dies.
    """
    if jobs == 1:
        rows = Rows(job)
        for chunk in chunks:
            yield chunk, rows.do(chunk)
    elif job.numbered:
        replay = _Replay(default_detector(job.policy))
        rows = Rows(job, detector=replay)
        for chunk, found in _ordered(functools.partial(_find, job), chunks, jobs, job):
            replay.found = found
            yield chunk, rows.do(chunk)
    else:
        yield from _ordered(functools.partial(_do, job), chunks, jobs, job)


def _ordered(
    function: Callable[[Chunk], T], chunks: Iterable[Chunk], jobs: int, job: Job
) -> Iterator[tuple[Chunk, T]]:
    waiting: deque[tuple[Chunk, Future[T]]] = deque()
    pool = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=_start, initargs=(job,)
    )
    try:
        for chunk in chunks:
            waiting.append((chunk, pool.submit(function, chunk)))
            if len(waiting) >= 2 * jobs:  # enough to keep every process busy, and memory constant
                first, answer = waiting.popleft()
                yield first, answer.result()
        while waiting:
            first, answer = waiting.popleft()
            yield first, answer.result()
    except BrokenProcessPool:
        raise DatasetError("a worker process died (out of memory?): use fewer --jobs and --resume") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(job: Job) -> None:
    """Make a worker ready: interrupts are the parent's to handle, and no worker outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    with contextlib.suppress(Exception):  # what is wrong is told at the first row
        (_finder(job)[1] if job.numbered else _rows(job)).warm_up()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


@functools.lru_cache(maxsize=1)
def _rows(job: Job) -> Rows:
    return Rows(job)


@functools.lru_cache(maxsize=1)
def _finder(job: Job) -> tuple[_Record, Rows]:
    record = _Record(default_detector(job.policy))
    return record, Rows(job, detector=record, scratch=True)


def _do(job: Job, chunk: Chunk) -> Result:
    return _rows(job).do(chunk)


def _find(job: Job, chunk: Chunk) -> Found:
    record, rows = _finder(job)
    record.found = {}
    rows.do(chunk)
    return record.found


class _Record:
    """A detector that keeps what it found."""

    def __init__(self, detector: Finder) -> None:
        self._detector = detector
        self.found: Found = {}

    def find(self, text: str) -> Sequence[Span]:
        self.found[text] = spans = self._detector.find(text)
        return spans

    def warm_up(self) -> None:
        warm_up = getattr(self._detector, "warm_up", None)
        if callable(warm_up):
            warm_up()


class _Replay:
    """A detector that knows what another process found; a text it does not know is searched here."""

    def __init__(self, detector: Finder) -> None:
        self._detector = detector
        self.found: Found = {}

    def find(self, text: str) -> Sequence[Span]:
        known = self.found.get(text)
        return self._detector.find(text) if known is None else known
