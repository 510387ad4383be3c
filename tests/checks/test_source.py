"""Positions are counted in characters, in notebooks by cell, and modules are named as they are imported."""

import ast
import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from callsafe.checks.source import Source, module_name, read


def calls(source: Source) -> list[ast.Call]:
    return [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]


def notebook(*cells: str | list[str]) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}).encode()


def test_columns_count_characters_not_bytes() -> None:
    source = read("a.py", "x = '日本語é'; y = f('ü',\n  'ß')\n".encode())
    place = source.place(calls(source)[0])
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 17, 2, 7)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="'\\"), max_size=20))
def test_a_place_covers_exactly_the_text_of_its_node(text: str) -> None:
    line = f"x = '{text}'; f('{text}')"
    source = read("a.py", line.encode())
    place = source.place(calls(source)[0])
    assert source.lines[0][place.column - 1 : place.end_column - 1] == f"f('{text}')"


def test_lines_are_those_of_python() -> None:
    source = read("a.py", b"a = 1\x0c\r\nb = '\xe2\x80\xa8'\rc = f()\n")
    assert source.place(calls(source)[0]).line == 3
    assert source.lines[2] == "c = f()"


def test_a_byte_order_mark_does_not_shift_columns() -> None:
    source = read("a.py", b"\xef\xbb\xbff()\n")
    assert source.place(calls(source)[0]).column == 1


def test_a_place_in_a_notebook_names_the_code_cell_and_the_line_in_it() -> None:
    markdown = {"cell_type": "markdown", "source": "# title"}
    cells = [
        markdown,
        {"cell_type": "code", "source": ["import a\n", "\n"]},
        {"cell_type": "code", "source": "\nf(1)"},
    ]
    source = read("book.ipynb", json.dumps({"cells": cells}).encode())
    place = source.place(calls(source)[0])
    assert (place.cell, place.line, place.column, place.end_column) == (2, 2, 1, 5)
    assert str(place) == "book.ipynb:cell 2:2"
    assert source.lines[source.line(place) - 1] == "f(1)"


def test_ipython_syntax_is_harmless_and_moves_nothing() -> None:
    source = read(
        "book.ipynb",
        notebook(
            [
                "%matplotlib inline\n",
                "!pip install 'openai\n",
                "files = !ls *.py\n",
                "f?\n",
                "x = (7\n",
                "  % 4)\n",
            ],
            "%%bash\nls -l | f(",
            "%%time\nf(1)",
            "if True:\n    %load_ext x\n%time y = f(2)",
            'text = """\n%not magic\n!not a command\n"""\nawait f(3)',
        ),
    )
    assert source.skipped == ()
    places = [source.place(call) for call in calls(source)]
    assert sorted((one.cell, one.line, one.column) for one in places) == [(3, 2, 1), (4, 3, 11), (5, 5, 7)]
    assert "%not magic\n!not a command" in source.text


def test_a_shell_command_may_go_on_over_several_lines_and_need_no_mark() -> None:
    commands = (
        "!curl -p 74:74 \\\n    --url {x} \\\n    -H y\nz = 1\n",
        "pip install x[y]==1.2\n",
        "out = !ls \\\n  -l",
    )
    source = read("a.ipynb", notebook(*commands))
    assert not source.skipped
    assert "z = 1" in source.lines


def test_what_a_notebook_installs_is_kept() -> None:
    assert read("a.ipynb", notebook("%pip install -q \\\n  'openai==0.28.1'", "x = 1")).installs == (
        "-q \\\n  'openai==0.28.1'",
    )


def test_cells_of_another_language_hold_no_python() -> None:
    book = {
        "metadata": {"kernelspec": {"language": "R"}},
        "cells": [{"cell_type": "code", "source": "x <- f("}],
    }
    assert read("book.ipynb", json.dumps(book).encode()).text == ""


def test_a_cell_that_names_another_language_holds_no_python() -> None:
    cells = [
        {
            "cell_type": "code",
            "metadata": {"polyglot_notebook": {"kernelName": "csharp"}},
            "source": "var x = 1;\nx",
        },
        {
            "cell_type": "code",
            "metadata": {"dotnet_interactive": {"language": "csharp"}},
            "source": "using A;",
        },
        {"cell_type": "code", "metadata": {}, "source": "x = 1"},
    ]
    source = read("a.ipynb", json.dumps({"cells": cells}).encode())
    assert not source.skipped
    assert source.lines == ("", "", "", "x = 1")


def test_the_cells_of_the_old_notebook_format_are_read() -> None:
    book = {"worksheets": [{"cells": [{"cell_type": "code", "input": "f()"}]}]}
    assert read("book.ipynb", json.dumps(book).encode()).text == "f()"


def test_a_module_is_named_from_its_outermost_package_or_from_the_root(tmp_path: Path) -> None:
    for name in ("src/app/__init__.py", "src/app/llm/__init__.py", "src/app/llm/client.py", "tools/run.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    names = {
        "src/app/llm/client.py": "app.llm.client",
        "src/app/llm/__init__.py": "app.llm",
        "src/script.py": "script",
        "tools/run.py": "tools.run",
        "tools/my-script.py": "",
        "book.ipynb": "",
    }
    assert {name: module_name(str(tmp_path / name), str(tmp_path)) for name in names} == names
