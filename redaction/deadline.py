"""Calls with a deadline: detection that hangs must not hang the request.

Python cannot stop a thread. A call that is late is abandoned on its daemon thread, which returns to the pool
when it ends; the pool is bounded, so that a detector that hangs always makes every further call fail and no
more.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
A = TypeVar("A")

MOST_WORKERS = 64
IDLE_SECONDS = 10.0

_inside = threading.local()


def inside() -> bool:
    """Whether the running thread is a worker: what it logs may hold text that is just being read."""
    return getattr(_inside, "worker", False)


class LateError(Exception):
    """The call did not end in time, or no worker was free in time."""


class _Task(Generic[A, T]):
    __slots__ = ("argument", "done", "failure", "function", "result")

    def __init__(self, function: Callable[[A], T], argument: A) -> None:
        self.function: Callable[[A], T] | None = function
        self.argument: A | None = argument
        self.done = threading.Lock()
        self.done.acquire()
        self.result: T | None = None
        self.failure = ""

    def run(self) -> None:
        function, argument = self.function, self.argument
        self.function = self.argument = None
        try:
            self.result = function(argument)  # type: ignore[misc, arg-type]
        except BaseException as error:  # whatever it is, only its type's name leaves the worker
            self.failure = type(error).__name__


class FailedError(Exception):
    """The call raised; the message is the name of the error's type and nothing else."""


class Workers:
    """A pool of daemon threads that run one call at a time each."""

    __slots__ = ("_idle", "_lock", "_pid", "_slots")

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[queue.SimpleQueue[_Task[object, object]]] = []
        self._slots = threading.BoundedSemaphore(MOST_WORKERS)
        self._pid = os.getpid()

    def call(self, function: Callable[[A], T], argument: A, seconds: float) -> T:
        """Run `function(argument)` for at most so many seconds. Raises `LateError` or `FailedError`."""
        if self._pid != os.getpid():  # threads do not survive a fork
            self._reset()
        if not self._slots.acquire(timeout=max(0.0, seconds)):
            raise LateError
        task = _Task(function, argument)
        with self._lock:
            tasks = self._idle.pop() if self._idle else None
        if tasks is None:
            tasks = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(tasks,), name="callsafe-redaction", daemon=True).start()
        tasks.put(task)  # type: ignore[arg-type]
        if not task.done.acquire(timeout=max(0.0, seconds)):
            raise LateError
        if task.failure:
            raise FailedError(task.failure)
        return task.result  # type: ignore[return-value]

    def _work(self, tasks: queue.SimpleQueue[_Task[object, object]]) -> None:
        _inside.worker = True
        while True:
            try:
                task = tasks.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if tasks in self._idle:
                        self._idle.remove(tasks)
                        return
                continue
            task.run()
            with self._lock:
                self._idle.append(tasks)
            self._slots.release()
            task.done.release()  # last: the caller's next call then finds this worker idle
            del task
