"""The demo world's second source: what it adds, and that it never replaces what was shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from analytics.core.closes import read_closes
from data.clock import utc_now
from tests.demo_fixture import DemoLake


def rows(lake: DemoLake, sql: str, as_of: datetime | None = None, **params: object) -> pl.DataFrame:
    return lake.at(as_of).sql(sql, **params).frame


def test_an_old_file_is_adjusted_and_undated_and_what_came_since_is_a_day_late(
    demo_lake: DemoLake,
) -> None:
    grades = rows(
        demo_lake,
        "SELECT vintage_grade AS grade, min(date) AS first, max(date) AS last, "
        "count(DISTINCT symbol) AS n FROM prices_vintages WHERE source = 'demo-archive' "
        "GROUP BY ALL ORDER BY 1",
    )
    assert grades["grade"].to_list() == ["current", "lagged"]
    assert grades["last"][0] == date(2015, 12, 31) and grades["first"][1] == date(2016, 1, 4)
    assert grades["n"][0] == 8
    both = rows(
        demo_lake,
        "SELECT a.symbol, a.date, a.close AS adjusted, d.close AS printed, "
        "product(coalesce(s.split_ratio, 1)) AS since "
        "FROM prices_vintages a JOIN (SELECT symbol, date, arg_max(close, known_at) AS close, "
        "min(known_at) AS known_at FROM prices_vintages WHERE source = 'demo' GROUP BY ALL) d "
        "USING (symbol, date) LEFT JOIN prices_vintages s ON s.symbol = a.symbol "
        "AND s.source = 'demo' AND s.split_ratio <> 1 AND s.date > a.date "
        "AND s.date <= DATE '2015-12-31' "
        "WHERE a.source = 'demo-archive' AND a.vintage_grade = 'current' GROUP BY ALL",
    )
    assert both.height > 15_000
    off = (both["adjusted"] * both["since"] / both["printed"] - 1).abs()
    assert off.max() < 1e-3
    assert (both["since"] != 1).sum() > 500


def test_the_file_is_in_view_from_its_loading_on_and_then_stands_behind(
    demo_lake: DemoLake,
) -> None:
    count = "SELECT count(*) AS n FROM prices WHERE source = 'demo-archive' AND date < '2016-01-01'"
    assert rows(demo_lake, count)["n"][0] == 0  # the end of the world lies before its loading
    assert rows(demo_lake, count, utc_now())["n"][0] > 15_000
    told = rows(demo_lake, "SELECT DISTINCT symbol FROM prices_vintages WHERE source <> 'demo'")
    symbols = sorted(told["symbol"].to_list())
    first, now = (
        read_closes(demo_lake.at(clock), symbols, date(2005, 1, 1)).close
        for clock in (demo_lake.spec.end, utc_now())
    )
    assert len(first) > 20_000 and len(first) == len(now)
    # What was still misprinted on the last day is corrected after it; nothing else may change.
    assert (first != now).sum() < 5


@pytest.mark.parametrize(
    ("series", "grade", "at_the_end"), [("XSHARE", "lagged", True), ("LIFE", "current", False)]
)
def test_what_nobody_else_has_is_seen_as_its_grade_allows(
    demo_lake: DemoLake, series: str, grade: str, at_the_end: bool
) -> None:
    query = "SELECT DISTINCT vintage_grade AS grade FROM macro WHERE series_id = $id"
    found = rows(demo_lake, query, id=f"demo:{series}:USA")["grade"].to_list()
    assert found == ([grade] if at_the_end else [])
    now = rows(demo_lake, query, utc_now(), id=f"demo:{series}:USA")["grade"].to_list()
    assert now == [grade]


def test_two_sources_tell_of_one_debt(demo_lake: DemoLake) -> None:
    found = rows(
        demo_lake,
        "SELECT m.period, max(m.value) - min(m.value) AS apart, count(*) AS n FROM macro m "
        "JOIN series s USING (series_id) WHERE s.indicator = 'DEBT' AND s.country = 'USA' "
        "AND m.period < DATE '2020-01-01' GROUP BY ALL",
        datetime(2024, 1, 1, tzinfo=UTC),
    )
    assert set(found["n"]) == {2}
    assert 0 < found["apart"].max() < 6
