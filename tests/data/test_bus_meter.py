"""The quota of a hosted Redis: commands counted as the server counts them, and none too many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import redis

from data.bus import find_bus
from data.bus.meter import CHUNK, Meter, is_hosted, meter_of
from data.bus.redis import RedisBus
from data.errors import BusError
from data.hours import Hours
from data.quotas import Limit, Quota
from data.redis_server import socket_path
from data.settings import Settings
from data.state import budgets
from data.state.db import State
from tests.data.test_bus import at, running

FIRST = datetime(2026, 12, 1, 9, tzinfo=UTC)  # of a month of 31 days
BLOCK = pa.record_batch({"n": [1]})


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = FIRST

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = at(tmp_path_factory.mktemp("meter"))
    with running(settings):
        yield settings


class Counter:
    """What the server itself has counted since, without the asking."""

    def __init__(self, server: Settings) -> None:
        self._client = redis.Redis(unix_socket_path=str(socket_path(server)))
        self._client.flushall()
        self._before = self._total()

    def _total(self) -> int:
        stats = self._client.info("commandstats")
        ran = sum(one["calls"] for name, one in stats.items() if name != "cmdstat_info")
        # An old server does not know every greeting of the client, and counts it as an error alone.
        errors = sum(item["count"] for item in self._client.info("errorstats").values())
        return ran + errors - sum(stat["failed_calls"] for stat in stats.values())

    def __call__(self) -> int:
        return self._total() - self._before


@pytest.fixture
def counted(server: Settings) -> Counter:
    return Counter(server)


def meter(folder: Path, clock: Clock, a_day: int, **more: object) -> Meter:
    """A month that leaves so many commands a day."""
    limit = Limit(31 * a_day, "commands", "month")
    quota = Quota("redis", (limit,), "UTC", "https://example.org", date(2026, 11, 1))
    return Meter(folder / "state.db", quota, now=clock, **more)  # type: ignore[arg-type]  # as given


def bus(server: Settings, counting: Meter) -> RedisBus:
    return RedisBus.at_url(f"unix://{socket_path(server)}", counting)


def test_every_command_is_counted_as_the_server_counts_it(
    server: Settings, tmp_path: Path, clock: Clock, counted: Counter
) -> None:
    counting = meter(tmp_path, clock, 10_000)
    line = bus(server, counting)
    line.ping()
    line.ping()  # heard a moment ago: not asked again
    for number in range(30):
        line.publish("s", BLOCK, entry_id=f"{number + 1}-0", creates=True)
        line.follow({"s": "0-0", "t": "0-0"}, block_ms=2_500)  # a wait is no row of readings
    line.publish("t", BLOCK)
    line.note("s", "feed", {"a": 1})
    line.notes("s"), line.tail("s"), line.last_id("s"), line.trim("s", "9-0")
    line._redis.connection_pool.disconnect()  # a new connection says hello again
    assert line.read("s", "20-0")
    assert counting.sent == counted() > 60
    state = State.open(tmp_path / "state.db")
    (used,) = budgets.usage(state, "redis")
    assert counting.sent <= used.used < counting.sent + CHUNK
    line.close()  # what was reserved and not sent is given back
    (used,) = budgets.usage(state, "redis")
    assert (used.used, used.window) == (counting.sent, "2026-12")
    state.close()


def test_a_day_has_its_share_and_what_earlier_days_left(
    server: Settings, tmp_path: Path, clock: Clock, counted: Counter
) -> None:
    counting = meter(tmp_path, clock, 500)
    line = bus(server, counting)

    def spend() -> str:
        with pytest.raises(BusError) as caught:
            for _ in range(20_000):
                line.last_id("s")
        return str(caught.value)

    words = spend()
    assert "today's share of the Redis server's quota (15,500 commands per month)" in words
    assert "nothing is sent or read before the next day begins (UTC)" in words
    assert 500 - CHUNK < counted() <= 500
    spend()
    assert counted() <= 500  # asking again sends nothing
    clock.now += timedelta(days=1)
    spend()
    assert 1_000 - CHUNK < counted() <= 1_000
    clock.now += timedelta(days=2)  # a day without the live path leaves its share
    spend()
    assert 2_000 - CHUNK < counted() <= 2_000
    clock.now = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    spend()
    assert 15_500 - CHUNK < counted() <= 15_500
    clock.now += timedelta(hours=1)  # the next month
    line.last_id("s")


def test_processes_of_a_workspace_share_one_quota(
    server: Settings, tmp_path: Path, clock: Clock, counted: Counter
) -> None:
    lines = [bus(server, meter(tmp_path, clock, 500)) for _ in range(3)]
    refused = 0
    for _ in range(300):
        for line in lines:
            try:
                line.last_id("s")
            except BusError:
                refused += 1
    assert counted() <= 500
    assert refused >= 400


def test_it_thins_out_before_it_stops_and_says_so(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    counting = meter(tmp_path, clock, 2_000, every=timedelta(seconds=1))
    seen = []
    with pytest.raises(BusError):
        while True:
            counting.allow()
            counting.count()
            if not seen or seen[-1][1] != counting.pauses():
                seen.append((counting.sent, counting.pauses()))
    assert [pauses for _, pauses in seen] == [(1.0, 0.0), (5.0, 5.0), (30.0, 30.0)]
    assert 1_400 < seen[1][0] < 1_500 + CHUNK < seen[2][0] < 1_900
    assert [record.getMessage().split(" ")[2] for record in caplog.records] == [
        "pause_s=5",
        "pause_s=30",
    ]
    clock.now += timedelta(days=1)
    counting.allow()
    assert counting.pauses() == (1.0, 0.0)


def test_outside_the_hours_a_reader_looks_once_a_minute(tmp_path: Path, clock: Clock) -> None:
    hours = Hours.parse("08:00-10:00")
    counting = meter(tmp_path, clock, 900, every=timedelta(seconds=2), hours=hours)
    assert counting.pauses() == (2.0, 0.0)
    clock.now += timedelta(hours=2)
    assert counting.pauses() == (60.0, 0.0)


def test_a_ledger_that_cannot_be_used_lets_nothing_out(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "state.db").write_bytes(b"no database at all")
    with pytest.raises(BusError, match="cannot be counted, so none is sent"):
        meter(tmp_path, clock, 900).allow()


@pytest.mark.parametrize(
    ("url", "hosted"),
    [
        ("rediss://default:secret@eu1-calm-fox-33.upstash.io:6379", True),
        ("redis://cache.example.com:6379", True),
        ("rediss://far:1", True),
        ("redis://8.8.8.8:6379", True),
        ("redis://redis:6379/0", False),  # a neighbour of the same compose file
        ("redis://192.168.1.7:6379", False),
        ("redis://127.0.0.1:6379", False),
        ("rediss://localhost:6379", False),
        ("unix:///run/redis.sock", False),
        (None, False),
    ],
)
def test_only_the_server_of_somebody_else_is_counted(
    tmp_path: Path, url: str | None, hosted: bool
) -> None:
    assert is_hosted(url) is hosted
    environ = {"REDIS_URL": url} if url else {}
    assert (meter_of(at(tmp_path, **environ)) is not None) is hosted
    if url:
        made = find_bus(at(tmp_path, **environ))
        assert isinstance(made, RedisBus)
        assert (made._meter is not None) is hosted
        made.close()
