"""The scheduler under a clock of the test's own: nothing missed, nothing twice, nobody starved."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.errors import BusError, StateError
from data.state import leases, requests, runs
from data.state.db import State
from data.state.runs import Holder, Outcome, Run
from data.state.values import Edit
from ingest.cadence import occurrences
from ingest.jobs import Cadence, CatchUp, Job
from ingest.planning import Task
from ingest.scheduler import AT_ONCE, LEASE, Hooks, Scheduler

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
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
ADDED = Outcome("ok", 1, 100, 5, 0, "5 rows")


@dataclass
class World:
    """A clock, a state, and runs that end as the test says: at once, later, or never."""

    state: State
    now: datetime = START
    beat: float = 0.0
    outcome: Callable[[Run], Outcome | int | None] = lambda run: ADDED
    ran: list[tuple[str, datetime]] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    alive: set[str] = field(default_factory=set)

    def scheduler(
        self,
        *tasks: Task,
        owner: str = "one",
        follow_ups: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Scheduler:
        hooks = Hooks(
            self.start, lambda task, run: self.heard.append(run.id), self.alive.__contains__
        )
        return Scheduler(
            self.state,
            tasks,
            hooks,
            owner,
            lambda: self.now,
            lambda: self.beat,
            follow_ups=follow_ups or {},
        )

    def start(self, run: Run, task: Task) -> Work:
        self.ran.append((run.job, run.due_at))
        work = Work(self, run)
        self.works.append(work)
        end = self.outcome(run)
        if isinstance(end, Outcome):
            work.finish(end)
        elif isinstance(end, int):
            work.code = end
        return work

    def pass_time(self, span: timedelta) -> None:
        self.now += span
        self.beat += span.total_seconds()

    def tick(self, scheduler: Scheduler, times: int = 1, step: timedelta = SECOND) -> None:
        for _ in range(times):
            assert scheduler.tick()
            self.pass_time(step)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.ran]

    def ledger(self, job: str | None = None) -> list[Run]:
        far = datetime(2200, 1, 1, tzinfo=UTC)
        return list(reversed(runs.recent(self.state, as_of=far, job=job, limit=100_000)))


@dataclass
class Work:
    """In place of a process."""

    world: World
    run: Run
    code: int | None = None
    told: list[str] = field(default_factory=list)
    heeds: bool = True

    def finish(self, outcome: Outcome) -> None:
        runs.finish(self.world.state, self.run, outcome, now=self.world.now)
        self.code = 0

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.told.append("terminate")
        if self.heeds:
            self.code = -15

    def kill(self) -> None:
        self.told.append("kill")
        self.code = -9


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Ten years are a hundred thousand transactions: in memory where the machine offers that."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    made = Path(tempfile.mkdtemp(dir=memory))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def world(folder: Path) -> Iterator[World]:
    state = State.open(folder / "state.db")
    yield World(state)
    state.close()


def task(
    name: str = "a.daily",
    *,
    cadence: Cadence | None = None,
    catch_up: CatchUp = "latest",
    limit_s: int = 900,
    priority: int = 5,
) -> Task:
    source, _, job = name.partition(".")
    return Task(
        source,
        Job(
            job,
            ("macro",),
            "for a test",
            cadence or Cadence(at="06:00"),
            catch_up=catch_up,
            time_limit_s=limit_s,
            priority=priority,
        ),
    )


def ask(world: World, job: str, **arguments: object) -> requests.Request:
    return requests.ask(world.state, job, arguments, edit=Edit("ann", world.now))


# Time


def zone_tasks() -> list[Task]:
    return [
        task(f"s{number}.daily", cadence=Cadence(at=clock, zone=zone))
        for number, (zone, clock) in enumerate(
            zip(ZONES, ("00:00", "02:30", "00:00", "01:30", "02:30", "06:00", "02:15", "23:59"),
                strict=True)
        )
    ]  # fmt: skip


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
    for each in tasks:
        ran = sorted(due for name, due in counts if name == each.name)
        expected = occurrences(each.job.cadence, since, max(ran))
        assert ran[1:] == expected  # the first is the start of a new job, at once
        assert occurrences(each.job.cadence, max(ran), world.now) == []


def test_ten_years_in_eight_zones_miss_nothing_and_run_nothing_twice(
    world: World, rng: random.Random
) -> None:
    world.now = start = datetime(2016, 1, 1, 12, 0, tzinfo=UTC)
    tasks = zone_tasks()
    simulate(world, tasks, start.replace(year=2026), rng)
    assert_each_once(world, tasks, start)
    assert len(world.ran) > 29_000
    new_york = ZoneInfo("America/New_York")
    local = [due.astimezone(new_york) for name, due in world.ran if name == "s1.daily"][1:]
    days = Counter(moment.date() for moment in local)
    assert set(days.values()) == {1}
    odd = {f"{moment:%H:%M}" for moment in local} - {"02:30"}
    assert odd == {"03:00"}  # in spring, when 02:30 does not exist
    assert sum(f"{moment:%H:%M}" == "03:00" for moment in local) == 10


def test_a_month_of_minutes_hours_and_days_by_the_second_hand(
    world: World, rng: random.Random
) -> None:
    """Across the spring change, looked at every quarter of an hour."""
    tasks = [
        task("a.quarter", cadence=Cadence(every_minutes=15, days="weekdays"), catch_up="all"),
        task("b.hourly", cadence=Cadence(every_minutes=60), catch_up="all"),
        task("c.session", cadence=Cadence(every_minutes=60, days="sessions", calendar="XNYS",
                                          at_close=True), catch_up="all"),
        task("d.daily", cadence=Cadence(at="02:30", zone="America/New_York")),
    ]  # fmt: skip
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
    for each in tasks:
        owed = occurrences(each.job.cadence, start, world.now - HOUR)
        assert {due for name, due in counts if name == each.name} >= set(owed)


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


# Order and fairness


def test_a_thousand_due_jobs_are_dispatched_in_order(world: World) -> None:
    tasks = [
        task(f"s{n:04d}.daily", cadence=Cadence(at=f"{n % 24:02d}:{n % 60:02d}"))
        for n in range(1000)
    ]
    for each in tasks:  # known since a month
        runs.plan(world.state, each.name, each.source, due_at=START - 30 * DAY, now=START)
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
    first = next(each for each in tasks if each.name == world.names[0])
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


# Ends


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
        1, 1, 2, 2, 3, 3, 4, 4,
    ]  # fmt: skip
    (run,) = world.ledger("a.daily")
    assert run.attempt == 4


def test_a_failed_run_is_not_tried_again_when_the_timetable_is_sooner(world: World) -> None:
    world.outcome = lambda run: Outcome("failed")
    scheduler = world.scheduler(task(cadence=Cadence(every_minutes=5)))
    world.tick(scheduler, 1200)
    assert max(run.attempt for run in world.ledger("a.daily")) == 1


# Holders


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
    for each in tasks:
        owed = occurrences(hourly, start, world.now - timedelta(minutes=2))
        assert {due for name, due in kills.done if name == each.name} >= set(owed)


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


# Requests


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


# What follows


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
