"""Runs planned once, claimed by one, ended by the one that claimed."""

from __future__ import annotations

import pytest

from data.errors import ConfigError, StateError
from data.state import runs
from data.state.runs import Holder, Outcome

CLAIM = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from data.state import runs
from data.state.db import State
state, now, claimed = State.open(Path(sys.argv[1])), datetime(2024, 1, 2, 9, 30, tzinfo=UTC), 0
for hour in range(40):
    run = runs.plan(state, "prices", "demo", due_at=now - timedelta(hours=hour), now=now)
    holder = runs.Holder(sys.argv[2], 1, now + timedelta(seconds=30))
    mine = runs.claim(state, run.id, holder, now=now)
    if mine:
        claimed += 1
        runs.finish(state, mine, runs.Outcome("ok", rows_added=1), now=now)
print(claimed)
"""


def holder(at, owner: str = "one", fence: int = 1, until: float = 1.0) -> Holder:
    return Holder(owner, fence, at(until))


def test_a_run_from_plan_to_end(state, at) -> None:
    run = runs.plan(state, "prices", "demo", due_at=at(0), now=at(0.1))
    assert (run.outcome.status, run.attempt, run.holder) == ("planned", 0, None)
    assert runs.plan(state, "prices", "demo", due_at=at(0), now=at(5)) == run
    assert runs.waiting(state, now=at(-1)) == () and runs.waiting(state, now=at(1)) == (run,)
    mine = runs.claim(state, run.id, holder(at), now=at(0.2))
    assert mine is not None and (mine.outcome.status, mine.attempt) == ("running", 1)
    assert mine.started_at == at(0.2) and runs.waiting(state, now=at(0.5)) == ()
    half = runs.report(state, mine, Outcome("running", 3, 400, 20), until=at(2))
    assert half.holder == holder(at, until=2.0) and half.outcome.rows_added == 20
    end = runs.finish(state, half, Outcome("partial", 5, 900, 40, 2, "page 3 empty"), now=at(1.5))
    assert end.outcome == Outcome("partial", 5, 900, 40, 2, "page 3 empty")
    assert end.ended_at == at(1.5) and runs.read(state, run.id) == end
    assert runs.read(state, 99) is None


def test_only_one_of_four_processes_gets_a_run(state, at, spawn) -> None:
    children = [spawn(CLAIM, state.path, who) for who in "abcd"]
    answers = [child.communicate() for child in children]
    assert [errors for _, errors in answers] == [""] * 4
    assert sum(int(said) for said, _ in answers) == 40
    every = runs.recent(state, as_of=at(0))
    assert len(every) == 40 and {run.outcome.status for run in every} == {"ok"}
    assert {run.attempt for run in every} == {1}


def test_a_silent_holder_is_replaced_and_must_stop(state, at) -> None:
    run = runs.plan(state, "prices", "demo", due_at=at(0), now=at(0))
    first = runs.claim(state, run.id, holder(at), now=at(0))
    assert first is not None
    assert runs.claim(state, run.id, holder(at, "two", 2), now=at(0.9)) is None
    assert [found.id for found in runs.waiting(state, now=at(1.1))] == [run.id]
    second = runs.claim(state, run.id, holder(at, "two", 2, 3.0), now=at(1.1))
    assert second is not None and second.attempt == 2
    for act in (
        lambda: runs.finish(state, first, Outcome("ok"), now=at(1.2)),
        lambda: runs.report(state, first, Outcome("running"), until=at(9)),
    ):
        with pytest.raises(StateError, match="taken over or has ended; one must stop"):
            act()
    assert runs.claim(state, run.id, holder(at, "one", 1, 9.0), now=at(5)) is None
    done = runs.finish(state, second, Outcome("ok"), now=at(2))
    with pytest.raises(StateError, match="has ended"):
        runs.finish(state, done, Outcome("failed"), now=at(3))


def test_runs_set_aside_and_tried_again(state, at) -> None:
    run = runs.plan(state, "prices", "demo", due_at=at(0), now=at(0))
    burst = runs.set_aside(state, run.id, Outcome("over_budget", message="100 of 100"), now=at(1))
    assert (burst.outcome.status, burst.outcome.message) == ("over_budget", "100 of 100")
    with pytest.raises(StateError, match="not planned any more"):
        runs.set_aside(state, run.id, Outcome("skipped"), now=at(1))
    again = runs.retry(state, run.id)
    assert (again.outcome.status, again.ended_at) == ("planned", None)
    mine = runs.claim(state, run.id, holder(at, until=3.0), now=at(2))
    assert mine is not None
    runs.finish(state, mine, Outcome("ok"), now=at(2.5))
    with pytest.raises(ConfigError, match="cannot be tried again"):
        runs.retry(state, run.id)


def test_what_was_last_and_last_good(state, at) -> None:
    assert runs.last_due(state, "prices") is None
    for hour, status in enumerate(("ok", "empty", "failed")):
        run = runs.plan(state, "prices", "demo", due_at=at(hour), now=at(hour))
        mine = runs.claim(state, run.id, holder(at, until=hour + 1), now=at(hour))
        assert mine is not None
        runs.finish(state, mine, Outcome(status), now=at(hour + 0.5))
    runs.plan(state, "macro", "demo", due_at=at(9), now=at(2))
    assert runs.last_due(state, "prices") == at(2)
    good = [runs.last_good(state, "prices", as_of=at(hour)) for hour in (0.4, 0.5, 9)]
    assert [None if run is None else run.due_at for run in good] == [None, at(0), at(1)]
    assert [run.job for run in runs.recent(state, as_of=at(9), limit=2)] == ["macro", "prices"]
    assert len(runs.recent(state, as_of=at(1), job="prices")) == 2


def test_runs_at_a_past_clock_are_as_they_stood(state, at) -> None:
    run = runs.plan(state, "prices", "demo", due_at=at(0), now=at(0))
    aside = runs.plan(state, "macro", "demo", due_at=at(-1), now=at(0))
    mine = runs.claim(state, run.id, holder(at, until=9.0), now=at(1))
    assert mine is not None
    done = runs.finish(state, mine, Outcome("ok", rows_added=5), now=at(2))
    skipped = runs.set_aside(state, aside.id, Outcome("skipped", message="closed"), now=at(2))
    seen = [runs.recent(state, as_of=at(hour)) for hour in (-1, 0.5, 1, 2)]
    assert seen[0] == () and seen[1] == (run, aside) and seen[3] == (done, skipped)
    assert seen[2][0].outcome == Outcome("running") and seen[2][0].started_at == at(1)
    assert seen[2][0].ended_at is None and seen[2][1] == aside


def test_what_is_refused(state, at) -> None:
    run = runs.plan(state, "prices", "demo", due_at=at(0), now=at(0))
    with pytest.raises(StateError, match="was not claimed"):
        runs.finish(state, run, Outcome("ok"), now=at(1))
    mine = runs.claim(state, run.id, holder(at), now=at(0))
    assert mine is not None
    for outcome, said in (
        (Outcome("running"), "expected one of ok, empty"),
        (Outcome("done"), "expected one of ok, empty"),
        (Outcome("ok", calls=-1), "whole number"),
        (Outcome("ok", message="x" * 5000), "shorten"),
    ):
        with pytest.raises(ConfigError, match=said):
            runs.finish(state, mine, outcome, now=at(1))
    with pytest.raises(ConfigError, match="step of a path"):
        runs.plan(state, "../prices", "demo", due_at=at(0), now=at(0))


def test_a_run_whose_holder_is_dead_waits_again_at_once(state, at) -> None:
    planned = runs.plan(state, "x.prices", "x", due_at=at(0), now=at(0))
    assert runs.last_fence(state, planned.id) == 1
    held = runs.claim(state, planned.id, runs.Holder("a", 7, at(5)), now=at(0))
    assert held is not None
    assert runs.claim(state, planned.id, runs.Holder("b", 7, at(6)), now=at(1)) is None
    free = runs.forsake(state, held)
    assert (free.outcome.status, free.attempt) == ("planned", 1)
    assert runs.last_fence(state, planned.id) == 7
    taken = runs.claim(state, planned.id, runs.Holder("b", 7, at(6)), now=at(1))
    assert taken is not None and taken.attempt == 2
    with pytest.raises(StateError, match="is not running any more"):
        runs.forsake(state, held)


def ended(state, at, job: str, hours: tuple[float, float, float], outcome: Outcome) -> None:
    """A run due, started and ended at these hours."""
    due, start, end = map(at, hours)
    run = runs.plan(state, job, "demo", due_at=due, now=due)
    mine = runs.claim(state, run.id, Holder("one", 1, at(99)), now=start)
    assert mine is not None
    runs.finish(state, mine, outcome, now=end)


def test_search_by_job_for_any_reason_and_by_status_as_it_was(state, at) -> None:
    ended(state, at, "prices", (0, 0, 1), Outcome("ok"))
    ended(state, at, "prices@request-7", (2, 2, 4), Outcome("failed"))
    ended(state, at, "pricesX", (3, 3, 3.5), Outcome("failed"))
    runs.plan(state, "prices", "demo", due_at=at(5), now=at(5))

    def found(hour: float, **asked) -> list[tuple[str, str]]:
        seen = runs.search(state, as_of=at(hour), **asked)
        return [(run.job, run.outcome.status) for run in seen]

    assert found(9, job="prices") == [
        ("prices", "planned"),
        ("prices@request-7", "failed"),
        ("prices", "ok"),
    ]
    assert found(9, status="failed") == [("pricesX", "failed"), ("prices@request-7", "failed")]
    assert found(9, status="failed", limit=1) == [("pricesX", "failed")]
    assert found(3, status="failed") == []
    assert found(3, status="running") == [("pricesX", "running"), ("prices@request-7", "running")]
    assert found(3, job="prices", status="running") == [("prices@request-7", "running")]
    with pytest.raises(ConfigError, match="the status of a run"):
        runs.search(state, as_of=at(1), status="lost")


def test_latest_is_what_ran_last_for_whatever_reason(state, at) -> None:
    assert runs.latest(state, "prices", as_of=at(0)) is None
    ended(state, at, "prices", (0, 0, 1), Outcome("ok", rows_added=3))
    ended(state, at, "prices@request-1", (2, 2, 3), Outcome("failed"))
    waits = runs.plan(state, "prices", "demo", due_at=at(5), now=at(5))
    runs.set_aside(state, waits.id, Outcome("skipped"), now=at(6))
    seen = [runs.latest(state, "prices", as_of=at(hour)) for hour in (-1, 0.5, 1, 2.5, 9)]
    assert [run and run.outcome.status for run in seen] == [
        None,
        "running",
        "ok",
        "running",
        "failed",
    ]


def test_failures_by_job_are_found_under_any_number_of_later_runs(state, at) -> None:
    def ended(job: str, hour: float, status) -> None:
        run = runs.plan(state, job, "demo", due_at=at(hour), now=at(hour))
        mine = runs.claim(state, run.id, holder(at, until=hour + 1), now=at(hour))
        assert mine is not None
        runs.finish(state, mine, Outcome(status), now=at(hour + 0.25))

    ended("prices", 0, "failed")
    ended("prices", 2, "partial")
    ended("prices", 3, "ok")
    for number in range(1_100):
        runs.plan(state, "mail", "house", due_at=at(4 + number / 60), now=at(4 + number / 60))

    (found,) = runs.failures(state, since=at(-1), as_of=at(30))
    assert (found.job, found.count, found.last_at) == ("prices", 2, at(2.25))
    assert found.status == "partial"
    (earlier,) = runs.failures(state, since=at(-1), as_of=at(2))
    assert (earlier.count, earlier.last_at, earlier.status) == (1, at(0.25), "failed")
    assert runs.failures(state, since=at(2.25), as_of=at(30)) == ()
    assert runs.failures(state, since=at(-1), as_of=at(0)) == ()
