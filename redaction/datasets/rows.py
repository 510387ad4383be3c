"""One chunk of rows in, one chunk out."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from callsafe.redaction.datasets.chunks import DELIMITERS, LONGEST_ROW
from callsafe.redaction.datasets.job import Chunk, Job, Result
from callsafe.redaction.datasets.json_rows import JSON, RowError, at, parsed, restored, written
from callsafe.redaction.datasets.keyed import redact_cell
from callsafe.redaction.datasets.ledger import RowVault, open_vault
from callsafe.redaction.detect.labels import NAMES, ORGANIZATION
from callsafe.redaction.engine import Conversation, Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.payloads.files import redact_lines
from callsafe.redaction.payloads.shapes import Kind
from callsafe.redaction.payloads.walk import redact
from callsafe.redaction.vaults.memory import MemoryVault

if TYPE_CHECKING:
    from callsafe.redaction.default_detector import Finder
    from callsafe.redaction.vaults import Vault

_BOM: Final = b"\xef\xbb\xbf"
_TRAINING: Final = frozenset({"messages", "tools", "functions", "parallel_tool_calls"})
"""The fields of a fine-tuning example."""


class Rows:
    """Does a job on chunks, in one process.

    `detector` is by default the policy's own. With `scratch` a row's numbers are its own and forgotten: for
    a worker whose findings are all that is wanted.
    """

    def __init__(self, job: Job, *, detector: Finder | None = None, scratch: bool = False) -> None:
        self._job = job
        self._redactor = Redactor(job.policy, detector=detector)
        self._vault = open_vault(job.vault, job.key) if job.vault and not scratch else None
        self._do = self._restore if job.action == "restore" else self._redact
        self._paths = [tuple(field.split(".")) for field in job.fields]

    def warm_up(self) -> None:
        """Load what detection needs."""
        if self._job.action == "redact":
            self._redactor.warm_up()

    def do(self, chunk: Chunk) -> Result:
        """Do the job on every row of a chunk; where one cannot be, `problems` says which and why."""
        result = Result()
        if self._job.format == "parquet":
            result.data = self._parquet(chunk, result)
        else:
            make = self._json_lines if self._job.format == "jsonl" else self._records
            result.data = b"".join(make(chunk, result))
        return result

    def _conversation(self) -> Conversation:
        vault: Vault = RowVault(self._vault) if self._vault is not None else MemoryVault()
        return self._redactor.conversation(vault)

    def _attempt(
        self, row: Callable[[Conversation], bytes | None], line: int, result: Result
    ) -> bytes | None:
        """Give the new row, b"" for one that is left out, None for one that stays as it is."""
        conversation = self._conversation()
        try:
            new = row(conversation)
        except (RowError, RedactionError) as error:
            problem = str(error)
        except Exception as error:  # whatever it is, only its type's name is told
            problem = f"the row cannot be redacted ({type(error).__name__})"
        else:
            report, totals = conversation.report, result.totals
            totals.rows += 1
            totals.changed += new is not None
            totals.texts += report.texts
            totals.characters += report.characters
            totals.entities.update(report.entities)
            return new
        result.problems.append((line, problem))
        if self._job.on_error == "keep":
            result.totals.kept += 1
            return None
        result.totals.skipped += 1
        return b""

    # JSON Lines

    def _json_lines(self, chunk: Chunk, result: Result) -> Iterator[bytes]:
        for line, raw in enumerate(io.BytesIO(chunk.data), chunk.line):
            if not raw.strip():
                yield raw
                continue
            new = self._attempt(functools.partial(self._json_row, raw, result), line, result)
            yield raw if new is None else new
            if result.problems and self._job.on_error == "stop":
                return

    def _json_row(self, raw: bytes, result: Result, conversation: Conversation) -> bytes | None:
        body = raw.removeprefix(_BOM).strip()
        value = parsed(body)
        new = self._do(value, body, conversation, result)
        if new == value:
            return None
        return written(new, body) + raw[len(raw.rstrip(b"\r\n")) :]

    def _redact(self, value: JSON, body: bytes, conversation: Conversation, result: Result) -> JSON:
        if self._paths:
            request = conversation.request()
            for path in self._paths:
                value, found = at(value, path, functools.partial(self._leaf, request))
                result.totals.found[".".join(path)] += found
            return value
        request = conversation.request()
        if not isinstance(value, dict) or not ("messages" in value or {"custom_id", "body"} <= value.keys()):
            return redact(value, Kind.DATA, request, self._job.policy)
        if "messages" not in value:
            return json.loads(redact_lines(body, conversation, self._job.policy))
        # What is no part of a training example may have a setting's name ("provider") and hold anything.
        wire = json.dumps({key: value[key] for key in value.keys() & _TRAINING}).encode()
        read = json.loads(redact_lines(wire, conversation, self._job.policy))
        made: dict[str, JSON] = {}
        for key, field in value.items():
            one = (
                {key: read[key]}
                if key in read
                else redact({key: field}, Kind.DATA, request, self._job.policy)
            )
            made.update(one)
        return made

    def _leaf(self, request: Conversation, value: JSON, name: str) -> JSON:
        if isinstance(value, str):
            return redact_cell(request, self._job.policy, value, name)
        return redact(value, Kind.DATA, request, self._job.policy)

    def _restore(self, value: JSON, _body: bytes, conversation: Conversation, result: Result) -> JSON:
        restore = functools.partial(restored, conversation)
        if not self._paths:
            return restore(value, "")
        for path in self._paths:
            value, found = at(value, path, restore)
            result.totals.found[".".join(path)] += found
        return value

    # CSV

    def _records(self, chunk: Chunk, result: Result) -> Iterator[bytes]:
        csv.field_size_limit(LONGEST_ROW)  # the module's own limit, 128 KB, is below what prompts have
        places = self._places(chunk.header)
        result.totals.found.update(self._job.fields)
        if chunk.line == 1 and self._job.action == "redact":
            self._check_header(chunk.header)
        taken: list[bytes] = []
        reader = csv.reader(
            _utf8(io.BytesIO(chunk.data), taken), delimiter=DELIMITERS[self._job.format], strict=True
        )
        line = chunk.line
        while True:
            problem, cells = "", []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = str(error)
            raw = b"".join(taken)
            after = line + len(taken)
            taken.clear()
            if line == 1 or (not problem and not cells):  # the header, and lines with nothing on them
                yield raw
            else:
                row = functools.partial(self._record, raw, cells, problem, chunk.header, places)
                new = self._attempt(row, line, result)
                yield raw if new is None else new
            line = after
            if result.problems and self._job.on_error == "stop":
                return

    def _check_header(self, header: tuple[str, ...]) -> None:
        """Refuse a first line that looks like a row, since it would be written as it is.

        A column may be called Max Value or Texas: names alone say something only beside a number.
        """
        conversation = self._redactor.conversation(MemoryVault())
        for name in header:
            conversation.redact(name)
        labels = set(conversation.report.entities)
        if not any(name.strip().isdecimal() for name in header):
            labels -= {*NAMES, ORGANIZATION}
        for label in sorted(labels):
            raise ValueError(f"the first line holds a {label}: put a header before it, or rename the column")

    def _places(self, header: tuple[str, ...]) -> tuple[int, ...]:
        for name in self._job.fields:
            if name not in header:
                raise ValueError(f"there is no column {name!r}: the columns are {', '.join(header)}")
        return tuple(
            place for place, name in enumerate(header) if not self._job.fields or name in self._job.fields
        )

    def _record(
        self,
        raw: bytes,
        cells: list[str],
        problem: str,
        header: tuple[str, ...],
        places: tuple[int, ...],
        conversation: Conversation,
    ) -> bytes | None:
        if problem:
            raise RowError(f"not CSV: {problem}")
        try:
            raw.decode()
        except UnicodeDecodeError:
            raise RowError("not utf-8: convert the file first") from None
        if len(cells) != len(header):
            raise RowError(f"the row has {len(cells)} cells and the header has {len(header)}")
        text = self._text(conversation)
        new = list(cells)
        for place in places:
            new[place] = text(cells[place], header[place])
        if new == cells:
            return None
        out = io.StringIO()
        ending = raw[len(raw.rstrip(b"\r\n")) :].decode()
        csv.writer(out, delimiter=DELIMITERS[self._job.format], lineterminator=ending).writerow(new)
        return out.getvalue().encode()

    def _text(self, conversation: Conversation) -> Callable[[str, str], str]:
        """Give the function for the texts of one row of a table."""
        if self._job.action == "restore":
            return functools.partial(restored, conversation)
        return functools.partial(redact_cell, conversation.request(), self._job.policy)

    # Parquet

    def _parquet(self, chunk: Chunk, result: Result) -> bytes:
        import pyarrow as pa

        from callsafe.redaction.batch import map_text, text_columns

        batch = pa.ipc.open_stream(chunk.data).read_next_batch()
        text_columns(batch.schema, self._job.fields or None)  # a wrong column is no matter of a row
        result.totals.found.update(self._job.fields)
        made: list[pa.RecordBatch] = []
        for index in range(batch.num_rows):
            row = batch.slice(index, 1)

            def attempt(conversation: Conversation, row: pa.RecordBatch = row) -> bytes | None:
                text = self._text(conversation)
                new = map_text(row, self._job.fields or None, lambda _: text)
                if new.equals(row):
                    return None
                made.append(new)
                return b"new"

            new = self._attempt(attempt, chunk.line + index, result)
            if new is None:
                made.append(row)
            if result.problems and self._job.on_error == "stop":
                break
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            table = pa.Table.from_batches(made, schema=batch.schema)
            for part in table.combine_chunks().to_batches():
                writer.write_batch(part)
        return bytes(sink.getvalue())


def _utf8(lines: Iterator[bytes], taken: list[bytes]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line.decode("utf-8", "surrogateescape")
