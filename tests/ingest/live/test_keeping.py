"""Archived trades over the days: gathered, made into bars, and let go; nothing else changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.compact import compact
from data.errors import ContractError
from data.lake import Lake
from data.manifest import read_manifest
from data.query import Db
from data.receipts import verify
from data.settings import Settings
from data.state.db import State
from ingest.live.keeping import keep_ticks

START = datetime(2026, 11, 10, 23, 50, tzinfo=UTC)
LISTED = {"symbol": "demo:AAAUSD", "ticker": "AAAUSD", "name": "A coin", "asset_class": "crypto",
          "currency": "USD", "known_at": datetime(2020, 1, 1, tzinfo=UTC),
          "vintage_grade": "native", "source": "demo"}  # fmt: skip
WHERE = "SELECT * EXCLUDE (segment) FROM ticks ORDER BY known_at, symbol, trade_id"


def trade(at: datetime, number: int, price: float, *, size: float = 1.0,
          late: timedelta = timedelta(milliseconds=50)) -> dict[str, object]:  # fmt: skip
    return {"venue": "DEMOLIVE", "symbol": "demo:AAAUSD", "event_at": at, "trade_id": number,
            "price": price, "size": size, "side": "buy", "known_at": at + late,
            "vintage_grade": "native", "source": "demo"}  # fmt: skip


def fill(lake: Lake, start: datetime, minutes: int) -> None:
    """Two trades a second of one instrument, in windows of twenty seconds."""
    for window in range(minutes * 3):
        at = start + timedelta(seconds=20 * window)
        rows = [
            trade(at + timedelta(seconds=n / 2), int(at.timestamp()) * 2 + n,
                  100.0 + (window + n) % 7, size=1.0 + n % 3)
            for n in range(40)
        ]  # fmt: skip
        lake.append(
            "ticks", pl.DataFrame(rows), publish_id=f"w{at}", positions={"s": f"{window}-0"}
        )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env("demo", {"DATA_DIR": str(tmp_path), "MEMORY_LIMIT_MB": "512"})


@pytest.fixture
def lake(settings: Settings) -> Lake:
    made = Lake(settings.lake, workspace="demo")
    made.upsert("instruments", pl.DataFrame([LISTED]))
    return made


def keep(settings: Settings, now: datetime) -> str:
    settings.state.parent.mkdir(parents=True, exist_ok=True)
    state = State.open(settings.state)
    try:
        return keep_ticks(settings, state, now).message
    finally:
        state.close()


def read(settings: Settings, sql: str, now: datetime) -> pl.DataFrame:
    db = Db(settings.lake, memory_limit_mb=512, threads=1)
    try:
        return db.at(now).sql(sql).frame
    finally:
        db.close()


def partitions(settings: Settings) -> list[str]:
    files = read_manifest(settings.lake / "ticks", "ticks").files
    return [file.partition for file in files]


def test_closed_segments_and_days_are_gathered_and_no_row_changes(
    settings: Settings, lake: Lake
) -> None:
    fill(lake, START, 30)
    now = START + timedelta(minutes=34)
    before = read(settings, WHERE, now)
    keep(settings, now)
    found = partitions(settings)
    assert "date=2026-11-10/segment=day" in found
    assert found.count("date=2026-11-11/segment=0000") == 1
    assert found.count("date=2026-11-11/segment=0015") == 15
    assert read(settings, WHERE, now).equals(before)
    version = read_manifest(settings.lake / "ticks", "ticks").version
    assert "0 days closed" in keep(settings, now)
    assert read_manifest(settings.lake / "ticks", "ticks").version == version


def test_a_receipt_of_before_gives_the_same_rows_after(settings: Settings, lake: Lake) -> None:
    fill(lake, START, 12)
    now = START + timedelta(days=1)
    db = Db(settings.lake, memory_limit_mb=512, threads=1)
    answer = db.at(now).sql("SELECT count(*) AS n, sum(price * size) AS paid FROM ticks")
    keep(settings, now)
    (verdict,) = verify(answer.receipt())
    assert verdict.same, verdict.note
    lake.collect("ticks", now=datetime.now(UTC) + timedelta(days=2))
    (verdict,) = verify(answer.receipt())
    assert verdict.same, verdict.note
    assert "left out" in verdict.note
    db.close()


def test_bars_stay_when_their_trades_go(settings: Settings, lake: Lake) -> None:
    fill(lake, START, 30)
    assert "1 days closed, 10 bars added" in keep(settings, START + timedelta(hours=2))
    late = START + timedelta(days=9)
    said = keep(settings, late)
    assert "20 bars added" in said
    assert partitions(settings) == []
    bars = read(settings, "SELECT event_at, open, high, low, close, volume, known_at FROM bars "
                "ORDER BY event_at", late)  # fmt: skip
    assert bars.height == 30
    first = bars.row(0, named=True)
    assert first["event_at"] == START
    assert first["volume"] == sum(1.0 + n % 3 for n in range(40)) * 3
    assert first["known_at"] == START + timedelta(minutes=1)
    assert (bars["known_at"] >= bars["event_at"] + timedelta(minutes=1)).all()


def test_a_bar_is_known_when_its_last_trade_came(settings: Settings, lake: Lake) -> None:
    fill(lake, START, 1)
    late = trade(START, 1, 500.0, late=timedelta(minutes=9))
    lake.append("ticks", pl.DataFrame([late]), publish_id="late")
    keep(settings, START + timedelta(days=1))
    bars = read(settings, "SELECT high, known_at FROM bars", START + timedelta(days=1))
    assert bars.row(0) == (500.0, START + timedelta(minutes=9))
    assert read(settings, "FROM bars", START + timedelta(minutes=8)).is_empty()


def test_only_what_is_appended_may_be_gathered(lake: Lake) -> None:
    with pytest.raises(ContractError, match="keeps every row for ever"):
        compact(lake, "prices", lambda file: "x", publish_id="p")
