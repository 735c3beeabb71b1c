"""What is due: from a timetable and the ledger, each instant of each job planned once.

Refuses to guess from memory: after a stop or a change of the clock the ledger is read anew, so an
instant that was planned is not planned again and one that was passed over is found.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from data.clock import iso
from data.errors import ConfigError
from data.state import runs, timetable
from data.state.db import State
from data.state.runs import Outcome
from ingest.jobs import Job
from ingest.schedule.cadence import latest, next_after

JUMP = timedelta(hours=1)
HORIZON = timedelta(days=400)
ON_TIME = timedelta(seconds=90)
MOST_CAUGHT_UP = 31
LOOK_AGAIN = timedelta(days=30)
# A run has the name of its job, and behind an @ why it runs when the timetable does not say so.
# The instants of such runs say nothing about the timetable, so they go under a name of their own.
HOUSE = "house"
DEMO = "demo"
RELEASE = "release"
CHANGE = "change"
MISSED = "missed"
REQUEST = "request-"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """A job of a source, or of the house itself."""

    source: str
    job: Job

    @property
    def name(self) -> str:
        """Under which the ledger knows it."""
        return f"{self.source}.{self.job.name}"

    @property
    def is_house(self) -> bool:
        """Whether it tidies up here, or draws the demo world, rather than asking anybody."""
        return self.source in (HOUSE, DEMO)


def job_of(run_name: str) -> str:
    """The name of the job without why it runs."""
    return run_name.partition("@")[0]


def reason_of(run_name: str) -> str:
    """Why it runs: empty for the timetable, else `release`, `change` or `request-<id>`."""
    return run_name.partition("@")[2]


def request_of(run_name: str) -> int | None:
    """The request that a run serves."""
    number = reason_of(run_name).removeprefix(REQUEST)
    return int(number) if number.isdecimal() else None


def is_of_scheduler(run_name: str) -> bool:
    """Whether such a run is the scheduler's to start; others belong to a command of somebody's."""
    reason = reason_of(run_name)
    return reason in ("", RELEASE, CHANGE) or request_of(run_name) is not None


@dataclass(slots=True)
class Planner:
    """Call `plan` at every tick; between due instants it touches nothing."""

    state: State
    tasks: Sequence[Task]
    _next: dict[str, datetime | None] = field(default_factory=dict)
    _looked: datetime | None = None

    def plan(self, now: datetime) -> None:
        """Put into the ledger what became due since its last entry."""
        self._watch_the_clock(now)
        due = [task for task in self.tasks if self._is_due(task, now)]
        if not due:
            return
        with self.state.transaction():
            for task in due:
                self._plan(task, now)

    def next_due(self, task: Task) -> datetime | None:
        """When the timetable wants the job next; none when it never does."""
        return self._next.get(task.name)

    def _watch_the_clock(self, now: datetime) -> None:
        looked, self._looked = self._looked, now
        if looked is None:
            return
        if now < looked:
            self._next.clear()
        if abs(now - looked) > JUMP:
            log.warning("clock_jumped_from=%s to=%s", iso(looked), iso(now))

    def _is_due(self, task: Task, now: datetime) -> bool:
        if task.name not in self._next:
            return True
        moment = self._next[task.name]
        return moment is not None and moment <= now

    def _plan(self, task: Task, now: datetime) -> None:
        try:
            for moment in self._due(task, now):
                runs.plan(self.state, task.name, task.source, due_at=moment, now=now)
            due = next_after(task.job.cadence, now)
            self._next[task.name] = due or now + LOOK_AGAIN
            timetable.set_due(self.state, task.name, due)
        except ConfigError as error:
            # One timetable that cannot be read must not keep the others from running.
            log.error("job=%s never_due=%s", task.name, error)
            self._next[task.name] = None

    def _due(self, task: Task, now: datetime) -> list[datetime]:
        """What the ledger lacks up to now; a job that was never planned is due at once."""
        last = runs.last_due(self.state, task.name, by=now)
        if last is None:
            is_new = runs.last_due(self.state, task.name) is None
            if is_new and not task.is_house:
                return [now.replace(second=0, microsecond=0)]
            # Of the house nothing is urgent on the first day.
            return latest(task.job.cadence, now - ON_TIME, now, 1)
        after = max(last, now - HORIZON)
        most = MOST_CAUGHT_UP if task.job.catch_up == "all" else 1
        found = latest(task.job.cadence, after, now, most + 1)
        wanted = found[-most:]
        if task.job.catch_up == "skip":
            wanted = [moment for moment in wanted if now - moment <= ON_TIME]
        if len(found) > len(wanted):
            self._note_missed(task, last, found[: len(found) - len(wanted)], now)
        return wanted

    def _note_missed(
        self, task: Task, last: datetime, missed: list[datetime], now: datetime
    ) -> None:
        """One line for all instants that nobody will run; it takes the place of none of them.

        A clock that ran ahead may have named instants that are still to come.
        """
        name = f"{task.name}@{MISSED}"
        words = f"not run between {iso(last)} and {iso(missed[-1])}: no scheduler was at work"
        log.warning("job=%s %s", task.name, words)
        run = runs.plan(self.state, name, task.source, due_at=missed[-1], now=now)
        if run.outcome.status == "planned":
            runs.set_aside(self.state, run.id, Outcome("skipped", message=words), now=now)
