"""A feed that tests kill: its venue can send any trade again, and trades at 10,000 a second.

`python -m tests.ingest.live.chaos_feed START_US TICKS`: the real loop of the feed, on a tape that
is a pure function of instrument and number.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from data.datasets.ticks import TICKS
from data.settings import Settings
from ingest.live.feed import Arrival
from ingest.live.venues.base import Subscription, Venue
from scripts.feed import follow
from scripts.support import logs
from scripts.support.loops import alone, shared_bus, stop_on_signals

CODE = "DEMOLIVE"
SYMBOLS = [f"demo:S{number:02d}USD" for number in range(20)]
RATE = 500  # a second and instrument
STEP_US = 1_000_000 // RATE
BLOCK = RATE // 20  # numbers of a block: 50 ms
CRASH_EVERY, CRASH = 3 * RATE, RATE  # numbers between crashes, and how long one is
SENT = pa.schema(
    [f for f in TICKS.schema if f.name not in (*TICKS.derived, "ingested_at", "superseded_at")]
)


def block(start_us: int, first: int, until: int) -> pa.RecordBatch:
    """The trades of all instruments from one number to before another, in the order of time."""
    numbers = np.repeat(np.arange(first, until), len(SYMBOLS))
    place = np.tile(np.arange(len(SYMBOLS)), until - first)
    at = start_us + numbers * STEP_US + place
    price = 100.0 + place + np.sin(numbers / 700 + place) + (numbers * 7919 + place) % 97 / 500
    falls = (numbers % CRASH_EVERY < CRASH) & (numbers >= CRASH_EVERY)
    falls &= place == numbers // CRASH_EVERY % len(SYMBOLS)
    price = np.round(np.where(falls, price * 0.9, price), 4)
    count = len(numbers)
    instants = pa.array(at).cast(pa.timestamp("us", "UTC"))
    columns = {
        "venue": pa.array([CODE] * count),
        "symbol": pa.array(SYMBOLS).take(pa.array(place)),
        "event_at": instants,
        "trade_id": pa.array(numbers),
        "price": pa.array(price),
        "size": pa.array(1.0 + numbers % 3),
        "side": pa.array(["buy"] * count),
        "known_at": instants,
        "vintage_grade": pa.array(["native"] * count),
        "source": pa.array(["demo"] * count),
    }
    return pa.RecordBatch.from_arrays([columns[f.name] for f in SENT], schema=SENT)


def arrivals(asked: Subscription, start_us: int, ticks: int) -> Iterator[Arrival]:
    """From the number after the last that is known; at the end only heartbeats."""
    last = ticks // len(SYMBOLS)
    known = asked.last["trade_id"].min() if asked.last.height == len(SYMBOLS) else -1
    number = int(known) + 1 if isinstance(known, int) else 0
    while number < last:
        until = min(number + BLOCK, last)
        due = datetime.fromtimestamp((start_us + until * STEP_US) / 1e6, UTC)
        yield due, block(start_us, number, until)
        number = until
    while True:
        yield asked.clock() + timedelta(milliseconds=500), block(start_us, 0, 0)


def main() -> None:
    """Until it is killed."""
    logs.to_stderr()
    start_us, ticks = map(int, sys.argv[1:])
    settings, stop = Settings.from_env("demo"), stop_on_signals()
    venue = Venue(
        "demo",
        CODE,
        "a tape that can be sent again",
        lambda asked: arrivals(asked, start_us, ticks),
        replays=True,
    )
    with alone(settings, "feed", stop):
        follow(settings, venue, shared_bus(settings), stop)


if __name__ == "__main__":
    main()
