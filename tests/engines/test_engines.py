"""The same rows from one process, four processes, Ray Data and Spark: byte for byte the same.

A group of its own, on the real engines: pip install -e '.[redaction,datasets]' 'ray[data]' pyspark pytest (Spark needs
Java 17), then python -m pytest tests/engines.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
from pyarrow import parquet  # noqa: E402

from callsafe.redaction import Encrypt, Hash, Key, Policy  # noqa: E402
from callsafe.redaction.batch import redact_batch, redact_batches, redact_table  # noqa: E402
from callsafe.redaction.datasets.job import Job  # noqa: E402
from callsafe.redaction.datasets.run import run  # noqa: E402

VARIABLE = "CALLSAFE_TEST_ENGINES_KEY"
ROWS = 240


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    """The key is in the environment before an engine starts, and workers use this very Python."""
    before = dict(os.environ)
    os.environ[VARIABLE] = hashlib.sha256(b"a key for these tests").hexdigest()
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def policy(environment: None) -> Policy:
    key = Key.from_environment(VARIABLE)
    return Policy(default=Hash(key), entities={"EMAIL_ADDRESS": Encrypt(key)})


@pytest.fixture(scope="module")
def table() -> pa.Table:
    people = ("Jane Roe", "Omar Haddad", "Priya Novak", "Lars Okafor", "Emma Tanaka")
    rows = []
    for number in range(ROWS):
        name = people[number % len(people)]
        address = f"{name.replace(' ', '.').lower()}{number % 7}@mail.example"
        said = f"My name is {name}, write to {address} or call +1 202 555 01{number % 100:02}."
        turns = [
            {"role": "user", "content": said},
            {"role": "assistant", "content": f"Thank you, {name}."},
        ]
        rows.append(
            {"number": number, "share": number / 7, "note": said if number % 3 else None, "messages": turns}
        )
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def expected(table: pa.Table, policy: Policy) -> bytes:
    """What one process makes of it, row by row."""
    batches = [redact_batch(batch, policy) for batch in table.to_batches(max_chunksize=50)]
    made = pa.Table.from_batches(batches, schema=table.schema)
    assert "Jane" not in str(made.to_pylist())
    assert "@mail" not in str(made.to_pylist())
    assert made.num_rows == ROWS
    return ordered(made, table.schema)


def ordered(table: pa.Table, schema: pa.Schema) -> bytes:
    """The bytes of a table's rows in the order of their numbers, whatever batches and widths they came in."""
    table = table.select(schema.names).cast(schema).sort_by("number").combine_chunks()
    rebuilt = pa.Table.from_pylist(table.to_pylist(), schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(rebuilt)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("jobs", [1, 4])
def test_processes_of_one_machine_write_the_same_rows(
    jobs: int,
    table: pa.Table,
    policy: Policy,
    expected: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parquet.write_table(table, tmp_path / "rows.parquet")
    monkeypatch.setattr("callsafe.redaction.datasets.chunks.CHUNK", 4096)
    run(Job("redact", "parquet", policy), tmp_path / "rows.parquet", tmp_path / "safe.parquet", jobs=jobs)
    assert ordered(parquet.read_table(tmp_path / "safe.parquet"), table.schema) == expected


def test_ray_data_writes_the_same_rows(table: pa.Table, policy: Policy, expected: bytes) -> None:
    ray = pytest.importorskip("ray", reason="ray is not installed")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    try:
        data = ray.data.from_arrow(table).repartition(5)
        safe = data.map_batches(partial(redact_table, policy=policy), batch_format="pyarrow", batch_size=30)
        made = pa.concat_tables(ray.get(safe.to_arrow_refs()))
    finally:
        ray.shutdown()
    assert ordered(made, table.schema) == expected


def test_spark_writes_the_same_rows(table: pa.Table, policy: Policy, expected: bytes, tmp_path: Path) -> None:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java 17, and there is none")
    from pyspark.sql import SparkSession

    parquet.write_table(table, tmp_path / "rows.parquet")
    build: Callable[[], SparkSession] = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "30")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
        .getOrCreate
    )
    spark = build()
    try:
        frame = spark.read.parquet(str(tmp_path / "rows.parquet")).repartition(5)
        safe = frame.mapInArrow(partial(redact_batches, policy=policy), frame.schema)
        safe.write.parquet(str(tmp_path / "safe"))
    finally:
        spark.stop()
    assert ordered(parquet.read_table(tmp_path / "safe"), table.schema) == expected
