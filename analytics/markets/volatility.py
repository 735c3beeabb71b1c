"""Rolling volatility of instruments over their own sessions; null until its window is full."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from analytics.core.closes import read_closes, rolling_deviation, session_moves
from data.errors import ConfigError
from data.query import Answer, At


def rolling_volatility(
    at: At, *, symbols: list[str], since: date | None = None, window: int = 60
) -> Answer:
    """Annualised standard deviation of the last `window` log returns, at every session.

    Returns take splits in; a rate has changes of its level instead, and its volatility is in
    points. 252 sessions a year, 365 for crypto. Null where the window is not full since `since`,
    or holds a price at or below zero.
    """
    if window < 2:
        raise ConfigError(f"window={window}: expected at least 2 returns")
    closes = read_closes(at, symbols, since or date(1900, 1, 1))
    deviation = rolling_deviation(session_moves(closes), window)
    frame = pl.DataFrame(
        {
            "symbol": closes.names(),
            "date": closes.dates(),
            "close": closes.close,
            "volatility": deviation * np.sqrt(closes.per_year),
        }
    ).with_columns(pl.col("volatility").fill_nan(None))
    return closes.answer.derive(frame, f"rolling deviation of {window} moves, annualised")
