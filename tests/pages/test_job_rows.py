"""The rows of Jobs: quotas by the provider's clock, instants ahead and behind, silent processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.state import budgets, runs, timetable
from data.state.budgets import Ask
from data.state.db import State
from data.state.runs import Holder
from data.state.timetable import QuotaLine, StoredTimetable
from data.state.values import Edit
from pages.lake import job_rows
from pages.lake.job_rows import Clock, ahead, shortened

HALF = datetime(2026, 11, 16, tzinfo=UTC)  # of November


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    found = State.open(tmp_path / "state.db")
    yield found
    found.close()


def quota(state: State, line: QuotaLine, used: int, window: str, at: datetime = HALF):
    timetable.post(
        state, StoredTimetable((), quotas=(line,)), edit=Edit("s", at - timedelta(days=1))
    )
    if used:
        budgets.reserve(state, [Ask(line.source, window, line.amount, used, line.unit)])
    (row,) = job_rows.quota_rows(job_rows.read(state, Clock(at, True)), Clock(at, True))
    return row


@pytest.mark.parametrize(
    ("used", "asked", "ahead_of_it", "verdict"),
    [
        (0, 0, 0, "fits"),
        (400, 1000, 900, "fits"),
        (401, 1000, 901, "will be short"),
        (900, 0, 900, "stale"),
        (1000, 0, 1000, "spent"),
    ],
)
def test_projection_is_what_was_used_and_what_is_still_asked(
    state: State, used: int, asked: int, ahead_of_it: int, verdict: str
) -> None:
    line = QuotaLine("x", 1000, "calls", "month", "UTC", 100, asked)
    row = quota(state, line, used, "2026-11")
    assert (row["used"], row["ahead"], row["verdict"]) == (used, ahead_of_it, verdict)
    assert row["gauge"] == {"used": used / 1000, "ahead": ahead_of_it / 1000}


def test_day_of_a_quota_is_the_providers_own(state: State) -> None:
    line = QuotaLine("x", 100, "credits", "day", "America/Los_Angeles", 10, 0)
    row = quota(state, line, 7, "2026-11-15")  # it is still four in the afternoon there
    assert (row["used"], row["window"]) == (7, "2026-11-15")


def test_quotas_are_facts_of_the_present(state: State) -> None:
    quota(state, QuotaLine("x", 10, "calls", "month"), 1, "2026-11")
    assert job_rows.quota_rows(job_rows.read(state, Clock(HALF, False)), Clock(HALF, False)) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (-59, "now"), (-60, "1 min late"), (45, "in 45 s"), (7200, "in 2 h")],
)
def test_instants_ahead_and_behind(seconds: int, words: str) -> None:
    assert ahead(HALF + timedelta(seconds=seconds), HALF) == words
    assert ahead(None, HALF) is None


def test_run_whose_process_is_silent_says_so(state: State) -> None:
    run = runs.plan(state, "x.y", "x", due_at=HALF, now=HALF)
    runs.claim(state, run.id, Holder("s", 1, HALF + timedelta(minutes=1)), now=HALF)
    live = job_rows.under_way(state, Clock(HALF + timedelta(seconds=30), True))
    assert [row["message"] for row in live] == [""]
    (dead,) = job_rows.under_way(state, Clock(HALF + timedelta(minutes=9), True))
    assert "no sign of life for 8 min" in dead["message"]
    (past,) = job_rows.under_way(state, Clock(HALF + timedelta(minutes=9), False))
    assert past["message"] == ""


def test_long_messages_are_cut_to_one_line() -> None:
    assert shortened("a\n\n b") == "a b"
    assert len(shortened("x" * 900)) == job_rows.MESSAGE
