"""Arrow record batches in, record batches out: the same function under local processes, Ray Data and Spark.

    from functools import partial
    from callsafe.redaction.batch import redact_batches, redact_table

    dataset.map_batches(partial(redact_table, policy=policy), batch_format="pyarrow")    # Ray Data
    frame.mapInArrow(partial(redact_batches, policy=policy), frame.schema)               # Spark

Nothing is shared between batches, rows or machines: operators are keyed, so the same value gets the same
token everywhere. A policy travels to other processes by the names of its keys' environment variables.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from callsafe.redaction.datasets.keyed import redact_cell, refuse_vault
from callsafe.redaction.engine import Redactor
from callsafe.redaction.errors import RedactionError
from callsafe.redaction.policy import Policy
from callsafe.redaction.vaults.memory import MemoryVault

if TYPE_CHECKING:
    import pyarrow as pa

Path = tuple[str, ...]
Text = Callable[[str, str], str]
"""Makes one text anew: `(text, name of its column or field) -> text`."""


def redact_batch(
    batch: pa.RecordBatch, policy: Policy | Redactor, columns: Sequence[str] | None = None
) -> pa.RecordBatch:
    """Make the texts of a record batch safe: a pure function; schema, order and number of rows are kept.

    `columns` are the ones to redact ("messages.content" is a field of structs, in lists too), by default all
    that hold text, also inside lists, structs, maps and dictionaries; every other one is returned as it is.
    Each row has the policy's limits of one request.

    Raises `ValueError` for a policy that needs a vault (`Replace`, `Surrogate` without a key) and for
    columns that are not there or hold no text; `RedactionError`, with the number of the row in the batch,
    where a row cannot be made safe.
    """
    redactor = policy if isinstance(policy, Redactor) else _redactor(policy)
    refuse_vault(redactor.policy)
    if redactor.policy.fail != "block":
        raise ValueError('fail is "pass": rows of a batch are never passed unredacted, set it to "block"')

    reached = 0

    def row(index: int) -> Text:
        nonlocal reached
        reached = index
        request = redactor.conversation(MemoryVault()).request()
        return functools.partial(redact_cell, request, redactor.policy)

    try:
        return map_text(batch, columns, row)
    except RedactionError as error:
        problem = f"row {reached} of the batch: {error}"
    raise RedactionError(problem)


def redact_batches(
    batches: Iterable[pa.RecordBatch], policy: Policy, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Make many record batches safe, one after the other: what Spark's `mapInArrow` takes."""
    for batch in batches:
        yield redact_batch(batch, policy, columns)


def redact_table(table: pa.Table, policy: Policy, columns: Sequence[str] | None = None) -> pa.Table:
    """Make an Arrow table safe: what Ray Data's `map_batches` takes with `batch_format="pyarrow"`."""
    import pyarrow as pa

    batches = [redact_batch(batch, policy, columns) for batch in table.to_batches()]
    return pa.Table.from_batches(batches, schema=table.schema)


@functools.lru_cache(maxsize=4)
def _redactor(policy: Policy) -> Redactor:
    """Make a process's redactor for a policy once: detection loads at the first batch only."""
    return Redactor(policy)


def map_text(
    batch: pa.RecordBatch, columns: Sequence[str] | None, row: Callable[[int], Text]
) -> pa.RecordBatch:
    """Make the texts of the columns anew; `row` gives the function for the texts of a row.

    Raises `ValueError` for columns that cannot be; a `RedactionError` gets the name of its column.
    """
    import pyarrow as pa

    chosen = text_columns(batch.schema, columns)
    if not chosen:
        return batch
    values = {name: batch.column(name).to_pylist() for name in chosen}
    problem = ""
    for index in range(batch.num_rows):
        text = row(index)
        for name, cells in values.items():
            try:
                cells[index] = _mapped(cells[index], name, chosen[name], text)
            except RedactionError as error:
                problem = f"column {name!r}: {error}"
            if problem:
                raise RedactionError(problem)
    arrays = [
        pa.array(values[field.name], type=field.type) if field.name in values else batch.column(place)
        for place, field in enumerate(batch.schema)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)


def text_columns(schema: pa.Schema, columns: Sequence[str] | None) -> dict[str, list[Path]]:
    """Give the columns that hold text, each with the paths in it that are meant, or check those named.

    Raises `ValueError` for what is not there, holds no text or cannot be redacted.
    """
    if len(set(schema.names)) != len(schema.names):
        raise ValueError("two columns have one name: rename one of them")
    if columns is None:
        return {field.name: [()] for field in schema if _holds_text(field.name, field.type)}
    chosen: dict[str, list[Path]] = {}
    for named in columns:
        name, *path = (named,) if named in schema.names else named.split(".")
        if name not in schema.names:
            raise ValueError(f"there is no column {name!r}: the columns are {', '.join(schema.names)}")
        kind = _inner(named, schema.field(name).type, path)
        if not _holds_text(named, kind):
            raise ValueError(f"column {named!r} is {kind}, which holds no text: leave it out")
        chosen.setdefault(name, []).append(tuple(path))
    return chosen


def _inner(name: str, kind: pa.DataType, path: Sequence[str]) -> pa.DataType:
    """Give the type at a path of field names; lists are gone through."""
    from pyarrow import types

    for step in path:
        while types.is_nested(kind) and not types.is_struct(kind) and not types.is_map(kind):
            kind = kind.value_type
        if not types.is_struct(kind) or kind.get_field_index(step) < 0:
            raise ValueError(f"there is no field {step!r} in {name!r}: it is {kind}")
        kind = kind.field(step).type
    return kind


def _holds_text(name: str, kind: pa.DataType) -> bool:
    import pyarrow as pa
    from pyarrow import types

    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return True
    if types.is_union(kind) or types.is_run_end_encoded(kind) or isinstance(kind, pa.BaseExtensionType):
        raise ValueError(f"column {name!r} is {kind}, which cannot be redacted: cast or drop it first")
    if types.is_map(kind):
        return _holds_text(name, kind.key_type) or _holds_text(name, kind.item_type)
    if types.is_struct(kind):
        return True in [_holds_text(name, field.type) for field in kind]  # all are looked at
    if types.is_dictionary(kind) or types.is_nested(kind):
        return _holds_text(name, kind.value_type)
    return False


def _mapped(value: Any, name: str, paths: Sequence[Path], text: Text) -> Any:
    """Walk what Arrow gives for a cell: structs are dicts, maps lists of pairs."""
    if isinstance(value, list):
        return [_mapped(element, name, paths, text) for element in value]
    if () not in paths:
        if not isinstance(value, dict):
            return value
        below = {field: [path[1:] for path in paths if path[0] == field] for field in value}
        return {
            field: _mapped(element, field, below[field], text) if below[field] else element
            for field, element in value.items()
        }
    if isinstance(value, str):
        return text(value, name)
    if isinstance(value, tuple):
        return tuple(_mapped(element, name, paths, text) for element in value)
    if isinstance(value, dict):
        return {field: _mapped(element, field, paths, text) for field, element in value.items()}
    return value
