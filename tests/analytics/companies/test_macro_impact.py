"""Shocks through revenue by place: exact, linear, and contributions that add up."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from analytics.companies.macro_impact import macro_impact, macro_impact_places
from analytics.core.catalogue import run
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.companies.filed_facts import about, balance, fact, file_facts
from tests.demo_fixture import DemoLake

LATE = datetime(2024, 4, 1, tzinfo=UTC)
END = date(2023, 12, 31)
PLACES = {"USA": 500.0, "DEU": 300.0, "Rest of Asia": 150.0, "undisclosed": 50.0}


def placed(end: date = END, **revenue: float) -> pl.DataFrame:
    """Revenue by place of one year."""
    rows = [
        {
            "company": "x:co",
            "period_end": end,
            "place": place,
            "revenue": value,
            "currency": "USD",
            "accession": f"{end}",
            "known_at": datetime(end.year + 1, 2, 20, tzinfo=UTC),
            "vintage_grade": "native",
            "source": "office",
        }
        for place, value in (revenue or PLACES).items()
    ]
    return pl.DataFrame(rows)


def countries(money: str = "EUR", code: str = "DEU") -> pl.DataFrame:
    """Two countries and their money."""
    known = datetime(2000, 1, 1, tzinfo=UTC)
    rows = [
        {"country": place, "name": place, "currency": unit, "known_at": known}
        | {"vintage_grade": "native", "source": "office"}
        for place, unit in (("USA", "USD"), (code, money))
    ]
    return pl.DataFrame(rows)


@pytest.fixture
def filed(lake: Lake, db: Db) -> Db:
    year = date(2023, 1, 1), END
    flows = {
        "Revenues": 1000.0,
        "GrossProfit": 400.0,
        "OperatingIncomeLoss": 200.0,
        "IncomeTaxExpenseBenefit": 40.0,
        "NetIncomeLoss": 120.0,
    }
    rows = [fact(concept, *year, value, form="10-K") for concept, value in flows.items()]
    per_share = fact("EarningsPerShareDiluted", *year, 1.2, form="10-K", unit="USD per share")
    file_facts(lake, [*rows, per_share, *balance(END, Assets=2000.0)])
    lake.upsert("companies", about())
    lake.upsert("countries", countries())
    lake.upsert("exposures", placed())
    lake.upsert("exposures", placed(date(2022, 12, 31), USA=1.0, DEU=99.0))
    return db


def test_the_change_by_hand(filed: Db) -> None:
    asked: dict[str, Any] = {"demand": "USA:-10;DEU:-5", "currencies": "EUR:-8"}
    row = macro_impact(filed.at(LATE), **asked).frame.row(0, named=True)
    change = 500 * -0.1 + 300 * (0.95 * 0.92 - 1)
    assert row["revenue"] == 1000.0
    assert row["revenue_change"] == pytest.approx(change, rel=1e-9)
    assert row["linear_change_share"] == pytest.approx((-50 - 300 * 0.13) / 1000, rel=1e-9)
    assert (row["covered_share"], row["undisclosed_share"]) == (0.8, 0.05)
    assert (row["margin"], row["margin_basis"]) == (0.4, "gross margin")
    assert row["ebit_change"] == pytest.approx(0.4 * change, rel=1e-9)
    tax = 40 / 160
    assert row["net_income_change"] == pytest.approx(0.4 * change * (1 - tax), rel=1e-9)
    assert row["eps_change"] == pytest.approx(0.4 * change * (1 - tax) / 100, rel=1e-9)
    assert row["price_change"] == pytest.approx(row["eps_change"] / 1.2, rel=1e-9)
    given = macro_impact(filed.at(LATE), **asked, margin=0.3).frame.row(0, named=True)
    assert (given["margin_basis"], given["margin"]) == ("given", 0.3)


def test_the_money_of_the_accounts_may_move_too(filed: Db) -> None:
    """A dollar that falls by a fifth makes every other currency a quarter dearer."""
    rows = macro_impact_places(
        filed.at(LATE), company="x:co", demand="", currencies="USD:-20"
    ).frame
    found = {row["place"]: row for row in rows.to_dicts()}
    assert found["DEU"]["currency_change"] == pytest.approx(0.25, rel=1e-9)
    assert found["DEU"]["contribution"] == pytest.approx(75.0, rel=1e-9)
    assert found["USA"]["contribution"] == 0.0
    assert found["undisclosed"]["currency_change"] is None
    assert found["Rest of Asia"]["place_currency"] is None


def test_contributions_add_up_and_small_shocks_are_linear(filed: Db, rng: random.Random) -> None:
    for _ in range(10):
        small = rng.random() < 0.5
        size = 0.01 if small else 40.0
        shocks = {place: rng.uniform(-size, size) for place in ("USA", "DEU", "Rest of Asia")}
        demand = ";".join(f"{place}:{change}" for place, change in shocks.items())
        asked: dict[str, Any] = {"demand": demand, "currencies": f"EUR:{rng.uniform(-size, size)}"}
        whole = macro_impact(filed.at(LATE), **asked).frame.row(0, named=True)
        parts = macro_impact_places(filed.at(LATE), company="x:co", **asked).frame
        assert parts["contribution"].sum() == pytest.approx(whole["revenue_change"], rel=1e-9)
        assert parts["share"].sum() == pytest.approx(1.0, rel=1e-9)
        if small:
            near = whole["linear_change_share"]
            assert whole["revenue_change_share"] == pytest.approx(near, abs=1e-6)


def test_the_clock_and_old_revenue_by_place(filed: Db) -> None:
    early = macro_impact(filed.at(datetime(2023, 6, 1, tzinfo=UTC)), demand="DEU:-10")
    assert early.frame.row(0, named=True)["revenue_change_share"] == pytest.approx(-0.099)
    assert not early.frame["is_stale"][0]
    old = macro_impact(filed.at(datetime(2026, 1, 1, tzinfo=UTC)), demand="DEU:-10")
    assert old.frame["is_stale"][0]


@pytest.mark.parametrize("demand", ["", "USA", "USA:ten", "USA:-100", "USA:1;USA:2"])
def test_a_shock_that_says_nothing_is_refused(filed: Db, demand: str) -> None:
    with pytest.raises(ConfigError, match="demand"):
        macro_impact(filed.at(LATE), demand=demand)


def test_shares_of_revenue_are_of_one_year_alone(demo_lake: DemoLake) -> None:
    """Where two years are recent enough, only the last one counts, in the whole too."""
    rows = run(demo_lake.at(), "parts/revenue_places", oldest=2000).frame
    sums = rows.group_by("company").agg(pl.col("share").sum())
    assert sums.height > 3
    assert sums["share"].to_list() == pytest.approx([1.0] * sums.height, rel=1e-9)
