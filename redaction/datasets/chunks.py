"""A file of rows as a sequence of chunks, the same however many processes read them, from any point on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsafe.redaction.datasets.job import Chunk, DatasetError, Format

CHUNK: Final = 256 * 1024
"""Bytes of a chunk: some tenths of a second of work, so that cores stay busy and little is done twice."""
LONGEST_ROW: Final = 64 * 1024 * 1024
DELIMITERS: Final = {"csv": ",", "tsv": "\t"}


def chunks(path: Path, form: Format, position: int = 0, line: int = 1) -> Iterator[Chunk]:
    """Read a file from a position (bytes; rows of a Parquet file) where a chunk began.

    Raises `DatasetError` for what is no such file and for rows longer than 64 MB.
    """
    if form == "parquet":
        yield from _parquet(path, position)
    elif form == "jsonl":
        yield from _lines(path, position, line)
    else:
        yield from _records(path, DELIMITERS[form], position, line)


def _lines(path: Path, position: int, line: int) -> Iterator[Chunk]:
    with path.open("rb") as file:
        file.seek(position)
        while data := file.read(CHUNK):
            if not data.endswith(b"\n"):
                rest = file.readline(LONGEST_ROW)
                if len(rest) == LONGEST_ROW and not rest.endswith(b"\n"):
                    bad = line + data.count(b"\n")
                    raise DatasetError(f"{path}:{bad}: a row is longer than 64 MB: is this JSON Lines?")
                data += rest
            position += len(data)
            after = line + data.count(b"\n")
            yield Chunk(line, position, after, data)
            line = after


def _records(path: Path, delimiter: str, position: int, line: int) -> Iterator[Chunk]:
    csv.field_size_limit(LONGEST_ROW)  # the module's own limit, 128 KB, is below what prompts have
    with path.open("rb") as file:
        header = tuple(_header(path, next(csv.reader(_decoded(file, []), delimiter=delimiter), [])))
        file.seek(position)
        taken: list[bytes] = []
        reader = csv.reader(_decoded(file, taken), delimiter=delimiter)
        size = first = 0
        try:
            for _ in reader:
                size += sum(map(len, taken[first:]))
                first = len(taken)
                if size >= CHUNK:
                    position += size
                    yield Chunk(line, position, line + first, b"".join(taken), header)
                    line += first
                    size = first = 0
                    taken.clear()
        except csv.Error:
            raise DatasetError(
                f"{path}:{line + first}: a row is longer than 64 MB: is a quote not closed?"
            ) from None
        if taken:
            yield Chunk(line, position + size, line + len(taken), b"".join(taken), header)


def _decoded(file: Iterator[bytes], taken: list[bytes]) -> Iterator[str]:
    """Give the lines of a file as far as record ends matter: quotes and delimiters are ASCII."""
    for line in file:
        taken.append(line)
        yield line.decode("latin-1")


def _header(path: Path, names: list[str]) -> list[str]:
    try:
        decoded = [name.encode("latin-1").decode("utf-8") for name in names]
    except UnicodeDecodeError:
        raise DatasetError(f"{path}:1: not utf-8: convert the file first") from None
    decoded[:1] = [name.removeprefix("\ufeff").strip('"') for name in decoded[:1]]
    if len(set(decoded)) != len(decoded):
        raise DatasetError(f"{path}:1: two columns have one name: rename one of them")
    return decoded


def _parquet(path: Path, position: int) -> Iterator[Chunk]:
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        rows = file.metadata.num_rows
        size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups))
        each = max(1, min(65_536, CHUNK * rows // size)) if size else 1
        start = 0
        for batch in file.iter_batches(batch_size=each, use_threads=False):
            end = start + batch.num_rows
            if end > position:  # batches end where they ended before
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, batch.schema) as writer:
                    writer.write_batch(batch)
                yield Chunk(start + 1, end, end + 1, sink.getvalue().to_pybytes())
            start = end
