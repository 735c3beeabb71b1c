"""Returns, volatility, drawdown and correlation on real series, against values from elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analytics.markets.correlation import correlation
from analytics.markets.correlation_map import correlation_map
from analytics.markets.instrument import drawdown
from analytics.markets.market import market
from analytics.markets.returns import history
from analytics.markets.volatility import rolling_volatility
from data.lake import Lake
from data.query import At, Db
from tests.analytics.quotes import FIRST, evening, quotes, table

PERIODS = 252


def series(shared: Path, name: str, day: str, value: str) -> pl.DataFrame:
    file = pl.read_csv(shared / "real" / name, try_parse_dates=True, infer_schema_length=None)
    return file.select(pl.col(day).alias("date"), pl.col(value).cast(pl.Float64).alias("value"))


def bars(frame: pl.DataFrame, symbol: str, **more: object) -> list[dict[str, object]]:
    """Known that evening, as the sessions were."""
    days = [(day - FIRST).days for day in frame["date"]]
    return quotes(dict(zip(days, frame["value"], strict=True)), symbol, dividend=None, **more)


@pytest.fixture
def at(lake: Lake, db: Db, shared: Path) -> At:
    """The index of 1999 to 2009, a fund of 2017 and 2018, oil since 1986."""
    index = series(shared, "sp500_daily_1999_2009.csv", "Date", "Adj Close")
    fund = series(shared, "quotes_default_2017_2018.csv", "date", "close")
    other = series(shared, "quotes_compare_2017_2018.csv", "date", "close")
    parts = [bars(index, "x:INDEX"), bars(fund, "x:FUND"), bars(other, "x:OTHER")]
    lake.upsert("prices", table(*parts))  # type: ignore[arg-type] # rows of mixed values
    return db.at(evening((date(2018, 12, 31) - FIRST).days))


def test_the_index_of_a_lost_decade(at: At) -> None:
    frame = history(at, symbol="x:INDEX").frame
    total = frame["adjusted_close"][-1] / frame["adjusted_close"][0] - 1
    assert total == pytest.approx(-0.0920121, abs=5e-8)
    falls = drawdown(at, symbol="x:INDEX").frame
    worst = falls.row(int(falls["value"].arg_min() or 0), named=True)
    assert worst["value"] == pytest.approx(-0.5677539, abs=5e-8)
    assert worst["date"] == date(2009, 3, 9)


def test_the_volatility_of_the_index(at: At) -> None:
    """The reference annualises simple returns; log returns of the house lie within a percent."""
    frame = history(at, symbol="x:INDEX").frame
    simple = frame["adjusted_close"].pct_change().drop_nulls().to_numpy()
    assert simple.std(ddof=1) * np.sqrt(PERIODS) == pytest.approx(0.2188646, abs=5e-8)
    ours = rolling_volatility(at, symbols=["x:INDEX"], window=len(simple)).frame["volatility"][-1]
    assert ours == pytest.approx(0.2188646, rel=0.01)
    assert ours == pytest.approx(np.log1p(simple).std(ddof=1) * np.sqrt(PERIODS), rel=1e-12)


def test_the_fund_at_the_end_of_its_file(at: At) -> None:
    found = rolling_volatility(at, symbols=["x:FUND"], window=20).frame
    assert found["volatility"][-1] == pytest.approx(0.2926541, abs=5e-8)
    closes = history(at, symbol="x:FUND").frame["adjusted_close"].tail(60)
    falls = closes / closes.cum_max() - 1
    assert falls.min() == pytest.approx(-0.1856167, abs=5e-8)
    assert falls[-1] == pytest.approx(-0.1314755, abs=5e-8)
    (row,) = market(at, sessions=59, symbols=["x:FUND"]).frame.iter_rows(named=True)
    assert row["drawdown"] == pytest.approx(falls[-1], abs=1e-12)


def test_correlation_against_another_library(at: At, shared: Path) -> None:
    """Of two real series on the days that both have, as scipy has it, interval included."""
    pair = series(shared, "quotes_default_2017_2018.csv", "date", "close").join(
        series(shared, "quotes_compare_2017_2018.csv", "date", "close"), on="date", suffix="_b"
    )
    first, second = (np.diff(np.log(pair[name].to_numpy())) for name in ("value", "value_b"))
    wanted = stats.pearsonr(first, second)
    interval = wanted.confidence_interval(0.95)
    names = ["x:FUND", "x:OTHER"]
    ours = (
        correlation(at, symbols=names)
        .frame.filter(pl.col("symbol") < pl.col("other"))
        .row(0, named=True)
    )
    assert ours["correlation"] == pytest.approx(wanted.statistic, abs=1e-12)
    assert (ours["low"], ours["high"]) == pytest.approx((interval.low, interval.high), abs=1e-4)
    year = (
        correlation_map(at, symbols=names)
        .frame.filter(pl.col("symbol") < pl.col("other"))
        .row(0, named=True)
    )
    last = stats.pearsonr(first[-252:], second[-252:])
    assert year["returns"] == 252
    assert year["correlation"] == pytest.approx(last.statistic, abs=1e-12)
    assert year["significant"] == (last.pvalue < 0.1)
