import json
from time import process_time
from typing import Any

import pytest
from tests.credentials.keys import fill, key

from callsafe.checks.texts import texts, unescaped
from callsafe.rules.credentials._scan import scan
from callsafe.rules.model import Place


def found(path: str, text: str | bytes, **options: int) -> list[tuple[str, Place]]:
    data = text if isinstance(text, bytes) else fill(text).encode()
    return [
        (one.content[match.start : match.end], one.locate(match.start, match.end))
        for one in texts(path, data, **options)
        for match in scan(one.content, names=one.names)
    ]


KEY = key("openai-proj")


@pytest.mark.parametrize(
    "text",
    [
        'x = "{0}" "{1}"',
        'x = "{0}" + "{1}"',
        'x = ("{0}"  # first\n     "{1}")',
        'x = "{0}" \\\n    "{1}"',
        "x = '{0}' + \"{1}\"",
        'x = "".join(["{0}", "{1}"])',
        'A = "{0}"\nx = A + "{1}"',
        'A = "{0}"\nx = f"{{A}}{1}"',
        "x = f\"{{'{0}'}}{1}\"",
        'x = b"{0}" b"{1}"',
        'def broken(:\n    x = "{0}" + "{1}"',
        'x = r"{0}" u"{1}"',
        'x = "Bearer {0}" "{1}"',
    ],
)
@pytest.mark.parametrize("at", [3, 20, 90, 150])
def test_a_split_key_is_found_whole_and_once(text: str, at: int) -> None:
    assert [value for value, _ in found("a.py", text.format(KEY[:at], KEY[at:]))] == [KEY]


def test_a_key_in_many_pieces_is_found_whole() -> None:
    pieces = " + ".join(f'"{KEY[at : at + 16]}"' for at in range(0, len(KEY), 16))
    assert [value for value, _ in found("a.py", f"x = {pieces}\n")] == [KEY]


def test_the_place_of_a_split_key_reaches_from_its_first_piece_to_its_last() -> None:
    ((_, place),) = found("a.py", f'x = ("{KEY[:30]}"\n  "{KEY[30:]}")\n')
    assert (place.line, place.column, place.end_line) == (1, 6, 2)


def test_a_whole_key_beside_another_string_has_its_exact_place() -> None:
    ((value, place),) = found("a.py", f'x = "Authorization: Bearer " "{KEY}"\n')
    assert (value, place.column, place.end_column) == (KEY, 31, 31 + len(KEY))


def test_columns_count_characters() -> None:
    ((_, place),) = found("a.py", f'Grüße = "{KEY}"  # 日本\n')
    assert (place.column, place.end_column) == (10, 10 + len(KEY))


@pytest.mark.parametrize(
    "name", ["package-lock.json", "poetry.lock", "uv.lock", "go.sum", "a/yarn.lock", ".secrets.baseline"]
)
def test_lock_files_are_not_looked_at(name: str) -> None:
    assert not found(name, "OPENAI_API_KEY=@@openai-proj@@")


def test_binary_files_are_not_looked_at() -> None:
    assert not found("a.bin", b"\0" + KEY.encode())


def test_the_limit_is_in_bytes() -> None:
    text = "OPENAI_API_KEY=@@openai-proj@@"
    assert not found("a.env", text, limit=100)
    assert found("a.env", text, limit=1000)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(encoding: str) -> None:
    assert [value for value, _ in found("a.env", f"KEY={KEY}".encode(encoding))] == [KEY]


def test_bytes_that_are_no_utf8_hide_nothing() -> None:
    assert [value for value, _ in found("a.py", b"# caf\xe9\nx = '" + KEY.encode() + b"'")] == [KEY]


def test_an_escaped_value_in_json_is_found_at_its_exact_place() -> None:
    raw = KEY.replace("-", "\\u002d")
    ((value, place),) = found("a.json", '{"apiKey": "' + raw + '"}')
    assert (value, place.column, place.end_column) == (KEY, 13, 13 + len(raw))


def test_unescaping_keeps_the_offset_of_each_character() -> None:
    decoded, offsets = unescaped("a\\u002db\\n", 5)
    assert (decoded, offsets) == ("a-b\n", [5, 6, 12, 13, 15])


Json = dict[str, Any]


def notebook(*cells: Json) -> str:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def code(source: str, *outputs: Json) -> Json:
    return {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": list(outputs)}


def test_a_key_in_a_notebook_has_the_number_of_its_code_cell_and_its_line_there() -> None:
    markdown = {"cell_type": "markdown", "source": ["# title"]}
    ((value, place),) = found("a.ipynb", notebook(code("x = 1"), markdown, code(f'y = 2\nk = "{KEY}"')))
    assert (value, place.cell, place.line, place.column) == (KEY, 2, 2, 6)


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": [f"key: {KEY}\n"]},
        {"output_type": "execute_result", "data": {"text/plain": [f"'{KEY}'"]}, "metadata": {}},
        {"output_type": "display_data", "data": {"application/json": {"key": KEY}}, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": f"bad key {KEY}", "traceback": ["…"]},
    ],
)
def test_a_key_in_an_output_is_found_at_its_cell(output: Json) -> None:
    ((value, place),) = found("a.ipynb", notebook(code("print(k)", output)))
    assert (value, place.cell, place.line, place.column) == (KEY, 1, 1, 1)


def test_a_key_in_a_cell_of_prose_has_its_line_in_the_file() -> None:
    text = notebook({"cell_type": "markdown", "source": ["first\n", f"use {KEY}"]})
    ((value, place),) = found("a.ipynb", text)
    assert (value, place.cell) == (KEY, 0)
    assert KEY in text.splitlines()[place.line - 1]


def test_images_in_a_notebook_are_not_looked_at() -> None:
    image = {"output_type": "display_data", "data": {"image/png": f"/{KEY}/"}, "metadata": {}}
    html = {
        "output_type": "display_data",
        "data": {"text/html": f'<img src="data:image/png;base64,{KEY.replace("-", "+").replace("_", "/")}">'},
    }
    assert not found("a.ipynb", notebook(code("plot()", image, html)))


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"cells": 3}', '{"cells": [3, {"cell_type": "code", "source": 3}]}']
)
def test_a_broken_notebook_does_no_harm(text: str) -> None:
    assert found("a.ipynb", text) == []


def test_a_broken_notebook_is_read_as_text() -> None:
    assert [value for value, _ in found("a.ipynb", '{"cells": [ "@@groq@@"')] == [key("groq")]


@pytest.mark.parametrize(
    "line",
    [
        'v{0} = "a1B2c3D4e5F6"\n',
        'k += "a1B2c3D4e5"\n',
        '"%s{{}}a1B2c3D4e5" % (\n',
        "greptile ",
        "key: ",
    ],
)
def test_time_grows_with_the_length_of_a_text(line: str) -> None:
    def spent(count: int) -> float:
        content = "".join(line.format(number) for number in range(count)).encode()
        start = process_time()
        for text in texts("a.py", content):
            list(scan(text.content, names=text.names, strict=True))
        return process_time() - start

    spent(10)
    few, many = (min(spent(count) for _ in range(3)) for count in (1000, 8000))
    assert many < 24 * few + 0.05
