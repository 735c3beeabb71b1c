"""State, bus, health and the last visit, as the frame sees them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from data.clock import utc_now
from data.query import Db
from pages.frame.resources import open_resources
from pages.frame.services import Services
from pages.home import visits
from pages.server.health import health
from tests.pages import browse, world
from tests.spoil import spoil


def test_healthy_workspace(tmp_path: Path) -> None:
    open_resources(world.build(tmp_path))
    told = health()
    assert told["ok"] is True
    assert told["workspace"] == "demo"
    assert told["datasets"]["prices"] == 1


def test_health_says_that_the_lake_cannot_be_read(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    open_resources(settings)
    spoil(settings.lake, "countries")
    told = health()
    assert told["ok"] is False
    assert "damaged" in told["problem"]


def test_state_comes_back_when_its_lock_is_gone(tmp_path: Path) -> None:
    settings = world.settings(tmp_path)
    services = Services(settings)
    assert services.look().state is not None
    holder = sqlite3.connect(settings.state, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    found = services.look()
    assert found.state is None
    assert "held by another program" in found.troubles[0].text
    holder.close()
    assert services.look().state is not None


def test_bus_that_is_gone_leaves_the_state(tmp_path: Path) -> None:
    services = Services(replace(world.settings(tmp_path), redis_url="redis://127.0.0.1:1/0"))
    found = services.look()
    assert found.state is not None
    assert [trouble.where for trouble in found.troubles] == ["bus"]


def test_unusable_bus_address_is_a_sentence(tmp_path: Path) -> None:
    services = Services(replace(world.settings(tmp_path), redis_url="nonsense"))
    assert [trouble.where for trouble in services.look().troubles] == ["bus"]


def test_first_visit_gets_the_tour_and_the_next_one_the_news(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    first = browse.visit(settings)
    assert [button.label for button in first.button if button.key == "overview_tour"]
    again = browse.arrive()
    assert not [button.label for button in again.button if button.key == "overview_tour"]
    since = next(row for row in again.button_group if row.key == "overview_since")
    assert since.options[0] == since.value == "last visit"


def test_news_since_the_last_visit_are_counted_by_dataset(tmp_path: Path) -> None:
    settings = world.build(tmp_path)
    before = world.last_day() - timedelta(days=3)
    at = Db(settings.lake).at(utc_now())
    from analytics.core import coverage

    moment = utc_now().replace(year=before.year, month=before.month, day=before.day, hour=22)
    rows = dict(coverage.lake_since(at, moment=moment).frame.select("dataset", "rows").iter_rows())
    expected = at.sql("SELECT count(*) AS n FROM prices WHERE known_at > $m", m=moment).frame["n"][
        0
    ]
    assert rows["prices"] == expected > 0


def test_a_reload_is_not_a_visit(tmp_path: Path) -> None:
    services = Services(world.settings(tmp_path))
    state = services.look().state
    assert state is not None
    noon = utc_now().replace(second=0, microsecond=0) - timedelta(days=2)
    anna, ben = "a" * 32, "b" * 32
    assert visits.remember(state, anna, noon) is None
    assert visits.remember(state, anna, noon + timedelta(minutes=5)) == noon
    assert visits.remember(state, anna, noon + timedelta(hours=5)) == noon
    assert visits.remember(state, ben, noon + timedelta(hours=5)) is None
    assert visits.remember(state, anna, noon + timedelta(hours=6)) == noon + timedelta(hours=5)
