"""What became known of series, read from what came, is what reading every vintage gives."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from analytics.core.query_texts import query_text
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.query import Db
from tests import tiers
from tests.analytics import revised_world
from tests.analytics.test_known_history import drawn

SLOWLY = """
WITH stood AS (
    SELECT series_id, source, period, min(seen_at) AS first_at, max(seen_at) AS moment,
        arg_max_null(value, known_at) AS value, arg_max_null(unit, known_at) AS unit,
        arg_max_null(value, known_at) FILTER (seen_at <= $since) AS value_then,
        arg_max_null(unit, known_at) FILTER (seen_at <= $since) AS unit_then
    FROM macro_known SEMI JOIN (
        SELECT DISTINCT series_id, source FROM macro_known
        WHERE seen_at > $since AND NOT is_forecast
    ) AS touched USING (series_id, source)
    WHERE NOT is_forecast
    GROUP BY series_id, source, period
), stepped AS (
    SELECT *, lag(value) OVER (PARTITION BY series_id, source, unit ORDER BY period) AS previous
    FROM stood
), measured AS (
    SELECT *, stddev_samp(value - previous) OVER (
            PARTITION BY series_id, source, unit ORDER BY period
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS usual,
        CASE WHEN first_at > $since THEN 'print'
             WHEN moment <= $since THEN NULL
             WHEN unit IS DISTINCT FROM unit_then THEN 'unit'
             WHEN value IS DISTINCT FROM value_then THEN 'revision' END AS kind
    FROM stepped
), told AS (
    SELECT *, CASE WHEN kind = 'print' THEN first_at ELSE moment END AS became,
        CASE WHEN kind = 'print' THEN previous ELSE value_then END AS before,
        row_number() OVER (PARTITION BY series_id, source, kind ORDER BY
            CASE WHEN kind = 'revision' THEN coalesce(abs(value - value_then), 1e300) END DESC,
            period DESC) AS place
    FROM measured WHERE kind IS NOT NULL
)
SELECT kind, told.series_id, told.source, title, country, indicator, frequency, period, before,
    value AS after, told.unit, unit_then, usual,
    max(became) OVER (PARTITION BY told.series_id, told.source, kind) AS moment,
    count(*) OVER (PARTITION BY told.series_id, told.source, kind) AS count
FROM told LEFT JOIN series ON series.series_id = told.series_id AND series.source = told.source
QUALIFY place = 1
ORDER BY kind, told.series_id, told.source
"""
START = datetime(2020, 1, 1, tzinfo=UTC)
CLOCKS = tiers.amount("SINCE_CLOCKS", day=40, night=400)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_in_a_whole_world(revised: Db, mode: Mode) -> None:
    rng, rows = random.Random(f"since {tiers.commit()}"), 0
    taken_in = [moment + timedelta(hours=1) for moment in revised_world.PARTS]
    for clock in (*drawn(f"since {mode}"), *taken_in):
        at, since = (
            revised.at(clock, mode),
            clock - timedelta(hours=rng.choice([5, 24, 170, 2_000])),
        )
        found = at.sql(query_text("parts/series_since"), since=since).frame
        assert found.equals(at.sql(SLOWLY, since=since).frame), (clock, mode, since)
        rows += found.height
    assert rows > 50


@pytest.mark.sampled(3)
@pytest.mark.parametrize("mode", MODES)
def test_where_everything_changes_that_can(lake: Lake, db: Db, mode: Mode) -> None:
    """Values are withdrawn, units change, forecasts come before and after, rows are late."""
    rng = random.Random(f"vintages {tiers.commit()}")
    rows = []
    for series in ("a:X", "a:Y", "b:Z"):
        for month in range(1, 13):
            known = START + timedelta(days=30 * month, minutes=rng.randrange(10_000))
            for _ in range(rng.randrange(1, 6)):
                is_forecast = rng.random() < 0.3
                rows.append(
                    {
                        "series_id": series,
                        "period": START.date().replace(month=month),
                        "value": rng.choice([None, 1.0, 2.0, 4.0, 7.0]),
                        "unit": rng.choice(["percent", "percent", "index"]),
                        "is_forecast": is_forecast,
                        "known_at": known,
                        "vintage_grade": rng.choice(["native", "native", "current"]),
                        "source": rng.choice(["office", "other"]),
                    }
                )
                known += timedelta(minutes=rng.randrange(1, 60_000))
    parts = (START + timedelta(days=200), START + timedelta(days=600))
    for last, until in zip((START, *parts[:-1]), parts, strict=True):
        some = [row for row in rows if last <= row["known_at"] < until]
        frame = pl.DataFrame(some, infer_schema_length=None, schema_overrides={"value": pl.Float64})
        lake.upsert("macro", frame, ingested_at=until)
    kinds = set()
    for _ in range(CLOCKS):
        clock = START + timedelta(days=rng.randrange(20, 700))
        at, since = db.at(clock, mode), clock - timedelta(days=rng.choice([1, 7, 60, 300]))
        found = at.sql(query_text("parts/series_since"), since=since).frame
        assert found.equals(at.sql(SLOWLY, since=since).frame), (clock, mode, since)
        kinds |= set(found["kind"])
        every = db.at(clock, mode, all_vintages=True)
        assert every.sql(query_text("parts/series_since"), since=since).frame.equals(
            every.sql(SLOWLY, since=since).frame
        )
    # Under the house clock all comes at two instants, of which few clocks see the second.
    assert kinds == {"print", "revision", "unit"} or mode == "house"
