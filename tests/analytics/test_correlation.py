"""Correlation by hand: prices are aligned first and differenced then."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from analytics.core.closes import read_closes
from analytics.markets.correlation import common_levels, correlated, correlation
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table

STEPS = np.random.default_rng(5).normal(0, 0.01, 40)


def walk(steps: np.ndarray, start: float = 100.0) -> dict[int, float | None]:
    return dict(enumerate((start * np.exp(np.concatenate([[0.0], steps.cumsum()]))).tolist()))


def pair(db: Db, number: int, **params: bool) -> dict[str, float | None]:
    frame = correlation(db.at(evening(number)), symbols=["x:AAA", "x:BBB"], **params).frame
    return frame.filter((pl.col("symbol") == "x:AAA") & (pl.col("other") == "x:BBB")).row(
        0, named=True
    )


def test_opposite_steps(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(walk(STEPS)), quotes(walk(-STEPS), "x:BBB")))
    assert pair(db, 40)["correlation"] == pytest.approx(-1.0)
    assert pair(db, 40)["returns"] == 40


def test_by_the_definition_with_its_interval(lake: Lake, db: Db) -> None:
    other = STEPS * 0.5 + np.random.default_rng(6).normal(0, 0.01, 40)
    lake.upsert("prices", table(quotes(walk(STEPS)), quotes(walk(other), "x:BBB")))
    row, expected = pair(db, 40), np.corrcoef(STEPS, other)[0, 1]
    assert row["correlation"] == pytest.approx(expected)
    assert row["low"] == pytest.approx(math.tanh(math.atanh(expected) - 1.96 / math.sqrt(37)))
    assert row["high"] == pytest.approx(math.tanh(math.atanh(expected) + 1.96 / math.sqrt(37)))


def test_a_day_that_one_of_them_lacks_is_bridged_by_both(lake: Lake, db: Db) -> None:
    closes = walk(STEPS)
    gaps = {day: close for day, close in walk(STEPS).items() if day not in (7, 8, 20)}
    lake.upsert("prices", table(quotes(closes), quotes(gaps, "x:BBB")))
    # Differenced first, the bridging returns would meet shorter ones and spoil the fit.
    assert pair(db, 40)["correlation"] == pytest.approx(1.0)
    assert pair(db, 40)["returns"] == 37


def test_a_split_in_a_gap_is_no_return(lake: Lake, db: Db) -> None:
    halved = {day: close if day < 8 else close / 2 for day, close in walk(STEPS).items()}
    gaps = {day: close for day, close in walk(STEPS).items() if day != 8}
    lake.upsert("prices", table(quotes(halved, splits={8: 2.0}), quotes(gaps, "x:BBB")))
    assert pair(db, 40)["correlation"] == pytest.approx(1.0)


def test_too_few_returns_or_no_movement_is_null(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(walk(STEPS)), quotes(walk(STEPS * 0), "x:BBB")))
    row = pair(db, 40)
    assert (row["correlation"], row["low"], row["high"]) == (None, None, None)
    assert pair(db, 29)["correlation"] is None
    own = correlation(db.at(evening(40)), symbols=["x:AAA", "x:BBB"]).frame
    assert own["correlation"].to_list() == [1.0, None, None, None]


def test_what_is_known_later_changes_nothing(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(walk(STEPS)), quotes(walk(STEPS[::-1]), "x:BBB")))
    before = pair(db, 40)
    lake.upsert("prices", table(quotes({5: 1.0, 41: 9.0}, known_at=evening(60))))
    assert pair(db, 40) == before


def test_weeks_end_on_wednesday(lake: Lake, db: Db) -> None:
    days = {day: float(day + 1) for day in range(16) if day != 7}  # no Wednesday, 8 January
    lake.upsert("prices", table(quotes(days)))
    closes = read_closes(db.at(evening(16)), ["x:AAA"], FIRST)
    weekly = np.exp(common_levels(closes, weekly=True)[:, 0])
    assert weekly == pytest.approx([1.0, 7.0, 15.0, 16.0])
    assert (FIRST + timedelta(days=0)).strftime("%A") == "Wednesday"


def test_a_price_below_zero_drops_the_returns_that_touch_it(lake: Lake, db: Db) -> None:
    closes = walk(STEPS) | {10: -5.0}
    lake.upsert("prices", table(quotes(closes), quotes(walk(STEPS), "x:BBB")))
    assert pair(db, 40)["returns"] == 38
    assert pair(db, 40)["correlation"] == pytest.approx(1.0)


def test_of_a_rate_the_changes_of_the_level_are_taken(lake: Lake, db: Db) -> None:
    """Its level is below zero at first and above at last; as returns these would be noise."""
    rate = dict(enumerate((np.concatenate([[0.0], STEPS.cumsum()]) * 5 - 0.02).tolist()))
    assert min(rate.values()) < 0 < max(rate.values())
    lake.upsert(
        "prices",
        table(quotes(walk(STEPS)), quotes(rate, "x:BBB", asset_class="rate"), quotes(rate, "x:C")),
    )
    row = pair(db, 40)
    assert (row["returns"], row["correlation"]) == (40, pytest.approx(1.0))
    oil = correlation(db.at(evening(40)), symbols=["x:AAA", "x:C"]).frame
    assert (oil["returns"] < 40).all()


def test_one_symbol_is_refused_and_an_unknown_one_is_null(lake: Lake, db: Db) -> None:
    with pytest.raises(ConfigError, match="two different"):
        correlation(db.at(evening(0)), symbols=["x:AAA", "x:AAA"])
    lake.upsert("prices", table(quotes(walk(STEPS))))
    assert pair(db, 40)["correlation"] is None
    assert np.isnan(correlated(np.zeros((40, 2)))).all()
