"""The state database, opened: brought up to the newest schema, or refused in one sentence.

Refuses to be opened when it is not ours, is newer than this program or cannot be migrated.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Self

from data.errors import StateError
from data.state import migrate
from data.state.connection import BUSY_SECONDS, StateFile

OLDEST = (3, 35, 0)  # RETURNING and upserts


class State(StateFile):
    """The state of a workspace: lists, trades, rules, alerts, runs."""

    @classmethod
    def open(
        cls, path: Path, *, migrations: Path | None = None, busy_seconds: float = BUSY_SECONDS
    ) -> Self:
        """The state at `path`, created if there is none, brought up to the newest schema."""
        if sqlite3.sqlite_version_info < OLDEST:
            raise StateError(
                f"SQLite {sqlite3.sqlite_version} is too old for the state, 3.35.0 or newer is "
                "needed; use a newer Python"
            )
        state = cls(path, busy_seconds=busy_seconds)
        with state.explained():
            migrate.bring_up(state, migrations or migrate.FOLDER)
        return state
