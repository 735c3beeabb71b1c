"""A window made ready for replay: ten minutes of trades of twenty instruments, frame by frame."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from analytics.replay.frames import frames
from analytics.replay.replay import replay
from scripts.benchmarks.paths import HOUR, NOW, Bench, hour_files
from scripts.benchmarks.timing import OURS, Goal, TimedPath, Variant
from scripts.benchmarks.world import tick_symbols

MINUTES, GRID = timedelta(minutes=10), "500ms"


def window_path(bench: Bench) -> TimedPath:
    """All measures, what else became known, the order of frames and their hashes; the peer makes
    prices, deviations and falls of the same half seconds alone."""
    at = bench.db.at(NOW)
    symbols = tick_symbols()[1::10]
    start = HOUR[0] + timedelta(minutes=20)
    end = start + MINUTES
    files = hour_files(at)

    def ours() -> pl.DataFrame:
        return frames(replay(at, symbols=symbols, start=start, end=end, scale="ticks").frame).items

    return TimedPath(
        "replay",
        "10 minutes of 20 symbols as frames with every measure and hash",
        (
            Variant(OURS, ours),
            Variant(
                "Polars, three measures",
                lambda: three_measures(files, symbols, (start, end)),
                agrees=False,
            ),
        ),
        (Goal("Polars, three measures", 5.0),),
        most_ms={OURS: 1_000.0},
    )


def three_measures(
    files: list[str], symbols: list[str], window: tuple[datetime, datetime]
) -> pl.DataFrame:
    """The last price at each half second, its deviation and its fall over thirty seconds."""
    start, end = window
    trades = (
        pl.scan_parquet(files)
        .filter(pl.col("symbol").is_in(symbols), pl.col("known_at") <= end)
        .select("symbol", "event_at", "price", "known_at", "trade_id")
        .sort("event_at", "known_at", "symbol", "trade_id")
        .collect()
    )
    instants = pl.DataFrame({"at": pl.datetime_range(start, end, GRID, eager=True)})
    grid = instants.join(pl.DataFrame({"symbol": symbols}), how="cross").sort("at")
    found = grid.join_asof(
        trades,
        left_on="at",
        right_on="event_at",
        by="symbol",
        strategy="backward",
        check_sortedness=False,
    )
    price = pl.col("price")
    return found.select(
        "symbol",
        "at",
        "price",
        price.log().diff().rolling_std(59).over("symbol").alias("volatility"),
        (price / price.rolling_max(60) - 1).over("symbol").alias("drawdown"),
    )


READS = {"replay": window_path}
