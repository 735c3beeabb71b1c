"""CoinGecko: charts of days, quotes, lists of coins, errors of three shapes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import Window
from ingest.sources.coingecko import SOURCE
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

CHART = "https://api.coingecko.com/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=91"
MIDNIGHT = int(datetime(2026, 5, 17, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
DAYS = {
    "prices": [[MIDNIGHT, 77953.8], [MIDNIGHT + DAY, 1e-9], [MIDNIGHT + DAY + 4_512_345, 3.0]],
    "market_caps": [],
    "total_volumes": [],
}


@pytest.mark.needs("shared")
def test_recorded_quotes_read_as_in_the_file(shared: Path) -> None:
    quotes = rows(SOURCE, recorded(shared, "coingecko/gogecko_simple_price.json"))["read:quotes"]
    assert {(q["id"], q["vs_currency"], q["price"]) for q in quotes} == {
        ("bitcoin", "usd", "5005.73"),
        ("bitcoin", "myr", "20474"),
        ("ethereum", "usd", "163.58"),
        ("ethereum", "myr", "669.07"),
    }
    (quote,) = rows(SOURCE, recorded(shared, "coingecko/example_simple_price.json"))["read:quotes"]
    assert (quote["price"], quote["last_updated_at"]) == ("76975", "1779092258")
    assert quote["24h_vol"] == "29096603418.89408"


@pytest.mark.needs("shared")
def test_recorded_coins_become_instruments(shared: Path) -> None:
    coins = rows(SOURCE, recorded(shared, "coingecko/example_coins_list.json"))["instruments"]
    assert [coin["symbol"] for coin in coins] == [
        "coingecko:official-trump",
        "coingecko:ondo-finance",
    ]
    found = rows(SOURCE, recorded(shared, "coingecko/example_coins_markets.json"))
    assert found["instruments"][0]["shares_outstanding"] == 20030493.0
    assert found["instruments"][0]["known_at"] == NOW
    assert found["read:quotes"][0]["current_price"] == "77671"
    coin = rows(SOURCE, recorded(shared, "coingecko/example_coins_id.json"))
    assert (coin["instruments"][0]["ticker"], coin["instruments"][0]["name"]) == ("BTC", "Bitcoin")
    assert {"id": "bitcoin", "vs_currency": "usd", "price": "69840"} in coin["read:quotes"]


@pytest.mark.needs("shared")
def test_recorded_points_within_a_day_are_not_stored(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "coingecko/example_coins_id_market_chart.json"))
    assert [point["price"] for point in found["read:points"]] == [
        "77953.82550382407",
        "78052.87543398788",
    ]


@pytest.mark.needs("shared")
def test_every_other_recorded_reply_has_its_class(shared: Path) -> None:
    classes = {"401_10012": "auth", "404": "client", "429": "quota"}
    for name in names(shared, "coingecko"):
        saved = recorded(shared, name)
        for answer in (saved, reply(saved.body)):  # also when neither request nor status is known
            if "documented_error" in name:
                expected = next(c for part, c in classes.items() if part in name)
                assert problem(SOURCE, answer) == expected, name
            else:
                assert rows(SOURCE, answer), name
    (ping,) = rows(SOURCE, recorded(shared, "coingecko/example_ping.json"))["read:object"]
    assert ping == {"gecko_says": "(V3) To the Moon!"}
    (world,) = rows(SOURCE, recorded(shared, "coingecko/example_global.json"))["read:object"]
    assert world["active_cryptocurrencies"] == "17397"


def test_a_point_at_midnight_closes_the_day_before_and_the_present_is_dropped() -> None:
    prices = rows(SOURCE, reply(DAYS, CHART))["prices"]
    assert [(row["date"], row["close"]) for row in prices] == [
        (date(2026, 5, 16), 77953.8),
        (date(2026, 5, 17), 1e-9),
    ]
    assert prices[0]["known_at"] == datetime(2026, 5, 17, 0, 35, tzinfo=UTC)
    assert (prices[0]["symbol"], prices[0]["currency"]) == ("coingecko:bitcoin", "USD")
    assert prices[0]["open"] is None


def test_another_currency_is_another_instrument() -> None:
    (row, _) = rows(SOURCE, reply(DAYS, CHART.replace("usd", "eur")))["prices"]
    assert (row["symbol"], row["currency"]) == ("coingecko:bitcoin:eur", "EUR")


def test_a_day_that_is_not_over_is_not_stored() -> None:
    now = datetime(2026, 5, 17, 0, 10, tzinfo=UTC)
    prices = rows(SOURCE, reply(DAYS, CHART, now=now))["prices"]
    assert [(row["date"], row["known_at"]) for row in prices] == [(date(2026, 5, 16), now)]


def test_nulls_are_missing() -> None:
    body = {"prices": [[MIDNIGHT, None], [MIDNIGHT + DAY, 2.0]]}
    assert [row["close"] for row in rows(SOURCE, reply(body, CHART))["prices"]] == [2.0]
    coin = {
        "id": "x",
        "symbol": "x",
        "name": "X",
        "current_price": None,
        "circulating_supply": None,
    }
    assert rows(SOURCE, reply([coin]))["instruments"][0]["shares_outstanding"] is None


def test_ids_that_were_left_out_unsaid_are_named() -> None:
    url = "https://api.coingecko.com/api/v3/simple/price?ids=bitcoin,nope&vs_currencies=usd"
    assert "nope" in SOURCE.parse(reply({"bitcoin": {"usd": 1}}, url)).note
    assert problem(SOURCE, reply({}, url)) == "empty"
    assert problem(SOURCE, reply({"bitcoin": {}}, url)) == "empty"


def test_candles_are_read_and_not_stored() -> None:
    found = rows(SOURCE, reply([[MIDNIGHT, 1, 2, 0.5, 1.5]]))["read:candles"]
    assert found == [
        {"stamp": str(MIDNIGHT), "open": "1", "high": "2", "low": "0.5", "close": "1.5"}
    ]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"status": {"error_code": 429, "error_message": "exceeded the Rate Limit"}}, 200, "quota"),
        (
            {"error": {"status": {"error_code": 10002, "error_message": "API Key Missing"}}},
            200,
            "auth",
        ),
        ({"status": {"error_code": 10011, "error_message": "wrong host"}}, 400, "auth"),
        ({"error": "Could not find coin with the given id"}, 404, "client"),
        ({"status": {"error_code": 503, "error_message": "Service unavailable"}}, 503, "upstream"),
        ("error code: 1020", 403, "blocked"),
        (b"<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title>", 403, "blocked"),
        (b"<html><head><title>Just a moment...</title></head></html>", 200, "blocked"),
        ("Throttled", 429, "quota"),
        (HTML, 502, "upstream"),
        ([], 200, "empty"),
        ({"prices": [], "market_caps": []}, 200, "empty"),
        ({"prices": [1, 2]}, 200, "upstream"),
        (b"", 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, CHART, status)) == expected


def test_the_plan_asks_for_daily_points_within_what_the_plan_allows() -> None:
    (call,) = SOURCE.plan(Window(("coingecko:bitcoin",), NOW, since=date(2026, 11, 19)))
    assert call.url.endswith("/coins/bitcoin/market_chart")
    assert (call.params["days"], call.params["interval"]) == ("3", "daily")
    (old,) = SOURCE.plan(Window(("bitcoin",), NOW, since=date(2013, 1, 1)))
    assert old.params["days"] == "365"
    assert "bitcoin" in SOURCE.plan(Window((), NOW, job="coingecko_coins"))[0].params["ids"]


@given(mangled(json.dumps(DAYS).encode()) | SHAPES, st.sampled_from(["", CHART]))
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes, url: str) -> None:
    survives(SOURCE, reply(body, url))
