"""Statements by year, quarter and twelve months: by hand, and as real companies filed them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from analytics.companies.statements import company_statements
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from tests.analytics.companies.filed_facts import (
    Row,
    about,
    balance,
    company_facts_json,
    fact,
    file_facts,
    instance_csv,
    shared,
)

LATE = datetime(2026, 1, 1, tzinfo=UTC)
EXACT = 1e-9


def lines(db: Db, concept: str, period: str = "annual", at: datetime = LATE) -> pl.DataFrame:
    """One line of the accounts of the example, oldest first."""
    answer = company_statements(db.at(at), company="x:co", period=period, top=99)
    return answer.frame.filter(concept=concept).sort("period_end")


def to_date(year: int, sums: list[float], concept: str = "Revenues") -> list[Row]:
    """Year-to-date sums of a calendar year, and its quarters but for the last."""
    ends = [date(year, 3, 31), date(year, 6, 30), date(year, 9, 30), date(year, 12, 31)]
    rows, before = [], 0.0
    for number, (end, total) in enumerate(zip(ends, sums, strict=False)):
        form = "10-K" if number == 3 else "10-Q"
        rows.append(fact(concept, date(year, 1, 1), end, total, form=form))
        if 0 < number < 3:
            start = ends[number - 1] + timedelta(days=1)
            rows.append(fact(concept, start, end, total - before, form=form))
        before = total
    return rows


def test_a_fourth_quarter_is_the_year_less_nine_months(lake: Lake, db: Db) -> None:
    file_facts(lake, to_date(2023, [10.0, 30.0, 60.0, 100.0]))
    found = lines(db, "Revenues", "quarter")
    assert found["value"].to_list() == [10.0, 20.0, 30.0, 40.0]
    assert found["period"].to_list() == [f"2023 Q{n}" for n in (1, 2, 3, 4)]
    assert found["derived"].to_list() == ["", "", "", "difference"]
    assert found["flags"].to_list() == ["", "", "", "derived"]
    assert found["period_start"].to_list()[3] == date(2023, 10, 1)
    yearly = lines(db, "Revenues")
    assert yearly.select("period", "value", "derived").rows() == [("2023", 100.0, "")]


def test_twelve_months_are_the_year_with_what_came_since(lake: Lake, db: Db) -> None:
    first = to_date(2023, [10.0, 30.0, 60.0, 100.0])
    file_facts(lake, [*first, *to_date(2024, [15.0, 37.0])])
    found = lines(db, "Revenues", "ttm")
    rows = found.select("period", "value", "derived").rows()
    rolled = "FY + YTD - prior YTD"
    assert rows == [
        ("2023 Q4", 100.0, ""),
        ("2024 Q1", 100.0 + 15.0 - 10.0, rolled),
        ("2024 Q2", 100.0 + 37.0 - 30.0, rolled),
    ]


def test_a_stated_quarter_and_a_year_to_date_of_the_same_end_are_never_mixed(
    lake: Lake, db: Db
) -> None:
    rows = [*to_date(2023, [10.0, 30.0, 60.0, 100.0]), *to_date(2024, [15.0, 37.0])]
    file_facts(lake, rows)
    found = lines(db, "Revenues", "quarter")
    assert found["value"].to_list() == [10.0, 20.0, 30.0, 40.0, 15.0, 22.0]
    assert found["growth"].to_list()[4:] == [15.0 / 10.0 - 1, 22.0 / 20.0 - 1]


def test_average_shares_are_never_added_nor_subtracted(lake: Lake, db: Db) -> None:
    shares = "WeightedAverageNumberOfDilutedSharesOutstanding"
    rows = [row | {"unit": "shares"} for row in to_date(2023, [5.0, 5.0, 5.0, 5.0], shares)]
    file_facts(lake, rows)
    assert lines(db, shares, "quarter").height == 3
    assert lines(db, shares).height == 1


def test_years_of_52_and_53_weeks_follow_each_other(lake: Lake, db: Db) -> None:
    ends = [date(2021, 1, 2), date(2022, 1, 1), date(2022, 12, 31)]
    starts = [date(2019, 12, 29), date(2021, 1, 3), date(2022, 1, 2)]
    rows = [
        fact("Revenues", start, end, 100.0 * n, form="10-K")
        for n, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]
    nine = fact("Revenues", starts[2], date(2022, 10, 1), 210.0)
    file_facts(lake, [*rows, nine])
    yearly = lines(db, "Revenues")
    assert (ends[0] - starts[0]).days + 1 == 371
    assert yearly["period"].to_list() == ["2020", "2021", "2022"]
    assert yearly["growth"].to_list() == [None, 1.0, 0.5]
    assert lines(db, "Revenues", "quarter")["value"].to_list() == [300.0 - 210.0]


def test_after_a_changed_year_end_nothing_is_added_across_the_gap(lake: Lake, db: Db) -> None:
    """The year ended in December, then in June after six months of their own."""
    year = [fact("Revenues", date(2022, 1, 1), date(2022, 12, 31), 100.0, form="10-K")]
    half = [fact("Revenues", date(2023, 1, 1), date(2023, 6, 30), 60.0, form="10-KT")]
    after = [fact("Revenues", date(2023, 7, 1), date(2023, 9, 30), 33.0)]
    before = [fact("Revenues", date(2022, 7, 1), date(2022, 9, 30), 25.0)]
    file_facts(lake, [*year, *half, *after, *before])
    assert lines(db, "Revenues")["value"].to_list() == [100.0]
    trailing = lines(db, "Revenues", "ttm")
    assert trailing.select("period_end", "value").rows() == []
    assert date(2023, 9, 30) in lines(db, "Revenues", "quarter")["period_end"].to_list()


def test_a_restated_line_keeps_its_first_figure_and_says_what_it_was(lake: Lake, db: Db) -> None:
    rows = to_date(2023, [10.0, 30.0, 60.0, 100.0])
    again = datetime(2024, 6, 1, 20, tzinfo=UTC)
    rows += [
        fact("Revenues", date(2023, 1, 1), date(2023, 12, 31), 90.0, form="10-K/A", filed=again)
    ]
    file_facts(lake, rows)
    before = lines(db, "Revenues", at=again - timedelta(seconds=1)).row(0, named=True)
    after = lines(db, "Revenues", at=again).row(0, named=True)
    assert (before["value"], before["was"], before["flags"]) == (100.0, None, "")
    assert (after["value"], after["first_value"], after["was"]) == (90.0, 100.0, 100.0)
    assert after["flags"] == "restated"
    assert after["first_accession"] == before["accession"] != after["accession"]
    fourth = lines(db, "Revenues", "quarter").row(3, named=True)
    assert (fourth["value"], fourth["first_value"], fourth["was"]) == (30.0, 40.0, 40.0)
    assert fourth["flags"] == "restated,derived"


def test_late_and_unbalanced_filings_are_marked(lake: Lake, db: Db) -> None:
    end, late = date(2023, 3, 31), datetime(2023, 7, 1, tzinfo=UTC)
    sound = {"Assets": 100.0, "Liabilities": 60.0, "StockholdersEquity": 40.0}
    rows = [*to_date(2023, [10.0, 30.0]), *balance(date(2023, 6, 30), **sound)]
    wrong = [row | {"known_at": late} for row in balance(end, **(sound | {"Liabilities": 55.0}))]
    file_facts(lake, [*rows, *wrong])
    found = lines(db, "Assets", "quarter")
    assert found["flags"].to_list() == ["late,unbalanced", ""]
    assert lines(db, "Revenues", "quarter")["flags"].to_list() == ["", ""]


def test_a_wrong_word_is_refused_and_an_unknown_company_named(lake: Lake, db: Db) -> None:
    file_facts(lake, to_date(2023, [10.0]))
    lake.upsert("companies", about())
    with pytest.raises(ConfigError, match="period 'monthly': expected one of annual"):
        company_statements(db.at(LATE), company="x:co", period="monthly")
    with pytest.raises(ConfigError, match="statement 'tax'"):
        company_statements(db.at(LATE), company="x:co", statement="tax")
    with pytest.raises(ConfigError, match="no company 'x:none' was known"):
        company_statements(db.at(LATE), company="x:none")


def test_apple_2023_as_it_was_filed(lake: Lake, db: Db) -> None:
    path = shared("sec_aapl_fy2023_facts.csv")
    file_facts(lake, instance_csv(path, "x:co", "10-K", datetime(2023, 11, 2, 22, tzinfo=UTC)))
    newest = {
        concept: lines(db, concept).row(-1, named=True)
        for concept in ("Revenues", "GrossProfit", "EarningsPerShareDiluted", "Assets")
    }
    revenue = newest["Revenues"]
    assert (revenue["value"], revenue["period"]) == (383_285e6, "2023")
    assert revenue["growth"] == pytest.approx(383_285 / 394_328 - 1, rel=EXACT)
    assert newest["GrossProfit"]["common_size"] == pytest.approx(169_148 / 383_285, rel=EXACT)
    assert newest["EarningsPerShareDiluted"]["value"] == 6.13
    assert (newest["Assets"]["value"], newest["Assets"]["flags"]) == (352_583e6, "")
    assert lines(db, "Revenues")["value"].to_list() == [365_817e6, 394_328e6, 383_285e6]
    # 53 weeks: from 25 September 2022 to 30 September 2023.
    assert (revenue["period_end"] - revenue["period_start"]).days + 1 == 371


def test_tesla_in_2024_states_quarters_and_half_years_side_by_side(lake: Lake, db: Db) -> None:
    path = shared("sec_tsla_2024q2_facts.csv")
    file_facts(lake, instance_csv(path, "x:co", "10-Q", datetime(2024, 7, 24, tzinfo=UTC)))
    revenue = lines(db, "Revenues", "quarter")
    found = dict(revenue.select("period_end", "value").iter_rows())
    assert found[date(2024, 6, 30)] == 25_500e6
    assert found[date(2023, 6, 30)] == 24_927e6
    assert revenue["growth"].to_list()[-1] == pytest.approx(25_500 / 24_927 - 1, rel=EXACT)
    assert lines(db, "Assets", "quarter")["flags"].to_list()[-1] == ""
    assert lines(db, "Revenues", "ttm").is_empty()  # no full year stands in one 10-Q


def test_snowflake_over_the_years(lake: Lake, db: Db) -> None:
    rows = company_facts_json(shared("sec_snow_companyfacts.json"), "x:co")
    file_facts(lake, rows)
    yearly = lines(db, "Revenues")
    found = dict(yearly.select("period", "value").iter_rows())
    assert found["2024"] == 2_806_489e3  # the year to 31 January 2025 is 2025
    assert found["2025"] == 3_626_396e3
    trailing = lines(db, "Revenues", "ttm").row(-1, named=True)
    assert trailing["value"] == pytest.approx(3_626_396e3 + 1_042_074e3 - 828_709e3, rel=EXACT)
    by_quarter = dict(lines(db, "Revenues", "quarter").select("period", "value").iter_rows())
    assert by_quarter["2025 Q4"] == pytest.approx(3_626_396e3 - 2_639_626e3, rel=EXACT)
    parts = sum(by_quarter[f"2025 Q{n}"] for n in (1, 2, 3, 4))
    assert parts == pytest.approx(found["2025"], rel=EXACT)


def test_snowflake_at_every_filing_is_what_was_filed_by_then(lake: Lake, db: Db) -> None:
    """The slow way: of each year the last statement filed by the clock, row by row."""
    rows = company_facts_json(shared("sec_snow_companyfacts.json"), "x:co")
    file_facts(lake, rows)
    clocks = sorted({row["known_at"] for row in rows})
    for clock in clocks[3::5]:
        for moment in (clock - timedelta(seconds=1), clock):
            said: dict[date, tuple[datetime, float]] = {}
            for row in rows:
                days = (row["period_end"] - row["period_start"]).days
                if row["concept"] == "NetIncomeLoss" and days > 350 and row["known_at"] <= moment:
                    best = said.get(row["period_end"])
                    if best is None or row["known_at"] > best[0]:
                        said[row["period_end"]] = row["known_at"], row["value"]
            asked = lines(db, "NetIncomeLoss", at=moment) if said else None
            got = {} if asked is None else dict(asked.select("period_end", "value").iter_rows())
            assert got == {end: value for end, (_, value) in said.items()}
