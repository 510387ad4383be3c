"""Arrow record batches in, record batches out."""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import partial

import pyarrow as pa
import pytest

from callsafe.redaction import Block, Hash, Key, Policy, RedactionError, Redactor, Surrogate
from callsafe.redaction.batch import redact_batch, redact_batches, redact_table

from .conftest import KEY, PEOPLE, example

SAID = "My name is Jane Roe, write to jane.roe@mail.example."


def batch(**columns: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def test_the_same_value_gets_the_same_token_in_every_batch(hashed: Policy) -> None:
    rows = pa.Table.from_pylist([example(number) for number in range(20)])
    one = redact_table(rows.combine_chunks(), hashed).to_pylist()
    parts = [redact_batch(part, hashed).to_pylist() for part in rows.to_batches(max_chunksize=3)]
    assert one == [row for part in parts for row in part]
    assert all(person not in row["note"] for row in one for person in PEOPLE)
    assert len({row["note"] for row in one[::36]}) == 1


def test_the_schema_and_what_is_no_text_are_kept(hashed: Policy) -> None:
    schema = pa.schema(
        [
            pa.field("n", pa.int64(), nullable=False),
            pa.field("b", pa.binary()),
            pa.field("t", pa.large_string()),
        ],
        metadata={"origin": "test"},
    )
    given = pa.RecordBatch.from_arrays(
        [pa.array([1, 2]), pa.array([b"\xff", None], pa.binary()), pa.array([SAID, None], pa.large_string())],
        schema=schema,
    )
    made = redact_batch(given, hashed)
    assert made.schema.equals(schema, check_metadata=True)
    assert made.column("n").equals(given.column("n"))
    assert made.column("b").equals(given.column("b"))
    assert made.column("t")[1].as_py() is None
    assert "Jane" not in made.column("t")[0].as_py()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.string(), SAID),
        (pa.string_view(), SAID),
        (pa.dictionary(pa.int8(), pa.string()), SAID),
        (pa.list_(pa.string()), [SAID, None, "fine"]),
        (pa.list_(pa.string(), 2), [SAID, "fine"]),
        (
            pa.large_list(pa.struct([("role", pa.string()), ("content", pa.string())])),
            [{"role": "user", "content": SAID}],
        ),
        (pa.struct([("a", pa.struct([("b", pa.string()), ("n", pa.int32())]))]), {"a": {"b": SAID, "n": 1}}),
        (pa.map_(pa.string(), pa.string()), [("said", SAID)]),
    ],
    ids=str,
)
def test_text_is_found_inside_every_nested_type(kind: pa.DataType, value: object, hashed: Policy) -> None:
    made = redact_batch(batch(x=pa.array([value, None], kind)), hashed)
    assert made.schema.field("x").type == kind
    assert made.column("x")[1].as_py() is None
    written = str(made.column("x")[0].as_py())
    assert "<PERSON#" in written
    assert "<EMAIL_ADDRESS#" in written
    assert "Jane" not in written


def test_a_dotted_path_names_a_field_of_chat_messages(hashed: Policy) -> None:
    kind = pa.list_(pa.struct([("name", pa.string()), ("content", pa.string())]))
    given = batch(messages=pa.array([[{"name": "Jane Roe", "content": SAID}]], kind))
    (message,) = redact_batch(given, hashed, ["messages.content"]).column("messages")[0].as_py()
    assert message["name"] == "Jane Roe"
    assert "Jane" not in message["content"]


def test_the_given_batch_is_not_changed(hashed: Policy) -> None:
    given = batch(x=pa.array([SAID, SAID]))
    redact_batch(given.slice(1, 1), hashed)
    assert given.column("x").to_pylist() == [SAID, SAID]


def test_an_empty_batch_stays_empty(hashed: Policy) -> None:
    assert redact_batch(batch(x=pa.array([], pa.string())), hashed).num_rows == 0


@pytest.mark.parametrize(
    ("columns", "message"),
    [(["y"], "there is no column 'y': the columns are x, n"), (["n"], "'n' is int64, which holds no text")],
)
def test_columns_that_cannot_be_are_refused(columns: list[str], message: str, hashed: Policy) -> None:
    given = batch(x=pa.array([SAID]), n=pa.array([1]))
    with pytest.raises(ValueError, match=message):
        redact_batch(given, hashed, columns)


def test_a_type_that_hides_its_text_is_refused(hashed: Policy) -> None:
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([SAID])])
    with pytest.raises(ValueError, match="cannot be redacted: cast or drop it first"):
        redact_batch(batch(x=union), hashed)


def test_policies_with_shared_state_or_chance_are_refused(key: Key) -> None:
    given = batch(x=pa.array([SAID]))
    with pytest.raises(ValueError, match="needs a vault"):
        redact_batch(given, Policy())
    with pytest.raises(ValueError, match="at random"):
        redact_batch(given, Policy(default=Surrogate()))
    with pytest.raises(ValueError, match="never passed unredacted"):
        redact_batch(given, Policy(default=Hash(key), fail="pass"))


def test_an_error_names_row_and_column_and_no_text(key: Key) -> None:
    given = batch(x=pa.array(["fine", SAID]))
    policy = Policy(default=Hash(key), entities={"PERSON": Block()})
    with pytest.raises(RedactionError, match=r"^row 1 of the batch: column 'x': .*PERSON") as caught:
        redact_batch(given, policy)
    assert "Jane" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_batch_function_travels_to_other_processes(hashed: Policy) -> None:
    function = pickle.loads(pickle.dumps(partial(redact_batches, policy=hashed)))
    (made,) = function([batch(x=pa.array([SAID]))])
    assert made.equals(redact_batch(batch(x=pa.array([SAID])), Redactor(hashed)))


def test_importing_the_module_loads_no_arrow_and_no_presidio() -> None:
    code = "import sys, callsafe.redaction.batch; print({'pyarrow', 'presidio_analyzer', 'spacy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    assert KEY not in done.stderr
