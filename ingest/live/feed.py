"""The loop of a feed: blocks of arrivals onto the bus, each when it is due. It stores nothing.

What the archive has not stored yet stays in a ring with its ids, so that a bus that was away, or
that was wiped, gets it again under the same ids and nothing is doubled. The bus is trimmed below
what its readers have read, never by length.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from data.bus import Bus
from data.bus.blocks import BEGIN, Facts, next_id, order
from data.clock import iso, parse_instant
from data.errors import BusError
from ingest.live.sequence import Sequence

KEPT = timedelta(hours=1)  # on the bus, for readers that start
RING = timedelta(seconds=60)  # at least, also where the archive has it all
MOST_ROWS = 3_000_000
MERGED_ROWS = 20_000  # of blocks that wait while a hosted bus is sent to less often
SAID_EVERY = timedelta(seconds=10)
FAR_APART_S = 30.0
TRIMMED_EVERY = timedelta(minutes=1)
SILENT = timedelta(days=1)  # who says nothing for so long is waited for no more
PAUSE_S = (0.05, 5.0)
ARCHIVE = "archive"

log = logging.getLogger(__name__)
Arrival = tuple[datetime, pa.RecordBatch]


class KeptTrades(NamedTuple):
    """A block under the id that it was given at arrival, and the id before it."""

    id: str
    after: str
    block: pa.RecordBatch


@dataclass(slots=True)
class Feed:
    """One stream's producer. `wait(seconds)` sleeps and says whether to stop.

    `born` is the last id on the bus when it was decided where to begin; a venue that `replays` can
    send earlier trades again, so that it is started anew where the bus lost more than the ring has.
    """

    bus: Bus
    stream: str
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    sequence: Sequence = field(default_factory=Sequence)
    born: str = BEGIN
    replays: bool = False
    must_restart: bool = False
    rows: int = 0
    lost: int = 0
    _ring: deque[KeptTrades] = field(default_factory=deque)
    _ring_rows: int = 0
    _sent: int = 0  # so many of the ring, from its old end
    _last_id: str = BEGIN
    _sent_id: str = BEGIN
    _stored: str = BEGIN  # how far the archive was, when last heard
    _is_sure: bool = False  # that the bus stands where the ring says
    _has_met: bool = False
    _creates: bool = False
    _said: datetime | None = None
    _trimmed: datetime | None = None
    _fails: int = 0
    _flushed: datetime | None = None

    def run(self, arrivals: Iterable[Arrival]) -> bool:
        """Publish every block at its time until told to stop (true), or there are no more, or it
        must be started anew."""
        for due, block in arrivals:
            if self.wait(max(0.0, (due - self.clock()).total_seconds())):
                return self._stopped()
            self.take(block)
            self.flush()
            if self.must_restart:
                return False
        while self._sent < len(self._ring):
            if self.wait(self._pause()):
                return self._stopped()
            self.flush()
        return False

    def _stopped(self) -> bool:
        if waiting := sum(kept.block.num_rows for kept in list(self._ring)[self._sent :]):
            log.warning("stream=%s not_sent_rows=%d at its end", self.stream, waiting)
        return True

    def take(self, block: pa.RecordBatch) -> None:
        """Give a block its id, and keep it; what came before is left out of it."""
        fresh = self.sequence.sift(block) if "trade_id" in block.schema.names else block
        if block.num_rows and not fresh.num_rows:
            return
        last, self._last_id = self._last_id, next_id(self._last_id, self.clock())
        if not (self.bus.pauses().send and self._merge(fresh)):
            self._ring.append(KeptTrades(self._last_id, last, fresh))
        self._ring_rows += fresh.num_rows
        self.rows += fresh.num_rows
        while self._ring_rows > MOST_ROWS:
            self._drop_oldest()

    def _merge(self, fresh: pa.RecordBatch) -> bool:
        """Join a block with the last that waits; the oldest may be on its way, and stays."""
        if len(self._ring) - self._sent < 2:
            return False
        _, after, held = self._ring[-1]
        if held.num_rows and fresh.num_rows:
            if held.schema != fresh.schema or held.num_rows + fresh.num_rows > MERGED_ROWS:
                return False
            whole = pa.Table.from_batches([held, fresh]).combine_chunks().to_batches()[0]
        else:
            whole = fresh if fresh.num_rows else held
        self._ring[-1] = KeptTrades(self._last_id, after, whole)
        return True

    def beat(self) -> None:
        """An entry without rows, so that windows close and readers know that we live."""
        self.take(pa.RecordBatch.from_pylist([], schema=pa.schema([])))
        self.flush()

    def flush(self) -> bool:
        """Send what is waiting, oldest first; false when the bus is gone."""
        now, pause = self.clock(), timedelta(seconds=self.bus.pauses().send)
        if self._flushed is not None and now - self._flushed < pause:
            return True
        self._flushed = now
        try:
            if not self._is_sure:
                self._compare()
            while self._sent < len(self._ring):
                entry_id, after, block = self._ring[self._sent]
                self.bus.publish(
                    self.stream, block, entry_id=entry_id, after=after, creates=self._creates
                )
                self._sent, self._sent_id, self._creates = self._sent + 1, entry_id, False
            self._keep_house()
        except BusError as error:
            self._is_sure = False
            self._fails += 1
            if self._fails == 1:
                log.warning("stream=%s bus_gone=%s", self.stream, error)
            return False
        if self._fails:
            log.warning("stream=%s bus_back_after=%d tries", self.stream, self._fails)
            self._fails = 0
        return True

    def _compare(self) -> None:
        """Where the bus stands; what it does not have is sent again."""
        last = self.bus.last_id(self.stream)
        if order(last) < order(self._sent_id if self._has_met else self.born):
            self._judge_loss(last)
        if not self._has_met:
            self._renumber(last)
        mark = order(last)
        self._sent = sum(order(kept.id) <= mark for kept in self._ring)
        self._creates = last == BEGIN
        self._is_sure = self._has_met = True

    def _judge_loss(self, last: str) -> None:
        """The bus is not what it was: whether the ring reaches back to what the archive has."""
        reach = self._ring[0].after if self._ring else self._last_id
        is_whole = self._has_met and order(reach) <= max(order(last), order(self._stored))
        log.warning("stream=%s bus_lost_all_after=%s ring_reaches=%s", self.stream, last, reach)
        if self.replays and not is_whole:
            self.must_restart = True
            raise BusError(f"stream {self.stream} lost more than this process still holds")

    def _renumber(self, last: str) -> None:
        """Ids only rise, also across restarts and a clock that was set back."""
        renamed = deque[KeptTrades]()
        for kept in self._ring:
            moment = order(kept.id)[0] / 1000
            name = next_id(last, datetime.fromtimestamp(moment, tz=self.clock().tzinfo))
            renamed.append(KeptTrades(name, last, kept.block))
            last = name
        self._ring, self._last_id = renamed, last

    def _keep_house(self) -> None:
        """Say how it goes, hear how far the readers are, forget and trim what all have."""
        now = self.clock()
        if self._said is not None and now - self._said < said_every(self.bus):
            return
        self._said = now
        self.bus.note(self.stream, "feed", self.facts(now))
        notes = self.bus.notes(self.stream)
        told = notes.get(ARCHIVE, {}).get("position")
        self._stored = told or self._stored
        before = order(f"{_ms(now - RING)}-0")
        mark = min(before, order(told or self._last_id))
        while self._sent and order(self._ring[0].id) < mark:
            self._drop_oldest()
        if self._trimmed is None or now - self._trimmed >= TRIMMED_EVERY:
            self._trimmed = now
            self.bus.trim(self.stream, lowest(notes, f"{_ms(now - KEPT)}-0", now - SILENT))

    def facts(self, now: datetime) -> Facts:
        """For the health of the path."""
        return {
            "at": iso(now),
            "rows": self.rows,
            "lost": self.lost,
            "missing": self.sequence.missing,
            "repeated": self.sequence.repeated,
            "waiting": len(self._ring) - self._sent,
            **paced(self.bus),
        }

    def _drop_oldest(self) -> None:
        gone = self._ring.popleft()
        self._ring_rows -= gone.block.num_rows
        if self._sent:
            self._sent -= 1
            return
        self.lost += gone.block.num_rows
        log.warning("stream=%s lost_rows=%d the bus was gone too long", self.stream, self.lost)

    def _pause(self) -> float:
        """Full jitter, growing with every try."""
        least, most = PAUSE_S
        return random.uniform(least, min(most, least * 2**self._fails))


def said_every(bus: Bus) -> timedelta:
    """How often a process says of itself; less often where readings are far apart."""
    pause = bus.pauses().read
    return timedelta(seconds=5 * pause) if pause >= FAR_APART_S else SAID_EVERY


def paced(bus: Bus) -> Facts:
    """What a process says of a quota that slows it down, and when it will say more."""
    return {"says_every_s": said_every(bus).total_seconds(), "slowed_to_s": bus.pauses().send}


def lowest(notes: dict[str, Facts], bound: str, heard_since: datetime) -> str:
    """The id below which every reader has read, at most `bound`."""
    places = [bound]
    for facts in notes.values():
        place, at = facts.get("position"), facts.get("at")
        if place and at and parse_instant(at) >= heard_since:
            places.append(place)
    return min(places, key=order)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
