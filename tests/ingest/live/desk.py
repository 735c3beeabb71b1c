"""A small live desk for tests: a tape with a crash in it, a bus, a lake, a state, a monitor."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa

from data.bus import Bus
from data.bus.memory import MemoryBus
from data.datasets.ticks import TICKS
from data.lake import Lake
from data.query import Db
from data.state import rules
from data.state.db import State
from data.state.rules import Terms
from data.state.values import Edit
from ingest.live.archive import Archive
from ingest.live.feed import Feed
from ingest.live.monitor import Monitor

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
VENUE = "demo"
STREAM = f"ticks:{VENUE}"
SYMBOLS = ("demo:AAAUSD", "demo:BBBUSD", "demo:CCCUSD")
CRASH = Terms(
    "A crash",
    {"metric": "max_drawdown", "side": "below", "trigger": -0.05, "cooldown_s": 30},
    "critical",
)
SENT = [f for f in TICKS.schema if f.name not in (*TICKS.derived, "ingested_at", "superseded_at")]


def tape(
    seconds: int,
    *,
    rate: int = 10,
    crashes: Sequence[int] = (),
    seed: int = 1,
    start: datetime = START,
) -> pl.DataFrame:
    """Trades of three instruments; at each crash the first one falls by a tenth, then recovers."""
    rng, rows = random.Random(seed), []
    for at, symbol in enumerate(SYMBOLS):
        price = 100.0 * (at + 1)
        for number in range(seconds * rate):
            second = number / rate
            price *= math.exp(rng.gauss(0, 0.0001))
            falls = at == 0 and any(crash <= second < crash + 5 for crash in crashes)
            when = start + timedelta(seconds=second, microseconds=at)
            rows.append((symbol, when, number + 1, price * (0.9 if falls else 1.0)))
    frame = pl.DataFrame(rows, schema=["symbol", "event_at", "trade_id", "price"], orient="row")
    return frame.sort("event_at", "symbol").with_columns(
        venue=pl.lit("DEMOLIVE"),
        size=pl.lit(1.0),
        side=pl.lit("buy"),
        known_at=pl.col("event_at") + timedelta(milliseconds=20),
        vintage_grade=pl.lit("native"),
        source=pl.lit("demo"),
    )


def blocks(trades: pl.DataFrame, every: timedelta) -> Iterator[tuple[datetime, pa.RecordBatch]]:
    """The trades as a feed sends them, with the instant each block is due."""
    ready = trades.select([field.name for field in SENT])
    cut = ready["known_at"].dt.truncate(every)
    for part in ready.with_columns(cut=cut).partition_by("cut", maintain_order=True):
        block = part.drop("cut").to_arrow().cast(pa.schema(SENT)).combine_chunks()
        yield part["cut"][0] + every, block.to_batches()[0]


@dataclass
class Clock:
    """A clock that the test moves."""

    now: datetime = START

    def read(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """All of it in one folder."""

    folder: Path
    bus: Bus = field(default_factory=MemoryBus)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.lake = Lake(self.folder / "demo" / "lake", workspace="demo")
        self.state = State.open(self.folder / "demo" / "state.db")
        self.db = Db(self.lake.root, memory_limit_mb=256, threads=1)
        self.feed = Feed(self.bus, STREAM, self.clock.read, lambda seconds: False)

    def rule(
        self, terms: Terms = CRASH, at: datetime = START - timedelta(days=1)
    ) -> rules.SavedRule:
        return rules.create(self.state, terms, edit=Edit("tester", at))

    def monitor(self) -> Monitor:
        path = self.folder / "demo" / "monitor.bin"
        return Monitor(self.bus, self.db, self.state, VENUE, "DEMOLIVE", path, self.clock.read)

    def archive(self) -> Archive:
        return Archive(self.bus, self.lake, STREAM, self.clock.read)

    def play(
        self, trades: pl.DataFrame, *monitors: Monitor, every: timedelta = timedelta(seconds=1)
    ) -> None:
        """Send a tape, each block at its instant, and let the monitors follow."""
        for due, block in blocks(trades, every):
            self.clock.now = due
            self.feed.take(block)
            self.feed.flush()
            for monitor in monitors:
                monitor.step(0)

    def close(self) -> None:
        self.db.close()
        self.state.close()
        self.bus.close()
