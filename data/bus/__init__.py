"""The tick bus: one small interface over Redis Streams or, failing any server, over memory.

One stream has one producer. The bus carries blocks of rows and keeps them for a while; it is not an
archive, and nobody waits for anybody through it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

import pyarrow as pa

from data.bus.blocks import BEGIN, BusEntry, Facts, NotABlock, Pauses
from data.bus.memory import MemoryBus
from data.bus.meter import meter_of
from data.bus.redis import RedisBus
from data.redis_server import find_server, socket_path
from data.settings import Settings

NOTHING = pa.RecordBatch.from_pylist([], schema=pa.schema([]))

log = logging.getLogger(__name__)


class Bus(Protocol):
    """What a feed, an archive, a monitor and a page may ask of the bus; a failure is a BusError."""

    banner: str | None
    """What is lost with this kind of bus, for the top of every page; None where nothing is."""

    def ping(self) -> None:
        """Returns when the bus can be used."""

    def publish(
        self,
        stream: str,
        block: pa.Table | pa.RecordBatch,
        *,
        entry_id: str | None = None,
        after: str | None = None,
        creates: bool = True,
    ) -> str:
        """Stores the block as one entry and returns its id.

        `after`, the id that the producer sent before, goes with the entry. With `creates=False` a
        stream that is gone is a BusError, so that a producer notices that the bus was wiped.

        With `entry_id` (see `bus_blocks.next_id`) the call may be repeated: an id that is not above
        the stream's last is taken as stored already. Without it the bus counts on from the last id,
        and after a BusError it is open whether the entry arrived.
        """

    def read(
        self, stream: str, after: str = BEGIN, *, count: int = 100, block_ms: int = 0
    ) -> list[BusEntry]:
        """Up to `count` entries above `after`, oldest first; waits `block_ms` for the first."""

    def follow(
        self, places: Mapping[str, str], *, count: int = 100, block_ms: int = 0
    ) -> dict[str, list[BusEntry]]:
        """Like `read` over several streams at once: what is above each one's place.

        A stream without news is left out; it waits until one of them has some.
        """

    def tail(self, stream: str, count: int = 500) -> list[BusEntry]:
        """The newest entries, oldest first."""

    def last_id(self, stream: str) -> str:
        """The highest id ever given, also when its entry was trimmed; `0-0` for a new stream."""

    def trim(self, stream: str, min_id: str) -> int:
        """Drops every entry below `min_id`, which must be one that every reader has passed."""

    def note(self, stream: str, who: str, facts: Facts) -> None:
        """What a producer or a consumer of the stream says of itself; the last word stands.

        A consumer says its `position`: nothing above it is trimmed.
        """

    def notes(self, stream: str) -> dict[str, Facts]:
        """What each of them said last."""

    def pauses(self) -> Pauses:
        """How long readers and producers wait, so that a hosted server's quota lasts."""

    def close(self) -> None:
        """Frees what the bus holds in this process."""


def read_on(
    bus: Bus, stream: str, after: str, *, count: int = 100, block_ms: int = 0
) -> list[BusEntry]:
    """Like `read`, for who must go on: what is no block comes as an entry without rows."""
    try:
        return bus.read(stream, after, count=count, block_ms=block_ms)
    except NotABlock:
        pass
    try:
        return bus.read(stream, after, count=1)
    except NotABlock as error:
        log.warning("%s", error)
        return [BusEntry(error.entry_id, NOTHING)]


def find_bus(settings: Settings) -> Bus:
    """REDIS_URL, else the workspace's private server where a server binary exists, else memory.

    It connects on first use: a bus that is gone is the error of that use, not of a start.
    """
    if settings.redis_url:
        return RedisBus.at_url(settings.redis_url, meter_of(settings))
    if find_server():
        return RedisBus.at_socket(socket_path(settings))
    return MemoryBus()
