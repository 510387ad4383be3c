"""A vault in an SQLite file: several processes on one machine, values encrypted."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from callsafe.redaction.cipher import Cipher, Key
from callsafe.redaction.errors import RedactionError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS original (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL,
    label TEXT NOT NULL,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    surrogate TEXT,
    touched REAL NOT NULL,
    UNIQUE (conversation, label, number),
    UNIQUE (conversation, label, sealed),
    UNIQUE (conversation, surrogate)
);
CREATE TABLE IF NOT EXISTS reserved (
    conversation TEXT NOT NULL, label TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (conversation, label, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (
    conversation TEXT NOT NULL, label TEXT NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (conversation, label)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS proof (sealed BLOB NOT NULL);
"""


class SQLiteVault:
    """Originals in an SQLite file (write-ahead log, mode 0600), each sealed with AES-SIV.

    `conversation` names the conversation: a file holds many, which know nothing of each other. Labels,
    numbers and surrogates are in clear, originals are not, and equal originals of two conversations cannot be
    told to be equal. `ttl` is in seconds since an original was last issued or found. Several processes may
    use the file at once; a process that forked opens it anew. `wait` is how many seconds a busy file is
    waited for.

    Raises `RedactionError` where the file cannot be used and `ValueError` where the key is not the file's.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        key: Key | bytes | str,
        *,
        conversation: str,
        ttl: float | None = None,
        size: int = 100_000,
        wait: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = Path(path)
        self._cipher = Cipher(key)
        self._conversation = conversation
        self._ttl = ttl
        self._size = size
        self._wait = wait
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        self._unsealed: dict[tuple[int, str | None], tuple[str, str]] = {}
        with self._writing() as connection:
            self._prove(connection)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(values={len(self)})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a vault is never pickled: open the same file in the other process")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection; an SQLite error inside becomes a `RedactionError` without it."""
        failure = ""
        with self._lock:
            try:
                yield self._connect()
            except (sqlite3.Error, OSError) as error:
                failure = type(error).__name__
        if failure:
            raise RedactionError(
                f"the vault file cannot be used ({failure}): check its place, rights and disk"
            )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside one transaction, with what has expired deleted."""
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                if self._ttl is not None:
                    connection.execute(
                        "DELETE FROM original WHERE conversation = ? AND touched <= ?",
                        (self._conversation, self._limit()),
                    )
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _limit(self) -> float:
        """Give the time of the last use at or before which an original has expired."""
        return float("-inf") if self._ttl is None else self._clock() - self._ttl

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None or self._pid != os.getpid():
            self._connection, self._pid = self._opened(), os.getpid()
        return self._connection

    def _opened(self) -> sqlite3.Connection:
        """Open the file and see to its tables.

        SQLite does not wait by itself while another process turns a new file to WAL, so this asks again.
        """
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        until = time.monotonic() + self._wait
        while True:
            connection = sqlite3.connect(
                self._path, timeout=self._wait, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA secure_delete = ON")
                connection.executescript(_SCHEMA)
            except sqlite3.Error as error:
                connection.close()
                busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return connection

    def _prove(self, connection: sqlite3.Connection) -> None:
        row = connection.execute("SELECT sealed FROM proof").fetchone()
        if row is None:
            connection.execute("INSERT INTO proof VALUES (?)", (self._cipher.seal(b"callsafe", "proof"),))
        elif self._cipher.open(row[0], "proof") != b"callsafe":
            raise ValueError("this key is not the one the vault file was made with")

    def _seal(self, label: str, value: str) -> bytes:
        return self._cipher.seal(value.encode("utf-8", "surrogatepass"), "vault", self._conversation, label)

    def _unseal(self, label: str, sealed: bytes) -> str:
        value = self._cipher.open(sealed, "vault", self._conversation, label)
        if value is None:
            raise RedactionError(
                "an original in the vault file was changed from outside: start a new conversation"
            )
        return value.decode("utf-8", "surrogatepass")

    def issue(self, items: Sequence[tuple[str, str]]) -> list[int]:
        """Give the number of each (label, value). Raises `RedactionError` where the vault is full."""
        with self._writing() as connection:
            numbers: list[int] = []
            for label, value in items:
                number = self._known(connection, label, value)
                if number is None:
                    if self._is_full(connection):
                        raise RedactionError(
                            f"the vault is full ({self._size} originals): start a new one or raise size"
                        )
                    number = self._new(connection, label, value)
                numbers.append(number)
            return numbers

    def _is_full(self, connection: sqlite3.Connection) -> bool:
        """Count the originals only where the counters, a row a label, say that there may be as many as that."""
        query = "SELECT coalesce(sum(next - 1), 0) FROM counter WHERE conversation = ?"
        (issued,) = connection.execute(query, (self._conversation,)).fetchone()
        if issued < self._size:
            return False
        query = "SELECT count(*) FROM original WHERE conversation = ?"
        (count,) = connection.execute(query, (self._conversation,)).fetchone()
        return int(count) >= self._size

    def _known(self, connection: sqlite3.Connection, label: str, value: str) -> int | None:
        row = connection.execute(
            "UPDATE original SET touched = ?"
            " WHERE conversation = ? AND label = ? AND sealed = ? RETURNING number",
            (self._clock(), self._conversation, label, self._seal(label, value)),
        ).fetchone()
        return None if row is None else int(row[0])

    def _new(self, connection: sqlite3.Connection, label: str, value: str) -> int:
        name = self._conversation
        row = connection.execute(
            "SELECT next FROM counter WHERE conversation = ? AND label = ?", (name, label)
        ).fetchone()
        number = int(row[0]) if row is not None else 1
        taken = "SELECT 1 FROM reserved WHERE conversation = ? AND label = ? AND number = ?"
        while connection.execute(taken, (name, label, number)).fetchone() is not None:
            number += 1
        connection.execute("INSERT OR REPLACE INTO counter VALUES (?, ?, ?)", (name, label, number + 1))
        connection.execute(
            "INSERT INTO original (conversation, label, number, sealed, touched) VALUES (?, ?, ?, ?, ?)",
            (name, label, number, self._seal(label, value), self._clock()),
        )
        return number

    def reserve(self, numbers: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Never issue these (label, number); return those that already stand for a value."""
        name = self._conversation
        taken: set[tuple[str, int]] = set()
        with self._writing() as connection:
            for label, number in numbers:
                row = connection.execute(
                    "SELECT 1 FROM original WHERE conversation = ? AND label = ? AND number = ?",
                    (name, label, number),
                ).fetchone()
                if row is not None:
                    taken.add((label, number))
                else:
                    connection.execute(
                        "INSERT OR IGNORE INTO reserved VALUES (?, ?, ?)", (name, label, number)
                    )
            (count,) = connection.execute(
                "SELECT count(*) FROM reserved WHERE conversation = ?", (name,)
            ).fetchone()
            if count > 10 * self._size:
                raise RedactionError("too much text that looks like placeholders: start a new conversation")
        return taken

    def find(self, label: str, number: int) -> str | None:
        """Give the original behind a number, None where none was issued."""
        where = "conversation = ? AND label = ? AND number = ?"
        with self._reading() as connection:
            row = connection.execute(
                f"SELECT sealed FROM original WHERE {where} AND touched > ?",
                (self._conversation, label, number, self._limit()),
            ).fetchone()
        if row is not None and self._ttl is not None:
            with self._writing() as connection:
                connection.execute(
                    f"UPDATE original SET touched = ? WHERE {where}",
                    (self._clock(), self._conversation, label, number),
                )
        return None if row is None else self._unseal(label, row[0])

    def labels(self) -> frozenset[str]:
        """Give the labels under which values were issued."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT label FROM counter WHERE conversation = ?", (self._conversation,)
            )
            return frozenset(row[0] for row in rows)

    def values(self) -> Mapping[str, str]:
        """Give every original with the label it was first issued under."""
        found: dict[str, str] = {}
        for label, value, _ in self._originals():
            found.setdefault(value, label)
        return found

    def surrogates(self) -> Mapping[str, str]:
        """Give every surrogate with its original."""
        return {surrogate: value for _, value, surrogate in self._originals() if surrogate is not None}

    def _originals(self) -> list[tuple[str, str, str | None]]:
        """Give every (label, value, surrogate) in order of issue; nothing is unsealed twice."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT id, surrogate FROM original WHERE conversation = ? AND touched > ? ORDER BY id",
                (self._conversation, self._limit()),
            ).fetchall()
            known = {row: self._unsealed[row] for row in rows if row in self._unsealed}
            for row in rows:
                if row not in known:
                    select = "SELECT label, sealed FROM original WHERE id = ?"
                    label, sealed = connection.execute(select, row[:1]).fetchone()
                    known[row] = (label, self._unseal(label, sealed))
            self._unsealed = known
        return [(*known[row], row[1]) for row in rows]

    def adopt(self, label: str, value: str, surrogate: str) -> str | None:
        """Give the surrogate in force for a value; None where this one already stands for another value."""
        place = (self._conversation, label, self._seal(label, value))
        where = "conversation = ? AND label = ? AND sealed = ?"
        with self._writing() as connection:
            row = connection.execute(f"SELECT surrogate FROM original WHERE {where}", place).fetchone()
            if row is not None and row[0] is not None:
                return str(row[0])
            changed = connection.execute(
                f"UPDATE OR IGNORE original SET surrogate = ? WHERE {where}", (surrogate, *place)
            )
            return surrogate if changed.rowcount else None

    def clear(self) -> None:
        """Forget every original; numbers are still not issued again."""
        with self._writing() as connection:
            connection.execute("DELETE FROM original WHERE conversation = ?", (self._conversation,))
            self._unsealed = {}

    def __len__(self) -> int:
        with self._reading() as connection:
            row = connection.execute(
                "SELECT count(*) FROM original WHERE conversation = ? AND touched > ?",
                (self._conversation, self._limit()),
            ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None
