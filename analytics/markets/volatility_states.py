"""Calm and storm of one instrument: its volatility against its own past, and what followed.

A state counts from the session after the one that could know it; nothing later enters it.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import numpy as np
import polars as pl

from analytics.core.closes import Floats, read_closes, rolling_deviation, session_moves
from analytics.core.intervals import NORMAL_95
from analytics.markets.returns import FIRST_SESSION
from data.query import Answer, At

WINDOW = 20
PAST, LEAST = 756, 252
VolatilityState = Literal["low", "mid", "high"]
STATES: tuple[VolatilityState, ...] = get_args(VolatilityState)


def volatility_regime(at: At, *, symbol: str, since: date | None = None) -> Answer:
    """The 20-session volatility, its rank among the 756 values before it, and the state.

    Below a third is low, above two thirds high; null until 252 earlier values are there. `since`
    cuts what is shown, not what a rank is taken from. `move` is the session's log return, for a
    rate (`is_rate`) the change of its level, in points.
    """
    closes = read_closes(at, [symbol], FIRST_SESSION)
    moves = session_moves(closes)
    volatility = rolling_deviation(moves, WINDOW) * np.sqrt(closes.per_year)
    rank = pl.col("rank")
    frame = pl.DataFrame(
        {
            "date": closes.dates(),
            "move": pl.Series(moves, nan_to_null=True),
            "volatility": pl.Series(volatility, nan_to_null=True),
            "rank": pl.Series(_rank_before(volatility), nan_to_null=True),
            "per_year": closes.per_year,
            "is_rate": closes.is_rate,
        }
    ).with_columns(
        pl.when(rank < 1 / 3)
        .then(pl.lit("low"))
        .when(rank > 2 / 3)
        .then(pl.lit("high"))
        .when(rank.is_not_null())
        .then(pl.lit("mid"))
        .alias("state")
    )
    shown = frame if since is None else frame.filter(pl.col("date") >= since)
    return closes.answer.derive(shown, "20-session volatility ranked among the 756 before it")


def returns_by_volatility(at: At, *, symbol: str) -> Answer:
    """What one-session log returns were like after each state, with the interval of their mean.

    A return belongs to the state known at the session before. `low` and `high` bound 95 % of the
    mean, by the deviation of the returns over the root of their number, all in a year's terms. For
    a rate (`is_rate`) all are of changes of its level, in points.
    """
    states = volatility_regime(at, symbol=symbol)
    now = states.frame["state"].tail(1).to_list()
    after = states.frame.with_columns(pl.col("state").shift(1)).drop_nulls(["state", "move"])
    move, year = pl.col("move"), pl.col("per_year").first()
    error = move.std() / pl.len().sqrt()
    found = after.group_by("state").agg(
        pl.len().alias("sessions"),
        (move.mean() * year).alias("mean"),
        ((move.mean() - NORMAL_95 * error) * year).alias("low"),
        ((move.mean() + NORMAL_95 * error) * year).alias("high"),
        (move.std() * year.sqrt()).alias("volatility"),
        (move > 0).mean().alias("rose"),
        move.min().alias("worst"),
        move.max().alias("best"),
        pl.col("is_rate").any(),
    )
    frame = found.sort(pl.col("state").cast(pl.Enum(STATES))).with_columns(
        pl.col("state").is_in(now).alias("is_now")
    )
    return states.derive(frame, "moves by the state known the session before")


def _rank_before(values: Floats) -> Floats:
    """The share of the values before each that are below it; itself is not among them."""
    rank = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    held = values[known]
    for place in range(LEAST, len(held)):
        past = held[max(0, place - PAST) : place]
        rank[known[place]] = (past < held[place]).mean()
    return rank
