"""What the redaction engine costs, apart from detection.

    python benchmarks/redaction.py

Every figure is the best of five rounds, in CPU time of this process. "detection" is the same text through the
detector alone, so that what remains is the engine. The text is made here: prose with two values in each 150
characters.
"""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from callsafe.redaction import Encrypt, Hash, Key, Policy, Redactor, RedisVault, SQLiteVault, Surrogate, Vault
from callsafe.redaction.detect import Detector

KEY = Key("benchmark-key-of-no-worth-" * 2)


def prose(characters: int) -> str:
    """Make prose with names and addresses that are all different."""
    first = ("Jane", "Ahmed", "Maria", "Tomasz", "Yuki", "Olga", "Peter", "Aisha")
    last = ("Okafor", "Lindqvist", "Moreau", "Castillo", "Novak", "Brennan", "Haddad")
    parts: list[str] = []
    length = 0
    for number, (family, given) in enumerate(itertools.product(last * 10_000, first)):
        parts.append(
            f"The committee met again, and {given} {family} said that the letter to "
            f"{given.lower()}.{family.lower()}{number}@mail.acme-corp.com was lost. "
            "Nothing else happened for a while. "
        )
        length += len(parts[-1])
        if length >= characters:
            break
    return "".join(parts)[:characters]


def cost(function: Callable[[], object], times: int) -> float:
    """Give the CPU milliseconds of one call."""
    function()
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        for _ in range(times):
            function()
        best = min(best, (time.process_time() - started) / times)
    return best * 1000


def row(name: str, milliseconds: float, note: str = "") -> None:
    """Print one line of the table."""
    print(f"| {name} | {milliseconds:.3f} | {note} |")


def engine(detector: Detector) -> None:
    """Redact and restore texts of three sizes."""
    for characters, times in ((1_000, 100), (10_000, 20), (100_000, 2)):
        text = prose(characters)
        redactor = Redactor(detector=detector)
        redacted = redactor.redact(text)
        detection = cost(partial(detector.find, text), times)
        note = f"{len(redacted.spans)} values, detection {detection:.3f}"
        row(f"redact, {characters} characters", cost(partial(redactor.redact, text), times), note)
        row(f"restore, {characters} characters", cost(partial(redacted.restore, redacted.text), times))


def streams(detector: Detector) -> None:
    """Restore a stream of tokens."""
    redacted = Redactor(detector=detector).redact(prose(10_000))
    chunks = [redacted.text[start : start + 4] for start in range(0, len(redacted.text), 4)]

    def run() -> None:
        stream = redacted.stream()
        for chunk in chunks:
            stream.feed(chunk)
        stream.flush()

    row("stream, per chunk of 4 characters", cost(run, 5) / len(chunks), f"{len(chunks)} chunks")
    held = 0
    stream = redacted.stream()
    for chunk in chunks:
        stream.feed(chunk)
        held = max(held, stream.held)
    print(f"| most characters held back | {held} | longest placeholder <EMAIL_ADDRESS_NN> |")


def operators(detector: Detector) -> None:
    """Redact a kilobyte with each operator that is not the default."""
    text = prose(1_000)
    for operator in (Encrypt(KEY), Hash(KEY), Surrogate(key=KEY)):
        redactor = Redactor(Policy(default=operator), detector=detector)
        name = f"redact, 1000 characters, {type(operator).__name__}"
        row(name, cost(partial(redactor.redact, text), 50))


@contextmanager
def redis_server() -> Iterator[int | None]:
    """Run a Redis on a free port of loopback, where it is installed."""
    server = shutil.which("redis-server")
    if server is None:
        yield None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL
    )
    try:
        time.sleep(0.5)
        yield port
    finally:
        process.terminate()
        process.wait()


def wall(function: Callable[[], object], times: int) -> float:
    """Give the milliseconds of one call on the clock: what a vault outside the process costs."""
    function()
    started = time.perf_counter()
    for _ in range(times):
        function()
    return (time.perf_counter() - started) / times * 1000


def vaults() -> None:
    """Issue and find in the vaults that keep originals outside the process."""
    with tempfile.TemporaryDirectory() as folder, redis_server() as port:
        kinds: dict[str, Vault] = {
            "SQLite": SQLiteVault(Path(folder) / "vault.db", KEY, conversation="benchmark"),
        }
        if port is not None:
            import redis

            kinds["Redis"] = RedisVault(redis.Redis(port=port), KEY, conversation="benchmark")
        for name, vault in kinds.items():
            values = ([("PERSON", f"value {number}")] for number in itertools.count())
            row(
                f"{name} vault, issue a new value",
                wall(partial(issue_next, vault, values), 300),
                "on the clock",
            )
            row(f"{name} vault, find a value", wall(partial(vault.find, "PERSON", 7), 300), "on the clock")


def issue_next(vault: Vault, values: Iterator[list[tuple[str, str]]]) -> None:
    """Issue the next of the values."""
    vault.issue(next(values))


def main() -> int:
    """Print the table."""
    detector = Detector()
    detector.warm_up()
    print("| what | ms | |\n|---|---|---|")
    engine(detector)
    streams(detector)
    operators(detector)
    vaults()
    return 0


if __name__ == "__main__":
    sys.exit(main())
