"""What people ask of the scheduler, and what follows from data that changed."""

from __future__ import annotations

from datetime import timedelta

from data.errors import BusError
from data.state import requests, runs
from data.state.runs import Holder, Outcome, Run
from ingest.jobs import Cadence
from ingest.schedule.planning import Task
from ingest.schedule.scheduler import AT_ONCE
from tests.ingest.scheduled import ADDED, DAY, SECOND, START, World, ask, task


def test_a_request_is_served_within_two_ticks(world: World) -> None:
    scheduler = world.scheduler(task())
    world.tick(scheduler, 3)
    wish = ask(world, "a.daily", names=["GDPC1"])
    world.tick(scheduler, 2)
    answer = requests.read(world.state, wish.id)
    assert (answer.status, answer.message) == ("done", "5 rows")
    assert world.ran[-1][0] == f"a.daily@request-{wish.id}"


def test_a_request_goes_before_the_timetable_and_beside_a_busy_source(world: World) -> None:
    world.outcome = lambda run: None
    scheduler = world.scheduler(*[task(f"s{n}.job{m}") for n in range(4) for m in range(3)])
    world.tick(scheduler, 3)
    assert len(scheduler.underway) == AT_ONCE
    ask(world, "s0.job2")
    world.tick(scheduler)
    assert world.names[-1] == "s0.job2@request-1"


def test_requests_do_not_stand_in_for_what_the_timetable_owes(world: World) -> None:
    scheduler = world.scheduler(task())
    world.tick(scheduler, 2)
    world.now = START.replace(hour=6, minute=0, second=0) + DAY - SECOND / 2
    ask(world, "a.daily")
    assert scheduler.stop()
    world.tick(world.scheduler(task(), owner="two"), 4)
    assert [name for name in world.names if "@" not in name] == ["a.daily", "a.daily"]


def test_a_request_survives_its_scheduler_with_its_run_and_its_arguments(world: World) -> None:
    world.outcome = lambda run: None
    world.tick(world.scheduler(task("b.other", cadence=Cadence(at="07:00")), task()))
    wish = ask(world, "a.daily", names=["GDPC1"])
    first = world.scheduler(task(), owner="zero")
    world.pass_time(timedelta(minutes=1))
    world.tick(first)  # claims, starts, dies
    world.pass_time(timedelta(minutes=1))
    world.outcome = lambda run: ADDED
    world.tick(world.scheduler(task(), owner="two"), 4)
    assert requests.read(world.state, wish.id).status == "done"
    assert len(world.ledger(f"a.daily@request-{wish.id}")) == 1


def test_a_request_whose_run_ended_unnoticed_is_answered_after_the_restart(world: World) -> None:
    world.outcome = lambda run: None
    first = world.scheduler(task())
    wish = ask(world, "a.daily")
    world.tick(first)
    for work in world.works:
        work.finish(ADDED)
    world.pass_time(timedelta(minutes=1))
    count = len(world.ran)
    second = world.scheduler(task(), owner="two")
    world.tick(second, 2)
    answer = requests.read(world.state, wish.id)
    assert (answer.status, len(world.ran)) == ("done", count + 1)  # the timetable's own run


def test_a_request_for_what_does_not_run_here_is_refused_with_a_reason(world: World) -> None:
    scheduler = world.scheduler(task())
    wish = ask(world, "fred.fred_series")
    world.tick(scheduler, 2)
    answer = requests.read(world.state, wish.id)
    assert answer.status == "failed"
    assert "no job 'fred.fred_series' runs here" in answer.message


def test_a_failed_request_says_why(world: World) -> None:
    world.outcome = lambda run: Outcome("failed", message="the key was refused")
    scheduler = world.scheduler(task())
    wish = ask(world, "a.daily")
    world.tick(scheduler, 3)
    answer = requests.read(world.state, wish.id)
    assert (answer.status, answer.message) == ("failed", "the key was refused")


def test_what_depends_on_a_dataset_runs_after_it_changed(world: World) -> None:
    again = task("house.again", cadence=Cadence(at="23:00"))
    scheduler = world.scheduler(task(), again, follow_ups={"macro": ("house.again",)})
    world.outcome = lambda run: ADDED if run.job == "a.daily" else Outcome("empty")
    world.tick(scheduler, 3)
    assert world.names == ["a.daily", "house.again@change"]
    world.tick(scheduler, 5)
    assert len(world.ran) == 2


def test_a_run_that_changed_nothing_is_news_to_nobody(world: World) -> None:
    scheduler = world.scheduler(task(), follow_ups={"macro": ("a.daily",)})
    world.outcome = lambda run: Outcome("ok", 1, 100, 0, 0)
    world.tick(scheduler, 3)
    assert world.heard == []
    assert world.names == ["a.daily"]


def test_news_that_a_dead_scheduler_kept_to_itself_is_told_by_the_next(world: World) -> None:
    world.outcome = lambda run: None
    world.tick(world.scheduler(task()))
    world.works[0].finish(ADDED)
    world.pass_time(timedelta(minutes=1))
    world.tick(world.scheduler(task(), owner="two"))
    assert world.heard == [world.works[0].run.id]


def test_a_listener_in_trouble_does_not_stop_the_ledger(world: World) -> None:
    def fail(task: Task, run: Run) -> None:
        raise BusError("the bus is away")

    scheduler = world.scheduler(task())
    scheduler.hooks.changed = fail
    world.tick(scheduler, 3)
    assert [run.outcome.status for run in world.ledger()] == ["ok"]


def test_runs_of_commands_are_left_to_them(world: World) -> None:
    """A fetch by hand that waits or runs is somebody's own; so is what no job here is named."""
    fetch = runs.plan(world.state, "a.daily@fetch", "a", due_at=START, now=START)
    other = runs.plan(world.state, "gone.daily", "gone", due_at=START, now=START)
    holder = Holder("someone", 1, START + timedelta(seconds=1))
    long = runs.plan(world.state, "a.daily:1990", "a", due_at=START, now=START)
    assert runs.claim(world.state, long.id, holder, now=START)
    scheduler = world.scheduler(task())
    world.tick(scheduler, 100)
    assert world.names == ["a.daily"]
    statuses = [runs.read(world.state, run.id) for run in (fetch, other, long)]
    assert [run.outcome.status for run in statuses if run] == ["planned", "planned", "running"]
    world.pass_time(2 * DAY)
    world.tick(scheduler)
    gone = runs.read(world.state, other.id)
    assert gone is not None and gone.outcome.status == "skipped"
