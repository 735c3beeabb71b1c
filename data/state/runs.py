"""The ledger of runs: every execution of a job, planned once per due instant, ended once.

Refuses to let a process that lost its claim write the end of a run that another took over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Literal, get_args

from data.errors import ConfigError, StateError
from data.state.connection import Row
from data.state.db import State
from data.state.values import choice, maybe_moment, maybe_stamp, moment, name, prose, stamp, whole

EndStatus = Literal["ok", "empty", "partial", "failed", "skipped", "over_budget"]
RunStatus = Literal["planned", "running", EndStatus]
ENDED: tuple[EndStatus, ...] = get_args(EndStatus)
STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)
RETRIED: tuple[EndStatus, ...] = ("partial", "failed", "over_budget")
SET_ASIDE: tuple[EndStatus, ...] = ("skipped", "over_budget", "failed")
BY_ID = "SELECT * FROM run WHERE id = ?"
MESSAGE_LENGTH = 4000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, or how far it is; bytes as received, rows as added to the lake."""

    status: RunStatus
    calls: int = 0
    bytes: int = 0
    rows_added: int = 0
    vintages_added: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs it: `fence` of its lease, and until when it may be silent."""

    owner: str
    fence: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a job."""

    id: int
    job: str
    source: str
    due_at: datetime
    planned_at: datetime
    attempt: int
    holder: Holder | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome


def plan(state: State, job: str, source: str, *, due_at: datetime, now: datetime) -> Run:
    """The run of that job at that instant: new, or the one planned before."""
    key = (name(job, "the job"), stamp(due_at))
    with state.transaction() as connection:
        connection.execute(
            "INSERT INTO run (job, source, due_at, planned_at, status)"
            " VALUES (?, ?, ?, ?, 'planned') ON CONFLICT (job, due_at) DO NOTHING",
            (key[0], name(source, "the source"), key[1], stamp(now)),
        )
        return _run(
            connection.execute("SELECT * FROM run WHERE job = ? AND due_at = ?", key).fetchone()
        )


def claim(state: State, run_id: int, holder: Holder, *, now: datetime) -> Run | None:
    """Start it, or take it over from a holder whose time is up; none when it is not to be had.

    A holder with an older fence than the last one gets nothing: it was replaced.
    """
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE run SET status = 'running', owner = ?, fence = ?, lease_until = ?,"
            " started_at = ?, attempt = attempt + 1 WHERE id = ? AND (status = 'planned'"
            " OR (status = 'running' AND lease_until < ?)) AND (fence IS NULL OR fence <= ?)"
            " RETURNING *",
            (name(holder.owner, "the owner"), holder.fence, stamp(holder.until))
            + (stamp(now), run_id, stamp(now), holder.fence),
        ).fetchone()
        return None if row is None else _run(row)


def report(state: State, run: Run, so_far: Outcome, *, until: datetime) -> Run:
    """Progress of a running one, which also prolongs its claim."""
    return _write(state, run, "running", so_far, (stamp(until), None))


def finish(state: State, run: Run, outcome: Outcome, *, now: datetime) -> Run:
    """The end of a running one, written by the holder of its claim and by nobody else."""
    choice(outcome.status, "the status of an ended run", ENDED)
    return _write(state, run, outcome.status, outcome, (None, stamp(now)))


def set_aside(state: State, run_id: int, outcome: Outcome, *, now: datetime) -> Run:
    """End a planned one that will not run: skipped, over budget, failed before its start."""
    choice(outcome.status, "the status of a run set aside", SET_ASIDE)
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE run SET status = ?, message = ?, ended_at = ?"
            " WHERE id = ? AND status = 'planned' RETURNING *",
            (outcome.status, prose(outcome.message, "the message", limit=MESSAGE_LENGTH))
            + (stamp(now), run_id),
        ).fetchone()
        if row is None:
            raise StateError(f"run {run_id} is not planned any more; look at its present status")
        return _run(row)


def retry(state: State, run_id: int) -> Run:
    """A partial, failed or over-budget run is planned again; the number of attempts stays."""
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE run SET status = 'planned', owner = NULL, lease_until = NULL, ended_at = NULL"
            " WHERE id = ? AND status IN ('partial', 'failed', 'over_budget') RETURNING *",
            (run_id,),
        ).fetchone()
        if row is None:
            raise ConfigError(
                f"run {run_id} cannot be tried again; only these can: {', '.join(RETRIED)}"
            )
        return _run(row)


def forsake(state: State, run: Run) -> Run:
    """A running one waits again at once: the caller knows that its holder is dead."""
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE run SET status = 'planned', owner = NULL, lease_until = NULL"
            " WHERE id = ? AND status = 'running' AND attempt = ? RETURNING *",
            (run.id, run.attempt),
        ).fetchone()
        if row is None:
            raise StateError(f"run {run.id} of {run.job} is not running any more; look at it again")
        return _run(row)


def last_fence(state: State, run_id: int) -> int:
    """The highest fence that ever held it; 1 where none did. For those who hold it by a lock."""
    row = state.row("SELECT COALESCE(MAX(fence), 1) AS fence FROM run WHERE id = ?", (run_id,))
    return 1 if row is None else int(row["fence"])


def read(state: State, run_id: int) -> Run | None:
    """One run as it stands."""
    row = state.row(BY_ID, (run_id,))
    return None if row is None else _run(row)


def recent(
    state: State, *, as_of: datetime, job: str | None = None, limit: int = 200
) -> tuple[Run, ...]:
    """Runs planned by `as_of`, the latest due first, as they stood then.

    Of a run that was tried again only the last attempt is on record.
    """
    rows = state.rows(
        "SELECT * FROM run WHERE planned_at <= ? AND (? IS NULL OR job = ?)"
        " ORDER BY due_at DESC, id DESC LIMIT ?",
        (stamp(as_of), job, job, limit),
    )
    return tuple(_as_it_stood(_run(row), as_of) for row in rows)


def search(
    state: State,
    *,
    as_of: datetime,
    job: str | None = None,
    status: RunStatus | None = None,
    limit: int = 200,
) -> tuple[Run, ...]:
    """`recent` of one job, whatever the reason of its runs, and of one status as it was then."""
    choice(status or "ok", "the status of a run", STATUSES)
    low, high = (f"{job}@", f"{job}A") if job else (None, None)
    rows = state.rows(
        # What has ended since had another status then; it is looked at below.
        "SELECT * FROM run WHERE planned_at <= ?"
        " AND (? IS NULL OR job = ? OR (job > ? AND job < ?))"
        " AND (? IS NULL OR status = ? OR COALESCE(ended_at, started_at) > ?)"
        " ORDER BY due_at DESC, id DESC LIMIT ?",
        (stamp(as_of), job, job, low, high, status, status, stamp(as_of))
        + (limit if status is None else -1,),
    )
    found = (_as_it_stood(_run(row), as_of) for row in rows)
    return tuple(islice((r for r in found if status in (None, r.outcome.status)), limit))


@dataclass(frozen=True, slots=True)
class JobFailures:
    """How many runs of a job ended badly over a time, when the last of them did, and how."""

    job: str
    count: int
    last_at: datetime
    status: EndStatus


def failures(state: State, *, since: datetime, as_of: datetime) -> tuple[JobFailures, ...]:
    """By job the runs that ended after one instant and by another without their work done."""
    rows = state.rows(
        # Of the bare column SQLite gives the value of the row with the maximum.
        "SELECT job, status, COUNT(*) AS n, MAX(ended_at) AS last_at FROM run"
        " WHERE status IN ('failed', 'partial', 'over_budget')"
        " AND ended_at > ? AND ended_at <= ? GROUP BY job ORDER BY job",
        (stamp(since), stamp(as_of)),
    )
    return tuple(
        JobFailures(row["job"], row["n"], moment(row["last_at"]), row["status"]) for row in rows
    )


def latest(state: State, job: str, *, as_of: datetime) -> Run | None:
    """The run of that job that was under way or had ended last by `as_of`, for whatever reason.

    What was passed over without a start says nothing of how the job fares.
    """
    rows = state.rows(
        "SELECT * FROM (SELECT * FROM run WHERE job = ? AND planned_at <= ?"
        " ORDER BY due_at DESC LIMIT 20)"
        " UNION ALL SELECT * FROM run WHERE job > ? AND job < ? AND planned_at <= ?",
        (job, stamp(as_of), f"{job}@", f"{job}A", stamp(as_of)),
    )
    stood = (_as_it_stood(_run(row), as_of) for row in rows)
    met = [
        run
        for run in stood
        if run.outcome.status != "planned" and (run.started_at or run.outcome.status != "skipped")
    ]
    return max(
        met, key=lambda run: (run.started_at or run.ended_at or run.due_at, run.id), default=None
    )


def waiting(state: State, *, now: datetime) -> tuple[Run, ...]:
    """What is due and can be claimed: planned, or left behind by a holder whose time is up."""
    rows = state.rows(
        "SELECT * FROM run WHERE due_at <= ? AND (status = 'planned' OR (status = 'running'"
        " AND lease_until < ?)) ORDER BY due_at, id",
        (stamp(now), stamp(now)),
    )
    return tuple(_run(row) for row in rows)


def last_due(state: State, job: str, *, by: datetime | None = None) -> datetime | None:
    """The latest instant for which the job was ever planned: what comes after it is missing.

    With `by` the latest up to then: after a clock that ran ahead was set right, later instants
    stand in the ledger that say nothing about what is due now.
    """
    row = state.row(
        "SELECT MAX(due_at) AS due_at FROM run WHERE job = ? AND (? IS NULL OR due_at <= ?)",
        (job, maybe_stamp(by), maybe_stamp(by)),
    )
    return None if row is None else maybe_moment(row["due_at"])


def last_good(state: State, job: str, *, as_of: datetime) -> Run | None:
    """The latest run that ended with all the source had, by `as_of`."""
    row = state.row(
        "SELECT * FROM run WHERE job = ? AND status IN ('ok', 'empty') AND ended_at <= ?"
        " ORDER BY ended_at DESC, id DESC LIMIT 1",
        (job, stamp(as_of)),
    )
    return None if row is None else _run(row)


def _write(
    state: State, run: Run, status: RunStatus, so_far: Outcome, ends: tuple[str | None, str | None]
) -> Run:
    if run.holder is None:
        raise StateError(f"run {run.id} was not claimed; claim it before writing to it")
    counts = (so_far.calls, so_far.bytes, so_far.rows_added, so_far.vintages_added)
    for count in counts:
        whole(count, "a count of the run")
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE run SET status = ?, calls = ?, bytes = ?, rows_added = ?, vintages_added = ?,"
            " message = ?, lease_until = ?, ended_at = ? WHERE id = ? AND status = 'running'"
            " AND owner = ? AND fence = ? AND attempt = ? RETURNING *",
            (status, *counts, prose(so_far.message, "the message", limit=MESSAGE_LENGTH), *ends)
            + (run.id, run.holder.owner, run.holder.fence, run.attempt),
        ).fetchone()
        if row is None:
            raise StateError(
                f"run {run.id} of {run.job} was taken over or has ended; "
                f"{run.holder.owner} must stop and write nothing more"
            )
        return _run(row)


def _as_it_stood(run: Run, as_of: datetime) -> Run:
    if run.started_at is not None and run.started_at <= as_of:
        if run.ended_at is None or run.ended_at <= as_of:
            return run
        return replace(run, ended_at=None, outcome=Outcome("running"))
    if run.started_at is None and run.ended_at is not None and run.ended_at <= as_of:
        return run  # set aside without a start
    waiting = Outcome("planned")
    return replace(run, attempt=0, holder=None, started_at=None, ended_at=None, outcome=waiting)


def _run(row: Row) -> Run:
    holder = None
    if row["owner"] is not None:
        until = row["lease_until"] or row["ended_at"]
        holder = Holder(row["owner"], row["fence"], moment(until))
    return Run(
        id=row["id"],
        job=row["job"],
        source=row["source"],
        due_at=moment(row["due_at"]),
        planned_at=moment(row["planned_at"]),
        attempt=row["attempt"],
        holder=holder,
        started_at=maybe_moment(row["started_at"]),
        ended_at=maybe_moment(row["ended_at"]),
        outcome=Outcome(
            row["status"],
            row["calls"],
            row["bytes"],
            row["rows_added"],
            row["vintages_added"],
            row["message"],
        ),
    )
