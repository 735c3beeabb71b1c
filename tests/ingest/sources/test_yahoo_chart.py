"""Yahoo's chart: what was paid, in which money, on which day, and no unfinished session."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from ingest.jobs import Window
from ingest.sources.yahoo_chart import SOURCE
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

OPEN = int(datetime(2024, 6, 6, 13, 30, tzinfo=UTC).timestamp())
DAY = 86_400


def chart(**meta: Any) -> dict[str, Any]:
    """Three sessions in New York, Thursday, Friday and Monday, with a split before the third."""
    figures = [120.888, 12.1, None]
    stamps = [OPEN, OPEN + DAY, OPEN + 4 * DAY]
    head = {
        "currency": "USD",
        "symbol": "NVDA",
        "exchangeName": "NMS",
        "instrumentType": "EQUITY",
        "exchangeTimezoneName": "America/New_York",
        "dataGranularity": "1d",
    }
    quote = {name: figures for name in ("open", "high", "low", "close")}
    result = {
        "meta": head | meta,
        "timestamp": stamps,
        "indicators": {"quote": [quote | {"volume": [1000, 2000, None]}]},
    }
    return {"chart": {"result": [result], "error": None}}


@pytest.mark.needs("shared")
def test_recorded_bars_read_as_in_the_file(shared: Path) -> None:
    (bar,) = rows(SOURCE, recorded(shared, "yahoo_chart/v8_chart_AAPL_1d.json"))["prices"]
    assert (bar["date"], bar["close"], bar["volume"]) == (date(2022, 2, 22), 164.32, 91162800)
    assert bar["known_at"] == datetime(2022, 2, 22, 21, 20, tzinfo=UTC)
    assert (bar["symbol"], bar["currency"]) == ("yahoo:AAPL", "USD")
    german = rows(SOURCE, recorded(shared, "yahoo_chart/v8_chart_WSU.DE.json"))["prices"]
    assert [(row["date"].day, row["low"], row["currency"]) for row in german][0] == (4, 34.1, "EUR")


@pytest.mark.needs("shared")
def test_recorded_splits_and_dividends(shared: Path) -> None:
    apple = rows(SOURCE, recorded(shared, "yahoo_chart/v8_chart_AAPL_2020-08_to_11.json"))["prices"]
    assert {row["date"]: row["split_ratio"] for row in apple if row["split_ratio"]} == {
        date(2020, 8, 31): 4
    }
    assert {row["date"]: row["dividend"] for row in apple if row["dividend"]} == {
        date(2020, 11, 6): 0.205
    }
    nvidia = rows(SOURCE, recorded(shared, "yahoo_chart/v8_chart_NVDA_split_2021.json"))["prices"]
    first = nvidia[0]
    # The file states 13.237, divided by the 4 for 1 of July 2021 that lies in its span.
    assert (first["date"], first["close"]) == (date(2021, 2, 1), pytest.approx(4 * 13.237))
    assert len(nvidia) == 252


@pytest.mark.needs("shared")
def test_recorded_nulls_currencies_and_the_session_under_way(shared: Path) -> None:
    rupee = rows(SOURCE, recorded(shared, "yahoo_chart/v8_chart_INRX_with_null.json"))["prices"]
    assert [row["date"].day for row in rupee] == [10, 12, 13]
    assert (rupee[0]["close"], rupee[0]["asset_class"]) == (64.6117, "fx")
    coin = rows(SOURCE, recorded(shared, "yahoo_chart/v8_chart_BTC-USD.json"))["prices"]
    assert coin[0]["known_at"] == datetime(2020, 1, 2, 0, 20, tzinfo=UTC)
    brent = rows(SOURCE, recorded(shared, "yahoo_chart/v8_chart_BZ=F.json"))["prices"]
    assert (brent[0]["date"], brent[0]["close"]) == (date(2026, 7, 6), 71.99)
    assert brent[-1]["date"] == date(2026, 8, 4)  # the fifth was still trading


@pytest.mark.needs("shared")
def test_every_other_recorded_reply_has_its_class(shared: Path) -> None:
    classes = {"weekend_empty": "empty", "no_timestamp": "empty", "unknown_symbol": "client"}
    for name in names(shared, "yahoo_chart"):
        saved = recorded(shared, name)
        for answer in (saved, reply(saved.body)):
            expected = next((c for part, c in classes.items() if part in name), None)
            if expected:
                assert problem(SOURCE, answer) == expected, name
            else:
                assert rows(SOURCE, answer)["read:bars" if "15m" in name else "prices"], name


def test_what_is_stored_is_what_was_paid() -> None:
    body = chart()
    body["chart"]["result"][0]["events"] = {
        "splits": {
            "1": {"date": OPEN + DAY, "numerator": 10, "denominator": 1, "splitRatio": "10:1"}
        },
        "dividends": {"2": {"date": OPEN, "amount": 0.004}},
    }
    before, after = rows(SOURCE, reply(body))["prices"]
    assert (before["close"], before["volume"], before["dividend"]) == (1208.88, 100, 0.04)
    assert (after["close"], after["volume"], after["split_ratio"]) == (12.1, 2000, 10)


def test_two_splits_on_a_chart_multiply() -> None:
    body = chart()
    splits = {str(n): {"date": OPEN + DAY, "numerator": n, "denominator": 1} for n in (2, 5)}
    body["chart"]["result"][0]["events"] = {"splits": splits}
    assert [row["close"] for row in rows(SOURCE, reply(body))["prices"]] == [1208.88, 12.1]


@pytest.mark.parametrize(
    ("stated", "stored"),
    [("GBp", "GBp"), ("ZAc", "ZAc"), ("ILA", "ILA"), ("usd", "USD"), ("GBX", "GBp"), (None, "XXX")],
)
def test_minor_units_stay_minor(stated: str | None, stored: str) -> None:
    assert {row["currency"] for row in rows(SOURCE, reply(chart(currency=stated)))["prices"]} == {
        stored
    }


def test_a_negative_price_passes() -> None:
    body = chart(symbol="CL=F", instrumentType="FUTURE", exchangeName="NYM")
    body["chart"]["result"][0]["indicators"]["quote"][0]["close"] = [-37.63, 10.0, None]
    assert rows(SOURCE, reply(body))["prices"][0]["close"] == -37.63


def test_the_day_is_that_of_the_venue_and_a_half_day_closes_early() -> None:
    opened = int(datetime(2023, 11, 24, 14, 30, tzinfo=UTC).timestamp())
    body = chart()
    body["chart"]["result"][0]["timestamp"] = [opened, opened + 3 * DAY, opened + 4 * DAY]
    first = rows(SOURCE, reply(body))["prices"][0]
    assert first["known_at"] == datetime(2023, 11, 24, 18, 20, tzinfo=UTC)  # closed at one
    tokyo = chart(exchangeName="JPX", exchangeTimezoneName="Asia/Tokyo", currency="JPY")
    opened = int(datetime(2024, 6, 6, 0, 0, tzinfo=UTC).timestamp())  # nine in Tokyo
    tokyo["chart"]["result"][0]["timestamp"] = [opened, opened + DAY, opened + 4 * DAY]
    assert rows(SOURCE, reply(tokyo))["prices"][0]["date"] == date(2024, 6, 6)


@pytest.mark.parametrize("code", ["SNP", "DJI"])
def test_an_index_of_new_york_ends_with_its_session_not_at_midnight(code: str) -> None:
    """The daily job runs in the evening: a day that ended at midnight would come a day late."""
    body = chart(exchangeName=code, instrumentType="INDEX", symbol="^GSPC")
    evening = datetime(2024, 6, 8, 2, 30, tzinfo=UTC)
    found = rows(SOURCE, reply(body, now=evening))["prices"]
    assert [row["date"].day for row in found] == [6, 7]
    assert found[-1]["known_at"] == datetime(2024, 6, 7, 20, 20, tzinfo=UTC)


def test_the_session_under_way_is_left_out() -> None:
    now = datetime(2024, 6, 7, 15, 0, tzinfo=UTC)
    assert [row["date"].day for row in rows(SOURCE, reply(chart(), now=now))["prices"]] == [6]
    before = datetime(2024, 6, 6, 15, 0, tzinfo=UTC)
    assert problem(SOURCE, reply(chart(), now=before)) == "empty"
    live = chart(regularMarketTime=OPEN + DAY + 3600)
    live["chart"]["result"][0]["timestamp"][1] = OPEN + DAY + 3600
    assert [row["date"].day for row in rows(SOURCE, reply(live))["prices"]] == [6]


def test_an_array_may_be_missing() -> None:
    body = chart()
    del body["chart"]["result"][0]["indicators"]["quote"][0]["volume"]
    assert [row["volume"] for row in rows(SOURCE, reply(body))["prices"]] == [None, None]


def test_minutes_become_bars_and_hours_are_read_only() -> None:
    body = chart(dataGranularity="1m")
    body["chart"]["result"][0]["timestamp"] = [OPEN, OPEN + 60, OPEN + 97]
    bars = rows(SOURCE, reply(body))["bars"]
    assert [(bar["venue"], bar["event_at"].minute) for bar in bars] == [("XNAS", 30), ("XNAS", 31)]
    # The chart comes twenty minutes late, also in minutes.
    assert bars[0]["known_at"] == datetime(2024, 6, 6, 13, 51, tzinfo=UTC)
    assert list(rows(SOURCE, reply(chart(dataGranularity="1h")))) == ["read:bars"]


def test_the_print_of_the_close_is_no_minute() -> None:
    body = chart(dataGranularity="1m", tradingPeriods=[[{"start": OPEN, "end": OPEN + 60}]])
    result = body["chart"]["result"][0]
    result["timestamp"] = [OPEN, OPEN + 60, OPEN + 97]
    quote = result["indicators"]["quote"][0]
    assert [bar["event_at"].minute for bar in rows(SOURCE, reply(body))["bars"]] == [30, 31]
    quote["volume"] = [100, 0, 0]
    assert [bar["event_at"].minute for bar in rows(SOURCE, reply(body))["bars"]] == [30]


def refusal(code: str, words: str = "some words", outer: str = "chart") -> dict[str, Any]:
    """The envelope of a refusal."""
    return {outer: {"result": None, "error": {"code": code, "description": words}}}


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (refusal("Not Found", "No data found"), 404, "client"),
        ({"chart": {"result": [], "error": None}}, 200, "empty"),
        (refusal("Bad Request", "Data doesn't exist for startDate = 1"), 400, "empty"),
        (refusal("Unprocessable Entity", "1m data not available"), 422, "client"),
        (refusal("Unauthorized", "Invalid Crumb", "finance"), 401, "auth"),
        ("Too Many Requests\r\n", 429, "quota"),
        ("Edge: Too Many Requests", 200, "quota"),
        (HTML, 502, "upstream"),
        ({"chart": {}}, 200, "upstream"),
        ({}, 200, "upstream"),
        (b"", 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, status=status)) == expected


def test_a_chart_that_ends_long_ago_says_what_it_cannot_know() -> None:
    assert "splits after 2024-06-10" in SOURCE.parse(reply(chart())).note
    assert not SOURCE.parse(reply(chart(), now=datetime(2024, 6, 11, tzinfo=UTC))).note


def test_it_is_off_by_default_and_asks_up_to_the_present() -> None:
    assert not SOURCE.is_default
    (call,) = SOURCE.plan(
        Window(("yahoo:AAPL",), NOW, since=date(2020, 1, 1), until=date(2021, 1, 1))
    )
    assert call.url.endswith("/AAPL")
    assert call.params["period2"] == str(int(NOW.timestamp()))
    assert call.params["events"] == "div,splits"


@given(mangled(json.dumps(chart()).encode()) | SHAPES)
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes) -> None:
    survives(SOURCE, reply(body))


def test_parse_changes_nothing_of_its_reply() -> None:
    body = chart()
    before = copy.deepcopy(body)
    rows(SOURCE, reply(body))
    assert body == before
