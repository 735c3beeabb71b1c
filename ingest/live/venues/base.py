"""What a venue gives, and what it may know: where an earlier life of its feed stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from data.settings import Settings
from ingest.live.feed import Arrival

HEARTBEAT = timedelta(seconds=1)
KNOWN = {
    "symbol": pl.String(),
    "trade_id": pl.Int64(),
    "price": pl.Float64(),
    "event_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class Subscription:
    """How a feed is to run: `last` holds the last trade of each symbol that is known already.

    Its columns are symbol, trade_id, price and event_at. Arrivals come in blocks of `every`;
    `wait(seconds)` sleeps and says whether to stop.
    """

    settings: Settings
    clock: Callable[[], datetime]
    last: pl.DataFrame
    every: timedelta
    wait: Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Venue:
    """One file below `venues`: `arrivals` gives blocks, each with the instant it is due.

    A quiet second gives a block without rows, so that readers can tell quiet from dead. `code` is
    the venue of its rows in the lake. One that `replays` gives
    trades again that came after those known already.
    """

    name: str
    code: str
    about: str
    arrivals: Callable[[Subscription], Iterator[Arrival]]
    replays: bool = False


def with_heartbeats(
    blocks: Iterator[tuple[datetime, pa.RecordBatch]], start: datetime, empty: pa.RecordBatch
) -> Iterator[tuple[datetime, pa.RecordBatch]]:
    """The blocks of a venue that knows its future, quiet seconds said."""
    moment = start
    for due, block in blocks:
        while due - moment > HEARTBEAT:
            moment += HEARTBEAT
            yield moment, empty
        moment = due
        yield due, block


def last_trades(frames: list[Any]) -> pl.DataFrame:
    """The last trade of each symbol in some blocks of ticks."""
    whole = pl.concat(
        [
            pl.DataFrame(schema=KNOWN),
            *(
                pl.DataFrame(frame).select(pl.col(n).cast(kind) for n, kind in KNOWN.items())
                for frame in frames
            ),
        ]
    )
    last = whole.sort("trade_id").group_by("symbol", maintain_order=True).last()
    return last.select(*KNOWN)
