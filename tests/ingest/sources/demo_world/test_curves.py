"""Yield curves of the demo world: plausible, known after their day, with holes that are holes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import polars as pl
import pytest

from ingest.sources.demo_world import curves
from ingest.sources.demo_world.spec import make_spec
from ingest.sources.demo_world.world import make_world
from tests.demo_fixture import SEED, UNTIL, DemoLake


def yields(demo_lake: DemoLake) -> pl.DataFrame:
    return (
        demo_lake.at()
        .sql(
            "SELECT series_id, period, value, known_at, vintage_grade FROM macro "
            "WHERE source = 'demo-curves' ORDER BY ALL"
        )
        .frame
    )


def test_the_curves_are_there_by_tenor(demo_lake: DemoLake) -> None:
    found = yields(demo_lake)
    stems = found["series_id"].str.replace(r":[^:]+$", "").unique().sort().to_list()
    assert stems == ["demo:par:USA", "demo:real:USA", "demo:spot:EMU"]
    assert found["series_id"].n_unique() == 23
    assert found["value"].is_finite().all()
    assert found["value"].is_between(-3, 15).all()
    assert found.filter(pl.col("value") == 0).height < 0.001 * found.height
    assert set(found["vintage_grade"]) == {"lagged"}


def test_a_yield_is_known_after_its_day_at_the_hour_of_its_market(demo_lake: DemoLake) -> None:
    found = yields(demo_lake)
    assert (found["period"].dt.weekday() <= 5).all()
    assert (found["known_at"].dt.date() >= found["period"]).all()
    one = found.filter(
        pl.col("series_id") == "demo:par:USA:10y", pl.col("period") == date(2024, 6, 3)
    )
    assert one["known_at"].to_list() == [datetime(2024, 6, 3, 22, tzinfo=UTC)]
    friday = found.filter(
        pl.col("series_id") == "demo:spot:EMU:10y", pl.col("period") == date(2024, 6, 7)
    )
    assert friday["known_at"].to_list() == [datetime(2024, 6, 10, 10, tzinfo=UTC)]
    late = found.filter(pl.col("known_at").dt.time() < time(9))
    assert late.is_empty()


def test_the_long_end_follows_the_monthly_average_of_the_country(demo_lake: DemoLake) -> None:
    """Two tenths of a point of its own, around the yield that the statistics print."""
    monthly = (
        demo_lake.at()
        .sql("SELECT period AS month, value AS average FROM macro WHERE series_id = 'demo:Y10:USA'")
        .frame
    )
    daily = yields(demo_lake).filter(pl.col("series_id") == "demo:par:USA:10y")
    ours = daily.group_by(pl.col("period").dt.truncate("1mo").alias("month")).agg(
        pl.col("value").mean()
    )
    both = ours.join(monthly, on="month")
    assert both.height > 50
    assert (both["value"] - both["average"]).abs().mean() < 0.6
    assert abs(pl.DataFrame(both).select(pl.corr("value", "average")).item()) > 0.3


def test_the_twenty_year_begins_in_2020_and_single_days_are_absent(demo_lake: DemoLake) -> None:
    found = yields(demo_lake)
    twenty = found.filter(pl.col("series_id") == "demo:par:USA:20y")
    assert twenty["period"].min() == date(2020, 5, 20)
    counts = found.filter(pl.col("series_id").str.starts_with("demo:par")).group_by("period").len()
    holes = counts.filter(pl.col("period") > date(2020, 6, 1), pl.col("len") < 10).height
    assert 0 < holes < 0.1 * counts.height


@pytest.mark.parametrize("until", [date(2020, 3, 31), date(2022, 12, 30)])
def test_a_later_last_day_changes_no_earlier_yield(until: date) -> None:
    def made(day: date) -> pl.DataFrame:
        world = make_world(make_spec(SEED, day, "small"))
        table = pl.DataFrame(pl.from_arrow(curves.curve_macro(world.spec, world.economy)))
        return table.sort("series_id", "period")

    short, long = made(until), made(UNTIL)
    last = short["known_at"].max()
    assert short.equals(long.filter(pl.col("known_at") <= last))
