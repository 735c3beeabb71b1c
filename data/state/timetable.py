"""The timetable as the scheduler posts it: its jobs, the sources, their quotas, what is due next.

Pages read it here because they may not load the sources. It holds the names of keys, whether they
are there, and never a key.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from data.errors import StateError
from data.quotas import QuotaUnit, Span
from data.state.db import State
from data.state.values import Edit, maybe_moment, maybe_stamp, moment, name, pack, stamp, unpack


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job that runs in this workspace; `cadence` is in words."""

    name: str
    source: str
    about: str
    cadence: str
    datasets: tuple[str, ...] = ()
    priority: int = 5


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source; `secret` names its key, `why_off` says why its jobs do not run, if so."""

    name: str
    title: str
    gives: str
    licence: str = ""
    secret: str | None = None
    has_key: bool = False
    is_key_optional: bool = False
    why_off: str = ""


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """One quota of a day or a month by the provider's clock.

    `kept` is what jobs must leave for people; `asked` is what they ask in the fullest such span
    of the coming month. `as_of` is the day on which the figure was read in the `terms`. `room` is
    how many more instruments of the source would fit, none where it is asked for no names.
    """

    source: str
    amount: int
    unit: QuotaUnit
    per: Span
    zone: str = "UTC"
    kept: int = 0
    asked: int = 0
    terms: str = ""
    as_of: str = ""
    plan: str = ""
    price_usd: float = 0.0
    room: int | None = None


@dataclass(frozen=True, slots=True)
class StoredTimetable:
    """All of it; `verdict` is the proof that the coming month fits, or says by what it does not.

    `money` says what the plans cost against what may be spent.
    """

    jobs: tuple[JobLine, ...]
    sources: tuple[SourceLine, ...] = ()
    quotas: tuple[QuotaLine, ...] = ()
    verdict: str = ""
    money: str = ""


@dataclass(frozen=True, slots=True)
class PostedTimetable:
    """A timetable and when it was said."""

    at: datetime
    author: str
    table: StoredTimetable


def post(state: State, table: StoredTimetable, *, edit: Edit) -> None:
    """Keep it, unless it says what the last one said."""
    document = pack(asdict(table), "the timetable")
    with state.transaction() as connection:
        last = connection.execute(
            "SELECT document FROM timetable ORDER BY posted_at DESC, id DESC LIMIT 1"
        ).fetchone()
        if last is None or last["document"] != document:
            connection.execute(
                "INSERT INTO timetable (posted_at, author, document) VALUES (?, ?, ?)",
                (stamp(edit.at), name(edit.author, "the author"), document),
            )


def posted(state: State, *, as_of: datetime) -> PostedTimetable | None:
    """The last one said by `as_of`; none before the first start of a scheduler."""
    row = state.row(
        "SELECT * FROM timetable WHERE posted_at <= ? ORDER BY posted_at DESC, id DESC LIMIT 1",
        (stamp(as_of),),
    )
    if row is None:
        return None
    return PostedTimetable(moment(row["posted_at"]), row["author"], _table(row["document"]))


def set_due(state: State, job: str, due_at: datetime | None) -> None:
    """When the timetable wants that job next; none when it never does."""
    with state.transaction() as connection:
        connection.execute(
            "INSERT INTO job_due (job, due_at) VALUES (?, ?)"
            " ON CONFLICT (job) DO UPDATE SET due_at = excluded.due_at",
            (name(job, "the job"), maybe_stamp(due_at)),
        )


def dues(state: State) -> dict[str, datetime | None]:
    """The next instant of each job, as the scheduler last saw it."""
    rows = state.rows("SELECT job, due_at FROM job_due")
    return {row["job"]: maybe_moment(row["due_at"]) for row in rows}


def _table(document: str) -> StoredTimetable:
    raw: dict[str, Any] = dict(unpack(document))
    try:
        jobs = [_job(entry) for entry in raw["jobs"]]
        sources = [SourceLine(**entry) for entry in raw["sources"]]
        quotas = [QuotaLine(**entry) for entry in raw["quotas"]]
        said = str(raw["verdict"]), str(raw.get("money", ""))
        return StoredTimetable(tuple(jobs), tuple(sources), tuple(quotas), *said)
    except (KeyError, TypeError):
        raise StateError(
            "the timetable was posted by another version of Barograph; start the scheduler of "
            "this version, which posts it anew"
        ) from None


def _job(entry: dict[str, Any]) -> JobLine:
    return JobLine(**(entry | {"datasets": tuple(entry["datasets"])}))
