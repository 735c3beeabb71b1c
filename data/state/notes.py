"""Notes of the team, dated by both clocks: the moment they are about, and when they were written.

Refuses to change a note; one that is withdrawn is still there for an earlier clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, moment, name, pack, prose, stamp, words

BETWEEN = """SELECT * FROM note WHERE about_at >= ? AND about_at <= ? AND written_at <= ?
    AND (withdrawn_at IS NULL OR withdrawn_at > ?) ORDER BY about_at, id LIMIT ?"""
MOST = 500


@dataclass(frozen=True, slots=True)
class Note:
    """One note; its text says all, `symbols` what it concerns."""

    id: int
    about_at: datetime
    written_at: datetime
    author: str
    text: str
    symbols: tuple[str, ...]


def write(
    state: State, about_at: datetime, text: str, *, symbols: tuple[str, ...] = (), edit: Edit
) -> Note:
    """A new note of a moment that is not ahead of its writing."""
    if about_at > edit.at:
        raise ConfigError("a note is about a moment that has been; this one lies ahead")
    if not text.strip():
        raise ConfigError("a note without words says nothing; write some")
    with state.transaction() as connection:
        row = connection.execute(
            "INSERT INTO note (about_at, written_at, author, text, symbols)"
            " VALUES (?, ?, ?, ?, ?) RETURNING *",
            (stamp(about_at), stamp(edit.at), name(edit.author, "the author"))
            + (prose(text.strip(), "the note"), pack(list(symbols), "the note's instruments")),
        ).fetchone()
        return _note(row)


def known(state: State, *, since: datetime, until: datetime, as_of: datetime) -> tuple[Note, ...]:
    """Notes about a span that had been written by a clock, in the order of their moments."""
    clock = stamp(as_of)
    rows = state.rows(BETWEEN, (stamp(since), stamp(until), clock, clock, MOST))
    return tuple(_note(row) for row in rows)


def withdraw(state: State, note_id: int, *, edit: Edit) -> bool:
    """Take a note back from here on; false where it was taken back already."""
    with state.transaction() as connection:
        done = connection.execute(
            "UPDATE note SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL",
            (stamp(edit.at), note_id),
        )
        return bool(done.rowcount)


def _note(row: Row) -> Note:
    return Note(
        row["id"],
        moment(row["about_at"]),
        moment(row["written_at"]),
        row["author"],
        row["text"],
        words(row["symbols"]),
    )
