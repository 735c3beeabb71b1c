"""The scheduler: a durable ledger of due instants, looked at once a second.

The ledger does what a timer cannot: an instant is in it once, so nothing runs twice; what was
missed while nobody looked is found; a run whose process died is taken over. Nothing is fetched
here: each run is a process of its own, which is given a time and ended when it is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from data.errors import StateError, WorkstationError
from data.state import leases, requests, runs
from data.state.db import State
from data.state.leases import Lease
from data.state.requests import Request
from data.state.runs import Holder, Outcome, Run
from ingest.cadence import occurrences
from ingest.jobs import Job

LEASE = "scheduler"
LEASE_TIME = timedelta(seconds=30)
RENEWED_EVERY = timedelta(seconds=10)
CLAIM_TIME = timedelta(seconds=60)
STOP_TIME = timedelta(seconds=10)
JUMP = timedelta(hours=1)
HORIZON = timedelta(days=400)
ATTEMPTS = 3
PER_SOURCE = 1
AT_ONCE = 4
AFTER_RELEASE = "@release"

log = logging.getLogger(__name__)


class Work(Protocol):
    """A run under way in a process of its own."""

    def poll(self) -> int | None:
        """Its exit status, or none while it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job of a source."""

    source: str
    job: Job

    @property
    def name(self) -> str:
        """Under which the ledger knows it."""
        return f"{self.source}.{self.job.name}"


@dataclass(slots=True)
class Underway:
    """A run that was started here."""

    run: Run
    task: Task
    work: Work
    started: datetime
    prolonged: datetime
    told_to_stop: datetime | None = None


@dataclass(slots=True)
class Hooks:
    """What the scheduler calls: how a run is started, and who is told when data changed."""

    start: Callable[[Run, Task, Mapping[str, object]], Work]
    changed: Callable[[Task, Run], None] = lambda task, run: None


@dataclass(slots=True)
class Scheduler:
    """Call `tick` once a second. Two of them over one state: one works, the other waits."""

    state: State
    tasks: Sequence[Task]
    hooks: Hooks
    owner: str
    clock: Callable[[], datetime]
    lease: Lease | None = None
    _underway: dict[int, Underway] = field(default_factory=dict)
    _last_due: dict[str, datetime] = field(default_factory=dict)
    _asked: dict[int, Request] = field(default_factory=dict)
    _looked: datetime | None = None

    def tick(self) -> bool:
        """One look at the ledger; false while another scheduler holds the lease."""
        now = self.clock()
        if not self._hold(now):
            self._stop_all(now)
            return False
        if self._looked is not None and now - self._looked > JUMP:
            log.warning("clock_jumped_by=%s", now - self._looked)
        self._looked = now
        self._reap(now)
        for task in self.tasks:
            self._plan(task, now)
        self._take_requests(now)
        self._start(now)
        return True

    def stop(self) -> bool:
        """Ask what runs to end and free the lease once nothing does; true when that is so."""
        now = self.clock()
        self._stop_all(now)
        self._reap(now)
        if self._underway:
            return False
        if self.lease is not None:
            leases.release(self.state, self.lease, now=now)
            self.lease = None
        return True

    @property
    def underway(self) -> tuple[Run, ...]:
        """What runs now."""
        return tuple(entry.run for entry in self._underway.values())

    def _hold(self, now: datetime) -> bool:
        until = now + LEASE_TIME
        if self.lease is None:
            self.lease = leases.take(self.state, LEASE, self.owner, now=now, until=until)
            if self.lease is not None:
                requests.give_back(self.state, claimed_before=now)
        elif self.lease.until - now < LEASE_TIME - RENEWED_EVERY or self.lease.until > until:
            self.lease = leases.renew(self.state, self.lease, until=until)
        return self.lease is not None

    def _plan(self, task: Task, now: datetime) -> None:
        """Put into the ledger what became due since its last entry; a new job is due at once."""
        last = self._last_due.get(task.name) or runs.last_due(self.state, task.name)
        if last is None:
            due = [now.replace(second=0, microsecond=0)]
        else:
            due = occurrences(task.job.cadence, max(last, now - HORIZON), now)
        if not due:
            self._last_due[task.name] = last or now
            return
        for moment in self._caught_up(task, due):
            runs.plan(self.state, task.name, task.source, due_at=moment, now=now)
        self._last_due[task.name] = due[-1]

    def _caught_up(self, task: Task, due: list[datetime]) -> list[datetime]:
        """Of several instants that passed unseen, those the job still wants."""
        wanted = {"latest": due[-1:], "all": due[-31:], "skip": due[-1:]}[task.job.catch_up]
        if len(due) > len(wanted):
            log.warning("job=%s missed=%d run_now=%d", task.name, len(due), len(wanted))
        return wanted

    def _take_requests(self, now: datetime) -> None:
        known = {task.name: task for task in self.tasks}
        while (wish := requests.claim_next(self.state, self.owner, now=now)) is not None:
            task = known.get(wish.job)
            if task is None:
                self._answer(wish, "failed", f"no job {wish.job!r} runs here", now=now)
                continue
            # An instant of its own for each wish: the ledger holds one run per job and instant.
            due_at = now + timedelta(microseconds=wish.id % 1_000_000)
            run = runs.plan(self.state, task.name, task.source, due_at=due_at, now=now)
            self._asked[run.id] = wish

    def _start(self, now: datetime) -> None:
        known = {task.name: task for task in self.tasks}
        for run in sorted(
            runs.waiting(self.state, now=now + timedelta(seconds=1)),
            key=lambda waiting: (waiting.id not in self._asked, waiting.due_at, waiting.id),
        ):
            task = known.get(run.job.removesuffix(AFTER_RELEASE))
            if task is None or run.id in self._underway or not self._has_room(task):
                continue
            self._start_one(run, task, now)

    def _has_room(self, task: Task) -> bool:
        busy = list(self._underway.values())
        same_job = any(entry.task.name == task.name for entry in busy)
        same_source = sum(entry.task.source == task.source for entry in busy)
        return not same_job and same_source < PER_SOURCE and len(busy) < AT_ONCE

    def _start_one(self, run: Run, task: Task, now: datetime) -> None:
        if self.lease is None:
            return
        holder = Holder(self.owner, self.lease.fence, now + CLAIM_TIME)
        claimed = runs.claim(self.state, run.id, holder, now=now)
        if claimed is None:
            return
        if claimed.attempt > ATTEMPTS:
            self._finish(claimed, f"given up after {ATTEMPTS} attempts that did not end", now)
            return
        wish = self._asked.get(run.id)
        try:
            work = self.hooks.start(claimed, task, wish.arguments if wish else {})
        except (OSError, WorkstationError) as error:
            self._finish(claimed, f"could not be started: {error}", now)
            return
        self._underway[run.id] = Underway(claimed, task, work, now, now)

    def _reap(self, now: datetime) -> None:
        for entry in list(self._underway.values()):
            code = entry.work.poll()
            if code is None:
                self._watch(entry, now)
                continue
            del self._underway[entry.run.id]
            self._ended(entry, code, now)

    def _watch(self, entry: Underway, now: datetime) -> None:
        """Prolong the claim of a run that goes on, and end one whose time is over."""
        limit = timedelta(seconds=entry.task.job.time_limit_s)
        if entry.told_to_stop is not None:
            if now - entry.told_to_stop > STOP_TIME:
                entry.work.kill()
        elif now - entry.started > limit:
            entry.told_to_stop = now
            entry.work.terminate()
        if now - entry.prolonged > CLAIM_TIME / 3:
            entry.prolonged = now
            present = runs.read(self.state, entry.run.id)
            try:
                if present is not None and present.outcome.status == "running":
                    runs.report(self.state, entry.run, present.outcome, until=now + CLAIM_TIME)
            except StateError as error:
                log.warning("run_id=%d not_prolonged=%s", entry.run.id, error)

    def _ended(self, entry: Underway, code: int, now: datetime) -> None:
        run = runs.read(self.state, entry.run.id) or entry.run
        if run.outcome.status == "running":
            limit = entry.task.job.time_limit_s
            late = entry.told_to_stop is not None
            reason = f"ended after its {limit} s" if late else f"died with exit status {code}"
            self._finish(entry.run, reason, now)
            run = runs.read(self.state, entry.run.id) or run
        if run.outcome.rows_added or run.outcome.vintages_added:
            self.hooks.changed(entry.task, run)
        wish = self._asked.pop(run.id, None)
        if wish is not None:
            good = run.outcome.status in {"ok", "empty"}
            self._answer(wish, "done" if good else "failed", run.outcome.message, now=now, run=run)

    def _finish(self, run: Run, reason: str, now: datetime) -> None:
        present = runs.read(self.state, run.id) or run
        done = present.outcome
        outcome = Outcome(
            "failed", done.calls, done.bytes, done.rows_added, done.vintages_added, reason
        )
        try:
            runs.finish(self.state, run, outcome, now=now)
        except StateError as error:
            log.warning("run_id=%d not_finished=%s", run.id, error)

    def _answer(
        self, wish: Request, status: str, message: str, *, now: datetime, run: Run | None = None
    ) -> None:
        reply = requests.Answer(status, run.id if run else None, message)
        try:
            requests.answer(self.state, wish, reply, now=now)
        except StateError as error:
            log.warning("request_id=%d not_answered=%s", wish.id, error)

    def _stop_all(self, now: datetime) -> None:
        for entry in self._underway.values():
            if entry.told_to_stop is None:
                entry.told_to_stop = now
                entry.work.terminate()
            elif now - entry.told_to_stop > STOP_TIME:
                entry.work.kill()
