"""Notes that a model was asked for: waiting until every section is answered, then ended for good.

Refuses to end one twice. A request that waits counts to the limit of who asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from data.errors import ConfigError, StateError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, maybe_moment, moment, name, pack, prose, stamp, unpack, whole

CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class NoteSubject:
    """What a note is of: all that is needed to gather its facts again at its clock.

    `members` are the instruments of a list, `portfolio` the book whose positions count, if any.
    """

    kind: str
    entity: str
    title: str
    members: tuple[str, ...] = ()
    portfolio: str = ""
    currency: str = CURRENCY
    mode: str = "public"


@dataclass(frozen=True, slots=True)
class NoteRequest:
    """A note that was asked for; `questions` are the checks of its sections, by name."""

    id: int
    subject: NoteSubject
    as_of: datetime
    asked_by: str
    asked_at: datetime
    questions: Mapping[str, int]
    ended_at: datetime | None = None
    note_id: int | None = None
    message: str = ""


def add(
    state: State,
    subject: NoteSubject,
    questions: Mapping[str, int],
    *,
    as_of: datetime,
    edit: Edit,
) -> NoteRequest:
    """Keep that a note was asked for."""
    if not questions:
        raise ConfigError("no facts are known at this time, so there is nothing to ask a model")
    if as_of > edit.at:
        raise ConfigError("the clock of a note is not ahead of its writing; choose an earlier one")
    told = {field: getattr(subject, field) for field in NoteSubject.__slots__}
    values = (
        pack(told, "the subject"),
        name(subject.entity, "the subject", limit=200),
        stamp(as_of),
        name(edit.author, "the author"),
        stamp(edit.at),
        pack(questions, "the questions"),
    )
    with state.transaction() as connection:
        row = connection.execute(
            "INSERT INTO note_request (subject, entity, as_of, asked_by, asked_at, questions)"
            " VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
            values,
        ).fetchone()
        return _request(row)


def waiting(state: State) -> tuple[NoteRequest, ...]:
    """Those that no note has ended, the oldest first."""
    rows = state.rows("SELECT * FROM note_request WHERE ended_at IS NULL ORDER BY id")
    return tuple(_request(row) for row in rows)


def recent(
    state: State, *, as_of: datetime, entity: str | None = None, limit: int = 20
) -> tuple[NoteRequest, ...]:
    """Those asked for by a clock, newest first; an end that came later is not shown."""
    clock = stamp(as_of)
    rows = state.rows(
        "SELECT * FROM note_request WHERE asked_at <= ? AND (? IS NULL OR entity = ?)"
        " ORDER BY asked_at DESC, id DESC LIMIT ?",
        (clock, entity, entity, limit),
    )
    return tuple(_request(row, clock) for row in rows)


def end(
    state: State,
    request: NoteRequest,
    *,
    now: datetime,
    note_id: int | None = None,
    message: str = "",
) -> NoteRequest:
    """The note that came of it, or why none did."""
    text = prose(message, "the message", limit=4000)
    if note_id is None and not text:
        raise ConfigError("a request that ends without a note needs a reason")
    number = None if note_id is None else whole(note_id, "the note", least=1)
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE note_request SET ended_at = ?, note_id = ?, message = ?"
            " WHERE id = ? AND ended_at IS NULL RETURNING *",
            (stamp(now), number, text, request.id),
        ).fetchone()
        if row is None:
            raise StateError(f"the request {request.id} for a note has ended already")
        return _request(row)


def _request(row: Row, clock: str | None = None) -> NoteRequest:
    told = unpack(row["subject"])
    members = told.pop("members", [])
    texts = {field: str(value) for field, value in told.items()}
    is_later = clock is not None and row["ended_at"] is not None and row["ended_at"] > clock
    questions = {section: int(str(number)) for section, number in unpack(row["questions"]).items()}
    return NoteRequest(
        row["id"],
        NoteSubject(**texts, members=tuple(map(str, members)) if isinstance(members, list) else ()),
        moment(row["as_of"]),
        row["asked_by"],
        moment(row["asked_at"]),
        questions,
        None if is_later else maybe_moment(row["ended_at"]),
        None if is_later else row["note_id"],
        "" if is_later else row["message"],
    )
