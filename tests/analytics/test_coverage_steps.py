"""Coverage from steps in time: the same answer as the query's at any clock, and in any version."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from analytics.core import coverage_steps
from analytics.core.catalogue import called, function_named, run
from analytics.core.coverage import grades, lake_coverage, lake_months, latest_rows
from analytics.core.coverage_steps import coverage_by_steps, months_by_steps, steps_of
from data.datasets import DATASETS
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db
from tests import tiers
from tests.analytics import revised_world
from tests.analytics.quotes import evening, quotes, table
from tests.ingest.live.desk import START, tape

CLOCKS = tiers.amount("COVERAGE_CLOCKS", day=8, night=200)


def asked(at: At) -> pl.DataFrame:
    """The slow way: the query over all rows."""
    return run(at.opened(), "lake_coverage").frame


def drawn(rng: random.Random) -> list[datetime]:
    """Clocks of all years, and minutes of the days on which most happened."""
    first, last = datetime(2004, 12, 30, tzinfo=UTC), revised_world.TAKEN_IN + timedelta(days=500)
    minutes = int((last - first).total_seconds()) // 60
    found = [first + timedelta(minutes=rng.randrange(minutes)) for _ in range(CLOCKS // 2)]
    busy = [*revised_world.PARTS, revised_world.AFTERWARDS, revised_world.TAKEN_IN]
    return found + [
        rng.choice(busy) + timedelta(minutes=rng.randrange(-2_880, 2_880))
        for _ in range(CLOCKS - len(found))
    ]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("mode", MODES)
def test_at_any_clock_as_the_query_says(revised: Db, mode: Mode) -> None:
    undecided = 0
    for clock in drawn(random.Random(f"{mode} {tiers.commit()}")):
        at = revised.at(clock, mode)
        by_steps = coverage_by_steps(at.opened())
        expected = asked(at)
        undecided += by_steps is None
        if by_steps is not None:
            assert by_steps.frame.equals(expected), (clock, mode)
        assert lake_coverage(at).frame.equals(expected), (clock, mode)
        for months in (1, 24, 400):
            slow = run(at.opened(), "lake_months", months=months).frame
            assert lake_months(at, months=months).frame.equals(slow), (clock, mode, months)
    assert undecided < CLOCKS // 2, "most clocks have to be said by steps"


@pytest.mark.sampled(6)
@pytest.mark.parametrize("mode", MODES)
def test_grades_and_newest_rows_are_those_of_the_query(revised: Db, mode: Mode) -> None:
    """At all clocks that steps speak of, and at one with seconds; some rows, and more than few."""
    rows, few = 0, 0
    for clock in [*drawn(random.Random(f"grades {mode} {tiers.commit()}")), evening(2_000)]:
        at = revised.at(clock + timedelta(seconds=clock.minute % 2), mode)
        for name, dataset in DATASETS.items():
            found = grades(at, dataset=name)
            assert found.frame.equals(at.sql(found.asked[0].sql).frame), (at.as_of, mode, name)
            for top in (3, 200):
                newest = latest_rows(at, dataset=name, top=top)
                slow = at.sql(newest.asked[0].sql, top=top).frame
                assert newest.frame.equals(slow), (at.as_of, mode, name, top)
                read = newest.asked[0].at.manifests[name].files
                few += len(read) < len(at.manifests[name].files)
                rows += slow.height
            assert dataset.time in newest.frame.columns
    assert rows > 1_000
    assert few > 10, "files that hold nothing new are left out"


def test_a_clock_with_seconds_is_asked_of_the_lake(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 1: 2.0})))
    at = db.at(evening(1) + timedelta(seconds=1))
    assert coverage_by_steps(at.opened()) is None
    assert lake_coverage(at).frame.equals(asked(at))


def test_days_that_are_half_in_and_half_out_are_asked_of_the_lake(lake: Lake, db: Db) -> None:
    """Rows of 401 days before the clock that were all brought on its day: which of them were
    published within the 400 days and had come by the clock no extreme says."""
    clock = evening(500)
    cut = clock - timedelta(days=400)
    known = [cut + timedelta(hours=hours) for hours in (-1, 1)]
    came = [clock + timedelta(hours=hours) for hours in (-2, 1)]
    for day, (moment, ingested) in enumerate(zip(known, reversed(came), strict=True)):
        bars = table(quotes({day: 1.0}, known_at=moment))
        lake.upsert("prices", bars, ingested_at=ingested)
    others = quotes({number: 1.0 for number in (300, 310, 330, 360)})
    lake.upsert("prices", table(others), ingested_at=evening(400))
    at = db.at(clock, "house")
    assert coverage_by_steps(at.opened()) is None
    assert lake_coverage(at).frame.equals(asked(at))


def test_a_figure_replaced_within_its_minute_and_one_withdrawn_later(lake: Lake, db: Db) -> None:
    moment = evening(5)
    for seconds, close in ((10, 1.0), (40, 2.0)):
        bars = quotes({5: close}, known_at=moment + timedelta(seconds=seconds))
        lake.upsert("prices", table(bars))
    lake.upsert("prices", table(quotes({2: 3.0}), quotes({2: 4.0}, known_at=evening(9))))
    for minutes in (0, 1, 2, 60 * 24 * 4 - 1, 60 * 24 * 4, 60 * 24 * 5):
        at = db.at(moment + timedelta(minutes=minutes))
        found = coverage_by_steps(at.opened())
        assert found is not None
        assert found.frame.equals(asked(at)), minutes
        by_grade = grades(at, dataset="prices")
        assert by_grade.frame.equals(at.sql(by_grade.asked[0].sql).frame), minutes


def test_a_new_version_is_counted_anew_and_appended_files_are_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path / "demo" / "lake", workspace="demo")
    db = Db(lake.root, threads=1)
    read: list[tuple[str, int]] = []
    plain = coverage_steps._frames

    def counted(at: At, dataset: coverage_steps.Dataset) -> coverage_steps.CoverageFrames:
        read.append((dataset.name, len(at.manifests[dataset.name].files)))
        return plain(at, dataset)

    monkeypatch.setattr(coverage_steps, "_frames", counted)
    rows = tape(1_200, rate=2, crashes=[400])
    clock = (START + timedelta(hours=1)).replace(second=0, microsecond=0)
    for number in range(4):
        lake.append("ticks", rows.slice(number * 700, 700), publish_id=f"part {number}")
        lake.upsert("prices", table(quotes({number: 1.0}, "demo:AAA", source="demo")))
        at = db.at(clock)
        for later in (0, 3, 9, 60):
            one = db.at(clock - timedelta(minutes=later))
            found = coverage_by_steps(one.opened())
            assert found is not None
            assert found.frame.equals(asked(one))
            months = months_by_steps(one.opened(), 24)
            assert months is not None
            assert months.frame.equals(run(one.opened(), "lake_months", months=24).frame)
        assert steps_of(at, DATASETS["ticks"]).files == {
            entry.file for entry in at.manifests["ticks"].files
        }
    db.close()
    ticks = [files for name, files in read if name == "ticks"]
    assert len(ticks) == 4
    assert sum(ticks) == len(at.manifests["ticks"].files), "no file of trades is read twice"
    assert [name for name, _ in read].count("prices") == 4
    assert [name for name, _ in read].count("macro") == 1


def test_a_damaged_file_is_left_to_the_query(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes({1: 1.0}), quotes({400: 1.0})))
    at = db.at(evening(401))
    assert coverage_by_steps(at.opened()) is not None
    entry = at.manifests["prices"].files[0]
    (lake.root / "prices" / entry.file).write_bytes(b"nothing")
    again = db.at(evening(401))
    assert coverage_by_steps(again.opened()) is None
    assert months_by_steps(again.opened(), 24) is None
    for answer in (lake_coverage(again), lake_months(again), grades(again, dataset="prices")):
        assert answer.damaged


def test_an_empty_lake_and_a_clock_before_everything(lake: Lake, db: Db) -> None:
    assert lake_coverage(db.at(evening(0))).frame.is_empty()
    lake.upsert("prices", table(quotes({1: 1.0})))
    early = lake_coverage(db.at(datetime(1999, 1, 1, tzinfo=UTC)))
    assert early.frame.is_empty()
    assert early.frame.schema == lake_coverage(db.at(evening(3))).frame.schema


def test_the_receipt_is_that_of_the_query(lake: Lake, db: Db) -> None:
    lake.upsert("prices", table(quotes(dict.fromkeys(range(9), 1.0))))
    answer = called(lake_coverage, at := db.at(evening(8)))
    assert coverage_by_steps(at.opened()) is not None
    assert answer.frame["longest_gap_days"].to_list() == [1]
    assert all(one.same for one in verify(make_receipt(answer), lake.root, function_named))
    for plain in (
        lake_coverage(at),
        lake_months(at),
        grades(at, dataset="prices"),
        latest_rows(at, dataset="prices", top=2),
    ):
        receipt = make_receipt(plain)
        assert all(one.same for one in verify(receipt, lake.root, function_named))


def test_a_trade_that_came_twice_stands_in_one_order(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "demo" / "lake", workspace="demo")
    db = Db(lake.root, threads=1)
    rows = tape(300, rate=2, crashes=[]).head(40)
    again = rows.with_columns(pl.col("known_at") + timedelta(milliseconds=250))
    lake.append("ticks", pl.concat([again, rows]), publish_id="twice")
    shown = latest_rows(db.at(START + timedelta(hours=1)), dataset="ticks").frame
    db.close()
    assert shown.height == 80
    assert (shown["known_at"].diff().drop_nulls().dt.total_milliseconds() == 250).sum() == 40
