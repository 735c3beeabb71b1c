"""Rows for tests of the lake: one series of macro observations, written as short as can be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from data.contracts import Dataset
from data.lake import Lake
from data.query import Db

JANUARY = date(2020, 1, 1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def day(number: int, **parts: int) -> datetime:
    """The n-th day of the test's world, 2 January 2020 being day 1."""
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number, **parts)


def observation(value: float | None, known_at: datetime, **other: Any) -> dict[str, Any]:
    """One row of `macro`."""
    row = {
        "series_id": "s:GDP",
        "period": JANUARY,
        "value": value,
        "unit": "index",
        "is_forecast": False,
        "known_at": known_at,
        "vintage_grade": "native",
        "source": "fred",
    }
    return row | other


def price(close: float, session: date, known_at: datetime, **other: Any) -> dict[str, Any]:
    """One row of `prices`."""
    row = {
        "symbol": "x:AAA",
        "asset_class": "equity",
        "date": session,
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "volume": 100.0,
        "currency": "USD",
        "known_at": known_at,
        "vintage_grade": "native",
        "source": "exchange",
    }
    return row | other


def tick(trade_id: int, known_at: datetime, **other: Any) -> dict[str, Any]:
    """One row of `ticks`."""
    row = {
        "venue": "binance",
        "symbol": "binance:BTCUSDT",
        "event_at": known_at,
        "trade_id": trade_id,
        "price": 100.0 + trade_id,
        "size": 1.0,
        "side": "buy",
        "known_at": known_at,
        "vintage_grade": "native",
        "source": "binance",
    }
    return row | other


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """These rows as a table."""
    return pl.DataFrame(list(rows), infer_schema_length=None)


def stored(lake: Lake, name: str = "macro") -> pl.DataFrame:
    """Every row of a dataset as it lies on the disk, by key and `known_at`."""
    db = Db(lake.root, threads=1)
    frame = db.at(FAR).sql(f"SELECT * FROM {name}_vintages ORDER BY ALL").frame
    db.close()
    return frame


def history(lake: Lake) -> list[tuple[float | None, datetime]]:
    """Value and `known_at` of all vintages of `macro`, in order."""
    frame = stored(lake).sort("series_id", "period", "known_at")
    return frame.select("value", "known_at").rows()


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def small(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    """A stored frame without what the lake set itself."""
    return frame.drop("ingested_at", "superseded_at").select(
        name for name in dataset.schema.names if name not in ("ingested_at", "superseded_at")
    )
