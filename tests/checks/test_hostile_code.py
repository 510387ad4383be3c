"""Code that nobody wrote for us: no exception, bounded time, and the same answer whatever the order of the files.

Real files are sampled from the standard library and the installed packages, and changed: calls of models spliced into
random functions, scopes doubled, statements shuffled. Generated files are what breaks analysers: deep nesting, huge
literals, ten thousand calls, cycles. `CALLSAFE_HOSTILE=500 pytest tests/checks/test_hostile_code.py` looks at 500 real
files instead of 24.
"""

from __future__ import annotations

import ast
import gc
import os
import random
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsafe.checks.project import Analysis, analyse
from callsafe.checks.source import Source, Unreadable, read

SAMPLES = int(os.environ.get("CALLSAFE_HOSTILE", "24"))
SECONDS_PER_MEGABYTE = 60.0
"""Far above what is measured (about 10), far below what anything quadratic takes."""
SECONDS_AT_LEAST = 2.0
LARGEST = 60_000

HEAD = "import asyncio\nimport openai\nfrom openai import OpenAI, AsyncOpenAI\nspliced = OpenAI(timeout=5)\n"
CALLS = (
    "spliced.responses.create(model='gpt-5.5', input='x')",
    "x = OpenAI(max_retries=0).chat.completions.create(model='gpt-5.5', messages=[])",
    "for spliced_item in range(3):\n    spliced.embeddings.create(model='m', input=spliced_item)",
    "try:\n    spliced.responses.create(**locals())\nexcept (openai.OpenAIError, ValueError) as e:\n    pass",
    "spliced = spliced.with_options(timeout=spliced)",
    "asyncio.to_thread(spliced.responses.create, model='m')",
    "if (walrus := spliced):\n    walrus.responses.create(model='gpt-5.5', input=walrus)",
    "spliced_lambda = lambda c=spliced: (lambda: c.responses.create(model='m', input='x'))()",
    "global spliced",
    "match spliced:\n    case OpenAI() as held:\n        held.responses.create()\n    case _:\n        pass",
)


def real_files() -> list[Path]:
    """Return Python files of the standard library and of installed packages, always the same ones."""
    roots = [Path(sysconfig.get_paths()["stdlib"]), Path(sysconfig.get_paths()["purelib"])]
    files = [
        path
        for root in roots
        for path in sorted(root.glob("*.py")) + sorted(root.glob("*/*.py")) + sorted(root.glob("*/*/*.py"))
        if path.stat().st_size < LARGEST
    ]
    return random.Random(3).sample(files, min(SAMPLES, len(files)))


def mutated(text: str, chance: random.Random) -> str:
    """Return the code with model calls in random functions, some scopes twice, some statements in another order."""
    tree = ast.parse(text)
    bodies = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    for node in chance.sample(bodies, min(len(bodies), 6)):
        statements = ast.parse(chance.choice(CALLS)).body
        position = chance.randrange(len(node.body) + 1)
        node.body[position:position] = statements
        if chance.random() < 0.2:
            chance.shuffle(node.body)
    if tree.body:
        tree.body.extend(chance.sample(tree.body, min(3, len(tree.body))))
    return HEAD + ast.unparse(ast.fix_missing_locations(tree))


def generated() -> Iterator[tuple[str, str]]:
    """Yield files that are made to be hard, by name."""
    call = "client.responses.create(model='gpt-5.5', input='x')"
    head = "from openai import OpenAI\nclient = OpenAI(timeout=5)\n"
    yield "many_calls", head + f"{call}\n" * 10_000
    yield (
        "many_functions",
        head + "".join(f"def f{n}(c=client):\n    return c.{call[7:]}\n" for n in range(1_000)),
    )
    yield (
        "chain",
        head
        + "".join(f"def f{n}(c, **k):\n    return f{n + 1}(c, **k)\n" for n in range(1_500))
        + f"def f1500(c, **k):\n    return c.{call[7:]}\n",
    )
    yield (
        "fan",
        head
        + "".join(f"def f{n}(c):\n    return [f{n + 1}(c), f{n + 1}(c), f{n + 1}(c)]\n" for n in range(40))
        + f"def f40(c):\n    return c.{call[7:]}\nf0(client)\n",
    )
    yield "rebound", head + "client = client.with_options(timeout=client)\n" * 3_000 + call
    yield (
        "same_name",
        head + "".join(f"x = wrap(x, {n})\n" for n in range(1_500)) + "x.responses.create()\n" * 500,
    )
    yield (
        "stores",
        head
        + "params = {}\n"
        + "".join(
            f"params['k{n}'] = {n}\nuse(params)\nclient.responses.create(**params)\n" for n in range(500)
        ),
    )
    yield "escapes", head + f"spread(client)\n{call}\n" * 1_000
    yield (
        "globals",
        head
        + "def f():\n    global client\n"
        + "    client = OpenAI()\n    "
        + f"{call}\n"
        + ("    client = OpenAI()\n" * 3_000),
    )
    yield (
        "dictionary",
        head
        + "huge = {"
        + ", ".join(f"'k{n}': [{n}, 'v']" for n in range(20_000))
        + "}\n"
        + ("client.responses.create(**huge)\n" * 5),
    )
    yield "concatenation", head + "prompt = " + " + ".join(["'a'"] * 90) + "\n" + call
    yield "nested_lambdas", head + "f = " + "lambda c=client: " * 60 + call
    yield "nested_calls", head + "x = " + "wrap(" * 80 + call + ")" * 80
    yield "nested_blocks", head + "".join(f"{' ' * n}if x{n}:\n" for n in range(95)) + " " * 95 + call
    yield (
        "nested_functions",
        head + "".join(f"{' ' * n}def f{n}(client):\n" for n in range(90)) + " " * 90 + call,
    )
    yield "attributes", head + "x = client" + ".responses" * 900 + ".create()\n"
    yield (
        "recursion",
        head
        + f"def f(c, n):\n    return g(f, c) or {call}\ndef g(h, c):\n    return h(c, g(h, c))\nf(client, g)",
    )
    yield (
        "decorators",
        head
        + (
            "def swap(f):\n    return client.responses.create\ndef odd(*a):\n    return lambda f: swap\n"
            + "".join(
                f"@swap\n@odd({n})\n@(lambda f: f)\ndef f{n}(c):\n    return c({n}), {call}\n"
                for n in range(300)
            )
        ),
    )
    yield (
        "metaclasses",
        head
        + (
            "class Meta(type):\n    def __getattr__(cls, name):\n        return getattr(cls, name)\n"
            "    def __call__(cls, *a):\n        return cls(*a)\n"
            "class A(metaclass=Meta):\n    def __getattr__(self, name):\n        return getattr(self, name)\n"
            f"    def run(self):\n        return self.client.{call[7:]}\nA().run().client.responses.create()\n"
            "class B(C := A):\n    x: 'B.x' = B\nclass D(D, B, D):\n    pass\nD().client.responses.create()\n"
        ),
    )
    yield (
        "generators",
        head
        + (
            "async def stream():\n    async for part in stream():\n        yield [p async for p in part]\n"
            f"    async with client.responses.stream() as s, stream() as client:\n        yield await {call}\n"
        ),
    )
    yield (
        "names",
        head
        + (
            f"def f():\n    nonlocal_ = 1\n    def g():\n        nonlocal nonlocal_\n        global client\n"
            f"        client, *rest = nonlocal_, client\n        {call}\n        del client\n    return g()\n"
            f"client = f()\n{call}\n"
            f"try:\n    {call}\nexcept* (ValueError, client) as client:\n    {call}\n"
            "print([client := client for client in [client] if (client := client)])\n"
            "f'{client!r:{client}}'; client[client:client] = client; client @= client; lambda *client, **k: client\n"
        ),
    )
    yield (
        "strings",
        "import openai\nx: 'openai.OpenAI[' = 1\ny: '((((' = 2\nz: 'z' = z\nx.y.create(**z)\n" + head + call,
    )
    yield (
        "stars",
        f"from .stars import *\nfrom . import *\nfrom openai import *\nimport openai.openai as openai\n{head}{call}\n",
    )


def cycle() -> list[Source]:
    """Return modules that import each other in circles, by name, by star and under conditions."""
    code = (
        "from openai import OpenAI\nfrom .m{next} import client, ask as other, *\n".replace(", *", "")
        + "from .m{next} import *\ntry:\n    from .m{last} import client\nexcept ImportError:\n    client = None\n"
        "if client:\n    from . import m{next} as client\ndef ask(c=client, **k):\n    return other(c, **k)\n"
        "client.responses.create(**ask(client))\nclass A(m{next}.A):\n    client = client\n"
        "A().client.responses.create(model='m', input='x')\n"
    )
    return [
        read(f"cycle/m{n}.py", code.format(next=(n + 1) % 12, last=(n - 1) % 12).encode()) for n in range(12)
    ] + [read("cycle/__init__.py", b"from .m0 import *\n")]


def timed(sources: list[Source]) -> Analysis:
    """Analyse, and hold the time to what the size of the sources allows."""
    size = sum(len(source.data) for source in sources) / 1e6
    gc.collect()
    started = time.process_time()
    analysis = analyse(sources, root=Path("/nonexistent"))
    took = time.process_time() - started
    names = ", ".join(source.path for source in sources[:3])
    assert took < max(SECONDS_AT_LEAST, SECONDS_PER_MEGABYTE * size), (
        f"{names}: {took:.1f} s for {size:.2f} MB"
    )
    return analysis


def facts(analysis: Analysis) -> list[str]:
    return sorted(
        f"{call.place} {call.operation} {call.settings} {_flow(call.flow)}" for call in analysis.calls
    )


def _flow(flow: object) -> str:
    names = ("function", "retries", "loops", "complete", "in_async", "in_thread", "consumed")
    return str([getattr(flow, name) for name in names])


GENERATED = dict(generated())


@pytest.mark.parametrize("name", [name for name in GENERATED if name != "many_calls"])
def test_code_made_to_be_hard_is_read_in_bounded_time(name: str) -> None:
    timed([read(f"{name}.py", GENERATED[name].encode())])


def test_ten_thousand_calls_in_one_file_are_all_found() -> None:
    analysis = timed([read("many_calls.py", GENERATED["many_calls"].encode())])
    assert len(analysis.calls) == 10_000
    assert {call.setting("timeout").value for call in analysis.calls} == {5}


def test_imports_in_a_circle_end_and_their_order_does_not_matter() -> None:
    sources = cycle()
    first = facts(timed(sources))
    for seed in range(3):
        shuffled = random.Random(seed).sample(sources, len(sources))
        assert facts(timed(shuffled)) == first
    assert first


def test_real_files_with_calls_spliced_in_are_read_in_bounded_time_whatever_their_order() -> None:
    chance = random.Random(7)
    sources: list[Source] = []
    for number, path in enumerate(real_files()):
        try:
            text = mutated(path.read_text("utf-8"), chance)
            source = read(f"real/f{number}.py", text.encode("utf-8", "surrogatepass"))
        except (SyntaxError, Unreadable, UnicodeDecodeError, RecursionError):
            continue
        timed([source])
        sources.append(source)
    assert len(sources) > SAMPLES // 2
    first = facts(timed(sources))
    assert len(first) > len(sources)
    assert facts(timed(chance.sample(sources, len(sources)))) == first
