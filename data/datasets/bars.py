"""One-minute bars, kept for ever."""

from __future__ import annotations

from data.contracts import Dataset
from data.fields import CURRENCY, DATE, EVENT_AT, SYMBOL, VENUE, number

BARS = Dataset(
    "bars",
    "One minute of one instrument; event_at is its start, and it is known at its close.",
    (
        VENUE,
        DATE,
        SYMBOL,
        EVENT_AT,
        number("open", "first price", unit="currency"),
        number("high", "highest price", unit="currency"),
        number("low", "lowest price", unit="currency"),
        number("close", "last price", unit="currency"),
        number("volume", "traded volume", unit="units", min=0),
        CURRENCY,
    ),
    key=("venue", "date", "symbol", "event_at", "source"),
    partition_by=("venue", "date"),
    order_by=("symbol", "event_at"),
    time="event_at",
    codec="zstd",
)
