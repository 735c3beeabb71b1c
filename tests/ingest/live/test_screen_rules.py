"""Rules on screens: one alert for each entry or exit, and none for what was so before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analytics.live.alert_words import title_of
from data.lake import Lake
from data.query import Db
from data.settings import Settings
from data.state import alerts, rules, watchlists
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from data.state.watchlists import Member
from ingest.live.lake_rules import judge_lake
from tests.analytics.companies.test_screen import small_world
from tests.analytics.quotes import FIRST, quotes, table
from tests.pages import world

MADE = datetime(2024, 4, 1, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Settings, State, Lake]]:
    settings = replace(
        world.settings(tmp_path), workspace="live", redis_url="redis://127.0.0.1:1/0"
    )
    lake, state = Lake(settings.lake, workspace=settings.workspace), State.open(settings.state)
    small_world(lake)
    yield settings, state, lake
    state.close()


def rule(state: State, metric: str, screen: str, **more: object) -> int:
    said = {"metric": metric, "trigger": 1.0, "rearm": 0.5, "cooldown_s": 0, "screen": screen}
    terms = Terms(metric, {**said, **more})
    return rules.create(state, terms, edit=Edit("tester", MADE)).id


def price(lake: Lake, company: str, day: date, close: float) -> None:
    lake.upsert("prices", table(quotes({(day - FIRST).days: close}, f"{company}s")))


def fired(state: State, now: datetime) -> list[tuple[str, str, str]]:
    found = alerts.known(state, as_of=now)
    return sorted((a.firing.metric, a.firing.symbol, a.condition) for a in found)


def test_each_entry_and_each_exit_is_one_alert(desk: tuple[Settings, State, Lake]) -> None:
    settings, state, lake = desk
    for metric in ("screen_entered", "screen_left"):
        rule(state, metric, "market_value_usd:2e7..")  # x:c alone is as large
    assert "0 fired" in judge_lake(settings, state, MADE + timedelta(hours=1)).message
    price(lake, "x:a", date(2024, 4, 2), 50.0)
    later = datetime(2024, 4, 3, tzinfo=UTC)
    assert "1 fired" in judge_lake(settings, state, later).message
    assert "0 fired" in judge_lake(settings, state, later + timedelta(minutes=15)).message
    assert fired(state, later) == [("screen_entered", "x:a", "firing")]
    (alert,) = alerts.known(state, as_of=later)
    assert "x:a" in title_of(alert)
    assert alert.firing.context["point"]["name"] == "x:a"

    price(lake, "x:a", date(2024, 4, 3), 5.0)
    price(lake, "x:c", date(2024, 4, 3), 5.0)
    last = datetime(2024, 4, 4, tzinfo=UTC)
    assert "2 fired, 1 ended" in judge_lake(settings, state, last).message
    assert fired(state, last) == [
        ("screen_entered", "x:a", "normal"),
        ("screen_left", "x:a", "firing"),
        ("screen_left", "x:c", "firing"),
    ]
    # The one that was in it at first enters anew: that is news.
    price(lake, "x:c", date(2024, 4, 4), 100.0)
    assert "1 fired, 1 ended" in judge_lake(settings, state, last + timedelta(days=1)).message
    assert ("screen_entered", "x:c", "firing") in fired(state, last + timedelta(days=1))
    assert fired(state, last) == [
        ("screen_entered", "x:a", "normal"),
        ("screen_left", "x:a", "firing"),
        ("screen_left", "x:c", "firing"),
    ]


def test_a_figure_that_is_missing_decides_nothing(desk: tuple[Settings, State, Lake]) -> None:
    """A share without a fresh price neither leaves a screen by price nor enters one."""
    settings, state, _ = desk
    rule(state, "screen_left", "market_value_usd:2e7..")
    rule(state, "screen_entered", "market_value_usd:..1")
    late = MADE + timedelta(days=90)
    assert "0 values: 0 fired" in judge_lake(settings, state, late).message


def test_damaged_files_decide_nothing(desk: tuple[Settings, State, Lake]) -> None:
    settings, state, lake = desk
    rule(state, "screen_left", "revenue_usd:1e6..")
    for entry in Db(lake.root, threads=1).manifest("fundamentals").files:
        (lake.root / "fundamentals" / entry.file).write_bytes(b"nothing")
    assert "0 values: 0 fired" in judge_lake(settings, state, MADE + timedelta(hours=1)).message


def test_a_rule_on_a_list_is_about_the_companies_of_its_shares(
    desk: tuple[Settings, State, Lake],
) -> None:
    settings, state, lake = desk
    edit = Edit("tester", MADE)
    watchlists.create(state, "Two", [Member("x:as"), Member("x:bs")], edit=edit)
    rule(state, "screen_entered", "market_value_usd:2e7..", watchlist="Two")
    price(lake, "x:a", date(2024, 4, 2), 50.0)
    price(lake, "x:d", date(2024, 4, 2), 50.0)
    later = datetime(2024, 4, 3, tzinfo=UTC)
    assert "1 fired" in judge_lake(settings, state, later).message
    assert fired(state, later) == [("screen_entered", "x:a", "firing")]


def test_a_rule_without_a_screen_cannot_be_used(desk: tuple[Settings, State, Lake]) -> None:
    settings, state, _ = desk
    rule(state, "screen_entered", "")
    rule(state, "screen_entered", "kind:x")
    assert "2 rules cannot be used" in judge_lake(settings, state, MADE).message
