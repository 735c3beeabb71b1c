"""What a word means: the surest way first, several meanings all given, nothing guessed."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from analytics.core.resolve import market_of, resolve
from data.lake import Lake
from data.query import At, Db
from tests.analytics.quotes import evening
from tests.pages.world import rows


def listed(symbol: str, **more: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "ticker": symbol.split(":")[1],
        "name": f"{symbol} Inc",
        "asset_class": "equity",
        "currency": "USD",
        "known_at": evening(-9),
        "source": "tiingo",
    } | more


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    lake.upsert(
        "instruments",
        rows(
            "instruments",
            [
                listed("x:VOD", venue="XLON", currency="GBp", isin="GB00BH4HKS39", name="Vodafone"),
                listed("x:VODUS", ticker="VOD", venue="XNAS", aliases="Voda|Vodafone ADR"),
                listed(
                    "x:OLD",
                    ticker="TWICE",
                    delisted_on=date(2009, 3, 13),
                    listed_on=date(1999, 1, 1),
                ),
                listed("x:NEW", ticker="TWICE", listed_on=date(2013, 4, 2)),
                listed("tiingo:AAPL", venue="XNAS", isin="US0378331005", figi="BBG000B9XRY4"),
                listed(
                    "stooq:AAPL.US",
                    ticker="AAPL",
                    venue="XNAS",
                    isin="US0378331005",
                    source="stooq",
                ),
                listed("x:LATER", known_at=evening(5)),
            ],
        ),
    )
    return db.at(evening(0))


def symbols(at: At, word: str) -> list[str]:
    return resolve(at, words=[word]).frame["symbol"].to_list()


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("x:VOD", ["x:VOD"]),
        ("GB00BH4HKS39", ["x:VOD"]),
        ("gb00bh4hks39", ["x:VOD"]),
        ("LSE:VOD", ["x:VOD"]),
        ("lon:vod", ["x:VOD"]),
        ("VOD.L", ["x:VOD"]),
        ("NASDAQ:VOD", ["x:VODUS"]),
        ("VOD", ["x:VOD", "x:VODUS"]),
        ("voda", ["x:VODUS"]),
        ("vodafone", ["x:VOD"]),
        ("TWICE", ["x:NEW", "x:OLD"]),
        ("NOBODY", []),
        ("NYSE:VOD", []),
        ("BBG000B9XRY4", ["tiingo:AAPL"]),
        ("LATER", []),
        ("", []),
    ],
)
def test_a_word_means_what_it_means_in_the_surest_way(at: At, word: str, found: list[str]) -> None:
    assert symbols(at, word) == found


def test_one_instrument_of_several_sources_is_one(at: At) -> None:
    assert len(symbols(at, "AAPL")) == 1
    assert len(symbols(at, "US0378331005")) == 1
    assert symbols(at, "stooq:AAPL.US") == ["stooq:AAPL.US"]  # by its id it is itself


def test_recycled_tickers_tell_their_lives(at: At) -> None:
    frame = resolve(at, words=["TWICE"]).frame
    assert frame["delisted_on"].to_list() == [None, date(2009, 3, 13)]
    assert frame["listed_on"].to_list() == [date(2013, 4, 2), date(1999, 1, 1)]


def test_a_later_clock_knows_more(lake: Lake, db: Db, at: At) -> None:
    assert symbols(db.at(evening(9)), "LATER") == ["x:LATER"]


def test_markets_as_people_write_them() -> None:
    assert market_of("LSE:VOD") == ("XLON", "VOD")
    assert market_of("BRK.B") == ("", "")
    assert market_of("7203.T") == ("XTKS", "7203")
    assert market_of("VOD.") == market_of(":VOD") == market_of("X:") == ("", "")


def test_ten_thousand_words_at_once(at: At) -> None:
    words = [f"W{number}" for number in range(10_000)]
    found = resolve(at, words=[*words, "TWICE"])
    assert found.frame["word"].unique().to_list() == ["TWICE"]
    assert isinstance(found.frame, pl.DataFrame)
