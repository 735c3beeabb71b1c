"""Trades from the bus into the lake: each window of the stream written once, whole.

A window is closed by what the stream holds, never by the clock on the wall, so its content is a
function of the stream alone; rows and the position they reach are one commit. Killed anywhere, the
next life writes the same window again, or finds it written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from data.bus import Bus, read_on
from data.bus.blocks import BEGIN, BusEntry, began_anew, missed, order, span_of
from data.clock import iso
from data.datasets.ticks import TICKS
from data.errors import BusError, ContractError
from data.lake import Lake
from data.lake.manifest import read_manifest
from data.query import Db
from ingest.live.feed import paced

WINDOW_MS = 20_000
QUIET_WINDOWS = 15  # without trades, before the position is written all the same
PAGE = 500
WAIT_MS = 1_000
DOUBTFUL = 3  # windows, at the begin of a life and after the stream began anew
OVERLAP = timedelta(minutes=1)
KEY = ["venue", "symbol", "trade_id"]
NAME = "ticks"
READER = "archive"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Archive:
    """One reader of one stream, with its place in the lake's manifest."""

    bus: Bus
    lake: Lake
    stream: str
    clock: Callable[[], datetime]
    rows: int = 0
    missed: int = 0
    span: str | None = None
    refused: int = 0
    position: str = BEGIN
    _stored: str = BEGIN
    _doubtful: int = DOUBTFUL
    _open: list[BusEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        manifest = read_manifest(self.lake.store, NAME)
        self.position = self._stored = manifest.positions.get(self.stream, BEGIN)

    def step(self, wait_ms: int = WAIT_MS) -> int:
        """Read what is there, or wait for it; gives the windows that were stored."""
        entries = read_on(self.bus, self.stream, self.position, count=PAGE, block_ms=wait_ms)
        stored = 0
        for entry in entries:
            if gap := missed(self.position, entry):
                self.missed, self.span = self.missed + 1, span_of(gap)
                log.warning("stream=%s missed from=%s to=%s", self.stream, *gap)
            if began_anew(self.position, entry):
                self._take_back(entry.after or BEGIN)
            if self._open and _window(entry.id) != _window(self._open[0].id):
                stored += self._store()
            self._open.append(entry)
            self.position = entry.id
        if stored:
            self.say()
        return stored

    def _take_back(self, after: str) -> None:
        """The bus was wiped and its producer began anew: what is not stored yet comes again."""
        log.warning("stream=%s began_anew after=%s at=%s", self.stream, after, self.position)
        self._open = [held for held in self._open if order(held.id) <= order(after)]
        self._doubtful = DOUBTFUL

    def say(self) -> None:
        """Where it stands, for who trims and for the page; a bus that is gone is not told."""
        fields = {
            "at": iso(self.clock()),
            "position": self._stored,
            "rows": self.rows,
            "missed": self.missed,
            "span": self.span,
            "refused": self.refused,
            **paced(self.bus),
        }
        try:
            self.bus.note(self.stream, READER, fields)
        except BusError as error:
            log.warning("stream=%s bus_gone=%s", self.stream, error)

    def _store(self) -> int:
        """The open window into the lake, its last id with it."""
        entries, self._open = self._open, []
        first, last = entries[0].id, entries[-1].id
        blocks = [entry.block for entry in entries if entry.block.num_rows]
        quiet = _window(last) - _window(self._stored) if self._stored != BEGIN else QUIET_WINDOWS
        if not blocks and quiet < QUIET_WINDOWS:
            return 0
        positions = {self.stream: last}
        publish_id = f"archive:{self.stream}:{_window(first)}:{last}"
        tables = [pa.Table.from_batches([block]) for block in blocks] or [
            TICKS.schema.empty_table()
        ]
        try:
            table = self._fresh(pa.concat_tables(tables))
            done = self.lake.append(NAME, table, publish_id=publish_id, positions=positions)
            self.rows += done.rows_added
        except (ContractError, pa.ArrowInvalid) as error:
            # What the contract refuses is kept under rejects; the stream goes on.
            self.refused += sum(table.num_rows for table in tables)
            log.warning("stream=%s refused=%s", self.stream, error)
            self.lake.append(
                NAME, TICKS.schema.empty_table(), publish_id=f"{publish_id}:no", positions=positions
            )
        self._stored = last
        self._doubtful = max(0, self._doubtful - 1)
        return 1

    def _fresh(self, table: pa.Table) -> pa.Table:
        """Without trades that the lake has: a producer that began anew may send some again."""
        if not (self._doubtful and table.num_rows):
            return table
        first = pc.min(table["event_at"]).as_py() - OVERLAP
        db = Db(self.lake.root, memory_limit_mb=256, threads=1)
        try:
            answer = (
                db.at(self.clock())
                .within(NAME, first, self.clock())
                .sql(
                    "SELECT DISTINCT venue, symbol, trade_id FROM ticks WHERE event_at >= $first",
                    first=first,
                )
            )
        finally:
            db.close()
        fresh = pl.DataFrame(table).join(answer.frame, on=KEY, how="anti", maintain_order="left")
        if fresh.height < table.num_rows:
            log.info("stream=%s stored_before=%d", self.stream, table.num_rows - fresh.height)
        return fresh.to_arrow()


def _window(entry_id: str) -> int:
    return order(entry_id)[0] // WINDOW_MS
