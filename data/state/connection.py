"""Connections to the state's SQLite file: many processes, every write a whole transaction.

A lock held elsewhere never surfaces as anything but one clear sentence.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from data.errors import StateError

BUSY_SECONDS = 10.0
ATTEMPTS = 3
POOL = 8
BUSY_CODES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

Row = sqlite3.Row
_INHERITED: list[sqlite3.Connection] = []  # after a fork: neither used nor closed by the child


def journal_mode(version: tuple[int, int, int]) -> str:
    """WAL where two checkpointing connections cannot corrupt the file, else TRUNCATE.

    The releases 3.7.0 to 3.51.2 can (https://www.sqlite.org/wal.html#walresetbug); the fix was
    brought back to 3.50.7 and 3.44.6.
    """
    fixed = (
        version >= (3, 51, 3)
        or version[:2] in ((3, 50), (3, 44))
        and version[2] >= (7 if version[1] == 50 else 6)
    )
    return "wal" if fixed else "truncate"


class StateFile:
    """Connections to one state file, shared by all threads of a process.

    A connection is lent to one thread at a time. They are not carried over a fork: SQLite forbids
    it, so a child opens its own.
    """

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self.busy_seconds = busy_seconds
        self._idle: list[sqlite3.Connection] = []
        self._pid = os.getpid()
        self._mine = threading.local()

    def connect(self, *, create: bool = False) -> sqlite3.Connection:
        """A connection of one's own; `create=False` so that a vanished file is not made anew."""
        mode = "rwc" if create else "rw"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=self.busy_seconds,
            isolation_level=None,  # BEGIN and COMMIT are ours to say
            check_same_thread=False,
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        wanted = journal_mode(sqlite3.sqlite_version_info)
        (found,) = self._retry(lambda: connection.execute("PRAGMA journal_mode").fetchone())
        if found != wanted:
            # Refused while others are in the file, or where it is read-only: then it stays.
            with suppress(sqlite3.OperationalError):
                connection.execute(f"PRAGMA journal_mode={wanted}")
            (found,) = connection.execute("PRAGMA journal_mode").fetchone()
        if found == "wal" and wanted != "wal":
            raise StateError(
                f"{self.path} is in use by a program with a newer SQLite, in a journal mode that "
                f"SQLite {sqlite3.sqlite_version} cannot share safely; stop that program first"
            )
        if found == "delete":  # WAL was wanted and could not be had: the next to come may get it
            self._retry(lambda: connection.execute("PRAGMA journal_mode=TRUNCATE"))
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        # With no spill of dirty pages a lock can be missed at BEGIN and COMMIT only, and both can
        # be repeated without repeating what was done between them.
        connection.execute("PRAGMA cache_spill=OFF")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and alone: nobody else writes from the first statement on.

        Inside another transaction of the same thread it is a part of that one, undone by itself
        when it fails.
        """
        outer = getattr(self._mine, "writer", None)
        if outer is not None:
            with _savepoint(outer):
                yield outer
            return
        if getattr(self._mine, "reader", None) is not None:
            raise StateError("a write was started inside a read; end the read first")
        with self._lent() as connection:
            connection.execute("PRAGMA query_only=OFF")
            self._retry(lambda: connection.execute("BEGIN IMMEDIATE"))
            self._mine.writer = connection
            try:
                yield connection
                self._retry(lambda: connection.execute("COMMIT"))
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._mine.writer = None

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view for all statements inside; it cannot write."""
        current = getattr(self._mine, "writer", None) or getattr(self._mine, "reader", None)
        if current is not None:
            yield current
            return
        with self._lent() as connection:
            # Not opened read-only: after a crash the first reader has to roll the journal back.
            connection.execute("PRAGMA query_only=ON")
            self._retry(lambda: _begin_read(connection))
            self._mine.reader = connection
            try:
                yield connection
            finally:
                self._mine.reader = None
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def rows(self, sql: str, values: tuple[object, ...] = ()) -> list[Row]:
        """All rows of one query, in a view of its own or in the one this thread is in."""
        with self.read() as connection:
            return connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: tuple[object, ...] = ()) -> Row | None:
        """The first row of one query, or none."""
        with self.read() as connection:
            found: Row | None = connection.execute(sql, values).fetchone()
            return found

    def close(self) -> None:
        """Close what is idle; a connection in use closes when it comes back to a full pool."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        with self.explained():
            if self._pid != os.getpid():
                _INHERITED.extend(self._idle)
                self._idle, self._pid = [], os.getpid()
                self._mine = threading.local()
            connection = self._take() or self.connect()
            try:
                yield connection
            finally:
                if len(self._idle) < POOL and not connection.in_transaction:
                    self._idle.append(connection)
                else:
                    connection.close()

    def _take(self) -> sqlite3.Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _retry(self, step: Callable[[], Any]) -> Any:
        for _ in range(ATTEMPTS - 1):
            try:
                return step()
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
        return step()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """What SQLite says of the file, as one sentence that tells what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise StateError(self._sentence(error)) from error

    def _sentence(self, error: sqlite3.Error) -> str:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in BUSY_CODES:
            waited = f"{self.busy_seconds * ATTEMPTS:g}"
            return (
                f"{self.path} has been held by another program for {waited} seconds; "
                "find what holds it (a backup, a SQLite shell, a stopped process) and end it"
            )
        say = {
            sqlite3.SQLITE_NOTADB: "is not a SQLite database; move it away, or point DATA_DIR "
            "elsewhere, and start again",
            sqlite3.SQLITE_READONLY: "cannot be written; give this user the right to write the "
            "file and its folder",
            sqlite3.SQLITE_CANTOPEN: "cannot be opened; check that its folder is there and that "
            "this user may read and write it",
            sqlite3.SQLITE_PERM: "cannot be opened; check the rights of this user",
            sqlite3.SQLITE_FULL: "cannot grow, the disk is full; free some space and try again",
            sqlite3.SQLITE_IOERR: f"cannot be read or written ({error}); check the disk",
            sqlite3.SQLITE_CONSTRAINT: f"refused a row that breaks a rule of its table ({error}); "
            "nothing was written",
            sqlite3.SQLITE_CORRUPT: "is damaged; stop the programs that use it and put the last "
            "backup in its place",
        }.get(code, f"failed: {error}")
        return f"{self.path} {say}"


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in BUSY_CODES


def _begin_read(connection: sqlite3.Connection) -> None:
    """BEGIN takes no lock; the look at the schema does, so what follows cannot miss it."""
    if not connection.in_transaction:
        connection.execute("BEGIN")
    connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()


@contextmanager
def _savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")
