"""The market with what stands on the card of an instrument: its line and its last headline."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats
from analytics.markets.market import HELD, PANELS, market
from data.query import Answer, At

PATH = 30
HEADLINE_DAYS = 30


def market_cards(
    at: At,
    *,
    sessions: int = 1,
    universe: str = "",
    symbols: list[str] | None = None,
    currency: str = "USD",
) -> Answer:
    """`market` with the last 30 adjusted closes of each instrument and its last headline.

    A headline is one of the last 30 days that names the instrument; null without one, and while
    the news cannot be read.
    """
    every = market(at, sessions=sessions, universe=universe, symbols=symbols, currency=currency)
    since = at.as_of.date() - timedelta(days=HEADLINE_DAYS)
    names = every.frame["symbol"].to_list()
    news = run(at.opened(), "parts/last_headlines", symbols=names, since=since)
    frame = every.frame.with_columns(closing_paths(at, every.frame, PATH))
    frame = frame.join(news.frame, on="symbol", how="left", maintain_order="left")
    return every.join(news, frame, f"{every.derived}, with closes and headlines")


def closing_paths(at: At, shown: pl.DataFrame, length: int) -> pl.Series:
    """The last adjusted closes of each row, the newest last; shorter where fewer are known."""
    panel = PANELS.of(at, sessions=HELD)
    values: Floats = panel.closes[-length:, panel.places_of(shown)].T
    known = pl.element().is_finite()
    return (
        pl.Series("path", np.ascontiguousarray(values)).cast(pl.List(pl.Float64)).list.filter(known)
    )
