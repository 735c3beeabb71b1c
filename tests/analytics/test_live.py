"""Points of the live desk: against plain NumPy on the raw points, whatever the blocks were."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.live.live import (
    GRID_US,
    LIVELY,
    MEASURES,
    POINTS,
    STALE_US,
    LiveState,
    live_metrics,
    step,
)
from data.errors import ConfigError
from tests.demo_fixture import DemoLake

START = 1_675_329_600_000_000
SECOND = 1_000_000


def trades(rows: list[tuple[str, int, int, float, float]]) -> pl.DataFrame:
    """Symbol, microseconds after the start, id, price, size."""
    names = ["symbol", "event_at", "trade_id", "price", "size"]
    schema = dict(zip(names, (pl.String, pl.Int64, pl.Int64, pl.Float64, pl.Float64), strict=True))
    shifted = [(s, START + t, i, p, q) for s, t, i, p, q in rows]
    return pl.DataFrame(shifted, schema=schema, orient="row")


def ether(shared: Path) -> pl.DataFrame:
    """A thousand consecutive trades of a real venue."""
    raw = pl.read_csv(shared / "real/trades_ethusdt_20230202.csv")
    return raw.select(
        pl.lit("ETHUSDT").alias("symbol"),
        (pl.col("timestamp") * 1_000).alias("event_at"),
        pl.col("id").alias("trade_id"),
        "price",
        pl.col("amount").alias("size"),
    )


def test_real_trades_give_the_published_numbers(shared: Path) -> None:
    _, points = step(LiveState(), ether(shared))
    at = datetime.fromtimestamp(1_675_329_630.5, UTC)
    row = points.row(by_predicate=pl.col("at") == at, named=True)
    assert row["volatility"] == pytest.approx(2.71557208e-05, abs=1e-13)
    assert row["max_drawdown"] == pytest.approx(-1.3198073e-04, abs=1e-11)


def cash(shared: Path) -> pl.DataFrame:
    """A quiet pair of another venue, in whole seconds, hours of it with long gaps."""
    raw = pl.read_csv(shared / "real/trades_kraken_bcheur.csv")
    return raw.with_row_index("trade_id").select(
        pl.lit("BCHEUR").alias("symbol"),
        (pl.col("timestamp") * SECOND).alias("event_at"),
        pl.col("trade_id").cast(pl.Int64),
        "price",
        pl.col("volume").alias("size"),
    )


@pytest.mark.parametrize(("read", "stride"), [(ether, 1), (cash, 61)])
def test_points_of_real_trades_equal_numpy(
    shared: Path, read: Callable[[Path], pl.DataFrame], stride: int
) -> None:
    tape = read(shared)
    state, points = step(LiveState(), tape)
    event, price, size = (tape[n].to_numpy() for n in ("event_at", "price", "size"))
    first = -(-int(event[0]) // GRID_US) * GRID_US
    grid = np.arange(first, state.at + 1, GRID_US)
    place = np.searchsorted(event, grid, side="right") - 1
    raw = price[place]
    assert points["price"].to_list() == raw.tolist()
    assert points.height == len(grid) > 2 * POINTS
    for n, row in enumerate(points.iter_rows(named=True)):
        if n % stride:
            continue
        assert row["age_ms"] == (grid[n] - event[place[n]]) / 1_000
        if n < POINTS - 1:
            assert row["volatility"] is row["max_drawdown"] is None
            continue
        window = raw[n - POINTS + 1 : n + 1]
        moves = np.diff(np.log(window))
        assert row["volatility"] == pytest.approx(moves.std(ddof=1), abs=1e-15)
        falls = window / np.maximum.accumulate(window) - 1
        assert row["max_drawdown"] == pytest.approx(falls.min(), abs=1e-15)
        assert row["drawdown"] == pytest.approx(falls[-1], abs=1e-15)
        low = grid[n] - POINTS * GRID_US
        inside = (event > low) & (event <= grid[n])
        if not inside.any():
            assert row["vwap"] is None
        else:
            paid = (price * size)[inside].sum() / size[inside].sum()
            assert row["vwap"] == pytest.approx(paid, rel=1e-12)
        past = moves[:-1]
        before = grid[n - 1] - event[place[n - 1]]
        bounds = [grid[n] - (POINTS - back) * GRID_US for back in range(POINTS + 1)]
        traded = np.histogram(-event, bins=-np.array(bounds[::-1]))[0]
        if before > STALE_US or (traded > 0).sum() < LIVELY:
            assert row["return_z"] is None
        elif past.std(ddof=1) > 0:
            wanted = (moves[-1] - past.mean()) / past.std(ddof=1)
            assert row["return_z"] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_longer_windows_equal_numpy_on_points_of_five_seconds(rng: random.Random) -> None:
    rows, price = [], 100.0
    for number in range(1_500):
        price *= math.exp(rng.gauss(0, 0.001))
        rows.append(("A", number * 430_000, number, price, 1.0))
    state, points = step(LiveState(), trades(rows))
    at = points["at"].dt.epoch("us").to_numpy()
    raw = points["price"].to_numpy()
    marks = np.flatnonzero(at % (5 * SECOND) == 0)
    checked = 0
    for n, row in enumerate(points.iter_rows(named=True)):
        window = raw[marks[marks <= n][-POINTS:]]
        if len(window) < POINTS:
            assert row["volatility_5m"] is row["max_drawdown_5m"] is None
            continue
        assert row["volatility_5m"] == pytest.approx(np.diff(np.log(window)).std(ddof=1), abs=1e-15)
        falls = window / np.maximum.accumulate(window) - 1
        assert row["max_drawdown_5m"] == pytest.approx(falls.min(), abs=1e-15)
        checked += 1
    assert checked > 600
    assert state.symbols == ("A",)


def test_the_spread_is_what_buyers_paid_above_sellers() -> None:
    tape = trades(
        [
            ("A", 0, 1, 10.0, 1.0),
            ("A", 400_000, 2, 10.2, 1.0),
            ("A", 900_000, 3, 10.1, 1.0),
            ("A", 3 * SECOND, 4, 10.1, 1.0),
        ]
    )
    _, points = step(LiveState(), tape.with_columns(side=pl.Series(["sell", "buy", None, "sell"])))
    found = points["spread"].to_list()
    assert found[0] is None
    assert found[1] == pytest.approx((10.2 - 10.0) / 10.2)
    assert found[2] == found[4] == pytest.approx((10.2 - 10.0) / 10.1)
    _, without = step(LiveState(), tape)
    assert without["spread"].null_count() == without.height


@st.composite
def tapes(draw: st.DrawFn) -> tuple[pl.DataFrame, list[int]]:
    """Trades of three instruments, some late, repeated or worthless, and where to cut them."""
    count = draw(st.integers(1, 60))
    rows, now = [], 0
    for number in range(count):
        now += draw(st.sampled_from([0, 90_000, 400_000, 1_100_000, 4 * SECOND]))
        back = draw(st.sampled_from([0, 0, 0, 600_000, 1_900_000, 2_600_000]))
        price = draw(st.sampled_from([100.0, 101.0, 99.5, 100.0, 0.0, -1.0]))
        rows.append(("ABC"[number % 3], now - back, number, price, 1.0 + number % 2))
        if draw(st.booleans()):
            rows.append(rows[draw(st.integers(0, len(rows) - 1))])
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=6)))
    return trades(rows), cuts


@given(tapes())
@settings(max_examples=25, deadline=None)
def test_blocks_do_not_matter(given_: tuple[pl.DataFrame, list[int]]) -> None:
    tape, cuts = given_
    whole, points = step(LiveState(), tape)
    for bounds in (cuts, list(range(1, tape.height))):
        state, parts = LiveState(), []
        for begin, end in zip([0, *bounds], [*bounds, tape.height], strict=True):
            state, part = step(state, tape[begin:end])
            parts.append(part)
        assert pl.concat(parts).sort("at", "symbol").equals(points)
        counted = (state.late, state.refused, state.repeated, state.at, state.newest)
        assert counted == (whole.late, whole.refused, whole.repeated, whole.at, whole.newest)


def test_what_enters_no_point_is_counted() -> None:
    state, points = step(
        LiveState(watermark=2 * SECOND),
        trades(
            [
                ("A", 0, 1, 10.0, 1.0),
                ("A", 1 * SECOND, 2, 11.0, 1.0),
                ("A", 1 * SECOND, 2, 11.0, 1.0),  # again
                ("A", 4 * SECOND, 3, 12.0, 1.0),
                ("A", 1_800_000, 4, 99.0, 1.0),  # its point was whole
                ("A", 4 * SECOND, 5, 0.0, 1.0),
                ("A", 4 * SECOND, 6, math.nan, 1.0),
                ("A", 2_100_000, 7, 11.5, 1.0),  # out of order, but in time
                ("A", 6 * SECOND, 8, 12.5, 1.0),
            ]
        ),
    )
    assert (state.late, state.refused, state.repeated) == (1, 2, 1)
    assert state.at == START + 4 * SECOND
    shown = dict(
        zip(
            [(at.timestamp() * 1e6 - START) / SECOND for at in points["at"]],
            points["price"],
            strict=True,
        )
    )
    assert shown == {
        0.0: 10.0,
        0.5: 10.0,
        1.0: 11.0,
        1.5: 11.0,
        2.0: 11.0,
        2.5: 11.5,
        3.0: 11.5,
        3.5: 11.5,
        4.0: 12.0,
    }
    assert points["volume"].to_list() == [1, 0, 1, 0, 0, 1, 0, 0, 1]


def test_a_gap_keeps_the_price_and_says_that_it_is_old() -> None:
    """Forty seconds without a trade: the value stays, its age grows, the next return spans it."""
    rows = [("A", n * 500_000, n, 100.0 + n % 3, 1.0) for n in range(70)]
    rows += [("A", 75 * SECOND, 99, 90.0, 1.0), ("A", 80 * SECOND, 100, 90.0, 1.0)]
    _, points = step(LiveState(), trades(rows))
    last = datetime.fromtimestamp((START + 34_500_000) / 1e6, UTC)
    within = points.filter(pl.col("at").is_between(last, last + timedelta(seconds=40)))
    assert within["price"].n_unique() == 1
    assert within.filter("is_stale")["age_ms"].min() == (STALE_US + GRID_US) / 1_000
    back = points.filter(pl.col("at") == last + timedelta(seconds=40.5))
    assert back["log_return"].item() == pytest.approx(math.log(90 / within["price"][0]))
    assert not back["is_stale"].item()


def test_sliding_drawdown_of_the_known_example() -> None:
    prices = [5.0, 4.0, 6.0, 3.0, 4.0]
    rows = [("A", n * 500_000, n, prices[max(0, n - 55)], 1.0) for n in range(60)]
    _, points = step(LiveState(), trades([*rows, ("A", 40 * SECOND, 100, 4.0, 1.0)]))
    row = points.filter(pl.col("max_drawdown").is_not_null()).row(0, named=True)
    assert row["max_drawdown"] == -0.5
    assert row["drawdown"] == pytest.approx(4 / 6 - 1)


def test_the_archive_gives_what_the_live_fold_gave(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    held = at.sql(
        "SELECT symbol, min(known_at) AS first FROM ticks GROUP BY symbol "
        "ORDER BY count(*) DESC, symbol LIMIT 3"
    ).frame
    start = held["first"].max()
    assert isinstance(start, datetime)
    end = start + timedelta(minutes=10)
    names = held["symbol"].to_list()
    answer = live_metrics(at, symbols=names, start=start, end=end)
    tape = at.sql(
        "SELECT symbol, epoch_us(event_at) AS event_at, trade_id, price, size, side, known_at "
        "FROM ticks "
        "WHERE list_contains($names, symbol) AND known_at >= $start AND known_at < $end "
        "ORDER BY known_at, symbol, trade_id, venue",
        names=names,
        start=start,
        end=end,
    ).frame
    state, parts = LiveState(), []
    for begin in range(0, tape.height, 37):
        state, part = step(state, tape[begin : begin + 37])
        parts.append(part)
    assert answer.frame.height > POINTS
    assert answer.frame.equals(pl.concat(parts).sort("at", "symbol"))
    assert set(answer.frame.columns) == {"at", "symbol", "known_at", "is_stale", *MEASURES}
    with pytest.raises(ConfigError, match="expected at most 6:00:00"):
        live_metrics(at, symbols=names, start=start, end=start + timedelta(days=1))
