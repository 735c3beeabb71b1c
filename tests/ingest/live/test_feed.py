"""The feed: in order, nothing lost while the bus is away, nothing doubled, trimmed by age."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from data.bus import Bus
from data.bus_blocks import Entry
from data.bus_memory import MemoryBus
from data.errors import BusError
from ingest.live import feed as module
from ingest.live.feed import Feed

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
STREAM = "ticks:test"


@dataclass
class Time:
    """A clock that moves only when somebody waits."""

    now: datetime = START
    waits: int = 0

    def read(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits += 1
        self.now += timedelta(seconds=seconds)
        return self.waits > 5_000


@dataclass
class Flaky:
    """A memory bus behind a line that is cut while `away` says so."""

    away: Callable[[], bool]
    real: MemoryBus = field(default_factory=MemoryBus)
    banner: str | None = None

    def _line(self) -> Bus:
        if self.away():
            raise BusError("the line is cut")
        return self.real

    def ping(self) -> None:
        self._line().ping()

    def publish(self, stream: str, block: pa.RecordBatch, *, entry_id: str | None = None) -> str:
        return self._line().publish(stream, block, entry_id=entry_id)

    def read(
        self, stream: str, after: str = "0-0", *, count: int = 100, block_ms: int = 0
    ) -> list[Entry]:
        return self._line().read(stream, after, count=count, block_ms=block_ms)

    def tail(self, stream: str, count: int = 500) -> list[Entry]:
        return self._line().tail(stream, count)

    def last_id(self, stream: str) -> str:
        return self._line().last_id(stream)

    def trim(self, stream: str, min_id: str) -> int:
        return self._line().trim(stream, min_id)

    def close(self) -> None:
        self.real.close()


def seconds(count: int, first: int = 0) -> Iterator[pa.RecordBatch]:
    """One row each second, which is its number."""
    for number in range(first, first + count):
        yield pa.record_batch({"n": [number]})


def due_at(batch: pa.RecordBatch) -> datetime:
    return START + timedelta(seconds=batch.column("n")[0].as_py())


def sent(bus: Bus) -> list[int]:
    return [n for entry in bus.tail(STREAM, 100_000) for n in entry.block["n"].to_pylist()]


def test_batches_go_out_in_order_when_they_are_due() -> None:
    time, bus = Time(), MemoryBus()
    Feed(bus, STREAM, time.read, time.wait).run(seconds(10), due_at)
    assert sent(bus) == list(range(10))
    assert time.now == START + timedelta(seconds=9)


def test_a_bus_that_was_away_gets_everything_once() -> None:
    time = Time()
    cut = (START + timedelta(seconds=20), START + timedelta(seconds=50))
    bus = Flaky(lambda: cut[0] <= time.now < cut[1])
    feed = Feed(bus, STREAM, time.read, time.wait)
    feed.run(seconds(100), due_at)
    assert sent(bus.real) == list(range(100))
    assert feed.lost == 0


def test_a_bus_that_comes_back_after_the_last_batch_still_gets_it() -> None:
    time = Time()
    bus = Flaky(lambda: time.now < START + timedelta(seconds=30))
    Feed(bus, STREAM, time.read, time.wait).run(seconds(10), due_at)
    assert sent(bus.real) == list(range(10))


def test_what_the_ring_could_not_hold_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RING", 5)
    time = Time()
    bus = Flaky(lambda: time.now < START + timedelta(seconds=19))
    feed = Feed(bus, STREAM, time.read, time.wait)
    feed._ring = type(feed._ring)(maxlen=5)
    feed.run(seconds(20), due_at)
    assert sent(bus.real) == [15, 16, 17, 18, 19]
    assert feed.lost == 15


def test_a_restarted_feed_goes_on_above_its_last_id() -> None:
    time, bus = Time(), MemoryBus()
    Feed(bus, STREAM, time.read, time.wait).run(seconds(5), due_at)
    time.now = START  # the machine's clock was set back
    Feed(bus, STREAM, time.read, time.wait).run(seconds(5, first=5), due_at)
    assert sent(bus) == list(range(10))


def test_what_is_older_than_an_hour_is_trimmed_unless_somebody_needs_it() -> None:
    for needed, expected in ((None, 3_600), ("0-1", 7_200)):
        time, bus = Time(), MemoryBus()
        feed = Feed(bus, STREAM, time.read, lambda s, t=time: _pass(t, s), lambda n=needed: n)
        feed.run(seconds(7_200), due_at)
        kept = sent(bus)
        assert kept[-1] == 7_199
        assert expected <= len(kept) <= expected + 61


def _pass(time: Time, seconds: float) -> bool:
    time.now += timedelta(seconds=seconds)
    return False


def test_told_to_stop_it_stops() -> None:
    bus = MemoryBus()
    Feed(bus, STREAM, lambda: START, lambda seconds: True).run(seconds(10), due_at)
    assert sent(bus) == []
