"""The bus of one process, for a machine without a Redis server; it shares and keeps nothing."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from data import clock
from data.bus.blocks import BEGIN, BusEntry, Facts, Pauses, decode, encode, next_id, order
from data.errors import BusError

MEMORY_BANNER = (
    "No Redis server: ticks stay inside this one process, no other process sees them, and a "
    "restart forgets them. Install redis-server or valkey-server, or set REDIS_URL; start again."
)
MAX_BYTES = 64 * 2**20


@dataclass(slots=True)
class _Stream:
    last: str = BEGIN
    keys: list[tuple[int, int]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    afters: list[str | None] = field(default_factory=list)


class MemoryBus:
    """Same promises as the Redis one, as far as one process can hold them: full means refused."""

    banner: str | None = MEMORY_BANNER

    def __init__(
        self, *, now: Callable[[], datetime] = clock.utc_now, max_bytes: int = MAX_BYTES
    ) -> None:
        self._now = now
        self._free = max_bytes
        self._streams: dict[str, _Stream] = {}
        self._notes: dict[str, dict[str, Facts]] = {}
        self._changed = threading.Condition()
        self._is_open = True

    def ping(self) -> None:
        """Raises BusError once closed."""
        if not self._is_open:
            raise BusError("the bus of this process is closed; start the process again")

    def publish(
        self,
        stream: str,
        block: pa.Table | pa.RecordBatch,
        *,
        entry_id: str | None = None,
        after: str | None = None,
        creates: bool = True,
    ) -> str:
        """See `Bus.publish`."""
        self.ping()
        payload = encode(block)
        with self._changed:
            if not creates and stream not in self._streams:
                raise gone(stream)
            held = self._streams.setdefault(stream, _Stream())
            name = entry_id or next_id(held.last, self._now())
            if order(name) <= order(held.last):
                return name
            if len(payload) > self._free:
                raise BusError(
                    f"the bus is full: {len(payload)} bytes wanted, {max(self._free, 0)} free; "
                    f"trim {stream} below what every reader has read, or start a Redis server"
                )
            self._free -= len(payload)
            held.last = name
            held.keys.append(order(name))
            held.ids.append(name)
            held.payloads.append(payload)
            held.afters.append(after)
            self._changed.notify_all()
        return name

    def read(
        self, stream: str, after: str = BEGIN, *, count: int = 100, block_ms: int = 0
    ) -> list[BusEntry]:
        """See `Bus.read`."""
        return self.follow({stream: after}, count=count, block_ms=block_ms).get(stream, [])

    def follow(
        self, places: Mapping[str, str], *, count: int = 100, block_ms: int = 0
    ) -> dict[str, list[BusEntry]]:
        """See `Bus.follow`."""
        marks = {stream: order(after) for stream, after in places.items()}

        def has_news() -> bool:
            news = (self._held(name).keys[-1:] > [mark] for name, mark in marks.items())
            return any(news) or not self._is_open

        found = {}
        with self._changed:
            self._changed.wait_for(has_news, block_ms / 1000)
            self.ping()
            for stream, mark in marks.items():
                held = self._held(stream)
                start = bisect.bisect_right(held.keys, mark)
                if entries := self._entries(stream, held, slice(start, start + count)):
                    found[stream] = entries
        return found

    def tail(self, stream: str, count: int = 500) -> list[BusEntry]:
        """See `Bus.tail`."""
        self.ping()
        with self._changed:
            held = self._streams.get(stream, _Stream())
            return self._entries(stream, held, slice(max(len(held.ids) - count, 0), None))

    def last_id(self, stream: str) -> str:
        """See `Bus.last_id`."""
        self.ping()
        held = self._streams.get(stream)
        return held.last if held else BEGIN

    def trim(self, stream: str, min_id: str) -> int:
        """See `Bus.trim`."""
        self.ping()
        mark = order(min_id)
        with self._changed:
            held = self._streams.get(stream, _Stream())
            gone = bisect.bisect_left(held.keys, mark)
            self._free += sum(len(payload) for payload in held.payloads[:gone])
            del held.keys[:gone], held.ids[:gone], held.payloads[:gone], held.afters[:gone]
            return gone

    def note(self, stream: str, who: str, facts: Facts) -> None:
        """See `Bus.note`."""
        self.ping()
        with self._changed:
            self._notes.setdefault(stream, {})[who] = dict(facts)

    def notes(self, stream: str) -> dict[str, Facts]:
        """See `Bus.notes`."""
        self.ping()
        with self._changed:
            return {who: dict(facts) for who, facts in self._notes.get(stream, {}).items()}

    def pauses(self) -> Pauses:
        """See `Bus.pauses`; nobody counts here."""
        return Pauses()

    def close(self) -> None:
        """Wakes every blocked reader."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()

    def _held(self, stream: str) -> _Stream:
        return self._streams.get(stream, _Stream())

    @staticmethod
    def _entries(stream: str, held: _Stream, part: slice) -> list[BusEntry]:
        parts = zip(held.ids[part], held.payloads[part], held.afters[part], strict=True)
        return [decode(stream, entry_id, payload, after) for entry_id, payload, after in parts]


def gone(stream: str) -> BusError:
    """The stream was there and is not any more."""
    return BusError(
        f"stream {stream} is gone from the bus, which was wiped or replaced; its producer sends "
        "again what it still holds"
    )
