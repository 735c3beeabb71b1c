"""Months of a universe: whoever traded counts, the month under way is no month."""

from __future__ import annotations

import math

import pytest

from analytics.markets.seasons import monthly_returns, universe_months, universe_seasons
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import evening, quotes, table


def test_a_universe_has_the_middle_of_its_members_in_each_month(lake: Lake, db: Db) -> None:
    """Three instruments; one of them is gone later, and counts while it was there."""
    steps = {"x:A": 1.01, "x:B": 1.02, "x:C": 1.05}
    parts = []
    for name, factor in steps.items():
        last = 40 if name == "x:C" else 95
        parts.append(quotes({day: 100 * factor**day for day in range(last)}, name, dividend=None))
    rate = quotes({day: 1.0 + day for day in range(95)}, "x:R", asset_class="rate", dividend=None)
    lake.upsert("prices", table(*parts, rate))
    at = db.at(evening(95))
    frame = universe_months(at).frame
    assert frame["members"].to_list() == [3, 3, 2, 2]
    january = sorted(factor**30 - 1 for factor in steps.values())
    assert frame["return"][0] == pytest.approx(january[1])
    march = (1.01**31 + 1.02**31) / 2 - 1
    assert frame["return"][2] == pytest.approx(march)
    assert universe_months(at, symbols=["x:B"]).frame["members"].to_list() == [1, 1, 1, 1]
    assert universe_months(at, universe="class:fx").frame.is_empty()
    assert universe_months(at, symbols=[]).frame.is_empty()  # a list without members
    seasons = universe_seasons(at).frame
    assert seasons["month"].to_list() == [1, 2, 3]  # April is under way
    assert seasons["median"][2] == pytest.approx(march)


def test_a_month_of_one_is_what_the_instrument_page_says(lake: Lake, db: Db) -> None:
    """With a split, dividends and a price below zero, month by month."""
    closes: dict[int, float | None] = {day: 50 + 10 * math.sin(day / 9) for day in range(150)}
    bars = quotes(closes, "x:A", dividend=None, asset_class="commodity")
    for day, change in (
        (0, {"dividend": 3.0}),
        (40, {"split_ratio": 2.0}),
        (70, {"dividend": 1.5}),
        (100, {"close": -1.0}),
    ):
        bars[day] |= change
    lake.upsert("prices", table(bars))
    at = db.at(evening(150))
    wanted = monthly_returns(at, symbol="x:A").frame.drop_nulls("return")
    found = universe_months(at, symbols=["x:A"]).frame
    assert found.select("year", "month").equals(wanted.select("year", "month"))
    assert found["return"].to_list() == pytest.approx(wanted["return"].to_list(), rel=1e-12)


def test_a_price_below_zero_takes_its_month_and_leaves_the_others(lake: Lake, db: Db) -> None:
    closes: dict[int, float | None] = {20: 10.0, 40: 11.0, 45: -36.98, 50: 12.0, 70: 6.0}
    paid = quotes(closes, "x:A")
    paid[2] |= {"dividend": 1.0}  # a payment on such a day has no logarithm either
    lake.upsert("prices", table(paid, quotes({20: 1.0, 50: 2.0, 70: 2.0}, "x:B")))
    at = db.at(evening(75))
    found = universe_months(at, symbols=["x:A"]).frame
    # February holds the price below zero; March begins from its last close, which was sound.
    assert found.select("month", "return").rows() == [(1, 0.0), (3, pytest.approx(-0.5))]
    one = monthly_returns(at, symbol="x:A").frame.filter(month=3)["return"].to_list()
    assert one == pytest.approx([-0.5])
