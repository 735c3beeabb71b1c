"""Months come sooner than their year, add up to nearly what it says, and some report none."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from ingest.sources.demo_world.spec import make_spec
from ingest.sources.demo_world.trade import trade_flows
from ingest.sources.demo_world.trade_months import APART, WITHOUT_MONTHS, trade_months_table
from ingest.sources.demo_world.world import make_world
from tests.demo_fixture import SEED, DemoLake

REPORTERS = ["CHN", "DEU", "FRA", "GBR", "USA"]


def test_months_add_up_to_nearly_what_is_said_of_the_year(demo_lake: DemoLake) -> None:
    """Within 1 %, and the rounding of twelve months to whole thousands."""
    both = (
        demo_lake.at()
        .sql(
            "SELECT year, reporter, partner, product, flow, years.value_usd AS year_usd, "
            "months.value_usd AS months_usd, months FROM trade AS years JOIN "
            "(SELECT year, reporter, partner, product, flow, sum(value_usd) AS value_usd, "
            "count(*) AS months FROM trade_months GROUP BY ALL) AS months "
            "USING (year, reporter, partner, product, flow)"
        )
        .frame
    )
    assert both["year"].unique().sort().to_list() == [2020, 2021, 2022, 2023]
    assert both["months"].unique().to_list() == [12]
    apart = both["months_usd"] / both["year_usd"] - 1
    assert apart.abs().max() < APART + 0.003
    assert apart.abs().median() > 0.001


def test_partners_and_chapters_are_the_world_of_a_month(demo_lake: DemoLake) -> None:
    rows = (
        demo_lake.at()
        .sql(
            "SELECT reporter, flow, period, "
            "sum(value_usd) FILTER (partner = 'WLD' AND product = 'TOTAL') AS world, "
            "sum(value_usd) FILTER (partner <> 'WLD') AS partners, "
            "sum(value_usd) FILTER (partner = 'WLD' AND product <> 'TOTAL') AS chapters "
            "FROM trade_months GROUP BY ALL"
        )
        .frame
    )
    assert (rows["world"] == rows["chapters"]).all()
    extra = rows["world"] / rows["partners"] - 1
    assert extra.min() > 0 and extra.max() < 0.06


def test_months_have_a_rhythm_of_their_own(demo_lake: DemoLake) -> None:
    shares = (
        demo_lake.at()
        .sql(
            "SELECT month(period) AS month, sum(value_usd) AS value FROM trade_months "
            "WHERE year = 2022 AND partner = 'WLD' AND product = 'TOTAL' GROUP BY ALL ORDER BY 1"
        )
        .frame["value"]
    )
    assert 0.05 < (shares / shares.mean()).std() < 0.3


def test_who_reports_months_and_when(demo_lake: DemoLake) -> None:
    """Seven to ten weeks after the month's end; eleven weeks later in China; now and then six."""
    rows = (
        demo_lake.at()
        .sql(
            "SELECT reporter, period, min(known_at) AS known_at, count(DISTINCT known_at) AS days "
            "FROM trade_months GROUP BY ALL"
        )
        .frame
    )
    assert sorted(rows["reporter"].unique()) == REPORTERS
    assert not set(WITHOUT_MONTHS) & set(REPORTERS)
    assert rows["days"].unique().to_list() == [1]
    after = rows.with_columns(
        (pl.col("known_at").dt.date() - pl.col("period").dt.offset_by("1mo"))
        .dt.total_days()
        .alias("after")
    )
    usual = dict(after.group_by("reporter").agg(pl.col("after").median()).iter_rows())
    assert all(50 <= usual[code] < 70 for code in REPORTERS if code != "CHN")
    assert 125 <= usual["CHN"] < 145
    put_off = after.filter((pl.col("reporter") != "CHN") & (pl.col("after") > 70))
    assert 0 < put_off.height < 0.1 * after.height
    spring = demo_lake.at(datetime(2024, 5, 1, tzinfo=UTC))
    last = dict(
        spring.sql("SELECT reporter, max(period) FROM trade_months GROUP BY 1").frame.iter_rows()
    )
    assert last["CHN"] < last["USA"] <= date(2024, 3, 1)


@pytest.mark.parametrize("until", [date(2015, 12, 31), date(2020, 2, 10)])
def test_a_world_that_ends_before_any_month_is_published(until: date) -> None:
    spec = make_spec(SEED, until, "small")
    economy = make_world(spec).economy
    assert trade_months_table(spec, economy, trade_flows(spec, economy)).num_rows == 0
