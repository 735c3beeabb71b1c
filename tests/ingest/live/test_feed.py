"""The feed: in order, nothing lost while the bus is away, nothing doubled, trimmed by age."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest

from data.bus import Bus
from data.bus.blocks import BusEntry, Facts, Pauses, missed, order
from data.bus.memory import MemoryBus
from data.clock import iso
from data.errors import BusError
from ingest.live import feed as module
from ingest.live.feed import Arrival, Feed, lowest

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

    def pauses(self) -> Pauses:
        return self.real.pauses()

    def publish(
        self,
        stream: str,
        block: pa.Table | pa.RecordBatch,
        *,
        entry_id: str | None = None,
        after: str | None = None,
        creates: bool = True,
    ) -> str:
        return self._line().publish(stream, block, entry_id=entry_id, after=after, creates=creates)

    def read(
        self, stream: str, after: str = "0-0", *, count: int = 100, block_ms: int = 0
    ) -> list[BusEntry]:
        return self._line().read(stream, after, count=count, block_ms=block_ms)

    def follow(
        self, places: Mapping[str, str], *, count: int = 100, block_ms: int = 0
    ) -> dict[str, list[BusEntry]]:
        return self._line().follow(places, count=count, block_ms=block_ms)

    def tail(self, stream: str, count: int = 500) -> list[BusEntry]:
        return self._line().tail(stream, count)

    def last_id(self, stream: str) -> str:
        return self._line().last_id(stream)

    def trim(self, stream: str, min_id: str) -> int:
        return self._line().trim(stream, min_id)

    def note(self, stream: str, who: str, facts: Facts) -> None:
        self._line().note(stream, who, facts)

    def notes(self, stream: str) -> dict[str, Facts]:
        return self._line().notes(stream)

    def close(self) -> None:
        self.real.close()


def seconds(count: int, first: int = 0) -> Iterator[Arrival]:
    """One row each second, which is its number."""
    for number in range(first, first + count):
        yield START + timedelta(seconds=number), pa.record_batch({"n": [number]})


def sent(bus: Bus) -> list[int]:
    return [n for entry in bus.tail(STREAM, 100_000) for n in entry.block["n"].to_pylist()]


def chained(bus: Bus) -> bool:
    """Whether every entry names the one before it."""
    entries = bus.tail(STREAM, 100_000)
    return all(two.after == one.id for one, two in pairwise(entries))


def test_batches_go_out_in_order_when_they_are_due() -> None:
    time, bus = Time(), MemoryBus()
    assert not Feed(bus, STREAM, time.read, time.wait).run(seconds(10))
    assert sent(bus) == list(range(10))
    assert time.now == START + timedelta(seconds=9)
    assert chained(bus)


def test_a_bus_that_was_away_gets_everything_once() -> None:
    time = Time()
    cut = (START + timedelta(seconds=20), START + timedelta(seconds=50))
    bus = Flaky(lambda: cut[0] <= time.now < cut[1])
    feed = Feed(bus, STREAM, time.read, time.wait)
    feed.run(seconds(100))
    assert sent(bus.real) == list(range(100))
    assert feed.lost == 0
    assert chained(bus.real)


def test_a_bus_that_was_wiped_is_filled_again_under_the_same_ids() -> None:
    time, bus = Time(), MemoryBus()
    feed = Feed(bus, STREAM, time.read, time.wait)
    feed.run(seconds(30))
    before = [entry.id for entry in bus.tail(STREAM, 100)]
    bus._streams.clear()
    feed.run(seconds(10, first=30))
    entries = bus.tail(STREAM, 100)
    assert [entry.id for entry in entries][:30] == before
    assert sent(bus) == list(range(40))
    assert chained(bus)


def test_what_the_archive_has_stored_leaves_the_ring_after_a_minute() -> None:
    time, bus = Time(), MemoryBus()
    feed = Feed(bus, STREAM, time.read, time.wait)
    feed.run(seconds(100))
    stored = bus.tail(STREAM, 100)[49].id
    bus.note(STREAM, "archive", {"at": iso(time.now), "position": stored})
    feed.run(seconds(100, first=100))
    assert len(feed._ring) >= 150
    bus.note(STREAM, "archive", {"at": iso(time.now), "position": bus.last_id(STREAM)})
    feed.run(seconds(20, first=200))
    assert 60 <= len(feed._ring) <= 75
    bus._streams.clear()
    feed.run(seconds(1, first=220))
    kept = bus.tail(STREAM, 1000)
    assert missed(before(kept[0].id), kept[0]) is not None  # a slow reader learns what it missed
    assert sent(bus)[-1] == 220


def before(entry_id: str) -> str:
    """Where a reader stands who has not seen the last two minutes."""
    return f"{order(entry_id)[0] - 120_000}-0"


def test_what_neither_ring_nor_archive_has_is_asked_of_the_venue_again() -> None:
    """A young feed does not hold what an earlier life sent, and the bus was wiped."""
    for replays in (True, False):
        time, bus = Time(), MemoryBus()
        Feed(bus, STREAM, time.read, time.wait).run(seconds(50))
        bus.note(STREAM, "archive", {"at": iso(time.now), "position": bus.tail(STREAM, 99)[20].id})
        feed = Feed(bus, STREAM, time.read, time.wait, born=bus.last_id(STREAM), replays=replays)
        feed.run(seconds(20, first=50))
        bus._streams.clear()
        assert feed.run(seconds(5, first=70)) is False
        assert feed.must_restart is replays
        assert sent(bus) == ([] if replays else list(range(50, 75)))


def test_a_bus_wiped_while_a_feed_was_being_born_is_noticed() -> None:
    time, bus = Time(), MemoryBus()
    Feed(bus, STREAM, time.read, time.wait).run(seconds(5))
    feed = Feed(bus, STREAM, time.read, time.wait, born=bus.last_id(STREAM), replays=True)
    bus._streams.clear()
    feed.run(seconds(5, first=5))
    assert feed.must_restart
    assert sent(bus) == []


def test_a_bus_that_comes_back_after_the_last_batch_still_gets_it() -> None:
    time = Time()
    bus = Flaky(lambda: time.now < START + timedelta(seconds=30))
    Feed(bus, STREAM, time.read, time.wait).run(seconds(10))
    assert sent(bus.real) == list(range(10))


def test_what_the_ring_could_not_hold_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 5)
    time = Time()
    bus = Flaky(lambda: time.now < START + timedelta(seconds=19))
    feed = Feed(bus, STREAM, time.read, time.wait)
    feed.run(seconds(20))
    assert sent(bus.real) == [15, 16, 17, 18, 19]
    assert feed.lost == 15


def test_a_restarted_feed_goes_on_above_its_last_id() -> None:
    time, bus = Time(), MemoryBus()
    Feed(bus, STREAM, time.read, time.wait).run(seconds(5))
    time.now = START  # the machine's clock was set back
    Feed(bus, STREAM, time.read, time.wait).run(seconds(5, first=5))
    assert sent(bus) == list(range(10))


def test_a_feed_that_starts_without_a_bus_loses_nothing_to_ids_that_were_higher() -> None:
    time = Time()
    bus = Flaky(lambda: time.now < START + timedelta(seconds=8))
    ahead = f"{int((START + timedelta(hours=1)).timestamp() * 1000)}-0"
    bus.real.publish(STREAM, pa.record_batch({"n": [-1]}), entry_id=ahead)
    Feed(bus, STREAM, time.read, time.wait).run(seconds(10))
    assert sent(bus.real) == [-1, *range(10)]


def test_nothing_is_trimmed_that_a_reader_has_not_read() -> None:
    for position, expected in ((None, 3_600), ("0-1", 7_200)):
        time, bus = Time(), MemoryBus()
        feed = Feed(bus, STREAM, time.read, lambda s, t=time: _pass(t, s))
        if position:
            bus.note(STREAM, "monitor", {"at": iso(START), "position": position})
        feed.run(seconds(7_200))
        kept = sent(bus)
        assert kept[-1] == 7_199
        assert expected <= len(kept) <= expected + 61


def test_a_reader_that_was_silent_for_a_day_is_waited_for_no_more() -> None:
    bound = "900-0"
    notes = {
        "monitor": {"at": iso(START - timedelta(days=2)), "position": "1-0"},
        "archive": {"at": iso(START), "position": "500-0"},
    }
    assert lowest(notes, bound, START - timedelta(days=1)) == "500-0"
    assert lowest({"feed": {"at": iso(START)}}, bound, START) == bound


def _pass(time: Time, seconds: float) -> bool:
    time.now += timedelta(seconds=seconds)
    return False


def test_told_to_stop_it_stops() -> None:
    bus = MemoryBus()
    assert Feed(bus, STREAM, lambda: START, lambda seconds: True).run(seconds(10))
    assert sent(bus) == []
