"""Binance: candles into days and minutes, trades into ticks, pairs into instruments."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import ReplyError, Window
from ingest.sources._binance_rows import candles, quote_of
from ingest.sources.binance import SOURCE
from tests.ingest.market import (
    HTML,
    NOW,
    SHAPES,
    mangled,
    names,
    problem,
    recorded,
    reply,
    rows,
    survives,
)

HOST = "https://data-api.binance.vision/api/v3"
OPENED = 1634943780000


def candle(opened: int, close: str = "60719.27000000", span: int = 60_000) -> list[object]:
    """One candle in the order of the venue."""
    figures = ["60685.22000000", "60729.84000000", "60670.90000000", close, "21.63272000"]
    rest = ["1313200.01", 617, "12.28", "745719.41", "0"]
    return [opened, *figures, opened + span - 1, *rest]


MINUTES = json.dumps([candle(OPENED), candle(OPENED + 60_000)], separators=(",", ":")).encode()
KLINES = f"{HOST}/klines?symbol=BTCUSDT&interval=1m"


@pytest.mark.needs("shared")
def test_recorded_minute_candles_read_as_in_the_file(shared: Path) -> None:
    bars = rows(SOURCE, recorded(shared, "binance/rest_klines_BTCUSDT_1m.json"))["bars"]
    assert len(bars) == 10
    first = bars[0]
    assert first["event_at"] == datetime(2021, 10, 22, 23, 3, tzinfo=UTC)
    assert first["known_at"] == datetime(2021, 10, 22, 23, 4, tzinfo=UTC)
    assert (first["open"], first["close"], first["volume"]) == (60685.22, 60719.27, 21.63272)
    assert (first["symbol"], first["venue"], first["currency"]) == (
        "binance:BTCUSDT",
        "binance",
        "USDT",
    )


@pytest.mark.needs("shared")
def test_recorded_trades_read_as_in_the_file(shared: Path) -> None:
    ticks = rows(SOURCE, recorded(shared, "binance/rest_trades_BTCUSDT.json"))["ticks"]
    first = min(ticks, key=lambda tick: tick["trade_id"])
    assert (first["trade_id"], first["price"], first["size"]) == (1111468873, 60650.0, 0.02924)
    assert first["side"] == "sell"  # isBuyerMaker is true there
    assert first["known_at"] == NOW
    aggregates = rows(SOURCE, recorded(shared, "binance/rest_aggTrades_BTCUSDT.json"))["ticks"]
    assert {tick["venue"] for tick in aggregates} == {"binance-agg"}
    assert min(tick["trade_id"] for tick in aggregates) == 966492862


@pytest.mark.needs("shared")
def test_recorded_pairs_and_book_and_time(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "binance/rest_exchangeInfo.json"))
    assert len(found["instruments"]) == 60
    pair = next(row for row in found["instruments"] if row["symbol"] == "binance:ETHBTC")
    assert (pair["currency"], pair["name"], pair["asset_class"]) == ("BTC", "ETH/BTC", "crypto")
    assert found["read:pairs"][0]["tick_size"] == "0.00000100"
    book = rows(SOURCE, recorded(shared, "binance/rest_depth_RUNEEUR.json"))["read:book"]
    assert (book[0]["side"], book[0]["price"]) == ("bids", "6.25100000")
    clock = rows(SOURCE, recorded(shared, "binance/rest_time.json"))["read:time"]
    assert clock == [{"server_time": "2021-10-10T03:11:06.289000+00:00"}]


@pytest.mark.needs("shared")
def test_recorded_frames_of_the_stream(shared: Path) -> None:
    tick = rows(SOURCE, recorded(shared, "binance/ws_trade_ETHUSDT.json"))["ticks"][0]
    assert (tick["trade_id"], tick["price"], tick["side"]) == (705291099, 4149.74, "sell")
    found = rows(SOURCE, recorded(shared, "binance/ws_combined_stream.ndjson"))
    assert {tick["symbol"] for tick in found["ticks"]} == {"binance:NKNUSDT", "binance:LRCBTC"}
    assert "bars" not in found  # none of its candles says that it is closed


@pytest.mark.needs("shared")
def test_every_recorded_reply_is_read_also_without_its_request(shared: Path) -> None:
    for name in names(shared, "binance"):
        if not name.endswith(".txt"):  # the receiver's own clock, no reply of Binance
            for url in (None, ""):
                assert rows(SOURCE, recorded(shared, name, url)), name


def test_the_open_candle_is_left_out() -> None:
    now = datetime.fromtimestamp((OPENED + 60_000 + 30_000) / 1000, UTC)
    bars = rows(SOURCE, reply(MINUTES, KLINES, now=now))["bars"]
    assert [bar["event_at"].minute for bar in bars] == [3]
    before = datetime.fromtimestamp((OPENED + 30_000) / 1000, UTC)
    assert problem(SOURCE, reply(MINUTES, KLINES, now=before)) == "empty"


def test_days_go_to_prices_and_are_known_at_midnight_after_them() -> None:
    day = int(datetime(2020, 3, 12, tzinfo=UTC).timestamp() * 1000)
    body = [candle(day, "1e-9", span=86_400_000)]
    price = rows(SOURCE, reply(body, f"{HOST}/klines?symbol=PEPEEUR&interval=1d"))["prices"][0]
    assert (price["date"], price["close"]) == (date(2020, 3, 12), 1e-9)
    assert price["known_at"] == datetime(2020, 3, 13, tzinfo=UTC)
    assert (price["currency"], price["vintage_grade"]) == ("EUR", "lagged")


def test_spans_without_a_dataset_are_read_and_not_stored() -> None:
    hour = [candle(OPENED // 3_600_000 * 3_600_000, span=3_600_000)]
    assert list(rows(SOURCE, reply(hour, KLINES))) == ["read:candles"]
    shifted = [candle(OPENED, span=86_400_000)]  # days of another zone than UTC
    assert list(rows(SOURCE, reply(shifted, KLINES))) == ["read:candles"]


def test_microseconds_are_told_by_their_size() -> None:
    body = [candle(OPENED)]
    body[0][0], body[0][6] = OPENED * 1000, (OPENED + 60_000) * 1000 - 1
    bar = rows(SOURCE, reply(body, KLINES))["bars"][0]
    assert bar["event_at"] == datetime(2021, 10, 22, 23, 3, tzinfo=UTC)


@pytest.mark.parametrize("indent", [None, 2])
def test_both_roads_read_the_same(indent: int | None) -> None:
    body = json.dumps([candle(OPENED), candle(OPENED + 60_000)], indent=indent).encode()
    swept = candles(body)
    assert swept.equals(candles(b"", json.loads(body)))
    assert swept.height == 2


def test_a_null_inside_a_candle_is_missing() -> None:
    first, second = candle(OPENED), candle(OPENED + 60_000)
    second[5] = None
    bars = rows(SOURCE, reply([first, second], KLINES))["bars"]
    assert [bar["volume"] for bar in bars] == [21.63272, None]


def test_a_full_page_is_followed_from_its_last_close() -> None:
    body = [candle(OPENED + 60_000 * n) for n in range(2)]
    asked = f"{KLINES}&limit=2&startTime={OPENED}"
    (call,) = SOURCE.parse(reply(body, asked)).follow
    assert call.params["startTime"] == str(OPENED + 120_000)
    assert (call.params["symbol"], call.url) == ("BTCUSDT", f"{HOST}/klines")
    assert not SOURCE.parse(reply(body, f"{KLINES}&limit=3&startTime={OPENED}")).follow
    assert not SOURCE.parse(reply(body, f"{asked}&endTime={OPENED + 119_999}")).follow


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"code": -1121, "msg": "Invalid symbol."}, 400, "client"),
        ({"msg": "Invalid symbol.", "code": -1121}, 200, "client"),
        ({"code": -1003, "msg": "Too many requests."}, 200, "quota"),
        ({"code": -1003, "msg": "Way too much; banned."}, 418, "quota"),
        ({"code": -2014, "msg": "API-key format invalid."}, 401, "auth"),
        ({"code": -1001, "msg": "Internal error."}, 500, "upstream"),
        ({"code": 0, "msg": "Service unavailable from a restricted location"}, 451, "blocked"),
        ({"code": 0, "msg": "Service unavailable from a restricted location"}, 200, "blocked"),
        ([], 200, "empty"),
        (HTML, 502, "upstream"),
        (b"<html><title>403 ERROR</title></html>", 403, "blocked"),
        (b"", 200, "upstream"),
        (b"[[163494", 200, "upstream"),
        ([[1, 2, 3]], 200, "upstream"),
        ({}, 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, KLINES, status)) == expected


def test_a_ban_says_how_long() -> None:
    answer = reply({"code": -1003, "msg": "banned"}, KLINES, 429, Retry_After="120")
    with pytest.raises(ReplyError, match="banned") as raised:
        SOURCE.parse(answer)
    assert raised.value.retry_after_s == 120


def test_a_symbol_may_hold_any_character() -> None:
    pair = {
        "symbol": "币安人生USDT",
        "baseAsset": "币安人生",
        "quoteAsset": "USDT",
        "status": "BREAK",
    }
    found = rows(SOURCE, reply({"symbols": [pair]}))["instruments"][0]
    assert found["symbol"] == "binance:币安人生USDT"
    assert quote_of("币安人生USDT") == "USDT"
    assert quote_of("USDT") == ""


def test_the_plan_asks_a_page_per_pair() -> None:
    window = Window(("binance:BTCUSDT",), NOW, since=date(2020, 1, 1), job="binance_daily")
    (call,) = SOURCE.plan(window)
    assert call.params["symbol"] == "BTCUSDT"
    assert call.params["startTime"] == "1577836800000"
    assert {call.params["symbol"] for call in SOURCE.plan(Window((), NOW))} >= {"BTCUSDT", "ETHBTC"}


def test_minutes_reach_back_a_little_and_once_an_hour_a_page() -> None:
    starts = {}
    for minute in (0, 1):
        now = datetime(2026, 11, 21, 12, minute, tzinfo=UTC)
        (call,) = SOURCE.plan(Window(("BTCUSDT",), now, job="binance_minutes"))
        begins = datetime.fromtimestamp(int(call.params["startTime"]) / 1000, UTC)
        starts[minute] = (now - begins).total_seconds() / 60
    assert starts == {0: 1000, 1: 10}


@given(mangled(MINUTES) | SHAPES, st.sampled_from(["", KLINES, f"{HOST}/trades?symbol=ETHBTC"]))
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes, url: str) -> None:
    survives(SOURCE, reply(body, url))
