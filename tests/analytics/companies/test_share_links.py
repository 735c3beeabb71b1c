"""Links of companies to priced instruments: recorded replies of both sides, and rows by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.companies.ratios import company_ratios
from analytics.companies.screen import company_screen
from analytics.companies.share_links import code_of_id, matched
from analytics.companies.share_prices import company_prices
from data.lake import Lake
from data.query import Db
from ingest.jobs import Reply
from ingest.runs.reading import read
from ingest.sources import sec_edgar, yahoo_chart
from tests.analytics.companies.filed_facts import about, fact, file_facts
from tests.analytics.quotes import FIRST, quotes, table
from tests.analytics.test_market import instruments, listed
from tests.ingest.market import recorded

EXACT = 1e-9
LATE = datetime(2024, 4, 1, tzinfo=UTC)
DAY = (date(2024, 3, 28) - FIRST).days
SEEN = datetime(2023, 1, 1, tzinfo=UTC)
APPLE = "sec:0000320193"


@pytest.mark.needs("shared")
def test_apple_of_edgar_has_the_price_that_yahoo_gives(shared: Path, lake: Lake, db: Db) -> None:
    """22 February 2022: 164.32 a share, 16,319,441,000 shares on the cover of 14 January."""
    now = datetime(2022, 2, 23, 12, tzinfo=UTC)
    replies = (
        (sec_edgar.SOURCE, recorded(shared, "sec_edgar/companyfacts_CIK0000320193.json")),
        (sec_edgar.SOURCE, seen(recorded(shared, "sec_edgar/company_tickers_exchange.json"), now)),
        (yahoo_chart.SOURCE, seen(recorded(shared, "yahoo_chart/v8_chart_AAPL_1d.json"), now)),
    )
    for source, answer in replies:
        for dataset, rows in read(source, answer).tables.items():
            lake.upsert(dataset, rows)
    lake.upsert("companies", about(APPLE, source="sec_edgar"))
    at = db.at(now)
    accounts = pl.DataFrame(
        {"company": [APPLE], "currency": ["USD"], "known_at": [datetime(2022, 1, 29, tzinfo=UTC)]}
    )
    found = company_prices(accounts, at).frame.row(0, named=True)
    assert (found["symbol"], found["link"]) == ("yahoo:AAPL", "ticker and exchange")
    assert found["price"] == pytest.approx(164.32, rel=EXACT)
    shares = found["market_value"] / found["price"]
    assert shares == pytest.approx(16_319_441_000, rel=EXACT)
    ratios = company_ratios(at, company=APPLE, top=1).frame
    # 5.61 of the year to September 2021, with 2.10 instead of 1.68 of the quarter to December.
    pe = ratios.filter(ratio="pe")["value"][0]
    assert pe == pytest.approx(found["price"] / (5.61 + 2.10 - 1.68), rel=EXACT)
    # Before the list was seen nobody knew whose share it is.
    assert company_prices(accounts, db.at(datetime(2022, 2, 23, 11, tzinfo=UTC))).frame.is_empty()


def seen(answer: Reply, now: datetime) -> Reply:
    """The reply as fetched then."""
    return replace(answer, fetched_at=now)


def listing(ticker: str, company: str = "x:co", **more: Any) -> dict[str, Any]:
    """A ticker as a list of companies has it, without a price."""
    base = {"company": company, "venue": "XNAS", "isin": None, "figi": None, "known_at": SEEN}
    made = listed(f"{company}:{ticker}", **base, source="sec_edgar") | {"ticker": ticker}
    return made | more


def priced(symbol: str, close: float = 50.0, **more: Any) -> list[dict[str, Any]]:
    return quotes({DAY: close}, symbol, source=more.pop("source", "yahoo_chart"), **more)


def found_of(lake: Lake, db: Db, *companies: str, at: datetime = LATE) -> dict[str, dict[str, Any]]:
    accounts = pl.DataFrame(
        {
            "company": list(companies),
            "currency": ["USD"] * len(companies),
            "known_at": [datetime(2024, 2, 9, tzinfo=UTC)] * len(companies),
        }
    )
    frame = company_prices(accounts, db.at(at)).frame
    return {row["company"]: row for row in frame.iter_rows(named=True)}


def cover(shares: float, day: date = date(2024, 1, 26), **more: Any) -> dict[str, Any]:
    return fact("EntityCommonStockSharesOutstanding", None, day, shares, **more) | {
        "unit": "shares",
        "known_at": datetime(2024, 2, 9, tzinfo=UTC),
    }


def put(lake: Lake, *rows: dict[str, Any]) -> None:
    texts = {name: pl.String for name in ("venue", "isin", "figi", "company")}
    frame = pl.concat(
        [
            instruments(row).with_columns(pl.col(k).cast(t) for k, t in texts.items() if k in row)
            for row in rows
        ],
        how="diagonal_relaxed",
    )
    lake.upsert("instruments", frame)


def test_one_class_is_valued_by_the_cover_and_splits_since(lake: Lake, db: Db) -> None:
    put(lake, listing("ABC"), listing("ABC-PC"), listing("ABCDW"))
    first = (date(2024, 2, 20) - FIRST).days
    lake.upsert(
        "prices",
        table(
            quotes(
                {first: 50.0, DAY: 50.0}, "yahoo:ABC", splits={first: 2.0}, source="yahoo_chart"
            ),
            priced("yahoo:ABC-PC", 25.0),
        ),
    )
    file_facts(lake, [cover(1e6)])
    found = found_of(lake, db, "x:co")["x:co"]
    assert (found["symbol"], found["share_classes"]) == ("yahoo:ABC", 1)
    assert found["market_value"] == pytest.approx(50.0 * 2e6, rel=EXACT)
    assert found["price"] == pytest.approx(100.0, rel=EXACT)  # on the footing of the accounts


def test_of_two_classes_without_a_count_each_the_value_is_not_known(lake: Lake, db: Db) -> None:
    put(lake, listing("GOOGL"), listing("GOOG"))
    lake.upsert("prices", table(priced("yahoo:GOOGL", 151.0), priced("yahoo:GOOG", 152.0)))
    found = found_of(lake, db, "x:co")["x:co"]
    assert (found["symbol"], found["price"], found["share_classes"]) == ("yahoo:GOOG", 152.0, 2)
    assert found["market_value"] is None


def test_a_ticker_of_two_companies_is_that_of_none_and_said(lake: Lake, db: Db) -> None:
    put(lake, listing("XYZ", "x:one"), listing("XYZ", "x:two", venue="XNYS"))
    lake.upsert("prices", table(priced("yahoo:XYZ")))
    found = found_of(lake, db, "x:one", "x:two")
    for row in found.values():
        assert (row["price"], row["link"]) == (None, "XYZ is the ticker of several companies")


def test_a_recycled_ticker_is_the_new_companys_and_was_the_old_ones(lake: Lake, db: Db) -> None:
    put(lake, listing("XYZ", "x:old"))
    taken = datetime(2024, 3, 1, tzinfo=UTC)
    put(lake, listing("XYZ", "x:old", delisted_on=date(2024, 2, 29), known_at=taken))
    put(lake, listing("XYZ", "x:new", known_at=taken))
    before = (date(2024, 2, 26) - FIRST).days
    lake.upsert("prices", table(quotes({before: 10.0, DAY: 20.0}, "yahoo:XYZ")))
    now = found_of(lake, db, "x:old", "x:new")
    assert now["x:new"]["price"] == 20.0
    assert "x:old" not in now or now["x:old"]["price"] is None
    then = found_of(lake, db, "x:old", "x:new", at=datetime(2024, 2, 27, tzinfo=UTC))
    assert then["x:old"]["price"] == 10.0
    assert "x:new" not in then


def test_an_isin_says_more_than_a_ticker(lake: Lake, db: Db) -> None:
    isin = "US0000000001"
    put(
        lake,
        listing("AAA", "x:one", isin=isin),
        listing("BBB", "x:two", isin="US0000000002"),
        listed("feed:1", isin=isin, venue="XNYS", known_at=SEEN) | {"ticker": "BBB"},
    )
    lake.upsert("prices", table(priced("feed:1", 7.0, source="exchange")))
    found = found_of(lake, db, "x:one", "x:two")
    assert (found["x:one"]["price"], found["x:one"]["link"]) == (7.0, "ISIN")
    assert found["x:two"]["price"] is None


def test_reports_of_foreign_companies_have_no_price_by_a_ticker(lake: Lake, db: Db) -> None:
    put(lake, listing("TSM"))
    lake.upsert("prices", table(priced("yahoo:TSM")))
    file_facts(lake, [cover(5e9, form="20-F")])
    found = found_of(lake, db, "x:co")["x:co"]
    assert (found["price"], found["link"][:13]) == (None, "it files 20-F")


@pytest.mark.parametrize(
    ("venue", "symbol", "is_link"),
    [
        ("XNAS", "yahoo:ABC", True),
        (None, "yahoo:ABC", True),  # the list knows no exchange
        ("XNYS", "marketstack:ABC.XNAS", False),
        ("XNAS", "marketstack:ABC.XNAS", True),
        ("XNAS", "stooq:abc.us", True),
        ("XNAS", "yahoo:ABC.L", False),
        ("XNAS", "upload:ABC", False),  # of which exchange it is nobody says
        ("XLON", "yahoo:ABC", False),
    ],
)
def test_a_ticker_counts_at_its_exchange_alone(
    venue: str | None, symbol: str, is_link: bool, lake: Lake, db: Db
) -> None:
    put(lake, listing("ABC", venue=venue))
    lake.upsert("prices", table(priced(symbol, source="feed")))
    assert (found_of(lake, db, "x:co")["x:co"]["price"] is not None) is is_link


@pytest.mark.parametrize(
    ("symbol", "code"),
    [
        ("yahoo:BRK-B", ("BRK-B", "US")),
        ("av:BRK.B", ("BRK.B", "US")),
        ("yahoo:VOD.L", ("VOD", "XLON")),
        ("stooq:brk-b.us", ("BRK-B", "US")),
        ("marketstack:AAPL.XNAS", ("AAPL", "XNAS")),
        ("yahoo:^GSPC", (None, None)),
        ("yahoo:EURUSD=X", (None, None)),
        ("x", (None, None)),
    ],
)
def test_what_an_id_says_of_its_market(symbol: str, code: tuple[str | None, str | None]) -> None:
    assert code_of_id(symbol) == code


def test_the_screen_links_as_the_page_does(lake: Lake, db: Db) -> None:
    put(lake, listing("ABC"))
    lake.upsert("companies", about())
    lake.upsert("prices", table(priced("yahoo:ABC")))
    year = (date(2023, 1, 1), date(2023, 12, 31))
    rows = [fact(name, *year, value, form="10-K") for name, value in (("Revenues", 90.0),)]
    eps = fact("EarningsPerShareDiluted", *year, 2.0, form="10-K") | {"unit": "USD per share"}
    file_facts(lake, [*rows, eps, cover(1e6)])
    row = company_screen(db.at(LATE)).frame.row(0, named=True)
    assert (row["price"], row["market_value"]) == (50.0, 50e6)
    ratios = company_ratios(db.at(LATE), company="x:co", top=1).frame
    assert ratios.filter(ratio="pe")["value"].to_list() == [25.0] == [row["pe"]]
    assert set(ratios["link"]) == {"ticker and exchange"}


def test_nothing_matches_nothing() -> None:
    texts = dict.fromkeys(
        ("symbol", "company", "ticker", "key", "market", "isin", "figi"), pl.String
    )
    others = dict.fromkeys(
        ("symbol_priced", "source_priced", "key", "market", "isin", "figi"), pl.String
    )
    assert matched(pl.DataFrame(schema=texts), pl.DataFrame(schema=others)).is_empty()
