"""Tables of exchange rates as daily prices: so many units of one currency for one of another.

A rate of this moment is no day's price and is read only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from ingest.formats.bars import always_open, currency_of, daily, dates, numbers
from ingest.formats.tables import reading
from ingest.jobs import Parsed, Reply, ReplyError

Rates = Mapping[str, Any]


def days(
    by_day: Mapping[str, Rates], base: str, reply: Reply, *, source: str, prefix: str
) -> Parsed:
    """Last rates of UTC days into `prices`, known when the day is over."""
    rows = [
        (day, code, rate)
        for day, rates in by_day.items()
        for code, rate in rates.items()
        if code != base
    ]
    if not rows:
        raise ReplyError("empty", "no rate for the days and currencies asked for")
    words, codes, values = (list(column) for column in zip(*rows, strict=True))
    base = currency_of(base)
    frame = pl.DataFrame(
        {
            "date": dates(words),
            "symbol": pl.Series([f"{prefix}:{base}{code}" for code in codes], dtype=pl.String),
            "currency": pl.Series([currency_of(code) for code in codes], dtype=pl.String),
            "close": numbers(values),
        }
    ).with_columns(asset_class=pl.lit("fx"))
    return Parsed({"prices": daily(frame, reply, always_open(source))})


def moment(rates: Rates, base: str, at: datetime | None) -> Parsed:
    """Rates of one instant, to be looked at."""
    if not rates:
        raise ReplyError("empty", "no rate for the currencies asked for")
    numbers(list(rates.values()))
    stamp = at.isoformat() if at else None
    rows = [
        {"base": base, "currency": code, "rate": rate, "at": stamp} for code, rate in rates.items()
    ]
    return reading("rates", rows, "rates of this moment are no day's prices")
