"""The last step to a Parquet file: what was written chunk by chunk becomes row groups."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROW_GROUP: Final = 32 * 1024 * 1024
"""Bytes in memory of a row group."""


def assemble(partial: Path, source: Path, output: Path) -> None:
    """Write the Arrow streams of `partial`, one after the other, as a Parquet file with `source`'s schema."""
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(source) as file:
        schema = file.schema_arrow
        compression = _compression(file.metadata)
    with (
        output.open("wb") as sink,
        partial.open("rb") as streams,
        parquet.ParquetWriter(sink, schema, compression=compression) as writer,
    ):
        waiting: list[pa.RecordBatch] = []
        size = partial.stat().st_size
        while streams.tell() < size:
            waiting.extend(pa.ipc.open_stream(streams))
            if sum(batch.nbytes for batch in waiting) >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(waiting, schema=schema))
                waiting.clear()
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema=schema))
    with output.open("rb") as written:
        os.fsync(written.fileno())


def _compression(metadata: object) -> str:
    """Give the codec of the source's first column, snappy where it has none written down."""
    groups = getattr(metadata, "num_row_groups", 0)
    if not groups or not getattr(metadata, "num_columns", 0):
        return "snappy"
    codec = str(metadata.row_group(0).column(0).compression).lower()  # type: ignore[attr-defined]
    return "none" if codec == "uncompressed" else codec
