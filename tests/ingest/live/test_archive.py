"""The archive: windows closed by the stream, written once, exactly what the bus carried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from data.bus.blocks import BEGIN
from data.bus.memory import MemoryBus
from data.datasets.ticks import TICKS
from data.lake import Lake
from data.lake.manifest import read_manifest
from data.query import Db
from ingest.live.archive import QUIET_WINDOWS, WINDOW_MS, Archive

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
STREAM = "ticks:demo"
COLUMNS = [name for name in TICKS.schema.names if name not in TICKS.derived]


def trades(numbers: Sequence[int], at: datetime) -> pa.RecordBatch:
    """Trades that arrived at one instant, with the columns that a feed sends."""
    rows = [
        {
            "venue": "DEMOLIVE",
            "symbol": "demo:AAAUSD",
            "event_at": at,
            "trade_id": number,
            "price": 100.0 + number,
            "size": 1.0,
            "side": "buy",
            "known_at": at,
            "vintage_grade": "native",
            "source": "demo",
        }
        for number in numbers
    ]
    schema = pa.schema(
        [TICKS.schema.field(name) for name in COLUMNS if name in (rows[0] if rows else COLUMNS)]
    )
    return pa.RecordBatch.from_pylist(rows, schema=schema)


class Desk:
    """A bus with one producer, a lake, and as many lives of an archive as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.bus = MemoryBus()
        self.lake = Lake(folder / "demo" / "lake", workspace="demo")
        self.last = BEGIN

    def send(self, second: float, numbers: Sequence[int]) -> str:
        at = START + timedelta(seconds=second)
        name = f"{int(at.timestamp() * 1000)}-0"
        self.bus.publish(
            STREAM,
            trades(numbers, at) if numbers else trades([0], at).slice(0, 0),
            entry_id=name,
            after=self.last,
        )
        self.last = name
        return name

    def archive(self) -> Archive:
        return Archive(self.bus, self.lake, STREAM, lambda: START + timedelta(hours=1))

    def stored(self) -> list[int]:
        db = Db(self.lake.root, memory_limit_mb=256, threads=1)
        try:
            at = db.at(START + timedelta(hours=2))
            frame = at.sql("SELECT trade_id FROM ticks ORDER BY known_at, trade_id").frame
            return frame["trade_id"].to_list()
        finally:
            db.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def drain(archive: Archive) -> None:
    while True:
        before = archive.position
        archive.step(0)
        if archive.position == before:
            return


def test_a_window_is_stored_once_the_stream_has_passed_it(desk: Desk) -> None:
    archive = desk.archive()
    for second in range(20):
        desk.send(second, [second])
    drain(archive)
    assert desk.stored() == []
    desk.send(20, [20])
    drain(archive)
    assert desk.stored() == list(range(20))
    assert desk.bus.notes(STREAM)["archive"]["position"] == f"{_ms(19)}-0"


def test_a_heartbeat_closes_a_window_and_a_quiet_hour_writes_little(desk: Desk) -> None:
    archive = desk.archive()
    desk.send(1, [1])
    for second in range(2, 3_600):
        desk.send(second, [])
    drain(archive)
    assert desk.stored() == [1]
    version = read_manifest(desk.lake.store, "ticks").version
    assert version <= 1 + 3_600_000 // WINDOW_MS // QUIET_WINDOWS


def test_a_second_life_goes_on_and_writes_nothing_twice(desk: Desk) -> None:
    for second in range(100):
        desk.send(second, [second])
        if second % 7 == 0:
            desk.archive().step(0)  # and dies at once
        if second % 31 == 0:
            drain(desk.archive())
    desk.send(200, [200])
    drain(desk.archive())
    assert desk.stored() == list(range(100))
    files = read_manifest(desk.lake.store, "ticks").files
    assert sum(file.rows for file in files) == 100


def test_the_commit_holds_rows_and_position_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for second in range(25):
        desk.send(second, [second])
    archive = desk.archive()
    real = Lake.append

    def dies_after_the_commit(self: Lake, *words: Any, **named: Any) -> Any:
        real(self, *words, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(Lake, "append", dies_after_the_commit)
    with pytest.raises(KeyboardInterrupt):
        drain(archive)
    monkeypatch.setattr(Lake, "append", real)
    desk.send(60, [60])
    drain(desk.archive())
    assert desk.stored() == list(range(25))


def test_what_was_missed_is_said(desk: Desk) -> None:
    archive = desk.archive()
    for second in range(30):
        desk.send(second, [second])
    drain(archive)
    desk.bus._streams.clear()
    for second in (40, 90):
        desk.send(second, [second])
    fresh = desk.archive()
    drain(fresh)
    assert fresh.missed == 1
    note = desk.bus.notes(STREAM)["archive"]
    assert (note["missed"], note["span"]) == (1, "2026-11-20 12:00:19 to 12:00:29 UTC")


def test_garbage_stops_nothing(desk: Desk) -> None:
    desk.send(0, [0])
    desk.bus.publish(STREAM, pa.record_batch({"x": [1]}), entry_id=f"{_ms(1)}-0", after=desk.last)
    held = desk.bus._streams[STREAM]
    held.payloads[1] = b"no block at all"
    desk.last = f"{_ms(1)}-0"
    bad = trades([30], START + timedelta(seconds=30)).drop_columns(["price"])
    desk.bus.publish(STREAM, bad, entry_id=f"{_ms(30)}-0", after=desk.last)
    desk.last = f"{_ms(30)}-0"
    desk.send(60, [60])
    desk.send(90, [90])
    archive = desk.archive()
    drain(archive)
    assert desk.stored() == [0, 60]
    assert archive.refused == 1


def test_prices_are_kept_as_they_were_sent(desk: Desk) -> None:
    at = START + timedelta(seconds=1)
    block = pl.DataFrame(trades([1, 2, 3], at)).with_columns(price=pl.Series([0.0, -5.0, 1e9]))
    desk.bus.publish(STREAM, block.to_arrow().to_batches()[0], entry_id=f"{_ms(1)}-0")
    desk.last = f"{_ms(1)}-0"
    desk.send(60, [])
    drain(desk.archive())
    assert desk.stored() == [1, 2, 3]


def _ms(second: float) -> int:
    return int((START + timedelta(seconds=second)).timestamp() * 1000)
