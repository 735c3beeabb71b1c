"""Whether a balance sheet adds up: by hand, and as real companies filed theirs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from analytics.companies.balance import imbalance
from analytics.companies.statements import company_statements
from data.lake import Lake
from data.query import Db
from tests.analytics.companies.filed_facts import (
    Row,
    company_facts_json,
    fact,
    file_facts,
    instance_csv,
    shared,
)

LATE = datetime(2026, 1, 1, tzinfo=UTC)
# What Snowflake's assets leave beside liabilities and shareholders' equity, on lines that the file
# leaves out: shares that could be redeemed until it went public, and minority interests since 2022.
REDEEMABLE = {date(2020, 1, 31): 936_474e3}
MINORITIES = {
    date(2022, 10, 31): 12_494e3,
    date(2023, 1, 31): 12_179e3,
    date(2024, 1, 31): 10_286e3,
    date(2025, 1, 31): 6_714e3,
}


def flagged(db: Db) -> list[date]:
    """The days whose balance sheet is marked."""
    answer = company_statements(db.at(LATE), company="x:co", period="quarter", top=99)
    marked = answer.frame.filter(pl.col("flags").str.contains("unbalanced"))
    return sorted(set(marked["period_end"]))


def beside(rows: list[Row], concept: str, values: dict[date, float]) -> list[Row]:
    """A line that each filing of these days states too."""
    stated = [row for row in rows if row["concept"] == "Assets" and row["period_end"] in values]
    return [
        fact(concept, None, row["period_end"], values[row["period_end"]])
        | {name: row[name] for name in ("known_at", "form", "accession")}
        for row in stated
    ]


def test_snowflake_balances_with_its_minorities_and_what_could_be_redeemed(
    lake: Lake, db: Db
) -> None:
    """The file keeps 17 tags; with the two lines that it leaves out every day adds up."""
    rows = company_facts_json(shared("sec_snow_companyfacts.json"), "x:co")
    file_facts(lake, rows)
    out = set(flagged(db))
    assert set(REDEEMABLE) | set(MINORITIES) <= out
    more = beside(rows, "RedeemableNoncontrollingInterest", REDEEMABLE)
    file_facts(lake, [*more, *beside(rows, "MinorityInterest", MINORITIES)])
    assert set(flagged(db)) == out - set(REDEEMABLE) - set(MINORITIES)


def test_tesla_balances_with_minorities_of_both_kinds(lake: Lake, db: Db) -> None:
    path = shared("sec_tsla_2024q2_facts.csv")
    file_facts(lake, instance_csv(path, "x:co", "10-Q", datetime(2024, 7, 24, tzinfo=UTC)))
    assert flagged(db) == []


LINES = {"Assets": 1001.0, "Liabilities": 603.0, "StockholdersEquity": 301.0}


@pytest.mark.parametrize(
    ("more", "out"),
    [
        ({}, 97.0),
        ({"MinorityInterest": 97.0}, 0.0),
        ({"TotalEquity": 398.0}, 0.0),
        ({"RedeemableNoncontrollingInterest": 97.0}, 0.0),
        ({"MinorityInterest": 41.0, "RedeemableNoncontrollingInterest": 56.0}, 0.0),
        # The filer's own total: what is missing stands under a name of its own.
        ({"LiabilitiesAndStockholdersEquity": 1001.0}, 0.0),
        ({"LiabilitiesAndStockholdersEquity": 904.0}, 97.0),
        # More than the assets is never a line that is missing.
        ({"LiabilitiesAndStockholdersEquity": 1001.0, "MinorityInterest": 197.0}, -100.0),
        ({"StockholdersEquity": -301.0, "RedeemableNoncontrollingInterest": 699.0}, 0.0),
    ],
)
def test_what_lies_between_liabilities_and_equity(more: dict[str, float], out: float) -> None:
    assert imbalance(LINES | more) == out
