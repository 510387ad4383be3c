"""Vaults: the same promises in memory, in SQLite and in Redis."""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from callsafe.redaction import Key, MemoryVault, RedactionError, Redactor, RedisVault, SQLiteVault

KEY = "vault-key-" + "0" * 22
OTHER_KEY = "other-key-" + "0" * 22


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory):
    """A real server on loopback, on a free port, without a file of its own."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    pytest.importorskip("redis", reason="the package redis is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen([server, "--port", str(port), *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=0.1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture(params=["memory", "sqlite", "redis"])
def make_vault(request, tmp_path):
    """Makes vaults of one kind; those of one conversation share what they hold, but for memory."""
    if request.param == "memory":

        def memory(conversation="one", key=KEY, **options):
            return MemoryVault(**options)

        return memory
    if request.param == "sqlite":

        def sqlite(conversation="one", key=KEY, **options):
            return SQLiteVault(tmp_path / "vault.db", key, conversation=conversation, **options)

        return sqlite
    port = request.getfixturevalue("redis_port")
    import redis

    def server(conversation="one", key=KEY, **options):
        client = redis.Redis(port=port, socket_timeout=5)
        return RedisVault(client, key, conversation=f"{tmp_path}/{conversation}", **options)

    return server


def test_the_same_value_has_the_same_number_and_the_next_one_the_next(make_vault):
    vault = make_vault()
    assert vault.issue([("PERSON", "Jane"), ("PERSON", "Bob"), ("PERSON", "Jane"), ("CITY", "Jane")]) == [
        1,
        2,
        1,
        1,
    ]
    assert vault.issue([("PERSON", "Bob")]) == [2]
    assert vault.find("PERSON", 2) == "Bob"
    assert vault.find("PERSON", 3) is None
    assert vault.find("NOBODY", 1) is None
    assert vault.labels() == {"PERSON", "CITY"}
    assert dict(vault.values()) == {"Jane": "PERSON", "Bob": "PERSON"}
    assert len(vault) == 3


def test_a_reserved_number_is_never_issued_and_an_issued_one_is_refused(make_vault):
    vault = make_vault()
    assert vault.reserve({("PERSON", 1), ("PERSON", 3)}) == set()
    assert vault.issue([("PERSON", "Jane"), ("PERSON", "Bob")]) == [2, 4]
    assert vault.reserve({("PERSON", 1), ("PERSON", 2), ("PERSON", 5)}) == {("PERSON", 2)}
    assert vault.find("PERSON", 1) is None
    assert vault.labels() == {"PERSON"}


def test_only_issued_labels_are_labels(make_vault):
    vault = make_vault()
    vault.reserve({("ISO", 8859)})
    assert vault.labels() == frozenset()


def test_a_surrogate_stands_for_one_value_only(make_vault):
    vault = make_vault()
    vault.issue([("PERSON", "Jane"), ("PERSON", "Bob")])
    assert vault.adopt("PERSON", "Jane", "Ada") == "Ada"
    assert vault.adopt("PERSON", "Jane", "Eve") == "Ada"
    assert vault.adopt("PERSON", "Bob", "Ada") is None
    assert dict(vault.surrogates()) == {"Ada": "Jane"}


def test_a_full_vault_raises_and_still_gives_what_it_holds(make_vault):
    vault = make_vault(size=2)
    vault.issue([("PERSON", "Jane"), ("PERSON", "Bob")])
    with pytest.raises(RedactionError, match="full"):
        vault.issue([("PERSON", "Zoë")])
    assert vault.issue([("PERSON", "Jane")]) == [1]


def test_a_flood_of_lookalikes_cannot_fill_the_memory(make_vault):
    vault = make_vault(size=10)
    with pytest.raises(RedactionError):
        vault.reserve({("A", number) for number in range(1, 1000)})


def test_after_clear_nothing_is_found_and_no_number_comes_back(make_vault):
    vault = make_vault()
    vault.issue([("PERSON", "Jane")])
    vault.clear()
    assert len(vault) == 0
    assert vault.find("PERSON", 1) is None
    assert vault.issue([("PERSON", "Bob")]) == [2]


@pytest.mark.parametrize("value", ["", "\ud800", "\0", "김민준 👩‍👩‍👧", "x" * 100_000])
def test_any_text_can_be_kept(make_vault, value):
    vault = make_vault()
    (number,) = vault.issue([("PERSON", value)])
    assert vault.find("PERSON", number) == value


def test_a_vault_is_not_printed_pickled_or_copied(make_vault):
    vault = make_vault()
    vault.issue([("PERSON", "Jane Roe")])
    assert "Jane" not in f"{vault!r} {vault}"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(vault)


def test_eight_threads_give_one_number_to_one_value(make_vault):
    vault = make_vault()
    values = [f"value {number}" for number in range(20)]
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        return [vault.issue([("PERSON", value)])[0] for value in values]

    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(work, range(8)))
    assert all(row == numbers[0] for row in numbers)
    assert sorted(numbers[0]) == list(range(1, 21))


def test_two_handles_on_one_conversation_share_and_two_conversations_do_not(make_vault):
    first, again, other = make_vault(), make_vault(), make_vault("two")
    if isinstance(first, MemoryVault):
        pytest.skip("a vault in memory is its own conversation")
    first.issue([("PERSON", "Jane")])
    assert again.find("PERSON", 1) == "Jane"
    assert dict(again.values()) == {"Jane": "PERSON"}
    assert other.find("PERSON", 1) is None
    assert other.labels() == frozenset()
    again.clear()
    assert dict(first.values()) == {}


def test_another_key_does_not_open_a_vault(make_vault):
    if isinstance(make_vault(), MemoryVault):
        pytest.skip("a vault in memory has no key")
    with pytest.raises(ValueError, match="key"):
        make_vault(key=OTHER_KEY)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_what_was_not_used_for_the_time_to_live_is_forgotten_and_its_number_not_issued_again(kind, tmp_path):
    clock = Clock()
    if kind == "memory":
        vault = MemoryVault(ttl=10, clock=clock)
    else:
        vault = SQLiteVault(tmp_path / "vault.db", KEY, conversation="one", ttl=10, clock=clock)
    vault.issue([("PERSON", "Jane"), ("PERSON", "Bob")])
    vault.adopt("PERSON", "Jane", "Ada")
    clock.now += 6
    assert vault.find("PERSON", 2) == "Bob"  # used again, so it lives on
    clock.now += 6
    assert vault.find("PERSON", 1) is None
    assert dict(vault.surrogates()) == {}
    assert dict(vault.values()) == {"Bob": "PERSON"}
    assert vault.issue([("PERSON", "Jane")]) == [3]


def test_in_redis_a_conversation_expires_whole_and_its_numbers_do_not_come_back(redis_port, tmp_path):
    import redis

    vault = RedisVault(redis.Redis(port=redis_port), KEY, conversation=str(tmp_path), ttl=0.1)
    vault.issue([("PERSON", "Jane")])
    time.sleep(0.25)
    assert vault.find("PERSON", 1) is None
    assert vault.issue([("PERSON", "Bob")]) == [2]


def test_a_client_that_decodes_works_as_well(redis_port, tmp_path):
    import redis

    vault = RedisVault(redis.Redis(port=redis_port, decode_responses=True), KEY, conversation=str(tmp_path))
    vault.issue([("PERSON", "Zoë")])
    assert vault.adopt("PERSON", "Zoë", "Ada") == "Ada"
    assert (vault.find("PERSON", 1), dict(vault.surrogates())) == ("Zoë", {"Ada": "Zoë"})
    assert vault.reserve({("PERSON", 1), ("PERSON", 7)}) == {("PERSON", 1)}


def test_a_server_that_is_gone_blocks_without_telling_more(redis_port, tmp_path):
    import redis

    vault = RedisVault(redis.Redis(port=redis_port), KEY, conversation=str(tmp_path))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        vault._client = redis.Redis(port=closed.getsockname()[1], socket_timeout=1, retry=None)
        with pytest.raises(RedactionError, match="server") as caught:
            vault.issue([("PERSON", "Jane Roe")])
    assert caught.value.__context__ is None
    assert "Jane" not in str(caught.value)


def test_neither_file_nor_server_holds_an_original_in_clear(redis_port, tmp_path):
    import redis

    value = "Jane Roe of 12 Elm Street"
    vault = SQLiteVault(tmp_path / "vault.db", KEY, conversation="one")
    vault.issue([("PERSON", value)])
    client = redis.Redis(port=redis_port)
    RedisVault(client, KEY, conversation="clear").issue([("PERSON", value)])
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(data) > 1000
    for name in client.scan_iter("callsafe:{clear}:*"):
        data += repr(
            client.hgetall(name) if client.type(name) == b"hash" else client.lrange(name, 0, -1)
        ).encode()
    assert b"PERSON:1" in data
    assert value.encode() not in data
    assert b"Elm" not in data


def test_the_file_can_be_read_by_its_owner_only(tmp_path):
    SQLiteVault(tmp_path / "vault.db", KEY, conversation="one").issue([("PERSON", "Jane")])
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0] * len(list(tmp_path.iterdir()))


def test_a_file_that_was_changed_from_outside_blocks(tmp_path):
    import sqlite3

    vault = SQLiteVault(tmp_path / "vault.db", KEY, conversation="one")
    vault.issue([("PERSON", "Jane"), ("PERSON", "Bob")])
    with sqlite3.connect(tmp_path / "vault.db") as other:
        (sealed,) = other.execute("SELECT sealed FROM original WHERE number = 1").fetchone()
        other.execute("UPDATE original SET sealed = ? WHERE number = 2", (sealed[::-1],))
    with pytest.raises(RedactionError, match="changed"):
        vault.find("PERSON", 2)


def test_a_file_that_cannot_be_used_blocks(tmp_path):
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    for path in (tmp_path / "broken.db", tmp_path / "no" / "such" / "folder.db"):
        with pytest.raises(RedactionError, match="cannot be used"):
            SQLiteVault(path, KEY, conversation="one")


_WORKER = """
import sys
from callsafe.redaction import SQLiteVault
vault = SQLiteVault(sys.argv[1], sys.argv[2], conversation="one", wait=30)
offset = int(sys.argv[3])
numbers = {}
for step in range(40):
    value = f"value {(step + offset) % 40}"
    numbers[value] = vault.issue([("PERSON", value)])[0]
import json
print(json.dumps(numbers))
"""


def test_four_processes_give_one_number_to_one_value(tmp_path):
    command = [sys.executable, "-c", _WORKER, str(tmp_path / "vault.db"), KEY]
    processes = [
        subprocess.Popen([*command, str(offset)], stdout=subprocess.PIPE, text=True)
        for offset in (0, 10, 20, 30)
    ]
    tables = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert all(table == tables[0] for table in tables)
    assert sorted(tables[0].values()) == list(range(1, 41))
    vault = SQLiteVault(tmp_path / "vault.db", KEY, conversation="one")
    assert {value: vault.find("PERSON", number) for value, number in tables[0].items()} == {
        v: v for v in tables[0]
    }


_MAKER = """
import sys, time
from callsafe.redaction import SQLiteVault
for number in range(30):
    at = float(sys.argv[3]) + number * 0.05
    while time.time() < at:
        pass
    SQLiteVault(sys.argv[1] + str(number), sys.argv[2], conversation="one", wait=30)
"""


def test_processes_that_make_the_same_file_at_once_wait_for_each_other(tmp_path):
    command = [sys.executable, "-c", _MAKER, str(tmp_path / "vault"), KEY, str(time.time() + 1.5)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=60)[1] for process in processes] == ["", ""]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_goes_on_with_the_same_file(tmp_path, finder):
    vault = SQLiteVault(tmp_path / "vault.db", KEY, conversation="one")
    redactor = Redactor(detector=finder, vault=vault)
    assert redactor.redact("Jane Roe").text == "<PERSON_1>"
    child = os.fork()
    if child == 0:
        right = redactor.redact("Bob and Jane Roe").text == "<PERSON_2> and <PERSON_1>"
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert redactor.redact("Bob").text == "<PERSON_2>"


def test_a_snapshot_brings_everything_back(redactor):
    conversation = redactor.conversation()
    safe = conversation.redact("Jane Roe, <PERSON_1> and Bob")
    data = conversation.vault.snapshot(key=KEY)
    assert b"Jane" not in data
    again = redactor.conversation(MemoryVault.restore(data, key=Key(KEY)))
    assert again.restore(safe) == "Jane Roe, <PERSON_1> and Bob"
    assert again.redact("John Smith and Bob") == conversation.redact("John Smith and Bob")


def test_a_snapshot_without_a_key_is_plain_json(redactor):
    conversation = redactor.conversation()
    conversation.redact("Jane Roe")
    assert json.loads(conversation.vault.snapshot())["values"] == [["PERSON", 1, "Jane Roe", None]]


@pytest.mark.parametrize("key", [None, OTHER_KEY])
def test_an_encrypted_snapshot_opens_with_its_key_only(key):
    data = MemoryVault().snapshot(key=KEY)
    with pytest.raises(ValueError, match="key"):
        MemoryVault.restore(data, key=key)
