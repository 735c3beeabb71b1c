"""Ratios by hand and of real companies, and the reason wherever there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.companies.ratios import company_ratios
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
from tests.analytics.quotes import FIRST, quotes, table
from tests.analytics.test_market import instruments, listed

LATE = datetime(2024, 4, 1, tzinfo=UTC)
END, BEFORE = date(2023, 12, 31), date(2022, 12, 31)
EXACT = 1e-9
FLOWS = {
    "Revenues": 1000.0,
    "GrossProfit": 400.0,
    "OperatingIncomeLoss": 200.0,
    "InterestExpense": 40.0,
    "IncomeTaxExpenseBenefit": 40.0,
    "NetIncomeLoss": 120.0,
    "DepreciationDepletionAndAmortization": 50.0,
    "NetCashProvidedByUsedInOperatingActivities": 180.0,
    "PaymentsToAcquirePropertyPlantAndEquipment": 80.0,
    "PaymentsOfDividends": 30.0,
}
STOCKS = {
    "Assets": 2000.0,
    "AssetsCurrent": 600.0,
    "LiabilitiesCurrent": 400.0,
    "CashAndCashEquivalentsAtCarryingValue": 100.0,
    "LongTermDebtNoncurrent": 500.0,
    "LongTermDebtCurrent": 60.0,
    "ShortTermBorrowings": 40.0,
    "Liabilities": 1200.0,
    "StockholdersEquity": 800.0,
}


def accounts(**changed: float | None) -> list[Row]:
    """Two years of accounts; what is changed to none is not stated."""
    stated = {**FLOWS, **STOCKS, "EarningsPerShareDiluted": 1.2, **changed}
    rows: list[Row] = []
    for concept, value in stated.items():
        if value is None:
            continue
        if concept in STOCKS or concept == "CommercialPaper":
            rows += balance(END, **{concept: value})
            continue
        row = fact(concept, date(2023, 1, 1), END, value, form="10-K")
        rows.append(row | {"unit": "USD per share"} if "PerShare" in concept else row)
    rows += balance(BEFORE, StockholdersEquity=600.0, Assets=1600.0)
    rows.append(fact("Revenues", date(2022, 1, 1), BEFORE, 800.0, form="10-K"))
    return rows


def ratios(db: Db, at: datetime = LATE, **more: Any) -> dict[str, Any]:
    """The ratios of the last period by name, and the reasons under `name?`."""
    frame = company_ratios(db.at(at), company="x:co", **more).frame
    last = frame.filter(pl.col("period_end") == pl.col("period_end").max())
    found: dict[str, Any] = {}
    for name, value, reason in last.select("ratio", "value", "reason").iter_rows():
        found |= {name: value, f"{name}?": reason}
    return found


def test_ratios_by_hand(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    file_facts(lake, accounts())
    found = ratios(db)
    by_hand = {
        "revenue_growth": 1000 / 800 - 1,
        "gross_margin": 0.4,
        "operating_margin": 0.2,
        "net_margin": 0.12,
        "fcf_margin": 0.1,
        "tax_rate": 40 / 160,
        "roe": 120 / 700,  # the mean of 600 and 800
        "roa": 120 / 1800,
        "icr": 5.0,
        "debt_to_equity": 600 / 800,
        "net_debt_to_ebitda": 500 / 250,
        "equity_ratio": 0.4,
        "current_ratio": 1.5,
        "asset_turnover": 0.5,
        "payout": 0.25,
    }
    for name, value in by_hand.items():
        assert found[name] == pytest.approx(value, rel=EXACT), name
        assert found[f"{name}?"] is None
    assert found["pe?"] == found["ps?"] == "no_price"


def test_why_there_is_no_ratio(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    changed: dict[str, float | None] = {
        "StockholdersEquity": -700.0,
        "Liabilities": 2700.0,
        "InterestExpense": 0.0,
        "Revenues": 0.0,
    }
    file_facts(lake, accounts(**changed))
    found = ratios(db)
    assert (found["icr"], found["icr?"]) == (None, "no_debt")
    assert (found["debt_to_equity"], found["debt_to_equity?"]) == (None, "negative_equity")
    assert (found["roe"], found["roe?"]) == (None, "negative_equity")  # the mean is below zero
    assert (found["net_margin"], found["net_margin?"]) == (None, "no_revenue")


@pytest.mark.parametrize(
    ("changed", "ratio", "value", "reason"),
    [
        ({"InterestExpense": None}, "icr", None, "not_stated"),
        ({"OperatingIncomeLoss": -80.0}, "icr", -2.0, None),
        ({"ShortTermBorrowings": None, "CommercialPaper": 90.0}, "debt_to_equity", 650 / 800, None),
        ({"NetIncomeLoss": -5.0}, "payout", None, "not_meaningful"),
        ({"Assets": None}, "asset_turnover", None, "not_stated"),
    ],
)
def test_single_guards(
    lake: Lake, db: Db, changed: dict[str, float | None], ratio: str, value: Any, reason: Any
) -> None:
    lake.upsert("companies", about())
    file_facts(lake, accounts(**changed))
    found = ratios(db)
    assert found[ratio] == (value if value is None else pytest.approx(value, rel=EXACT))
    assert found[f"{ratio}?"] == reason


@pytest.mark.parametrize(
    "words", [("Financials", "Bank"), ("Financials", None), ("x", "Assurance")]
)
def test_a_bank_has_no_cover_and_no_gearing(
    lake: Lake, db: Db, words: tuple[str, str | None]
) -> None:
    lake.upsert("companies", about(sector=words[0], industry=words[1]))
    file_facts(lake, accounts())
    found = ratios(db)
    assert {found[f"{one}?"] for one in ("icr", "debt_to_equity", "current_ratio")} == {"bank"}
    assert found["roe"] == pytest.approx(120 / 700, rel=EXACT)


def test_the_price_is_put_on_the_footing_of_the_earnings(lake: Lake, db: Db) -> None:
    """Two for one after the filing: 30 a share is 60 a share of which 1.20 was earned."""
    lake.upsert("companies", about())
    known = datetime(2023, 1, 1, tzinfo=UTC)
    shares = listed("x:A", company="x:co", shares_outstanding=10e6, known_at=known)
    lake.upsert("instruments", instruments(shares))
    file_facts(lake, accounts(Revenues=1e9))
    first = (date(2024, 2, 1) - FIRST).days
    closes: dict[int, float | None] = {first: 58.0, first + 55: 30.0, first + 56: 30.0}
    lake.upsert("prices", table(quotes(closes, "x:A", splits={first + 55: 2.0})))
    found = ratios(db)
    assert found["pe"] == pytest.approx(60.0 / 1.2, rel=EXACT)
    assert found["ps"] == pytest.approx(30.0 * 20e6 / 1e9, rel=EXACT)
    before = ratios(db, datetime(2024, 2, 10, tzinfo=UTC))
    assert before["pe"] == pytest.approx(58.0 / 1.2, rel=EXACT)


def test_each_reading_has_the_price_on_the_footing_of_its_own_earnings(lake: Lake, db: Db) -> None:
    """Two for one, then 1.20 a share is filed anew as 0.60: both are 50 times."""
    lake.upsert("companies", about())
    known = datetime(2023, 1, 1, tzinfo=UTC)
    lake.upsert("instruments", instruments(listed("x:A", company="x:co", known_at=known)))
    again = datetime(2024, 3, 28, tzinfo=UTC)
    anew = fact("EarningsPerShareDiluted", date(2023, 1, 1), END, 0.6, form="10-K/A", filed=again)
    file_facts(lake, [*accounts(), anew | {"unit": "USD per share"}])
    first = (date(2024, 2, 15) - FIRST).days
    closes: dict[int, float | None] = {first: 58.0, first + 30: 30.0, first + 43: 30.0}
    lake.upsert("prices", table(quotes(closes, "x:A", splits={first + 30: 2.0})))
    frame = company_ratios(db.at(LATE), company="x:co", top=1).frame
    found = frame.row(by_predicate=pl.col("ratio") == "pe", named=True)
    assert found["value"] == found["first_value"] == pytest.approx(50.0, rel=EXACT)
    assert not found["restated"]


def test_of_two_share_classes_the_first_is_priced_and_both_are_valued(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    known = datetime(2023, 1, 1, tzinfo=UTC)
    more = {"company": "x:co", "known_at": known, "shares_outstanding": 1e6}
    lake.upsert("instruments", instruments(listed("x:A", **more), listed("x:B", **more)))
    file_facts(lake, accounts(Revenues=1e9))
    day = (date(2024, 3, 28) - FIRST).days
    lake.upsert("prices", table(quotes({day: 12.0}, "x:A"), quotes({day: 500.0}, "x:B")))
    found = ratios(db)
    assert found["pe"] == pytest.approx(10.0, rel=EXACT)
    assert found["ps"] == pytest.approx(512e6 / 1e9, rel=EXACT)
    # Where one class has no fresh price, the whole has no value.
    stale = ratios(db, datetime(2024, 6, 1, tzinfo=UTC))
    assert (stale["pe"], stale["ps?"]) == (None, "no_price")


def test_a_class_that_was_delisted_neither_has_the_price_nor_hides_the_value(
    lake: Lake, db: Db
) -> None:
    lake.upsert("companies", about())
    known = datetime(2023, 1, 1, tzinfo=UTC)
    more = {"company": "x:co", "known_at": known, "shares_outstanding": 1e6}
    gone = listed("x:A", **more, delisted_on=date(2023, 6, 30))
    lake.upsert("instruments", instruments(gone, listed("x:B", **more)))
    file_facts(lake, accounts(Revenues=1e9))
    day = (date(2024, 3, 28) - FIRST).days
    lake.upsert("prices", table(quotes({day: 12.0}, "x:B")))
    found = ratios(db)
    assert found["pe"] == pytest.approx(10.0, rel=EXACT)
    assert found["ps"] == pytest.approx(12e6 / 1e9, rel=EXACT)


def test_a_restated_ratio_shows_its_three_readings_around_the_filing(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    again = datetime(2024, 3, 1, tzinfo=UTC)
    rows = accounts()
    lower = fact("NetIncomeLoss", date(2023, 1, 1), END, 90.0, form="10-K/A", filed=again)
    file_facts(lake, [*rows, lower])
    second = timedelta(seconds=1)

    def reading(moment: datetime) -> dict[str, Any]:
        frame = company_ratios(db.at(moment), company="x:co", top=1).frame
        return frame.row(by_predicate=pl.col("ratio") == "roe", named=True)

    before, after = reading(again - second), reading(again)
    assert before["value"] == before["first_value"] == pytest.approx(120 / 700, rel=EXACT)
    assert (before["was"], before["restated"]) == (None, False)
    assert after["value"] == pytest.approx(90 / 700, rel=EXACT)
    assert after["first_value"] == after["was"] == pytest.approx(120 / 700, rel=EXACT)
    assert after["restated"]


def test_accounts_in_ifrs_and_another_currency(lake: Lake, db: Db) -> None:
    """Profit alone is stated, in euro; a convenience translation of one line is left alone."""
    lake.upsert("companies", about(currency="EUR", country="DEU"))
    rows = [row | {"unit": "EUR", "form": "20-F"} for row in accounts(NetIncomeLoss=None)]
    rows.append(fact("ProfitLoss", date(2023, 1, 1), END, 130.0, unit="EUR", form="20-F"))
    file_facts(lake, [row for row in rows if row["concept"] != "EarningsPerShareDiluted"])
    frame = company_ratios(db.at(LATE), company="x:co", top=1).frame
    assert set(frame["currency"]) == {"EUR"}
    found = ratios(db)
    assert found["net_margin"] == pytest.approx(0.13, rel=EXACT)
    assert found["pe?"] == "no_price"


def test_apple_2023(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    path = shared("sec_aapl_fy2023_facts.csv")
    file_facts(lake, instance_csv(path, "x:co", "10-K", datetime(2023, 11, 2, 22, tzinfo=UTC)))
    found = ratios(db)
    assert found["icr"] == pytest.approx(114_301 / 3_933, rel=EXACT)
    assert found["roe"] == pytest.approx(96_995 / ((62_146 + 50_672) / 2), rel=EXACT)
    assert found["debt_to_equity"] == pytest.approx((95_281 + 9_822 + 5_985) / 62_146, rel=EXACT)
    assert found["operating_margin"] == pytest.approx(114_301 / 383_285, rel=EXACT)
    assert found["current_ratio"] == pytest.approx(143_566 / 145_308, rel=EXACT)
    assert found["tax_rate"] == pytest.approx(16_741 / 113_736, rel=EXACT)


def test_snowflake_loses_money_and_owes_nothing(lake: Lake, db: Db) -> None:
    lake.upsert("companies", about())
    file_facts(lake, company_facts_json(shared("sec_snow_companyfacts.json"), "x:co"))
    found = ratios(db, datetime(2025, 3, 25, tzinfo=UTC))
    assert found["net_margin"] == pytest.approx(-1_285_640 / 3_626_396, rel=EXACT)
    assert found["icr?"] == "no_debt"
    assert found["debt_to_equity?"] == "not_stated"
    assert found["roe"] < 0
