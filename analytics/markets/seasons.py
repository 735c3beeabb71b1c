"""What an instrument did in each month of each year, and what its months have in common."""

from __future__ import annotations

import polars as pl

from analytics.core.catalogue import run
from analytics.core.ranking import COLUMNS, ranking
from analytics.core.universe import Universe, described
from data.query import Answer, At


def monthly_returns(at: At, *, symbol: str, asset_class: str | None = None) -> Answer:
    """Total return by month; the month of the clock is still under way. A rate has none."""
    part = at if asset_class is None else at.part("prices", asset_class=asset_class)
    return run(part, "monthly_returns", symbol=symbol, asset_class=asset_class)


def seasonality(at: At, *, symbol: str, asset_class: str | None = None) -> Answer:
    """Of each month of the year: the middle return, how often it rose, and over how many years.

    The month under way is left out, and the one in which the history begins: it has no close of
    the month before to begin from.
    """
    months = monthly_returns(at, symbol=symbol, asset_class=asset_class)
    number = pl.col("year") * 12 + pl.col("month")
    begun = months.frame.filter(number > number.min().over("source"))
    frame = _by_month_of_year(begun, at, ["source", "standing", "month"])
    return months.derive(frame, "medians, means and shares by month of the year")


def universe_months(at: At, *, universe: str = "", symbols: list[str] | None = None) -> Answer:
    """The middle total return of a universe's instruments in each month, and how many rose.

    Whoever traded in a month counts in it, also those that were delisted since; rates have no
    return and stay out.
    """
    chosen = Universe.read(universe, symbols)
    kind = chosen.wanted.get("asset_class")
    months = run(at, "parts/months_of_all", asset_class=kind, symbols=symbols or [])
    names = run(at, "parts/market_named")
    found = described(months.frame, names.frame)
    for name, value in chosen.wanted.items():
        found = found.filter(pl.col(name) == value)
    if symbols is not None:
        found = found.filter(pl.col("symbol").is_in(symbols))  # an empty list is nothing, not all
    last = found.group_by("symbol", "source").agg(pl.col("date").max(), pl.col(COLUMNS).min())
    ranks = ranking()
    kept = ranks.preferred(last) if symbols is None else ranks.one_source(last)
    found = found.join(kept, on=["symbol", "source"], how="semi")
    move = pl.col("return")
    frame = (
        found.drop_nulls("return")
        .group_by("year", "month")
        .agg(
            pl.len().alias("members"),
            move.median().alias("return"),
            (move > 0).mean().alias("rose"),
        )
        .sort("year", "month")
    )
    return months.join(names, frame, "medians across instruments by month")


def universe_seasons(at: At, *, universe: str = "", symbols: list[str] | None = None) -> Answer:
    """Of each month of the year: the middle of the universe's middle returns, and its spread."""
    months = universe_months(at, universe=universe, symbols=symbols)
    frame = _by_month_of_year(months.frame, at, ["month"])
    return months.derive(frame, "medians, means and shares by month of the year")


def _by_month_of_year(months: pl.DataFrame, at: At, by: list[str]) -> pl.DataFrame:
    """Complete months alone: half of a month is no month."""
    day = at.as_of.date()
    done = pl.col("year") * 12 + pl.col("month") < day.year * 12 + day.month
    move = pl.col("return")
    return (
        months.filter(done, move.is_not_null())
        .group_by(by)
        .agg(
            pl.len().alias("years"),
            move.median().alias("median"),
            move.mean().alias("mean"),
            (move > 0).mean().alias("rose"),
            move.min().alias("worst"),
            move.max().alias("best"),
        )
        .sort(by)
    )
