"""The loop of a feed: batches of arrivals onto the bus, each when it is due. It stores nothing.

The bus is no archive: what is older than an hour is trimmed, unless a reader's position is given
to keep. A bus that is gone is waited for; what arrives meanwhile is sent once it is back, under
the ids that were given at arrival, so that nothing is doubled.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

from data.bus import Bus
from data.bus_blocks import next_id
from data.errors import BusError

KEPT = timedelta(hours=1)
TRIMMED_EVERY = timedelta(minutes=1)
RING = 3_600
PAUSE_S = (0.05, 5.0)

log = logging.getLogger(__name__)
Arrival = tuple[str, pa.RecordBatch]


@dataclass(slots=True)
class Feed:
    """One stream's producer. `wait(seconds)` sleeps and says whether to stop."""

    bus: Bus
    stream: str
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    oldest_needed: Callable[[], str | None] = lambda: None
    lost: int = 0
    _ring: deque[Arrival] = field(default_factory=lambda: deque(maxlen=RING))
    _last_id: str = "0-0"
    _trimmed: datetime | None = None
    _fails: int = 0

    def run(
        self, batches: Iterator[pa.RecordBatch], due_at: Callable[[pa.RecordBatch], datetime]
    ) -> None:
        """Publish every batch at its time until told to stop or there are no more."""
        for batch in batches:
            late = (due_at(batch) - self.clock()).total_seconds()
            if self.wait(max(0.0, late)):
                return
            self._take(batch)
            self.flush()
        while self._ring and not self.wait(self._pause()):
            self.flush()

    def flush(self) -> bool:
        """Send what is waiting, oldest first; false when the bus is gone."""
        try:
            while self._ring:
                entry_id, batch = self._ring[0]
                self.bus.publish(self.stream, batch, entry_id=entry_id)
                self._ring.popleft()
            self._trim()
        except BusError as error:
            self._fails += 1
            if self._fails == 1:
                log.warning("stream=%s bus_gone=%s", self.stream, error)
            return False
        if self._fails:
            log.warning("stream=%s bus_back_after=%d tries", self.stream, self._fails)
            self._fails = 0
        return True

    def _take(self, batch: pa.RecordBatch) -> None:
        if len(self._ring) == RING:
            self.lost += self._ring[0][1].num_rows
            log.warning("stream=%s lost_rows=%d the bus was gone too long", self.stream, self.lost)
        if self._last_id == "0-0":
            self._last_id = self._id_on_bus()
        self._last_id = next_id(self._last_id, self.clock())
        self._ring.append((self._last_id, batch))

    def _id_on_bus(self) -> str:
        """Where an earlier life of this feed stopped; ids only rise, also across restarts."""
        try:
            return self.bus.last_id(self.stream)
        except BusError:
            return "0-0"

    def _trim(self) -> None:
        now = self.clock()
        if self._trimmed is not None and now - self._trimmed < TRIMMED_EVERY:
            return
        self._trimmed = now
        hour_ago = f"{int((now - KEPT).timestamp() * 1000)}-0"
        needed = self.oldest_needed()
        self.bus.trim(
            self.stream, hour_ago if needed is None else min(hour_ago, needed, key=_order)
        )

    def _pause(self) -> float:
        """Full jitter, growing with every try."""
        least, most = PAUSE_S
        return random.uniform(least, min(most, least * 2**self._fails))


def _order(entry_id: str) -> tuple[int, int]:
    moment, _, count = entry_id.partition("-")
    return int(moment), int(count or 0)
