"""How long the per-file pass and the project join take, on a generated project of 1, 4 and 16 times the size.

    python benchmarks/project_join.py

Each unit is a small service of six files: settings, clients, wrappers, two routes and a job, 14 model calls. The
per-file pass parses and indexes; the join resolves all calls across files. Prints seconds of processor time, the ratio
to the size before (4 times smaller), and the calls found.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path

from callsafe.checks.module import index
from callsafe.checks.project import join, mentions
from callsafe.checks.source import Source, read

RUNS = 3

UNIT = {
    "settings.py": """
import os

LIMIT = 400
TIMEOUT = 2 * 15
MODEL = os.environ.get("MODEL", "gpt-5.5")
""",
    "clients.py": """
from anthropic import Anthropic
from openai import AsyncOpenAI, OpenAI

from .settings import TIMEOUT

fast = OpenAI(timeout=TIMEOUT, max_retries=3)
slow = fast.with_options(timeout=10 * TIMEOUT)
claude = Anthropic(timeout=TIMEOUT)


def asynchronous():
    return AsyncOpenAI(timeout=TIMEOUT)
""",
    "wrappers.py": """
import logging

import openai

from .clients import claude, fast
from .settings import LIMIT, MODEL


class Assistant:
    def __init__(self, client=None, limit=LIMIT):
        self.client = client or fast
        self.limit = limit

    def ask(self, prompt, **options):
        params = {"model": MODEL, "input": prompt, "max_output_tokens": self.limit}
        params.update(options)
        try:
            return self.client.responses.create(**params)
        except openai.RateLimitError as error:
            logging.warning("busy: %s", type(error).__name__)
            raise


def ask(prompt, limit=None, **options):
    return fast.chat.completions.create(model=MODEL, messages=[prompt], max_completion_tokens=limit, **options)


def ask_claude(prompt, limit=LIMIT):
    return claude.messages.create(model="claude-sonnet-4-6", max_tokens=limit, messages=[prompt])
""",
    "routes.py": """
from fastapi import APIRouter, HTTPException

from .clients import asynchronous
from .wrappers import Assistant, ask, ask_claude

router = APIRouter()
assistant = Assistant()


@router.post("/ask")
def route_ask(text: str):
    try:
        return ask(text, limit=100)
    except Exception as error:
        raise HTTPException(503) from error


@router.post("/summary")
def route_summary(text: str):
    return assistant.ask("summarise " + text, temperature=0)


@router.post("/claude")
def route_claude(text: str):
    return ask_claude(text)


@router.post("/stream")
async def route_stream(text: str):
    client = asynchronous()
    async with client.responses.stream(model="gpt-5.5", input=text) as stream:
        async for event in stream:
            yield event
""",
    "jobs.py": """
import time

from .clients import slow
from .wrappers import ask


def nightly(rows):
    for row in rows:
        for number in range(4):
            try:
                row.summary = ask(row.text, limit=50)
                break
            except Exception:
                time.sleep(2**number)


def embed(rows):
    return [slow.embeddings.create(model="text-embedding-3-small", input=row.text) for row in rows]
""",
    "__init__.py": "",
}


def project(size: int) -> list[Source]:
    """Return the sources of `size` units, each a package of its own."""
    return [
        read(f"services/unit_{number}/{name}", code.encode())
        for number in range(size)
        for name, code in UNIT.items()
    ]


def measure(size: int) -> tuple[int, int, float, float, float]:
    """Return files, calls and the seconds of parsing, indexing and joining; the shortest of `RUNS` runs."""
    shortest = [float("inf")] * 3
    for _ in range(RUNS):
        gc.collect()
        gc.disable()
        times = [time.process_time()]
        sources = project(size)
        times.append(time.process_time())
        modules = [index(source, source.tree) for source in sources]
        times.append(time.process_time())
        analysis = join(modules, mentions(sources), Path("."))
        times.append(time.process_time())
        gc.enable()
        shortest = [
            min(least, end - start) for least, start, end in zip(shortest, times, times[1:], strict=False)
        ]
    return len(sources), len(analysis.calls), shortest[0], shortest[1], shortest[2]


def main() -> None:
    """Measure and print."""
    print(
        f"{'units':>6} {'files':>6} {'calls':>6} {'parse s':>9} {'index s':>9} {'join s':>9} {'join ratio':>11}"
    )
    before = None
    for size in (4, 16, 64, 256):
        files, calls, parse, indexing, joining = measure(size)
        ratio = f"{joining / before:.2f}" if before else ""
        print(f"{size:>6} {files:>6} {calls:>6} {parse:>9.3f} {indexing:>9.3f} {joining:>9.3f} {ratio:>11}")
        before = joining


if __name__ == "__main__":
    main()
