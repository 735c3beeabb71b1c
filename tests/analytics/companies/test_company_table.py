"""Screens by ranges and places, and what the table shows beside the accounts: by hand."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from analytics.companies.company_table import company_table
from analytics.companies.screen import company_screen, screen_rows
from analytics.companies.screen_text import Bounds, ScreenText
from analytics.markets.market import market
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.companies.filed_facts import fact, file_facts
from tests.analytics.companies.test_screen import small_world
from tests.analytics.quotes import FIRST, quotes, table
from tests.demo_fixture import DemoLake

NOW = datetime(2024, 4, 1, tzinfo=UTC)


def names(db: Db, universe: str, at: datetime = NOW) -> list[str]:
    return company_screen(db.at(at), universe=universe).frame["company"].to_list()


def place(company: str, code: str, revenue: float, known: datetime) -> dict[str, object]:
    return {
        "company": company,
        "place": code,
        "period_end": date(2023, 12, 31),
        "year": 2023,
        "revenue": revenue,
        "currency": "USD",
        "source": "sec",
        "known_at": known,
        "vintage_grade": "native",
    }


def test_ranges_count_both_ends_in_and_leave_out_what_is_not_known(lake: Lake, db: Db) -> None:
    small_world(lake)
    margins = {"x:a": 0.11, "x:b": 0.112, "x:c": 0.2, "x:d": 0.111}
    frame = company_screen(db.at(NOW)).frame
    assert dict(frame.select("company", "net_margin").iter_rows()) == pytest.approx(margins)
    low, high = frame.filter(company="x:d")["net_margin"][0], frame["net_margin"].max()
    assert names(db, f"net_margin:{low!r}..{high!r}") == ["x:b", "x:c", "x:d"]
    assert names(db, "net_margin:..0.1105") == ["x:a"]
    assert names(db, "revenue_usd:11.5e6..1e8;sector:Industrials") == ["x:b", "x:c"]
    assert names(db, "market_value_usd:5e7..") == ["x:c"]
    assert names(db, "gross_margin:-10..10") == []
    rows = screen_rows(ScreenText.read("gross_margin:0..;sector:Materials"), db.at(NOW)).frame
    members = dict(rows.select("company", "is_member").iter_rows())
    assert members == {"x:a": False, "x:b": False, "x:c": False, "x:d": None}


def test_a_part_of_revenue_in_a_place_is_known_from_its_filing_on(lake: Lake, db: Db) -> None:
    small_world(lake)
    known = datetime(2024, 3, 1, 12, tzinfo=UTC)
    rows = [place("x:a", "DEU", 3.0, known), place("x:a", "USA", 7.0, known)]
    rows += [place("x:b", "DEU", 1.0, known), place("x:b", "USA", 9.0, known)]
    lake.upsert("exposures", pl.DataFrame(rows))
    assert names(db, "place:DEU:0.2..") == ["x:a"]
    assert names(db, "place:DEU:..1") == ["x:a", "x:b"]
    assert names(db, "place:DEU:..1", known - timedelta(seconds=1)) == []
    assert names(db, "place:DEU:..1", known) == ["x:a", "x:b"]
    shown = company_table(db.at(NOW), universe="place:USA").frame
    shares = dict(shown.select("company", "place_share").iter_rows())
    assert shares == {"x:a": 0.7, "x:b": 0.9, "x:c": None, "x:d": None}


@pytest.mark.parametrize(
    "text",
    ["kind:x", "pe:5", "pe:..", "pe:9..5", "pe:x..", "pe:nan..", "place:", "place:A:1..;place:B"],
)
def test_what_is_no_screen_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"expected (one of sector:|a range)"):
        ScreenText.read(text)


def test_a_screen_has_one_text() -> None:
    text = "pe:..15.50;country:DEU;place:CHN:0.2..;sector:Energy;market_value_usd:1e9.."
    once = ScreenText.read(text).text()
    assert once == "sector:Energy;country:DEU;market_value_usd:1000000000..;pe:..15.5;" + (
        "place:CHN:0.2.."
    )
    assert ScreenText.read(once) == ScreenText.read(text)
    assert Bounds.read("-0.1..", "x") == Bounds(-0.1, None)


def prices(count: int) -> dict[int, float | None]:
    """Closes of every weekday to 28 March 2024, uneven but known; the last as it was."""
    last = (date(2024, 3, 28) - FIRST).days
    days = [n for n in range(last + 1) if (FIRST + timedelta(days=n)).weekday() < 5][-count:]
    return {day: 10 + math.sin(at / 9) + at / 200 for at, day in enumerate(days)} | {last: 10.0}


def test_technicals_are_of_the_share_by_its_sessions(lake: Lake, db: Db) -> None:
    small_world(lake)
    closes = prices(300)
    lake.upsert("prices", table(quotes(closes, "x:as")))
    row = company_table(db.at(NOW), companies=["x:a"]).frame.row(0, named=True)
    known = [value for value in closes.values() if value is not None]
    for name, back in {"return_1m": 21, "return_3m": 63, "return_12m": 252}.items():
        assert row[name] == pytest.approx(known[-1] / known[-1 - back] - 1, rel=1e-9)
    steps = [math.log(b / a) for a, b in zip(known[-61:-1], known[-60:], strict=True)]
    assert row["volatility"] == pytest.approx(statistics.stdev(steps) * math.sqrt(252), rel=1e-9)
    assert row["from_high"] == pytest.approx(known[-1] / max(known[-252:]) - 1, rel=1e-9)
    assert row["price_path"] == pytest.approx(known[-60:])
    assert names(db, f"return_3m:{row['return_3m'] - 1e-9!r}..") == ["x:a"]
    other = company_table(db.at(NOW), companies=["x:b"]).frame.row(0, named=True)
    assert other["return_1m"] is other["volatility"] is None


def test_technicals_are_those_of_the_market_page(demo_lake: DemoLake) -> None:
    at = demo_lake.db.at(datetime.combine(_last_day(demo_lake), datetime.max.time(), tzinfo=UTC))
    rows = company_table(at).frame.drop_nulls("return_1m")
    assert rows.height
    moves = market(at, sessions=21, symbols=rows["symbol"].to_list()).frame
    beside = rows.select("symbol", "return_1m", "from_high").join(
        moves, left_on=["symbol"], right_on=["symbol"], suffix="_market"
    )
    for row in beside.iter_rows(named=True):
        assert row["return_1m"] == pytest.approx(row["total_return"], rel=1e-12)
        if row["from_high_market"] is not None:
            assert row["from_high"] == row["from_high_market"]


def _last_day(demo_lake: DemoLake) -> date:
    late = demo_lake.db.at(datetime(2100, 1, 1, tzinfo=UTC))
    day: date = late.sql("SELECT max(date) AS day FROM prices").frame["day"][0]
    return day


def test_the_line_of_revenue_is_of_twelve_months_to_each_end(lake: Lake, db: Db) -> None:
    small_world(lake)
    earlier = date(2022, 1, 1), date(2022, 12, 31)
    file_facts(lake, [fact("Revenues", *earlier, 7e6, form="10-K") | {"company": "x:a"}])
    found = company_table(db.at(NOW), top=1).frame
    assert found.filter(pl.col("revenue_path").is_not_null())["company"].to_list() == ["x:c"]
    row = company_table(db.at(NOW), companies=["x:a"]).frame.row(0, named=True)
    assert row["revenue_path"] == [7e6, 10e6]


def test_a_kept_screen_adds_no_query_twice(lake: Lake, db: Db) -> None:
    """The screen was kept from an earlier read; what is asked anew is the same query."""
    small_world(lake)
    company_screen(db.at(NOW))
    asked = company_table(db.at(NOW)).asked
    assert len({(run.sql, str(run.params)) for run in asked}) == len(asked)
