"""The loop: a tick a second whatever the wall clock does, and trouble that is said once."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.errors import BusError
from data.state.db import State
from ingest.schedule.loop import Loop
from ingest.schedule.scheduler import Hooks, Scheduler


def scheduler(state: State, owner: str = "one") -> Scheduler:
    hooks = Hooks(lambda run, task: (_ for _ in ()).throw(OSError("nothing starts here")))
    return Scheduler(state, (), hooks, owner, lambda: datetime.now(UTC))


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state.db")


def run(loop: Loop, ticks: int) -> list[int]:
    """Until so many ticks are done; the numbers of those that were."""
    done: list[int] = []
    after = loop.after

    def counted() -> None:
        done.append(len(done))
        if len(done) == ticks:
            loop.stop.set()
        after()

    loop.after = counted
    limit = threading.Timer(60, loop.stop.set)
    limit.start()
    loop.run()
    limit.cancel()
    return done


def test_a_timer_that_was_set_far_ahead_is_wound_anew(state: State) -> None:
    """What a clock set back by two days does to it."""
    loop = Loop(scheduler(state))
    far = datetime(2099, 1, 1)  # noqa: DTZ001 - the timer counts in local time without a zone

    def later() -> None:
        loop.timer.jobs[0].next_run = far

    threading.Timer(1.3, later).start()
    assert len(run(loop, 3)) == 3


def test_trouble_is_said_once_and_its_end_too(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def after() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise BusError("the bus is away")

    with caplog.at_level(logging.INFO):
        run(Loop(scheduler(state), after), 3)
    words = [
        record.getMessage() for record in caplog.records if record.name == "ingest.schedule.loop"
    ]
    assert words == ["trouble=the bus is away", "trouble_is_over", "stopped"]


def test_a_stop_frees_the_lease_at_once(state: State) -> None:
    run(Loop(scheduler(state)), 1)
    assert scheduler(state, "two").tick()
