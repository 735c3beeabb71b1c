"""A feed for the measure of the live path: `python -m scripts.benchmarks.live_feed RATE SECONDS`.

Trades of twenty instruments, stamped at the instant they fall due and sent as one block every ten
milliseconds by the house's own loop. It prints how many it sent.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from data.clock import utc_now
from data.datasets.ticks import TICKS
from data.settings import Settings
from ingest.live.feed import Arrival, Feed
from scripts.support.loops import shared_bus

FLUSH_S = 0.01
SYMBOLS = [f"demo:S{number:02d}USD" for number in range(20)]
SENT = pa.schema(
    [f for f in TICKS.schema if f.name not in (*TICKS.derived, "ingested_at", "superseded_at")]
)


def block(numbers: np.ndarray, at_us: np.ndarray) -> pa.RecordBatch:
    """Trades with these numbers at these instants."""
    count, place = len(numbers), numbers % len(SYMBOLS)
    instants = pa.array(at_us).cast(pa.timestamp("us", "UTC"))
    price = 100.0 + place + np.sin(numbers / 9_000 + place)
    columns = {
        "venue": pa.repeat("DEMOLIVE", count),
        "symbol": pa.array(SYMBOLS).take(pa.array(place)),
        "event_at": instants,
        "trade_id": pa.array(numbers // len(SYMBOLS)),
        "price": pa.array(price),
        "size": pa.array(np.ones(count)),
        "side": pa.repeat("buy", count),
        "known_at": instants,
        "vintage_grade": pa.repeat("native", count),
        "source": pa.repeat("demo", count),
    }
    return pa.RecordBatch.from_arrays([columns[f.name] for f in SENT], schema=SENT)


def arrivals(rate: int, seconds: float, first: int) -> Iterator[Arrival]:
    """Blocks as they fall due; a block that is behind goes out at once."""
    start, size = utc_now().timestamp(), max(1, round(rate * FLUSH_S))
    for number in range(round(seconds / FLUSH_S)):
        due = start + (number + 1) * FLUSH_S
        at = due - FLUSH_S + np.arange(size) * FLUSH_S / size
        numbers = first + number * size + np.arange(size)
        yield datetime.fromtimestamp(due, UTC), block(numbers, (at * 1e6).astype(np.int64))


def main() -> None:
    """Send, then beat for a minute so that the last window closes."""
    rate, seconds = int(sys.argv[1]), float(sys.argv[2])
    bus = shared_bus(Settings.from_env("demo"))

    def wait(pause: float) -> bool:
        time.sleep(pause)
        return False

    first = int(utc_now().timestamp()) * 100_000  # above those of an earlier feed
    feed = Feed(bus, "ticks:demo", utc_now, wait)
    feed.run(arrivals(rate, seconds, first))
    sys.stdout.write(f"{feed.rows}\n")
    sys.stdout.flush()
    for _ in range(50):
        time.sleep(0.5)
        feed.beat()


if __name__ == "__main__":
    main()
