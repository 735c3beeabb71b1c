"""The Binance feed against a local server of its protocol: cuts, holes, garbage, the daily end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from websockets.sync.server import ServerConnection

from data.bus.memory import MemoryBus
from data.clock import utc_now
from data.settings import Settings
from ingest.live.feed import Feed
from ingest.live.venues import binance
from ingest.live.venues.base import KNOWN, Subscription
from ingest.live.venues.binance import CODE, SENT, Listener, arrivals, row_of
from tests.ingest.live.binance_server import Venue, price, trading

PAIRS = ("BTCUSDT", "ETHUSDT")
NOBODY = pl.DataFrame(schema=KNOWN)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binance, "listed", lambda *_: dict.fromkeys(f"binance:{p}" for p in PAIRS))
    monkeypatch.setattr(binance, "PAUSE_S", (0.01, 0.05))
    monkeypatch.setattr(binance, "ATTEMPT_GAP_S", 0.01)


def heard(
    venue: Venue, until: int, *, last: pl.DataFrame = NOBODY, seconds: float = 20
) -> pl.DataFrame:
    """What the feed gave until both pairs had reached a number."""
    stop = threading.Event()
    settings = Settings.from_env("live", {"DATA_DIR": "/nowhere"})
    asked = Subscription(settings, utc_now, last, timedelta(milliseconds=20), stop.wait)
    frames, ends = [pl.DataFrame(SENT.empty_table())], time.monotonic() + seconds
    reached: dict[str, int] = {}
    for _, block in arrivals(asked, venue.places):
        if block.num_rows:
            frames.append(pl.DataFrame(block))
            for name, number in frames[-1].select("symbol", "trade_id").iter_rows():
                reached[name] = max(reached.get(name, 0), number)
        if min(reached.values(), default=0) >= until and len(reached) == len(PAIRS):
            stop.set()
        assert time.monotonic() < ends, f"reached {reached}, {venue.connections} connections"
    return pl.concat(frames)


def whole(rows: pl.DataFrame, first: dict[str, int] | None = None) -> None:
    """Every number of each pair once, in order, as the venue traded it."""
    for pair in PAIRS:
        mine = rows.filter(symbol=f"binance:{pair}")
        numbers = mine["trade_id"].to_list()
        begin = first[pair] if first else numbers[0]
        assert numbers == list(range(begin, begin + len(numbers)))
        assert mine["price"].to_list() == [price(pair, number) for number in numbers]


def known(number: int) -> pl.DataFrame:
    rows = [(f"binance:{pair}", number, 1.0, None) for pair in PAIRS]
    return pl.DataFrame(rows, schema=KNOWN, orient="row")


def test_trades_come_as_they_were_sent() -> None:
    with trading(*PAIRS) as venue:
        rows = heard(venue, 200)
        assert venue.control[0]["method"] == "SUBSCRIBE"
        assert set(venue.control[0]["params"]) == {"btcusdt@aggTrade", "ethusdt@aggTrade"}
    whole(rows)
    row = rows.row(0, named=True)
    assert (row["venue"], row["source"]) == (CODE, "binance")
    assert row["side"] == ("sell" if row["trade_id"] % 3 == 0 else "buy")
    assert row["known_at"] > row["event_at"]


def test_a_cut_and_a_silent_loss_leave_no_hole() -> None:
    def cut(socket: ServerConnection) -> bool:
        socket.socket.close()
        return True

    with trading(*PAIRS) as venue:
        venue.moods = {60: cut, 200: cut}
        venue.silent = {("BTCUSDT", number) for number in range(300, 312)}
        rows = heard(venue, 400)
        assert venue.connections >= 3
    whole(rows)
    order = rows.with_row_index().sort("event_at", "index")["event_at"]
    assert order.is_sorted()


def test_an_announced_end_is_followed_at_once_and_the_day_ends_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def announce(socket: ServerConnection) -> None:
        socket.send(json.dumps({"stream": "!serverShutdown", "data": {"e": "serverShutdown"}}))

    with trading(*PAIRS) as venue:
        venue.moods = {80: announce}
        whole(heard(venue, 300))
        assert venue.connections == 2
    monkeypatch.setattr(binance, "LIFE", timedelta(seconds=0.3))
    with trading(*PAIRS) as venue:
        whole(heard(venue, 400))
        assert venue.connections >= 2


def test_a_second_life_begins_where_the_first_ended() -> None:
    with trading(*PAIRS) as venue:
        time.sleep(0.3)
        rows = heard(venue, venue.at + 100, last=known(20))
    whole(rows, dict.fromkeys(PAIRS, 21))
    assert rows["event_at"].is_sorted()


def test_a_hole_that_rest_will_not_fill_stays_a_hole() -> None:
    with trading(*PAIRS, rest_status=429) as venue:
        venue.silent = {("BTCUSDT", number) for number in range(50, 60)}
        rows = heard(venue, 120)
    numbers = rows.filter(symbol="binance:BTCUSDT")["trade_id"].to_list()
    assert set(range(numbers[0], numbers[-1])) - set(numbers) == set(range(50, 60))


def test_a_hole_that_is_too_long_is_filled_from_its_old_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binance, "MOST_FILLED", 30)
    monkeypatch.setattr(binance, "PAGE", 8)
    with trading(*PAIRS) as venue:
        listener = Listener(venue.places, PAIRS, {}, utc_now)
        venue.at = 500
        rows = list(listener._between("BTCUSDT", 100, 400))
    assert [row["trade_id"] for row in rows] == list(range(100, 130))
    assert max(int(asked["limit"]) for asked in venue.asked) == 8


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[]",
        "5",
        "null",
        '{"data": []}',
        '{"data": {"e": "aggTrade"}}',
        '{"data": {"e": "aggTrade", "s": "BTCUSDT", "a": "x", "p": "1", "q": "1", "T": 1, '
        '"m": true}}',
        '{"code": 2, "msg": "Invalid request"}',
        '{"result": null, "id": 1}',
        b"\xff\xfe",
    ],
)
def test_odd_frames_are_counted_and_stop_nothing(frame: str | bytes) -> None:
    def say(socket: ServerConnection) -> None:
        if isinstance(frame, bytes):
            socket.send(frame)
        else:
            socket.send(frame, text=True)

    with trading(*PAIRS) as venue:
        venue.moods = {30: say}
        whole(heard(venue, 80))
        assert venue.connections == 1


def test_many_pairs_are_asked_for_without_breaking_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binance, "STREAMS_A_MESSAGE", 2)
    pairs = tuple(f"P{number}USDT" for number in range(13))
    with trading(*pairs) as venue:
        listener = Listener(venue.places, pairs, {}, utc_now)
        listener.start()
        ends = time.monotonic() + 10
        while (listener.rows.qsize() < 200 or len(venue.control) < 7) and time.monotonic() < ends:
            time.sleep(0.02)
        listener.close()
        assert len(venue.control) == 7
        assert venue.connections == 1
        assert sum(len(told["params"]) for told in venue.control) == 13


def test_the_feed_puts_them_on_the_bus_and_counts_what_is_missing() -> None:
    bus, stop = MemoryBus(), threading.Event()
    feed = Feed(bus, "ticks:binance", utc_now, stop.wait)
    settings = Settings.from_env("live", {"DATA_DIR": "/nowhere"})
    with trading(*PAIRS, rest_status=500) as venue:
        venue.silent = {("ETHUSDT", 40)}
        asked = Subscription(settings, utc_now, NOBODY, timedelta(milliseconds=20), stop.wait)
        runner = threading.Thread(
            target=lambda: feed.run(arrivals(asked, venue.places)), daemon=True
        )
        runner.start()
        wait_for(lambda: feed.rows > 300)
        stop.set()
        runner.join(timeout=10)
    assert feed.sequence.missing == 1
    sent = pl.concat([pl.DataFrame(e.block) for e in bus.tail("ticks:binance", 9999)])
    assert sent.height == feed.rows
    assert sent.select("symbol", "trade_id").is_unique().all()


def wait_for(is_so: Callable[[], bool], seconds: float = 15) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_recorded_frames_become_the_rows_that_they_say(shared: Path) -> None:
    lines = (shared / "recorded/binance/ws_combined_stream.ndjson").read_text().splitlines()
    events = [json.loads(line)["data"] for line in lines]
    trades = [event for event in events if event.get("e") == "aggTrade"]
    rows = [row_of(event, utc_now()) for event in trades]
    assert [row["trade_id"] for row in rows] == [event["a"] for event in trades]
    assert len(rows) == 2
    page = json.loads((shared / "recorded/binance/rest_aggTrades_BTCUSDT.json").read_text())
    found = [row_of({"s": "BTCUSDT"} | event, utc_now()) for event in page]
    assert [row["trade_id"] for row in found] == [event["a"] for event in page]
    assert found[0]["price"] == float(page[0]["p"])
    assert {row["side"] for row in found} <= {"buy", "sell"}
