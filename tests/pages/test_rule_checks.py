"""Alerts says which rules nobody checks, since when, and how to start what would check them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data import streams
from data.bus.memory import MemoryBus
from data.clock import iso, utc_now
from data.settings import Settings
from data.state import leases, rules
from data.state.db import State
from data.state.values import Edit
from pages.frame import resources
from pages.frame.live_reader import LiveReader
from tests.pages import browse, world

DAILY, LIVE = "Daily fall", "Live price"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return world.build(tmp_path)


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    found = State.open(settings.state)
    edit = Edit("test", utc_now() - timedelta(hours=5))
    fall = {"metric": "daily_move", "side": "below", "trigger": -0.03, "rearm": -0.01}
    price = {"metric": "price", "side": "above", "trigger": 1e9, "rearm": 9e8}
    rules.create(found, rules.Terms(DAILY, fall), edit=edit)
    rules.create(found, rules.Terms(LIVE, price), edit=edit)
    yield found
    found.close()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> MemoryBus:
    """The bus that the reader of the page follows."""
    found = MemoryBus()
    monkeypatch.setattr(
        resources, "LiveReader", lambda settings: LiveReader(settings, lambda _: found)
    )
    return found


def unchecked(app: AppTest) -> list[str]:
    return [said for said in browse.sentences(app) if "not being checked" in said]


def row(app: AppTest, name: str) -> str:
    panel = next(body for body in browse.bodies(app) if "<caption>Rules</caption>" in body)
    return next(line for line in panel.split("<tr>") if name in line)


def test_without_a_scheduler_rules_on_closes_are_not_checked(
    settings: Settings, state: State, bus: MemoryBus
) -> None:
    begun = utc_now() - timedelta(days=3)
    assert leases.take(state, "scheduler", "a", now=begun, until=begun + timedelta(seconds=30))
    bus.note(streams.ticks(streams.venue_of(settings)), "monitor", {"at": iso(utc_now())})
    app = browse.visit(settings, "alerts")
    (said,) = unchecked(app)
    seen = (begun + timedelta(seconds=30)).strftime("%a %d %b %Y %H:%M UTC")
    assert "Rules on daily closes and published data are not being checked" in said
    assert f"no scheduler is at work (last seen {seen})." in said
    assert "Start it with <code>python3 scripts/up.py</code>." in said
    assert "▲ not checked" in row(app, DAILY)
    assert "○ waiting" in row(app, LIVE)


def test_without_a_monitor_rules_on_live_prices_are_not_checked(
    settings: Settings, state: State, bus: MemoryBus
) -> None:
    now = utc_now()
    assert leases.take(state, "scheduler", "a", now=now, until=now + timedelta(hours=1))
    (number,) = (rule.id for rule in rules.listed(state, as_of=now) if rule.terms.name == LIVE)
    old = {"at": iso(now - timedelta(days=2)), "watches": {str(number): {"normal": 3}}}
    bus.note(streams.ticks(streams.venue_of(settings)), "monitor", old)
    app = browse.visit(settings, "alerts")
    (said,) = unchecked(app)
    seen = (now - timedelta(days=2)).strftime("%a %d %b %Y %H:%M UTC")
    assert "Rules on live prices and positions are not being checked" in said
    assert f"no monitor is at work (last seen {seen})." in said
    assert "▲ not checked" in row(app, LIVE)
    assert "not checked" not in row(app, DAILY)


def test_where_both_are_at_work_nothing_is_said(
    settings: Settings, state: State, bus: MemoryBus
) -> None:
    now = utc_now()
    assert leases.take(state, "scheduler", "a", now=now, until=now + timedelta(hours=1))
    bus.note(streams.ticks(streams.venue_of(settings)), "monitor", {"at": iso(now)})
    app = browse.visit(settings, "alerts")
    assert unchecked(app) == []
    assert "not checked" not in browse.text(app)


def test_a_past_clock_says_nothing_of_what_is_at_work(settings: Settings, state: State) -> None:
    assert len(unchecked(browse.visit(settings, "alerts"))) == 2
    app = browse.visit(settings, "alerts", as_of=iso(utc_now().replace(second=0, microsecond=0)))
    assert unchecked(app) == []
    assert "not checked" not in browse.text(app)
    assert "not known" in row(app, DAILY)


def test_rules_that_are_off_need_nobody(settings: Settings, tmp_path: Path, bus: MemoryBus) -> None:
    state = State.open(settings.state)
    for rule in rules.listed(state, as_of=utc_now()):
        terms = rules.Terms(rule.terms.name, rule.terms.definition, is_enabled=False)
        rules.save(state, rule.id, terms, edit=Edit("test", utc_now()))
    state.close()
    assert unchecked(browse.visit(settings, "alerts")) == []
