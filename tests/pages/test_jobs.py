"""Jobs: on a working day, before the first one, at a past clock, with a state that is locked."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.clock import iso, utc_now
from data.settings import Settings
from data.state import leases, requests, timetable
from data.state.db import State
from data.state.runs import Outcome
from data.state.values import Edit
from tests.pages import browse, ledgers, world


@pytest.fixture
def now() -> datetime:
    return utc_now()


@pytest.fixture
def busy(tmp_path: Path, now: datetime) -> Settings:
    """A workspace with a lake and a working day behind it."""
    settings = world.build(tmp_path)
    ledgers.fill(settings, now).close()
    return settings


def row(app: AppTest, title: str, name: str) -> str:
    """The line of a table that holds this name."""
    panel = next(body for body in browse.bodies(app) if f"<caption>{title}</caption>" in body)
    lines = [line for line in panel.split("<tr>") if f">{name}<" in line]
    assert lines, panel
    return lines[0]


def captions(app: AppTest) -> list[str]:
    found = [body for body in browse.bodies(app) if "<caption>" in body]
    return [body.split("<caption>")[1].split("</caption>")[0] for body in found]


def test_before_the_first_start_it_says_how_to_start(tmp_path: Path) -> None:
    app = browse.visit(world.build(tmp_path, "live"), "jobs")
    assert not app.exception
    said = [s for s in browse.sentences(app) if "has not run yet in this workspace" in s]
    assert said
    assert all("python -m scripts.scheduler --workspace live" in s for s in said)
    assert any("No scheduler is at work" in s for s in browse.sentences(app))
    assert app.button(key="jobs_refresh").disabled
    assert "No reply was refused" in browse.text(app)


def test_timetable_tells_of_last_and_next_runs(busy: Settings) -> None:
    app = browse.visit(busy, "jobs")
    fred = row(app, "Timetable", "fred.daily")
    assert all(word in fred for word in ("every day at 18:30 UTC", "● ok", "5 h ago"))
    assert re.search(r"in [1-6] min", fred)  # six when the world was built, on a machine at rest
    failed = row(app, "Timetable", "ecb.rates")
    assert "✕ failed" in failed
    assert "HTTP 503 &lt;b&gt;three times" in failed
    assert "○ empty" in row(app, "Timetable", "house.backup")
    assert "▶ running" in row(app, "Timetable", "worldbank.all")


def test_what_runs_and_what_was_asked_for(busy: Settings) -> None:
    app = browse.visit(busy, "jobs")
    work = row(app, "Running", "worldbank.all")
    assert all(word in work for word in (">14<", ">2.5<", ">9,120<", "14 of 58 calls"))
    assert "● done" in row(app, "Asked for", "fred.daily")
    assert "○ waiting" in row(app, "Asked for", "ecb.rates")
    assert not any("No scheduler is at work" in s for s in browse.sentences(app))


def test_quota_that_is_spent_shows_as_stale_with_its_reason(busy: Settings) -> None:
    app = browse.visit(busy, "jobs")
    source = row(app, "Sources", "coingecko")
    assert "▲ stale" in source
    assert "7 h ago" in source
    assert "over budget, so the last good data stay: coingecko: 9000 of 10000 calls" in source
    gauge = row(app, "Budgets", "coingecko")
    assert all(word in gauge for word in ("10,000 calls a month", "90 %", ">9,000<", "▲ stale"))
    assert "▲ over budget" in row(app, "Runs", "coingecko.spot")
    assert "the plan fits; 2 quotas" in browse.text(app)


def test_source_without_its_key_says_what_it_needs(busy: Settings) -> None:
    app = browse.visit(busy, "jobs")
    source = row(app, "Sources", "marketstack")
    assert all(word in source for word in ("▲ needs a key", ">missing<", "set MARKETSTACK_KEY"))
    assert ">there<" in row(app, "Sources", "fred")
    assert "put stooq into SOURCES" in row(app, "Sources", "stooq")


def test_breaker_that_opened_says_for_how_long_and_why(busy: Settings) -> None:
    source = row(browse.visit(busy, "jobs"), "Sources", "ecb")
    assert all(word in source for word in ("▲ resting", "open for", "0 of 5 good", "HTTP 503"))


def test_runs_are_filtered_by_job_and_status(busy: Settings) -> None:
    app = browse.visit(busy, "jobs", job="fred.daily")
    runs = next(body for body in browse.bodies(app) if "<caption>Runs</caption>" in body)
    assert runs.count("fred.daily") == 2
    assert "ecb.rates" not in runs
    app = browse.visit(busy, "jobs", status="failed")
    runs = next(body for body in browse.bodies(app) if "<caption>Runs</caption>" in body)
    assert "ecb.rates" in runs
    assert "fred.daily" not in runs
    app = browse.visit(busy, "jobs", job="fred.daily", status="failed")
    assert any("No run like that" in s for s in browse.sentences(app))
    app = browse.visit(busy, "jobs", job="<b>", status="lost")
    said = browse.sentences(app)
    assert any("There is no job named" in s and "&lt;b&gt;" in s for s in said)
    assert any("There is no status named" in s for s in said)


def test_refresh_writes_a_wish_and_shows_it(busy: Settings) -> None:
    app = browse.visit(busy, "jobs", job="house.backup")
    assert "Keeps a restore point. Runs every day at 03:00 UTC" in browse.text(app)
    app.button(key="jobs_refresh").click().run()
    assert "○ waiting" in row(app, "Asked for", "house.backup")
    state = State.open(busy.state)
    (wish,) = [w for w in requests.recent(state, as_of=utc_now()) if w.job == "house.backup"]
    assert (wish.status, wish.requested_by, wish.arguments) == ("requested", "jobs page", {})
    app.button(key="jobs_refresh").click().run()
    assert len(requests.recent(state, as_of=utc_now())) == 3
    state.close()


def test_job_that_is_chosen_shows_its_last_message_in_full(busy: Settings, now: datetime) -> None:
    long = "word " * 300
    state = State.open(busy.state)
    ledgers.ended(state, "ecb.rates", now - timedelta(seconds=30), Outcome("partial", message=long))
    state.close()
    app = browse.visit(busy, "jobs", job="ecb.rates")
    assert any(long.strip() in body for body in browse.bodies(app))
    assert "…" in row(app, "Timetable", "ecb.rates")


def test_rejects_are_listed_as_text(busy: Settings) -> None:
    ledgers.refuse(busy, "fred", utc_now() - timedelta(minutes=1), "x").write_text("{]")
    app = browse.visit(busy, "jobs")
    assert "found &lt;script&gt;alert(1)" in row(app, "Rejects", "ecb")
    assert "cannot be read" in row(app, "Rejects", "fred")
    assert "<script" not in "".join(browse.bodies(app))


def test_past_clock_shows_what_stood_then_and_asks_for_nothing(
    busy: Settings, now: datetime
) -> None:
    then = now - timedelta(hours=4)
    app = browse.visit(busy, "jobs", as_of=iso(then), job="fred.daily")
    before = browse.text(app)
    assert not [button for button in app.button if button.key == "jobs_refresh"]
    assert "A refresh belongs to the present" in before
    assert "Budgets are facts of the present" in before
    assert "HTTP 503" not in before
    assert "next due" not in before
    assert "breaker" not in row(app, "Sources", "source")
    assert "Asked for" not in captions(app)
    assert not [s for s in browse.sentences(app) if "No scheduler is at work" in s]
    state = State.open(busy.state)
    ledgers.ended(state, "fred.daily", now - timedelta(minutes=1), Outcome("failed", message="new"))
    requests.ask(state, "fred.daily", {"names": ["x"]}, edit=Edit("a", now))
    timetable.post(state, timetable.StoredTimetable(()), edit=Edit("scheduler", now))
    leases.take(state, "other", "t", now=now, until=now + timedelta(hours=1))
    state.close()
    ledgers.refuse(busy, "fred", now, "later")
    assert browse.text(browse.visit(busy, "jobs", as_of=iso(then), job="fred.daily")) == before


def test_clock_before_the_first_start(busy: Settings, now: datetime) -> None:
    app = browse.visit(busy, "jobs", as_of=iso(now - timedelta(days=3)))
    assert any("No scheduler had run by this clock" in s for s in browse.sentences(app))
    assert "Nothing ran at that instant" in browse.text(app)


def test_state_that_is_locked_is_said_and_the_lake_is_shown(busy: Settings) -> None:
    browse.visit(busy, "jobs")
    holder = sqlite3.connect(busy.state, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        app = browse.visit(busy, "jobs")
    finally:
        holder.close()
    assert not app.exception
    text = browse.text(app)
    assert text.count("The state cannot be used; the reason is above.") == 6
    assert "Datasets and their jobs" in text
    assert "Rejects" in captions(app)


def test_wish_that_cannot_be_written_is_said(busy: Settings) -> None:
    app = browse.visit(busy, "jobs", job="fred.daily")
    holder = sqlite3.connect(busy.state, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        app.button(key="jobs_refresh").click().run()
    finally:
        holder.close()
    assert not app.exception
    assert any("held by another program" in s for s in browse.sentences(app))


def test_what_feeds_a_dataset(busy: Settings) -> None:
    app = browse.visit(busy, "jobs")
    assert "fred.daily, worldbank.all" in row(app, "Datasets and their jobs", "macro")
