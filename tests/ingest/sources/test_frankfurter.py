"""Frankfurter: both versions, moved dates, blends, refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.jobs import Window
from ingest.sources.frankfurter import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, problem, recorded, reply, rows

URL = "https://api.frankfurter.dev/v1/"


def test_a_range_gives_every_day_and_an_amount_is_taken_out() -> None:
    body = {
        "amount": 10.0,
        "base": "EUR",
        "start_date": "2026-07-01",
        "end_date": "2026-07-02",
        "rates": {"2026-07-01": {"USD": 11.6, "INR": 990}, "2026-07-02": {"USD": 11.7}},
    }
    found = rows(SOURCE, reply(body, URL + "2026-07-01..2026-07-02"), "prices")
    assert [(r["symbol"], r["date"].day, round(r["close"], 9)) for r in found] == [
        ("frankfurter:EURINR", 1, 99),
        ("frankfurter:EURUSD", 1, 1.16),
        ("frankfurter:EURUSD", 2, 1.17),
    ]
    assert found[0]["known_at"] == datetime(2026, 7, 1, 14, tzinfo=UTC)


def test_a_day_without_fixing_answers_for_the_one_before_and_says_so() -> None:
    body = {"amount": 1.0, "base": "EUR", "date": "2026-07-03", "rates": {"USD": 1.16}}
    parsed = SOURCE.parse(reply(body, URL + "2026-07-05"))
    assert parsed.note == "asked for 2026-07-05, answered for 2026-07-03"
    assert rows(SOURCE, reply(body, URL + "2026-07-05"), "prices")[0]["date"] == date(2026, 7, 3)


def test_only_what_comes_from_the_ecb_alone_has_its_hour() -> None:
    body = [{"date": "2024-01-15", "base": "EUR", "quote": "USD", "rate": 1.089}]
    url = "https://api.frankfurter.dev/v2/rates?date=2024-01-15"
    (blend,) = rows(SOURCE, reply(body, url), "prices")
    (pure,) = rows(SOURCE, reply(body, url + "&providers=ECB"), "prices")
    assert (blend["vintage_grade"], blend["known_at"]) == ("snapshot", NOW)
    assert pure["vintage_grade"] == "lagged"


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"message": "not found"}, 404, "empty"),
        ({"message": "invalid currency"}, 422, "client"),
        ({"message": "deadline exceeded"}, 503, "upstream"),
        ([], 200, "empty"),
        ({"amount": 1.0, "base": "EUR", "date": "2026-07-03", "rates": {}}, 200, "empty"),
        ({"x": 1}, 200, "upstream"),
        ("null", 200, "upstream"),
        (PAGE, 200, "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL + "latest", status)).problem == expected


def test_the_plan_asks_legs_against_the_euro() -> None:
    (call,) = SOURCE.plan(Window(("USD", "JPY"), NOW, since=date(2026, 11, 14)))
    assert call.url.endswith("/v1/2026-11-14..")
    assert call.params == {"base": "EUR", "symbols": "USD,JPY"}


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    found = rows(SOURCE, recorded(shared, "frankfurter/v1_latest_GBP.json"), "prices")
    assert [(r["symbol"], r["close"], r["date"]) for r in found] == [
        ("frankfurter:GBPEUR", 1.1666, date(2026, 8, 5)),
        ("frankfurter:GBPUSD", 1.3479, date(2026, 8, 5)),
    ]
    (pair,) = rows(
        SOURCE, recorded(shared, "frankfurter/example_v2_rate_pair_example.json"), "prices"
    )
    assert (pair["symbol"], pair["close"]) == ("frankfurter:EURUSD", 1.1568)
    many = rows(SOURCE, recorded(shared, "frankfurter/example_v2_rates_example.json"), "prices")
    assert [r["close"] for r in many] == [0.8623, 1.089]
