"""One-minute bars, kept for ever."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.fields import CURRENCY, DATE, EVENT_AT, SYMBOL, VENUE, number, quote

BARS = Dataset(
    "bars",
    "One minute of one instrument; event_at is its start, and it is known at its close.",
    (
        VENUE,
        DATE,
        SYMBOL,
        EVENT_AT,
        quote("open", "first price"),
        quote("high", "highest price"),
        quote("low", "lowest price"),
        quote("close", "last price"),
        number("volume", "traded volume", unit="units", min=0),
        CURRENCY,
    ),
    origin="source",
    key=("venue", "date", "symbol", "event_at", "source"),
    partition_by=("venue", "date"),
    order_by=("symbol", "event_at"),
    time="event_at",
    codec="zstd",
    leads=(
        Lead("event_at", timedelta(minutes=-1)),
        Lead("date", timedelta(days=1)),
    ),
)
