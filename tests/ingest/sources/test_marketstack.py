"""Marketstack: raw prices with their events, ids with the venue, pages until the total."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from ingest.jobs import Window
from ingest.sources.marketstack import SOURCE
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

EOD = "https://api.marketstack.com/v2/eod?symbols=AAPL&limit=2"


def bar(**more: Any) -> dict[str, Any]:
    """One row of v2."""
    return {
        "open": 228.46,
        "high": 229.52,
        "low": 227.3,
        "close": 227.79,
        "volume": 33993600.0,
        "adj_close": 1.0,
        "split_factor": 1.0,
        "dividend": 0.0,
        "asset_type": "Stock",
        "price_currency": "usd",
        "symbol": "AAPL",
        "exchange": "XNAS",
        "date": "2024-09-27T00:00:00+0000",
    } | more


def page(*data: dict[str, Any], offset: int = 0, total: int = 0) -> dict[str, Any]:
    """A page of v2."""
    numbers = {"limit": 2, "offset": offset, "count": len(data), "total": total or len(data)}
    return {"pagination": numbers, "data": list(data)}


@pytest.mark.needs("shared")
def test_recorded_prices_and_listings_read_as_in_the_file(shared: Path) -> None:
    (row,) = rows(SOURCE, recorded(shared, "marketstack/documented_v2_eod.json"))["prices"]
    assert (row["symbol"], row["date"]) == ("marketstack:AAPL.XNAS", date(2024, 9, 27))
    assert (row["open"], row["close"], row["volume"]) == (228.46, 227.79, 33993600)
    assert row["known_at"] == datetime(2024, 9, 27, 22, tzinfo=UTC)
    listed = rows(SOURCE, recorded(shared, "marketstack/v1_tickers_page.json"))["instruments"]
    assert {(r["symbol"], r["name"]) for r in listed} >= {
        ("marketstack:MSFT.XNAS", "Microsoft Corp")
    }


@pytest.mark.needs("shared")
def test_every_recorded_reply_has_its_class_also_without_its_request(shared: Path) -> None:
    classes = {"error_401": "auth", "error_422": "client"}
    for name in names(shared, "marketstack"):
        saved = recorded(shared, name)
        for answer in (saved, reply(saved.body)):
            expected = next((c for part, c in classes.items() if part in name), None)
            if expected:
                assert problem(SOURCE, answer) == expected, name
            else:
                assert rows(SOURCE, answer), name


def test_prices_are_raw_and_events_stand_beside_them() -> None:
    (row,) = rows(SOURCE, reply(page(bar(split_factor=4.0, dividend=0.25))))["prices"]
    assert (row["close"], row["split_ratio"], row["dividend"]) == (227.79, 4, 0.25)


def test_venues_give_closes_ids_and_money() -> None:
    data = [
        bar(),
        bar(symbol="VOD.XLON", exchange="XLON", price_currency="GBX"),
        bar(symbol="7203", exchange="XTKS", price_currency=None),
        bar(symbol="ODD", exchange="XLON", price_currency=None),
        bar(symbol="ZED", exchange="", price_currency="eur"),
    ]
    parsed = SOURCE.parse(reply(page(*data)))
    found = {row["symbol"]: row for row in rows(SOURCE, reply(page(*data)))["prices"]}
    assert {name: row["currency"] for name, row in found.items()} == {
        "marketstack:AAPL.XNAS": "USD",
        "marketstack:VOD.XLON": "GBp",
        "marketstack:7203.XTKS": "JPY",
        "marketstack:ODD.XLON": "XXX",
        "marketstack:ZED": "EUR",
    }
    assert "ODD" in parsed.note
    assert found["marketstack:7203.XTKS"]["known_at"] == datetime(2024, 9, 27, 8, tzinfo=UTC)
    assert found["marketstack:VOD.XLON"]["known_at"] == datetime(2024, 9, 27, 17, 30, tzinfo=UTC)


def test_a_session_under_way_is_left_out_per_venue() -> None:
    now = datetime(2024, 9, 27, 10, tzinfo=UTC)
    data = [bar(), bar(symbol="7203", exchange="XTKS", price_currency="jpy")]
    (row,) = rows(SOURCE, reply(page(*data), now=now))["prices"]
    assert row["symbol"] == "marketstack:7203.XTKS"
    assert problem(SOURCE, reply(page(bar()), now=now)) == "empty"


def test_missing_figures_are_missing() -> None:
    data = [
        bar(volume=None, open=None),
        bar(date="2024-09-26T00:00:00+0000", open=None, high=None, low=None, close=None),
    ]
    (row,) = rows(SOURCE, reply(page(*data)))["prices"]
    assert (row["open"], row["volume"], row["close"]) == (None, None, 227.79)


def test_pages_follow_until_the_total() -> None:
    (call,) = SOURCE.parse(reply(page(bar(), offset=2, total=9), f"{EOD}&access_key=K")).follow
    assert call.params == {"symbols": "AAPL", "limit": "2", "offset": "3"}
    assert not SOURCE.parse(reply(page(bar(), offset=8, total=9), EOD)).follow
    moved = page(bar(), offset=0, total=3)
    moved["pagination"]["count"] = 0  # a total that changed midway must not loop
    assert not SOURCE.parse(reply(moved, EOD)).follow


def test_a_minute_belongs_to_the_session_of_its_exchange() -> None:
    data = page(bar(date="2024-09-26T23:30:00+0000", exchange="XASX", symbol="BHP.XASX"))
    (row,) = rows(SOURCE, reply(data, "https://api.marketstack.com/v2/intraday?interval=1min"))[
        "bars"
    ]
    assert row["date"] == date(2024, 9, 27)  # half past nine in Sydney


def test_minutes_become_bars_and_hours_are_read_only() -> None:
    data = page(bar(date="2024-09-27T13:30:00+0000"))
    url = "https://api.marketstack.com/v2/intraday?interval="
    (row,) = rows(SOURCE, reply(data, f"{url}1min"))["bars"]
    assert (row["venue"], row["known_at"]) == ("XNAS", datetime(2024, 9, 27, 15, 31, tzinfo=UTC))
    assert list(rows(SOURCE, reply(data, f"{url}1hour"))) == ["read:intraday"]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"error": {"code": "too_many_requests", "message": "slow down"}}, 429, "quota"),
        ({"error": {"code": "usage_limit_reached", "message": "monthly usage"}}, 200, "quota"),
        (
            {"error": {"code": "function_access_restricted", "message": "not on your plan"}},
            403,
            "auth",
        ),
        ({"error": {"code": "not_found_error", "message": "no route"}}, 404, "client"),
        ({"error": {"code": "internal_error", "message": "oops"}}, 500, "upstream"),
        (
            {
                "success": False,
                "error": {"code": 101, "type": "missing_access_key", "info": "no key"},
            },
            200,
            "auth",
        ),
        (page(), 200, "empty"),
        ({"data": [{"close": "abc", "date": "2024-09-27", "symbol": "A"}]}, 200, "upstream"),
        (HTML, 502, "upstream"),
        (b"", 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, EOD, status)) == expected


def test_the_plan_counts_symbols() -> None:
    (call,) = SOURCE.plan(
        Window(("marketstack:AAPL.XNAS", "VOD.XLON"), NOW, since=date(2024, 1, 2))
    )
    assert (call.params["symbols"], call.credits) == ("AAPL,VOD.XLON", 2)
    assert call.params["date_from"] == "2024-01-02"
    assert len(SOURCE.plan(Window(tuple(f"S{n}" for n in range(101)), NOW))) == 2


@given(mangled(json.dumps(page(bar(), bar(symbol="B"))).encode()) | SHAPES)
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes) -> None:
    survives(SOURCE, reply(body, EOD))
