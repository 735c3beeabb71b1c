"""The scheduler through years, zones and clocks that jump: nothing missed, nothing twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from data.state import runs
from ingest.jobs import Cadence, CatchUp
from ingest.schedule.cadence import occurrences
from ingest.schedule.planning import Task
from ingest.schedule.scheduler import AT_ONCE
from tests import tiers
from tests.ingest.scheduled import DAY, HOUR, SECOND, START, World, task

pytestmark = pytest.mark.uncounted

ZONES = (
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)


def zone_tasks() -> list[Task]:
    return [
        task(f"s{number}.daily", cadence=Cadence(at=clock, zone=zone))
        for number, (zone, clock) in enumerate(
            zip(
                ZONES,
                ("00:00", "02:30", "00:00", "01:30", "02:30", "06:00", "02:15", "23:59"),
                strict=True,
            )
        )
    ]


def simulate(world: World, tasks: list[Task], until: datetime, rng: random.Random) -> None:
    """Look twice a day and less; now and then another scheduler goes on, after a stop or a kill."""
    scheduler = world.scheduler(*tasks)
    while world.now < until:
        for _ in range(len(tasks) // AT_ONCE):
            scheduler.tick()
            world.pass_time(SECOND)
        world.pass_time(timedelta(minutes=rng.randrange(17 * 60, 22 * 60)))
        if rng.random() < 0.02:
            if rng.random() < 0.5:
                assert scheduler.stop()
            scheduler = world.scheduler(*tasks, owner=f"o{rng.random()}")
    for _ in range(4):
        scheduler.tick()
        world.pass_time(timedelta(minutes=1))


def assert_each_once(world: World, tasks: list[Task], since: datetime) -> None:
    counts = Counter(world.ran)
    assert max(counts.values()) == 1
    for item in tasks:
        ran = sorted(due for name, due in counts if name == item.name)
        expected = occurrences(item.job.cadence, since, max(ran))
        assert ran[1:] == expected  # the first is the start of a new job, at once
        assert occurrences(item.job.cadence, max(ran), world.now) == []


def test_ten_years_in_eight_zones_miss_nothing_and_run_nothing_twice(
    world: World, rng: random.Random
) -> None:
    """By day one of the ten years, which the commit draws."""
    (first,) = tiers.daily(range(2016, 2026), 10, "test_scheduler_time.py, years")[:1]
    years = 10 if tiers.is_night() else 1
    world.now = start = datetime(first, 1, 1, 12, 0, tzinfo=UTC)
    tasks = zone_tasks()
    simulate(world, tasks, start.replace(year=first + years), rng)
    assert_each_once(world, tasks, start)
    assert len(world.ran) > 2_900 * years
    new_york = ZoneInfo("America/New_York")
    local = [due.astimezone(new_york) for name, due in world.ran if name == "s1.daily"][1:]
    days = Counter(moment.date() for moment in local)
    assert set(days.values()) == {1}
    odd = {f"{moment:%H:%M}" for moment in local} - {"02:30"}
    assert odd == {"03:00"}  # in spring, when 02:30 does not exist
    assert sum(f"{moment:%H:%M}" == "03:00" for moment in local) == years


def test_a_month_of_minutes_hours_and_days_by_the_second_hand(
    world: World, rng: random.Random
) -> None:
    """Across the spring change, looked at every quarter of an hour."""
    tasks = [
        task("a.quarter", cadence=Cadence(every_minutes=15, days="weekdays"), catch_up="all"),
        task("b.hourly", cadence=Cadence(every_minutes=60), catch_up="all"),
        task(
            "c.session",
            cadence=Cadence(every_minutes=60, days="sessions", calendar="XNYS", at_close=True),
            catch_up="all",
        ),
        task("d.daily", cadence=Cadence(at="02:30", zone="America/New_York")),
    ]
    scheduler = world.scheduler(*tasks)
    start = world.now
    while world.now < start + 31 * DAY:
        scheduler.tick()
        world.pass_time(timedelta(seconds=rng.randrange(1, 900)))
    world.tick(scheduler, 4)
    assert_each_once(world, tasks, start)
    assert len(world.ran) > 2_500


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 2 * DAY, -2 * DAY, 365 * DAY, -365 * DAY])
def test_a_clock_that_jumps_and_comes_back_neither_loses_nor_repeats(
    world: World, jump: timedelta
) -> None:
    tasks = [task("a.daily"), task("b.hourly", cadence=Cadence(every_minutes=60))]
    scheduler = world.scheduler(*tasks)
    start = world.now
    for _ in range(5 * 24 * 2):
        world.tick(scheduler, step=HOUR / 2)
    world.now += jump  # the monotonic clock does not jump
    world.tick(scheduler, 5, timedelta(seconds=20))
    world.now -= jump
    while world.now < start + 12 * DAY:
        world.tick(scheduler, step=HOUR / 2)
    world.tick(scheduler, 2)
    counts = Counter(world.ran)
    assert max(counts.values()) == 1
    for item in tasks:
        owed = occurrences(item.job.cadence, start, world.now - HOUR)
        assert {due for name, due in counts if name == item.name} >= set(owed)


@pytest.mark.parametrize("back", [HOUR, 2 * DAY, 365 * DAY])
def test_a_clock_set_back_for_good_goes_on_from_there(world: World, back: timedelta) -> None:
    scheduler = world.scheduler(task("b.hourly", cadence=Cadence(every_minutes=60)))
    for _ in range(10):
        world.tick(scheduler, step=HOUR)
    world.now -= back
    moment = world.now
    for _ in range(30):
        world.tick(scheduler, step=HOUR / 2)
    assert max(Counter(world.ran).values()) == 1
    owed = occurrences(Cadence(every_minutes=60), moment, world.now - HOUR)
    assert {due for _, due in world.ran} >= set(owed)


def test_a_lease_from_a_clock_ahead_does_not_lock_out_for_a_year(world: World) -> None:
    world.now += 365 * DAY
    assert world.scheduler(task()).tick()
    world.now -= 365 * DAY
    assert world.scheduler(task(), owner="two").tick()


@pytest.mark.parametrize(("catch_up", "caught"), [("latest", 1), ("all", 3), ("skip", 0)])
def test_three_days_of_downtime_are_caught_up_as_the_job_wants(
    world: World, catch_up: CatchUp, caught: int
) -> None:
    scheduler = world.scheduler(task(catch_up=catch_up))
    world.tick(scheduler, 3)
    assert scheduler.stop()
    before = len(world.ran)
    world.pass_time(3 * DAY)
    world.tick(world.scheduler(task(catch_up=catch_up), owner="two"), 10)
    assert len(world.ran) - before == caught
    missed = world.ledger("a.daily@missed")
    assert len(missed) == (catch_up != "all")
    assert all("no scheduler was at work" in run.outcome.message for run in missed)


def test_catching_up_everything_is_bounded(world: World) -> None:
    each = task("a.minutes", cadence=Cadence(every_minutes=1), catch_up="all")
    world.tick(world.scheduler(each), 3)
    world.pass_time(60 * DAY)
    later = world.scheduler(each, owner="two")
    assert later.tick()
    assert len([run for run in world.ledger("a.minutes") if run.outcome.status == "planned"]) <= 31


def test_a_new_job_runs_at_once_and_the_house_when_it_is_due(world: World) -> None:
    scheduler = world.scheduler(task("a.daily"), task("house.tidy"))
    world.tick(scheduler, 3)
    assert world.names == ["a.daily"]
    world.now = START.replace(hour=6, minute=0, second=0) + DAY
    world.tick(scheduler, 3)
    assert sorted(world.names) == ["a.daily", "a.daily", "house.tidy"]


def test_a_timetable_that_cannot_be_read_stops_only_its_own_job(world: World) -> None:
    odd = task("a.odd", cadence=Cadence(at="06:00", zone="Mars/Olympus"))
    scheduler = world.scheduler(odd, task("b.daily"))
    runs.plan(world.state, "a.odd", "a", due_at=START - DAY, now=START - DAY)
    world.tick(scheduler, 3)
    assert "b.daily" in world.names


def test_a_pause_is_told_once_whatever_stood_still(world: World) -> None:
    """The machine slept, or the scheduler was stopped or killed, and nobody else worked."""
    job = task("a.hourly", cadence=Cadence(every_minutes=60))
    first = world.scheduler(job)
    world.tick(first, 60)
    assert world.pauses == []
    slept = world.now
    world.pass_time(HOUR)
    world.tick(first, 60)
    ((since, until),) = world.pauses
    assert slept - 30 * SECOND <= since <= slept
    assert until == slept + HOUR
    assert first.stop()
    world.pass_time(HOUR)
    second = world.scheduler(job, owner="two")
    world.tick(second, 60)
    assert [round((b - a) / HOUR) for a, b in world.pauses] == [1, 1]
    world.pass_time(HOUR)  # killed: the lease ran out by itself
    third = world.scheduler(job, owner="three")
    world.tick(third, 60)
    assert [round((b - a) / HOUR) for a, b in world.pauses] == [1, 1, 1]


def test_no_pause_where_another_scheduler_goes_on(world: World) -> None:
    job = task("a.hourly", cadence=Cadence(every_minutes=60))
    first, second = world.scheduler(job), world.scheduler(job, owner="two")
    for _ in range(40):
        assert first.tick()
        assert not second.tick()
        world.pass_time(SECOND)
    while not second.tick():  # the first was killed
        world.pass_time(SECOND)
    assert all(until - since < timedelta(seconds=60) for since, until in world.pauses)
