"""The scheduler: a durable ledger of due instants, looked at once a second.

The ledger does what a timer cannot: an instant is in it once, so nothing runs twice; what was
missed while nobody looked is found; a run whose process died is taken over. Nothing is fetched
here: each run is a process of its own, which is given a time and ended when it is over.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from data.clock import LAST, iso
from data.errors import ConfigError, StateError, WorkstationError
from data.state import leases, requests, runs
from data.state.db import State
from data.state.leases import Lease
from data.state.requests import Request, RequestEnd
from data.state.runs import Holder, Outcome, Run
from ingest.schedule.planning import (
    CHANGE,
    RELEASE,
    REQUEST,
    Planner,
    Task,
    is_of_scheduler,
    job_of,
    reason_of,
)

LEASE = "scheduler"
LEASE_TIME = timedelta(seconds=30)
RENEWED_EVERY = timedelta(seconds=10)
CLAIM_TIME = timedelta(seconds=60)
CLAIM_HELD_S = 20.0
STOP_S = 10.0  # from asking a run to end to ending it
SHUTDOWN_S = 3.0  # the same when the scheduler itself stops: what is cut off is taken up again
ATTEMPTS = 3
RETRY_AFTER_S = (300.0, 3600.0, 14400.0)
RECENT = timedelta(hours=6)
FORGOTTEN = timedelta(days=1)
PER_SOURCE = 1
AT_ONCE = 4
FOR_REQUESTS = 2

log = logging.getLogger(__name__)


class Work(Protocol):
    """A run under way in a process of its own."""

    def poll(self) -> int | None:
        """Its exit status (negative: the signal that ended it), or none while it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""


@dataclass(slots=True)
class Underway:
    """A run that was started here; times are those of the monotonic clock."""

    run: Run
    task: Task
    work: Work
    started: float
    prolonged: float
    kill_at: float | None = None
    is_late: bool = False


@dataclass(slots=True)
class Hooks:
    """What the scheduler calls, so that it knows neither processes nor the bus.

    `start` begins a claimed run; `changed` is told of runs that added rows, and may be told again
    after a restart; `is_running` says whether a run of that job outlived an earlier scheduler;
    `paused` is told from when to when no scheduler worked.
    """

    start: Callable[[Run, Task], Work]
    changed: Callable[[Task, Run], None] = lambda task, run: None
    is_running: Callable[[str], bool] = lambda job: False
    paused: Callable[[datetime, datetime], None] = lambda since, until: None


@dataclass(slots=True)
class Scheduler:
    """Call `tick` once a second. Two of them over one state: one works, the other waits.

    `follow_ups` names the tasks to run after a dataset changed.
    """

    state: State
    tasks: Sequence[Task]
    hooks: Hooks
    owner: str
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    follow_ups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lease: Lease | None = None
    planner: Planner = field(init=False)
    _known: dict[str, Task] = field(init=False)
    _underway: dict[int, Underway] = field(default_factory=dict)
    _asked: dict[int, Request] = field(default_factory=dict)
    _retries: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.planner = Planner(self.state, self.tasks)
        self._known = {task.name: task for task in self.tasks}

    def tick(self) -> bool:
        """One look at the ledger; false while another scheduler holds the lease."""
        now = self.clock()
        if not self._hold(now):
            self._stop_all()
            self._reap(now)
            return False
        self._reap(now)
        self.planner.plan(now)
        self._take_requests(now)
        self._retry()
        self._start(now)
        for run_id in [number for number in self._asked if number not in self._underway]:
            self._settle(runs.read(self.state, run_id), now)
        return True

    def stop(self) -> bool:
        """Ask what runs to end and free the lease once nothing does; true when that is so."""
        now = self.clock()
        self._stop_all()
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
            self._free_from_the_future(now)
            ended = leases.last_end(self.state, LEASE)
            self.lease = leases.take(self.state, LEASE, self.owner, now=now, until=until)
            if self.lease is not None:
                self._inherit(now)
                self._tell_pause(ended, now)
        elif self.lease.until - now < LEASE_TIME - RENEWED_EVERY or self.lease.until > until:
            ended = self.lease.until
            self.lease = leases.renew(self.state, self.lease, until=until)
            if self.lease is not None:
                self._tell_pause(ended, now)
            else:
                log.error("owner=%s lost_the_lease", self.owner)
        return self.lease is not None

    def _tell_pause(self, ended: datetime | None, now: datetime) -> None:
        """The lease ran out: since its last renewal the machine or every scheduler stood still."""
        if ended is not None and now > ended:
            self.hooks.paused(ended - LEASE_TIME, now)

    def _free_from_the_future(self, now: datetime) -> None:
        """A lease that ends further ahead than any holder writes is left from a clock ahead of us.

        Should its holder be alive after all, the fence tells it to stop.
        """
        lease = leases.current(self.state, LEASE, now=now)
        if lease is not None and lease.until > now + 2 * LEASE_TIME:
            log.warning("lease_until=%s is_from_a_clock_ahead", iso(lease.until))
            leases.release(self.state, lease, now=now)

    def _inherit(self, now: datetime) -> None:
        """Take over what an earlier scheduler left: its wishes, its dead runs, its news."""
        requests.give_back(self.state, claimed_before=LAST)
        for run in runs.waiting(self.state, now=LAST):
            is_ours = is_of_scheduler(run.job) and job_of(run.job) in self._known
            is_left = run.outcome.status == "running" and run.id not in self._underway
            if is_ours and is_left and not self.hooks.is_running(job_of(run.job)):
                self._put_back(run, "its process died with the scheduler")
        seen: set[str] = set()
        for run in runs.recent(self.state, as_of=LAST):
            if run.ended_at is not None and now - run.ended_at < RECENT:
                self._follow(run, now)
                if run.job not in seen:
                    self._consider_retry(run, now)
            seen.add(run.job)

    def _take_requests(self, now: datetime) -> None:
        while (wish := requests.claim_next(self.state, self.owner, now=now)) is not None:
            task = self._known.get(wish.job)
            if task is None:
                reply = requests.RequestAnswer("failed", None, f"no job {wish.job!r} runs here")
                self._answer(wish, reply, now)
                continue
            name = f"{task.name}@{REQUEST}{wish.id}"
            # After a restart the wish finds the run that was planned or even done for it.
            past = runs.recent(self.state, as_of=LAST, job=name, limit=1)
            due_at = min(wish.requested_at, now)
            run = (
                past[0]
                if past
                else runs.plan(self.state, name, task.source, due_at=due_at, now=now)
            )
            self._asked[run.id] = wish

    def _start(self, now: datetime) -> None:
        waiting = [run for run in runs.waiting(self.state, now=now) if is_of_scheduler(run.job)]
        newest = {run.job: run.due_at for run in waiting}  # they come in the order of their instant
        ready = []
        for run in waiting:
            task = self._known.get(job_of(run.job))
            if task is None:
                if now - run.planned_at > FORGOTTEN and not run.attempt:
                    self._set_aside(run, "no such job runs in this workspace", now)
            elif self._is_overtaken(run, task, newest[run.job]):
                self._set_aside(run, f"overtaken by the run due {iso(newest[run.job])}", now)
            elif run.id not in self._underway:
                ready.append((run.id not in self._asked, run.due_at, task.job.priority, run, task))
        for is_timed, _, _, run, task in sorted(ready, key=lambda entry: entry[:3]):
            if self._has_room(task, is_asked=not is_timed):
                self._start_one(run, task, now)

    def _is_overtaken(self, run: Run, task: Task, newest: datetime) -> bool:
        """A later run of the same job asks for the same and more."""
        reason = reason_of(run.job)
        is_mergeable = reason == CHANGE or (not reason and task.job.catch_up != "all")
        return is_mergeable and run.outcome.status == "planned" and run.due_at < newest

    def _set_aside(self, run: Run, why: str, now: datetime) -> None:
        if run.outcome.status == "planned":
            said = f"; its attempt {run.attempt} had said: {run.outcome.message}"
            words = why + said if run.attempt and run.outcome.message else why
            runs.set_aside(self.state, run.id, Outcome("skipped", message=words), now=now)

    def _has_room(self, task: Task, *, is_asked: bool) -> bool:
        busy = list(self._underway.values())
        if any(entry.task.name == task.name for entry in busy):
            return False
        if len(busy) >= AT_ONCE + (FOR_REQUESTS if is_asked else 0):
            return False
        same_source = sum(entry.task.source == task.source for entry in busy)
        return task.is_house or same_source < PER_SOURCE + (1 if is_asked else 0)

    def _start_one(self, run: Run, task: Task, now: datetime) -> None:
        assert self.lease is not None  # a tick starts nothing without it
        holder = Holder(self.owner, self.lease.fence, now + CLAIM_TIME)
        claimed = runs.claim(self.state, run.id, holder, now=now)
        if claimed is None:
            return
        is_left = run.outcome.status == "running"
        if is_left and claimed.attempt > ATTEMPTS:
            self._fail(claimed, f"given up after {ATTEMPTS} attempts that did not end", now)
            return
        try:
            work = self.hooks.start(claimed, task)
        except (OSError, WorkstationError) as error:
            self._fail(claimed, f"could not be started: {error}", now)
            self._settle(runs.read(self.state, run.id), now)
            return
        log.info("run_id=%d job=%s attempt=%d started", run.id, run.job, claimed.attempt)
        beat = self.monotonic()
        self._underway[run.id] = Underway(claimed, task, work, beat, beat)

    def _reap(self, now: datetime) -> None:
        for entry in list(self._underway.values()):
            code = entry.work.poll()
            if code is None:
                self._watch(entry, now)
                continue
            del self._underway[entry.run.id]
            self._close(entry, code, now)

    def _watch(self, entry: Underway, now: datetime) -> None:
        """Prolong the claim of a run that goes on, and end one whose time is over."""
        beat = self.monotonic()
        if entry.kill_at is not None:
            if beat >= entry.kill_at:
                entry.work.kill()
        elif beat - entry.started > entry.task.job.time_limit_s:
            entry.is_late = True
            self._ask_to_end(entry, beat + STOP_S)
        if beat - entry.prolonged > CLAIM_HELD_S:
            entry.prolonged = beat
            self._prolong(entry.run, now + CLAIM_TIME)

    def _prolong(self, run: Run, until: datetime) -> None:
        """In one transaction, or the counts that the run itself reports in between were lost."""
        try:
            with self.state.transaction():
                present = runs.read(self.state, run.id)
                if present is not None and present.outcome.status == "running":
                    moment = present.holder.until if present.holder else until
                    runs.report(self.state, run, present.outcome, until=max(until, moment))
        except StateError as error:
            log.warning("run_id=%d not_prolonged=%s", run.id, error)

    def _close(self, entry: Underway, code: int, now: datetime) -> None:
        """The last word on a run whose process ended without one; often it said it itself."""
        run = runs.read(self.state, entry.run.id)
        if run is None or run.outcome.status != "running" or run.attempt != entry.run.attempt:
            self._settle(run, now)
            return
        if entry.is_late:
            self._fail(run, f"ended because its {entry.task.job.time_limit_s} s were over", now)
        elif entry.kill_at is not None:
            self._put_back(run, "the scheduler stopped")
        elif code < 0 and run.attempt < ATTEMPTS:
            self._put_back(run, f"its process was ended by signal {-code}")
        else:
            how = f"by signal {-code}" if code < 0 else f"with exit status {code}"
            self._fail(run, f"its process ended {how}; its log says more", now)
        self._settle(runs.read(self.state, run.id), now)

    def _settle(self, run: Run | None, now: datetime) -> None:
        """What follows from the end of a run; nothing while it waits or goes on elsewhere."""
        if run is None or run.outcome.status not in runs.ENDED:
            return
        log.info("run_id=%d job=%s status=%s", run.id, run.job, run.outcome.status)
        self._follow(run, now)
        self._answer_for(run, now)
        self._consider_retry(run, now)

    def _follow(self, run: Run, now: datetime) -> None:
        """Tell who listens that data changed, and plan what depends on them, once per run."""
        task = self._known.get(job_of(run.job))
        if task is None or not (run.outcome.rows_added or run.outcome.vintages_added):
            return
        try:
            self.hooks.changed(task, run)
        except (OSError, WorkstationError) as error:
            log.warning("run_id=%d not_announced=%s", run.id, error)
        for dataset in task.job.datasets:
            for name in self.follow_ups.get(dataset, ()):
                source = name.partition(".")[0]
                due_at = min(run.ended_at or now, now)
                runs.plan(self.state, f"{name}@{CHANGE}", source, due_at=due_at, now=now)

    def _consider_retry(self, run: Run, now: datetime) -> None:
        """A failed run is tried again, later each time, unless the timetable is sooner."""
        task = self._known.get(job_of(run.job))
        is_ours = reason_of(run.job) in ("", RELEASE, CHANGE)
        number = max(run.attempt, 1) - 1
        if task is None or not is_ours or run.outcome.status not in runs.RETRIED:
            return
        if number >= len(RETRY_AFTER_S):
            return
        wait_s = RETRY_AFTER_S[number]
        due = self.planner.next_due(task)
        if reason_of(run.job) or due is None or due - now > timedelta(seconds=wait_s):
            self._retries[run.id] = self.monotonic() + wait_s

    def _retry(self) -> None:
        beat = self.monotonic()
        for run_id in [number for number, at in self._retries.items() if at <= beat]:
            del self._retries[run_id]
            try:
                runs.retry(self.state, run_id)
            except ConfigError as error:  # somebody was quicker
                log.info("run_id=%d %s", run_id, error)

    def _fail(self, run: Run, why: str, now: datetime) -> None:
        """The counts that the run reported stay."""
        done = run.outcome
        counts = (done.calls, done.bytes, done.rows_added, done.vintages_added)
        try:
            runs.finish(self.state, run, Outcome("failed", *counts, why), now=now)
        except StateError as error:
            log.warning("run_id=%d not_finished=%s", run.id, error)

    def _put_back(self, run: Run, why: str) -> None:
        try:
            runs.forsake(self.state, run)
            log.warning("run_id=%d job=%s waits_again=%s", run.id, run.job, why)
        except StateError as error:
            log.warning("run_id=%d not_put_back=%s", run.id, error)

    def _answer_for(self, run: Run, now: datetime) -> None:
        wish = self._asked.pop(run.id, None)
        if wish is not None:
            is_done = run.outcome.status in ("ok", "empty", "partial")
            status: RequestEnd = "done" if is_done else "failed"
            self._answer(wish, requests.RequestAnswer(status, run.id, run.outcome.message), now)

    def _answer(self, wish: Request, reply: requests.RequestAnswer, now: datetime) -> None:
        try:
            requests.answer(self.state, wish, reply, now=now)
        except StateError as error:
            log.warning("request_id=%d not_answered=%s", wish.id, error)

    def _stop_all(self) -> None:
        for entry in self._underway.values():
            self._ask_to_end(entry, self.monotonic() + SHUTDOWN_S)

    def _ask_to_end(self, entry: Underway, kill_at: float) -> None:
        if entry.kill_at is None:
            entry.work.terminate()
        entry.kill_at = min(kill_at, entry.kill_at or kill_at)
