"""The last value of indicators in every country: by hand, at several clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from analytics.core.catalogue import find
from data.lake import Lake
from data.query import Db

COLUMNS = ("name", "indicator", "period", "value", "frequency")


def moment(year: int, month: int, day: int = 15) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def series(name: str, indicator: str, country: str, **other: Any) -> dict[str, Any]:
    return {
        "series_id": name,
        "indicator": indicator,
        "title": f"{indicator} of {country}",
        "country": country,
        "frequency": "monthly",
        "unit": "percent",
        "adjustment": "nsa",
        "dimension": "inflation",
        "direction": 1,
        "timezone": "UTC",
        "source": "test",
        "vintage_grade": "native",
        "known_at": moment(2020, 1, 1),
    } | other


def value(name: str, month: int, number: float | None, known: datetime, **other: Any) -> Any:
    return {
        "series_id": name,
        "period": date(2020, month, 1),
        "value": number,
        "unit": "percent",
        "is_forecast": False,
        "source": "test",
        "vintage_grade": "native",
        "known_at": known,
    } | other


@pytest.fixture
def filled(lake: Lake, db: Db) -> Db:
    """Two indicators of two countries; a revision, a withdrawal, a forecast, a second source."""
    lake.upsert(
        "series",
        pl.DataFrame(
            [
                series("t:a.cpi", "cpi", "AAA"),
                series("t:b.cpi", "cpi", "BBB"),
                series("t:a.jobs", "jobs", "AAA", frequency="quarterly"),
                series("t:a.cpi2", "cpi", "AAA", source="later", vintage_grade="snapshot"),
            ]
        ),
    )
    lake.upsert(
        "macro",
        pl.DataFrame(
            [
                value("t:a.cpi", 1, 2.0, moment(2020, 2)),
                value("t:a.cpi", 1, 2.2, moment(2020, 3)),
                value("t:a.cpi", 2, 3.0, moment(2020, 3, 20)),
                value("t:a.cpi", 6, 9.0, moment(2020, 3), is_forecast=True),
                value("t:b.cpi", 1, 0.0, moment(2020, 2)),
                value("t:b.cpi", 2, 5.0, moment(2020, 3)),
                value("t:b.cpi", 2, None, moment(2020, 4)),
                value("t:a.jobs", 1, -7.5, moment(2020, 4)),
                value(
                    "t:a.cpi2", 3, 8.0, moment(2020, 3), source="later", vintage_grade="snapshot"
                ),
            ]
        ),
    )
    return db


@pytest.mark.parametrize(
    ("clock", "wanted", "expected"),
    [
        (moment(2020, 1), ["cpi", "jobs"], []),
        (
            moment(2020, 2, 20),
            ["cpi", "jobs"],
            [
                ("AAA", "cpi", date(2020, 1, 1), 2.0, "monthly"),
                ("BBB", "cpi", date(2020, 1, 1), 0.0, "monthly"),
            ],
        ),
        (
            moment(2020, 3, 25),
            ["cpi"],
            [
                ("AAA", "cpi", date(2020, 2, 1), 3.0, "monthly"),
                ("BBB", "cpi", date(2020, 2, 1), 5.0, "monthly"),
            ],
        ),
        (
            moment(2020, 4, 20),
            ["cpi", "jobs"],
            [
                ("AAA", "cpi", date(2020, 2, 1), 3.0, "monthly"),
                ("AAA", "jobs", date(2020, 1, 1), -7.5, "quarterly"),
                ("BBB", "cpi", date(2020, 1, 1), 0.0, "monthly"),
            ],
        ),
        (moment(2020, 4, 20), ["weather"], []),
    ],
)
def test_the_last_value_is_the_one_known_at_the_clock(
    filled: Db, clock: datetime, wanted: list[str], expected: list[tuple[Any, ...]]
) -> None:
    found = find("latest_by_country").run(filled.at(clock), {"indicators": wanted}).frame
    assert found.select(COLUMNS).rows() == expected
