"""Volatility by hand, against the definition, and against the reference file."""

from __future__ import annotations

import math
import statistics
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.core.closes import read_closes, rolling_deviation, rolling_sum
from analytics.markets.volatility import rolling_volatility
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.quotes import FIRST, evening, quotes, table


def shown(db: Db, number: int, *symbols: str, window: int = 2) -> list[float | None]:
    answer = rolling_volatility(db.at(evening(number)), symbols=list(symbols), window=window)
    return answer.frame["volatility"].to_list()


def test_by_hand(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: math.e, 4: 1.0})))
    # Returns +1 and -1: deviation sqrt(2), 252 sessions a year.
    assert shown(db, 4, "x:AAA") == [None, None, pytest.approx(math.sqrt(2 * 252))]


def test_crypto_trades_every_day(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: math.e, 2: 1.0}, asset_class="crypto")))
    assert shown(db, 2, "x:AAA")[-1] == pytest.approx(math.sqrt(2 * 365))


def test_no_volatility_from_a_split_and_zero_is_a_value(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 8.0, 1: 4.0, 2: 2.0}, splits={1: 2.0, 2: 2.0})))
    assert shown(db, 2, "x:AAA") == [None, None, 0.0]


def test_a_split_on_a_day_without_a_close_counts_at_the_next(lake: Lake, db: Db) -> None:
    rows = quotes({0: 8.0, 1: None, 2: 4.0, 3: 4.0}, splits={1: 2.0})
    lake.upsert("prices", table(rows))
    assert shown(db, 3, "x:AAA") == [None, None, 0.0]


def test_a_price_at_or_below_zero_empties_its_windows(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 0.0, 2: 1.0, 3: 1.0, 4: 1.0})))
    assert shown(db, 4, "x:AAA") == [None, None, None, None, 0.0]


def test_a_rate_has_changes_of_its_level_at_and_below_zero_too(lake: Lake, db: Db) -> None:
    levels = {0: -0.5, 1: -0.25, 2: 0.0, 3: 0.75}
    lake.upsert(
        "prices",
        table(quotes(levels, "x:RATE", asset_class="rate"), quotes(levels, "x:OIL")),
    )
    # Changes of 0.25, 0.25 and 0.75 points: deviations 0 and 0.5 / sqrt(2).
    assert shown(db, 3, "x:RATE") == [
        None,
        None,
        0.0,
        pytest.approx(0.5 / math.sqrt(2) * math.sqrt(252)),
    ]
    assert shown(db, 3, "x:OIL") == [None] * 4


def test_symbols_do_not_mix_and_their_order_does_not_matter(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0, 2: 3.0}), quotes({1: 9.0}, "x:BBB")))
    both = rolling_volatility(db.at(evening(2)), symbols=["x:BBB", "x:AAA", "x:BBB"], window=2)
    assert both.frame["symbol"].to_list() == ["x:BBB", "x:AAA", "x:AAA", "x:AAA"]
    assert both.frame["volatility"].to_list() == [None, *shown(db, 2, "x:AAA")]


def test_what_is_known_later_changes_nothing(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0, 2: 3.0})))
    before = shown(db, 2, "x:AAA")
    lake.upsert("prices", table(quotes({1: 5.0}, known_at=evening(5)), quotes({3: 9.0})))
    assert shown(db, 2, "x:AAA") == before
    assert shown(db, 5, "x:AAA") != before


def test_several_sources_do_not_mix(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 10.0, 1: 20.0, 2: 10.0, 3: 20.0}, source="vendor")))
    # Filled in later and of no better rank, another source is left aside, whatever its days.
    lake.upsert("prices", table(quotes({day: 1.0 for day in range(-9, 9, 2)})))
    frame = rolling_volatility(db.at(evening(3)), symbols=["x:AAA"], window=2).frame
    assert frame["close"].to_list() == [10.0, 20.0, 10.0, 20.0]


def test_a_window_of_one_is_refused(db: Db) -> None:
    with pytest.raises(ConfigError, match="at least 2"):
        rolling_volatility(db.at(evening(0)), symbols=["x:AAA"], window=1)


def test_nothing_is_known_of_nothing(db: Db) -> None:
    assert shown(db, 0, "x:AAA") == []
    assert shown(db, 0) == []


@pytest.mark.parametrize("window", [2, 3, 7, 60])
def test_sums_and_deviations_over_windows(window: int) -> None:
    values = np.random.default_rng(window).normal(0, 1, 200)
    values[50] = 1e9  # what left the window leaves no trace
    sums, deviations = rolling_sum(values, window), rolling_deviation(values, window)
    assert np.isnan(sums[: window - 1]).all() and np.isnan(deviations[: window - 1]).all()
    for end in (window - 1, 120, 199):
        part = values[end - window + 1 : end + 1].tolist()
        assert sums[end] == pytest.approx(sum(part), rel=1e-12, abs=1e-12)
        assert deviations[end] == pytest.approx(statistics.stdev(part))


@pytest.mark.parametrize("length", range(8))
def test_fewer_values_than_the_window_have_no_sum(length: int) -> None:
    """Seven sessions are known of an instrument, as in the first week of a workspace."""
    values = np.arange(1.0, length + 1)
    for window in (length + 1, length + 2, 60):
        assert np.isnan(rolling_sum(values, window)).all()
        assert rolling_deviation(values, window).shape == (length,)


def test_a_week_of_prices_is_a_week_without_volatility(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(dict.fromkeys(range(7), 1.0))))
    assert shown(db, 7, "x:AAA", window=60) == [None] * 7


def test_the_reference_file(lake: Lake, db: Db, shared: Path) -> None:
    file = pl.read_csv(shared / "real" / "quotes_default_2017_2018.csv", try_parse_dates=True)
    days = [(day - FIRST).days for day in file["date"]]
    lake.upsert("prices", table(quotes(dict(zip(days, file["close"], strict=True)))))
    found = shown(db, 0, "x:AAA", window=20)
    assert found[-1] == pytest.approx(0.2926541, abs=5e-8)
    assert (
        read_closes(db.at(evening(0)), ["x:AAA"], date(1900, 1, 1)).day[-1]
        == file["date"].cast(pl.Int32).max()
    )
