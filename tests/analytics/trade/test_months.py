"""Trade by month: a report of its own, never a part of the year, compared with its own month."""

from __future__ import annotations

from datetime import UTC, datetime

from analytics.trade.periods import trade_periods
from data.lake import Lake
from data.query import Db
from tests.analytics.trade.flows_table import NOW, flow, month_flow, table


def test_periods_that_are_reported_newest_first(lake: Lake, db: Db) -> None:
    lake.upsert("trade", table(flow("DEU", "USA", 1.0, year=2021), flow("DEU", "USA", 2.0)))
    lake.upsert(
        "trade_months",
        table(*(month_flow("DEU", "USA", 1.0, month) for month in ("2023-12", "2024-02"))),
    )
    found = trade_periods(db.at(NOW), country="deu").frame
    assert found.select("kind", "period").rows() == [
        ("year", "2022"),
        ("year", "2021"),
        ("month", "2024-02"),
        ("month", "2023-12"),
    ]
    assert found["published_at"].to_list()[2] == datetime(2024, 4, 11, tzinfo=UTC)
    before = trade_periods(db.at(datetime(2024, 4, 10, 23, 59, tzinfo=UTC)), country="DEU").frame
    assert before["period"].to_list() == ["2022", "2021", "2023-12"]


def test_periods_of_a_group_say_how_many_have_reported(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade_months",
        table(
            month_flow("DEU", "USA", 1.0, "2024-02"),
            month_flow("FRA", "USA", 1.0, "2024-02"),
            month_flow("FRA", "USA", 1.0, "2024-03"),
            month_flow("PER", "USA", 1.0, "2024-04"),
        ),
    )
    found = trade_periods(db.at(NOW), country="DEU,FRA").frame
    columns = ("period", "reporters", "members", "is_whole")
    assert found.select(columns).rows() == [("2024-03", 1, 2, False), ("2024-02", 2, 2, True)]


def test_without_any_report_there_is_no_period(db: Db) -> None:
    assert trade_periods(db.at(NOW), country="DEU").frame.is_empty()
