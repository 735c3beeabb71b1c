"""What is held, marked to the points of the live desk: a gain for each half second.

Money of another currency is turned at the last rate of the lake; what has no live price stays at
its last close, and what has no price at all has no gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from analytics.book.holdings import Holding, holdings
from data.state.positions import Lot
from data.uploads.splits import Splits

STAKES = {
    "portfolio": pl.String,
    "symbol": pl.String,
    "quantity": pl.Float64,
    "cost": pl.Float64,
    "factor": pl.Float64,
    "rate": pl.Float64,
    "gain_base": pl.Float64,
}
MARKED = ("portfolio", "symbol", "at", "known_at", "is_stale", "gain", "gain_share", "gain_base")


def stakes(lots: Sequence[Lot], prices: pl.DataFrame, through: Splits, day: date) -> pl.DataFrame:
    """One row for each open position: what turns a live price into its gain.

    `prices` are those of `last_prices`. `factor` turns the instrument's currency into that of the
    lots, `rate` that one into the base; `gain_base` is the gain at the last close.
    """
    closes = dict(prices.filter(kind="price").select("symbol", "close").iter_rows())
    rates = dict(prices.filter(kind="currency").select("currency", "rate").iter_rows())
    rows = []
    for name in sorted({lot.draft.portfolio for lot in lots}):
        mine = [lot for lot in lots if lot.draft.portfolio == name]
        for holding in holdings(mine, prices, through, day):
            if holding.quantity:
                rows.append(
                    _stake(name, holding, closes.get(holding.symbol), rates.get(holding.currency))
                )
    return pl.DataFrame(rows, schema=STAKES)


def _stake(name: str, holding: Holding, close: float | None, rate: float | None) -> dict[str, Any]:
    factor = holding.last / close if holding.last is not None and close else None
    return {
        "portfolio": name,
        "symbol": holding.symbol,
        "quantity": holding.quantity,
        "cost": holding.cost,
        "factor": factor,
        "rate": rate,
        "gain_base": holding.gain_base,
    }


def marked(points: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The gain of each position at each point, and of each portfolio (its symbol is null)."""
    gain = pl.col("quantity") * pl.col("price") * pl.col("factor") - pl.col("cost")
    shown = points.select("symbol", "at", "known_at", "price", "is_stale")
    frame = shown.join(held, on="symbol").with_columns(
        gain.alias("gain"),
        (gain / pl.col("cost").abs()).alias("gain_share"),
        (gain * pl.col("rate")).alias("gain_base"),
    )
    whole = frame.group_by("portfolio", "at").agg(
        pl.col("gain_base").sum(),
        pl.col("gain_base").null_count().alias("unknown"),
        pl.col("is_stale").all(),
        pl.col("symbol").alias("marked"),
        pl.col("known_at").max(),
    )
    rest = _rest(whole, held)
    total = whole.join(rest, on=["portfolio", "at"]).select(
        "portfolio",
        pl.lit(None, pl.String).alias("symbol"),
        "at",
        "known_at",
        "is_stale",
        pl.lit(None, pl.Float64).alias("gain"),
        pl.lit(None, pl.Float64).alias("gain_share"),
        # A sum that lacks a position is no sum.
        pl.when(pl.col("unknown") + pl.col("rest_unknown") == 0)
        .then(pl.col("gain_base") + pl.col("rest"))
        .alias("gain_base"),
    )
    return pl.concat([frame.select(MARKED), total.select(MARKED)]).sort(
        "at", "portfolio", "symbol", nulls_last=True
    )


def _rest(whole: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """For each portfolio and point, the gain at the last close of what no point marks."""
    pairs = whole.select("portfolio", "at", "marked").join(
        frame.select("portfolio", "symbol", pl.col("gain_base").alias("closed")), on="portfolio"
    )
    still = ~pl.col("symbol").is_in(pl.col("marked"))
    return pairs.group_by("portfolio", "at").agg(
        pl.col("closed").filter(still).sum().alias("rest"),
        pl.col("closed").filter(still).null_count().alias("rest_unknown"),
    )
