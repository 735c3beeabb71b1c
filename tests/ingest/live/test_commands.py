"""What the live path costs a hosted Redis, and that the proof of the plan knows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from data.bus.memory import MemoryBus
from data.errors import ConfigError
from data.hours import Hours
from data.quotas import read_quotas
from data.settings import Settings
from ingest.live.commands import BEATS_A_MINUTE, commands_a_day
from ingest.live.hours import within
from ingest.quota.prover import demands, month_after, prove
from scripts.plan import in_use
from tests.ingest.live.desk import Desk, tape

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def settings(**environ: str) -> Settings:
    return Settings.from_env("live", {"DATA_DIR": "/nowhere", **environ})


def test_an_hour_at_half_a_second_is_more_than_the_free_tier_bears() -> None:
    told = settings(LIVE_SAMPLE_MS="500", LIVE_HOURS="08:00-09:00", REDIS_URL="rediss://far:1")
    quotas = in_use(read_quotas(), told)
    month = month_after(NOON)
    proof = prove(demands((), quotas, *month), quotas, *month)
    assert not proof.fits
    assert "redis" in str(proof)
    mild = replace(told, live_sample_ms=5_000)
    quotas = in_use(read_quotas(), mild)
    fitting = prove(demands((), quotas, *month), quotas, *month)
    assert fitting.fits
    assert "redis" in [line.source for line in fitting.lines]
    assert "redis" not in in_use(read_quotas(), settings())


def test_the_count_is_what_the_loops_really_send(tmp_path: Path) -> None:
    """Four minutes of blocks through feed, archive and monitor, every call of the bus counted."""

    class Counting(MemoryBus):
        calls = 0

        def __getattribute__(self, name: str) -> object:
            if name in ("publish", "follow", "read", "note", "notes", "trim", "last_id", "tail"):
                object.__setattr__(self, "calls", object.__getattribute__(self, "calls") + 1)
            return object.__getattribute__(self, name)

    bus = Counting()
    desk = Desk(tmp_path, bus)
    monitor, archive = desk.monitor(), desk.archive()

    class Both:
        def step(self, wait_ms: int) -> None:
            monitor.step(wait_ms)
            archive.step(wait_ms)

    desk.play(tape(240, rate=1), Both(), every=timedelta(seconds=1))  # type: ignore[arg-type]  # it steps
    # In memory `read` is `follow` and counts twice.
    sent = bus.calls - 2 * 240
    told = settings(LIVE_SAMPLE_MS="1000", LIVE_HOURS="08:00-08:04")
    quiet = (24 * 60 - 4) * BEATS_A_MINUTE
    assert sent == pytest.approx(commands_a_day(told, watched_hours=0) - quiet, rel=0.05)
    desk.close()


def test_hours_open_and_close_also_over_midnight() -> None:
    hours = Hours.parse("23:30-00:30")
    assert hours.minutes == 60
    for minute, is_open in ((1409, False), (1410, True), (0, True), (29, True), (30, False)):
        moment = datetime(2026, 11, 20, minute // 60, minute % 60, tzinfo=UTC)
        assert hours.is_open(moment) is is_open
    assert Hours.parse(None).is_open(NOON)
    for text in ("8-9", "08:00", "25:00-26:00", "08:00-09:60", "x"):
        with pytest.raises(ConfigError, match="expected hours of UTC"):
            Hours.parse(text)


def test_a_feed_ends_with_its_hours() -> None:
    hours = Hours.parse("11:59-12:00")
    block = pa.record_batch({"n": [1]})
    start = NOON - timedelta(seconds=2)
    arrivals = [(start + timedelta(seconds=n), block) for n in range(5)]
    assert len(list(within(hours, arrivals, lambda: start))) == 2
    assert list(within(hours, arrivals, lambda: NOON)) == []
