"""The scheduler: in order, nobody starved, every end dealt with, one holder at a time."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from data.errors import StateError
from data.state import leases, runs
from data.state.runs import Outcome, Run
from ingest.jobs import Cadence
from ingest.schedule.cadence import occurrences
from ingest.schedule.scheduler import AT_ONCE, LEASE
from tests.ingest.scheduled import ADDED, DAY, SECOND, START, Work, World, task


def test_a_thousand_due_jobs_are_dispatched_in_order(world: World) -> None:
    tasks = [
        task(f"s{n:04d}.daily", cadence=Cadence(at=f"{n % 24:02d}:{n % 60:02d}"))
        for n in range(1000)
    ]
    for item in tasks:  # known since a month
        runs.plan(world.state, item.name, item.source, due_at=START - 30 * DAY, now=START)
    for run in world.ledger():
        runs.set_aside(world.state, run.id, Outcome("skipped"), now=START)
    scheduler = world.scheduler(*tasks)
    ticks = 0
    while len(world.ran) < 1000:
        world.tick(scheduler)
        ticks += 1
        assert ticks <= 1000 / AT_ONCE + 2
    due = [moment for _, moment in world.ran]
    assert due == sorted(due)
    assert len(set(world.names)) == 1000
    first = next(item for item in tasks if item.name == world.names[0])
    assert first.job.cadence.at == "12:12"  # of yesterday: due before all of today


def test_at_the_same_instant_the_lower_priority_number_goes_first(world: World) -> None:
    names = [task(f"s{n}.daily", priority=9 - n) for n in range(4)]
    assert world.scheduler(*names).tick()
    assert world.names == ["s3.daily", "s2.daily", "s1.daily", "s0.daily"]


def test_a_failing_job_starves_nobody(world: World) -> None:
    world.outcome = lambda run: 1 if run.job == "a.minutes" else ADDED
    minutes = Cadence(every_minutes=1)
    scheduler = world.scheduler(
        task("a.minutes", cadence=minutes), task("b.minutes", cadence=minutes)
    )
    world.tick(scheduler, 600)
    counts = Counter(world.names)
    assert counts["b.minutes"] == counts["a.minutes"] >= 10
    assert {run.outcome.status for run in world.ledger("a.minutes")[:-1]} == {"failed"}
    assert "exit status 1" in world.ledger("a.minutes")[0].outcome.message


def test_a_job_that_cannot_be_started_starves_nobody(world: World) -> None:
    def refuse(run: Run) -> Outcome:
        if run.job == "a.daily":
            raise OSError("no more processes")
        return ADDED

    world.outcome = refuse
    scheduler = world.scheduler(task("a.daily"), task("b.daily"))
    world.tick(scheduler, 2)
    assert world.ledger("b.daily")[0].outcome.status == "ok"
    assert "no more processes" in world.ledger("a.daily")[0].outcome.message


def test_one_run_per_job_and_per_source_and_some_at_once(world: World) -> None:
    world.outcome = lambda run: None
    tasks = [task(f"s{n // 2}.job{n}") for n in range(20)]
    scheduler = world.scheduler(*tasks)
    world.tick(scheduler, 5)
    assert len(scheduler.underway) == AT_ONCE
    assert len({run.source for run in scheduler.underway}) == AT_ONCE


def test_a_run_overtaken_while_another_goes_on_is_skipped_with_its_reason(world: World) -> None:
    world.outcome = lambda run: None
    each = task("a.minutes", cadence=Cadence(every_minutes=1))
    scheduler = world.scheduler(each)
    world.tick(scheduler, 200)
    assert len(world.ran) == 1
    world.works[0].finish(ADDED)
    world.tick(scheduler, 2)
    assert len(world.ran) == 2
    middle = [run for run in world.ledger("a.minutes") if run.outcome.status == "skipped"]
    assert len(middle) == 2
    assert "overtaken by the run due" in middle[0].outcome.message
    assert world.ran[1][1] > middle[-1].due_at


def test_a_failed_run_that_is_overtaken_keeps_what_its_attempt_said(world: World) -> None:
    """The machine slept: the second attempt and the next day's run are due in the same tick."""
    words = "3 rows: 3 new, 0 revised. 8 failed: Invalid symbol"
    world.outcome = lambda run: Outcome("partial", 9, 100, 3, 0, words)
    each = task("a.daily", cadence=Cadence(at="06:00"))
    scheduler = world.scheduler(each)
    world.tick(scheduler, 2)
    world.pass_time(timedelta(days=2))
    world.tick(scheduler, 3)
    first = world.ledger("a.daily")[0].outcome
    assert first.status == "skipped"
    assert "overtaken by the run due" in first.message
    assert first.message.endswith(f"its attempt 1 had said: {words}")
    assert first.rows_added == 3


def test_a_hung_job_is_asked_to_end_and_then_ended(world: World) -> None:
    world.outcome = lambda run: None
    scheduler = world.scheduler(task(limit_s=60))
    world.tick(scheduler)
    work = world.works[0]
    work.heeds = False
    world.tick(scheduler, 60)
    assert work.told == []
    world.tick(scheduler, 10)
    assert work.told == ["terminate"]
    world.tick(scheduler, 5)
    assert work.told[:2] == ["terminate", "kill"]
    (run,) = world.ledger("a.daily")
    assert (run.outcome.status, scheduler.underway) == ("failed", ())
    assert "60 s were over" in run.outcome.message


def test_a_clock_set_forward_ends_no_run_and_set_back_keeps_no_hung_one(world: World) -> None:
    world.outcome = lambda run: None
    scheduler = world.scheduler(task(limit_s=60))
    world.tick(scheduler)
    world.now += 2 * DAY
    world.tick(scheduler, 30)
    assert world.works[0].told == []
    world.now -= 4 * DAY
    world.tick(scheduler, 40)
    assert world.works[0].told == ["terminate"]


def test_the_claim_of_a_long_run_is_prolonged_and_its_counts_kept(world: World) -> None:
    world.outcome = lambda run: None
    scheduler = world.scheduler(task(limit_s=3600))
    world.tick(scheduler)
    run = world.works[0].run
    so_far = Outcome("running", 3, 300, 30, 0, "half way")
    runs.report(world.state, run, so_far, until=world.now + timedelta(seconds=10))
    world.tick(scheduler, 300)
    present = runs.read(world.state, run.id)
    assert present is not None and present.holder is not None
    assert present.holder.until > world.now
    assert present.outcome == so_far
    assert len(world.ran) == 1


def test_a_killed_run_is_taken_up_again_a_few_times_only(world: World) -> None:
    world.outcome = lambda run: -9
    scheduler = world.scheduler(task())
    world.tick(scheduler, 20)
    assert len(world.ran) == 3
    (run,) = world.ledger("a.daily")
    assert (run.outcome.status, run.attempt) == ("failed", 3)
    assert "signal 9" in run.outcome.message


def test_a_failed_run_is_tried_again_later_each_time(world: World) -> None:
    world.outcome = lambda run: Outcome("failed", message="the source is in trouble")
    scheduler = world.scheduler(task())
    marks = []
    for _ in range(17 * 60):
        world.tick(scheduler, step=timedelta(minutes=1))
        marks.append(len(world.ran))
    assert [marks[minute] for minute in (0, 4, 7, 60, 70, 300, 310, 1000)] == [
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
    ]
    (run,) = world.ledger("a.daily")
    assert run.attempt == 4


def test_a_failed_run_is_not_tried_again_when_the_timetable_is_sooner(world: World) -> None:
    world.outcome = lambda run: Outcome("failed")
    scheduler = world.scheduler(task(cadence=Cadence(every_minutes=5)))
    world.tick(scheduler, 1200)
    assert max(run.attempt for run in world.ledger("a.daily")) == 1


def test_of_two_schedulers_one_works_and_the_other_waits(world: World) -> None:
    first, second = world.scheduler(task()), world.scheduler(task(), owner="two")
    for _ in range(100):
        assert first.tick()
        assert not second.tick()
        world.pass_time(SECOND)
    assert len(world.ran) == 1
    assert first.stop()
    assert second.tick()
    assert len(world.ran) == 1


def test_a_dead_scheduler_is_followed_within_the_time_of_its_lease(world: World) -> None:
    world.outcome = lambda run: None
    world.tick(world.scheduler(task()))  # and is never heard of again
    world.outcome = lambda run: ADDED
    second = world.scheduler(task(), owner="two")
    waited = 0
    while not second.tick():
        world.pass_time(SECOND)
        waited += 1
    assert 25 <= waited <= 31
    world.tick(second, 3)
    (run,) = world.ledger("a.daily")
    assert (run.outcome.status, run.attempt, len(world.ran)) == ("ok", 2, 2)


def test_a_taken_over_fence_refuses_the_old_holder(world: World) -> None:
    world.outcome = lambda run: None
    first = world.scheduler(task())
    world.tick(first)
    old = world.works[0]
    world.pass_time(timedelta(seconds=40))
    second = world.scheduler(task(), owner="two")
    world.tick(second, 2)
    assert len(world.ran) == 2
    with pytest.raises(StateError, match="taken over"):
        old.finish(ADDED)
    assert not first.tick()
    assert old.told == ["terminate"]
    assert not first.tick()
    assert first.underway == ()
    world.works[1].finish(ADDED)
    world.tick(second)
    assert [run.outcome.status for run in world.ledger("a.daily")] == ["ok"]


def test_a_run_that_outlives_its_scheduler_is_left_alone_until_it_is_silent(world: World) -> None:
    world.outcome = lambda run: None
    world.tick(world.scheduler(task()))
    world.alive.add("a.daily")
    world.pass_time(timedelta(seconds=40))
    second = world.scheduler(task(), owner="two")
    world.tick(second, 10)
    assert len(world.ran) == 1
    world.works[0].finish(ADDED)
    world.tick(second, 60)
    assert len(world.ran) == 1


@dataclass
class Kills:
    """Runs that take a while, and die now and then, alone or with their scheduler."""

    world: World
    rng: random.Random
    going: list[Work] = field(default_factory=list)
    done: list[tuple[str, datetime]] = field(default_factory=list)
    killed: int = 0

    def go_on(self, end: float, death: float) -> None:
        self.going += self.world.works
        self.world.works.clear()
        for work in self.going:
            if self.rng.random() < end:
                work.finish(ADDED)
                self.done.append((work.run.job, work.run.due_at))
            elif self.rng.random() < death:
                work.code = -9
                self.killed += 1
        self.going = [work for work in self.going if work.code is None]

    def kill_all(self) -> None:
        """As the kernel does when the scheduler is killed."""
        self.killed += 1 + len(self.going)
        self.going.clear()
        self.world.works.clear()


def test_dozens_of_kills_of_scheduler_and_runs_double_nothing(
    world: World, rng: random.Random
) -> None:
    """Effects are counted where they are made: at the end of a run, under its claim."""
    world.outcome = lambda run: None
    hourly = Cadence(every_minutes=60)
    tasks = [task(f"s{n}.hourly", cadence=hourly, catch_up="all") for n in range(3)]
    kills, start = Kills(world, rng), world.now
    scheduler = world.scheduler(*tasks)
    for round_ in range(3600 * 12 // 5):
        scheduler.tick()
        kills.go_on(0.3, 0.02)
        if round_ % 280 == 1:
            kills.kill_all()
            scheduler = world.scheduler(*tasks, owner=f"o{round_}")
        world.pass_time(timedelta(seconds=5))
    for _ in range(30):
        scheduler.tick()
        kills.go_on(1, 0)
        world.pass_time(timedelta(seconds=5))
    assert kills.killed >= 30
    assert max(Counter(kills.done).values()) == 1
    for item in tasks:
        owed = occurrences(hourly, start, world.now - timedelta(minutes=2))
        assert {due for name, due in kills.done if name == item.name} >= set(owed)


def test_a_stop_puts_back_what_runs_and_the_next_takes_it_up(world: World) -> None:
    world.outcome = lambda run: None
    scheduler = world.scheduler(task("a.daily"), task("b.daily"))
    world.tick(scheduler)
    world.works[1].heeds = False
    assert not scheduler.stop()
    world.pass_time(timedelta(seconds=2))
    assert not scheduler.stop()
    world.pass_time(timedelta(seconds=2))
    assert not scheduler.stop()
    assert scheduler.stop()
    assert world.works[1].told == ["terminate", "kill"]
    assert {run.outcome.status for run in world.ledger()} == {"planned"}
    assert leases.current(world.state, LEASE, now=world.now) is None
    world.outcome = lambda run: ADDED
    world.tick(world.scheduler(task("a.daily"), task("b.daily"), owner="two"), 2)
    assert {run.outcome.status for run in world.ledger()} == {"ok"}
