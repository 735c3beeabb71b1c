"""exchangerate.host: days that are over, errors that arrive as 200, the schema of before 2023."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import Window
from ingest.sources.exchangerate_host import SOURCE
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

DAY = {
    "success": True,
    "historical": True,
    "date": "2024-01-02",
    "timestamp": 1704239999,
    "source": "USD",
    "quotes": {"USDEUR": 0.913, "USDJPY": 141.98, "USDUSD": 1},
}


def error(code: object, kind: str = "", info: str = "some words") -> dict[str, object]:
    """The envelope of a refusal."""
    return {"success": False, "error": {"code": code, "type": kind, "info": info}}


@pytest.mark.needs("shared")
def test_recorded_replies_read_as_in_the_file(shared: Path) -> None:
    (live,) = rows(SOURCE, recorded(shared, "exchangerate_host/currencylayer_live_USD.json"))[
        "read:rates"
    ]
    assert live == {
        "base": "USD",
        "currency": "EUR",
        "rate": "0.726804",
        "at": "2014-05-10T19:00:50+00:00",
    }
    old = rows(SOURCE, recorded(shared, "exchangerate_host/legacy_latest_EUR.json"))["prices"]
    swiss = next(row for row in old if row["symbol"] == "erh:EURCHF")
    assert (swiss["close"], swiss["date"], swiss["currency"]) == (
        1.021468,
        date(2022, 4, 29),
        "CHF",
    )
    for name in ("currencylayer_error", "documented_error_101_missing_access_key"):
        assert problem(SOURCE, recorded(shared, f"exchangerate_host/{name}.json")) == "auth"
    assert len(names(shared, "exchangerate_host")) == 4


def test_a_past_day_is_known_when_it_is_over() -> None:
    euro, yen = rows(SOURCE, reply(DAY))["prices"]
    assert (euro["symbol"], euro["close"], euro["currency"]) == ("erh:USDEUR", 0.913, "EUR")
    assert (yen["symbol"], yen["asset_class"]) == ("erh:USDJPY", "fx")
    assert euro["known_at"] == datetime(2024, 1, 3, tzinfo=UTC)
    assert problem(SOURCE, reply(DAY, now=datetime(2024, 1, 2, 20, tzinfo=UTC))) == "empty"


def test_a_span_is_nested_by_day_and_nulls_are_missing() -> None:
    quotes = {"2024-01-02": {"USDEUR": 0.913}, "2024-01-03": {"USDEUR": None}}
    body = {"success": True, "timeframe": True, "source": "USD", "quotes": quotes}
    assert [(row["date"].day, row["close"]) for row in rows(SOURCE, reply(body))["prices"]] == [
        (2, 0.913)
    ]


def test_other_functions_are_read_only() -> None:
    change = {
        "success": True,
        "change": True,
        "source": "USD",
        "quotes": {"USDEUR": {"start_rate": 1, "end_rate": 2}},
    }
    assert rows(SOURCE, reply(change))["read:change"][0]["end_rate"] == "2"
    assert "read:conversion" in rows(SOURCE, reply({"success": True, "query": {}, "result": 3.5}))
    listing = {"success": True, "currencies": {"EUR": "Euro"}}
    assert rows(SOURCE, reply(listing))["read:currencies"] == [{"currency": "EUR", "name": "Euro"}]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (error(101, "invalid_access_key"), 200, "auth"),
        (error(104, "usage_limit_reached"), 200, "quota"),
        (error("104"), 200, "quota"),
        (error(105, "function_access_restricted"), 200, "auth"),
        (error(106, "rate_limit_reached", "no results"), 200, "empty"),
        (error(202, "invalid_currency_codes"), 200, "client"),
        (error(302, "invalid_date"), 200, "client"),
        (error(504, "too_large_timeframe", "longer than 365 days"), 200, "client"),
        (error(999, "", "Your monthly quota has been reached"), 200, "quota"),
        ({"message": "You have exceeded your daily rate limit."}, 429, "quota"),
        ({"message": "Invalid authentication credentials"}, 401, "auth"),
        ({"success": True, "source": "USD", "quotes": {}}, 200, "empty"),
        ({"success": True, "source": "USD", "quotes": {"USDEUR": "abc"}}, 200, "upstream"),
        ({}, 200, "upstream"),
        (HTML, 502, "upstream"),
        (b"", 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, status=status)) == expected


def test_the_plan_spares_the_quota() -> None:
    (call,) = SOURCE.plan(Window(("EUR", "erh:USDJPY"), NOW))
    assert call.url.endswith("/historical")
    assert call.params == {"date": "2026-11-20", "source": "USD", "currencies": "EUR,JPY"}
    spans = SOURCE.plan(Window((), NOW, since=date(2024, 11, 21)))
    assert [(c.params["start_date"], c.params["end_date"]) for c in spans] == [
        ("2024-11-21", "2025-11-20"),
        ("2025-11-21", "2026-11-20"),
    ]


@given(
    mangled(json.dumps(DAY).encode()) | SHAPES, st.sampled_from(["", "https://x/live?source=USD"])
)
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes, url: str) -> None:
    survives(SOURCE, reply(body, url))
