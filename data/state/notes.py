"""Notes of the team, dated by both clocks: the moment they are about, and when they were written.

A note is never changed in place: a new version ends the one before, which an earlier clock still
shows, as it shows a note that was withdrawn.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, moment, name, pack, prose, stamp, words

BETWEEN = """SELECT * FROM note WHERE about_at >= ? AND about_at <= ? AND written_at <= ?
    AND (withdrawn_at IS NULL OR withdrawn_at > ?) ORDER BY about_at, id LIMIT ?"""
EVERY = """SELECT * FROM note WHERE written_at <= ? AND (withdrawn_at IS NULL OR withdrawn_at > ?)
    ORDER BY about_at DESC, id DESC"""
ADD = """INSERT INTO note (about_at, written_at, author, text, symbols)
    VALUES (?, ?, ?, ?, ?) RETURNING *"""
MOST = 500
LENGTH = 4_000


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
    packed = pack(list(symbols), "the note's instruments")
    with state.transaction() as connection:
        return _add(connection, (stamp(about_at), packed), text, edit)


def rewrite(state: State, note_id: int, text: str, *, edit: Edit) -> Note:
    """A new version of a note, of the same moment; the same text again adds none."""
    with state.transaction() as connection:
        row = connection.execute(
            "SELECT * FROM note WHERE id = ? AND withdrawn_at IS NULL", (note_id,)
        ).fetchone()
        if row is None:
            raise ConfigError("this note was changed or deleted meanwhile; look at it again")
        if row["text"] == text.strip():
            return _note(row)
        connection.execute(
            "UPDATE note SET withdrawn_at = ? WHERE id = ?", (stamp(edit.at), note_id)
        )
        return _add(connection, (row["about_at"], row["symbols"]), text, edit)


def _add(connection: sqlite3.Connection, about: tuple[str, str], text: str, edit: Edit) -> Note:
    moment_text, symbols = about
    if not text.strip():
        raise ConfigError("a note without words says nothing; write some")
    clean = prose(text.strip(), "the note", limit=LENGTH)
    author = name(edit.author, "the author")
    values = (moment_text, stamp(edit.at), author, clean, symbols)
    return _note(connection.execute(ADD, values).fetchone())


def known(state: State, *, since: datetime, until: datetime, as_of: datetime) -> tuple[Note, ...]:
    """Notes about a span that had been written by a clock, in the order of their moments."""
    clock = stamp(as_of)
    rows = state.rows(BETWEEN, (stamp(since), stamp(until), clock, clock, MOST))
    return tuple(_note(row) for row in rows)


def of_instrument(state: State, symbol: str, *, as_of: datetime) -> tuple[Note, ...]:
    """Notes that concern an instrument, as they stood at a clock; the latest moment first."""
    clock = stamp(as_of)
    found = (_note(row) for row in state.rows(EVERY, (clock, clock)))
    return tuple(item for item in found if symbol in item.symbols)[:MOST]


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
