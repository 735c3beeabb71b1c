"""Rows of prices for tests: one close a day at noon of 2020, known that evening."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

FIRST = date(2020, 1, 1)


def evening(number: int) -> datetime:
    """After the close of the n-th day, 1 January 2020 being day 0."""
    return datetime(2020, 1, 1, 22, tzinfo=UTC) + timedelta(days=number)


def quotes(
    closes: dict[int, float | None], symbol: str = "x:AAA", **other: Any
) -> list[dict[str, Any]]:
    """Closes by number of the day; `splits` gives ratios by number of the day.

    They are a company's, or oil's if one is at zero or below.
    """
    splits: dict[int, float] = other.pop("splits", {})
    is_oil = any(close is not None and close <= 0 for close in closes.values())
    return [
        {
            "symbol": symbol,
            "asset_class": "commodity" if is_oil else "equity",
            "date": FIRST + timedelta(days=number),
            "close": close,
            "volume": 10.0,
            "split_ratio": splits.get(number),
            "currency": "USD",
            "known_at": evening(number),
            "vintage_grade": "native",
            "source": "exchange",
        }
        | other
        for number, close in closes.items()
    ]


def table(*parts: list[dict[str, Any]]) -> pl.DataFrame:
    """A table for the lake."""
    rows = [row for part in parts for row in part]
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=NUMBERS)


NUMBERS = {"close": pl.Float64, "split_ratio": pl.Float64, "known_at": pl.Datetime("us", "UTC")}
