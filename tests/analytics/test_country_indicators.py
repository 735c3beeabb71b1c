"""Countries beside each other: the change that counts, its z, and the sign of stronger."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from analytics.macro.countries import country_indicators
from data.lake import Lake
from data.query import Db

KNOWN = datetime(2022, 1, 1, tzinfo=UTC)


def fill(lake: Lake, values: list[float], unit: str, direction: int = 1, **more: Any) -> None:
    """One monthly series of one country."""
    base = {"source": "test", "vintage_grade": "native", "known_at": KNOWN, "series_id": "t:S"}
    series = base | {
        "indicator": "thing",
        "title": "A thing",
        "country": "USA",
        "frequency": "monthly",
        "unit": unit,
        "adjustment": "sa",
        "dimension": "growth",
        "direction": direction,
        "timezone": "UTC",
    }
    rows = [
        base
        | {
            "period": date(2018 + at // 12, 1 + at % 12, 1),
            "value": value,
            "unit": unit,
            "is_forecast": False,
        }
        | more
        for at, value in enumerate(values)
    ]
    lake.upsert("series", pl.DataFrame([series]))
    lake.upsert("macro", pl.DataFrame(rows))


def shown(db: Db) -> dict[str, Any]:
    (row,) = country_indicators(db.at(KNOWN)).frame.iter_rows(named=True)
    return row


@pytest.mark.parametrize(("unit", "direction"), [("percent", 1), ("percent", -1), ("index", 1)])
def test_the_last_change_is_set_against_those_before_it(
    lake: Lake, db: Db, unit: str, direction: int
) -> None:
    values = [100 + 3 * math.sin(at * 1.7) + at for at in range(30)]
    fill(lake, values, unit, direction)
    pairs = list(zip(values[1:], values[:-1], strict=True))
    changes = [a - b if unit == "percent" else math.log(a / b) for a, b in pairs]
    expected = (changes[-1] - statistics.mean(changes[:-1])) / statistics.stdev(changes[:-1])
    row = shown(db)
    assert row["z"] == pytest.approx(expected)
    assert row["tone"] == pytest.approx(direction * expected)
    assert (row["period"], row["value"]) == (date(2020, 6, 1), pytest.approx(values[-1]))


def test_what_is_too_short_or_neutral_has_no_score(lake: Lake, db: Db) -> None:
    fill(lake, [float(at % 3) for at in range(10)], "percent", 0)
    row = shown(db)
    assert (row["z"], row["tone"], row["value"]) == (None, None, 0.0)


def test_a_forecast_is_no_print(lake: Lake, db: Db) -> None:
    fill(lake, [1.0, 2.0], "percent", is_forecast=True)
    assert country_indicators(db.at(KNOWN)).frame.is_empty()
    assert country_indicators(db.at(KNOWN), dimension="labour").frame.is_empty()
