"""Daily bars as printed at the venue, with splits and dividends beside them."""

from __future__ import annotations

from datetime import timedelta

from data.contracts import Dataset, Lead
from data.fields import ASSET_CLASS, CURRENCY, DATE, SYMBOL, YEAR, number, quote

PRICES = Dataset(
    "prices",
    "One session of one instrument, raw; known at the session's close plus the feed's delay.",
    (
        SYMBOL,
        ASSET_CLASS,
        DATE,
        YEAR,
        quote("open", "first price"),
        quote("high", "highest price"),
        quote("low", "lowest price"),
        quote("close", "last price"),
        number("volume", "traded volume", unit="units", min=0),
        number("dividend", "cash going ex on this date, per share", unit="currency", min=0),
        number(
            "split_ratio",
            "new shares per old share from this date",
            unit="ratio",
            min=0,
        ),
        CURRENCY,
    ),
    origin="source",
    key=("symbol", "date", "source"),
    partition_by=("asset_class", "year"),
    derived={"year": ("year", "date")},
    order_by=("symbol", "date"),
    time="date",
    leads=(Lead("date", timedelta(days=1)),),
)
