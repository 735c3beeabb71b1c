"""A feed on a hosted Redis whose quota runs short: less often, then not at all, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import redis

from data.bus.meter import CHUNK
from data.bus.redis import RedisBus
from data.settings import Settings
from ingest.live.feed import Feed, paced
from tests.data.test_bus import at, running
from tests.data.test_bus_meter import Clock, Counter, bus, meter

A_DAY = 1_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = at(tmp_path_factory.mktemp("quota"))
    with running(settings):
        yield settings


def held(line: RedisBus) -> list[int]:
    """Every number on the stream, in the order in which it lies there."""
    entries = line.read("s", count=100_000)
    return [n for entry in entries if entry.block.num_rows for n in entry.block["n"].to_pylist()]


def test_a_feed_keeps_what_a_short_quota_holds_back(server: Settings, tmp_path: Path) -> None:
    clock, counted = Clock(), Counter(server)
    clock.now = clock.now.replace(hour=23, minute=20)
    counting = meter(tmp_path, clock, A_DAY, every=timedelta(seconds=1))
    line = bus(server, counting)
    feed = Feed(line, "s", clock, lambda _: False)
    slowed = set()
    for second in range(40 * 60):  # to midnight at one block a second, far more than the share
        clock.now += timedelta(seconds=1)
        feed.take(pa.record_batch({"n": [2 * second, 2 * second + 1]}))
        feed.flush()
        slowed.add(paced(line)["slowed_to_s"])
    assert slowed == {0.0, 5.0, 30.0}
    assert A_DAY - CHUNK < counted() <= A_DAY
    told = feed.facts(clock.now)
    assert told["lost"] == 0
    assert told["waiting"] > 0
    # The next day has a share of its own: what waited goes out in a few blocks, in order, once.
    clock.now += timedelta(minutes=1)
    assert feed.flush()
    assert feed.facts(clock.now)["waiting"] == 0
    assert counted() < A_DAY + 100
    plain = RedisBus.at_url(f"unix://{line.where.removeprefix('unix socket ')}")
    assert held(plain) == list(range(2 * 40 * 60))
    plain.close()
    line.close()


def test_a_reply_that_was_lost_doubles_nothing_when_blocks_are_joined(
    server: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    Counter(server)
    counting = meter(tmp_path, clock, A_DAY)
    line = bus(server, counting)
    feed = Feed(line, "s", clock, lambda _: False)
    feed.take(pa.record_batch({"n": [0]}))
    assert feed.flush()
    monkeypatch.setattr(counting, "_thin", 5.0)
    add = line._redis.xadd

    def lost(*words: object, **named: object) -> object:
        add(*words, **named)
        raise redis.TimeoutError("no reply")

    for number in range(1, 6):
        clock.now += timedelta(seconds=1)
        feed.take(pa.record_batch({"n": [number]}))
    with monkeypatch.context() as patched:
        patched.setattr(line._redis, "xadd", lost)
        clock.now += timedelta(seconds=5)
        assert not feed.flush()
    for number in range(6, 12):
        clock.now += timedelta(seconds=1)
        feed.take(pa.record_batch({"n": [number]}))
    clock.now += timedelta(seconds=5)
    assert feed.flush()
    assert held(line) == list(range(12))
    line.close()
