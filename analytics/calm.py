"""Calm and storm of one instrument: its volatility against its own past, and what followed.

A state counts from the session after the one that could know it; nothing later enters it.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from analytics.closes import Floats, log_returns, read_closes, rolling_deviation
from data.query import Answer, At

WINDOW = 20
PAST, LEAST = 756, 252
STATES = ("low", "mid", "high")


def volatility_regime(at: At, *, symbol: str, since: date | None = None) -> Answer:
    """The 20-session volatility, its rank among the 756 values before it, and the state.

    Below a third is low, above two thirds high; null until 252 earlier values are there. `since`
    cuts what is shown, not what a rank is taken from.
    """
    closes = read_closes(at, [symbol], date(1900, 1, 1))
    deviation = rolling_deviation(log_returns(closes), WINDOW)
    rank = _rank_before(deviation)
    frame = pl.DataFrame(
        {
            "date": closes.dates(),
            "volatility": pl.Series(deviation * np.sqrt(closes.per_year), nan_to_null=True),
            "rank": pl.Series(rank, nan_to_null=True),
        }
    ).with_columns(
        pl.when(pl.col("rank") < 1 / 3)
        .then(pl.lit("low"))
        .when(pl.col("rank") > 2 / 3)
        .then(pl.lit("high"))
        .when(pl.col("rank").is_not_null())
        .then(pl.lit("mid"))
        .alias("state")
    )
    shown = frame if since is None else frame.filter(pl.col("date") >= since)
    return closes.answer.derive(shown, "20-session volatility ranked among the 756 before it")


def returns_by_volatility(at: At, *, symbol: str) -> Answer:
    """What one-session log returns were like after each state, with the interval of their mean.

    A return belongs to the state known at the session before. `low` and `high` bound 95 % of the
    mean, by the deviation of the returns over the root of their number, all in a year's terms.
    """
    states = volatility_regime(at, symbol=symbol)
    closes = read_closes(at, [symbol], date(1900, 1, 1))
    year = float(closes.per_year[0]) if len(closes.per_year) else 252.0
    frame = pl.DataFrame(
        {
            "move": pl.Series(log_returns(closes), nan_to_null=True),
            "state": states.frame["state"].shift(1),
        }
    ).drop_nulls()
    move = pl.col("move")
    error = move.std() / pl.len().sqrt()
    found = frame.group_by("state").agg(
        pl.len().alias("sessions"),
        (move.mean() * year).alias("mean"),
        ((move.mean() - 1.96 * error) * year).alias("low"),
        ((move.mean() + 1.96 * error) * year).alias("high"),
        (move.std() * np.sqrt(year)).alias("volatility"),
        (move > 0).mean().alias("rose"),
        move.min().alias("worst"),
        move.max().alias("best"),
    )
    order = pl.DataFrame({"state": STATES, "place": range(len(STATES))})
    ordered = found.join(order, on="state", how="left").sort("place").drop("place")
    now = states.frame["state"].tail(1)
    is_now = pl.col("state").eq_missing(pl.lit(now[0] if len(now) else None, pl.String))
    return states.derive(
        ordered.with_columns(is_now.alias("is_now")),
        "log returns by the state known the session before",
    )


def _rank_before(values: Floats) -> Floats:
    """The share of the values before each that are below it; itself is not among them."""
    rank = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    held = values[known]
    for place in range(LEAST, len(held)):
        past = held[max(0, place - PAST) : place]
        rank[known[place]] = (past < held[place]).mean()
    return rank
