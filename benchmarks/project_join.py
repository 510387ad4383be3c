"""How long the per-file pass and the project join take, on a generated project of 1, 4 and 16 times the size.

    python benchmarks/project_join.py

Each unit is a small service of six files: settings, clients, wrappers, two routes and a job, 14 model calls. The
per-file pass parses and indexes; the join resolves all calls across files. Prints seconds, the ratio to the size
before, and the calls found.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path

from callsafe.checks.module import index
from callsafe.checks.project import join, mentions
from callsafe.checks.source import Source, read

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


def main() -> None:
    """Measure and print."""
    print(
        f"{'units':>6} {'files':>6} {'calls':>6} {'parse s':>9} {'index s':>9} {'join s':>9} {'join ratio':>11}"
    )
    before = None
    for size in (4, 16, 64, 256):
        gc.collect()
        started = time.perf_counter()
        sources = project(size)
        parsed = time.perf_counter()
        gc.disable()
        modules = [index(source, source.tree) for source in sources]
        indexed = time.perf_counter()
        analysis = join(modules, mentions(sources), Path("."))
        joined = time.perf_counter()
        gc.enable()
        took = joined - indexed
        ratio = f"{took / before:.2f}" if before else ""
        print(
            f"{size:>6} {len(sources):>6} {len(analysis.calls):>6} {parsed - started:>9.3f} "
            f"{indexed - parsed:>9.3f} {took:>9.3f} {ratio:>11}"
        )
        before = took


if __name__ == "__main__":
    main()
