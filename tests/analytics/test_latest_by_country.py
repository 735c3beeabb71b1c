"""The last value of indicators in every country: by hand, at several clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from analytics.core.catalogue import find, run
from analytics.core.query_texts import expanded
from analytics.macro.countries import country_profile, indicator_ranking, latest_by_country
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.query import Db
from tests.analytics.test_known_history import drawn

# Of some indicators alone, with each row of macro joined to its series.
ONE_BY_ONE = """
WITH prints AS (
    SELECT series.country, indicator, series_id, source, macro_known.vintage_grade,
        macro_known.ingested_at, macro_known.known_at
    FROM macro_known JOIN series USING (series_id, source)
    WHERE NOT is_forecast AND value IS NOT NULL AND series.country IS NOT NULL
        AND list_contains($indicators, indicator)
), stands AS {standing of prints per country, indicator of series_id, source},
last AS (
    SELECT series_id, source, max(period) AS period
    FROM macro WHERE NOT is_forecast AND value IS NOT NULL
    GROUP BY series_id, source
)
SELECT series.country, coalesce(nation.name, series.country) AS name, series.indicator, title,
    frequency, dimension, macro.period, value, macro.unit, macro.known_at, macro.vintage_grade,
    macro.series_id, macro.source
FROM stands
JOIN series ON series.series_id = stands.series_id AND series.source = stands.source
JOIN last ON last.series_id = stands.series_id AND last.source = stands.source
JOIN macro ON macro.series_id = last.series_id AND macro.source = last.source
    AND macro.period = last.period
LEFT JOIN (
    SELECT country, name
    FROM countries JOIN {standing of countries_known per country of source} AS told
        USING (country, source)
    WHERE standing = 1
) AS nation ON nation.country = series.country
WHERE standing = 1 AND NOT macro.is_forecast
    AND stands.country = series.country AND stands.indicator = series.indicator
ORDER BY name, series.country, series.indicator
"""
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


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_cuts_of_the_whole_are_what_is_asked_of_a_part(revised: Db, mode: Mode) -> None:
    rows = 0
    for clock in drawn(f"countries {mode}"):
        at = revised.at(clock, mode)
        names = run(at, "indicators").frame["indicator"].to_list()[::3]
        slow = at.sql(expanded(ONE_BY_ONE), indicators=names).frame
        assert latest_by_country(at, indicators=names).frame.equals(slow), (clock, mode)
        rows += slow.height
        parts = [
            run(at, "parts/indicator_table", indicators=[name], yearly=False).frame
            for name in names
        ]
        for name, part in zip(names, parts, strict=True):
            ranking = indicator_ranking(at, indicator=name).frame
            assert ranking.equals(part), (clock, mode, name)
            known = slow.filter(indicator=name)
            assert set(ranking["value"]) == set(known["value"])
        if parts:
            usa = pl.concat(parts).filter(country="USA")
            profile = country_profile(at, country="USA").frame
            assert profile.filter(pl.col("indicator").is_in(names)).equals(usa.sort("indicator"))
    assert rows > 100
