"""Files of rows: formats, order, errors, and what is left where a run ends early."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from callsafe.redaction import Block, Encrypt, Hash, Key, Policy, Surrogate
from callsafe.redaction.datasets.job import DatasetError, Job

from .conftest import KEY, PEOPLE, Go, example, lines

FORMATS = ("jsonl", "csv", "parquet")


def write(path: Path, count: int) -> Path:
    rows = [example(number) for number in range(count)]
    if path.suffix == ".jsonl":
        path.write_bytes(lines(count))
    elif path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(rows[0])
            writer.writerows([row["id"], row["note"] + '\n"quoted", too', row["share"], ""] for row in rows)
    else:
        schema = pa.schema(
            [("id", pa.int64()), ("note", pa.string()), ("share", pa.float64()), ("empty", pa.string())]
        )
        parquet.write_table(pa.Table.from_pylist(rows, schema=schema), path, row_group_size=40)
    return path


def content(path: Path) -> str:
    return str(parquet.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_text("utf-8")


def job(form: str, policy: Policy, **options: Any) -> Job:
    return Job("redact", form, policy, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMATS)
def test_one_process_and_four_write_the_same_bytes(form: str, go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = write(tmp_path / f"rows.{form}", 60)
    one, four = tmp_path / f"one.{form}", tmp_path / f"four.{form}"
    totals = go(job(form, hashed), source, one, jobs=1)
    assert go(job(form, hashed), source, four, jobs=4) == totals
    assert one.read_bytes() == four.read_bytes()
    assert (totals.rows, totals.changed, totals.entities["EMAIL_ADDRESS"]) == (60, 60, 60)
    assert not [person for person in PEOPLE if person in content(one)]


def test_one_process_and_three_give_out_the_same_numbers(go: Go, key: Key, tmp_path: Path) -> None:
    source = write(tmp_path / "rows.jsonl", 60)
    for jobs in (1, 3):
        vault = str(tmp_path / f"{jobs}.vault")
        go(job("jsonl", Policy(), vault=vault, key=key), source, tmp_path / f"{jobs}.jsonl", jobs=jobs)
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "3.jsonl").read_bytes()
    assert "<PERSON_4>" in content(tmp_path / "1.jsonl")
    assert "<PERSON_5>" not in content(tmp_path / "1.jsonl")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("by", ["vault", "key"])
def test_what_was_redacted_is_restored(
    form: str, by: str, go: Go, encrypted: Policy, key: Key, tmp_path: Path
) -> None:
    source = write(tmp_path / f"rows.{form}", 20)
    safe, back = tmp_path / f"safe.{form}", tmp_path / f"back.{form}"
    options: dict[str, Any] = {"vault": str(tmp_path / "vault"), "key": key} if by == "vault" else {}
    policy = Policy() if by == "vault" else encrypted
    go(Job("redact", form, policy, **options), source, safe)  # type: ignore[arg-type]
    assert "Jane" not in content(safe)
    go(Job("restore", form, policy, **options), safe, back)  # type: ignore[arg-type]
    assert content(back) == content(source)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("numbered", [False, True], ids=["keyed", "numbered"])
def test_a_run_that_was_interrupted_goes_on_to_the_same_bytes(
    form: str, numbered: bool, go: Go, hashed: Policy, key: Key, tmp_path: Path
) -> None:
    source = write(tmp_path / f"rows.{form}", 80)

    def made(name: str) -> Job:
        return job(form, Policy(), vault=str(tmp_path / name), key=key) if numbered else job(form, hashed)

    whole, output = tmp_path / f"whole.{form}", tmp_path / f"out.{form}"
    totals = go(made("whole.vault"), source, whole)
    stopped_at: list[int] = []

    def interrupt(position: int) -> None:
        stopped_at.append(position)
        if len(stopped_at) == 3:
            raise KeyboardInterrupt

    unfinished = made("out.vault")
    with pytest.raises(KeyboardInterrupt):
        go(unfinished, source, output, progress=interrupt)
    assert not output.exists()
    with pytest.raises(DatasetError, match=r"left by an interrupted run: go on with --resume"):
        go(unfinished, source, output)
    with (tmp_path / f"out.{form}.partial").open("ab") as partial:
        partial.write(b"a chunk that was cut o")
    with (tmp_path / f"out.{form}.journal").open("a") as journal:
        journal.write('{"position": 99')
    seen: list[int] = []
    assert go(unfinished, source, output, resume=True, progress=seen.append) == totals
    assert min(seen) > max(stopped_at)
    assert output.read_bytes() == whole.read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".partial", ".journal", ".ready")]


def interrupted(go: Go, made: Job, source: Path, output: Path) -> None:
    def interrupt(_position: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(made, source, output, progress=interrupt)


def test_the_journal_holds_no_value_and_no_key(go: Go, key: Key, tmp_path: Path) -> None:
    policy = Policy(default=Hash(key), deny={"PROJECT": ("Bluebird",)})
    interrupted(go, job("jsonl", policy), write(tmp_path / "rows.jsonl", 30), tmp_path / "out.jsonl")
    written = (tmp_path / "out.jsonl.journal").read_text()
    assert "run" in written
    assert not [
        word for word in (*PEOPLE, "Bluebird", "mail.example", key._secret.decode()) if word in written
    ]


def test_a_run_does_not_go_on_with_another_policy(
    go: Go, hashed: Policy, encrypted: Policy, tmp_path: Path
) -> None:
    source = write(tmp_path / "rows.jsonl", 30)
    interrupted(go, job("jsonl", hashed), source, tmp_path / "out.jsonl")
    with pytest.raises(DatasetError, match="had another policy, format, version or fields"):
        go(job("jsonl", encrypted), source, tmp_path / "out.jsonl", resume=True)


def test_a_run_does_not_go_on_with_other_rows(go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = write(tmp_path / "rows.jsonl", 30)
    interrupted(go, job("jsonl", hashed), source, tmp_path / "out.jsonl")
    source.write_bytes(source.read_bytes().replace(b'"id": 1,', b'"id": 7,'))
    with pytest.raises(DatasetError, match="changed since the run was interrupted"):
        go(job("jsonl", hashed), source, tmp_path / "out.jsonl", resume=True)


def test_a_bad_row_is_named_and_mended_and_nothing_is_done_twice(
    go: Go, hashed: Policy, tmp_path: Path
) -> None:
    good = lines(60).splitlines(keepends=True)
    source, output = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join([*good[:41], b'{"note": "Jane Roe", }\n', *good[41:]]))
    with pytest.raises(
        DatasetError, match=r"rows\.jsonl:42: not JSON: .* at column \d+ \(nothing is lost"
    ) as caught:
        go(job("jsonl", hashed), source, output)
    assert "Jane" not in str(caught.value)
    assert not output.exists()
    source.write_bytes(b"".join(good))
    seen: list[int] = []
    assert go(job("jsonl", hashed), source, output, resume=True, progress=seen.append).rows == 60
    assert min(seen) > 1500
    go(job("jsonl", hashed), source, tmp_path / "whole.jsonl")
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b'{"a": 1, "a": 2}', "an object has a key twice"),
        (b'{"a": NaN}', "NaN and Infinity are no numbers of JSON"),
        (b'{"a": "\xff"}', "not utf-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "a number is too long"),
        (b'{"a": "Jane Roe", "b": 1e999}', "a number that JSON cannot say"),
    ],
    ids=["twice", "nan", "bytes", "deep", "long", "huge"],
)
def test_a_row_that_cannot_be_read_is_skipped_or_kept_as_told(
    row: bytes, message: str, go: Go, hashed: Policy, tmp_path: Path
) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_bytes(lines(1) + row + b"\n" + lines(1))
    problems: list[tuple[int, str]] = []
    for choice in ("skip", "keep"):
        output = tmp_path / f"{choice}.jsonl"
        totals = go(
            job("jsonl", hashed, on_error=choice),
            source,
            output,
            problem=lambda line, reason: problems.append((line, reason)),
        )
        assert totals.rows == 2
        assert (row in output.read_bytes()) == (choice == "keep")
    assert [line for line, _ in problems] == [2, 2]
    assert all(message in reason for _, reason in problems)


@pytest.mark.parametrize("form", FORMATS)
def test_rows_that_the_policy_blocks_are_skipped_one_by_one(
    form: str, go: Go, key: Key, tmp_path: Path
) -> None:
    source = write(tmp_path / f"rows.{form}", 8)
    policy = Policy(
        default=Hash(key),
        entities={"PROJECT": Block()},
        deny={"PROJECT": ("Priya Novak, write to",)},
        fail="pass",
    )
    problems: list[str] = []
    with pytest.raises(DatasetError, match="PROJECT"):
        go(job(form, policy), source, tmp_path / f"out.{form}")
    skipping = job(form, policy, on_error="skip")
    totals = go(
        skipping,
        source,
        tmp_path / f"out.{form}",
        force=True,
        problem=lambda line, _: problems.append(str(line)),
    )
    assert (totals.rows, totals.skipped) == (6, 2)
    assert problems == {"csv": ["6", "14"]}.get(form, ["3", "7"])


def test_rows_without_anything_to_replace_keep_their_bytes(go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_bytes(
        b'{"a":  1.50, "b": "\\u00e9 fine"}\r\n\n{"a":1e5}\n{"note": "Jane Roe was here", "x": "\\u00e9"}'
    )
    go(job("jsonl", hashed), source, tmp_path / "out.jsonl")
    first, blank, second, changed = (tmp_path / "out.jsonl").read_bytes().split(b"\n")
    assert (first, blank, second) == (b'{"a":  1.50, "b": "\\u00e9 fine"}\r', b"", b'{"a":1e5}')
    assert changed.startswith(b'{"note": "<PERSON#')
    assert changed.endswith(b', "x": "\\u00e9"}')


def test_fields_are_dotted_and_the_rest_stays(go: Go, hashed: Policy, tmp_path: Path) -> None:
    row = {"id": "Jane Roe", "chat": {"turns": [{"by": "Jane Roe", "said": "I am Jane Roe"}, {"by": "x"}]}}
    source = tmp_path / "rows.jsonl"
    source.write_text(json.dumps(row) + "\n")
    totals = go(job("jsonl", hashed, fields=("chat.turns.said",)), source, tmp_path / "out.jsonl")
    made = json.loads((tmp_path / "out.jsonl").read_text())
    assert "Jane" not in made["chat"]["turns"][0].pop("said")
    del row["chat"]["turns"][0]["said"]  # type: ignore[index]
    assert made == row
    assert totals.found["chat.turns.said"] == 1


def test_a_dotted_field_is_found_under_both_of_its_readings(go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"a.b":"Jane Roe","a":{"b":"Jane Roe"}}\n')
    go(job("jsonl", hashed, fields=("a.b",)), source, tmp_path / "out.jsonl")
    assert "Jane" not in (tmp_path / "out.jsonl").read_text()


def test_a_csv_file_without_a_header_is_refused(go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_text("1,Jane Roe\n2,nobody\n")
    with pytest.raises(ValueError, match="first line holds a PERSON") as caught:
        go(job("csv", hashed), source, tmp_path / "out.csv")
    assert "Jane" not in str(caught.value)
    assert not (tmp_path / "out.csv").exists()
    source.write_text("Jane Roe,Max Value\n2,nobody\n")  # a column may be called so
    assert go(job("csv", hashed), source, tmp_path / "columns.csv").rows == 1


@pytest.mark.parametrize("form", FORMATS)
def test_a_field_that_no_row_has_is_refused(form: str, go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = write(tmp_path / f"rows.{form}", 3)
    with pytest.raises((DatasetError, ValueError), match="'nots'"):
        go(job(form, hashed, fields=("nots",)), source, tmp_path / f"out.{form}")
    assert not (tmp_path / f"out.{form}").exists()


def test_batch_and_fine_tuning_rows_keep_their_structure(go: Go, hashed: Policy, tmp_path: Path) -> None:
    body = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "I am Jane Roe"}],
        "max_tokens": 12345678,
    }
    batch = {
        "custom_id": "row-1",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": body,
    }
    source = tmp_path / "batch.jsonl"
    source.write_text(json.dumps(batch) + "\n" + json.dumps({"messages": body["messages"]}) + "\n")
    go(job("jsonl", hashed), source, tmp_path / "out.jsonl")
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    assert first["custom_id"] == batch["custom_id"]
    assert (first["body"]["model"], first["body"]["max_tokens"]) == ("gpt-4o", 12345678)
    assert first["body"]["messages"] == second["messages"]
    assert "Jane" not in json.dumps(second)


def test_columns_beside_messages_are_data_whatever_they_are_called(
    go: Go, hashed: Policy, tmp_path: Path
) -> None:
    row = {
        "provider": "Dr. Jane Roe",
        "messages": [{"role": "user", "content": "I am Jane Roe"}],
        "model": "m",
    }
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    go(job("jsonl", hashed), tmp_path / "rows.jsonl", tmp_path / "out.jsonl")
    made = json.loads((tmp_path / "out.jsonl").read_text())
    assert [*made] == [*row]
    assert "Jane" not in json.dumps(made)
    assert (made["messages"][0]["role"], made["model"]) == ("user", "m")


def test_csv_keeps_header_line_ends_and_rows_that_span_lines(go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_bytes(
        b'\xef\xbb\xbf"name",note\r\n"Jane Roe","two\r\nlines, one ""row"""\r\nnobody,"kept, ""as is"""\r\n\r\nx,y'
    )
    go(job("csv", hashed), source, tmp_path / "out.csv")
    made = (tmp_path / "out.csv").read_bytes()
    assert made.startswith(b'\xef\xbb\xbf"name",note\r\n<PERSON#')
    assert made.endswith(b',"two\r\nlines, one ""row"""\r\nnobody,"kept, ""as is"""\r\n\r\nx,y')


def test_only_the_named_columns_of_a_csv_file_are_redacted(go: Go, hashed: Policy, tmp_path: Path) -> None:
    source = tmp_path / "rows.tsv"
    source.write_text("who\tnote\nJane Roe\tI am Jane Roe\n")
    go(job("tsv", hashed, fields=("note",)), source, tmp_path / "out.tsv")
    who, note = (tmp_path / "out.tsv").read_text().splitlines()[1].split("\t")
    assert who == "Jane Roe"
    assert "Jane" not in note


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"a,b,c\n", r"rows\.csv:3: the row has 3 cells and the header has 2"),
        (b'"a"b,c\n', r"rows\.csv:3: not CSV"),
        (b'a,"b\n', r"rows\.csv:3: not CSV: unexpected end of data"),
        (b"a,\xff\n", r"rows\.csv:3: not utf-8"),
    ],
    ids=["cells", "quote", "open", "bytes"],
)
def test_a_bad_row_of_a_csv_file_is_named(
    row: bytes, message: str, go: Go, hashed: Policy, tmp_path: Path
) -> None:
    source = tmp_path / "rows.csv"
    source.write_bytes(b"x,y\n1,2\n" + row)
    with pytest.raises(DatasetError, match=message):
        go(job("csv", hashed), source, tmp_path / "out.csv")


def test_a_file_of_bad_rows_only_is_an_error_even_where_they_are_skipped(
    go: Go, hashed: Policy, tmp_path: Path
) -> None:
    (tmp_path / "rows.jsonl").write_text("{\n{\n")
    with pytest.raises(DatasetError, match="none of the rows could be made safe"):
        go(job("jsonl", hashed, on_error="skip"), tmp_path / "rows.jsonl", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_an_output_is_never_overwritten_unasked(go: Go, hashed: Policy, tmp_path: Path) -> None:
    source, output = write(tmp_path / "rows.jsonl", 3), tmp_path / "out.jsonl"
    output.write_text("mine")
    with pytest.raises(DatasetError, match="--force replaces it"):
        go(job("jsonl", hashed), source, output)
    assert output.read_text() == "mine"
    with pytest.raises(DatasetError, match="output and input are one file"):
        go(job("jsonl", hashed), source, source, force=True)
    go(job("jsonl", hashed), source, output, force=True)
    assert output.read_text() != "mine"


def test_an_empty_file_gives_an_empty_file(go: Go, hashed: Policy, tmp_path: Path) -> None:
    for form in ("jsonl", "csv"):
        (tmp_path / f"rows.{form}").write_bytes(b"")
        go(job(form, hashed), tmp_path / f"rows.{form}", tmp_path / f"out.{form}")
        assert (tmp_path / f"out.{form}").read_bytes() == b""
    parquet.write_table(pa.table({"x": pa.array([], pa.string())}), tmp_path / "rows.parquet")
    go(job("parquet", hashed), tmp_path / "rows.parquet", tmp_path / "out.parquet")
    assert parquet.read_table(tmp_path / "out.parquet").num_rows == 0


def test_policies_that_do_not_go_with_their_vault_are_refused(key: Key) -> None:
    with pytest.raises(ValueError, match="needs --vault FILE; without a vault choose"):
        job("jsonl", Policy())
    with pytest.raises(ValueError, match="at random: give surrogate a key"):
        job("jsonl", Policy(default=Surrogate()))
    with pytest.raises(ValueError, match="not restored from a vault"):
        job("jsonl", Policy(entities={"PERSON": Surrogate(key=key)}), vault="v", key=key)


def test_a_look_alike_placeholder_is_not_restored_to_the_value_of_another_row(
    go: Go, key: Key, tmp_path: Path
) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"a": "I am Jane Roe"}\n{"a": "the form <PERSON_1> is empty"}\n')
    options: dict[str, Any] = {"vault": str(tmp_path / "vault"), "key": key}
    go(Job("redact", "jsonl", Policy(), **options), source, tmp_path / "safe.jsonl")
    go(Job("restore", "jsonl", Policy(), **options), tmp_path / "safe.jsonl", tmp_path / "back.jsonl")
    assert (tmp_path / "back.jsonl").read_text() == source.read_text()


def test_originals_inside_json_in_a_text_are_restored_as_json(
    go: Go, encrypted: Policy, tmp_path: Path
) -> None:
    value = 'Jane "JR" Roe'
    policy = Policy(default=encrypted.default, deny={"PERSON": (value,)})
    call = {"function": {"name": "f", "arguments": json.dumps({"to": f"for {value}!"})}}
    row = {"messages": [{"role": "assistant", "tool_calls": [call]}]}
    source = tmp_path / "rows.jsonl"
    source.write_text(json.dumps(row) + "\n")
    go(Job("redact", "jsonl", policy), source, tmp_path / "safe.jsonl")
    assert "JR" not in (tmp_path / "safe.jsonl").read_text()
    go(Job("restore", "jsonl", policy), tmp_path / "safe.jsonl", tmp_path / "back.jsonl")
    made = json.loads((tmp_path / "back.jsonl").read_text())
    arguments = made["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"to": f"for {value}!"}


def test_the_key_of_a_policy_stays_out_of_the_output(go: Go, key: Key, tmp_path: Path) -> None:
    source = write(tmp_path / "rows.jsonl", 5)
    go(job("jsonl", Policy(default=Encrypt(key))), source, tmp_path / "out.jsonl")
    assert key._secret not in (tmp_path / "out.jsonl").read_bytes()
    assert KEY not in (tmp_path / "out.jsonl").read_text()
