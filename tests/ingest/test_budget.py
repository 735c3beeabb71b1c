"""Quotas at run time: not one call over, and the last good data stay."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import BudgetError
from data.quotas import Limit
from data.state.budgets import usage
from data.state.db import State
from ingest.runs.budget import CallBudget
from ingest.runs.engine import Engine
from tests import tiers
from tests.ingest.conftest import START, FakeTime, Go, Open, quota, rows, stored
from tests.ingest.server import Server, document, status
from tests.machine import ROOT

NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
RESERVATIONS = tiers.amount("INGEST_RESERVATIONS", day=20_000, night=100_000)
# Each process asks over and over, in batches of one transaction, until it was refused enough.
ASKER = """
import sys
from datetime import datetime
from pathlib import Path
from data.errors import BudgetError
from data.state.db import State
from ingest.runs.budget import CallBudget
from tests.ingest.conftest import quota
state = State.open(Path(sys.argv[1]), busy_seconds=60)
budget = CallBudget(state, quota(sys.argv[2]))
now, granted, refused = datetime.fromisoformat(sys.argv[3]), 0, 0
asks = int(sys.argv[4])
while granted + refused < asks:
    with state.transaction():
        for _ in range(min(250, asks - granted - refused)):
            try:
                budget.reserve("tiny", {"calls": 1}, now=now, is_user=True)
                granted += 1
            except BudgetError:
                refused += 1
    print(granted, refused, flush=True)
"""


def test_a_limit_is_read_from_words() -> None:
    limit = Limit.parse("10_000 calls per month")
    assert (str(limit), limit.kept, limit.open_to_jobs) == ("10,000 calls per month", 1000, 9000)
    assert Limit.parse("25 calls per day").open_to_jobs == 22
    assert Limit.parse("5 calls per second").open_to_jobs == 5


def test_windows_follow_the_zone_of_the_provider() -> None:
    found = quota("9 calls per day", "9 calls per month", zone="Asia/Tokyo")["tiny"]
    day, month = found.limits
    assert found.window(day, NOW) == "2026-11-22"
    assert found.window(month, NOW + timedelta(days=9)) == "2026-12"


def test_short_limits_become_a_distance() -> None:
    found = quota("30 calls per minute", "5 calls per second", "600 credits per minute")["tiny"]
    assert found.spacing() == pytest.approx(2.1)
    assert found.spacing(credits=40) == pytest.approx(4.2)


def test_a_tenth_is_kept_for_people(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    budget = CallBudget(state, quota("10 calls per day"))
    for _ in range(9):
        budget.reserve("tiny", {"calls": 1}, now=NOW)
    with pytest.raises(BudgetError, match="9 of 10 calls used in 2026-11-21, 1 kept"):
        budget.reserve("tiny", {"calls": 1}, now=NOW)
    (ask,) = budget.reserve("tiny", {"calls": 1}, now=NOW, is_user=True)
    with pytest.raises(BudgetError):
        budget.reserve("tiny", {"calls": 1}, now=NOW, is_user=True)
    budget.refund([ask])
    budget.reserve("tiny", {"calls": 1}, now=NOW, is_user=True)
    budget.reserve("tiny", {"calls": 9}, now=NOW + timedelta(hours=1))  # the next day
    assert budget.reserve("unknown", {"calls": 10**6}, now=NOW) == ()
    budget.refund(())
    state.close()


def test_all_or_none_of_several_quotas(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    budget = CallBudget(state, quota("100 calls per day", "50 credits per month"))
    with pytest.raises(BudgetError, match="credits"):
        budget.reserve("tiny", {"calls": 1, "credits": 46}, now=NOW)
    assert usage(state) == ()
    state.close()


def test_over_budget_is_said_and_the_old_data_stay(
    server: Server, opened: Open, go: Go, clock: FakeTime
) -> None:
    server.acts["/values"] = document(rows(1.0))
    with opened("3 calls per day") as engine:
        run = go("a", "b", "c", on=engine, due_at=START)
        assert (run.outcome.status, run.outcome.calls) == ("over_budget", 2)
        assert "2 of 3 calls used" in run.outcome.message
        assert "1 calls left for the next attempt" in run.outcome.message
        assert len(stored(engine)) == 1
        again = go("a", "b", "c", on=engine, due_at=START)
        assert (again.id, again.outcome.status, again.attempt) == (run.id, "over_budget", 2)
        by_hand = go("x", on=engine, is_user=True, due_at=START + timedelta(hours=1))
        assert by_hand.outcome.status == "ok"
        clock.now_at += timedelta(days=1)
        assert server.count("/values") == 3
        assert go("a", "b", "c", on=engine).outcome.status == "over_budget"
    assert server.count("/values") == 5


def test_each_attempt_is_paid_for(server: Server, opened: Open, go: Go) -> None:
    server.acts["/values"] = status(500)
    with opened("4 calls per day") as engine:
        run = go("a", on=engine)
        assert (run.outcome.status, run.outcome.calls) == ("over_budget", 3)
        assert [budget.used for budget in usage(engine.state)] == [3]
    assert server.count("/values") == 3


def test_each_redirect_is_paid_for(server: Server, opened: Open, go: Go) -> None:
    server.acts["/values"] = status(302, Location="/there?name=a")
    server.acts["/there"] = document(rows(1.0))
    with opened("40 calls per day") as engine:
        assert go("a", on=engine).outcome.status == "ok"
        assert [budget.used for budget in usage(engine.state)] == [2]


def test_calls_keep_their_distance(server: Server, opened: Open, go: Go, clock: FakeTime) -> None:
    server.acts["/values"] = document(rows(1.0))
    with opened("30 calls per minute") as engine:
        assert go("a", "b", "c", on=engine).outcome.status == "ok"
    assert sum(clock.slept) == pytest.approx(4.2, abs=0.01)


def test_a_source_without_figures_is_asked_once_a_second(
    server: Server, engine: Engine, go: Go, clock: FakeTime
) -> None:
    server.acts["/values"] = document(rows(1.0))
    assert go("a", "b", name="unlisted").outcome.status == "ok"
    assert sum(clock.slept) == pytest.approx(1.0, abs=0.01)


def ask(state: Path, limit: str, each: int) -> subprocess.Popen[str]:
    arguments = [str(state), limit, NOW.isoformat(), str(each)]
    return subprocess.Popen(
        [sys.executable, "-c", ASKER, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_four_processes_reserve_not_one_too_many(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    each = RESERVATIONS // 4
    allowed = RESERVATIONS * 3 // 4
    askers = [ask(state.path, f"{allowed} calls per day", each) for _ in range(4)]
    ends = [asker.communicate(timeout=3000)[0].split()[-2:] for asker in askers]
    granted = sum(int(end[0]) for end in ends)
    refused = sum(int(end[1]) for end in ends)
    assert (granted, refused) == (allowed, 4 * each - allowed)
    assert [budget.used for budget in usage(state)] == [allowed]
    state.close()


def test_the_ledger_survives_a_kill(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    asker = ask(state.path, "1_000_000 calls per day", 400_000)
    while not usage(state) or usage(state)[0].used < 500:
        time.sleep(0.01)
    asker.send_signal(signal.SIGKILL)
    said = asker.communicate()[0].splitlines()
    whole = [line for line in said if len(line.split()) == 2]
    used = usage(state)[0].used
    acknowledged = int(whole[-1].split()[0])
    assert used >= acknowledged and used - acknowledged in (0, 250)
    assert state.row("PRAGMA integrity_check")[0] == "ok"
    CallBudget(state, quota("1_000_000 calls per day")).reserve("tiny", {"calls": 1}, now=NOW)
    assert usage(state)[0].used == used + 1
    state.close()
