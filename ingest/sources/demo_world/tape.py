"""Ticks as a venue really sends them: some lost, some twice, some late.

Every minute of every symbol is drawn on its own, so a feed may start anywhere and two feeds that
cover the same minute send the same trades.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from data.datasets.ticks import TICKS
from ingest.sources.demo_world.draws import Floats, Ints, lognormals, normals, uniforms
from ingest.sources.demo_world.tables import coded, instants

MINUTE_US = 60_000_000
SECOND_US = 1_000_000
_LOST, _TWICE, _LATE = 0.004, 0.006, 0.012
STUMBLE_EVERY, STUMBLE = 20, 0.045  # minutes, and how deep
_LOST_RUN = 6  # a gap swallows a few trades in a row
_ORIGIN = int(datetime(2005, 1, 1, tzinfo=UTC).timestamp()) // 60


@dataclass(frozen=True, slots=True)
class Quote:
    """A symbol that ticks, with the price from which a live feed walks on."""

    symbol: str
    price: float
    decimals: int
    venue: str = "DEMOCOIN"


@dataclass(frozen=True, slots=True)
class TapeTrades:
    """Trades in the order of their arrival."""

    symbol: Ints
    event: Ints
    number: Ints
    price: Floats
    size: Floats
    is_buy: np.ndarray
    received: Ints


def trades_of_minute(
    seed: int,
    quotes: Sequence[Quote],
    minute: int,
    rate: float,
    ends: Sequence[tuple[float, float]],
) -> TapeTrades:
    """`minute` counts from 1970; `ends` are the first and last price of each symbol in it."""
    parts = [
        _one(seed, quote, at, (minute, max(1, round(60 * rate))), ends[at])
        for at, quote in enumerate(quotes)
    ]
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    turn = np.lexsort((joined[2], joined[0], joined[6]))
    return TapeTrades(*(column[turn] for column in joined))


def _one(
    seed: int, quote: Quote, at: int, when: tuple[int, int], ends: tuple[float, float]
) -> tuple[np.ndarray, ...]:
    minute, count = when
    name = f"tape {quote.symbol} {minute}"
    luck = uniforms(seed, name, count * 4).reshape(4, count)
    event = np.sort((luck[0] * MINUTE_US).astype(np.int64)) + minute * MINUTE_US
    part = (event - minute * MINUTE_US) / MINUTE_US
    grid = 10.0**quote.decimals
    path = ends[0] + (ends[1] - ends[0]) * part
    path = path * (1.0 + 0.00012 * normals(seed, f"{name} price", count))
    price = np.maximum(np.rint(path * grid), 1.0) / grid
    weight = lognormals(seed, f"{name} size", count) * luck[1]
    size = np.round(0.01 + 2.0 * weight * weight * luck[1], 4)
    number = (minute - _ORIGIN) * np.int64(count) + np.arange(count)
    delay = (20_000 + 60_000 * luck[2]).astype(np.int64)
    fate = luck[3]
    delay = np.where(fate > 1.0 - _LATE, delay + (luck[1] * 3 * SECOND_US).astype(np.int64), delay)
    lost = np.flatnonzero(fate < _LOST / 3)
    gone = np.zeros(count, dtype=bool)
    for first in lost.tolist():
        gone[first : first + _LOST_RUN] = True
    twice = (fate > 0.5) & (fate < 0.5 + _TWICE)
    pick = np.concatenate([np.flatnonzero(~gone), np.flatnonzero(twice & ~gone)])
    again = np.arange(len(pick)) >= (~gone).sum()
    received = event[pick] + delay[pick] + again * 250_000
    symbol = np.full(len(pick), at)
    is_buy = luck[2][pick] < 0.5
    return symbol, event[pick], number[pick], price[pick], size[pick], is_buy, received


def tick_table(quotes: Sequence[Quote], trades: TapeTrades) -> pa.Table:
    """Trades with the columns of the ticks dataset, without those that the lake derives."""
    rows = len(trades.event)
    columns = {
        "venue": coded(trades.symbol, [quote.venue for quote in quotes]),
        "symbol": coded(trades.symbol, [quote.symbol for quote in quotes]),
        "event_at": instants(trades.event),
        "trade_id": pa.array(trades.number, pa.int64()),
        "price": pa.array(trades.price),
        "size": pa.array(trades.size),
        "side": coded(trades.is_buy.astype(np.int64), ("sell", "buy")),
        "known_at": instants(trades.received),
        "vintage_grade": pa.repeat(pa.scalar("native"), rows),
        "source": pa.repeat(pa.scalar("demo"), rows),
    }
    order = [field for field in TICKS.schema if field.name in columns]
    return pa.Table.from_arrays([columns[field.name] for field in order], schema=pa.schema(order))


def ticks(
    seed: int,
    start: datetime,
    rate: float,
    quotes: Sequence[Quote],
    every: timedelta = timedelta(seconds=1),
) -> Iterator[pa.RecordBatch]:
    """Endless batches of one second (or `every`) of arrivals from `start` on, empty ones left out.

    `rate` is trades a second and symbol. The caller paces: a batch is due once the clock has
    reached the last `known_at` in it. Prices walk on from those of the quotes, and three times an
    hour one of them stumbles.
    """
    minute = int(start.timestamp()) // 60
    mark, width = int(start.timestamp()) * SECOND_US, every // timedelta(microseconds=1)
    prices = [quote.price for quote in quotes]
    waiting: pa.Table | None = None
    while True:
        ends = []
        for at, quote in enumerate(quotes):
            step = float(normals(seed, f"walk {quote.symbol} {minute}", 1)[0])
            ends.append(
                (prices[at], prices[at] * (1.0 + 0.0008 * step) * _stumble(at, minute, len(quotes)))
            )
        prices = [end for _, end in ends]
        fresh = tick_table(quotes, trades_of_minute(seed, quotes, minute, rate, ends))
        waiting = fresh if waiting is None else pa.concat_tables([waiting, fresh])
        waiting = waiting.sort_by(
            [("known_at", "ascending"), ("symbol", "ascending"), ("trade_id", "ascending")]
        )
        minute += 1
        # What may still arrive before the next minute's first trades can be sent now.
        while mark < minute * MINUTE_US:
            mark += width
            due, waiting = _cut(waiting, mark)
            if due.num_rows:
                yield due.combine_chunks().to_batches()[0]


def _stumble(at: int, minute: int, count: int) -> float:
    """Three times an hour one instrument falls within a minute, and comes back in the next."""
    if (minute // STUMBLE_EVERY) % count != at:
        return 1.0
    return {0: 1.0 - STUMBLE, 1: 1.0 / (1.0 - STUMBLE)}.get(minute % STUMBLE_EVERY, 1.0)


def _cut(table: pa.Table, until: int) -> tuple[pa.Table, pa.Table]:
    micros = table.column("known_at").cast(pa.int64()).to_numpy()
    count = int(np.searchsorted(micros, until))
    return table.slice(0, count), table.slice(count)


def due_at(batch: pa.RecordBatch) -> datetime:
    """The instant at which the last row of a batch arrives."""
    last = batch.column("known_at").cast(pa.int64())[-1].as_py()
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=last)
