"""Monthly series for tests: written in a line, printed once or again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from data.lake import Lake

START = datetime(1900, 1, 1, tzinfo=UTC)


def month(number: int, first: int = 2000) -> date:
    """The n-th month since January of the first year."""
    return date(first + number // 12, number % 12 + 1, 1)


def known(day: date, lag: int = 40) -> datetime:
    """Noon of the day on which a month is printed."""
    return datetime(day.year, day.month, 1, 12, tzinfo=UTC) + timedelta(days=lag)


def describe(lake: Lake, indicators: dict[str, str], country: str = "USA") -> None:
    """Monthly series of a country: what each measures, in which unit."""
    lake.upsert(
        "series",
        pl.DataFrame(
            [
                {
                    "series_id": name,
                    "indicator": name,
                    "title": name,
                    "country": country,
                    "frequency": "monthly",
                    "unit": unit,
                    "adjustment": "sa",
                    "dimension": "growth",
                    "direction": 1,
                    "timezone": "UTC",
                    "known_at": START,
                    "vintage_grade": "native",
                    "source": "office",
                }
                for name, unit in indicators.items()
            ],
            schema_overrides={"direction": pl.Int32},
        ),
    )


def keep(lake: Lake, name: str, values: dict[date, float | None], **more: Any) -> None:
    """One print a month; `lag` in days, `unit` as described."""
    lag, unit = more.get("lag", 40), more.get("unit", "index")
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                {
                    "series_id": name,
                    "period": day,
                    "value": value,
                    "unit": unit,
                    "is_forecast": False,
                    "known_at": known(day, lag),
                    "vintage_grade": more.get("grade", "native"),
                    "source": "office",
                }
                for day, value in values.items()
            ],
            schema_overrides={"value": pl.Float64},
        ),
    )
