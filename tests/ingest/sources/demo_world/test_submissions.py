"""Filings of the demo world: those of the accounts, what else companies report, planted errors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from data.filing_words import filing_forms, filing_items, form_kind, items_of
from tests.demo_fixture import DemoLake


def filings(lake: DemoLake, where: str = "true", as_of: datetime | None = None) -> pl.DataFrame:
    sql = f"SELECT * FROM filings WHERE {where} ORDER BY company, known_at, accession"
    return lake.at(as_of).sql(sql).frame


def of(lake: DemoLake, number: int, day: str) -> pl.DataFrame:
    return filings(lake, f"company = 'demo:co-{number:04d}' AND filed_on = DATE '{day}'")


def test_accounts_and_filings_are_the_same_filings(demo_lake: DemoLake) -> None:
    """Each accession of the accounts is a filing, with the form, the day and the instant there."""
    accounts = demo_lake.at().sql(
        "SELECT DISTINCT company, accession, form, period_end, known_at FROM fundamentals_vintages"
    )
    listed = filings(demo_lake, "form NOT LIKE '8-K%' AND form NOT LIKE 'NT%'")
    keys = ["company", "accession", "form", "period_end", "known_at"]
    told = accounts.frame.sort(keys)
    assert told.height > 1000
    assert told.rows() == listed.select(keys).sort(keys).rows()


def test_filing_days_are_weekdays_of_the_instant(demo_lake: DemoLake) -> None:
    found = filings(demo_lake)
    assert (found["filed_on"].dt.weekday() <= 5).all()
    assert (found["known_at"].dt.date() == found["filed_on"]).all()
    assert found.select("company", "accession").is_unique().all()
    assert found["url"].null_count() == found.height  # nothing invented lies at EDGAR


def test_forms_and_items_are_those_of_the_list(demo_lake: DemoLake) -> None:
    found = filings(demo_lake)
    forms = {form.removesuffix("/A") for form in found["form"]}
    assert (
        forms == {"10-K", "10-Q", "20-F", "6-K", "8-K", "NT 10-K", "NT 10-Q"} <= {*filing_forms()}
    )
    items = [item for words in found["items"] for item in items_of(words)]
    assert {item for item in items if item not in filing_items()} == {"9.99"}
    named = found.filter(pl.col("items").is_not_null())
    assert {form_kind(form) for form in named["form"]} == {"current"}


def test_results_come_on_the_day_of_the_report_or_shortly_before(demo_lake: DemoLake) -> None:
    found = filings(demo_lake, "company = 'demo:co-0005'")
    reports = found.filter(pl.col("form").is_in(["10-K", "10-Q"]))
    results = found.filter(pl.col("items").str.starts_with("2.02").fill_null(value=False))
    assert results.height == reports.height > 50
    early = (reports["filed_on"] - results["filed_on"]).dt.total_days()
    assert early.min() == 0
    assert 4 <= early.max() <= 8
    assert (reports["known_at"] > results["known_at"]).all()


def test_an_evening_filing_is_public_the_next_morning(demo_lake: DemoLake) -> None:
    (row,) = filings(demo_lake, "accepted_at <> known_at").to_dicts()
    assert (row["company"], row["form"]) == ("demo:co-0009", "10-Q")
    assert row["accepted_at"] == datetime(2017, 8, 1, 22, 40, tzinfo=UTC)
    assert row["known_at"] == datetime(2017, 8, 2, 11, 30, tzinfo=UTC)
    same = f"accession = '{row['accession']}'"
    assert filings(demo_lake, same, row["known_at"] - timedelta(seconds=1)).is_empty()
    assert filings(demo_lake, same, row["known_at"]).height == 1


def test_planted_filings(demo_lake: DemoLake) -> None:
    notices = filings(demo_lake, "form LIKE 'NT%'")
    assert notices.select("company", "form", "period_end").rows() == [
        ("demo:co-0003", "NT 10-Q", date(2018, 3, 31)),
        ("demo:co-0005", "NT 10-K", date(2016, 12, 31)),
    ]
    late = filings(demo_lake, "company = 'demo:co-0005' AND form = '10-K'")
    report = late.filter(period_end=date(2016, 12, 31))
    assert report["known_at"][0] > notices["known_at"][1]
    assert of(demo_lake, 4, "2019-03-14")["items"].to_list() == ["9.99"]
    twice = of(demo_lake, 13, "2018-10-09")
    assert twice["items"].to_list() == ["8.01", "8.01"]
    first, again = of(demo_lake, 9, "2020-02-18"), of(demo_lake, 9, "2020-03-05")
    assert (first["form"][0], again["form"][0]) == ("8-K", "8-K/A")
    assert first["period_end"][0] == again["period_end"][0]
    amended = filings(demo_lake, "form IN ('10-K/A', '10-Q/A', '6-K/A', '20-F/A')")
    assert amended["company"].to_list() == ["demo:co-0003", "demo:co-0008", "demo:co-0010"]
    warned = filings(demo_lake, "items = '4.02'")
    assert warned["company"].to_list() == ["demo:co-0003", "demo:co-0008"]
