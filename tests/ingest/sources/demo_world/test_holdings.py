"""Holdings of managers: late, amended in both ways, with the errors that are planted."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from data.datasets.fund_holdings import DOLLARS_FROM, EMPTY_BOOK, NOTICE, VALUE_IS_AMOUNT
from tests.demo_fixture import DemoLake

FILING = ["manager", "period_end", "accession"]


def rows(lake: DemoLake, where: str = "true") -> pl.DataFrame:
    """Positions of the lake with the close of their share at the quarter's end."""
    return (
        lake.at()
        .sql(
            f"SELECT fund_holdings.*, close FROM fund_holdings "
            "LEFT JOIN (SELECT symbol, substr(isin, 3, 9) AS cusip FROM instruments "
            "WHERE isin LIKE 'XD%') AS codes USING (cusip) "
            "ASOF LEFT JOIN (SELECT symbol, date, close FROM prices WHERE source = 'demo') AS p "
            f"ON codes.symbol = p.symbol AND period_end >= p.date WHERE {where} "
            "ORDER BY ALL"
        )
        .frame
    )


def of(lake: DemoLake, number: int, period: date) -> pl.DataFrame:
    where = f"manager = 'demo:mgr-{number:03d}' AND period_end = DATE '{period}'"
    return rows(lake, where).sort("known_at", "accession", "cusip")


def test_filings_come_after_the_quarter_on_weekdays(demo_lake: DemoLake) -> None:
    found = rows(demo_lake).unique(FILING)
    lag = (found["filed_on"] - found["period_end"]).dt.total_days()
    first = found.with_columns(lag.alias("lag")).filter(pl.col("amendment_type").is_null())
    assert (first["lag"] >= 36).all()
    assert (first["lag"] <= 47).sum() > 0.9 * first.height
    assert (found["filed_on"].dt.weekday() <= 5).all()
    local = found["known_at"].dt.convert_time_zone("America/New_York")
    assert (local.dt.date() == found["filed_on"]).all()


def test_values_are_shares_at_the_quarters_close(demo_lake: DemoLake) -> None:
    found = rows(demo_lake, "amount_kind = 'SH' AND amount > 0 AND flag IS NULL")
    apart = (found["value_usd"] - found["amount"] * found["close"]).abs()
    early = found["filed_on"] < DOLLARS_FROM
    assert (apart.filter(early) <= 500.01 + 0.5).all()
    assert (found["value_usd"].filter(early) % 1000 == 0).all()
    kept_thousands = (found["manager"] == "demo:mgr-003") & (
        found["period_end"] == date(2022, 12, 31)
    )
    assert (apart.filter(~early & ~kept_thousands) <= 0.51).all()


def test_both_kinds_of_amendment(demo_lake: DemoLake) -> None:
    held = of(demo_lake, 2, date(2016, 6, 30))
    added = held.filter(pl.col("amendment_type") == "NEW HOLDINGS")
    first = held.filter(pl.col("amendment_type").is_null())
    assert not set(added["cusip"]) & set(first["cusip"]) and added.height == 2
    assert added["filed_on"][0] - first["filed_on"][0] >= timedelta(days=148)
    restated = of(demo_lake, 1, date(2018, 3, 31))
    by = restated.group_by("amendment_type").agg(pl.col("amount").max())
    most = dict(by.iter_rows())
    assert most[None] > most["RESTATEMENT"]


def test_planted_errors(demo_lake: DemoLake) -> None:
    wrong = of(demo_lake, 3, date(2022, 12, 31)).filter(
        pl.col("amendment_type").is_null(), pl.col("amount_kind") == "SH"
    )
    ratio = wrong["value_usd"] / wrong["amount"] / wrong["close"]
    assert wrong.height and ((ratio - 0.001).abs() < 1e-5).all()
    same = of(demo_lake, 4, date(2023, 9, 30)).filter(pl.col("amount_kind") == "SH")
    assert (same["value_usd"] == same["amount"]).all()
    assert set(same["flag"]) == {VALUE_IS_AMOUNT}
    twice = of(demo_lake, 2, date(2015, 3, 31))
    assert twice["accession"].n_unique() == 2 and set(twice["form"]) == {"13F-HR"}
    empty = of(demo_lake, 5, date(2017, 9, 30))
    assert empty.select("cusip", "amount", "entries", "flag").rows() == [("none", 0, 0, EMPTY_BOOK)]
    notice = of(demo_lake, 6, date(2020, 6, 30))
    assert notice.select("form", "flag").rows() == [("13F-NT", NOTICE)]
