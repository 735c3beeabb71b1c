"""Daily bars as printed at the venue, with splits and dividends beside them."""

from __future__ import annotations

from data.contracts import Dataset
from data.fields import ASSET_CLASS, CURRENCY, DATE, SYMBOL, YEAR, number

PRICES = Dataset(
    "prices",
    "One session of one instrument, raw; known at the session's close plus the feed's delay.",
    (
        SYMBOL,
        ASSET_CLASS,
        DATE,
        YEAR,
        number("open", "first price", unit="currency"),
        number("high", "highest price", unit="currency"),
        number("low", "lowest price", unit="currency"),
        number("close", "last price", unit="currency"),
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
    key=("symbol", "date", "source"),
    partition_by=("asset_class", "year"),
    derived={"year": ("year", "date")},
    order_by=("symbol", "date"),
    time="date",
)
