"""Feed, Redis (also wiped), archive and monitor killed at random under load: nothing is lost,
nothing is doubled, and the alerts are those of a run that nobody disturbed.

CHAOS_TICKS and CHAOS_KILLS change its length: by day 420,000 trades and eight kills of each, at
night ten minutes of trades and two hundred kills.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.live.live import LiveState as Live
from analytics.live.live import step
from analytics.live.rules import fold, read_rule
from data.bus.redis import RedisBus
from data.clock import utc_now
from data.errors import BusError
from data.lake.manifest import read_manifest
from data.lake.store import DiskStore
from data.query import Db
from data.redis_server import answers, command, find_server, socket_path
from data.settings import Settings
from data.state import alerts, rules
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.monitor import _columns
from tests import machine, tiers
from tests.ingest.live.chaos_feed import RATE, STEP_US, SYMBOLS, block

TICKS = tiers.amount("CHAOS_TICKS", day=420_000, night=6_000_000)
KILLS = tiers.amount("CHAOS_KILLS", day=8, night=200)
STREAM = "ticks:demo"
CRASH = {
    "metric": "max_drawdown",
    "side": "below",
    "trigger": -0.05,
    "rearm": -0.02,
    "cooldown_s": 5,
}
WILD = {"metric": "return_z", "trigger": 3.0, "rearm": 1.0, "cooldown_s": 1}
QUIET_S = 90

pytestmark = [pytest.mark.needs("redis-server"), pytest.mark.uncounted]


@dataclass
class Desk:
    """The processes of a live path, each of which can be killed and started again."""

    settings: Settings
    start_us: int
    held: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        log = (self.settings.data_dir / f"{name}.log").open("ab")
        self.held[name] = subprocess.Popen(
            self._words(name),
            cwd=machine.ROOT,
            stdout=log,
            stderr=log,
            env=os.environ
            | {
                "DATA_DIR": str(self.settings.data_dir),
                "MEMORY_LIMIT_MB": "512",
                "POLARS_MAX_THREADS": "1",
            },
        )
        log.close()

    def kill(self, name: str, *, wipe: bool = False) -> None:
        self.held[name].kill()
        self.held[name].wait()
        if wipe:
            shutil.rmtree(self.settings.root / "bus")

    def _words(self, name: str) -> list[str]:
        if name == "redis":
            server = find_server()
            assert server
            return command(server, self.settings)
        if name == "feed":
            return [
                sys.executable,
                "-m",
                "tests.ingest.live.chaos_feed",
                str(self.start_us),
                str(TICKS),
            ]
        return [sys.executable, "-m", f"scripts.{name}", "--workspace", "demo"]

    def close(self) -> None:
        for process in self.held.values():
            process.kill()
            process.wait()


def wait_for(what: str, is_so: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, what
        time.sleep(0.25)


def tape(start_us: int) -> pl.DataFrame:
    """All that the venue sends."""
    return pl.DataFrame(block(start_us, 0, TICKS // len(SYMBOLS)))


def undisturbed(trades: pl.DataFrame, ids: dict[str, str]) -> list[tuple[object, ...]]:
    """Every episode that one quiet fold over the whole tape tells, by rule version."""
    _, points = step(Live(), _columns(trades))
    told: list[tuple[object, ...]] = []
    for name, document in (("Crash", CRASH), ("Wild", WILD)):
        rule = read_rule(document, ids[name])
        _, events = fold(rule, {}, points.iter_rows(named=True))
        ended = {event.id for event in events if event.kind == "ended"}
        told += [
            (
                event.id,
                event.symbol,
                event.known_at,
                event.value,
                "normal" if event.id in ended else "firing",
            )
            for event in events
            if event.kind == "fired"
        ]
    return sorted(told, key=str)


def stored(state: State) -> list[tuple[object, ...]]:
    found = alerts.known(state, as_of=utc_now() + timedelta(hours=1), limit=100_000)
    return sorted(
        (
            (
                item.firing.event_id,
                item.firing.symbol,
                item.firing.known_at,
                item.firing.trigger_value,
                item.condition,
            )
            for item in found
        ),
        key=str,
    )


def archived(settings: Settings) -> pl.DataFrame:
    db = Db(settings.lake, memory_limit_mb=1024, threads=2)
    try:
        return (
            db.at(utc_now())
            .sql("SELECT symbol, trade_id, event_at, price, size, side FROM ticks ORDER BY ALL")
            .frame
        )
    finally:
        db.close()


def rows_stored(settings: Settings) -> int:
    return read_manifest(DiskStore(settings.lake), "ticks").rows


def position(settings: Settings) -> str:
    bus = RedisBus.at_socket(socket_path(settings))
    try:
        return str(bus.notes(STREAM).get("monitor", {}).get("position", ""))
    except BusError:
        return ""
    finally:
        bus.close()


def test_whoever_is_killed_nothing_is_lost_and_nothing_doubled(
    tmp_path: Path, rng: random.Random
) -> None:
    settings = Settings.from_env("demo", {"DATA_DIR": str(tmp_path)})
    settings.state.parent.mkdir(parents=True)
    state = State.open(settings.state)
    edit = Edit("tester", utc_now() - timedelta(hours=1))
    ids = {
        name: f"{rules.create(state, Terms(name, document), edit=edit).id}.1"
        for name, document in (("Crash", CRASH), ("Wild", WILD))
    }
    start_us = int((utc_now().timestamp() + 8) * 1e6) // 1_000_000 * 1_000_000
    desk = Desk(settings, start_us)
    try:
        desk.start("redis")
        wait_for("redis", lambda: answers(socket_path(settings)), 20)
        for name in ("feed", "archive", "monitor"):
            desk.start(name)
        _havoc(desk, rng, start_us)
        wait_for(
            f"the archive holds {rows_stored(settings)} of {TICKS}",
            lambda: rows_stored(settings) >= TICKS,
            QUIET_S,
        )
        end_ms = (start_us + (TICKS // len(SYMBOLS)) * STEP_US) // 1000
        wait_for(
            "the monitor is behind",
            lambda: int(position(settings).split("-")[0] or 0) > end_ms,
            QUIET_S,
        )
        trades = tape(start_us)
        sent = trades.select("symbol", "trade_id", "event_at", "price", "size", "side")
        assert archived(settings).equals(sent.sort(sent.columns))
        expected = undisturbed(trades, ids)
        assert stored(state) == expected
        assert len(expected) > 10
    finally:
        desk.close()
        state.close()


def _havoc(desk: Desk, rng: random.Random, start_us: int) -> None:
    """Kills spread over the time of the tape, in any order; every third Redis comes back empty."""
    victims = [name for name in ("feed", "archive", "monitor", "redis") for _ in range(KILLS)]
    rng.shuffle(victims)
    seconds = TICKS / len(SYMBOLS) / RATE
    wipes = 0
    time.sleep(max(0.0, start_us / 1e6 - time.time()))
    for name in victims:
        time.sleep(rng.uniform(0.4, 1.2) * seconds / len(victims))
        wipe = False
        if name == "redis":
            wipes += 1
            wipe = wipes % 3 == 0
        desk.kill(name, wipe=wipe)
        desk.start(name)
