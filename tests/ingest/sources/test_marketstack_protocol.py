"""Marketstack's protocol: rows by offset and limit, errors as JSON, unknown symbols left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.sources import marketstack
from tests.ingest.desk import KEY, Desk, opened, outage
from tests.ingest.server import Act, Handler, document, status

EOD = "/v2/eod"
HISTORY = "SELECT symbol, date, close, split_ratio, known_at FROM prices_vintages ORDER BY ALL"
CLOSE = "SELECT close FROM prices WHERE symbol = $symbol AND date = $day"
APPLE, IBM = "marketstack:AAPL.XNAS", "marketstack:IBM.XNYS"
SINCE = date(2024, 3, 4)
WEEK = tuple(f"2024-03-{day:02}" for day in (4, 5, 6, 7, 8))


@dataclass
class Marketstack:
    """Closes by symbol and session, at most four rows a page."""

    closes: dict[tuple[str, str], float]
    venues: dict[str, str] = field(default_factory=lambda: {"AAPL": "XNAS", "IBM": "XNYS"})
    halted: set[str] = field(default_factory=set)
    page: int = 4

    def __call__(self, to: Handler) -> None:
        asked = to.query
        if asked.get("access_key") != KEY:
            return refusal(401, "invalid_access_key", "You have not supplied a valid key.")(to)
        symbols = [name for name in asked["symbols"].split(",") if name in self.venues]
        if not symbols:
            words = "At least one valid symbol must be provided"
            return refusal(422, "no_valid_symbols_provided", words)(to)
        first, last = asked.get("date_from", ""), asked.get("date_to", "9999")
        rows = [
            self.row(name, day, close)
            for (name, day), close in sorted(self.closes.items(), key=lambda item: item[0][1])
            if name in symbols and first <= day <= last
        ]
        start = int(asked.get("offset", "0"))
        limit = min(int(asked.get("limit", "100")), self.page)
        shown = rows[start : start + limit]
        page = {"limit": limit, "offset": start, "count": len(shown), "total": len(rows)}
        return document({"pagination": page, "data": shown})(to)

    def row(self, name: str, day: str, close: float) -> dict[str, object]:
        figures: dict[str, object]
        figures = {"open": close, "high": close + 1, "low": close - 1, "close": close}
        if day in self.halted:
            figures = dict.fromkeys(figures)
        beside = {"volume": 1000.0, "split_factor": 1.0, "dividend": 0.0, "adj_close": close / 2}
        about = {"name": name, "asset_type": "Stock", "price_currency": "usd", "symbol": name}
        at = {"exchange": self.venues[name], "date": f"{day}T00:00:00+0000"}
        return figures | beside | about | at


def refusal(code: int, name: str, words: str) -> Act:
    body = json.dumps({"error": {"code": name, "message": words}}).encode()
    return status(code, body, Content_Type="application/json")


def market() -> Marketstack:
    """Two shares over a week: ten rows, three pages."""
    apple = {("AAPL", day): 170.0 + at for at, day in enumerate(WEEK)}
    return Marketstack(apple | {("IBM", day): 190.0 + at for at, day in enumerate(WEEK)})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(marketstack.SOURCE, tmp_path, is_keyed=True) as found:
        yield found


def test_a_first_fill_takes_every_page(desk: Desk) -> None:
    desk.speak(market(), EOD)
    assert desk.counts("AAPL", "IBM", since=SINCE) == ("ok", 10, 0)
    assert desk.asked("offset") == [None, "4", "8"]
    assert desk.rows(CLOSE, symbol=APPLE, day=date(2024, 3, 8)) == [(174.0,)]
    known = datetime(2024, 3, 8, 23, 0, tzinfo=UTC)  # two hours after the close in New York
    early = known - timedelta(seconds=1)
    assert desk.rows(CLOSE, early, symbol=IBM, day=date(2024, 3, 8)) == []
    assert desk.rows(CLOSE, known, symbol=IBM, day=date(2024, 3, 8)) == [(194.0,)]


def test_a_refresh_adds_the_session_that_closed_and_no_open_one(desk: Desk) -> None:
    far = market()
    desk.speak(far, EOD)
    desk.run("AAPL", "IBM", since=SINCE)
    before = desk.rows(HISTORY)
    desk.sleep(days=1, hours=1)  # 14:00 UTC: New York trades
    far.closes |= {("AAPL", "2024-03-11"): 175.0, ("AAPL", "2024-03-12"): 176.0}
    assert desk.refresh("AAPL", "IBM") == ("ok", 1, 0)
    (new,) = set(desk.rows(HISTORY)) - set(before)
    assert new[:3] == (APPLE, date(2024, 3, 11), 175.0)


def test_a_correction_is_a_vintage_and_the_old_close_stays(desk: Desk) -> None:
    far = market()
    desk.speak(far, EOD)
    desk.run("AAPL", "IBM", since=SINCE)
    seen, before = desk.now, desk.rows(HISTORY)
    far.closes[("IBM", "2024-03-06")] = 192.5
    desk.sleep(days=1)
    assert desk.counts("AAPL", "IBM", since=SINCE) == ("ok", 0, 1)
    day = date(2024, 3, 6)
    assert desk.rows(CLOSE, seen, symbol=IBM, day=day) == [(192.0,)]
    assert desk.rows(CLOSE, symbol=IBM, day=day) == [(192.5,)]
    assert set(before) < set(desk.rows(HISTORY))
    desk.sleep(days=1)
    assert desk.counts("AAPL", "IBM", since=SINCE) == ("ok", 0, 0)


def test_a_symbol_that_was_renamed_keeps_its_past_under_the_old_name(desk: Desk) -> None:
    far = market()
    far.venues["FB"] = "XNAS"
    far.closes |= {("FB", day): 300.0 for day in WEEK}
    desk.speak(far, EOD)
    assert desk.counts("FB", since=SINCE) == ("ok", 5, 0)
    before = desk.rows(HISTORY)
    del far.venues["FB"]
    far.venues["META"] = "XNAS"
    far.closes = {("META", day): 300.0 for day in ("2024-03-08", "2024-03-11")}
    desk.sleep(days=1)
    gone = desk.run("FB", since=SINCE).outcome
    assert gone.status == "failed"
    assert "At least one valid symbol must be provided" in gone.message
    assert desk.breaker.until is None
    desk.sleep(hours=1)
    assert desk.counts("META", since=date(2024, 3, 8)) == ("ok", 2, 0)
    assert set(before) < set(desk.rows(HISTORY))
    symbols = "SELECT symbol, max(date) FROM prices GROUP BY symbol ORDER BY symbol"
    assert desk.rows(symbols) == [
        ("marketstack:FB.XNAS", date(2024, 3, 8)),
        ("marketstack:META.XNAS", date(2024, 3, 11)),
    ]


def test_a_page_of_rows_without_a_price_does_not_hide_the_pages_behind_it(desk: Desk) -> None:
    far = market()
    far.halted = {"2024-03-04", "2024-03-05"}
    desk.speak(far, EOD)
    assert desk.counts("AAPL", "IBM", since=SINCE) == ("ok", 6, 0)


def test_the_months_quota_that_is_used_up_ends_the_run(desk: Desk) -> None:
    api = desk.speak(market(), EOD)
    desk.run("AAPL", since=SINCE)
    held = desk.rows(HISTORY)
    words = "Your monthly usage limit has been reached."
    api.first = [refusal(403, "usage_limit_reached", words)]
    desk.sleep(days=1)
    outcome = desk.run("AAPL", since=SINCE).outcome
    assert (outcome.status, outcome.calls) == ("over_budget", 1)
    assert words in outcome.message
    assert desk.rows(HISTORY) == held


def test_our_own_ledger_stops_before_the_plan_is_overdrawn(desk: Desk) -> None:
    desk.speak(market(), EOD)
    many = [f"S{number}" for number in range(60)]
    outcome = desk.run("AAPL", *many, since=SINCE).outcome
    assert (outcome.status, outcome.calls) == ("over_budget", 1)
    assert len(desk.server.hits) == 1  # its second page would be 122 of 100 symbols a month
    assert len(desk.rows(HISTORY)) == 4


def test_a_wrong_key_ends_the_run(desk: Desk) -> None:
    desk.engine.settings.secrets.write_text("MARKETSTACK_API_KEY=another-key-than-theirs\n")
    desk.speak(market(), EOD)
    outcome = desk.run("AAPL", since=SINCE).outcome
    assert (outcome.status, outcome.calls) == ("failed", 1)
    assert "invalid_access_key" in outcome.message


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(market(), EOD)
    desk.run("AAPL", since=SINCE)
    desk.sleep(days=1)
    outage(desk, api, HISTORY, lambda: desk.run("AAPL", since=SINCE))
