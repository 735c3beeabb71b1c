"""What travels on the bus: one Arrow block per entry, under an id that only rises.

It refuses entries that do not hold a block; it knows nothing of servers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa

from data.errors import BusError, ConfigError

BEGIN = "0-0"
PACKED = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
FIELD, AFTER = b"block", b"after"
Facts = dict[str, Any]


class NotABlock(BusError):
    """An entry that cannot be read, ever; who reads on starts after its id."""

    def __init__(self, words: str, stream: str, entry_id: str) -> None:
        super().__init__(words)
        self.stream, self.entry_id = stream, entry_id


class BusEntry(NamedTuple):
    """One entry of a stream; `after` is the id before it, where its producer said so.

    A reader whose position is below `after` has missed something, whatever took it away.
    """

    id: str
    block: pa.RecordBatch
    after: str | None = None


class Pauses(NamedTuple):
    """Seconds that a reader waits between two readings, and a producer between two sendings."""

    read: float = 0.0
    send: float = 0.0


def order(entry_id: str) -> tuple[int, int]:
    """`<ms>-<n>` as two numbers: ids compare as numbers, never as text."""
    left, dash, right = entry_id.partition("-")
    if not (dash and _is_count(left) and _is_count(right)):
        raise ConfigError(
            f"not a bus id: {entry_id[:60]!r}; expected milliseconds and a count such as "
            "1700000000000-0, or 0-0 for the begin of the stream"
        )
    return int(left), int(right)


def next_id(last: str, now: datetime) -> str:
    """The first id above `last` that is not before `now`; a clock set back only raises the count.

    A producer that keeps its ids can send an entry again after a lost reply; it is stored once.
    """
    ms, count = order(last)
    now_ms = int(now.timestamp() * 1000)
    return f"{now_ms}-0" if now_ms > ms else f"{ms}-{count + 1}"


def encode(block: pa.Table | pa.RecordBatch) -> bytes:
    """The block with its schema as one Arrow stream; a block without rows is a heartbeat.

    Packed, since what travels is mostly texts that repeat: the server takes less in less time.
    """
    batch = block if isinstance(block, pa.RecordBatch) else _one_batch(block)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=PACKED) as writer:
        writer.write_batch(batch)
    payload: bytes = sink.getvalue().to_pybytes()
    return payload


def missed(position: str, entry: BusEntry) -> tuple[str, str] | None:
    """The ids that are gone between a reader's position and the entry that it read next."""
    if entry.after is None or position == BEGIN or order(entry.after) <= order(position):
        return None
    return position, entry.after


def span_of(gap: tuple[str, str]) -> str:
    """Between which instants a reader missed something, for people."""
    first, last = (datetime.fromtimestamp(order(item)[0] / 1000, UTC) for item in gap)
    return f"{first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S} UTC"


def began_anew(position: str, entry: BusEntry) -> bool:
    """Whether the stream went on from before a reader's position: it was wiped meanwhile.

    What the reader holds above `entry.after` comes again, under other ids.
    """
    return entry.after is not None and order(entry.after) < order(position)


def decode(stream: str, entry_id: str, payload: bytes | None, after: str | None = None) -> BusEntry:
    """The entry as it was published."""
    if payload is None:
        raise _not_a_block(stream, entry_id, "it has no block field")
    try:
        with pa.ipc.open_stream(payload) as reader:
            return BusEntry(entry_id, reader.read_next_batch(), after)
    except (pa.ArrowException, OSError, StopIteration) as error:
        raise _not_a_block(stream, entry_id, str(error) or "it is empty") from None


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    if len(batches) == 1:
        return batches[0]
    if not batches:
        return pa.RecordBatch.from_pylist([], schema=table.schema)
    raise BusError(
        f"a block of {table.num_rows} rows does not fit one entry; publish it in smaller blocks"
    )


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20


def _not_a_block(stream: str, entry_id: str, why: str) -> NotABlock:
    return NotABlock(
        f"entry {entry_id} of stream {stream} is not an Arrow block ({why[:120]}); something else "
        "writes to this stream: give it another name, and read on after this id",
        stream,
        entry_id,
    )
