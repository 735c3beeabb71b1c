"""One instrument: what it is, what happened to it, how far below its peak, beside others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats, Ints, read_closes
from analytics.markets.returns import FIRST_SESSION, history
from data.errors import ConfigError
from data.query import Answer, At

MOST_COMPARED = 12


def find_instruments(at: At, *, word: str, top: int = 12) -> Answer:
    """Instruments that a word means, the surest first."""
    return run(at, "find_instruments", word=word, top=top)


def instrument(at: At, *, symbol: str) -> Answer:
    """What was known of one instrument, a row per source."""
    return run(at, "instrument", symbol=symbol)


def instrument_events(
    at: At, *, symbol: str, country: str | None = None, since: date | None = None, top: int = 200
) -> Answer:
    """Events and headlines of an instrument, its country and the world, newest first."""
    fields = {"symbol": symbol, "country": country, "since": FIRST_SESSION, "top": top}
    events = run(at, "instrument_events", **fields)
    if since is None:
        return events
    # The newest of all begin with the newest since a day, so that one query serves every span.
    shown = events.frame.filter(pl.col("event_at") >= datetime.combine(since, time(), UTC))
    return events.derive(shown, "those since a day")


def drawdown(
    at: At, *, symbol: str, since: date | None = None, asset_class: str | None = None
) -> Answer:
    """How far each split-adjusted close lies below the highest so far.

    Null from the first price at or below zero on: a share of a peak has no meaning there. What
    was known before it stands. Null for a rate, whose level is no price.
    """
    bars = history(at, symbol=symbol, since=since, asset_class=asset_class)
    close = pl.col("adjusted_close")
    sound = (close.cum_min() > 0).over("source") & (pl.col("asset_class") != "rate")
    frame = bars.frame.drop_nulls("close").select(
        "source",
        "standing",
        "date",
        pl.when(sound).then(close / close.cum_max().over("source") - 1).alias("value"),
    )
    return bars.derive(frame, "adjusted close over its highest so far, less one")


def rebased(at: At, *, symbols: list[str], since: date, common: bool = False) -> Answer:
    """Split-adjusted closes of several instruments, each 100 at its first session since a date.

    Prices, not total returns; an instrument that began later starts at 100 where it begins. With
    `common` each is 100 at the first session that all of them have, and earlier ones stand beside.
    A later price at or below zero is null, and one that begins so is refused, as is a rate: it has
    a level and no return.
    """
    if not 1 <= len(set(symbols)) <= MOST_COMPARED:
        raise ConfigError(f"rebased: expected 1 to {MOST_COMPARED} symbols, found {len(symbols)}")
    closes = read_closes(at, symbols, since)
    if closes.rates:
        raise ConfigError(
            f"{min(closes.rates)} is a rate, which has a level and no return, so it cannot begin "
            "at 100 beside others. Leave it out; a formula such as A - B compares two rates"
        )
    frame = pl.DataFrame(
        {
            "symbol": closes.names(),
            "date": closes.dates(),
            "held": closes.close * shares_since_first(closes.place, closes.split),
        }
    )
    held = pl.when(pl.col("held") > 0).then(pl.col("held"))
    if common:
        base = pl.when(pl.col("date") == _first_common(frame, since)).then(held).max()
        how = "split-adjusted close, 100 at the first session in common"
    else:
        _refuse_without_base(frame.group_by("symbol", maintain_order=True).first())
        base, how = held.first(), "split-adjusted close, 100 at each one's first session"
    value = 100 * held / base.over("symbol")
    frame = frame.select("symbol", "date", value.alias("value"))
    return closes.answer.derive(frame, how)


def _first_common(frame: pl.DataFrame, since: date) -> date | None:
    """The first day on which all of these instruments have a price above zero."""
    shared = (
        frame.filter(pl.col("held") > 0)
        .group_by("date")
        .agg(pl.col("symbol").n_unique().alias("members"))
        .filter(pl.col("members") == frame["symbol"].n_unique())
    )
    if shared.is_empty() and not frame.is_empty():
        raise ConfigError(
            f"these instruments have no session in common since {since}: choose a longer span, or "
            "leave one out"
        )
    return shared["date"].min()  # type: ignore[return-value]  # a column of dates


def _refuse_without_base(first: pl.DataFrame) -> None:
    for symbol, on, price in first.filter(pl.col("held") <= 0).iter_rows():
        raise ConfigError(
            f"{symbol} cannot begin at 100: its price of {on} is {price:g}, and nothing is a share "
            "of a price at or below zero. Choose another first day, or leave it out"
        )


def shares_since_first(place: Ints, split: Floats) -> Floats:
    """What one share of each instrument's first session has become at each later one."""
    steps = np.log(split)
    steps[np.flatnonzero(np.diff(place, prepend=-1))] = 0.0
    total = np.cumsum(steps)
    begins = np.flatnonzero(np.diff(place, prepend=-1))
    base = np.repeat(total[begins], np.diff(np.append(begins, len(place))))
    shares: Floats = np.exp(total - base)
    return shares
