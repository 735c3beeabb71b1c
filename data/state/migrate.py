"""Numbered SQL files, applied forward only, each in one transaction and remembered by checksum.

Refuses a database of a newer program, of another program, or one whose applied files differ from
those at hand.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from data.errors import StateError
from data.state import backup
from data.state.connection import StateFile

FOLDER = Path(__file__).parent / "migrations"
NAMED = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migration (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Of the text, whatever line ends the checkout has."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def listed(folder: Path) -> tuple[Migration, ...]:
    """The steps in order, numbered from 1 without a hole."""
    steps = []
    for place, path in enumerate(sorted(folder.glob("*.sql")), start=1):
        match = NAMED.fullmatch(path.name)
        if match is None or int(match[1]) != place:
            raise StateError(
                f"{path}: expected a migration named {place:04d}_words.sql; number them 0001, "
                "0002, ... without a hole"
            )
        steps.append(Migration(place, path.stem, path.read_text(encoding="utf-8")))
    if not steps:
        raise StateError(f"no migrations in {folder}; the installation is incomplete")
    return tuple(steps)


def bring_up(state: StateFile, folder: Path) -> None:
    """Apply what is missing: the first process to take the lock does, the others wait for it."""
    steps = listed(folder)
    try:
        state.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"the folder of {state.path} cannot be made ({error.strerror}); check DATA_DIR"
        ) from None
    if state.path.exists() and not _missing(state, steps):
        return
    state.connect(create=True).close()
    is_new = len(_missing(state, steps)) == len(steps)
    while missing := _missing(state, steps):
        _apply_next(state, steps, missing[0], is_new=is_new)


def _apply_next(
    state: StateFile, steps: tuple[Migration, ...], expected: Migration, *, is_new: bool
) -> None:
    """One step, unless another process took it while this one waited for the lock.

    What is being made anew holds nothing yet that a copy could save.
    """
    with state.transaction() as connection:
        applied = _applied(connection)
        _check(state, steps, applied)
        if expected.version in applied:
            return
        if applied and not is_new:
            backup.copy(state, backup_path(state.path, max(applied)))
        connection.execute(LEDGER)
        for statement in statements(expected.sql):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO schema_migration (version, name, sha256) VALUES (?, ?, ?)",
            (expected.version, expected.name, expected.sha256),
        )


def _missing(state: StateFile, steps: tuple[Migration, ...]) -> list[Migration]:
    with state.read() as connection:
        applied = _applied(connection)
        _check(state, steps, applied)
    return [step for step in steps if step.version not in applied]


def _applied(connection: sqlite3.Connection) -> dict[int, tuple[str, str]]:
    """What was applied, by version; the marker 0 stands for tables that are not ours."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if "schema_migration" not in tables:
        return {0: ("", "")} if tables else {}
    found = connection.execute("SELECT version, name, sha256 FROM schema_migration")
    return {row[0]: (row[1], row[2]) for row in found}


def _check(
    state: StateFile, steps: tuple[Migration, ...], applied: dict[int, tuple[str, str]]
) -> None:
    if 0 in applied:
        raise StateError(
            f"{state.path} is a SQLite database of another program; move it away, or point "
            "DATA_DIR elsewhere"
        )
    newest = max(applied, default=0)
    if newest > len(steps):
        raise StateError(
            f"{state.path} has schema {newest} ({applied[newest][0]}), this program knows up to "
            f"{len(steps)}; update the program, or restore the backup made before that schema"
        )
    for step in steps[:newest]:
        if applied.get(step.version, ("", ""))[1] != step.sha256:
            raise StateError(
                f"{state.path}: migration {step.name} differs from the one that was applied; "
                "restore the file as released, and put changes into a new migration"
            )


def statements(sql: str) -> list[str]:
    """The script cut at its semicolons; `executescript` would commit before it starts."""
    found, pending = [], ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    if any(line.strip() and not line.strip().startswith("--") for line in pending.splitlines()):
        raise StateError(f"a migration ends without a semicolon: {pending.strip()[:60]!r}")
    return found


def backup_path(path: Path, version: int) -> Path:
    """Where the copy of schema `version` lies, made before the next one was applied."""
    return path.with_name(f"{path.name}.schema-{version:04d}.bak")
