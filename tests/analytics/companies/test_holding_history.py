"""Form 13F over quarters and among managers, by hand: splits, notices, amendments, likeness."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.companies.funds import (
    company_securities,
    fund_directory,
    fund_filing_list,
    fund_overlap,
    shared_positions,
)
from analytics.companies.holders import crowded_securities
from analytics.companies.holding_history import fund_history, holder_history
from data.datasets.fund_holdings import EMPTY_BOOK, NOTICE
from data.lake import Lake
from data.query import Db
from tests.analytics.companies.filed_holdings import (
    NOW,
    Q2,
    Q3,
    A,
    B,
    amended,
    held,
    nothing,
    put,
    quoted,
    shown,
)
from tests.demo_fixture import DemoLake


def test_holders_by_quarter_are_on_the_footing_of_the_last(lake: Lake, db: Db) -> None:
    """Split of two for one in August: 16 shares of June are 32; then a has 25, b none."""
    quoted(lake, {"x:AAPL": 100.0}, split=2.0)
    put(
        lake,
        held("m:a", A, 10.0, 2000.0, period_end=Q2),
        held("m:b", A, 5.0, 1000.0, period_end=Q2),
        held("m:c", A, 1.0, 200.0, period_end=Q2),
        held("m:a", A, 25.0, 2500.0),
        held("m:a", A, 40.0, 4000.0, put_call="put"),
        nothing("m:b", EMPTY_BOOK),
        nothing("m:c", NOTICE),
    )
    found = holder_history(db.at(NOW), symbol="sec:AAPL", count=3)
    assert shown(found, "period_end", "reports", "holders", "amount", "value_usd") == [
        (Q2, 3, 3, 32.0, 3200.0),
        (Q3, 3, 1, 25.0, 2500.0),
    ]
    assert shown(found, "new", "closed", "puts_usd", "calls_usd") == [
        (0, 0, 0.0, 0.0),
        (0, 1, 4000.0, 0.0),
    ]
    assert holder_history(db.at(NOW), symbol="x:SAP").frame.is_empty()


def test_quarters_of_a_portfolio_turnover_and_concentration(lake: Lake, db: Db) -> None:
    """Ten Apple (2,000) became five (500) after a split in two: fifteen sold at 100; two Microsoft
    (600) bought: 600 over the mean of 2,000 and 1,100."""
    quoted(lake, {"x:AAPL": 100.0, "x:MSFT": 300.0}, split=2.0)
    put(
        lake,
        held("m:a", A, 10.0, 2000.0, period_end=Q2),
        held("m:a", A, 5.0, 500.0),
        held("m:a", B, 2.0, 600.0),
        held("m:a", B, 1.0, 300.0, put_call="call"),
    )
    first, last = fund_history(db.at(NOW), manager="m:a").frame.to_dicts()
    assert (first["value_usd"], first["turnover"], first["top_ten"]) == (2000.0, None, 1.0)
    assert (last["value_usd"], last["options_usd"], last["positions"]) == (1100.0, 300.0, 3)
    assert (last["bought_usd"], last["sold_usd"]) == (600.0, 1500.0)
    assert last["turnover"] == pytest.approx(600.0 / 1550.0)
    assert (last["new"], last["closed"]) == (1, 0)
    assert last["largest"] == pytest.approx(6 / 11)
    assert last["concentration"] == pytest.approx((36 + 25) / 121)


def test_a_notice_is_no_sale_and_an_empty_report_is_one(lake: Lake, db: Db) -> None:
    put(lake, held("m:a", A, 10.0, 2000.0, period_end=Q2), nothing("m:a", NOTICE))
    put(lake, held("m:b", A, 10.0, 2000.0, period_end=Q2), nothing("m:b", EMPTY_BOOK))
    at = db.at(NOW)
    names = ("has_report", "value_usd", "sold_usd", "closed", "turnover")
    assert shown(fund_history(at, manager="m:a"), *names)[-1] == (False, None, None, None, None)
    assert shown(fund_history(at, manager="m:b"), *names)[-1] == (True, 0.0, 2000.0, 1, 0.0)


def test_every_filing_is_listed_and_says_whether_it_counts(lake: Lake, db: Db) -> None:
    first = held("m:a", A, 10.0, 2000.0)
    added = amended("NEW HOLDINGS", 2, held("m:a", B, 7.0, 1400.0))
    put(
        lake,
        first,
        added,
        amended("NEW HOLDINGS", 3, held("m:a", B, 7.0, 1400.0), 2),
        amended("RESTATEMENT", 5, held("m:a", A, 4.0, 800.0), 3),
    )

    def at(day: int, hour: int) -> list[tuple[Any, ...]]:
        clock = datetime(2025, 12, day, hour, tzinfo=UTC)
        names = ("amendment_type", "counts", "is_repeat", "positions", "value_usd")
        return shown(fund_filing_list(db.at(clock), manager="m:a"), *names)

    assert at(2, 20) == [(None, True, False, 1, 2000.0)]
    assert at(3, 22) == [
        ("NEW HOLDINGS", False, True, 1, 1400.0),
        ("NEW HOLDINGS", True, False, 1, 1400.0),
        (None, True, False, 1, 2000.0),
    ]
    assert [row[:2] for row in at(5, 22)] == [
        ("RESTATEMENT", True),
        ("NEW HOLDINGS", False),
        ("NEW HOLDINGS", False),
        (None, False),
    ]


def test_two_portfolios_by_the_smaller_weights(lake: Lake, db: Db) -> None:
    """a: 75 % Apple, 25 % Microsoft; b: 40 % Apple, 60 % of something else; c: nothing of a's."""
    quoted(lake, {"x:AAPL": 100.0, "x:MSFT": 100.0})
    put(
        lake,
        held("m:a", A, 3.0, 300.0),
        held("m:a", B, 1.0, 100.0),
        held("m:b", A, 4.0, 400.0),
        held("m:b", "000000AA0", 6.0, 600.0),
        held("m:b", B, 9.0, 900.0, put_call="put"),
        held("m:c", "000000AA0", 6.0, 600.0),
    )
    at = db.at(NOW)
    alike = fund_overlap(at, manager="m:a")
    assert shown(alike, "manager", "shared", "positions", "overlap", "own_weight", "weight") == [
        ("m:b", 1, 2, 0.4, 0.75, 0.4)
    ]
    pair = shared_positions(at, manager="m:a", rival="m:b")
    assert shown(pair, "cusip", "weight_a", "weight_b", "common") == [
        (A, 0.75, 0.4, 0.4),
        ("000000AA0", None, 0.6, 0.0),
        (B, 0.25, None, 0.0),
    ]
    most = crowded_securities(at, top=2)
    assert shown(most, "cusip", "holders", "previous_holders", "ticker", "company") == [
        ("000000AA0", 2, None, None, None),
        (A, 2, None, "AAPL", "sec:AAPL"),
    ]
    assert most.frame["new"].to_list() == [None, None]  # nobody filed for the quarter before
    assert most.frame["of_outstanding"].to_list() == [None, 7.0 / 1000.0]
    assert shown(fund_directory(at), "id", "label") == [
        ("m:a", "M:A"),
        ("m:b", "M:B"),
        ("m:c", "M:C"),
    ]


def test_only_an_american_or_canadian_isin_gives_a_cusip(lake: Lake, db: Db) -> None:
    quoted(lake, {"x:AAPL": 100.0})
    names = ("symbol", "cusip", "shares_outstanding")
    at = db.at(NOW)
    assert shown(company_securities(at, company="sec:AAPL"), *names) == [("x:AAPL", A, 1000.0)]
    assert shown(company_securities(at, company="sec:SAP"), *names) == [("x:SAP", None, 1000.0)]
    assert company_securities(at, company="sec:NONE").frame.is_empty()


def test_histories_agree_with_single_quarters(demo_lake: DemoLake) -> None:
    """Each quarter of a history is what the analytics of one quarter say at the same clock."""
    from analytics.companies.holders import holding_crowding
    from analytics.companies.portfolios import fund_portfolio

    at = demo_lake.at()
    codes = at.sql(
        "SELECT cusip, count(DISTINCT manager) AS n FROM fund_holdings WHERE put_call = 'none' "
        "AND cusip NOT LIKE '%AB%' AND cusip <> 'none' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3"
    ).frame["cusip"]
    compared = 0
    for cusip in codes:
        symbol = at.sql(
            "SELECT symbol FROM instruments WHERE substr(isin, 3, 9) = $cusip", cusip=cusip
        ).frame.item(0, 0)
        for row in holder_history(at, symbol=symbol, count=6).frame.to_dicts():
            one = holding_crowding(at, symbols=[symbol], quarter=row["period_end"])
            crowd = one.frame.to_dicts()[0]
            for name in ("holders", "new", "closed", "reports"):
                assert row[name] == crowd[name], (symbol, row["period_end"], name)
            assert row["value_usd"] == pytest.approx(crowd["value_usd"] or 0.0)
            compared += row["holders"] > 0
    assert compared > 5
    quarter = date(2018, 3, 31)
    clock = datetime(2018, 9, 1, tzinfo=UTC)
    history = fund_history(demo_lake.at(clock), manager="demo:mgr-001", quarter=quarter, count=2)
    last = history.frame.to_dicts()[-1]
    book = fund_portfolio(demo_lake.at(clock), manager="demo:mgr-001", quarter=quarter).frame
    shares = book.filter(put_call="none", amount_kind="SH")
    assert last["new"] == (shares["action"] == "new").sum()
    assert last["closed"] == (shares["action"] == "closed").sum()
    earlier = demo_lake.at(clock - timedelta(days=120))
    with_error = fund_history(earlier, manager="demo:mgr-001", quarter=quarter).frame["period_end"]
    assert quarter not in with_error.to_list()
