"""Open Exchange Rates: files of past days, the moment that is read only, refusals by name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import Window
from ingest.sources.openexchangerates import SOURCE
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

URL = "https://openexchangerates.org/api/historical/2014-05-10.json"
FILE = {"timestamp": 1399762800, "base": "USD", "rates": {"EUR": 0.726804, "BTC": 1e-9, "USD": 1}}


@pytest.mark.needs("shared")
def test_recorded_replies_read_as_in_the_file(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "openexchangerates/latest_USD.json"))["read:rates"]
    rates = {row["currency"]: row for row in found}
    assert (rates["AED"]["rate"], rates["BTC"]["rate"]) == ("3.672947", "0.0022286109")
    assert rates["AED"]["at"] == "2014-05-10T19:00:50+00:00"
    saved = recorded(shared, "openexchangerates/latest_USD.json", URL)
    stored = {row["symbol"]: row["close"] for row in rows(SOURCE, saved)["prices"]}
    assert stored["oxr:USDAED"] == 3.672947
    assert (
        problem(SOURCE, recorded(shared, "openexchangerates/error_403_not_allowed.json")) == "auth"
    )
    assert (
        problem(SOURCE, recorded(shared, "openexchangerates/error_400_not_available.json"))
        == "client"
    )
    assert len(names(shared, "openexchangerates")) == 3


def test_a_file_of_a_past_day_is_known_when_it_is_over() -> None:
    coin, euro = rows(SOURCE, reply(FILE, URL))["prices"]
    assert (euro["symbol"], euro["close"], euro["date"]) == (
        "oxr:USDEUR",
        0.726804,
        date(2014, 5, 10),
    )
    assert euro["known_at"] == datetime(2014, 5, 11, tzinfo=UTC)
    assert (coin["symbol"], coin["close"]) == ("oxr:USDBTC", 1e-9)


def test_the_file_of_the_current_day_is_not_stored() -> None:
    assert (
        problem(SOURCE, reply(FILE, URL, now=datetime(2014, 5, 10, 23, 30, tzinfo=UTC))) == "empty"
    )


def test_a_series_is_nested_by_day() -> None:
    body = {
        "start_date": "2013-01-01",
        "end_date": "2013-01-02",
        "base": "AUD",
        "rates": {"2013-01-01": {"BTC": 0.0778595876}, "2013-01-02": {"BTC": 0.0789400739}},
    }
    found = rows(SOURCE, reply(body))["prices"]
    assert [(row["symbol"], row["close"]) for row in found] == [
        ("oxr:AUDBTC", 0.0778595876),
        ("oxr:AUDBTC", 0.0789400739),
    ]


def test_other_files_are_read_only() -> None:
    candle = {"base": "USD", "rates": {"EUR": {"open": 1, "high": 2, "low": 1, "close": 1.5}}}
    assert rows(SOURCE, reply(candle))["read:candles"][0]["close"] == "1.5"
    assert rows(SOURCE, reply({"AED": "UAE Dirham"}))["read:currencies"][0]["name"] == "UAE Dirham"
    usage = {"status": 200, "data": {"status": "active", "usage": {"requests": 3}}}
    assert rows(SOURCE, reply(usage))["read:object"][0]["status"] == "active"


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (
            {"error": True, "status": 401, "message": "invalid_app_id", "description": "words"},
            200,
            "auth",
        ),
        (
            {"description": "words", "message": "missing_app_id", "status": 401, "error": True},
            401,
            "auth",
        ),
        (
            {
                "error": True,
                "status": 429,
                "message": "access_restricted",
                "description": "over-use",
            },
            200,
            "quota",
        ),
        (
            {
                "error": True,
                "status": 403,
                "message": "access_restricted",
                "description": "account closed",
            },
            200,
            "auth",
        ),
        (
            {"error": True, "status": 404, "message": "not_found", "description": "no such route"},
            404,
            "client",
        ),
        (
            {"error": True, "status": 400, "message": "invalid_base", "description": "words"},
            400,
            "client",
        ),
        (
            {"error": True, "status": 500, "message": "server_error", "description": "words"},
            500,
            "upstream",
        ),
        ({"status": 401, "message": "missing_app_id", "description": "words"}, 200, "auth"),
        ({"base": "USD", "rates": {}}, 200, "empty"),
        ({"base": "USD", "rates": {"EUR": "abc"}}, 200, "upstream"),
        (HTML, 502, "upstream"),
        (b"", 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL, status)) == expected


def test_the_plan_asks_a_file_per_day_up_to_yesterday() -> None:
    calls = SOURCE.plan(Window(("EUR",), NOW, since=date(2026, 11, 19)))
    assert [call.url[-15:] for call in calls] == ["2026-11-20.json", "2026-11-19.json"]
    assert calls[0].params == {"symbols": "EUR"}


@given(mangled(json.dumps(FILE).encode()) | SHAPES, st.sampled_from(["", URL]))
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes, url: str) -> None:
    survives(SOURCE, reply(body, url))
