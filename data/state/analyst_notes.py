"""Archived notes on instruments, companies, countries and lists, withheld ones among them.

Refuses to change a note, to score one that knows the future, and more of a reader's notes in a day
than the limit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from data.errors import BudgetError, ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, choice, finite, moment, name, pack, prose, stamp, unpack, whole

AnalystNoteStatus = Literal["template", "model", "withheld"]
STATUSES: tuple[AnalystNoteStatus, ...] = get_args(AnalystNoteStatus)
ADD = """INSERT INTO analyst_note (kind, entity, title, author, as_of, written_at, status,
    knows_future, sections, facts, problems, model, prompt_version, temperature, tokens, dollars,
    hypothesis_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *"""
FACTS_LENGTH = 2_000_000
DAILY_LIMIT = 20
PAST = timedelta(days=1)  # a clock so far behind the writing is a past one
KNOWS_FUTURE = "The model knows the future: written at a past clock, never scored."
AT_PAST_CLOCK = "Written at a past clock by a fixed rule, never scored."


@dataclass(frozen=True, slots=True)
class NoteCost:
    """What wrote a note, and its cost: none where that is not known, nothing by the template."""

    model: str = ""
    prompt_version: str = ""
    temperature: float | None = None
    tokens: int | None = 0
    dollars: float | None = 0.0


@dataclass(frozen=True, slots=True)
class WithheldFor:
    """Words for which a note was withheld, and why."""

    section: str
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note that is to be archived; `facts` is the JSON of its pack, `as_of` its clock."""

    kind: str
    entity: str
    title: str
    as_of: datetime
    status: AnalystNoteStatus
    sections: Mapping[str, str]
    facts: str
    problems: tuple[WithheldFor, ...] = ()
    cost: NoteCost = NoteCost()
    hypothesis_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnalystNote:
    """A note of the archive."""

    id: int
    note: NewNote
    author: str
    written_at: datetime
    knows_future: bool

    @property
    def label(self) -> str:
        """What has to stand above it; nothing for one that was written at its own clock."""
        if not self.knows_future:
            return ""
        return KNOWS_FUTURE if self.note.cost.model else AT_PAST_CLOCK


def is_past(as_of: datetime, written_at: datetime) -> bool:
    """Whether a note at this clock is written by somebody who knows what came after it."""
    return written_at - as_of > PAST


def used_today(state: State, author: str, *, now: datetime) -> int:
    """How many notes a reader has had since midnight UTC, those that a model is still asked for
    among them."""
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    who = name(author, "the author")
    rows = state.rows(
        "SELECT (SELECT COUNT(*) FROM analyst_note"
        " WHERE author = ? AND written_at >= ? AND written_at <= ?)"
        " + (SELECT COUNT(*) FROM note_request"
        " WHERE asked_by = ? AND asked_at <= ? AND ended_at IS NULL) AS count",
        (who, stamp(start), stamp(now), who, stamp(now)),
    )
    return int(rows[0]["count"])


def refuse_over_limit(state: State, author: str, *, now: datetime, limit: int) -> None:
    """Refuse one more note of a reader whose day is full; asked before anything is sent."""
    used = used_today(state, author, now=now)
    if used >= limit:
        raise BudgetError(
            f"{author} has had {used} of {limit} notes today; more from midnight UTC on"
        )


def archive(state: State, note: NewNote, *, edit: Edit, limit: int = DAILY_LIMIT) -> AnalystNote:
    """Keep a note for good."""
    knows_future = is_past(note.as_of, edit.at)
    if note.hypothesis_id is not None and (knows_future or note.status == "withheld"):
        raise ConfigError("a note at a past clock, or one that was withheld, is never scored")
    if (note.status == "withheld") != bool(note.problems):
        raise ConfigError("a note is withheld for a reason, and only then has one")
    if note.as_of > edit.at:
        raise ConfigError("the clock of a note is not ahead of its writing; choose an earlier one")
    values = _values(note, edit, knows_future=knows_future)
    with state.transaction() as connection:
        refuse_over_limit(state, edit.author, now=edit.at, limit=limit)
        row = connection.execute(ADD, values).fetchone()
        return _note(row)


def _values(note: NewNote, edit: Edit, *, knows_future: bool) -> tuple[object, ...]:
    cost = note.cost
    temperature = None if cost.temperature is None else finite(cost.temperature, "the temperature")
    problems = [[one.section, one.quote, one.reason] for one in note.problems]
    return (
        name(note.kind, "the kind of subject"),
        name(note.entity, "the subject", limit=200),
        name(note.title, "the title", limit=200),
        name(edit.author, "the author"),
        stamp(note.as_of),
        stamp(edit.at),
        choice(note.status, "the status", STATUSES),
        int(knows_future),
        pack(note.sections, "the sections"),
        prose(note.facts, "the facts", limit=FACTS_LENGTH),
        pack(problems, "the reasons"),
        prose(cost.model, "the model", limit=200),
        prose(cost.prompt_version, "the prompt's version", limit=200),
        temperature,
        None if cost.tokens is None else whole(cost.tokens, "the tokens"),
        None if cost.dollars is None else finite(cost.dollars, "the dollars"),
        note.hypothesis_id,
    )


def read(state: State, note_id: int, *, as_of: datetime) -> AnalystNote | None:
    """A note, or none where it was not yet written at the clock."""
    rows = state.rows(
        "SELECT * FROM analyst_note WHERE id = ? AND written_at <= ?", (note_id, stamp(as_of))
    )
    return _note(rows[0]) if rows else None


def archived(  # noqa: PLR0913 - by what an archive is searched
    state: State,
    *,
    as_of: datetime,
    entity: str | None = None,
    author: str | None = None,
    since: datetime | None = None,
    limit: int = 200,
) -> tuple[AnalystNote, ...]:
    """The notes written by a clock, newest first: of a subject, of an author, since a clock."""
    begin = None if since is None else stamp(since)
    rows = state.rows(
        "SELECT * FROM analyst_note WHERE written_at <= ? AND (? IS NULL OR entity = ?)"
        " AND (? IS NULL OR author = ?) AND (? IS NULL OR as_of >= ?)"
        " ORDER BY written_at DESC, id DESC LIMIT ?",
        (stamp(as_of), entity, entity, author, author, begin, begin, limit),
    )
    return tuple(_note(row) for row in rows)


def spent(state: State, *, as_of: datetime, since: datetime) -> tuple[int, float]:
    """Known tokens and dollars of the notes of a span."""
    rows = state.rows(
        "SELECT COALESCE(SUM(tokens), 0) AS tokens, COALESCE(SUM(dollars), 0) AS dollars"
        " FROM analyst_note WHERE written_at >= ? AND written_at <= ?",
        (stamp(since), stamp(as_of)),
    )
    return int(rows[0]["tokens"]), float(rows[0]["dollars"])


def _note(row: Row) -> AnalystNote:
    problems: Sequence[Sequence[str]] = json.loads(row["problems"])
    note = NewNote(
        kind=row["kind"],
        entity=row["entity"],
        title=row["title"],
        as_of=moment(row["as_of"]),
        status=row["status"],
        sections={key: str(text) for key, text in unpack(row["sections"]).items()},
        facts=row["facts"],
        problems=tuple(WithheldFor(*parts) for parts in problems),
        cost=NoteCost(
            row["model"],
            row["prompt_version"],
            row["temperature"],
            row["tokens"],
            row["dollars"],
        ),
        hypothesis_id=row["hypothesis_id"],
    )
    return AnalystNote(
        row["id"], note, row["author"], moment(row["written_at"]), bool(row["knows_future"])
    )
