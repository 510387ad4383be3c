"""Redact a generated file of rows and watch it: python benchmarks/datasets.py [--mb 50] [--jobs N].

Writes so many MB of JSON Lines with made-up conversations (1 to 3 KB a row, about one value in 300
characters) to a temporary folder, runs `callsafe redact` on it with a keyed hash, and prints time, MB/s, and
the memory of the parent and of its workers over time (peak of resident memory, from /proc; Linux only).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

GIVEN = [
    "Jane",
    "Emma",
    "Noah",
    "Priya",
    "Chen",
    "Maria",
    "Omar",
    "Yuki",
    "Lars",
    "Amina",
    "Peter",
    "Sofia",
    "Daniel",
    "Ingrid",
    "Tomas",
]
FAMILY = [
    "Roe",
    "Becker",
    "Okafor",
    "Tanaka",
    "Silva",
    "Novak",
    "Larsen",
    "Haddad",
    "Moreau",
    "Kowalski",
    "Reyes",
    "Fischer",
]
CITIES = ["Rotterdam", "Lisbon", "Osaka", "Denver", "Leeds", "Malmo", "Nairobi", "Quito"]
SENTENCES = (
    "The order arrived late again and the tracking page has not changed since Tuesday.",
    "I would like to know whether the warranty covers a replacement of the battery as well.",
    "Our warehouse moved to a new system, and some of the labels were printed twice.",
    "Please summarise the conversation above in three sentences and suggest a next step.",
    "The quarterly numbers look better than expected, but returns have gone up by four percent.",
    "It worked after I had restarted the router, although the lamp kept blinking for a while.",
    "Thanks for your patience, we are looking into this and will come back to you shortly.",
    "The report should list every item with its price, its weight and the country of origin.",
)


def rows(seed: int = 7) -> Iterator[bytes]:
    """Give rows without end, always the same."""
    draw = random.Random(seed)
    number = 0
    while True:
        number += 1
        turns = []
        for turn in range(draw.randint(2, 5)):
            texts = draw.choices(SENTENCES, k=draw.randint(2, 6))
            if draw.random() < 0.7:
                texts.insert(draw.randrange(len(texts)), _personal(draw))
            turns.append({"role": ("user", "assistant")[turn % 2], "content": " ".join(texts)})
        yield json.dumps({"id": f"row-{number}", "messages": turns}).encode() + b"\n"


def _personal(draw: random.Random) -> str:
    given, family = draw.choice(GIVEN), draw.choice(FAMILY)
    return draw.choice(
        (
            f"My name is {given} {family} and I live in {draw.choice(CITIES)}.",
            f"Write to {given}.{family}{draw.randrange(1000)}@mail{draw.randrange(50)}.example please.".lower(),
            f"Call me at +1 {draw.randint(201, 989)} {draw.randint(201, 989)} {draw.randint(1000, 9999)}.",
            f"The login came from 10.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(1, 255)}.",
        )
    )


def _memory(parent: int) -> tuple[float, float, int]:
    """Give (MB of the parent, MB of all its descendants, their number)."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                status = Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            parents[int(entry)] = int(status.rpartition(")")[2].split()[1])
    family = {parent}
    while more := {pid for pid, above in parents.items() if above in family} - family:
        family |= more
    children = family - {parent}
    return _resident(parent), sum(map(_resident, children)), len(children)


def _resident(pid: int) -> float:
    try:
        pages = int(Path("/proc", str(pid), "statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Make the file, run the command and print what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mb", type=int, default=50, help="size of the file (1 MB is 10**6 bytes)")
    parser.add_argument("--jobs", type=int, help="processes (default: all cores)")
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        source, output = Path(folder, "rows.jsonl"), Path(folder, "safe.jsonl")
        with source.open("wb") as file:
            for row in rows():
                file.write(row)
                if file.tell() >= options.mb * 1e6:
                    break
        size = source.stat().st_size / 1e6
        command = [sys.executable, "-m", "callsafe", "redact", str(source), "-o", str(output)]
        command += ["--operator", "hash", "--key-env", "BENCHMARK_KEY"]
        command += ["--jobs", str(options.jobs)] if options.jobs else []
        began = time.monotonic()
        process = subprocess.Popen(command, env=os.environ | {"BENCHMARK_KEY": os.urandom(16).hex()})
        samples: list[tuple[float, float, float, int]] = []
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.5):
                samples.append((time.monotonic() - began, *_memory(process.pid)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        status = process.wait()
        seconds = time.monotonic() - began
        done.set()
        watcher.join()
        load = os.getloadavg()[0]
        print(f"{size:.0f} MB in {seconds:.1f} s: {size / seconds:.2f} MB/s, exit status {status}")
        print(f"output {output.stat().st_size / 1e6:.0f} MB, load average at the end {load:.1f}")
        print(f"{'seconds':>8} {'parent MB':>10} {'workers MB':>11} {'workers':>8}")
        step = max(1, len(samples) // 20)
        for at, parent, children, count in samples[::step]:
            print(f"{at:8.0f} {parent:10.0f} {children:11.0f} {count:8}")
        print(
            f"peak: parent {max(s[1] for s in samples):.0f} MB, workers {max(s[2] for s in samples):.0f} MB"
        )


if __name__ == "__main__":
    main()
