"""Who reads the pages, and what each reader chose: a name, the last visit, the market strip.

It knows ids, not passwords; whether somebody may read at all is decided elsewhere.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

from data.errors import ConfigError
from data.state.db import State
from data.state.values import name as checked_name
from data.state.values import stamp

ID = re.compile(r"[0-9a-f]{32}")
VALUE_LENGTH = 20_000


def name_of(state: State, reader: str) -> str:
    """The name that a reader typed; empty where there is none."""
    with state.read() as connection:
        row = connection.execute("SELECT name FROM reader WHERE id = ?", (reader,)).fetchone()
    return "" if row is None else str(row["name"])


def rename(state: State, reader: str, name: str, *, now: datetime) -> str:
    """Keep the name of a reader, and say how it is written."""
    _refuse_unknown(reader)
    clean = checked_name(name, "your name")
    with state.transaction() as connection:
        connection.execute(
            "INSERT INTO reader (id, name, created_at, named_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, named_at = excluded.named_at",
            (reader, clean, stamp(now), stamp(now)),
        )
    return clean


def setting(state: State, reader: str, key: str) -> object:
    """What a reader chose under a key; None where nothing was."""
    with state.read() as connection:
        row = connection.execute(
            "SELECT value FROM reader_setting WHERE reader = ? AND key = ?", (reader, key)
        ).fetchone()
    return None if row is None else json.loads(row["value"])


def choose(state: State, reader: str, key: str, value: object, *, now: datetime) -> None:
    """Keep a choice in place of the last one; None forgets it."""
    _refuse_unknown(reader)
    text = json.dumps(value, sort_keys=True)
    if len(text) > VALUE_LENGTH:
        raise ConfigError(
            f"{key} has {len(text):,} characters, at most {VALUE_LENGTH:,} are kept; choose fewer"
        )
    with state.transaction() as connection:
        if value is None:
            connection.execute(
                "DELETE FROM reader_setting WHERE reader = ? AND key = ?", (reader, key)
            )
            return
        connection.execute(
            "INSERT INTO reader_setting (reader, key, value, set_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (reader, key) DO UPDATE SET"
            " value = excluded.value, set_at = excluded.set_at",
            (reader, key, text, stamp(now)),
        )


def _refuse_unknown(reader: str) -> None:
    if not ID.fullmatch(reader):
        raise ConfigError("this browser sends no cookie of a reader; allow cookies and reload")
