"""Returns behave as returns do: tolerances are stated and explained at each test.

The facts are those of Cont (2001): fat tails, no memory in returns but in their size, falls that
raise volatility, and shares that move together when it hurts. All is read through the reader.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tests.demo_fixture import DemoLake

Returns = dict[str, NDArray[np.float64]]
CRASH_DAYS = [date(2008, 10, 15), date(2014, 8, 20), date(2020, 3, 12)]


@pytest.fixture(scope="module")
def frame(demo_lake: DemoLake) -> pl.DataFrame:
    """Returns of every share listed since 2005, corrected for splits and dividends."""
    answer = demo_lake.at().sql(
        "SELECT symbol, date, (close + dividend) * split_ratio "
        "/ lag(close) OVER (PARTITION BY symbol ORDER BY date) - 1 AS r, "
        "open * split_ratio / lag(close) OVER (PARTITION BY symbol ORDER BY date) - 1 AS gap "
        "FROM prices WHERE asset_class = 'equity'"
    )
    return answer.frame.drop_nulls()


@pytest.fixture(scope="module")
def returns(frame: pl.DataFrame) -> Returns:
    """By symbol, those with at least twelve years."""
    found = {
        str(key[0]): part.sort("date")["r"].to_numpy()
        for key, part in frame.group_by("symbol", maintain_order=True)
    }
    return {symbol: values for symbol, values in found.items() if len(values) > 3000}


@pytest.fixture(scope="module")
def index(demo_lake: DemoLake) -> NDArray[np.float64]:
    """Returns of the world's index."""
    answer = demo_lake.at().sql(
        "SELECT close FROM prices WHERE symbol = 'demo:WORLD' ORDER BY date"
    )
    close = answer.frame["close"].to_numpy()
    return np.asarray(close[1:] / close[:-1] - 1)


def correlation(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Pearson's."""
    return float(np.corrcoef(one, two)[0, 1])


def test_tails_are_fat(returns: Returns) -> None:
    """Excess kurtosis of daily share returns is some 3 to 30 in real markets, 0 for a normal.

    Over 4,900 days a normal sample stays below 0.3 in 999 of 1,000 cases, so a median above 1.5
    cannot be chance; below 40 no single day rules the sample.
    """
    excess = [float(((r - r.mean()) ** 4).mean() / r.var() ** 2 - 3) for r in returns.values()]
    assert 1.5 < np.median(excess) < 40
    assert min(excess) > 0.5


def test_returns_have_no_memory_but_their_size_has(index: NDArray[np.float64]) -> None:
    """White noise of this length has autocorrelations within 3 / sqrt(n) = 0.043.

    Regimes carry drift, so 0.06 is allowed, with returns cut at two standard deviations lest a
    few wild weeks decide; sizes must remember by far more, at a day and still at a month.
    """
    size = np.abs(index)
    tame = np.clip(index, -2 * index.std(), 2 * index.std())
    assert abs(correlation(tame[1:], tame[:-1])) < 0.06
    assert correlation(size[1:], size[:-1]) > 0.15
    assert correlation(size[20:], size[:-20]) > 0.08


def test_each_share_clusters(returns: Returns) -> None:
    """The mean over ten lags of the autocorrelation of |r|: above 0.05 for the median share."""
    means = []
    for r in returns.values():
        size = np.abs(r)
        means.append(np.mean([correlation(size[lag:], size[:-lag]) for lag in range(1, 11)]))
    assert np.median(means) > 0.05


def test_falls_raise_volatility(index: NDArray[np.float64]) -> None:
    """The leverage effect: r today against the size of the next ten days' returns is negative.

    Sizes rather than squares, which three crash days would rule. One lag of an unrelated series
    strays by 0.014 here, a mean over ten lags by less; real indices show -0.05 to -0.15.
    """
    size = np.abs(index)
    after = [correlation(index[:-lag], size[lag:]) for lag in range(1, 11)]
    assert np.mean(after) < -0.03


def test_shares_move_together_in_a_crisis(demo_lake: DemoLake, frame: pl.DataFrame) -> None:
    """Mean pairwise correlation of New York's shares by hidden state, crash days left out.

    Crisis months give some 250 sessions, so a mean over 90 pairs is known to about 0.03; it
    must exceed the calm one by 0.1 at least.
    """
    states = pl.read_parquet(demo_lake.settings.root / "truth" / "market.parquet")
    symbols = demo_lake.at().sql(
        "SELECT symbol FROM instruments WHERE venue = 'XNYS' AND asset_class = 'equity' "
        "AND listed_on = DATE '2005-01-01' AND delisted_on IS NULL"
    )
    wide = (
        frame.join(symbols.frame, on="symbol", how="semi")
        .filter(~pl.col("date").is_in(CRASH_DAYS))
        .pivot("symbol", index="date", values="r")
        .join(states, on="date")
    )
    found = {}
    for name, part in (
        ("calm", wide.filter(pl.col("state") != "crisis")),
        ("crisis", wide.filter(pl.col("state") == "crisis")),
    ):
        matrix = part.select(symbols.frame["symbol"].to_list()).drop_nulls().to_numpy()
        all_pairs = np.corrcoef(matrix.T)
        found[name] = all_pairs[np.triu_indices(len(all_pairs), 1)].mean()
    assert found["crisis"] > found["calm"] + 0.1
    assert 0.05 < found["calm"] < 0.5


def test_nights_move_prices_too(frame: pl.DataFrame) -> None:
    """Opens differ from the last close by a quarter to the whole of a day's size."""
    share = frame["gap"].std() / frame["r"].std()
    assert 0.25 < share < 1.0


def test_bars_enclose_their_prices(demo_lake: DemoLake) -> None:
    wrong = demo_lake.at().sql(
        "SELECT count(*) AS n FROM prices "
        "WHERE low > least(open, close) OR high < greatest(open, close) OR low <= 0"
    )
    assert wrong.frame["n"][0] == 0


def test_volume_rises_with_the_size_of_moves(demo_lake: DemoLake) -> None:
    """Rank correlation of |r| and volume within a share; real markets show 0.1 to 0.5."""
    frame = (
        demo_lake.at()
        .sql("SELECT date, close, volume FROM prices WHERE symbol = 'demo:FIRI' ORDER BY date")
        .frame
    )
    close = frame["close"].to_numpy()
    size = pl.Series(np.abs(close[1:] / close[:-1] - 1)).rank().to_numpy()
    assert correlation(size, frame["volume"][1:].rank().to_numpy()) > 0.1


def test_crosses_agree_with_their_dollar_pairs(demo_lake: DemoLake) -> None:
    """EUR/GBP is EUR/USD over GBP/USD, to the rounding of three prints."""
    frame = (
        demo_lake.at()
        .sql(
            "SELECT a.close / b.close AS implied, c.close AS printed FROM prices a "
            "JOIN prices b ON b.date = a.date AND b.symbol = 'demo:GBPUSD' "
            "JOIN prices c ON c.date = a.date AND c.symbol = 'demo:EURGBP' "
            "WHERE a.symbol = 'demo:EURUSD'"
        )
        .frame
    )
    assert (frame["implied"] - frame["printed"]).abs().max() < 3e-5


def test_macro_follows_the_hidden_story(demo_lake: DemoLake) -> None:
    """Crisis months have lower PMIs and growth; unemployment is higher in the year after."""
    regimes = pl.read_parquet(demo_lake.settings.root / "truth" / "regimes.parquet")
    pmi = (
        demo_lake.at()
        .sql(
            "SELECT period AS month, avg(value) AS pmi FROM macro "
            "WHERE series_id LIKE 'demo:PMI:%' GROUP BY period"
        )
        .frame
    )
    joined = pmi.join(regimes, on="month")
    by_state = dict(joined.group_by("state").agg(pl.col("pmi").mean()).iter_rows())
    assert by_state["crisis"] < by_state["boom"] - 4
    assert by_state["slump"] < by_state["goldilocks"]
