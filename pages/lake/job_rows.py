"""What Jobs shows of the state, as plain rows: jobs, sources, quotas, wishes; no Streamlit here.

Everything but breakers, quotas and next instants is as it stood at the clock; these three are
kept in place, so a past clock gets none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from data.state import breakers, budgets, leases, requests, runs, timetable
from data.state.breakers import Breaker
from data.state.db import State
from data.state.requests import RequestStatus
from data.state.runs import Run, RunStatus
from data.state.timetable import JobLine, PostedTimetable, QuotaLine, SourceLine
from pages.frame.view import age

LEASE = "scheduler"
WORDS = {
    "": "timetable",
    "release": "release",
    "change": "change",
    "missed": "missed",
    "request": "asked",
}
WISHES = 6
WISH_AGE = timedelta(days=1)
MESSAGE = 240
MINUTE = 60
Used = Mapping[tuple[str, str, str], int]  # by source, unit and window
# What a source fares like, the gravest first: the first that holds of any of its jobs is told.
GRAVEST: tuple[RunStatus, ...] = ("over_budget", "failed", "partial", "running", "ok", "empty")


SourceState = Literal[
    "needs a key",
    "off",
    "not run yet",
    "stale",
    "resting",
    "failed",
    "partial",
    "running",
    "ok",
]
WISH_WORDS: Mapping[RequestStatus, str] = {"requested": "waiting", "claimed": "taken up"}


@dataclass(frozen=True, slots=True)
class Clock:
    """The instant to read at, and whether it is the present."""

    at: datetime
    is_now: bool


@dataclass(frozen=True, slots=True)
class JobState:
    """A job, its last run, when it last got all there was, and when it is due."""

    line: JobLine
    last: Run | None
    good: datetime | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """One consistent look at the state; `posted` is none before a scheduler's first start."""

    posted: PostedTimetable | None
    jobs: tuple[JobState, ...] = ()
    rests: Mapping[str, Breaker] | None = None
    used: Used | None = None


def read(state: State, clock: Clock) -> Board:
    """The timetable and how its jobs fare."""
    with state.read():
        posted = timetable.posted(state, as_of=clock.at)
        if posted is None:
            return Board(None)
        dues = timetable.dues(state) if clock.is_now else {}
        jobs = tuple(_job(state, line, dues, clock.at) for line in posted.table.jobs)
        if not clock.is_now:
            return Board(posted, jobs)
        used = {(item.source, item.unit, item.window): item.used for item in budgets.usage(state)}
        return Board(posted, jobs, {b.source: b for b in breakers.everyone(state)}, used)


def job_rows(board: Board, clock: Clock) -> list[dict[str, Any]]:
    """A line per job, sources together."""
    return [
        {
            "source": job.line.source,
            "job": job.line.name,
            "cadence": job.line.cadence,
            "status": job.last.outcome.status if job.last else "not run yet",
            "when": age(moment_of(job.last), clock.at) + " ago" if job.last else None,
            "due": job.due,
            "in": ahead(job.due, clock.at),
            "message": shortened(job.last.outcome.message) if job.last else "",
        }
        for job in sorted(board.jobs, key=lambda job: (job.line.source, job.line.name))
    ]


def source_rows(board: Board, clock: Clock) -> list[dict[str, Any]]:
    """A line per source: those that run first, then those that would need something."""
    if board.posted is None:
        return []
    lines = sorted(
        board.posted.table.sources, key=lambda source: (bool(source.why_off), source.name)
    )
    return [_source(item, board, clock) for item in lines]


def quota_rows(board: Board, clock: Clock) -> list[dict[str, Any]]:
    """A line per quota of a day or a month, at the present only."""
    if board.posted is None or board.used is None:
        return []
    return [_quota(line, board.used, clock.at) for line in board.posted.table.quotas]


def run_row(run: Run, at: datetime) -> dict[str, Any]:
    """One run as the tables show it."""
    done = run.outcome
    end = run.ended_at or at
    return {
        "job": run.job.partition("@")[0],
        "why": WORDS.get(run.job.partition("@")[2].partition("-")[0], "asked"),
        "status": done.status,
        "due_at": run.due_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "took": (end - run.started_at).total_seconds() if run.started_at else None,
        "attempt": run.attempt,
        "calls": done.calls,
        "megabytes": done.bytes / 1e6,
        "rows": done.rows_added,
        "vintages": done.vintages_added,
        "message": shortened(done.message),
    }


def under_way(state: State, clock: Clock) -> list[dict[str, Any]]:
    """What runs at the clock."""
    found = runs.search(state, as_of=clock.at, status="running")
    return [run_row(run, clock.at) | _silence(run, clock) for run in found]


def _silence(run: Run, clock: Clock) -> dict[str, Any]:
    """A claim that has run out is a process that died, until a scheduler takes the run over."""
    if not clock.is_now or run.holder is None or run.holder.until >= clock.at:
        return {}
    return {
        "message": f"no sign of life for {age(run.holder.until, clock.at)}; it is taken over"
        " once a scheduler is at work"
    }


def wish_rows(state: State, clock: Clock) -> list[dict[str, Any]]:
    """What was asked for in the last day and what became of it, the newest first."""
    found = requests.recent(state, as_of=clock.at, limit=WISHES)
    return [
        {
            "job": wish.job,
            "asked_at": wish.requested_at,
            "status": WISH_WORDS.get(wish.status, wish.status),
            "ended_at": wish.ended_at,
            "took": (wish.ended_at - wish.requested_at).total_seconds() if wish.ended_at else None,
            "message": shortened(wish.message),
        }
        for wish in found
        if clock.at - wish.requested_at < WISH_AGE
    ]


def is_bad(job: JobState) -> bool:
    """Whether its last run ended without all there was."""
    return job.last is not None and job.last.outcome.status in runs.RETRIED


def feeders(board: Board) -> dict[str, str]:
    """Dataset -> the jobs that fill it."""
    by: dict[str, list[str]] = {}
    for job in board.jobs:
        for dataset in job.line.datasets:
            by.setdefault(dataset, []).append(job.line.name)
    return {dataset: ", ".join(sorted(jobs)) for dataset, jobs in by.items()}


def is_scheduled(state: State, at: datetime) -> bool:
    """Whether a scheduler is at work."""
    return leases.current(state, LEASE, now=at) is not None


def last_scheduled(state: State) -> datetime | None:
    """When the last scheduler stopped, or its claim ran out; none where there never was one."""
    return leases.last_end(state, LEASE)


def moment_of(run: Run | None) -> datetime | None:
    """The instant that says how old a run is: its end, or its start while it goes on."""
    return None if run is None else run.ended_at or run.started_at or run.due_at


def shortened(text: str) -> str:
    """A message on one line, cut where it would fill the page."""
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE else line[: MESSAGE - 1] + "…"


def _job(
    state: State, line: JobLine, dues: Mapping[str, datetime | None], at: datetime
) -> JobState:
    last = runs.latest(state, line.name, as_of=at)
    timed = runs.last_good(state, line.name, as_of=at)
    ends = [run.ended_at for run in (last, timed) if run and run.outcome.status in ("ok", "empty")]
    good = max((end for end in ends if end), default=None)
    return JobState(line, last, good, dues.get(line.name))


def _source(source_line: SourceLine, board: Board, clock: Clock) -> dict[str, Any]:
    mine = [job for job in board.jobs if job.line.source == source_line.name]
    good = max((job.good for job in mine if job.good), default=None)
    rest = (board.rests or {}).get(source_line.name)
    status, words = _fares(source_line, mine, rest, clock.at)
    return {
        "source": source_line.name,
        "title": source_line.title,
        "status": status,
        "good": age(good, clock.at) + " ago" if good else None,
        "key": _key(source_line),
        "calls": _calls(rest) if board.rests is not None else None,
        "breaker": None if board.rests is None or source_line.why_off else _breaker(rest, clock.at),
        "words": words or source_line.gives,
    }


def _fares(
    source_line: SourceLine, mine: list[JobState], rest: Breaker | None, at: datetime
) -> tuple[SourceState, str]:
    """One word, and the reason where it is not a good one."""
    if source_line.why_off:
        return (
            "needs a key" if source_line.secret and not source_line.has_key else "off"
        ), source_line.why_off
    last = [job.last for job in mine if job.last is not None]
    told = sorted(
        (run for run in last if run.outcome.status in GRAVEST),
        key=lambda run: (GRAVEST.index(run.outcome.status), -run.due_at.timestamp()),
    )
    if not told:
        return "not run yet", ""
    gravest = told[0]
    status, message = gravest.outcome.status, gravest.outcome.message
    job = gravest.job.partition("@")[0]
    if status == "over_budget":
        return "stale", shortened(f"over budget, so the last good data stay: {message}")
    if rest is not None and rest.until is not None and rest.until > at:
        return "resting", shortened(rest.reason)
    if status == "failed" or status == "partial":
        return status, shortened(f"{job}: {message}")
    return ("running" if status == "running" else "ok"), ""


def _key(source_line: SourceLine) -> str:
    if source_line.secret is None:
        return "none needed"
    if source_line.has_key:
        return "there"
    return "optional" if source_line.is_key_optional else "missing"


def _calls(rest: Breaker | None) -> str | None:
    if rest is None or not rest.recent:
        return None
    return f"{rest.recent.count('.')} of {len(rest.recent)} good"


def _breaker(rest: Breaker | None, at: datetime) -> str:
    if rest is None or rest.until is None:
        return "closed"
    if rest.until <= at:
        return "a probe may go"
    return f"open for {ahead(rest.until, at, bare=True)}"


def _quota(line: QuotaLine, used: Used, at: datetime) -> dict[str, Any]:
    local = at.astimezone(ZoneInfo(line.zone))
    window = local.strftime("%Y-%m-%d" if line.per == "day" else "%Y-%m")
    spent = used.get((line.source, line.unit, window), 0)
    start, end = _span(local, line.per)
    left = (end - at).total_seconds() / (end - start).total_seconds()
    ahead = spent + round(line.asked * left)
    full = max(line.amount, 1)
    return {
        "source": line.source,
        "quota": f"{line.amount:,} {line.unit} a {line.per}",
        "window": window,
        "used": spent,
        "gauge": {"used": spent / full, "ahead": ahead / full},
        "ahead": ahead,
        "asked": line.asked,
        "open": line.amount - line.kept,
        "room": None if line.room is None else max(line.room, 0),
        "plan": line.plan or None,
        "price": line.price_usd,
        "verdict": _verdict(spent, ahead, line),
        "read": line.as_of,
    }


def _verdict(spent: int, ahead: int, line: QuotaLine) -> str:
    """Jobs stop where the share kept for people begins; people may go on to the end."""
    if spent >= line.amount:
        return "spent"
    if spent >= line.amount - line.kept:
        return "stale"
    return "will be short" if ahead > line.amount - line.kept else "fits"


def _span(local: datetime, per: str) -> tuple[datetime, datetime]:
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if per == "day":
        return start, start + timedelta(days=1)
    start = start.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)


def ahead(of: datetime | None, at: datetime, *, bare: bool = False) -> str | None:
    """How far ahead an instant lies."""
    if of is None:
        return None
    seconds = int((of - at).total_seconds())
    if seconds <= -MINUTE:
        return f"{age(of, at)} late"
    if seconds <= 0:
        return "now"
    word = f"{seconds} s" if seconds < 90 else age(at, of)
    return word if bare else f"in {word}"
