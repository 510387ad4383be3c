"""A file that cannot be read gives one clear LLM902 line, and the run goes on."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callsafe.checks.discover import Found
from callsafe.checks.engine import Report, check
from callsafe.checks.settings import Settings

Write = Callable[[Mapping[str, str | bytes]], Path]

GOOD = {"good.py": "answer = 42\n"}
BAD = {
    "latin.py": (
        b'name = "\xe9"\n',
        "not utf-8: byte 0xe9 in line 1; save it as utf-8 or add a coding comment",
    ),
    "utf16.py": (
        "x = 1\n".encode("utf-16"),
        "not utf-8: the file begins with the mark of utf-16; save it as utf-8",
    ),
    "cookie.py": (b"# coding: klingon\n", "unknown encoding 'klingon' in the coding comment"),
    "codec.py": (b"# -*- coding: rot13 -*-\n", "unknown encoding 'rot13' in the coding comment"),
    "marks.py": (
        b"\xef\xbb\xbf# coding: latin-1\n",
        "the coding comment says latin-1, the byte order mark says utf-8",
    ),
    "syntax.py": (b"def answer(:\n", "syntax error: invalid syntax"),
    "two.py": (b"print 'hello'\n", "written for Python 2"),
    "except.py": (b"try:\n    f()\nexcept IOError, e:\n    pass\n", "written for Python 2"),
    "null.py": (b"x = 1\0\n", "holds null bytes"),
    "deep.py": (b"x = " + b"(" * 1000 + b")" * 1000, "nested too deeply to be parsed"),
    "wide.py": (b"import openai\nx = " + b"1+" * 50_000 + b"1\n", "nested too deeply to be parsed"),
    "big.py": (b"#" * 50_000_000, "too large to check: 50.0 MB, the limit is 5 MB"),
    "no.ipynb": (b"{", "not a notebook: no valid json from line 1 on"),
    "list.ipynb": (b"[]", "not a notebook: no json object"),
    "bytes.ipynb": (b'{"cells": "\xff"}', "not utf-8"),
}


def run(*paths: str) -> Report:
    return check(paths, Settings(root=os.getcwd()))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_one_line_and_the_run_goes_on(tree: Write, name: str) -> None:
    content, reason = BAD[name]
    tree(GOOD | {name: content})
    report = run(".")
    assert [(one.code, one.place.path, one.message) for one in report.findings] == [("LLM902", name, reason)]
    assert (report.files, report.unreadable) == (2, 1)


NEWER = {
    "alias": ("type Name = str\n", (3, 12)),
    "generic": ("def first[T](items: list[T]) -> T:\n    return items[0]\n", (3, 12)),
    "quotes": ("x = f'{a['b']}'\n", (3, 12)),
    "lines": ("print(f\"{b}: {dumps({\n    'a': 1,\n})}\")\n", (3, 12)),
    "escapes": ("print(f\"say '{x.replace(\"'\", \"'\\\\''\")}'\")\n", (3, 12)),
    "default": ("class Box[T = int]:\n    pass\n", (3, 13)),
    "template": ('x = t"hello {name}"\n', (3, 14)),
    "bare": ("try:\n    pass\nexcept ValueError, KeyError:\n    pass\n", (3, 14)),
}


@pytest.mark.parametrize("name", NEWER)
def test_newer_syntax_is_named_with_the_version_it_needs(tree: Write, name: str) -> None:
    code, needs = NEWER[name]
    tree({"new.py": code})
    findings = run("new.py").findings
    if sys.version_info >= needs:
        assert findings == ()
    else:
        wanted = (
            f"needs Python {needs[0]}.{needs[1]}; this is Python {sys.version_info[0]}.{sys.version_info[1]}"
        )
        assert [one.message for one in findings] == [wanted]


def test_a_coding_comment_is_obeyed(tree: Write) -> None:
    tree({"latin.py": b'# -*- coding: latin-1 -*-\nname = "\xe9"\n', "mark.py": b"\xef\xbb\xbfx = 1\n"})
    assert run(".").findings == ()


def test_a_large_python_file_that_mentions_no_sdk_is_not_parsed_unless_it_is_named(tree: Write) -> None:
    tree({"large.py": "x = 1\n" * 1000 + "def f(:\n"})
    assert run(".").findings == ()
    assert [one.place.line for one in run("large.py").findings] == [1001]


def test_a_broken_cell_of_a_notebook_is_named_and_the_others_are_read(tree: Write) -> None:
    cells = (
        '{"cell_type": "code", "source": ["x = 1\\n", "y = 2"]}, {"cell_type": "code", "source": "def f(:"}'
    )
    tree({"book.ipynb": f'{{"cells": [{cells}]}}'})
    (found,) = run("book.ipynb").findings
    assert (found.place.cell, found.place.line, found.message) == (2, 1, "syntax error: invalid syntax")


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '{"cells": null}',
        '{"cells": [1, null, "x"]}',
        '{"cells": [{"cell_type": "code"}]}',
        '{"cells": [{"cell_type": "code", "source": 7}]}',
        '{"cells": [{"cell_type": "code", "source": [null]}]}',
        '{"metadata": [], "cells": {}}',
        '{"metadata": {"kernelspec": 1}, "worksheets": [0]}',
        '{"metadata": {"language_info": {"name": "julia"}}, "cells": [{"cell_type": "code", "source": "("}]}',
    ],
)
def test_a_notebook_of_odd_shape_does_not_stop_the_run(tree: Write, content: str) -> None:
    tree({"odd.ipynb": content})
    assert {one.code for one in run("odd.ipynb").findings} <= {"LLM902"}


def test_a_folder_and_a_file_without_permission_give_one_line_each(tmp_path: Path) -> None:
    """Run as a user whom permissions bind, also where the tests run as root."""
    script = """if True:
        import os, sys
        from callsafe.checks.engine import check
        from callsafe.checks.settings import Settings
        os.chdir(sys.argv[1])
        check(["open/fine.py"], Settings(root="."))  # loads everything while the interpreter is readable
        if os.geteuid() == 0:
            os.setgid(65534); os.setuid(65534)
        for paths in (["."], ["locked/inner.py", "open/fine.py"]):
            for one in check(paths, Settings(root=".")).findings:
                print(one.code, one.place.path, one.message)
    """
    for name in ("locked/inner.py", "open/shut.py", "open/fine.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    parents = [tmp_path, *tmp_path.parents]
    if os.geteuid() == 0:
        for folder in parents[: parents.index(Path("/")) - 1]:
            if folder.stat().st_uid == 0 and folder.is_relative_to(tmp_path.parents[1]):
                folder.chmod(folder.stat().st_mode | 0o055)
    (tmp_path / "open").chmod(0o755)
    (tmp_path / "locked").chmod(0)
    (tmp_path / "open/shut.py").chmod(0)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
        )
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert done.stdout.splitlines() == [
        *("LLM902 locked no permission", "LLM902 open/shut.py no permission"),
        "LLM902 locked/inner.py no permission",
    ]


def test_what_is_named_and_leads_nowhere_is_told(tree: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(GOOD)
    os.symlink("nowhere", "link.py")
    os.symlink("circle.py", "circle.py")
    assert [one.message for one in run("link.py", "good.py").findings] == ["a link that leads nowhere"]
    assert [one.code for one in run("circle.py").findings] == ["LLM902"]
    assert run(".").findings == ()

    listed = [Found("good.py"), Found("gone.py", named=True), Found("other.py")]
    monkeypatch.setattr("callsafe.checks.engine.discover", lambda *_: listed)
    assert [one.message for one in run("gone.py").findings] == ["no longer there"]


def test_what_is_no_regular_file_is_skipped_in_a_tree_and_told_when_named(tree: Write) -> None:
    tree(GOOD)
    os.mkfifo("pipe.py")
    assert run(".").findings == ()
    assert [one.message for one in run("pipe.py").findings] == ["no regular file"]


def test_no_message_quotes_what_the_file_holds(tree: Write) -> None:
    secret = "sk-" + "proj-" + "A1b2C3d4" * 8
    tree({"a.py": f'def f(: "{secret}"\n', "b.py": f'key = "{secret}\n', "c.py": f"# coding: {secret}\n"})
    for one in run("a.py", "b.py", "c.py").findings:
        assert secret not in one.message
        assert secret[:20] not in one.message
