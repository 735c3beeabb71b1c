"""Filings in words and company dates: recorded pages of EDGAR read by hand, and rules by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.companies.company_dates import companies_calendar, company_calendar
from analytics.companies.due_dates import coming_periods, expected_payments, expected_reports
from analytics.companies.filings import company_filings, filings_by_year
from analytics.core.catalogue import find
from data.lake import Lake
from data.query import Db
from ingest.sources.sec_edgar import SOURCE
from tests.demo_fixture import DemoLake
from tests.ingest.market import recorded

APPLE, TESLA = "sec:0000320193", "sec:0001318605"
PAGES = ("submissions_CIK0000320193.json", "submissions_CIK0001318605_8K_items.json")
SECOND = timedelta(seconds=1)


@pytest.fixture
def filers(lake: Lake, db: Db, shared: Path) -> Db:
    """Apple and Tesla as EDGAR's pages were recorded."""
    for page in PAGES:
        for name, table in SOURCE.parse(recorded(shared, f"sec_edgar/{page}")).tables.items():
            lake.upsert(name, table)
    return db


def lines(db: Db, clock: datetime, company: str, **fields: str) -> list[tuple[object, ...]]:
    frame = company_filings(db.at(clock), company=company, **fields).frame
    return frame.select("accession", "form", "form_name", "about", "flags").rows()


@pytest.mark.needs("shared")
def test_a_filing_is_listed_from_its_acceptance_on(filers: Db) -> None:
    """Apple's 8-K, accepted at 21:29:51 UTC; and its 10-Q of 30 January 2026, at 11:01:32."""
    for accession, at in (
        ("0001140361-26-015711", datetime(2026, 4, 20, 21, 29, 51, tzinfo=UTC)),
        ("0000320193-26-000006", datetime(2026, 1, 30, 11, 1, 32, tzinfo=UTC)),
    ):
        assert accession not in [row[0] for row in lines(filers, at - SECOND, APPLE)]
        assert lines(filers, at, APPLE)[0][0] == accession


@pytest.mark.needs("shared")
def test_an_evening_filing_is_listed_the_next_business_morning(filers: Db) -> None:
    """Tesla's 10-K/A, accepted on Friday 29 April 2022 at 18:05 in New York, dated on Monday; and
    an 8-K of a Friday evening, 12 March 2021 at 20:11, dated Monday the 15th."""
    monday = datetime(2022, 5, 2, 11, 30, tzinfo=UTC)
    row = ("0001564590-22-016871", "10-K/A", "annual report, amended", None, "amendment,evening")
    assert row not in lines(filers, monday - SECOND, TESLA)
    assert lines(filers, monday, TESLA)[0] == row
    monday = datetime(2021, 3, 15, 11, 30, tzinfo=UTC)
    assert "0001564590-21-012962" not in [r[0] for r in lines(filers, monday - SECOND, TESLA)]
    assert lines(filers, monday, TESLA)[0] == (
        *("0001564590-21-012962", "8-K", "current report", "directors or officers", "evening"),
    )


@pytest.mark.needs("shared")
def test_items_are_named_and_narrow_the_list(filers: Db) -> None:
    end = datetime(2026, 11, 1, tzinfo=UTC)
    results = lines(filers, end, TESLA, item="2.02")
    assert len(results) == 16  # as counted in the page
    assert results[1][3] == (
        "results of operations; Regulation FD disclosure; statements and exhibits"
    )
    assert [row[1] for row in lines(filers, end, TESLA, form="10-K")] == ["10-K/A", "10-K"] * 2
    years = filings_by_year(filers.at(end), company=APPLE).frame
    assert years.filter(pl.col("year") == 2025).rows() == [
        (2025, "annual", 1),
        (2025, "current", 10),
        (2025, "quarter", 3),
    ]


@pytest.mark.needs("shared")
def test_reports_of_apple_come_when_they_are_expected(filers: Db) -> None:
    """On 15 January 2026 four reports of December quarters are known, each 34 days after its end,
    results a day before. The next period ends 52 weeks later, on Saturday 27 December 2025: the
    results came on 29 January, the 10-Q on the 30th, as expected."""
    found = company_calendar(filers.at(datetime(2026, 1, 15, tzinfo=UTC)), company=APPLE).frame
    ahead = found.filter(pl.col("status") != "past")
    columns = ("date", "kind", "status", "period_end", "earliest", "latest", "years")
    assert ahead.select(columns).rows()[:2] == [
        (date(2026, 1, 29), "results", "expected", date(2025, 12, 27), *[date(2026, 1, 29)] * 2, 4),
        (date(2026, 1, 30), "quarter", "expected", date(2025, 12, 27), *[date(2026, 1, 30)] * 2, 4),
    ]
    assert ahead["rule"][0] == "median 33 days after period end"
    assert ahead["kind"].to_list()[2:] == ["results", "quarter"] * 2 + ["results", "annual"]
    after = company_calendar(filers.at(datetime(2026, 2, 1, tzinfo=UTC)), company=APPLE).frame
    past = after.filter(pl.col("status") == "past")
    assert past.select("date", "kind").rows()[:2] == [
        (date(2026, 1, 30), "quarter"),
        (date(2026, 1, 29), "results"),
    ]
    late = company_calendar(filers.at(datetime(2026, 5, 5, tzinfo=UTC)), company=APPLE).frame
    assert late.select("kind", "status").rows()[0] == ("results", "overdue")


@pytest.mark.needs("shared")
def test_deliveries_of_tesla_are_not_its_results(filers: Db) -> None:
    """Item 2.02 is named for the deliveries on 3 October 2022 as well, two days after the quarter:
    results are those nearest to the report, 20 days after the quarter a year before."""
    clock = datetime(2022, 10, 10, tzinfo=UTC)
    found = company_calendar(filers.at(clock), company=TESLA).frame
    results = found.filter(kind="results", period_end=date(2022, 9, 30))
    assert results.select("date", "status", "years").rows() == [(date(2022, 10, 20), "expected", 1)]
    past = found.filter(kind="results", period_end=date(2022, 6, 30))
    assert past["accession"].to_list() == ["0001564590-22-026048"]  # 20 July, not 5 July
    both = companies_calendar(filers.at(clock), companies=[APPLE, TESLA, TESLA, "sec:1"]).frame
    assert set(both["company"]) == {APPLE, TESLA}
    assert both["date"].is_sorted()
    of_tesla = both.filter(company=TESLA).select("date", "kind").rows()
    assert of_tesla == found.filter(pl.col("status") != "past").select("date", "kind").rows()


@pytest.mark.needs("shared")
def test_what_the_sec_says_of_a_filer(filers: Db) -> None:
    profile = find("company_profile").call
    (then,) = profile(filers.at(datetime(2019, 1, 1, tzinfo=UTC)), company=APPLE).frame.to_dicts()
    assert (then["name"], then["former_names"]) == (
        "APPLE INC",
        "APPLE COMPUTER INC (until Jan 2007)",
    )
    assert then["category"] is None  # known since the page was read
    (now,) = profile(filers.at(datetime(2026, 12, 1, tzinfo=UTC)), company=APPLE).frame.to_dicts()
    assert now["former_names"] == (
        "APPLE INC (until Aug 2019); APPLE COMPUTER INC (until Jan 2007)"
    )
    assert (now["category"], now["fiscal_year_end"]) == ("Large accelerated filer", "09-26")
    assert (now["industry"], now["country"]) == ("Electronic Computers", "USA")


def test_expected_dates_by_hand() -> None:
    """Lags of 40, 44, 38 days: median 40, range 38 to 44; Sunday 10 May 2026 becomes Monday."""
    filed = {
        date(2023, 3, 31): date(2023, 5, 10),
        date(2024, 3, 31): date(2024, 5, 14),
        date(2025, 3, 31): date(2025, 5, 8),
        date(2025, 6, 30): date(2025, 8, 1),
    }
    today = date(2026, 1, 1)
    assert coming_periods(filed) == [date(2026, 3, 31), date(2026, 6, 30)]
    first, second = expected_reports(filed, coming_periods(filed), today)
    assert (first.day, first.earliest, first.latest) == (
        date(2026, 5, 11),
        date(2026, 5, 8),
        date(2026, 5, 14),
    )
    assert (first.count, first.middle, second.count) == (3, 40, 1)
    assert first.state(date(2026, 5, 14)) == "expected"
    assert first.state(date(2026, 5, 15)) == "overdue"
    assert expected_reports(filed, coming_periods(filed), date(2028, 1, 1)) == []
    assert coming_periods([]) == []
    saturdays = [date(2024, 9, 28) + timedelta(weeks=13 * n) for n in range(6)]
    assert coming_periods(saturdays)[0] == saturdays[2] + timedelta(weeks=52)


def test_expected_ex_dates_by_hand() -> None:
    """Half-yearly: 362 and 367 days apart in May, so half-way 364 days after the last one."""
    paid = [date(2023, 5, 10), date(2024, 5, 6), date(2025, 5, 8), date(2024, 11, 4)]
    paid.append(date(2025, 11, 3))
    first, second = expected_payments(paid, date(2025, 12, 1))
    assert (first.day, first.count, first.middle) == (date(2026, 5, 7), 2, 364)
    assert (first.earliest, first.latest) == (date(2026, 5, 5), date(2026, 5, 11))
    assert (second.since, second.count) == (date(2025, 11, 3), 1)
    assert (
        expected_payments(paid, date(2028, 1, 1)) == expected_payments([], date(2025, 1, 1)) == []
    )


def test_dates_of_the_demo_world(demo_lake: DemoLake) -> None:
    """A dividend and a split are there from the close of their day on; a delisted share has none
    to come, and its delisting is there from its announcement on."""
    at = demo_lake.at()
    paid = at.sql(
        "SELECT company, date, prices.known_at FROM prices JOIN instruments USING (symbol) "
        "WHERE dividend > 0 AND prices.source = 'demo' AND company IS NOT NULL "
        "ORDER BY prices.known_at DESC, company LIMIT 1"
    ).frame.row(0, named=True)

    def kinds(clock: datetime, company: str, **wanted: object) -> pl.DataFrame:
        found = company_calendar(demo_lake.at(clock), company=company).frame
        return found.filter(**wanted)

    day = {"kind": "dividend", "date": paid["date"], "status": "past"}
    assert kinds(paid["known_at"] - SECOND, paid["company"], **day).is_empty()
    assert kinds(paid["known_at"], paid["company"], **day).height == 1
    told = datetime(2021, 8, 27, tzinfo=UTC)  # three weeks before 17 September 2021
    gone = {"kind": "delisting", "status": "announced"}
    assert kinds(told - SECOND, "demo:co-0012", **gone).is_empty()
    assert kinds(told, "demo:co-0012", **gone)["date"].to_list() == [date(2021, 9, 17)]
    after = kinds(datetime(2021, 10, 1, tzinfo=UTC), "demo:co-0012")
    assert after.filter(pl.col("status") != "past", kind="dividend").is_empty()
    late = kinds(datetime(2017, 4, 10, tzinfo=UTC), "demo:co-0005")
    assert late.filter(kind="late notice")["period_end"].to_list() == [date(2016, 12, 31)]
    assert late.filter(kind="annual", status="overdue")["period_end"].to_list() == [
        date(2016, 12, 31)
    ]


def test_flags_of_planted_filings(demo_lake: DemoLake) -> None:
    def flagged(number: int, day: date) -> list[tuple[object, ...]]:
        found = company_filings(demo_lake.at(), company=f"demo:co-{number:04d}").frame
        return found.filter(filed_on=day).select("form", "about", "flags").rows()

    assert flagged(4, date(2019, 3, 14)) == [("8-K", "item not in the list", "unknown_item")]
    assert flagged(13, date(2018, 10, 9)) == [
        ("8-K", "other events", "same_items"),
        ("8-K", "other events", None),
    ]
    assert flagged(9, date(2020, 3, 5)) == [("8-K/A", "directors or officers", "amendment")]
    assert ("10-Q", None, "evening") in flagged(9, date(2017, 8, 2))
    assert flagged(5, date(2017, 3, 31))[0][2] == "late_notice"
