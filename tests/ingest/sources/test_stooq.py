"""Stooq: files as downloaded, in two languages, and the walls that come instead."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import Window
from ingest.sources.stooq import SOURCE
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

URL = "https://stooq.com/q/d/l/?i=d&s="
FILE = (
    b"Date,Open,High,Low,Close,Volume\r\n"
    b"2024-01-02,186.06,188.44,183.885,185.64,82488700\r\n"
    b"2024-01-03,184.22,185.88,183.43,184.25,58414500\r\n"
)


@pytest.mark.needs("shared")
def test_the_recorded_file_reads_as_it_stands(shared: Path) -> None:
    saved = recorded(shared, "stooq/documented_aapl_us_daily.csv", f"{URL}aapl.us")
    days = rows(SOURCE, saved)["prices"]
    assert (len(days), days[0]["date"], days[0]["close"]) == (5, date(2024, 1, 2), 185.64)
    assert (days[0]["symbol"], days[0]["currency"]) == ("stooq:aapl.us", "USD")
    assert days[0]["known_at"] == datetime(2024, 1, 2, 23, tzinfo=UTC)
    assert days[0]["vintage_grade"] == "current"  # divided by later splits
    assert rows(SOURCE, reply(saved.body))["read:bars"][0]["close"] == "185.64"


@pytest.mark.needs("shared")
def test_the_recorded_challenge_is_a_wall(shared: Path) -> None:
    saved = recorded(shared, "stooq/challenge_interstitial_200.html")
    assert problem(SOURCE, saved) == "blocked"
    assert len(names(shared, "stooq")) == 3


@pytest.mark.needs("shared")
def test_a_recorded_bulk_file_of_days_holds_days(shared: Path) -> None:
    body = (shared / "recorded/stooq/documented_bulk_ascii_aapl.us.txt").read_bytes()
    found = rows(SOURCE, reply(body))["prices"]
    assert [(r["symbol"], r["date"].day, r["close"]) for r in found] == [
        ("stooq:aapl.us", 2, 75.09),
        ("stooq:aapl.us", 3, 74.36),
    ]
    hours = body.replace(b",D,", b",60,")
    assert list(rows(SOURCE, reply(hours))) == ["read:bars"]


def test_an_index_has_no_volume_and_polish_headers_are_read() -> None:
    index = b"Date,Open,High,Low,Close\n2024-01-02,4745.2,4754.33,4722.67,4742.83\n"
    (row,) = rows(SOURCE, reply(index, f"{URL}^spx"))["prices"]
    assert (row["close"], row["volume"], row["asset_class"]) == (4742.83, None, "index")
    polish = "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen\n2024-01-02,1,2,0.5,1.5,10\n"
    (row,) = rows(SOURCE, reply(polish, f"{URL}pkn.pl"))["prices"]
    assert (row["close"], row["currency"]) == (1.5, "PLN")


def test_oil_below_zero_and_pence() -> None:
    oil = b"Date,Open,High,Low,Close,Volume\n2020-04-20,17.73,17.85,-40.32,-37.63,234330\n"
    (row,) = rows(SOURCE, reply(oil, f"{URL}cl.f"))["prices"]
    assert (row["low"], row["close"], row["asset_class"]) == (-40.32, -37.63, "commodity")
    assert rows(SOURCE, reply(FILE, f"{URL}vod.uk"))["prices"][0]["currency"] == "GBp"


def test_an_unknown_market_has_no_currency_and_says_where_to_name_it() -> None:
    parsed = SOURCE.parse(reply(FILE, f"{URL}abc.zz"))
    assert parsed.tables["prices"]["currency"].to_pylist() == ["XXX", "XXX"]
    assert "abc.zz" in parsed.note


def test_what_is_no_day_of_one_symbol_is_read_only() -> None:
    quote = (
        b"Symbol,Date,Time,Open,High,Low,Close,Volume\n"
        b"AAPL.US,2024-01-02,22:00:05,1,2,0.5,1.5,N/D\n"
    )
    assert list(rows(SOURCE, reply(quote))) == ["read:bars"]
    assert list(rows(SOURCE, reply(FILE, "https://stooq.com/q/d/l/?s=aapl.us&i=w"))) == [
        "read:bars"
    ]


def test_the_session_under_way_is_left_out() -> None:
    now = datetime(2024, 1, 3, 16, tzinfo=UTC)
    assert [
        row["date"].day for row in rows(SOURCE, reply(FILE, f"{URL}aapl.us", now=now))["prices"]
    ] == [2]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("No data", 200, "empty"),
        ("Brak danych", 200, "empty"),
        ("Exceeded the daily hits limit", 200, "quota"),
        ("Get your apikey: open https://stooq.com/q/d/?s=aapl.us&get_apikey", 200, "auth"),
        (
            "<html><head></head><body><script>fetch('/__verify')</script></body></html>",
            200,
            "blocked",
        ),
        (HTML, 502, "upstream"),
        ("Date,Open,High,Low,Close,Volume\n", 200, "empty"),
        ("Date,Open,High,Low,Close,Volume\n2024-01-02,186.06,188", 200, "upstream"),
        ("Date,Close\n2024-01-02,abc\n", 200, "upstream"),
        (b"", 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: str | bytes, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, f"{URL}aapl.us", status)) == expected


def test_it_is_off_by_default() -> None:
    assert not SOURCE.is_default
    (call,) = SOURCE.plan(Window(("stooq:AAPL.US",), NOW, since=date(2024, 1, 1)))
    assert call.params == {"s": "aapl.us", "i": "d", "d1": "20240101"}
    assert not SOURCE.plan(Window((), NOW))


@given(mangled(FILE) | SHAPES, st.sampled_from(["", f"{URL}aapl.us"]))
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes, url: str) -> None:
    survives(SOURCE, reply(body, url))
