"""The release watch: runs of the jobs concerned, planned for the minute after a scheduled release.

It reads the calendar of the lake and writes into the ledger; it fetches nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from data.clock import LAST
from data.query import At
from data.state import runs
from data.state.db import State
from data.state.runs import Outcome
from ingest.schedule.planning import RELEASE, Task, job_of, reason_of

AHEAD = timedelta(days=2)
DELAY = timedelta(minutes=1)
OBSERVATIONS = "macro"
# Days are no instants: what is only known to the day is left to the daily run.
CALENDAR = """
SELECT DISTINCT split_part(series_id, ':', 1) AS source, scheduled_at
FROM releases
WHERE precision = 'minute' AND status IN ('scheduled', 'rescheduled')
  AND scheduled_at > $since AND scheduled_at <= $until
ORDER BY scheduled_at, source
"""
SERIES = """
SELECT DISTINCT series_id
FROM releases
WHERE precision = 'minute' AND status <> 'cancelled'
  AND scheduled_at = $scheduled_at AND split_part(series_id, ':', 1) = $source
ORDER BY series_id
"""


def watch(state: State, at: At, tasks: Iterable[Task], now: datetime) -> int:
    """Plan what the calendar of the next two days asks for; gives how many runs are new.

    A run whose release was moved or cancelled since is set aside.
    """
    calendar = at.sql(CALENDAR, since=now - DELAY, until=now + AHEAD).frame
    instants: dict[str, list[datetime]] = {}
    for source, scheduled_at in calendar.iter_rows():
        instants.setdefault(source, []).append(scheduled_at)
    wanted = {
        (f"{task.name}@{RELEASE}", task.source, scheduled_at + DELAY)
        for task in tasks
        if OBSERVATIONS in task.job.datasets
        for scheduled_at in instants.get(task.source, [])
    }
    with state.transaction():
        _set_aside_others(state, {(job, due_at) for job, _, due_at in wanted}, now)
        new = 0
        for job, source, due_at in sorted(wanted):
            run = runs.plan(state, job, source, due_at=due_at, now=now)
            new += run.planned_at == now
    return new


def series_of(run: runs.Run, at: At) -> tuple[str, ...]:
    """The series, as their source calls them, for whose release a run was planned."""
    source = job_of(run.job).partition(".")[0]
    frame = at.sql(SERIES, scheduled_at=run.due_at - DELAY, source=source).frame
    return tuple(name.partition(":")[2] for name in frame["series_id"].to_list())


def _set_aside_others(state: State, wanted: set[tuple[str, datetime]], now: datetime) -> None:
    for run in runs.waiting(state, now=LAST):
        is_planned = reason_of(run.job) == RELEASE and run.outcome.status == "planned"
        if is_planned and run.due_at > now and (run.job, run.due_at) not in wanted:
            words = "the release was moved or cancelled"
            runs.set_aside(state, run.id, Outcome("skipped", message=words), now=now)
