"""Binance's protocol: candles by startTime, a thousand at once, the last one still being drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.sources import binance
from tests.ingest.conftest import FakeTime
from tests.ingest.desk import Desk, opened, outage
from tests.ingest.server import Handler, document, status

DAY_MS = 86_400_000
LISTED = {"BTCUSDT": date(2019, 6, 1), "ETHUSDT": date(2024, 1, 1)}
HISTORY = "SELECT symbol, date, close, known_at FROM prices_vintages ORDER BY ALL"
CLOSE = "SELECT close FROM prices WHERE symbol = 'binance:BTCUSDT' AND date = $day"
KLINES, INFO = "/api/v3/klines", "/api/v3/exchangeInfo"
DAY = timedelta(days=1)


@dataclass
class Binance:
    """Daily candles of the pairs since their listing, today's included, at most a thousand."""

    clock: FakeTime
    pairs: dict[str, date] = field(default_factory=lambda: dict(LISTED))
    corrected: dict[date, str] = field(default_factory=dict)

    def __call__(self, to: Handler) -> None:
        if to.path.startswith(INFO):
            return document({"symbols": [self.pair(name) for name in self.pairs]})(to)
        name = to.query["symbol"]
        if name not in self.pairs:
            return status(400, b'{"code":-1121,"msg":"Invalid symbol."}')(to)
        limit = min(int(to.query.get("limit", "500")), 1000)
        first = -(-int(to.query["startTime"]) // DAY_MS) * DAY_MS
        listed = datetime.combine(self.pairs[name], datetime.min.time(), UTC)
        opened_at = max(first, int(listed.timestamp()) * 1000)
        now = int(self.clock.now_at.timestamp() * 1000)
        stamps = range(opened_at, now + 1, DAY_MS)[:limit]
        return document([self.candle(stamp) for stamp in stamps])(to)

    def candle(self, stamp: int) -> list[object]:
        day = datetime.fromtimestamp(stamp / 1000, UTC).date()
        close = self.corrected.get(day, f"{day.toordinal()}.5")
        figures = ["1.0", "999999.0", "0.5", close, "10.0"]
        return [stamp, *figures, stamp + DAY_MS - 1, "1.0", 3, "1.0", "1.0", "0"]

    def pair(self, name: str) -> dict[str, object]:
        return {"symbol": name, "status": "TRADING", "baseAsset": name[:3], "quoteAsset": name[3:]}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(binance.SOURCE, tmp_path) as found:
        yield found


def test_a_first_fill_walks_from_the_listing_to_yesterday(desk: Desk) -> None:
    desk.speak(Binance(desk.clock), KLINES)
    days = (date(2024, 3, 11) - LISTED["BTCUSDT"]).days
    assert desk.counts("BTCUSDT") == ("ok", days, 0)
    assert len(desk.server.hits) == 2
    second = LISTED["BTCUSDT"] + DAY * 1000
    told = datetime.combine(second, datetime.min.time(), UTC).timestamp() * 1000
    assert desk.asked("startTime")[1] == str(int(told))
    span = desk.rows("SELECT min(date), max(date), count(DISTINCT date) FROM prices")
    assert span == [(LISTED["BTCUSDT"], date(2024, 3, 10), days)]
    closed = datetime(2024, 3, 11, tzinfo=UTC)
    assert desk.rows(CLOSE, closed - timedelta(seconds=1), day=date(2024, 3, 10)) == []
    ordinal = date(2024, 3, 10).toordinal()
    assert desk.rows(CLOSE, closed, day=date(2024, 3, 10)) == [(ordinal + 0.5,)]


def test_a_refresh_adds_the_day_that_closed(desk: Desk) -> None:
    desk.speak(Binance(desk.clock), KLINES)
    desk.run("ETHUSDT")
    before = desk.rows(HISTORY)
    desk.sleep(days=1)
    assert desk.refresh("ETHUSDT") == ("ok", 1, 0)
    new = set(desk.rows(HISTORY)) - set(before)
    assert {row[1] for row in new} == {date(2024, 3, 11)}
    desk.sleep(hours=1)
    assert desk.refresh("ETHUSDT") == ("ok", 0, 0)


def test_a_corrected_candle_is_a_vintage_of_the_moment_we_saw_it(desk: Desk) -> None:
    far = Binance(desk.clock)
    desk.speak(far, KLINES)
    since = desk.now.date() - DAY * 5
    desk.run("BTCUSDT", since=since)
    seen, before = desk.now, desk.rows(HISTORY)
    day = date(2024, 3, 8)
    far.corrected[day] = "42.25"
    desk.sleep(hours=2)
    assert desk.counts("BTCUSDT", since=since) == ("ok", 0, 1)
    assert desk.rows(CLOSE, seen, day=day) == [(day.toordinal() + 0.5,)]
    assert desk.rows(CLOSE, day=day) == [(42.25,)]
    assert set(before) < set(desk.rows(HISTORY))


def test_a_pair_under_a_new_name_is_a_new_pair_and_the_old_one_is_refused(desk: Desk) -> None:
    far = Binance(desk.clock)
    far.pairs["MKRUSDT"] = date(2024, 2, 1)
    desk.speak(far, KLINES, INFO)
    assert desk.counts(job="binance_pairs") == ("ok", 3, 0)
    desk.run("BTCUSDT", "MKRUSDT", since=date(2024, 2, 1))
    old = "SELECT date, close FROM prices WHERE symbol = 'binance:MKRUSDT' ORDER BY date"
    held = desk.rows(old)
    assert len(held) == 39
    desk.sleep(days=1)
    del far.pairs["MKRUSDT"]
    far.pairs["SKYUSDT"] = date(2024, 3, 11)
    assert desk.counts(job="binance_pairs") == ("ok", 1, 0)
    outcome = desk.run("MKRUSDT", "BTCUSDT", since=date(2024, 3, 8)).outcome
    assert (outcome.status, outcome.rows_added) == ("partial", 1)
    assert "Invalid symbol. (code -1121)" in outcome.message
    assert desk.rows(old) == held
    assert desk.breaker.until is None


def test_a_429_and_a_ban_are_kept_to(desk: Desk) -> None:
    api = desk.speak(Binance(desk.clock), KLINES)
    words = b'{"code":-1003,"msg":"Too many requests; current limit is 6000 request weight."}'
    api.first = [status(429, words, Retry_After="11")]
    since = desk.now.date() - DAY * 3
    assert desk.counts("BTCUSDT", since=since) == ("ok", 3, 0)
    assert 11.0 in desk.clock.slept
    banned = b'{"code":-1003,"msg":"Way too many requests; IP banned until 1710170000000."}'
    api.first = [status(418, banned, Retry_After="7200")]
    desk.sleep(days=1)
    outcome = desk.run("BTCUSDT", since=since).outcome
    assert outcome.status == "over_budget"
    assert "IP banned" in outcome.message
    assert desk.breaker.until == desk.now + timedelta(hours=2)
    seen = len(desk.server.hits)
    desk.sleep(hours=1)
    assert "left alone" in desk.run("BTCUSDT", since=since).outcome.message
    assert len(desk.server.hits) == seen
    desk.sleep(hours=2)
    assert desk.counts("BTCUSDT", since=since) == ("ok", 1, 0)


def test_a_503_between_two_pages_keeps_the_first_and_goes_on_from_there(desk: Desk) -> None:
    far = Binance(desk.clock)
    down = status(503, b"")
    due = desk.now
    api = desk.speak(far, KLINES)
    api.first = [far, *[down] * 5]
    broken = desk.run("BTCUSDT", due=due).outcome
    assert (broken.status, broken.rows_added) == ("partial", 1000)
    assert "503" in broken.message
    desk.sleep(hours=1)
    seen = len(desk.server.hits)
    again = desk.run("BTCUSDT", due=due)
    days = (date(2024, 3, 11) - LISTED["BTCUSDT"]).days
    assert (again.outcome.status, again.outcome.rows_added) == ("ok", days)
    assert len(desk.server.hits) == seen + 1
    assert desk.rows("SELECT count(*) FROM prices") == [(days,)]


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(Binance(desk.clock), KLINES)
    desk.run("ETHUSDT")
    desk.sleep(days=1)
    outage(desk, api, HISTORY, lambda: desk.run("ETHUSDT"))
