"""A lake that was written under a clock that ran ahead is healed, and no value of it changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from data import clock
from data import lake as writer
from data.disk import sha256
from data.errors import LakeError
from data.lake import Lake, compact, draft, witness
from data.lake.manifest import read_manifest
from data.lake.repair import confirm_clock, find_ahead, repair
from data.query import Db
from tests.data.samples import FAR, day, observation, price, table, tick

REAL = clock.utc_now()
DAY = timedelta(days=1)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let this machine's clock show that moment."""
    for module in (clock, writer, draft, compact):
        monkeypatch.setattr(module, "utc_now", lambda: moment)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the run takes, it is one moment."""
    at(monkeypatch, REAL)


def stored(lake: Lake, name: str) -> pl.DataFrame:
    """All vintages of a dataset."""
    db = Db(lake.root, threads=1)
    try:
        handle = db.at(FAR, "house", all_vintages=True)
        return handle.sql(f"SELECT * FROM {name}_vintages ORDER BY ALL").frame
    finally:
        db.close()


def shown(lake: Lake, moment: datetime) -> dict[str, float]:
    """What the house knew at a moment."""
    db = Db(lake.root, threads=1)
    try:
        frame = db.at(moment, "house").sql("SELECT series_id, value FROM macro ORDER BY ALL").frame
        return dict(frame.iter_rows())
    finally:
        db.close()


@pytest.fixture
def poisoned(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A sound row; then a new one, a silent change of the first and of that one, 40 days ahead."""
    at(monkeypatch, REAL - DAY)
    lake.upsert("macro", table(observation(1.0, day(1), series_id="s:A")))
    for number in range(3):
        at(monkeypatch, REAL + 40 * DAY + number * DAY)
        rows = [observation(2.0 + number, day(1), series_id="s:A")]
        rows += [observation(9.0, day(1), series_id="s:B")] if not number else []
        lake.upsert("macro", table(*rows))
    at(monkeypatch, REAL)
    return lake


def test_what_lies_ahead_is_told_and_nothing_is_changed(poisoned: Lake) -> None:
    before = read_manifest(poisoned.store, "macro")
    found = find_ahead(poisoned, "macro", REAL)
    assert found is not None
    assert (found.dataset, found.rows, found.partitions) == ("macro", 4, ("source=fred",))
    assert found.published_at.startswith(f"{REAL + 42 * DAY:%Y-%m-%d}")
    assert read_manifest(poisoned.store, "macro") == before
    assert find_ahead(poisoned, "prices", REAL) is None


def test_healed_rows_count_as_ingested_now_and_keep_their_order(poisoned: Lake) -> None:
    before = stored(poisoned, "macro").sort("series_id", "known_at")
    repair(poisoned, "macro", REAL)
    after = stored(poisoned, "macro").sort("series_id", "known_at")
    assert after["value"].to_list() == before["value"].to_list() == [1.0, 2.0, 3.0, 4.0, 9.0]
    assert (after["ingested_at"] <= REAL + timedelta(milliseconds=1)).all()
    # What our own wrong clock dated is dated anew; what the source dated is not.
    assert after["known_at"].to_list()[0] == after["known_at"].to_list()[4] == day(1)
    assert (after["known_at"][1:4] == after["ingested_at"][1:4]).all()
    assert after["superseded_at"].to_list()[:3] == after["known_at"].to_list()[1:4]
    # The house knew none of it before.
    assert shown(poisoned, REAL - timedelta(seconds=1)) == {"s:A": 1.0}
    assert shown(poisoned, REAL + timedelta(seconds=1)) == {"s:A": 4.0, "s:B": 9.0}


def test_a_healed_dataset_takes_rows_again_and_sees_a_repetition(poisoned: Lake) -> None:
    with pytest.raises(LakeError, match="lies ahead"):
        poisoned.upsert("macro", table(observation(5.0, day(1), series_id="s:C")))
    repair(poisoned, "macro", REAL)
    assert find_ahead(poisoned, "macro", REAL) is None
    assert repair(poisoned, "macro", REAL) is None
    done = poisoned.upsert("macro", table(observation(4.0, day(1), series_id="s:A")))
    assert (done.rows_added, done.vintages_added, done.unchanged) == (0, 0, 1)
    done = poisoned.upsert("macro", table(observation(5.0, day(1), series_id="s:A")))
    assert done.vintages_added == 1
    manifest = read_manifest(poisoned.store, "macro")
    for entry in manifest.files:
        assert sha256(poisoned.root / "macro" / entry.file) == entry.sha256


def test_replaced_files_go_after_their_grace_not_after_the_wrong_clock(poisoned: Lake) -> None:
    repair(poisoned, "macro", REAL)
    assert poisoned.collect("macro", now=REAL) == []
    assert len(poisoned.collect("macro", now=REAL + timedelta(hours=2))) == 4


def test_dates_that_a_source_gave_for_later_stay(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = REAL + 20 * DAY
    lake.upsert("macro", table(observation(1.0, soon, vintage_grade="lagged")))
    at(monkeypatch, REAL + 40 * DAY)
    lake.upsert("macro", table(observation(2.0, soon, series_id="s:B", vintage_grade="lagged")))
    asked = REAL + 40 * DAY - timedelta(minutes=1)
    lake.upsert("macro", table(observation(3.0, asked, series_id="s:C", vintage_grade="current")))
    repair(lake, "macro", REAL)
    rows = stored(lake, "macro").sort("series_id")
    known = dict(rows.select("series_id", "known_at").iter_rows())
    assert known["s:B"] == known["s:GDP"] == soon
    assert REAL < known["s:C"] < REAL + timedelta(seconds=1)


def test_trades_of_several_files_stay_as_many(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, REAL + 40 * DAY)
    for number in range(3):
        rows = table(tick(1, day(1)), tick(number, day(1)))
        lake.append("ticks", rows, publish_id=f"p{number}", positions={"s": f"{number}-0"})
    repair(lake, "ticks", REAL)
    manifest = read_manifest(lake.store, "ticks")
    assert (manifest.rows, manifest.positions) == (6, {"s": "2-0"})
    assert stored(lake, "ticks").height == 6


def test_a_damaged_file_is_not_passed_off_as_repaired(poisoned: Lake) -> None:
    (entry,) = read_manifest(poisoned.store, "macro").files
    path = poisoned.root / "macro" / entry.file
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    with pytest.raises(LakeError, match="is damaged"):
        repair(poisoned, "macro", REAL)


def test_a_person_may_vouch_for_the_clock(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "is_disciplined", lambda now: False)
    assert confirm_clock(lake, REAL) is None
    lake.upsert("prices", table(price(1.0, date(2020, 1, 2), day(2))))
    assert confirm_clock(lake, REAL) is None
    later = REAL + 400 * DAY
    at(monkeypatch, later)
    row = table(observation(1.0, day(1)))
    with pytest.raises(LakeError, match="--clock-is-right"):
        lake.upsert("macro", row)
    assert confirm_clock(lake, later) == "prices"
    assert lake.upsert("macro", row).rows_added == 1
    assert read_manifest(lake.store, "prices").rows == 1


def test_no_word_helps_a_clock_that_is_behind(poisoned: Lake) -> None:
    with pytest.raises(LakeError, match="lies ahead of this machine's clock"):
        confirm_clock(poisoned, REAL)
