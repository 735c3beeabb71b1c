"""What an instrument did in each month of each year, and what its months have in common."""

from __future__ import annotations

import polars as pl

from analytics.catalogue import run
from data.query import Answer, At


def monthly_returns(at: At, *, symbol: str, asset_class: str | None = None) -> Answer:
    """Total return by month; the month of the clock is still under way."""
    return run(at, "monthly_returns", symbol=symbol, asset_class=asset_class)


def seasonality(at: At, *, symbol: str, asset_class: str | None = None) -> Answer:
    """Of each month of the year: the middle return, how often it rose, and over how many years.

    The month under way is left out: half of a month is no month.
    """
    months = monthly_returns(at, symbol=symbol, asset_class=asset_class)
    day = at.as_of.date()
    done = pl.col("year") * 12 + pl.col("month") < day.year * 12 + day.month
    move = pl.col("return")
    frame = (
        months.frame.filter(done, move.is_not_null())
        .group_by("source", "month")
        .agg(
            pl.len().alias("years"),
            move.median().alias("median"),
            move.mean().alias("mean"),
            (move > 0).mean().alias("rose"),
            move.min().alias("worst"),
            move.max().alias("best"),
        )
        .sort("source", "month")
    )
    return months.derive(frame, "medians, means and shares by month of the year")
