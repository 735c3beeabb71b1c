"""CoinGecko's protocol: charts that end in the present moment, and limits told as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.sources import coingecko
from tests.ingest.conftest import FakeTime
from tests.ingest.desk import KEY, Desk, opened, outage
from tests.ingest.server import Handler, document, status

COINS = {"bitcoin": "Bitcoin", "ethereum": "Ethereum"}
HISTORY = "SELECT symbol, date, close, known_at FROM prices_vintages ORDER BY ALL"
CLOSE = "SELECT close FROM prices WHERE symbol = 'coingecko:bitcoin' AND date = $day"
PATHS = (*(f"/api/v3/coins/{coin}/market_chart" for coin in COINS), "/api/v3/coins/markets")
LIMIT = (
    b'{"status":{"error_code":429,"error_message":"You\'ve exceeded the Rate Limit. '
    b'Please visit https://www.coingecko.com/en/api/pricing"}}'
)
DAY = timedelta(days=1)


@dataclass
class Gecko:
    """Prices at each midnight are those of a line, unless corrected; then the present moment."""

    clock: FakeTime
    corrected: dict[date, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=lambda: dict(COINS))

    def __call__(self, to: Handler) -> None:
        if to.path.startswith("/api/v3/coins/markets"):
            ids = to.query["ids"].split(",")
            return document([self.market(coin) for coin in ids if coin in self.names])(to)
        coin = to.path.split("/")[4]
        if coin not in self.names:
            return status(404, b'{"error":"coin not found"}')(to)
        now = self.clock.now_at
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        days = int(to.query["days"])
        stamps = [midnight - DAY * back for back in range(days - 1, -1, -1)]
        points = [[ms(at), self.price(coin, at.date())] for at in stamps]
        points.append([ms(now), 1.0])
        return document({"prices": points, "market_caps": [], "total_volumes": []})(to)

    def price(self, coin: str, day: date) -> float:
        """The point at a day's first midnight."""
        return self.corrected.get(day, float(day.toordinal() + len(coin)))

    def market(self, coin: str) -> dict[str, object]:
        name = self.names[coin]
        return {"id": coin, "symbol": coin[:3], "name": name, "circulating_supply": 1e6}


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(coingecko.SOURCE, tmp_path) as found:
        yield found


def test_a_first_fill_takes_a_year_and_leaves_the_present_moment_out(desk: Desk) -> None:
    desk.speak(Gecko(desk.clock), *PATHS)
    assert desk.counts("bitcoin") == ("ok", 365, 0)
    last = date(2024, 3, 10)
    assert desk.rows("SELECT max(date), min(date) FROM prices") == [(last, last - DAY * 364)]
    assert desk.rows(CLOSE, day=last) == [(last.toordinal() + 1 + 7.0,)]
    served = datetime(2024, 3, 11, 0, 35, tzinfo=UTC)
    assert desk.rows(CLOSE, served - timedelta(seconds=1), day=last) == []
    assert len(desk.rows(CLOSE, served, day=last)) == 1


def test_a_refresh_adds_the_day_that_ended(desk: Desk) -> None:
    desk.speak(Gecko(desk.clock), *PATHS)
    desk.run(*COINS)
    before = desk.rows(HISTORY)
    desk.sleep(days=1)
    assert desk.refresh(*COINS) == ("ok", 2, 0)
    assert desk.asked("days") == ["365", "365", "4", "4"]
    new = set(desk.rows(HISTORY)) - set(before)
    assert {row[1] for row in new} == {date(2024, 3, 11)}
    assert len(desk.rows(HISTORY)) == len(before) + 2


def test_a_correction_is_a_vintage_of_the_moment_we_saw_it(desk: Desk) -> None:
    far = Gecko(desk.clock)
    desk.speak(far, *PATHS)
    since = desk.now.date() - DAY * 5
    desk.run("bitcoin", since=since)
    seen, before = desk.now, desk.rows(HISTORY)
    far.corrected[date(2024, 3, 10)] = 50_000.0
    desk.sleep(hours=2)
    assert desk.counts("bitcoin", since=since) == ("ok", 0, 1)
    corrected = date(2024, 3, 9)  # the point at a midnight closes the day before
    assert desk.rows(CLOSE, seen, day=corrected) == [(date(2024, 3, 10).toordinal() + 7.0,)]
    assert desk.rows(CLOSE, day=corrected) == [(50_000.0,)]
    assert set(before) < set(desk.rows(HISTORY))
    desk.sleep(hours=2)
    assert desk.counts("bitcoin", since=since) == ("ok", 0, 0)


def test_a_renamed_coin_is_a_vintage_and_a_dropped_one_a_message(desk: Desk) -> None:
    far = Gecko(desk.clock)
    desk.speak(far, *PATHS)
    desk.run(*COINS, job="coingecko_coins")
    first = desk.now
    far.names["ethereum"] = "Ether"
    desk.sleep(days=1)
    assert desk.counts(*COINS, job="coingecko_coins") == ("ok", 0, 1)
    name = "SELECT name FROM instruments WHERE symbol = 'coingecko:ethereum'"
    assert desk.rows(name, first) == [("Ethereum",)]
    assert desk.rows(name, desk.now) == [("Ether",)]
    desk.run(*COINS)
    before = desk.rows(HISTORY)
    del far.names["ethereum"]
    desk.sleep(days=1)
    outcome = desk.run(*COINS).outcome
    assert outcome.status == "partial"
    assert "coin not found" in outcome.message
    gone = "SELECT max(date) FROM prices WHERE symbol = 'coingecko:ethereum'"
    assert desk.rows(gone) == [(date(2024, 3, 11),)]
    assert set(before) < set(desk.rows(HISTORY))


def test_a_429_without_a_header_is_waited_out(desk: Desk) -> None:
    api = desk.speak(Gecko(desk.clock), *PATHS)
    api.first = [status(429, LIMIT, Content_Type="application/json")]
    assert desk.counts("bitcoin") == ("ok", 365, 0)
    assert max(desk.clock.slept) >= 30.0


def test_a_limit_that_stays_ends_the_run_as_over_budget(desk: Desk) -> None:
    api = desk.speak(Gecko(desk.clock), *PATHS)
    api.first = [status(429, LIMIT, Content_Type="application/json", Retry_After="600")]
    due = desk.now
    outcome = desk.run(*COINS, due=due).outcome
    assert (outcome.status, outcome.calls) == ("over_budget", 1)
    assert "Rate Limit" in outcome.message
    assert desk.breaker.until is not None
    assert desk.breaker.until - desk.now > timedelta(minutes=9)
    desk.sleep(minutes=11)
    again = desk.run(*COINS, due=due)
    assert (again.outcome.status, again.outcome.rows_added) == ("ok", 730)


def test_the_key_goes_into_its_header_where_there_is_one(tmp_path: Path) -> None:
    with opened(coingecko.SOURCE, tmp_path, is_keyed=True) as desk:
        desk.speak(Gecko(desk.clock), *PATHS)
        desk.run("bitcoin")
        assert [hit.headers["x-cg-demo-api-key"] for hit in desk.server.hits] == [KEY]


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(Gecko(desk.clock), *PATHS)
    desk.run("bitcoin")
    desk.sleep(days=1)
    outage(desk, api, HISTORY, lambda: desk.run("bitcoin"))
