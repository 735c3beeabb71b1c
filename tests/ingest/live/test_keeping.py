"""Archived trades over the days: gathered, made into bars, and let go; nothing else changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.errors import ContractError
from data.lake import Lake
from data.lake.compact import compact
from data.lake.manifest import read_manifest
from data.lake.store import DiskStore
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from data.settings import Settings
from data.state.db import State
from ingest.live.keeping import keep_ticks

START = datetime(2026, 11, 10, 23, 50, tzinfo=UTC)
LISTED = {
    "symbol": "demo:AAAUSD",
    "ticker": "AAAUSD",
    "name": "A coin",
    "asset_class": "crypto",
    "currency": "USD",
    "known_at": datetime(2020, 1, 1, tzinfo=UTC),
    "vintage_grade": "native",
    "source": "demo",
}
WHERE = "SELECT * EXCLUDE (segment) FROM ticks ORDER BY known_at, symbol, trade_id"


def trade(
    at: datetime,
    number: int,
    price: float,
    *,
    size: float = 1.0,
    late: timedelta = timedelta(milliseconds=50),
) -> dict[str, object]:
    return {
        "venue": "DEMOLIVE",
        "symbol": "demo:AAAUSD",
        "event_at": at,
        "trade_id": number,
        "price": price,
        "size": size,
        "side": "buy",
        "known_at": at + late,
        "vintage_grade": "native",
        "source": "demo",
    }


def fill(lake: Lake, start: datetime, minutes: int) -> None:
    """Two trades a second of one instrument, in windows of twenty seconds."""
    for window in range(minutes * 3):
        at = start + timedelta(seconds=20 * window)
        rows = [
            trade(
                at + timedelta(seconds=n / 2),
                int(at.timestamp()) * 2 + n,
                100.0 + (window + n) % 7,
                size=1.0 + n % 3,
            )
            for n in range(40)
        ]
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
    files = read_manifest(DiskStore(settings.lake), "ticks").files
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
    version = read_manifest(DiskStore(settings.lake), "ticks").version
    assert "0 days closed" in keep(settings, now)
    assert read_manifest(DiskStore(settings.lake), "ticks").version == version


def test_a_receipt_of_before_gives_the_same_rows_after(settings: Settings, lake: Lake) -> None:
    fill(lake, START, 12)
    now = START + timedelta(days=1)
    db = Db(settings.lake, memory_limit_mb=512, threads=1)
    answer = db.at(now).sql("SELECT count(*) AS n, sum(price * size) AS paid FROM ticks")
    keep(settings, now)
    (verdict,) = verify(make_receipt(answer), settings.lake, str)
    assert verdict.same, verdict.note
    lake.collect("ticks", now=datetime.now(UTC) + timedelta(days=2))
    (verdict,) = verify(make_receipt(answer), settings.lake, str)
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
    bars = read(
        settings,
        "SELECT event_at, open, high, low, close, volume, known_at FROM bars ORDER BY event_at",
        late,
    )
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


def late_trades(lake: Lake, at: datetime, price: float, late: timedelta, name: str) -> None:
    """Three trades that the archive brings only after their day was closed."""
    rows = [
        trade(at + timedelta(milliseconds=n), 9_000_000_000 + n, price, late=late) for n in range(3)
    ]
    lake.append("ticks", pl.DataFrame(rows), publish_id=name)


def test_a_minutes_bar_follows_trades_that_came_into_a_closed_day(
    settings: Settings, lake: Lake
) -> None:
    fill(lake, START, 10)
    assert "10 bars added, 0 changed" in keep(settings, START + timedelta(hours=2))
    last = START + timedelta(minutes=9)
    before = datetime.now(UTC)
    late_trades(lake, last + timedelta(seconds=50), 500.0, timedelta(milliseconds=50), "caught up")
    assert "0 bars added, 1 changed" in keep(settings, START + timedelta(hours=4))
    sql = "SELECT high, volume, known_at, vintage_grade FROM bars_vintages WHERE event_at = $last"
    db = Db(settings.lake, memory_limit_mb=512, threads=1)
    rows = db.at(datetime.now(UTC)).sql(f"{sql} ORDER BY known_at", last=last).frame.rows()
    (first, second), traded = rows, sum(1.0 + n % 3 for n in range(40)) * 3
    assert first == (106.0, traded, last + timedelta(minutes=1), "native")
    assert second[:2] == (500.0, traded + 3.0)
    # Its trades say nothing of when it changed, so it is dated by when we saw it.
    assert before < second[2] < datetime.now(UTC)
    assert second[3] == "snapshot"
    past = db.at(before).sql("SELECT max(high) AS high FROM bars").frame.item()
    assert past == 106.0
    db.close()
    assert "0 bars added, 0 changed" in keep(settings, START + timedelta(hours=6))


def test_a_late_trade_of_the_day_before_changes_that_days_bar(
    settings: Settings, lake: Lake
) -> None:
    fill(lake, START, 30)
    keep(settings, START + timedelta(hours=2))
    last = START + timedelta(minutes=9)
    late_trades(lake, last + timedelta(seconds=50), 500.0, timedelta(minutes=15), "after midnight")
    assert "1 changed" in keep(settings, START + timedelta(days=1, hours=2))
    now = START + timedelta(days=2)
    bars = read(settings, "SELECT event_at, high, known_at FROM bars ORDER BY high DESC", now)
    assert bars.row(0) == (last, 500.0, last + timedelta(minutes=15, seconds=50, milliseconds=2))
    assert bars.height == 30


def test_what_is_left_of_a_day_makes_no_bar(settings: Settings, lake: Lake) -> None:
    fill(lake, START, 10)
    keep(settings, START + timedelta(hours=2))
    keep(settings, START + timedelta(days=9))
    assert partitions(settings) == []
    late_trades(lake, START, 500.0, timedelta(days=8), "much later")
    assert "0 bars added, 0 changed" in keep(settings, START + timedelta(days=9))
    bars = read(settings, "SELECT max(high) AS high FROM bars", START + timedelta(days=9))
    assert bars.item() == 106.0


def test_bars_of_a_day_are_made_though_a_life_ended_before_it_was_gathered(
    settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(lake, START, 10)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("ingest.live.keeping.compact", killed)
        keep(settings, START + timedelta(hours=2))
    assert len(partitions(settings)) > 1
    assert "1 days closed, 0 bars added" in keep(settings, START + timedelta(hours=3))
    assert partitions(settings) == ["date=2026-11-10/segment=day"]
    assert read(settings, "FROM bars", START + timedelta(hours=3)).height == 10


def test_only_what_is_appended_may_be_gathered(lake: Lake) -> None:
    with pytest.raises(ContractError, match="keeps every row for ever"):
        compact(lake, "prices", lambda file: "x", publish_id="p")
