"""A whole copy of the state while others use it, checked and on the disk before it has its name.

Refuses to pass on a damaged database.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from data.errors import StateError
from data.state.connection import StateFile


def copy(state: StateFile, target: Path) -> None:
    """The state as one file at `target`, replacing what is there.

    Made by SQLite on a connection of its own: reading the file by hand would drop the locks that
    this process holds on it.
    """
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    with state.explained():
        connection = state.connect()
        try:
            connection.execute("VACUUM INTO ?", (str(partial),))
        finally:
            connection.close()
        verdict = _verdict(partial)
    if verdict != "ok":
        raise StateError(
            f"{state.path} is damaged ({verdict}), so it was not copied; put the last backup in "
            "its place"
        )
    _sync(partial)
    os.replace(partial, target)
    _sync(target.parent)


def _verdict(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    finally:
        connection.close()
    return str(verdict)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
