"""How exactly and how fast credentials are found: `python benchmarks/credentials.py [PATH …]`.

Without paths: 2,000 generated keys in twenty formats and twenty ways of writing, and the look-alikes. With
paths also the speed on these files, on one core, beside detect-secrets on the same files
(`--no-detect-secrets` leaves it out, it is slow), and every finding for a person to read (place, issuer and
format, never the value).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the generated keys are the tests' own

from tests.credentials.lookalikes import lookalikes
from tests.credentials.writings import ISSUERS, KEYS, SPLIT, WRITINGS, cases, values

from callsafe.checks.texts import texts
from callsafe.rules.credentials import hard_coded_key
from callsafe.rules.credentials._scan import scan

_COMPILED = (".so", ".pyc", ".pyd", ".dll")


def accuracy() -> None:
    """Print the share of keys found with their exact value, by way of writing and by format."""
    by_writing: Counter[str] = Counter()
    by_format: Counter[str] = Counter()
    extra = count = 0
    for case in cases():
        count += 1
        found = values(case.path, case.text)
        exact = case.value in found
        extra += len(found) - exact
        by_writing[case.writing] += exact
        by_format[case.format] += exact
    print(f"{count} generated keys, share found with the exact value ({extra} other findings)\n")
    for writing in WRITINGS:
        mark = " (split)" if writing in SPLIT else ""
        print(f"  {writing + mark:34} {by_writing[writing] / (len(ISSUERS) * KEYS):.2f}")
    print()
    for form in ISSUERS:
        print(f"  {form:34} {by_format[form] / (len(WRITINGS) * KEYS):.2f}")
    lines = lookalikes()
    for label, strict in (("at rest", False), ("in a prompt", True)):
        flagged = sum(bool(list(scan(line, strict=strict))) for line in lines)
        print(f"\n{len(lines)} look-alikes, flagged {label}: {flagged} ({flagged / len(lines):.1%})", end="")
    print()


def files(paths: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield every file under the paths that is not compiled code."""
    for path in paths:
        walked = (
            os.walk(path) if os.path.isdir(path) else [(os.path.dirname(path), [], [os.path.basename(path)])]
        )
        for folder, _folders, names in walked:
            for name in names:
                if not name.endswith(_COMPILED):
                    file = os.path.join(folder, name)
                    yield file, Path(file).read_bytes()


def speed(paths: list[str], *, compare: bool) -> None:
    """Print MB per second of processor time on these files, and what was found in them."""
    spent, size, count, looked_at, found = 0.0, 0, 0, [], []
    for file, data in files(paths):
        start = time.process_time()
        made = list(texts(file, data))
        found += [problem for text in made for problem in hard_coded_key.find(text)]
        spent += time.process_time() - start
        if made:
            size, count = size + len(data), count + 1
            looked_at.append((file, len(data)))
    mega = size / 1e6
    print(
        f"\ncallsafe: {count} files, {mega:.1f} MB, {spent:.2f} s, {mega / spent:.1f} MB/s, "
        f"{len(found)} findings"
    )
    for problem in found:
        print(f"  {problem.place}: {problem.message}")
    if compare:
        _detect_secrets(looked_at)


def _detect_secrets(looked_at: list[tuple[str, int]], limit: float = 8e6) -> None:
    """Print the same for detect-secrets with its default settings, on an even sample of these files."""
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import default_settings

    step = max(1, round(sum(size for _, size in looked_at) / limit))
    sample = looked_at[::step]
    collection = SecretsCollection()
    start = time.process_time()
    with default_settings():
        for file, _size in sample:
            collection.scan_file(file)
    spent = time.process_time() - start
    mega = sum(size for _, size in sample) / 1e6
    count = len(list(collection))
    print(
        f"detect-secrets: {len(sample)} files, {mega:.1f} MB, {spent:.1f} s, {mega / spent:.2f} MB/s, "
        f"{count} findings"
    )


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument("--no-detect-secrets", action="store_true")
    arguments = parser.parse_args()
    accuracy()
    if arguments.paths:
        speed(arguments.paths, compare=not arguments.no_detect_secrets)


if __name__ == "__main__":
    main()
