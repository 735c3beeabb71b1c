"""Trades as they arrived: written once in five-minute segments of arrival time."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa

from data.contracts import Dataset, Lead
from data.fields import EVENT_AT, SYMBOL, VENUE, field, number, one_of, text

TICKS = Dataset(
    "ticks",
    "One trade at a venue; known_at is its receipt, event_at the venue's own time.",
    (
        VENUE,
        SYMBOL,
        EVENT_AT,
        field("trade_id", pa.int64(), "the venue's own sequence, by which gaps are found"),
        number("price", "price as sent, whatever it is", unit="currency", null=False),
        number("size", "traded quantity", unit="units", null=False),
        one_of("side", "which side took the liquidity", ("buy", "sell"), null=True),
        field("date", pa.date32(), "UTC day of arrival"),
        text("segment", "UTC five minutes of arrival, HHMM; `day` once compacted"),
    ),
    origin="maintenance",
    key=("venue", "symbol", "trade_id"),
    partition_by=("date", "segment"),
    derived={"date": ("date", "known_at"), "segment": ("segment", "known_at")},
    order_by=("known_at", "symbol", "trade_id"),
    time="event_at",
    codec="zstd",
    appended=True,
    # One trade with a wrong time must not cost the others that came in its block.
    leads=(Lead("event_at", timedelta(days=1)),),
)
