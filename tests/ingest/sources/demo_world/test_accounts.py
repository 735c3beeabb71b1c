"""Statements balance to the cent, roll forward, and are known when they were accepted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.demo_fixture import DemoLake

MISTYPED = "demo:co-0008"
STOCKS = {
    "cash": "CashAndCashEquivalentsAtCarryingValue",
    "due": "AccountsReceivableNetCurrent",
    "plant": "PropertyPlantAndEquipmentNet",
    "assets": "Assets",
    "long": "LongTermDebt",
    "rest": "LongTermDebtNoncurrent",
    "due_soon": "LongTermDebtCurrent",
    "short": "ShortTermBorrowings",
    "paper": "CommercialPaper",
    "liabilities": "Liabilities",
    "equity": "StockholdersEquity",
}
FLOWS = {
    "income": "NetIncomeLoss",
    "worn": "DepreciationDepletionAndAmortization",
    "operating": "NetCashProvidedByUsedInOperatingActivities",
    "bought": "PaymentsToAcquirePropertyPlantAndEquipment",
    "paid": "PaymentsOfDividends",
    "borrowed": "ProceedsFromRepaymentsOfDebt",
}


def sheets(lake: DemoLake, table: str = "fundamentals") -> pl.DataFrame:
    """One row per company, period and instant, in whole cents."""
    answer = lake.at().sql(
        f"SELECT company, period_end, known_at, concept, value FROM {table} "
        "WHERE concept <> 'EarningsPerShareDiluted'"
    )
    cents = answer.frame.with_columns((pl.col("value") * 100).round().cast(pl.Int64))
    names = {long: short for short, long in (STOCKS | FLOWS).items()}
    wide = cents.filter(pl.col("concept").is_in(list(names))).with_columns(
        pl.col("concept").replace_strict(names)
    )
    found = wide.pivot("concept", index=["company", "period_end"], values="value")
    parts = pl.sum_horizontal("rest", "due_soon", "short", "paper")  # total debt, by its parts
    return found.with_columns(parts.alias("debt")).sort("company", "period_end")


def test_cents_survive_as_doubles(demo_lake: DemoLake) -> None:
    values = demo_lake.at().sql(
        "SELECT value FROM fundamentals WHERE concept <> 'EarningsPerShareDiluted'"
    )
    cents = values.frame["value"].to_numpy() * 100
    assert np.abs(cents - np.rint(cents)).max() < 0.05
    assert np.abs(cents).max() < 2**53


def test_assets_are_liabilities_and_equity_to_the_cent(demo_lake: DemoLake) -> None:
    frame = sheets(demo_lake)
    assert frame.height > 1000
    assert (frame["assets"] == frame["liabilities"] + frame["equity"]).all()
    assert (frame["assets"] == frame["cash"] + frame["due"] + frame["plant"]).all()
    assert (frame["cash"] > 0).all()
    assert (frame["debt"] > 0).all()
    assert (frame["debt"] == frame["liabilities"]).all()
    assert (frame["long"] == frame["rest"] + frame["due_soon"]).all()


def test_a_company_states_what_it_owes_for_short_in_one_word(demo_lake: DemoLake) -> None:
    frame = sheets(demo_lake)
    assert (frame["short"].is_null() != frame["paper"].is_null()).all()
    words = frame.group_by("company").agg(pl.col("paper").is_null().n_unique())
    assert (words["paper"] == 1).all()
    assert 0 < frame["paper"].is_not_null().mean() < 0.5


def test_each_quarter_rolls_on_from_the_one_before(demo_lake: DemoLake) -> None:
    frame = sheets(demo_lake)
    frame = frame.drop("short", "paper")
    before = frame.with_columns(
        pl.col("debt", *set(STOCKS) & set(frame.columns)).shift(1).over("company").name.suffix("_0")
    )
    rows = before.drop_nulls()
    assert rows.height > 1000
    assert (
        rows["cash"] - rows["cash_0"]
        == rows["operating"] - rows["bought"] - rows["paid"] + rows["borrowed"]
    ).all()
    assert (rows["equity"] - rows["equity_0"] == rows["income"] - rows["paid"]).all()
    assert (rows["plant"] - rows["plant_0"] == rows["bought"] - rows["worn"]).all()
    assert (rows["debt"] - rows["debt_0"] == rows["borrowed"]).all()


def test_two_statements_were_restated_and_both_versions_balance(demo_lake: DemoLake) -> None:
    twice = (
        demo_lake.at()
        .sql(
            "SELECT company, period_end, count(DISTINCT concept) AS concepts, "
            "min(known_at) AS first, max(known_at) AS again FROM fundamentals_vintages "
            "GROUP BY company, period_end HAVING count(DISTINCT known_at) > 1"
        )
        .frame
    )
    assert twice.height == 3
    assert (twice["again"] - twice["first"] == timedelta(days=42)).all()
    whole = twice.filter(pl.col("company") != MISTYPED)
    assert whole.height == 2
    for company, end, _, first, again in whole.iter_rows():
        totals = []
        for moment in (first, again):
            rows = (
                demo_lake.at(moment)
                .sql(
                    "SELECT concept, round(value * 100) AS cents, form FROM fundamentals "
                    "WHERE company = $company AND period_end = $end",
                    company=company,
                    end=end,
                )
                .frame
            )
            cents = dict(rows.select("concept", "cents").iter_rows())
            assert cents["Assets"] == cents["Liabilities"] + cents["StockholdersEquity"]
            totals.append((cents["Revenues"], set(rows["form"])))
        assert totals[0][0] > totals[1][0] * 1.03
        assert any(form.endswith("/A") for form in totals[1][1])


def test_one_filing_was_out_of_balance_until_it_was_corrected(demo_lake: DemoLake) -> None:
    sql = (
        "SELECT concept, round(value * 100) AS cents, known_at FROM fundamentals_vintages "
        "WHERE company = $company AND period_end = DATE '2016-09-30' ORDER BY known_at"
    )
    rows = demo_lake.at().sql(sql, company=MISTYPED).frame
    again = rows["known_at"].max()
    assert rows.filter(known_at=again)["concept"].to_list() == ["Liabilities"]
    old, new = (
        dict(part.select("concept", "cents").iter_rows())
        for part in (rows.filter(pl.col("known_at") < again), rows)
    )
    assert old["Assets"] == new["Liabilities"] + old["StockholdersEquity"]
    assert old["Liabilities"] > 1.09 * new["Liabilities"]


def test_one_filing_came_four_weeks_late(demo_lake: DemoLake) -> None:
    sql = (
        "SELECT company, period_end, min(known_at) AS known_at FROM fundamentals "
        "WHERE month(period_end) <> 12 GROUP BY ALL ORDER BY ALL"
    )
    rows = demo_lake.at().sql(sql).frame
    waited = (rows["known_at"].dt.date() - rows["period_end"]).dt.total_days()
    late = rows.filter(waited > 52).filter(pl.col("period_end").dt.year() == 2018)
    assert late.select("company", "period_end").rows() == [("demo:co-0003", date(2018, 3, 31))]


def test_one_annual_report_came_seven_weeks_late(demo_lake: DemoLake) -> None:
    sql = (
        "SELECT company, period_end, min(known_at) AS known_at FROM fundamentals "
        "WHERE form = '10-K' GROUP BY ALL ORDER BY ALL"
    )
    rows = demo_lake.at().sql(sql).frame
    late = rows.filter((pl.col("known_at").dt.date() - pl.col("period_end")).dt.total_days() > 95)
    assert late.select("company", "period_end").rows() == [("demo:co-0005", date(2016, 12, 31))]


def test_filings_are_accepted_after_the_close_and_after_the_quarter(demo_lake: DemoLake) -> None:
    rows = (
        demo_lake.at()
        .sql(
            "SELECT DISTINCT f.company, f.period_end, "
            "f.known_at AT TIME ZONE 'America/New_York' AS ny "
            "FROM fundamentals f JOIN instruments i USING (company) WHERE i.venue = 'XNYS'"
        )
        .frame
    )
    hours = rows["ny"].dt.hour()
    other = rows.filter((hours < 15) | (hours > 17))
    assert other.select("company", other["ny"].cast(pl.String)).rows() == [
        ("demo:co-0009", "2017-08-02 07:30:00.000000")  # accepted the evening before
    ]
    wait = (rows["ny"].dt.date() - rows["period_end"]).dt.total_days()
    assert wait.min() >= 25
    assert wait.max() < 115


def test_a_filing_cannot_be_read_before_it_is_accepted(demo_lake: DemoLake) -> None:
    frame = (
        demo_lake.at(datetime(2015, 1, 15, tzinfo=UTC))
        .sql("SELECT max(period_end) AS last FROM fundamentals")
        .frame
    )
    assert frame["last"][0].isoformat() == "2014-09-30"


def test_revenue_by_place_adds_up_with_what_was_not_disclosed(demo_lake: DemoLake) -> None:
    rows = (
        demo_lake.at()
        .sql(
            "WITH places AS (SELECT company, period_end, sum(round(revenue * 100)) AS cents, "
            "count(*) FILTER (place = 'undisclosed') AS hidden, "
            "sum(revenue) FILTER (place = 'undisclosed') / sum(revenue) AS share "
            "FROM exposures GROUP BY ALL), "
            "sales AS (SELECT company, year(period_end) AS y, sum(round(value * 100)) AS cents "
            "FROM fundamentals WHERE concept = 'Revenues' GROUP BY ALL) "
            "SELECT p.*, s.cents AS told FROM places p "
            "JOIN sales s ON s.company = p.company AND s.y = year(p.period_end)"
        )
        .frame
    )
    assert rows.height > 300
    assert (rows["cents"] == rows["told"]).all()
    assert (rows["hidden"] == 1).all()
    assert 0.05 < rows["share"].median() < 0.5
    assert rows["share"].min() > 0


def test_links_name_things_that_exist(demo_lake: DemoLake) -> None:
    at = demo_lake.at()
    known = set(at.sql("SELECT symbol FROM instruments").frame["symbol"])
    known |= set(at.sql("SELECT company FROM companies").frame["company"])
    known |= set(at.sql("SELECT series_id FROM series").frame["series_id"])
    links = at.sql("SELECT * FROM links").frame
    ends = set(links["from_id"]) | set(links["to_id"])
    assert {end for end in ends - known if not end.startswith("demo:sector:")} == set()
    assert len([end for end in ends if end.startswith("demo:sector:")]) == 11
    assert set(links["kind"]) == {"drives", "issues", "is_member", "supplies"}


def test_companies_follow_the_hidden_growth(demo_lake: DemoLake) -> None:
    """Revenue of cyclical sectors grows faster in the good quarters; a t of 4 is not chance."""
    rows = (
        demo_lake.at()
        .sql(
            "SELECT f.company, f.period_end, f.value / lag(f.value) OVER "
            "(PARTITION BY f.company ORDER BY f.period_end) - 1 AS g FROM fundamentals f "
            "JOIN companies c USING (company) WHERE concept = 'Revenues' "
            "AND c.sector IN ('Energy', 'Materials', 'Consumer Discretionary')"
        )
        .frame.drop_nulls()
    )
    regimes = pl.read_parquet(demo_lake.settings.root / "truth" / "regimes.parquet")
    months = regimes.with_columns(pl.col("month").dt.month_end().alias("period_end"))
    joined = rows.join(months.select("period_end", "growth"), on="period_end")
    r = np.corrcoef(joined["g"].to_numpy(), joined["growth"].to_numpy())[0, 1]
    assert r * np.sqrt(joined.height) > 4
    assert joined.height == pytest.approx(rows.height)
