"""A world for the scheduler: a clock and runs that do as a test says, over a real state."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.state import requests, runs
from data.state.db import State
from data.state.runs import Outcome, Run
from data.state.values import Edit
from ingest.jobs import Cadence, CatchUp, Job
from ingest.schedule.planning import Task
from ingest.schedule.scheduler import Hooks, Scheduler

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
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
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)

    def scheduler(
        self,
        *tasks: Task,
        owner: str = "one",
        follow_ups: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Scheduler:
        hooks = Hooks(
            self.start,
            lambda task, run: self.heard.append(run.id),
            self.alive.__contains__,
            lambda since, until: self.pauses.append((since, until)),
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


@contextmanager
def opened_world(folder: Path) -> Iterator[World]:
    """Ten years are a hundred thousand transactions: in memory where the machine offers that."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(dir=memory)) if memory.is_dir() else folder
    state = State.open(made / "state.db")
    try:
        yield World(state)
    finally:
        state.close()
        if made != folder:
            shutil.rmtree(made)


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
