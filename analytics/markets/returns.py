"""Price returns of instruments; prices are adjusted as of the clock, and nothing is filled in."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from analytics.core.catalogue import run
from analytics.core.known_sessions import sessions_known
from data.query import Answer, At

FIRST_SESSION = date(1900, 1, 1)
ADJUSTED = ("open", "high", "low", "close")


def heatmap(
    at: At, *, sessions: int = 21, asset_class: str | None = None, fresh_days: int = 10
) -> Answer:
    """Last close against the close N of the instrument's own sessions before, for all of a kind.

    An instrument without a session in the last `fresh_days` is left out. Null where the
    instrument has fewer sessions, or a price at or below zero.
    """
    day = at.as_of.date()
    fresh = day - timedelta(days=fresh_days)
    near = fresh - timedelta(days=sessions * 29 // 20 + 7)
    part = at if asset_class is None else at.part("prices", asset_class=asset_class)
    params = {"sessions": sessions, "asset_class": asset_class, "fresh": fresh}
    recent = part.within("prices", near, day + timedelta(days=1))
    first = run(recent, "heatmap", since=near, symbols=None, **params)
    short = first.frame.filter(pl.col("base_date").is_null())
    if not short.height or not _older(part, near):
        return first
    # These paused or began of late: their sessions may lie further back than the files read.
    symbols = short["symbol"].unique().to_list()
    second = run(part, "heatmap", since=FIRST_SESSION, symbols=symbols, **params)
    frame = pl.concat([first.frame.filter(pl.col("base_date").is_not_null()), second.frame])
    mended = frame.unique(["symbol", "source", "asset_class"], keep="first").sort(
        "symbol", "source", "asset_class"
    )
    return first.join(second, mended, "rows without base taken from the second query")


def history(
    at: At, *, symbol: str, since: date | None = None, asset_class: str | None = None
) -> Answer:
    """One instrument's sessions, raw and adjusted for the splits known at the clock.

    `split_factor` is what one share of that day has become; adjusted prices are raw prices
    divided by it. Naming the `asset_class` spares the files of the others.
    """
    part = at if asset_class is None else at.part("prices", asset_class=asset_class)
    start = since or FIRST_SESSION
    part = part.within("prices", start, date.max)
    known = sessions_known(at, part, symbol=symbol, since=start, asset_class=asset_class)
    answer = known or run(part, "history", symbol=symbol, since=start, asset_class=asset_class)
    return answer.derive(split_adjusted(answer.frame), "split_adjusted(rows)")


def split_adjusted(bars: pl.DataFrame) -> pl.DataFrame:
    """Bars of one symbol in order, with prices and volume in shares of the last day."""
    ratio = pl.col("split_ratio")
    taken = pl.when(ratio > 0).then(ratio).otherwise(1.0)
    after = taken.shift(-1, fill_value=1.0).cum_prod(reverse=True).over("source")
    ordered = bars.sort("source", "date").with_columns(after.alias("split_factor"))
    factor = pl.col("split_factor")
    return ordered.with_columns(
        *((pl.col(name) / factor).alias(f"adjusted_{name}") for name in ADJUSTED),
        (pl.col("volume") * factor).alias("adjusted_volume"),
    )


def _older(at: At, day: date) -> bool:
    """Whether there is any file with sessions before that day."""
    files = at.manifests["prices"].files
    return any(entry.low is None or entry.low[:10] < day.isoformat() for entry in files)
