"""Flows by partner, product and year: what is never added up, and when it is there at all."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from analytics.trade.flows import trade_partners, trade_products, trade_totals
from analytics.trade.history import trade_history
from analytics.trade.reporters import trade_reporters
from data.lake import Lake
from data.query import Db
from ingest.sources.demo_world.trade import is_late
from tests.analytics.trade.flows_table import NOW, flow, table
from tests.demo_fixture import DemoLake


def lines(frame: object) -> dict[str, dict[str, object]]:
    return {row["code"]: row for row in frame.iter_rows(named=True)}  # type: ignore[attr-defined] # rows of a frame


def test_the_world_is_never_summed_with_partners(lake: Lake, db: Db) -> None:
    """The naive sum of all rows is 200, twice the true total of 100."""
    rows = table(
        flow("DEU", "FRA", 50.0),
        flow("DEU", "USA", 30.0),
        flow("DEU", "S19", 10.0),
        flow("DEU", "_X", 6.0),
        flow("DEU", "E19", 3.0),
        flow("DEU", "DEU", 1.0),
        flow("DEU", "WLD", 100.0),
    )
    assert rows["value_usd"].sum() == 200
    lake.upsert("trade", rows)
    found = lines(trade_partners(db.at(NOW), country="DEU", year=2022).frame)
    assert found["sum"]["value_usd"] == found["world"]["value_usd"] == 100
    assert found["difference"]["value_usd"] == 0
    assert [found[code]["kind"] for code in ("S19", "_X", "E19", "own")] == [
        *("country", "unspecified", "unspecified", "own")
    ]
    assert found["FRA"]["share"] == pytest.approx(50 / 90)
    assert found["_X"]["share"] is None
    totals = trade_totals(db.at(NOW), country="DEU", year=2022).frame.row(0, named=True)
    assert (totals["partners_usd"], totals["world_usd"], totals["gap"]) == (100, 100, 0)
    assert totals["named"] == 0.9
    assert totals["unspecified_usd"] == 9


def test_the_rest_is_one_line_and_growth_and_unit_values_need_both(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade",
        table(
            *(flow("DEU", code, 10.0 + at, net_weight_kg=5.0) for at, code in enumerate("ABCDE")),
            flow("DEU", "E", 7.0, year=2021),
            flow("DEU", "D", 12.0, "import"),
        ),
    )
    found = lines(trade_partners(db.at(NOW), country="DEU", year=2022, top=2).frame)
    assert list(found) == ["E", "D", "other", "sum"]
    assert found["other"]["value_usd"] == 33
    assert found["other"]["codes"] == 3
    assert found["E"]["growth"] == 1.0
    assert found["D"]["growth"] is None
    assert found["E"]["unit_value_usd_kg"] == 14 / 5
    assert found["D"]["balance_usd"] == 1.0
    assert found["E"]["balance_usd"] is None
    assert (found["E"]["valuation"], found["D"]["opposite_valuation"]) == ("FOB", "CIF")


def test_a_year_that_is_not_published_is_not_there(lake: Lake, db: Db) -> None:
    lake.upsert("trade", table(flow("DEU", "FRA", 5.0), flow("DEU", "FRA", 4.0, year=2021)))
    known = datetime(2023, 6, 1, tzinfo=UTC)
    before = datetime(2023, 5, 31, tzinfo=UTC)
    assert trade_partners(db.at(known), country="DEU", year=2022).frame.height
    assert not trade_partners(db.at(before), country="DEU", year=2022).frame.height
    assert trade_partners(db.at(before), country="DEU").frame["year"].unique().to_list() == [2021]
    assert trade_history(db.at(before), country="DEU").frame["year"].to_list() == [2021]


def test_a_union_beside_its_members_is_never_added(lake: Lake, db: Db) -> None:
    """France and Germany sell 10 and 20 outside and 5 to each other; the union says 30."""
    lake.upsert(
        "trade",
        table(
            flow("FRA", "USA", 10.0),
            flow("FRA", "DEU", 5.0),
            flow("FRA", "WLD", 15.0),
            flow("DEU", "USA", 20.0),
            flow("DEU", "FRA", 5.0),
            flow("DEU", "WLD", 25.0),
            flow("EUR", "USA", 30.0),
            flow("EUR", "WLD", 30.0),
            flow("DEU", "EUR", 5.0),
        ),
    )
    found = lines(trade_partners(db.at(NOW), country="EU", year=2022).frame)
    assert found["USA"]["value_usd"] == 30
    assert found["inside"]["value_usd"] == 10
    assert found["world"]["value_usd"] == found["sum"]["value_usd"] == 40
    assert "EUR" not in found
    both = trade_partners(db.at(NOW), country="DEU,FRA", year=2022).frame
    assert lines(both)["USA"]["reporters"] == 2


def test_two_editions_in_a_report_are_not_mixed_and_break_a_series(lake: Lake, db: Db) -> None:
    """2022 has three lines of HS2022 and one of HS2017, which is left out; growth is not given."""
    lake.upsert(
        "trade",
        table(
            flow("DEU", "WLD", 1.0, product="84", year=2021),
            *(flow("DEU", "WLD", 2.0, product=code) for code in ("84", "85", "87")),
            flow("DEU", "WLD", 9.0, product="90", classification="HS2017"),
            flow("DEU", "WLD", 15.0),
            flow("DEU", "WLD", 10.0, year=2021),
        ),
    )
    found = lines(trade_products(db.at(NOW), country="DEU", year=2022).frame)
    assert "90" not in found
    assert found["sum"]["value_usd"] == 6
    assert found["84"]["editions_in_report"] == 2
    assert found["84"]["growth"] is None
    assert found["84"]["break_reason"] == "edition"
    assert found["total"]["growth"] == 0.5
    history = trade_history(db.at(NOW), country="DEU", product="84").frame
    assert history["break_reason"].to_list() == [None, "edition"]
    assert history["growth"].to_list() == [None, None]
    assert trade_history(db.at(NOW), country="DEU").frame["growth"].to_list() == [None, 0.5]


def test_goods_that_are_not_specified_are_a_line_of_their_own(lake: Lake, db: Db) -> None:
    lake.upsert(
        "trade",
        table(
            flow("DEU", "WLD", 7.0, product="84"),
            flow("DEU", "WLD", 2.0, product="99"),
            flow("DEU", "WLD", 10.0),
        ),
    )
    found = lines(trade_products(db.at(NOW), country="DEU", year=2022).frame)
    assert found["99"]["kind"] == "unspecified"
    assert found["84"]["share"] == 1.0
    assert found["difference"]["value_usd"] == 1.0


def test_a_second_source_is_not_added_to_the_first(lake: Lake, db: Db) -> None:
    lake.upsert("trade", table(flow("DEU", "FRA", 5.0), flow("DEU", "WLD", 5.0)))
    lake.upsert("trade", table(flow("DEU", "FRA", 6.0, source="another")))
    found = lines(trade_partners(db.at(NOW), country="DEU", year=2022).frame)
    assert found["FRA"]["value_usd"] == found["sum"]["value_usd"] == 5


def test_late_reporters_are_named_with_their_day(lake: Lake, db: Db) -> None:
    """France publishes on 1 June, Peru always 300 days after the year, Chad for the first time."""
    rows = [flow("FRA", "USA", 1.0, year=year) for year in range(2018, 2023)]
    slow = {year: datetime(year + 1, 10, 28, tzinfo=UTC) for year in range(2018, 2022)}
    rows += [flow("PER", "USA", 1.0, year=year, known_at=at) for year, at in slow.items()]
    rows += [flow("OLD", "USA", 1.0, year=2018)]
    lake.upsert("trade", table(*rows))
    summer = trade_reporters(db.at(datetime(2023, 7, 1, tzinfo=UTC)), year=2022).frame
    found = {row["reporter"]: row for row in summer.iter_rows(named=True)}
    assert found["FRA"]["status"] == "reported"
    assert found["PER"]["status"] == "expected"
    assert found["PER"]["expected_on"] == date(2023, 10, 28)
    assert found["PER"]["last_year"] == 2021
    assert found["OLD"]["status"] == "silent"
    winter = trade_reporters(db.at(datetime(2023, 12, 1, tzinfo=UTC)), year=2022).frame
    assert dict(winter.select("reporter", "status").iter_rows())["PER"] == "late"


def test_a_first_look_at_an_old_year_is_no_habit(lake: Lake, db: Db) -> None:
    """Of three years one was taken from a list as it stands today: its day says nothing."""
    rows = [
        flow("PER", "USA", 1.0, year=2018),
        flow("PER", "USA", 1.0, year=2019, vintage_grade="current"),
        flow("PER", "USA", 1.0, year=2020),
    ]
    lake.upsert("trade", table(*rows, flow("FRA", "USA", 1.0, year=2021)))
    found = trade_reporters(db.at(NOW), year=2021).frame.filter(reporter="PER")
    assert found["usual_days"].to_list() == [151.0]


def test_planted_late_reporters_are_found(demo_lake: DemoLake) -> None:
    """Those whom the demo world lets report a year later are the slowest of all."""
    frame = trade_reporters(demo_lake.at(), year=2022).frame
    planted = {code for code in frame["reporter"] if is_late(code)}
    ranked = frame.sort("usual_days", descending=True)["reporter"].to_list()
    assert planted
    assert set(ranked[: len(planted)]) == planted
    missing = trade_reporters(demo_lake.at(), year=2023).frame.filter(
        pl.col("status").is_in(["expected", "late"])
    )
    assert planted <= set(missing["reporter"])


def test_concentration_over_time_by_hand(lake: Lake, db: Db) -> None:
    """Shares 0.5, 0.3 and 0.2: 0.38, normalised (0.38 - 1/3) / (2/3) = 0.07, 1/0.38 = 2.63."""
    lake.upsert("trade", table(flow("A", "B", 5.0), flow("A", "C", 3.0), flow("A", "D", 2.0)))
    row = trade_history(db.at(NOW), country="A").frame.row(0, named=True)
    assert row["hhi"] == pytest.approx(0.38)
    assert row["hhi_normalised"] == pytest.approx(0.07)
    assert row["effective_partners"] == pytest.approx(1 / 0.38)
    assert row["is_sum"]
    assert row["concentration"] == "high"


def test_a_world_that_one_member_states_is_no_whole_of_a_group(lake: Lake, db: Db) -> None:
    """Germany states 100 for the World, France names partners for 80 and no World."""
    rows = [
        flow("DEU", "USA", 60.0),
        flow("DEU", "FRA", 40.0),
        flow("DEU", "WLD", 100.0),
        flow("FRA", "USA", 70.0),
        flow("FRA", "DEU", 10.0),
    ]
    lake.upsert("trade", table(*rows))
    at = db.at(NOW)
    found = lines(trade_partners(at, country="DEU,FRA", year=2022).frame)
    assert found["sum"]["value_usd"] == 180
    assert "world" not in found
    assert "difference" not in found
    totals = trade_totals(at, country="DEU,FRA", year=2022).frame.row(0, named=True)
    assert (totals["partners_usd"], totals["world_usd"], totals["gap"]) == (180, 100, 0)
    assert (totals["named"], totals["goods_gap"]) == (0.6, 0)  # the rest is inside
    lake.upsert("trade", table(flow("FRA", "WLD", 90.0)))
    found = lines(trade_partners(db.at(NOW), country="DEU,FRA", year=2022).frame)
    assert (found["world"]["value_usd"], found["difference"]["value_usd"]) == (190, 10)
    totals = trade_totals(db.at(NOW), country="DEU,FRA", year=2022).frame.row(0, named=True)
    assert totals["gap"] == pytest.approx(180 / 190 - 1)


def test_a_balance_with_the_world_needs_the_world_of_all_members(lake: Lake, db: Db) -> None:
    """Both state what they sold to the World, Germany alone what it bought from it."""
    rows = [flow(member, "WLD", 100.0) for member in ("DEU", "FRA")]
    rows += [flow("DEU", "WLD", 70.0, "import"), flow("FRA", "USA", 50.0, "import")]
    lake.upsert("trade", table(*rows))
    found = lines(trade_partners(db.at(NOW), country="DEU,FRA", year=2022).frame)
    assert found["world"]["value_usd"] == 200
    assert found["world"]["opposite_usd"] is None and found["world"]["balance_usd"] is None
    lake.upsert("trade", table(flow("FRA", "WLD", 60.0, "import")))
    found = lines(trade_partners(db.at(NOW), country="DEU,FRA", year=2022).frame)
    assert found["world"]["opposite_usd"] == 130 and found["world"]["balance_usd"] == 70


def test_products_without_a_world_are_compared_by_what_is_stated(lake: Lake, db: Db) -> None:
    """Of 27 a World of 50 is stated, of 84 none: nothing is named twice as much as the World."""
    rows = [
        flow("DEU", "USA", 40.0, product="27"),
        flow("DEU", "WLD", 50.0, product="27"),
        flow("DEU", "USA", 50.0, product="84"),
        flow("DEU", "WLD", 100.0),
    ]
    lake.upsert("trade", table(*rows))
    totals = trade_totals(db.at(NOW), country="DEU", year=2022).frame
    row = totals.filter(level=2).row(0, named=True)
    assert row["gap"] == pytest.approx(-0.2)
    assert row["named"] == pytest.approx(0.8)
    assert row["goods_gap"] == 0


def test_re_exports_that_are_stated_of_the_world_alone_are_shown(lake: Lake, db: Db) -> None:
    rows = [
        flow("NLD", "DEU", 60.0),
        flow("NLD", "WLD", 60.0),
        flow("NLD", "WLD", 25.0, "re-export"),
    ]
    lake.upsert("trade", table(*rows))
    found = lines(trade_partners(db.at(NOW), country="NLD", year=2022).frame)
    assert found["again"]["value_usd"] == 25
    assert found["sum"]["value_usd"] == 60
    lake.upsert("trade", table(flow("NLD", "DEU", 20.0, "re-export")))
    found = lines(trade_partners(db.at(NOW), country="NLD", year=2022).frame)
    assert found["again"]["value_usd"] == 20  # by partner, and not the World beside it


def test_partners_that_are_few_of_a_world_are_not_called_spread(lake: Lake, db: Db) -> None:
    """Ten even partners of 40 in 100: a main one is missing, and nothing is said."""
    even = [flow("DEU", f"A{letter}A", 4.0) for letter in "ABCDEFGHIJ"]
    lake.upsert("trade", table(*even, flow("DEU", "WLD", 100.0)))
    row = trade_history(db.at(NOW), country="DEU").frame.row(0, named=True)
    assert (row["hhi"], row["concentration"]) == (None, "insufficient coverage")
    lake.upsert("trade", table(flow("DEU", "USA", 60.0)))
    row = trade_history(db.at(NOW), country="DEU").frame.row(0, named=True)
    assert row["hhi"] == pytest.approx(0.36 + 10 * 0.0016)
    assert row["concentration"] == "high"
