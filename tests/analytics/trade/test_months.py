"""Trade by month: a report of its own, never a part of the year, compared with its own month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.trade.flows import trade_partners, trade_products, trade_totals
from analytics.trade.history import trade_month_history
from analytics.trade.mirror import trade_pair
from analytics.trade.periods import trade_periods
from analytics.trade.reading import month_reports
from analytics.trade.reporters import trade_reporters
from data.errors import ConfigError
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


def test_of_two_grades_of_one_instant_the_better_one_dates_a_month(lake: Lake, db: Db) -> None:
    """Whichever of the rows is read first, so that a receipt finds the same."""
    both = (("FRA", "USA"), ("USA", "FRA"))
    rows = [
        month_flow("DEU", partner, 1.0, f"2024-0{number}", vintage_grade=grade)
        for number, partners in enumerate(both, 1)
        for partner, grade in zip(partners, ("lagged", "native"), strict=True)
    ]
    lake.upsert("trade_months", table(*rows))
    found = month_reports(db.at(NOW), 2024, 2024).frame
    assert found.select("month", "vintage_grade").rows() == [(1, "native"), (2, "native")]


def test_without_any_report_there_is_no_period(db: Db) -> None:
    assert trade_periods(db.at(NOW), country="DEU").frame.is_empty()


def lines(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in frame.iter_rows(named=True)}


def test_a_month_is_compared_with_the_same_month_of_the_year_before(lake: Lake, db: Db) -> None:
    """May: 12 after 8, up a half; April and the whole year say nothing of it."""
    lake.upsert(
        "trade_months",
        table(
            month_flow("DEU", "USA", 8.0, "2023-05"),
            month_flow("DEU", "FRA", 2.0, "2023-05"),
            month_flow("DEU", "USA", 99.0, "2024-04"),
            month_flow("DEU", "USA", 12.0, "2024-05"),
            month_flow("DEU", "FRA", 4.0, "2024-05"),
            month_flow("DEU", "_X", 1.0, "2024-05"),
            month_flow("DEU", "WLD", 18.0, "2024-05"),
            month_flow("DEU", "USA", 20.0, "2024-05", "import"),
        ),
    )
    lake.upsert("trade", table(flow("DEU", "USA", 500.0), flow("DEU", "WLD", 500.0)))
    found = lines(trade_partners(db.at(NOW), country="DEU", month="2024-05").frame)
    assert found["USA"]["value_usd"] == 12 and found["USA"]["previous_usd"] == 8
    assert found["USA"]["growth"] == 0.5
    assert found["USA"]["share"] == 0.75
    assert found["USA"]["balance_usd"] == -8
    assert found["USA"]["period"] == "2024-05" and found["USA"]["year"] == 2024
    assert found["_X"]["kind"] == "unspecified" and found["_X"]["share"] is None
    assert found["sum"]["value_usd"] == 17
    assert found["world"]["value_usd"] == 18
    assert found["difference"]["value_usd"] == 1
    assert trade_partners(db.at(NOW), country="DEU", month="2024-06").frame.is_empty()
    years = lines(trade_partners(db.at(NOW), country="DEU").frame)
    assert years["world"]["value_usd"] == 500 and years["world"]["period"] == "2022"
    with pytest.raises(ConfigError, match="expected a month such as 2024-05"):
        trade_partners(db.at(NOW), country="DEU", month="2024-13")


def test_a_month_is_there_from_its_publication(lake: Lake, db: Db) -> None:
    """May is published on 10 July, and restated, higher, on 1 September."""
    known = datetime(2024, 7, 10, tzinfo=UTC)
    later = datetime(2024, 9, 1, tzinfo=UTC)
    lake.upsert("trade_months", table(month_flow("DEU", "USA", 5.0, "2024-05")))
    again = month_flow("DEU", "USA", 6.0, "2024-05", known_at=later)
    lake.upsert("trade_months", table(again))
    seen = {
        clock: trade_partners(db.at(clock), country="DEU", month="2024-05").frame
        for clock in (known - timedelta(seconds=1), known, later - timedelta(seconds=1), later)
    }
    values = [lines(frame).get("USA", {}).get("value_usd") for frame in seen.values()]
    assert values == [None, 5, 5, 6]
    history = trade_month_history(db.at(known - timedelta(seconds=1)), country="DEU").frame
    assert history.is_empty()


def test_products_and_totals_of_a_month(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade_months",
        table(
            month_flow("DEU", "WLD", 6.0, "2024-05", product="84"),
            month_flow("DEU", "WLD", 3.0, "2024-05", product="99"),
            month_flow("DEU", "WLD", 10.0, "2024-05"),
            month_flow("DEU", "USA", 9.0, "2024-05"),
            month_flow("DEU", "WLD", 4.0, "2023-05", product="84"),
            month_flow("DEU", "WLD", 4.0, "2022-05", product="84"),
        ),
    )
    found = lines(trade_products(db.at(NOW), country="DEU", month="2024-05").frame)
    assert found["84"]["share"] == 1 and found["84"]["growth"] == 0.5
    assert found["99"]["kind"] == "unspecified"
    assert found["total"]["value_usd"] == 10 and found["difference"]["value_usd"] == 1
    totals = trade_totals(db.at(NOW), country="DEU", month="2024-05").frame.rows(named=True)
    assert [(row["level"], row["partners_usd"], row["world_usd"]) for row in totals] == [
        (0, 9.0, 10.0),
        (2, None, 9.0),
    ]
    assert {row["period"] for row in totals} == {"2024-05"}


def test_an_edition_that_begins_in_a_month_breaks_growth_of_goods(lake: Lake, db: Db) -> None:
    """2021-12 is in HS2017, 2022-12 in HS2022: chapter 84 does not compare, all goods do."""
    rows = [
        month_flow("DEU", "WLD", value, month, product=product)
        for month, value in (("2021-12", 4.0), ("2022-12", 5.0))
        for product in ("84", "TOTAL")
    ]
    lake.upsert("trade_months", table(*rows))
    found = lines(trade_products(db.at(NOW), country="DEU", month="2022-12").frame)
    assert found["84"]["break_reason"] == "edition" and found["84"]["growth"] is None
    assert found["total"]["growth"] == 0.25
    history = trade_month_history(db.at(NOW), country="DEU", product="84").frame
    assert history["break_reason"].to_list() == [None, "edition"]
    assert trade_month_history(db.at(NOW), country="DEU").frame["growth"].to_list() == [None, 0.25]


def test_a_member_that_lacks_a_month_breaks_the_group(lake: Lake, db: Db) -> None:
    """As many have reported, but not the same ones."""
    lake.upsert(
        "trade_months",
        table(
            month_flow("DEU", "USA", 4.0, "2023-05"),
            month_flow("FRA", "USA", 4.0, "2024-05"),
            month_flow("DEU", "USA", 4.0, "2023-06"),
            month_flow("FRA", "USA", 2.0, "2023-06"),
            month_flow("DEU", "USA", 5.0, "2024-06"),
            month_flow("FRA", "USA", 4.0, "2024-06"),
        ),
    )
    may = lines(trade_partners(db.at(NOW), country="DEU,FRA", month="2024-05").frame)["USA"]
    assert (may["value_usd"], may["previous_usd"], may["growth"]) == (4, 4, None)
    assert may["break_reason"] == "reporters"
    june = lines(trade_partners(db.at(NOW), country="DEU,FRA", month="2024-06").frame)["USA"]
    assert june["growth"] == 0.5 and june["break_reason"] is None
    history = trade_month_history(db.at(NOW), country="DEU,FRA").frame
    assert history.select("period", "growth", "break_reason").rows() == [
        ("2023-05", None, None),
        ("2023-06", None, None),
        ("2024-05", None, "reporters"),
        ("2024-06", 0.5, None),
    ]


def months(first: int, count: int) -> list[str]:
    """Months from January of a year on."""
    return [f"{first + at // 12}-{at % 12 + 1:02}" for at in range(count)]


def test_twelve_months_are_summed_only_where_all_are_there(lake: Lake, db: Db) -> None:
    """1 to 25 in USD: the first sum is 78 in December, the last 234, a year after 90."""
    rows = [month_flow("DEU", "WLD", at + 1.0, name) for at, name in enumerate(months(2022, 25))]
    rows += [
        month_flow("PER", "WLD", 1.0, name)
        for name in months(2022, 25)
        if name not in ("2022-03", "2023-04")
    ]
    lake.upsert("trade_months", table(*rows))
    found = trade_month_history(db.at(NOW), country="DEU").frame
    sums = dict(found.select("period", "sum_12_usd").iter_rows())
    assert [sums[name] for name in ("2022-11", "2022-12", "2023-01", "2024-01")] == [
        None,
        78,
        90,
        234,
    ]
    last = found.row(-1, named=True)
    assert last["growth"] == pytest.approx(25 / 13 - 1)
    assert last["sum_12_growth"] == pytest.approx(234 / 90 - 1)
    with_holes = trade_month_history(db.at(NOW), country="PER").frame
    sums = dict(with_holes.select("period", "sum_12_usd").iter_rows())
    assert [name for name, value in sums.items() if value is not None] == ["2023-03"]
    reasons = dict(with_holes.select("period", "break_reason").iter_rows())
    assert [name for name, why in reasons.items() if why] == ["2023-03"]
    assert reasons["2023-03"] == "missing month"


def test_sums_of_a_group_need_the_same_members_all_along(lake: Lake, db: Db) -> None:
    rows = [month_flow("DEU", "WLD", 1.0, name) for name in months(2022, 14)]
    rows += [month_flow("FRA", "WLD", 1.0, name) for name in months(2022, 14)[1:]]
    lake.upsert("trade_months", table(*rows))
    found = trade_month_history(db.at(NOW), country="DEU,FRA").frame
    sums = dict(found.select("period", "sum_12_usd").iter_rows())
    assert {name: value for name, value in sums.items() if value} == {
        "2023-01": 24,
        "2023-02": 24,
    }


def test_a_member_without_a_world_counts_with_its_partners(lake: Lake, db: Db) -> None:
    """Germany states a World of 10, of which 2 are inside; France only 3 and 4, 4 of it inside."""
    rows = [
        month_flow("DEU", "WLD", 10.0, "2024-05"),
        month_flow("DEU", "FRA", 2.0, "2024-05"),
        month_flow("FRA", "USA", 3.0, "2024-05"),
        month_flow("FRA", "DEU", 4.0, "2024-05"),
    ]
    lake.upsert("trade_months", table(*rows))
    (row,) = trade_month_history(db.at(NOW), country="DEU,FRA").frame.rows(named=True)
    assert (row["value_usd"], row["is_sum"], row["inside_usd"]) == (11, True, 6)
    (alone,) = trade_month_history(db.at(NOW), country="DEU").frame.rows(named=True)
    assert (alone["value_usd"], alone["is_sum"]) == (10, False)
    (pair,) = trade_month_history(db.at(NOW), country="DEU", partner="fra").frame.rows(named=True)
    assert (pair["value_usd"], pair["is_sum"]) == (2, False)


def test_both_sides_of_a_month(lake: Lake, db: Db) -> None:
    """53 made FOB is 50, against 50: they agree; the report of the year is not used."""
    lake.upsert(
        "trade_months",
        table(
            month_flow("DEU", "USA", 50.0, "2024-05"),
            month_flow("USA", "DEU", 53.0, "2024-05", "import"),
            month_flow("USA", "DEU", 7.0, "2024-05"),
            month_flow("DEU", "FRA", 3.0, "2024-05", "import"),
            month_flow("USA", "DEU", 99.0, "2024-04", "import"),
        ),
    )
    lake.upsert("trade", table(flow("DEU", "USA", 900.0, year=2024, known_at=NOW)))
    frame = trade_pair(db.at(NOW), country="DEU", partner="USA", month="2024-05").frame
    out = frame.row(by_predicate=pl.col("seller") == "DEU", named=True)
    assert (out["exports_usd"], out["imports_usd"], out["gap"]) == (50, 53, 0)
    assert out["flag"] == "agrees" and out["reconciled_usd"] == 50
    assert out["period"] == "2024-05"
    back = frame.row(by_predicate=pl.col("seller") == "USA", named=True)
    assert back["flag"] == "one_sided"


def test_two_sources_and_groups_of_a_month_are_not_added(lake: Lake, db: Db) -> None:
    lake.upsert("trade_months", table(month_flow("DEU", "FRA", 5.0, "2024-05")))
    lake.upsert("trade_months", table(month_flow("DEU", "FRA", 6.0, "2024-05", source="another")))
    lake.upsert("trade_months", table(month_flow("DEU", "EUR", 5.0, "2024-05")))
    found = lines(trade_partners(db.at(NOW), country="DEU", month="2024-05").frame)
    assert found["FRA"]["value_usd"] == found["sum"]["value_usd"] == 5
    assert "EUR" not in found


def test_who_is_late_with_a_month(lake: Lake, db: Db) -> None:
    """Germany always 40 days after the month's end, Peru 130: May is due on 11 July, 9 October."""
    lags = {"DEU": 40, "PER": 130}
    rows = [
        month_flow(code, "USA", 1.0, name, known_at=after(name, lag))
        for code, lag in lags.items()
        for name in months(2023, 16)
    ]
    rows += [month_flow("FRA", "USA", 1.0, "2024-05"), month_flow("OLD", "USA", 1.0, "2023-01")]
    lake.upsert("trade_months", table(*rows))
    clock = datetime(2024, 9, 15, tzinfo=UTC)
    frame = trade_reporters(db.at(clock), month="2024-05").frame
    found = {row["reporter"]: row for row in frame.iter_rows(named=True)}
    assert {code: row["status"] for code, row in found.items()} == {
        "DEU": "late",
        "FRA": "reported",
        "OLD": "silent",
        "PER": "expected",
    }
    assert found["DEU"]["expected_on"] == date(2024, 7, 11)
    assert found["PER"]["expected_on"] == date(2024, 10, 9)
    assert found["PER"]["last_period"] == "2024-04" and found["PER"]["period"] == "2024-05"
    assert found["FRA"]["is_assumed"] and not found["DEU"]["is_assumed"]
    assert trade_reporters(
        db.at(datetime(2020, 1, 1, tzinfo=UTC)), month="2019-12"
    ).frame.is_empty()


def after(month: str, days: int) -> datetime:
    """So many days after the end of a month."""
    year, number = int(month[:4]), int(month[5:])
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC) + timedelta(days=days)
