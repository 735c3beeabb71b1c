"""A state for the tests of Jobs: a timetable, runs of every kind, wishes, a breaker, budgets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from data.settings import Settings
from data.state import breakers, budgets, leases, requests, runs, timetable
from data.state.budgets import Ask
from data.state.db import State
from data.state.runs import Holder, Outcome
from data.state.timetable import JobLine, QuotaLine, SourceLine, StoredTimetable
from data.state.values import Edit

TABLE = StoredTimetable(
    jobs=(
        JobLine(
            "fred.daily",
            "fred",
            "series of the macro desk",
            "every day at 18:30 UTC",
            ("macro", "series"),
            2,
        ),
        JobLine("coingecko.spot", "coingecko", "prices of coins", "every 5 min", ("prices",)),
        JobLine("ecb.rates", "ecb", "reference rates", "on weekdays at 16:15 Europe/Berlin"),
        JobLine(
            "worldbank.all",
            "worldbank",
            "indicators of all countries",
            "on the 1st of each month at 06:00 UTC",
            ("macro",),
        ),
        JobLine("house.backup", "house", "keeps a restore point", "every day at 03:00 UTC"),
    ),
    sources=(
        SourceLine("coingecko", "CoinGecko", "prices of coins", "demo plan"),
        SourceLine("ecb", "ECB", "exchange rates of the euro"),
        SourceLine("fred", "FRED", "macro series and their vintages", "", "FRED_API_KEY", True),
        SourceLine("worldbank", "World Bank", "indicators of countries"),
        SourceLine(
            "marketstack",
            "Marketstack",
            "daily bars",
            "",
            "MARKETSTACK_KEY",
            False,
            False,
            "Marketstack needs a key: set MARKETSTACK_KEY, then start the scheduler again",
        ),
        SourceLine(
            "stooq",
            "Stooq",
            "daily bars",
            "",
            None,
            False,
            False,
            "off by default; put stooq into SOURCES to run it",
        ),
    ),
    quotas=(
        QuotaLine(
            "coingecko",
            10_000,
            "calls",
            "month",
            "UTC",
            1_000,
            8_928,
            "https://example.test/terms",
            "2026-11-01",
        ),
        QuotaLine("comtrade", 500, "calls", "month", "UTC", 50, 372, "", "2026-11-01"),
    ),
    verdict="2026-12-01 to 2027-01-01: the plan fits; 2 quotas were checked",
)


def fill(settings: Settings, now: datetime) -> State:
    """The state of a working day; its messages try to be markup."""
    settings.state.parent.mkdir(parents=True, exist_ok=True)
    state = State.open(settings.state)
    start = now - timedelta(days=2)
    timetable.post(state, TABLE, edit=Edit("scheduler", start))
    for job, minutes in zip(TABLE.jobs, (7, 3, 400, 15_000, 1_000), strict=True):
        timetable.set_due(state, job.name, now + timedelta(minutes=minutes))
    ended(state, "fred.daily", now - timedelta(hours=30), Outcome("ok", 12, 80_000, 310, 4))
    ended(state, "fred.daily", now - timedelta(hours=6), Outcome("ok", 12, 90_000, 3, 1))
    ended(state, "coingecko.spot", now - timedelta(hours=8), Outcome("ok", 1, 5_000, 40))
    ended(
        state,
        "coingecko.spot",
        now - timedelta(minutes=10),
        Outcome(
            "over_budget",
            message="coingecko: 9000 of 10000 calls used in 2026-11, 1000 kept for "
            "requests; nothing was sent, wait for the next window",
        ),
    )
    ended(
        state,
        "ecb.rates",
        now - timedelta(hours=3),
        Outcome("failed", 3, message="HTTP 503 <b>three times</b>; the last good rows stay"),
    )
    ended(state, "house.backup", now - timedelta(hours=5), Outcome("empty"))
    running(state, "worldbank.all", now)
    wish = requests.ask(state, "fred.daily", {}, edit=Edit("jobs page", now - timedelta(hours=1)))
    requests.ask(state, "ecb.rates", {}, edit=Edit("jobs page", now - timedelta(seconds=9)))
    taken = requests.claim_next(state, "s", now=now - timedelta(minutes=59))
    assert taken is not None
    assert taken.id == wish.id
    requests.answer(state, taken, requests.RequestAnswer("done"), now=now - timedelta(minutes=58))
    for _ in range(5):
        breakers.bad(state, "ecb", "HTTP 503", now=now - timedelta(seconds=20))
    budgets.reserve(state, [Ask("coingecko", f"{now:%Y-%m}", 10_000, 9_000)])
    leases.take(state, "scheduler", "s", now=now, until=now + timedelta(minutes=10))
    refuse(settings, "ecb", now - timedelta(hours=3), "found <script>alert(1)</script>")
    return state


def ended(state: State, job: str, due: datetime, outcome: Outcome) -> None:
    """A run that took eleven seconds."""
    run = runs.plan(state, job, job.partition(".")[0], due_at=due, now=due)
    mine = runs.claim(state, run.id, Holder("s", 1, due + timedelta(minutes=1)), now=due)
    assert mine is not None
    runs.finish(state, mine, outcome, now=due + timedelta(seconds=11))


def running(state: State, job: str, now: datetime) -> None:
    """A run in the midst of it."""
    due = now - timedelta(seconds=40)
    run = runs.plan(state, job, job.partition(".")[0], due_at=due, now=due)
    mine = runs.claim(state, run.id, Holder("s", 1, now + timedelta(hours=1)), now=due)
    assert mine is not None
    runs.report(
        state,
        mine,
        Outcome("running", 14, 2_500_000, 9_120, 0, "14 of 58 calls"),
        until=now + timedelta(hours=1),
    )


def refuse(settings: Settings, source: str, at: datetime, reason: str) -> Path:
    """A note as the engine writes it, with its reply."""
    folder = settings.rejects / source
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / f"{at:%Y%m%dT%H%M%S%f}-0a1b2c3d.json"
    told = {
        "source": source,
        "at": at.isoformat(),
        "problem": "upstream",
        "reason": reason,
        "status": 200,
        "url": "https://example.test/rates",
        "params": {},
        "headers": {},
        "bytes": 512,
        "bytes_kept": 512,
    }
    note.write_text(json.dumps(told), encoding="utf-8")
    note.with_suffix(".body").write_bytes(b"<script>alert(1)</script>")
    return note
