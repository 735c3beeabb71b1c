"""Trades in order of arrival, and bars made of them, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from analytics.live.ticks import ohlc, tick_window
from data.errors import ConfigError
from data.lake import Lake
from data.query import Db

OPENING = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)


def trade(number: int, seconds: float, price: float, **other: Any) -> dict[str, Any]:
    """One trade, received a second after it happened."""
    happened = OPENING + timedelta(seconds=seconds)
    row = {
        "venue": "XTST",
        "symbol": "x:AAA",
        "event_at": happened,
        "trade_id": number,
        "price": price,
        "size": 2.0,
        "side": "buy",
        "known_at": happened + timedelta(seconds=1),
        "vintage_grade": "native",
        "source": "feed",
    }
    return row | other


def put(lake: Lake, *rows: dict[str, Any]) -> None:
    types = {name: pl.Datetime("us", "UTC") for name in ("event_at", "known_at")}
    frame = pl.DataFrame(list(rows), schema_overrides=types)
    lake.append("ticks", frame, publish_id=str(rows[0]["trade_id"]))


def window(db: Db, start: float, end: float, *symbols: str, clock: float = 1e6) -> list[list[int]]:
    at = db.at(OPENING + timedelta(seconds=clock))
    span = {
        "start": OPENING + timedelta(seconds=start),
        "end": OPENING + timedelta(seconds=end),
    }
    frames = tick_window(at, list(symbols or ("x:AAA", "x:BBB")), **span)
    return [frame["trade_id"].to_list() for frame in frames]


def test_segments_come_one_by_one_then_more_at_a_time(lake: Lake, db: Db) -> None:
    rows = [trade(n, 300 * n, 1.0) for n in range(8)]
    put(lake, *rows)
    assert window(db, 0, 3000) == [[0], [1, 2], [3, 4, 5, 6], [7]]
    assert window(db, 301, 901) == [[1], [2]]
    assert window(db, 301, 902) == [[1], [2, 3]]


def test_the_order_is_that_of_arrival_and_ties_have_one_too(lake: Lake, db: Db) -> None:
    late = trade(1, 10, 1.0, known_at=OPENING + timedelta(seconds=50))
    tied = trade(3, 20, 1.0, symbol="x:BBB")
    put(lake, late, tied, trade(4, 20, 1.0), trade(2, 20, 1.0), trade(5, 30, 1.0))
    assert window(db, 0, 100) == [[2, 4, 3, 5, 1]]
    assert window(db, 0, 100, "x:BBB") == [[3]]
    assert window(db, 0, 100, "x:CCC") == []


def test_no_trade_that_had_not_arrived(lake: Lake, db: Db) -> None:
    put(lake, trade(1, 10, 1.0), trade(2, 20, 1.0))
    assert window(db, 0, 100, clock=11) == [[1]]
    assert window(db, 0, 100, clock=10) == []


def test_midnight_is_crossed_in_order(lake: Lake, db: Db) -> None:
    night = 9.5 * 3600 - 2
    put(lake, trade(1, night - 5, 1.0), trade(2, night + 5, 1.0), trade(3, night + 3600, 1.0))
    assert window(db, 0, night + 4000) == [[1], [2, 3]]


def test_an_empty_window_is_refused(db: Db) -> None:
    with pytest.raises(ConfigError, match="start before end"):
        window(db, 10, 10)


def bars(db: Db, **params: Any) -> list[tuple[Any, ...]]:
    frame = ohlc(db.at(OPENING + timedelta(days=1)), **params).frame
    return frame.select(
        "symbol", "bar_at", "open", "high", "low", "close", "volume", "trades"
    ).rows()


def test_bars_by_hand(lake: Lake, db: Db) -> None:
    first = [trade(1, 0, 10.0), trade(2, 30, 12.0), trade(3, 59.9, 11.0)]
    put(lake, *first, trade(4, 60, 9.0), trade(5, 5, 50.0, symbol="x:BBB"))
    minute = timedelta(minutes=1)
    assert bars(db) == [
        ("x:AAA", OPENING, 10.0, 12.0, 10.0, 11.0, 6.0, 3),
        ("x:AAA", OPENING + minute, 9.0, 9.0, 9.0, 9.0, 2.0, 1),
        ("x:BBB", OPENING, 50.0, 50.0, 50.0, 50.0, 2.0, 1),
    ]
    assert bars(db, minutes=2, symbols=["x:AAA"]) == [
        ("x:AAA", OPENING, 10.0, 12.0, 9.0, 9.0, 8.0, 4)
    ]
    assert bars(db, start=OPENING + minute) == [bars(db)[1]]
    assert bars(db, end=OPENING + minute, symbols=["x:AAA"]) == [bars(db)[0]]


def test_open_and_close_follow_the_venue_not_the_arrival(lake: Lake, db: Db) -> None:
    late = trade(1, 1, 10.0, known_at=OPENING + timedelta(seconds=900))
    put(lake, trade(2, 20, 11.0), trade(4, 30, 13.0), trade(3, 30, 12.0), late)
    assert bars(db)[0][2:6] == (10.0, 13.0, 10.0, 13.0)
    early = ohlc(db.at(OPENING + timedelta(seconds=100))).frame.row(0, named=True)
    assert (early["open"], early["trades"]) == (11.0, 3)


def test_venues_keep_apart(lake: Lake, db: Db) -> None:
    put(lake, trade(1, 0, 10.0), trade(1, 0, 20.0, venue="XOTH"))
    frame = ohlc(db.at(OPENING + timedelta(days=1))).frame
    assert frame.select("venue", "open").rows() == [("XOTH", 20.0), ("XTST", 10.0)]


def test_a_bar_of_no_minutes_is_refused_and_no_trades_make_none(db: Db) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        bars(db, minutes=0)
    assert bars(db) == []
