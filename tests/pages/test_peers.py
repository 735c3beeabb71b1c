"""Peers and the benchmark of an instrument: who they are, and what cannot be measured is said."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from data.clock import utc_now
from data.lake import Lake
from data.settings import Settings
from pages.frame.cached import AnalyticCall, observe
from tests.pages import browse, world


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A world with an index, and two of its four companies in one sector."""
    held = world.build(tmp_path_factory.mktemp("world"))
    known = utc_now() - timedelta(days=500)
    base = {"country": "USA", "currency": "USD", "known_at": known, "source": "demo"}
    lines = [
        base
        | {
            "symbol": f"demo:equity{number}",
            "ticker": f"EQUITY{number}",
            "name": "Invented equity",
            "asset_class": "equity",
            "sector": "Energy",
            "shares_outstanding": 1e6 * (number + 1),
        }
        for number in (1, 2, 3)
    ]
    lake = Lake(held.lake, workspace=held.workspace)
    lake.upsert("instruments", world.rows("instruments", lines), publish_id="sectors")
    return held


def shown(settings: Settings, **query: str) -> tuple[list[str], list[AnalyticCall]]:
    calls: list[AnalyticCall] = []
    with observe(calls.append):
        app = browse.visit(settings, "instrument", **query)
    assert not app.exception
    return browse.bodies(app), calls


def peers_of(bodies: list[str]) -> list[str]:
    table = next(body for body in bodies if "<caption>Peers" in body)
    return re.findall(r"id=demo%3A(\w+)", table)


def test_peers_share_kind_and_sector_and_the_instrument_is_first(settings: Settings) -> None:
    bodies, calls = shown(settings, id="demo:equity2", span="3m")
    assert peers_of(bodies)[0] == "equity2"
    assert sorted(peers_of(bodies)) == ["equity1", "equity2", "equity3"]
    (asked,) = (c for c in calls if c.name == "analytics.market" and "universe" in c.params)
    assert asked.params["sessions"] == 63
    assert asked.params["universe"] == "class:equity;sector:Energy"
    values = asked.answer.frame.sort("market_value", descending=True)["symbol"].to_list()
    rest = [name.partition(":")[2] for name in values if name != "demo:equity2"]
    assert peers_of(bodies)[1:] == rest


def test_without_a_sector_peers_are_of_its_kind(settings: Settings) -> None:
    bodies, _ = shown(settings, id="demo:fx4")
    assert peers_of(bodies) == ["fx4", "fx5"]


def test_beta_is_that_of_the_analytic_and_has_its_sessions(settings: Settings) -> None:
    bodies, calls = shown(settings, id="demo:equity1", benchmark="demo:equity0")
    (asked,) = (c for c in calls if c.name == "analytics.list_risk")
    assert asked.params["benchmark"] == "demo:equity0"
    beta = asked.answer.frame.filter(measure="beta").row(0, named=True)
    strip = next(body for body in bodies if "CVaR 95 %" in body)
    assert f"{beta['beta']:.2f}".replace("-", "−") in strip
    assert f"{beta['days']} sessions" in strip
    assert any("Correlation with the benchmark" in body for body in bodies)


def test_its_own_benchmark_and_a_rate_have_no_beta(settings: Settings) -> None:
    bodies, calls = shown(settings, id="demo:equity1", benchmark="demo:equity1")
    assert any("Choose another instrument as the benchmark" in body for body in bodies)
    assert not [c for c in calls if c.name in ("analytics.list_risk", "analytics.rolling_pair")]
    bodies, calls = shown(settings, id="demo:rate8", benchmark="demo:equity1")
    assert any("A rate has a level and no return" in body for body in bodies)
    assert not [c for c in calls if c.name == "analytics.list_risk"]
    assert [c for c in calls if c.name == "analytics.rolling_pair"]
    of_returns = {"analytics.rolling_volatility", "analytics.drawdown", "analytics.seasonality"}
    assert not of_returns & {c.name for c in calls}


def test_an_unknown_benchmark_is_said(settings: Settings) -> None:
    bodies, _ = shown(settings, id="demo:equity1", benchmark="demo:none")
    assert any("fewer than 60 sessions in common" in body for body in bodies)
    strip = next(body for body in bodies if "CVaR 95 %" in body)
    assert "no price or rate" in strip
