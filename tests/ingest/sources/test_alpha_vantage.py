"""Alpha Vantage: labels that vary by function, money from our list, errors that arrive as 200."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import ReplyError, Window
from ingest.sources.alpha_vantage import SOURCE
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

URL = "https://www.alphavantage.co/query?function="
META = {"1. Information": "Daily Prices", "2. Symbol": "IBM", "5. Time Zone": "US/Eastern"}
BAR = {"1. open": "127.95", "2. high": "129.675", "3. low": "127.66", "4. close": "128.58"}
DAILY = {"Meta Data": META, "Time Series (Daily)": {"2021-01-11": BAR, "2020-11-27": BAR}}


@pytest.mark.needs("shared")
def test_recorded_days_read_as_in_the_file(shared: Path) -> None:
    days = rows(SOURCE, recorded(shared, "alpha_vantage/TIME_SERIES_DAILY_IBM.json"))["prices"]
    last = days[-1]
    assert (len(days), last["date"], last["close"]) == (7, date(2021, 1, 11), 128.58)
    assert (last["symbol"], last["currency"]) == ("av:IBM", "USD")
    assert last["known_at"] == datetime(2021, 1, 11, 22, 0, tzinfo=UTC)
    pair = rows(SOURCE, recorded(shared, "alpha_vantage/FX_DAILY_EUR_AUD.json"))["prices"]
    assert (pair[-1]["symbol"], pair[-1]["currency"]) == ("av:EURAUD", "AUD")
    assert (pair[-1]["close"], pair[-1]["asset_class"]) == (1.57823, "fx")
    (quote,) = rows(SOURCE, recorded(shared, "alpha_vantage/GLOBAL_QUOTE_MSFT.json"))["prices"]
    assert (quote["date"], quote["close"], quote["volume"]) == (date(2018, 10, 5), 112.13, 29062853)


@pytest.mark.needs("shared")
def test_recorded_minutes_read_as_in_the_file(shared: Path) -> None:
    bars = rows(SOURCE, recorded(shared, "alpha_vantage/TIME_SERIES_INTRADAY_MSFT_1min.json"))[
        "bars"
    ]
    last = bars[-1]
    assert last["event_at"] == datetime(2017, 12, 18, 19, 56, tzinfo=UTC)
    assert (last["open"], last["close"], last["volume"]) == (86.49, 86.5, 10494)
    assert last["known_at"] == datetime(2017, 12, 18, 20, 57, tzinfo=UTC)


@pytest.mark.needs("shared")
def test_recorded_profiles_searches_and_rates(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "alpha_vantage/OVERVIEW_IBM.json"))
    (profile,) = found["companies"]
    assert (profile["name"], profile["country"]) == (
        "International Business Machines Corporation",
        "USA",
    )
    assert profile["fiscal_year_end"] == "12-31"
    assert found["instruments"][0]["shares_outstanding"] == 890579008
    hits = rows(SOURCE, recorded(shared, "alpha_vantage/SYMBOL_SEARCH_IBM.json"))["instruments"]
    by_symbol = {row["symbol"]: row for row in hits}
    assert (by_symbol["av:IBM"]["currency"], by_symbol["av:IBMJ"]["asset_class"]) == ("USD", "etf")
    (rate,) = rows(SOURCE, recorded(shared, "alpha_vantage/CURRENCY_EXCHANGE_RATE_BTC_CNY.json"))[
        "read:rate"
    ]
    assert rate["exchange rate"] == "109631.43060700"


@pytest.mark.needs("shared")
def test_every_recorded_reply_has_its_class_also_without_its_request(shared: Path) -> None:
    classes = {"error_message": "client", "rate_limit": "quota"}
    for name in names(shared, "alpha_vantage"):
        saved = recorded(shared, name)
        for answer in (saved, reply(saved.body)):
            expected = next((c for part, c in classes.items() if part in name), None)
            if expected:
                assert problem(SOURCE, answer) == expected, name
            else:
                assert rows(SOURCE, answer), name


def test_a_half_day_closes_early() -> None:
    first = rows(SOURCE, reply(DAILY))["prices"][0]
    assert first["known_at"] == datetime(
        2020, 11, 27, 19, 0, tzinfo=UTC
    )  # 13:00 in New York and an hour


def test_adjusted_series_keep_the_raw_close_with_its_events_beside() -> None:
    bar = {
        **BAR,
        "5. adjusted close": "1.0",
        "6. volume": "7",
        "7. dividend amount": "1.63",
        "8. split coefficient": "2.0",
    }
    (row,) = rows(SOURCE, reply({"Meta Data": META, "Time Series (Daily)": {"2021-01-11": bar}}))[
        "prices"
    ]
    assert (row["close"], row["dividend"], row["split_ratio"], row["volume"]) == (
        128.58,
        1.63,
        2,
        7,
    )


def test_a_coin_is_priced_in_its_market() -> None:
    meta = {"2. Digital Currency Code": "BTC", "4. Market Code": "CNY", "7. Time Zone": "UTC"}
    bar = {
        f"{n}{letter}. {word} ({money})": str(value)
        for n, word in enumerate(("open", "high", "low", "close"), 1)
        for letter, money, value in (("a", "CNY", 9e-9), ("b", "USD", 1e-9))
    }
    body = {"Meta Data": meta, "Time Series (Digital Currency Daily)": {"2021-01-11": bar}}
    (row,) = rows(SOURCE, reply(body))["prices"]
    assert (row["symbol"], row["currency"], row["close"]) == ("av:BTCCNY", "CNY", 9e-9)
    assert (row["asset_class"], row["known_at"]) == ("crypto", datetime(2021, 1, 12, 1, tzinfo=UTC))


def test_the_same_figures_as_csv() -> None:
    body = "timestamp,open,high,low,close,volume\r\n2021-01-11,127.95,129.675,127.66,128.58,5\r\n"
    (row,) = rows(SOURCE, reply(body, f"{URL}TIME_SERIES_DAILY&symbol=IBM&datatype=csv"))["prices"]
    assert (row["symbol"], row["close"], row["volume"]) == ("av:IBM", 128.58, 5)
    assert list(rows(SOURCE, reply(body))) == ["read:rows"]
    assert problem(SOURCE, reply(body[:60])) == "upstream"


@pytest.mark.parametrize("word", ["None", "-", ".", "", None])
def test_ways_to_say_nothing(word: str | None) -> None:
    body = {"Meta Data": META, "Time Series (Daily)": {"2021-01-11": {**BAR, "1. open": word}}}
    assert rows(SOURCE, reply(body))["prices"][0]["open"] is None


def test_a_currency_is_never_guessed() -> None:
    body = {
        "Meta Data": {**META, "2. Symbol": "ABCD.XYZ"},
        "Time Series (Daily)": {"2021-01-11": BAR},
    }
    parsed = SOURCE.parse(reply(body))
    assert parsed.tables["prices"]["currency"].to_pylist() == ["XXX"]
    assert "ABCD.XYZ" in parsed.note
    body["Meta Data"] = {**META, "2. Symbol": "TSCO.LON"}
    assert rows(SOURCE, reply(body))["prices"][0]["currency"] == "GBp"


def test_indicators_are_what_we_saw_when_we_looked() -> None:
    body = {
        "name": "CPI",
        "interval": "monthly",
        "unit": "index 1982-1984=100",
        "data": [{"date": "2023-03-01", "value": "301.836"}, {"date": "2023-04-01", "value": "."}],
    }
    (row,) = rows(SOURCE, reply(body, f"{URL}CPI"))["macro"]
    assert (row["series_id"], row["value"], row["known_at"]) == ("av:CPI:monthly", 301.836, NOW)
    assert row["vintage_grade"] == "snapshot"


@pytest.mark.parametrize(
    "name", ["Weekly Time Series", "Monthly Time Series", "Time Series (5min)"]
)
def test_other_spans_are_read_and_not_stored(name: str) -> None:
    meta = {**META, "1. Information": name} | ({"4. Interval": "5min"} if "5min" in name else {})
    assert list(rows(SOURCE, reply({"Meta Data": meta, name: {"2021-01-11": BAR}}))) == [
        "read:series"
    ]


def test_the_session_under_way_has_no_bar() -> None:
    quote = {"01. symbol": "MSFT", "05. price": "1", "07. latest trading day": "2026-11-20"}
    noon = datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert problem(SOURCE, reply({"Global Quote": quote}, now=noon)) == "empty"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"Note": "Our standard API call frequency is 5 calls per minute."}, "quota"),
        ({"Information": "Keep to 1 request per second, or see the premium plans."}, "quota"),
        ({"Information": "This is a premium endpoint. See the premium plans."}, "auth"),
        ({"Information": "The outputsize=full parameter value is a premium feature."}, "auth"),
        ({"Information": "The **demo** API key is for demo purposes only."}, "auth"),
        ({"Error Message": "the parameter apikey is invalid or missing."}, "auth"),
        ({"Error Message": "Invalid API call."}, "client"),
        ({"Information": "No articles found. Please adjust the time range."}, "empty"),
        ({}, "empty"),
        ({"Global Quote": {}}, "empty"),
        ({"bestMatches": []}, "empty"),
        ({"Meta Data": META, "Time Series (Daily)": {}}, "empty"),
        ({"Meta Data": META, "Time Series (Daily)": {"2021-01-11": {"1. odd": "1"}}}, "upstream"),
        (HTML, "upstream"),
        (b"", "upstream"),
        (b'{"Meta Data": {', "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: Any, expected: str) -> None:
    assert problem(SOURCE, reply(body, f"{URL}TIME_SERIES_DAILY&symbol=IBM")) == expected


def test_a_notice_never_repeats_the_key() -> None:
    words = (
        "We have detected your API key as ABCDEF1234567890 "
        "and our standard API rate limit is 25 requests per day."
    )
    with pytest.raises(ReplyError) as raised:
        SOURCE.parse(reply({"Information": words}))
    assert "ABCDEF1234567890" not in str(raised.value)
    assert raised.value.problem == "quota"


def test_the_plan_asks_by_kind() -> None:
    share, pair = SOURCE.plan(Window(("av:IBM", "EURUSD"), NOW))
    assert share.params == {"function": "TIME_SERIES_DAILY", "symbol": "IBM"}
    assert pair.params == {"function": "FX_DAILY", "from_symbol": "EUR", "to_symbol": "USD"}
    profiles = SOURCE.plan(Window((), NOW, job="alpha_vantage_companies"))
    assert {call.params["symbol"] for call in profiles} == {"IBM", "MSFT", "AAPL"}


@given(mangled(json.dumps(DAILY).encode()) | SHAPES, st.sampled_from(["", f"{URL}CPI"]))
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes, url: str) -> None:
    survives(SOURCE, reply(body, url))
