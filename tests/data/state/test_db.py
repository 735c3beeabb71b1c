"""Connections, locks, processes at once, kills, and files that are not ours."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data.errors import StateError
from data.state.connection import journal_mode
from data.state.db import State

COUNTER = "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
INCREMENT = """
import sqlite3, sys, time
from pathlib import Path
from data.state.db import State
sqlite3.sqlite_version_info = tuple(map(int, sys.argv[5].split(".")))
state = State.open(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    with state.transaction() as tx:
        (value,) = tx.execute("SELECT value FROM counter").fetchone()
        tx.execute("UPDATE counter SET value = ?", (value + 1,))
        tx.execute("INSERT INTO mark (owner) VALUES (?)", (sys.argv[3],))
    if sys.argv[4] == "say":
        print(value + 1, flush=True)
        time.sleep(0.002)  # or one writer keeps the other out for long
    state.row("SELECT COUNT(*) FROM mark")
"""


@pytest.fixture(params=["truncate", "wal"])
def counted(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> State:
    if request.param == "wal":
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    else:
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    state = State.open(tmp_path / "state.db")
    with state.transaction() as tx:
        tx.execute(COUNTER)
        tx.execute("CREATE TABLE mark (id INTEGER PRIMARY KEY, owner TEXT NOT NULL)")
        tx.execute("INSERT INTO counter VALUES ('n', 0)")
    return state


def version() -> str:
    """For a child process, so that it takes the same journal mode as this one."""
    return ".".join(map(str, sqlite3.sqlite_version_info))


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder of an ordinary user, whom rights can hold back (they do not hold back root)."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        if os.geteuid() != 0:
            yield folder
            return
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(0)


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 44, 5), "truncate"),
        ((3, 44, 6), "wal"),
        ((3, 45, 9), "truncate"),
        ((3, 50, 6), "truncate"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((3, 54, 0), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_wal_only_where_the_library_cannot_corrupt_it(
    version: tuple[int, int, int], mode: str
) -> None:
    assert journal_mode(version) == mode


def test_every_connection_is_durable_and_checks_references(counted: State) -> None:
    wanted = journal_mode(sqlite3.sqlite_version_info)
    for lend in (counted.transaction, counted.read):
        with lend() as connection:
            found = [
                connection.execute(f"PRAGMA {word}").fetchone()[0]
                for word in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        assert found == [wanted, 2, 1, 10_000]


def test_a_failed_transaction_leaves_nothing(counted: State) -> None:
    with pytest.raises(ZeroDivisionError), counted.transaction() as tx:
        tx.execute("UPDATE counter SET value = 7")
        _ = 1 / 0
    row = counted.row("SELECT value FROM counter")
    assert row is not None and row["value"] == 0


def test_a_failed_part_is_undone_alone(counted: State) -> None:
    with counted.transaction() as tx:
        tx.execute("UPDATE counter SET value = 1")
        with pytest.raises(ZeroDivisionError), counted.transaction() as part:
            part.execute("UPDATE counter SET value = 2")
            _ = 1 / 0
        with counted.transaction() as part:
            part.execute("INSERT INTO mark (owner) VALUES ('kept')")
    assert [row["value"] for row in counted.rows("SELECT value FROM counter")] == [1]
    assert len(counted.rows("SELECT * FROM mark")) == 1


def test_a_read_cannot_write_and_a_write_does_not_start_in_a_read(counted: State) -> None:
    with pytest.raises(StateError, match="cannot be written"), counted.read() as connection:
        connection.execute("UPDATE counter SET value = 7")
    with counted.read(), pytest.raises(StateError, match="inside a read"), counted.transaction():
        raise AssertionError("a transaction started inside a read")


def test_one_read_sees_one_state_in_wal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    state = State.open(tmp_path / "state.db")
    with state.transaction() as tx:
        tx.execute(COUNTER)
    done = threading.Event()

    def write() -> None:
        with state.transaction() as tx:
            tx.execute("INSERT INTO counter VALUES ('n', 1)")
        done.set()

    with state.read() as connection:
        threading.Thread(target=write).start()
        assert done.wait(10)
        assert connection.execute("SELECT COUNT(*) FROM counter").fetchone()[0] == 0
    assert len(state.rows("SELECT * FROM counter")) == 1


def test_a_broken_rule_of_a_table_is_one_sentence(counted: State) -> None:
    with pytest.raises(StateError, match="nothing was written"), counted.transaction() as tx:
        tx.execute("INSERT INTO counter VALUES ('n', 1)")


def test_threads_share_one_state(counted: State) -> None:
    def add() -> None:
        for _ in range(25):
            with counted.transaction() as tx:
                tx.execute("UPDATE counter SET value = value + 1")
            counted.row("SELECT value FROM counter")

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = counted.row("SELECT value FROM counter")
    assert row is not None and row["value"] == 150


def test_four_processes_lose_no_update_and_see_no_lock(counted: State, spawn) -> None:
    children = [spawn(INCREMENT, counted.path, 150, who, "quiet", version()) for who in "abcd"]
    assert [child.communicate()[1] for child in children] == ["", "", "", ""]
    assert [child.returncode for child in children] == [0, 0, 0, 0]
    assert [row["value"] for row in counted.rows("SELECT value FROM counter")] == [600]
    owners = counted.rows("SELECT owner, COUNT(*) AS n FROM mark GROUP BY owner ORDER BY owner")
    assert [(row["owner"], row["n"]) for row in owners] == [(who, 150) for who in "abcd"]


def test_killed_writers_lose_nothing_that_was_acknowledged(counted: State, spawn) -> None:
    state = counted
    chance, acknowledged = random.Random(20240102), 0
    for _ in range(12):
        pair = [spawn(INCREMENT, state.path, 100_000, who, "say", version()) for who in "ab"]
        for child in pair:
            for _ in range(chance.randint(1, 12)):
                acknowledged = max(acknowledged, int(child.stdout.readline()))
            child.kill()
        for child in pair:
            said, errors = child.communicate()
            assert errors == ""
            whole = [line for line in said.split("\n")[:-1] if line]
            acknowledged = max([acknowledged, *map(int, whole)])
        with state.read() as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            (value,) = connection.execute("SELECT value FROM counter").fetchone()
            (marks,) = connection.execute("SELECT COUNT(*) FROM mark").fetchone()
        # Each kill may catch a writer between its commit and its word, never the other way round.
        assert marks == value >= acknowledged
    assert acknowledged >= 24


def test_a_lock_that_never_ends_is_one_sentence(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db", busy_seconds=0.02)
    holder = sqlite3.connect(state.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    for lend in (state.transaction, state.read):
        with pytest.raises(StateError) as caught, lend():
            raise AssertionError("the lock was not respected")
        assert "held by another program" in str(caught.value)
        assert str(state.path) in str(caught.value)
    with pytest.raises(StateError, match="held by another program"):
        State.open(state.path, busy_seconds=0.02)
    holder.execute("COMMIT")
    holder.close()
    with state.transaction() as tx:
        tx.execute(COUNTER)


def test_a_reader_that_stays_delays_the_commit_only(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db", busy_seconds=0.3)
    with state.transaction() as tx:
        tx.execute(COUNTER)
    reader = sqlite3.connect(state.path, isolation_level=None, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM counter").fetchone()
    threading.Timer(0.5, lambda: reader.execute("COMMIT")).start()
    bodies = 0
    with state.transaction() as tx:
        bodies += 1
        tx.execute("INSERT INTO counter VALUES ('n', 1)")
    assert bodies == 1 and len(state.rows("SELECT * FROM counter")) == 1


def test_a_reader_that_never_ends_undoes_the_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    state = State.open(tmp_path / "state.db", busy_seconds=0.02)
    with state.transaction() as tx:
        tx.execute(COUNTER)
    reader = sqlite3.connect(state.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM counter").fetchone()
    with pytest.raises(StateError, match="held by another program"), state.transaction() as tx:
        tx.execute("INSERT INTO counter VALUES ('n', 1)")
    reader.close()
    assert state.rows("SELECT * FROM counter") == []


def test_a_read_inside_a_write_sees_what_was_written(counted: State) -> None:
    with counted.transaction() as tx:
        tx.execute("UPDATE counter SET value = 5")
        assert [row["value"] for row in counted.rows("SELECT value FROM counter")] == [5]
        with counted.read() as connection:
            assert connection is tx


def test_wal_waits_until_the_others_are_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    older = State.open(tmp_path / "state.db", busy_seconds=0.02)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    with older.read():
        newer = State.open(older.path, busy_seconds=0.02)
        with newer.read() as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "truncate"
    newer.close()
    older.close()
    with State.open(older.path).read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_read_only_file_is_read_and_not_written() -> None:
    with unprivileged() as folder:
        path = folder / "state.db"
        State.open(path).close()
        path.chmod(0o444)
        folder.chmod(0o555)
        state = State.open(path)
        assert state.rows("SELECT * FROM watchlist") == []
        with pytest.raises(StateError, match="give this user the right"), state.transaction() as tx:
            tx.execute("INSERT INTO rule (created_at) VALUES ('x')")
        state.close()
        folder.chmod(0o755)


def test_a_folder_without_rights_is_one_sentence() -> None:
    with unprivileged() as folder:
        folder.chmod(0o555)
        with pytest.raises(StateError, match="cannot be opened"):
            State.open(folder / "state.db")
        with pytest.raises(StateError, match="cannot be made"):
            State.open(folder / "deeper" / "state.db")
        folder.chmod(0o755)


def test_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"PAR1" * 1000)
    with pytest.raises(StateError, match="is not a SQLite database; move it away"):
        State.open(path)
    assert path.read_bytes() == b"PAR1" * 1000
    (tmp_path / "folder").mkdir()
    with pytest.raises(StateError, match="cannot be opened"):
        State.open(tmp_path / "folder")


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(StateError, match="of another program"):
        State.open(path)


def test_a_damaged_file_is_said(state: State) -> None:
    with state.transaction() as tx:
        tx.execute(COUNTER)
        tx.executemany(
            "INSERT INTO counter VALUES (?, 1)", [(f"name {n:06d}",) for n in range(20_000)]
        )
    state.close()
    content = bytearray(state.path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xff" * 8192
    state.path.write_bytes(bytes(content))
    damaged = State.open(state.path)
    with pytest.raises(StateError, match="damaged"):
        damaged.rows("SELECT name, value FROM counter ORDER BY name DESC")


def test_a_vanished_file_is_not_made_anew(state: State) -> None:
    state.close()
    state.path.unlink()
    with pytest.raises(StateError, match="cannot be opened"), state.transaction():
        raise AssertionError("an empty database took the place of the vanished one")
    assert not state.path.exists()


def test_a_library_that_is_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StateError, match="too old"):
        State.open(tmp_path / "state.db")


def test_wal_left_by_a_newer_library_is_refused_while_in_use(tmp_path: Path) -> None:
    State.open(tmp_path / "state.db").close()
    newer = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    newer.execute("PRAGMA journal_mode=WAL")
    newer.execute("BEGIN")
    newer.execute("SELECT COUNT(*) FROM rule").fetchone()
    if journal_mode(sqlite3.sqlite_version_info) == "truncate":
        with pytest.raises(StateError, match="stop that program first"):
            State.open(tmp_path / "state.db", busy_seconds=0.02)
    newer.close()
    assert State.open(tmp_path / "state.db").rows("SELECT * FROM rule") == []


def test_a_forked_child_opens_its_own_connections(counted: State) -> None:
    counted.row("SELECT value FROM counter")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with counted.transaction() as tx:
                tx.execute("UPDATE counter SET value = value + 1")
            code = 0
        finally:
            os._exit(code)
    with counted.transaction() as tx:
        tx.execute("UPDATE counter SET value = value + 1")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [row["value"] for row in counted.rows("SELECT value FROM counter")] == [2]
