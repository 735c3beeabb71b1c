"""Form 13F by hand: amendments at the clock, changes over splits, units, crowding, overlap."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.companies.holders import crowded_securities, fund_holders, holding_crowding
from analytics.companies.holding_flags import ADDED, OFF_PRICE, TOO_LARGE, TOO_SMALL
from analytics.companies.holdings_reading import due_quarter, quarter_end
from analytics.companies.portfolios import fund_filers, fund_portfolio, portfolio_overlap
from data.datasets.fund_holdings import EMPTY_BOOK, NOTICE, VALUE_IS_AMOUNT
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db
from ingest.sources.demo_world.holdings import IN_THOUSANDS, MISCOUNTED, WITHHELD
from tests import shred
from tests.analytics.companies.filed_holdings import (
    NOW,
    Q2,
    Q3,
    A,
    B,
    Row,
    amended,
    held,
    nothing,
    put,
    quoted,
    shown,
)
from tests.demo_fixture import DemoLake


def test_a_restatement_replaces_and_new_holdings_add(lake: Lake, db: Db) -> None:
    """10 and 5 shares; on 2 December 7 are added, on the 5th all is restated to 4, then 2 added."""
    first = held("m:a", A, 10.0, 2000.0)
    put(
        lake,
        first,
        held("m:a", B, 5.0, 2500.0),
        amended("NEW HOLDINGS", 2, held("m:a", A, 7.0, 1400.0)),
        amended("RESTATEMENT", 5, held("m:a", A, 4.0, 800.0), 2),
        amended("NEW HOLDINGS", 8, held("m:a", B, 2.0, 1000.0), 3),
        amended("NEW HOLDINGS", 9, held("m:a", B, 2.0, 1000.0), 4),  # sent twice
    )

    def at(day: int, second: int) -> list[tuple[Any, ...]]:
        clock = datetime(2025, 12, day, 21, tzinfo=UTC) + timedelta(seconds=second)
        return shown(fund_portfolio(db.at(clock), manager="m:a"), "cusip", "amount", "flag")

    plain = [(B, 5.0, None), (A, 10.0, None)]
    assert at(2, -1) == plain
    assert at(2, 1) == [(A, 17.0, ADDED), (B, 5.0, None)]
    assert at(5, -1) == at(2, 1)
    assert at(5, 1) == [(A, 4.0, None)]
    assert at(8, 1) == [(B, 2.0, None), (A, 4.0, None)]
    assert at(9, 1) == at(8, 1)
    filed = fund_filers(db.at(NOW + timedelta(days=30))).frame.to_dicts()[0]
    assert (filed["additions"], filed["is_restated"], filed["has_base"]) == (1, True, True)
    assert (filed["positions"], filed["value_usd"]) == (2, 1800.0)


def test_shares_in_issue_are_counted_as_those_that_are_held(lake: Lake, db: Db) -> None:
    """1,000 shares were known in January, two for one came in August: 200 of 2,000 are a tenth. In
    November they become 8,000, four for one, and what was held in September stays a tenth."""
    quoted(lake, {"x:AAPL": 100.0}, split=2.0)
    put(lake, held("m:a", A, 200.0, 20_000.0))
    seen = datetime(2025, 11, 20, 21, tzinfo=UTC)
    known = db.at(NOW).sql(
        "SELECT * EXCLUDE (ingested_at) FROM instruments WHERE isin = 'US' || $a || '5'", a=A
    )
    clocks = (datetime(2025, 11, 19, tzinfo=UTC), NOW)
    bar = (
        db.at(NOW)
        .sql("SELECT * EXCLUDE (ingested_at) FROM prices WHERE date = DATE '2025-09-30'")
        .frame
    )
    day = {"date": date(2025, 11, 18), "split_ratio": 4.0, "known_at": seen - timedelta(days=2)}
    lake.upsert(
        "prices", bar.with_columns(pl.lit(value).alias(name) for name, value in day.items())
    )
    counted = {"shares_outstanding": 8000.0, "known_at": seen}
    lake.upsert(
        "instruments",
        known.frame.with_columns(pl.lit(value).alias(name) for name, value in counted.items()),
    )
    for clock in clocks:
        at = db.at(clock)
        for found in (
            fund_holders(at, symbol="x:AAPL", quarter=Q3),
            holding_crowding(at, symbols=["x:AAPL"], quarter=Q3),
            crowded_securities(at, quarter=Q3),
        ):
            assert found.frame["of_outstanding"].to_list() == [0.1], clock


def test_nothing_is_known_before_it_is_filed(lake: Lake, db: Db) -> None:
    put(lake, held("m:a", A, 10.0, 2000.0))
    filed = datetime(2025, 11, 14, 21, tzinfo=UTC)
    assert fund_portfolio(db.at(filed), manager="m:a").frame.height == 1
    with pytest.raises(ConfigError, match="no 13F filing"):
        fund_portfolio(db.at(filed - timedelta(seconds=1)), manager="m:a")


def test_changes_are_those_of_shares_on_one_footing(lake: Lake, db: Db) -> None:
    """A split of two for one in August: 10 shares became 20, and 25 are held: 5 were bought."""
    quoted(lake, {"x:AAPL": 100.0}, split=2.0)
    put(
        lake,
        held("m:a", A, 10.0, 2000.0, period_end=Q2),
        held("m:a", A, 25.0, 2500.0),
        held("m:b", A, 5.0, 1000.0, period_end=Q2),
        nothing("m:b", EMPTY_BOOK),
        held("m:c", A, 5.0, 1000.0, period_end=Q2),
        nothing("m:c", NOTICE),
        held("m:d", A, 5.0, 1000.0, period_end=Q2),
        held("m:e", A, 3.0, 300.0),
        nothing("m:f", EMPTY_BOOK, period_end=Q2),
        held("m:f", A, 1.0, 100.0),
        held("m:a", A, 40.0, 4000.0, put_call="put"),
        held("m:a", A, 500.0, 490.0, amount_kind="PRN"),
    )
    found = fund_holders(db.at(NOW), symbol="x:AAPL")
    assert shown(
        found, "manager", "put_call", "amount_kind", "amount", "previous_amount", "change", "action"
    ) == [
        ("m:a", "none", "SH", 25.0, 20.0, 5.0, "increased"),
        ("m:e", "none", "SH", 3.0, None, None, "no earlier report"),
        ("m:f", "none", "SH", 1.0, 0.0, 1.0, "new"),
        ("m:b", "none", "SH", 0.0, 10.0, -10.0, "closed"),
        ("m:c", "none", "SH", None, 10.0, None, "not reported"),
        ("m:d", "none", "SH", None, 10.0, None, "not reported"),
        ("m:a", "none", "PRN", 500.0, 0.0, 500.0, "new"),
        ("m:a", "put", "SH", 40.0, 0.0, 40.0, "new"),
    ]
    first = found.frame.to_dicts()[0]
    assert first["change_share"] == 0.25 and first["of_outstanding"] == 0.0125
    assert first["weight"] == 2500.0 / (2500.0 + 490.0)
    assert (first["implied_price"], first["price_ratio"], first["flag"]) == (100.0, 1.0, None)
    same = fund_holders(db.at(NOW), symbol="sec:AAPL").frame
    assert same.equals(found.frame)


def test_a_price_that_contradicts_is_flagged_and_left(lake: Lake, db: Db) -> None:
    """Schonfeld's NVIDIA: 9,204 thousands on 75,820 shares imply 121.39; read as dollars 0.12."""
    quoted(lake, {"x:AAPL": 121.39, "x:MSFT": 146.14})
    put(
        lake,
        held("m:right", A, 75_820.0, 9_204_000.0),
        held("m:small", A, 75_820.0, 9_204.0),
        held("m:large", A, 75_820.0, 9_204_000_000.0),
        held("m:same", A, 75_820.0, 75_820.0),
        held("m:off", A, 75_820.0, 18_408_000.0),
        held("m:late", B, 403_677.0, 58_993_357.0),
    )
    rows = fund_holders(db.at(NOW), symbol="x:AAPL").frame
    found = {row["manager"]: row for row in rows.to_dicts()}
    assert {name: row["flag"] for name, row in found.items()} == {
        "m:right": None,
        "m:small": TOO_SMALL,
        "m:large": TOO_LARGE,
        "m:same": f"{VALUE_IS_AMOUNT}; {OFF_PRICE}",
        "m:off": OFF_PRICE,
    }
    assert round(found["m:small"]["implied_price"], 2) == 0.12
    assert round(found["m:right"]["implied_price"], 2) == 121.39
    assert found["m:small"]["value_usd"] == 9_204.0
    late = fund_holders(db.at(NOW), symbol="x:MSFT").frame.to_dicts()[0]
    assert round(late["implied_price"], 2) == 146.14 and late["flag"] is None


def test_crowding_and_overlap_by_hand(lake: Lake, db: Db) -> None:
    """30 and 10 of 1,000 shares: 4 %, Herfindahl 0.75 squared and 0.25 squared."""
    quoted(lake, {"x:AAPL": 10.0, "x:MSFT": 10.0})
    put(
        lake,
        held("m:a", A, 30.0, 300.0),
        held("m:a", B, 90.0, 900.0),
        held("m:b", A, 10.0, 100.0),
        held("m:b", A, 5.0, 50.0, put_call="call"),
        held("m:b", A, 4.0, 40.0, period_end=Q2),
        held("m:b", B, 4.0, 40.0, period_end=Q2),
    )
    at = db.at(NOW)
    crowd = holding_crowding(at, symbols=["x:AAPL", "x:SAP", "x:MSFT"]).frame
    assert crowd["symbol"].to_list() == ["x:AAPL", "x:SAP", "x:MSFT"]
    apple, sap, microsoft = crowd.to_dicts()
    assert (apple["holders"], apple["amount"], apple["of_outstanding"]) == (2, 40.0, 0.04)
    assert (apple["concentration"], apple["largest"]) == (0.625, 0.75)
    assert (apple["increased"], apple["new"], apple["net_change"]) == (1, 0, 6.0)
    assert (apple["calls_usd"], apple["puts_usd"], apple["reports"]) == (50.0, 0.0, 2)
    assert apple["median_weight"] == 0.625
    assert sap["holders"] is None and sap["cusip"] is None
    assert (microsoft["holders"], microsoft["closed"]) == (1, 1)
    # Nobody filed for the quarter before the second: changes are not known, and not nought.
    (first, *_) = holding_crowding(at, symbols=["x:AAPL"], quarter=Q2).frame.to_dicts()
    assert (first["holders"], first["reports"], first["flagged"]) == (1, 1, 0)
    assert {first[name] for name in ("new", "increased", "reduced", "closed", "net_change")} == {
        None
    }
    overlap = portfolio_overlap(at, symbols=["x:AAPL", "x:MSFT", "x:SAP"])
    assert shown(overlap, "manager", "held", "listed", "weight", "overlap", "names") == [
        ("m:a", 2, 2, 1.0, 0.75, "x:AAPL x:MSFT"),
        ("m:b", 1, 2, 1.0, 0.5, "x:AAPL"),
    ]
    with pytest.raises(ConfigError, match="holds no CUSIP"):
        fund_holders(at, symbol="x:SAP")


def test_quarters(lake: Lake, db: Db) -> None:
    days = [date(2025, 12, 31), date(2025, 12, 30), date(2025, 3, 31), date(2025, 1, 1)]
    assert [quarter_end(day) for day in days] == [
        date(2025, 12, 31),
        Q3,
        date(2025, 3, 31),
        date(2024, 12, 31),
    ]
    assert due_quarter(db.at(datetime(2025, 11, 15, tzinfo=UTC)), None) == Q2
    assert due_quarter(db.at(datetime(2025, 11, 16, tzinfo=UTC)), None) == Q3
    with pytest.raises(ConfigError, match="last day"):
        due_quarter(db.at(NOW), date(2025, 9, 29))


def slowly(rows: list[Row], clock: datetime, quarter: date) -> dict[tuple[str, ...], float]:
    """The amounts of a quarter, filing by filing in the order in which they came."""
    books: dict[str, dict[tuple[str, ...], float]] = {}
    filings: dict[tuple[datetime, str], list[Row]] = {}
    for row in rows:
        if row["known_at"] <= clock and row["period_end"] == quarter:
            filings.setdefault((row["known_at"], row["accession"]), []).append(row)
    for _, filing in sorted(filings.items()):
        manager, kind = filing[0]["manager"], filing[0]["amendment_type"]
        book = books.setdefault(manager, {})
        if kind != "NEW HOLDINGS":
            book.clear()
        for row in filing:
            if row["cusip"] != "none":
                key = (manager, row["cusip"], row["put_call"], row["amount_kind"])
                book[key] = book.get(key, 0.0) + row["amount"]
    return {key: amount for book in books.values() for key, amount in book.items()}


def test_portfolios_are_those_of_a_slow_walk_at_many_clocks(demo_lake: DemoLake) -> None:
    every = demo_lake.at().sql("SELECT * FROM fund_holdings_vintages ORDER BY ALL").frame.to_dicts()
    managers = sorted({row["manager"] for row in every})
    moments = sorted(row["known_at"] for row in every if row["amendment_type"])
    rng, compared = random.Random(13), 0
    for moment in rng.sample(moments, 12):
        for clock in (moment - timedelta(seconds=1), moment + timedelta(seconds=1)):
            manager = rng.choice(managers)
            for row in every:
                if row["known_at"] == moment:
                    manager = row["manager"]
                    quarter = row["period_end"]
            frame = fund_portfolio(demo_lake.at(clock), manager=manager, quarter=quarter).frame
            now = frame.filter(pl.col("amount") > 0)
            keys = now.select("manager", "cusip", "put_call", "amount_kind").rows()
            found = dict(zip(keys, now["amount"].to_list(), strict=True))
            expected = slowly(every, clock, quarter)
            assert found == {key: n for key, n in expected.items() if key[0] == manager}
            compared += len(found)
    assert compared > 100


def test_planted_filings_of_the_demo_world(demo_lake: DemoLake) -> None:
    def portfolio(case: tuple[int, date], clock: datetime) -> pl.DataFrame:
        at, manager = demo_lake.at(clock), f"demo:mgr-{case[0] + 1:03d}"
        return fund_portfolio(at, manager=manager, quarter=case[1]).frame

    early = portfolio(IN_THOUSANDS, datetime(2023, 2, 28, tzinfo=UTC))
    shares = early.filter(pl.col("amount_kind") == "SH", pl.col("amount") > 0)
    assert shares.height > 3 and set(shares["flag"]) == {TOO_SMALL}
    later = portfolio(IN_THOUSANDS, datetime(2023, 6, 30, tzinfo=UTC))
    assert later["flag"].is_null().all()
    first = portfolio(WITHHELD, datetime(2016, 10, 1, tzinfo=UTC)).filter(pl.col("amount") > 0)
    whole = portfolio(WITHHELD, datetime(2017, 3, 1, tzinfo=UTC)).filter(pl.col("amount") > 0)
    assert whole.height == first.height + 2
    wrong = portfolio(MISCOUNTED, datetime(2018, 5, 20, tzinfo=UTC))
    right = portfolio(MISCOUNTED, datetime(2018, 7, 1, tzinfo=UTC))
    assert (
        wrong["amount"][0] == 10 * right.filter(pl.col("cusip") == wrong["cusip"][0])["amount"][0]
    )


@pytest.mark.parametrize("seconds", [-1, 1])
def test_nothing_later_than_an_acceptance_shows(
    demo_lake: DemoLake, tmp_path: Path, seconds: int
) -> None:
    """A second around the amendment with holdings withheld: the lake torn at the clock agrees."""
    number, quarter = WITHHELD
    manager = f"demo:mgr-{number + 1:03d}"
    rows = demo_lake.at().sql(
        "SELECT max(known_at) AS at FROM fund_holdings WHERE manager = $manager "
        "AND period_end = $quarter AND amendment_type = 'NEW HOLDINGS'",
        manager=manager,
        quarter=quarter,
    )
    clock = rows.frame.item() + timedelta(seconds=seconds)
    shred.shred(demo_lake.settings.lake, tmp_path / "lake", clock, mode="public")
    shred.disguise(tmp_path / "lake")
    torn = Db(tmp_path / "lake", threads=1)
    try:
        whole, part = demo_lake.at(clock), torn.at(clock)
        held = fund_portfolio(whole, manager=manager, quarter=quarter).frame
        symbols = held["symbol"].drop_nulls().unique().sort().to_list()
        for call, given in (
            (fund_portfolio, {"manager": manager, "quarter": quarter}),
            (fund_filers, {}),
            (fund_holders, {"symbol": symbols[0], "quarter": quarter}),
            (holding_crowding, {"symbols": symbols, "quarter": quarter}),
            (portfolio_overlap, {"symbols": symbols}),
        ):
            answers = [call(at, **given).frame for at in (whole, part)]
            assert answers[0].height and answers[0].equals(answers[1]), call.__name__
    finally:
        torn.close()
