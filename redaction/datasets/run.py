"""A file of rows in, a file of rows out: in constant memory, atomic, resumable."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO, Final

from callsafe.redaction.datasets.chunks import chunks
from callsafe.redaction.datasets.job import Chunk, DatasetError, Job, Result, Totals, cores
from callsafe.redaction.datasets.journal import Checkpoint, Journal, last
from callsafe.redaction.datasets.pool import results

Progress = Callable[[int], object]
"""Called with how far the run is: a position in the input (bytes; rows of a Parquet file)."""

SECONDS_BETWEEN_CHECKPOINTS: Final = 1.0


def run(
    job: Job,
    source: Path,
    output: Path,
    *,
    jobs: int | None = None,
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
    problem: Callable[[int, str], object] | None = None,
) -> Totals:
    """Do a job on a file. The output appears whole, at the end, under its name; until then it is `.partial`.

    `jobs` are processes, by default one for each core; the output does not depend on their number. `resume`
    goes on with a run that was killed, and writes what it would have written. `problem` is called with line
    and reason of each row that was skipped or kept.

    Raises `DatasetError`, `RedactionError`, `ValueError` and `OSError`; none of them shows what a row holds.
    """
    return _Run(job, source, output, progress, problem).run(jobs or cores(), resume=resume, force=force)


class _Run:
    def __init__(
        self,
        job: Job,
        source: Path,
        output: Path,
        progress: Progress | None,
        problem: Callable[[int, str], object] | None,
    ) -> None:
        self.job = job
        self.source = source
        self.output = output
        self.partial = output.with_name(output.name + ".partial")
        self.journal_path = output.with_name(output.name + ".journal")
        self.progress = progress or (lambda _: None)
        self.problem = problem or (lambda _line, _reason: None)
        self.totals = Totals()

    def run(self, jobs: int, *, resume: bool, force: bool) -> Totals:
        start = self._start(resume=resume, force=force)
        digest = self._digest(start)
        if isinstance(start, Checkpoint):
            self.totals = Totals.from_json(start.totals)
        begin = start or Checkpoint()
        with ExitStack() as stack:
            out = stack.enter_context(self.partial.open("r+b" if start else "wb"))
            out.truncate(begin.size)
            out.seek(begin.size)
            journal = Journal(self.journal_path, self.job, fresh=start is None)
            stack.callback(journal.close)
            source = chunks(self.source, self.job.format, begin.position, begin.line)
            answers = stack.enter_context(closing(results(self.job, source, jobs)))  # ends its processes
            self._go(answers, out, journal, digest)
            self._check()
            out.flush()
            os.fsync(out.fileno())
        self._finish()
        return self.totals

    def _start(self, *, resume: bool, force: bool) -> Checkpoint | None:
        """Look at what stands there already."""
        if self.output.exists():
            if self.output.samefile(self.source):
                raise DatasetError(f"{self.output}: output and input are one file: choose another name")
            if not force:
                raise DatasetError(f"{self.output}: there is such a file already: --force replaces it")
        if not resume:
            if self.partial.exists() and not force:
                raise DatasetError(
                    f"{self.partial}: left by an interrupted run: go on with --resume, or start anew with --force"
                )
            return None
        found = last(self.journal_path, self.job)
        if found is None or not self.partial.exists() or self.partial.stat().st_size < found.size:
            return None
        return found

    def _digest(self, start: Checkpoint | None) -> hashlib._Hash:
        """Begin the digest of the input; where a run goes on, check that what it read is still the same."""
        digest = hashlib.sha256()
        if self.job.format == "parquet":  # its rows cannot be told by their bytes
            about = self.source.stat()
            digest.update(f"{about.st_size} {about.st_mtime_ns}".encode())
        elif start is not None:
            left = start.position
            with self.source.open("rb") as file:
                while left and (data := file.read(min(left, 1 << 20))):
                    digest.update(data)
                    left -= len(data)
        if start is not None and digest.hexdigest() != start.digest:
            raise DatasetError(
                f"{self.source}: changed since the run was interrupted: start anew with --force"
            )
        return digest

    def _go(
        self, answers: Iterator[tuple[Chunk, Result]], out: BinaryIO, journal: Journal, digest: hashlib._Hash
    ) -> None:
        """Write the results in order, with a checkpoint now and then, and one where the run ends early."""
        reached: Checkpoint | None = None
        saved = float("-inf")
        try:
            for chunk, result in answers:
                if result.problems and self.job.on_error == "stop":
                    line, reason = result.problems[0]
                    raise DatasetError(
                        f"{self.source}:{line}: {reason} (nothing is lost: mend the row and go on with --resume)"
                    )
                for line, reason in result.problems:
                    self.problem(line, reason)
                out.write(result.data)
                self.totals.add(result.totals)
                if self.job.format != "parquet":
                    digest.update(chunk.data)
                reached = Checkpoint(
                    chunk.position, chunk.next_line, out.tell(), digest.hexdigest(), self.totals.as_json()
                )
                if time.monotonic() - saved >= SECONDS_BETWEEN_CHECKPOINTS:
                    self._save(reached, out, journal)
                    reached = None
                    saved = time.monotonic()
                self.progress(chunk.position)
        finally:
            if reached is not None:
                self._save(reached, out, journal)

    def _save(self, reached: Checkpoint, out: BinaryIO, journal: Journal) -> None:
        out.flush()
        os.fsync(out.fileno())
        journal.add(reached)

    def _check(self) -> None:
        """Refuse a field that no row has, a wrong name would let everything through; and all rows bad."""
        if self.totals.skipped and not self.totals.rows:
            raise DatasetError(f"{self.source}: none of the rows could be made safe: nothing was written")
        for name in self.job.fields:
            if self.totals.rows and not self.totals.found[name]:
                raise DatasetError(f"{self.source}: no row has the field {name!r}: nothing was written")

    def _finish(self) -> None:
        if self.job.format == "parquet":
            from callsafe.redaction.datasets.parquet import assemble

            ready = self.output.with_name(self.output.name + ".ready")
            assemble(self.partial, self.source, ready)
            os.replace(ready, self.output)
            self.partial.unlink()
        else:
            os.replace(self.partial, self.output)
        self.journal_path.unlink()
