"""A nominal and a real yield curve for the page tests: inverted until a known day, with holes."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from typing import Any

NOMINAL = {"3m": 3, "2y": 24, "5y": 60, "10y": 120, "30y": 360}
REAL = {"5y": 60, "10y": 120, "30y": 360}
UNIT = "percent per year"
# The curve is inverted before this one of the days; the 30-year of every 50th day was not quoted.
TURNED, UNQUOTED = 200, 50


def series(source: str, known: datetime) -> list[dict[str, Any]]:
    """What each tenor is."""
    return [
        {
            "series_id": name,
            "indicator": f"{'real' if ':real:' in name else 'yield'}_{tenor}",
            "title": f"United States yield {tenor}",
            "country": "USA",
            "frequency": "daily",
            "unit": UNIT,
            "adjustment": "nsa",
            "dimension": "policy",
            "direction": 1,
            "timezone": "America/New_York",
            "known_at": known,
            "source": _source(source, name),
        }
        for name, tenor in _names(source)
    ]


def macro(source: str, days: list[date]) -> list[dict[str, Any]]:
    """The yields of weekdays, each known late on its day."""
    return [
        {
            "series_id": name,
            "period": day,
            "value": value(number, tenor, real=":real:" in name),
            "unit": UNIT,
            "is_forecast": False,
            "known_at": datetime.combine(day, time(23, tzinfo=UTC)),
            "source": _source(source, name),
        }
        for number, day in enumerate(days)
        for name, tenor in _names(source)
        if tenor != "30y" or number % UNQUOTED
    ]


def value(number: int, tenor: str, *, real: bool = False) -> float:
    """The yield of a day by its number, to two decimals."""
    slope = -0.4 if number < TURNED else 0.6
    way = 1 - math.exp(-NOMINAL[tenor] / 40)
    level = 3.0 + 0.3 * math.sin(number / 23) + slope * way
    return round(level - (2.1 if real else 0.0), 2)


def _source(source: str, name: str) -> str:
    """Each curve of a source of its own: so with one file of the lake one curve is lost."""
    return f"{source}-{'real' if ':real:' in name else 'curves'}"


def _names(source: str) -> list[tuple[str, str]]:
    is_demo = source == "demo"
    stems = (
        ("demo:par:USA", "demo:real:USA") if is_demo else ("us_treasury:par", "us_treasury:real")
    )
    return [
        (f"{stem}:{tenor}", tenor)
        for stem, tenors in zip(stems, (NOMINAL, REAL), strict=True)
        for tenor in tenors
    ]
