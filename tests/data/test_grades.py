"""Figures of grade `current` stay out of the past; what only names things may be of today."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.datasets import DATASETS
from data.lake import Lake
from data.lake.manifest import read_manifest, schema_id
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import Db
from tests import tiers
from tests.data.samples import FAR, JANUARY, day, observation, stored, table
from tests.spoil import list_path

SCRIBBLED = "superseded_at"


def current(value: float, known_at: datetime, **other: Any) -> dict[str, Any]:
    """An observation whose history was restated without dates."""
    return observation(value, known_at, vintage_grade="current", **other)


def shown(db: Db, clock: datetime, mode: Mode = "public", name: str = "macro") -> list[float]:
    return (
        db.at(clock, mode)
        .sql(f"SELECT value FROM {name} ORDER BY known_at")
        .frame["value"]
        .to_list()
    )


def test_a_current_figure_is_seen_from_its_ingestion_on(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(current(1.0, day(1))), ingested_at=day(9))
    assert [shown(db, day(n)) for n in (1, 8, 9)] == [[], [], [1.0]]
    assert [shown(db, day(n), "house") for n in (1, 8, 9)] == [[], [], [1.0]]
    assert [shown(db, day(n), "restated") for n in (0, 1, 9)] == [[], [1.0], [1.0]]


def test_a_description_of_that_grade_may_stand_at_a_past_clock(lake: Lake, db: Db) -> None:
    row = {
        "country": "XYZ",
        "name": "Xyz",
        "known_at": day(1),
        "vintage_grade": "current",
        "source": "list",
    }
    lake.upsert("countries", table(row), ingested_at=day(9))
    frame = db.at(day(2)).sql("SELECT name, vintage_grade FROM countries").frame
    assert frame.rows() == [("Xyz", "current")]
    assert {name for name, one in DATASETS.items() if one.descriptive} == {
        "companies",
        "countries",
        "instruments",
        "series",
    }


def test_a_vintage_ends_where_the_first_of_the_later_ones_is_in_view(lake: Lake, db: Db) -> None:
    lake.upsert(
        "macro", table(observation(1.0, day(1)), observation(3.0, day(5))), ingested_at=day(6)
    )
    lake.upsert("macro", table(current(2.0, day(3)), current(4.0, day(7))), ingested_at=day(20))
    ends = stored(lake).sort("known_at").select("value", "superseded_at").rows()
    # The restated value of day 3 came into view after it had been overtaken: never shown.
    assert ends == [(1.0, day(5)), (2.0, day(5)), (3.0, day(20)), (4.0, None)]
    assert [shown(db, day(n)) for n in (1, 4, 5, 8, 19, 20)] == [
        [1.0],
        [1.0],
        [3.0],
        [3.0],
        [3.0],
        [4.0],
    ]
    assert [shown(db, day(n), "restated") for n in (2, 3, 5, 7)] == [[1.0], [2.0], [3.0], [4.0]]


def test_an_equal_value_that_was_in_view_before_the_restated_one_is_kept(
    lake: Lake, db: Db
) -> None:
    lake.upsert("macro", table(current(1.0, day(1))), ingested_at=day(20))
    done = lake.upsert("macro", table(observation(1.0, day(5))), ingested_at=day(21))
    assert done.vintages_added == 1
    assert shown(db, day(6)) == [1.0]
    again = lake.upsert("macro", table(observation(1.0, day(8))), ingested_at=day(22))
    assert (again.vintages_added, again.unchanged) == (0, 1)


def test_all_vintages_in_view_say_since_when_and_until_when(lake: Lake, db: Db) -> None:
    lake.upsert(
        "macro", table(observation(1.0, day(1)), observation(3.0, day(5))), ingested_at=day(6)
    )
    lake.upsert("macro", table(current(4.0, day(7))), ingested_at=day(20))
    sql = "SELECT value, seen_at, superseded_at FROM macro_known ORDER BY known_at"

    def rows(clock: datetime, mode: Mode) -> list[tuple[Any, ...]]:
        return db.at(clock, mode).sql(sql).frame.rows()

    assert rows(day(4), "public") == [(1.0, day(1), None)]
    assert rows(day(8), "public") == [(1.0, day(1), day(5)), (3.0, day(5), None)]
    assert rows(day(20), "public")[1:] == [(3.0, day(5), day(20)), (4.0, day(20), None)]
    assert rows(day(8), "house") == [(1.0, day(6), day(6)), (3.0, day(6), None)]
    assert rows(day(8), "restated")[1:] == [(3.0, day(5), day(7)), (4.0, day(7), None)]
    assert "seen_at" not in db.at(day(8)).sql("FROM macro").frame.columns


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from(["native", "lagged", "snapshot"])),
        min_size=1,
        max_size=5,
        unique_by=lambda row: row[0],
    ),
    st.lists(
        st.tuples(st.integers(1, 12), st.integers(1, 3)),
        min_size=1,
        max_size=5,
        unique_by=lambda row: row[0],
    ),
    st.integers(10, 30),
)
@settings(max_examples=tiers.amount("FILL_EXAMPLES", day=3, night=30))
def test_a_restated_backfill_changes_nothing_before_its_ingestion(
    tmp_path_factory: pytest.TempPathFactory,
    prints: list[tuple[int, str]],
    restated: list[tuple[int, int]],
    ingested: int,
) -> None:
    lake = Lake(tmp_path_factory.mktemp("fill") / "live" / "lake", workspace="live")
    rows = [observation(float(n), day(n), vintage_grade=grade) for n, grade in prints]
    lake.upsert("macro", table(*rows), ingested_at=day(9, hours=1))
    clocks = [day(n, hours=h) for n in range(1, ingested) for h in (0, 23)]
    modes: tuple[Mode, ...] = ("public", "house")
    names = ("macro", "macro_known")
    db = Db(lake.root, threads=1)
    before = [shown(db, clock, mode, name) for clock in clocks for mode in modes for name in names]
    later = [current(100.0 + value, day(n), period=JANUARY) for n, value in restated]
    lake.upsert("macro", table(*later), ingested_at=day(ingested, hours=23, minutes=1))
    after = [shown(db, clock, mode, name) for clock in clocks for mode in modes for name in names]
    assert before == after
    db.close()


def aged(lake: Lake, name: str) -> None:
    """Write a dataset's files as an older version did: each vintage ends at the next `known_at`."""
    folder = lake.root / name
    path = folder / "_meta" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    key = list(DATASETS[name].key)
    for entry in manifest["files"]:
        old = folder / entry["file"]
        kept = pl.DataFrame(pq.ParquetFile(old).read())
        ends = pl.col("known_at").shift(-1).over(key, order_by="known_at")
        arrow = kept.with_columns(ends.alias(SCRIBBLED)).to_arrow()
        new = old.with_name("part-aged.parquet")
        pq.write_table(arrow.cast(pa.schema(DATASETS[name].schema)), new)
        digest = sha256(new.read_bytes()).hexdigest()
        final = new.rename(old.with_name(f"part-000000000001-{digest[:16]}.parquet"))
        entry |= {
            "file": str(final.relative_to(folder)),
            "sha256": digest,
            "schema": "older",
            "bytes": final.stat().st_size,
        }
    manifest["schemas"] = {"older": DATASETS[name].schema.names}
    path.write_text(json.dumps(manifest))
    list_path(lake.root).unlink()  # which an older version did not write


def test_files_of_before_are_shown_rightly_and_healed_by_the_next_write(lake: Lake) -> None:
    lake.upsert(
        "macro",
        table(observation(1.0, day(1)), observation(1.5, day(1), series_id="o")),
        ingested_at=day(2),
    )
    lake.upsert(
        "macro",
        table(current(2.0, day(3)), current(9.0, day(4), series_id="o")),
        ingested_at=day(20),
    )
    fresh = [frame_of(lake, clock) for clock in (day(2), day(5), day(20))]
    aged(lake, "macro")
    # The positive control: a plain reading of such a file would show nothing on day 5.
    (file,) = read_manifest(lake.store, "macro").files
    raw = pl.read_parquet(lake.root / "macro" / file.file, hive_partitioning=False)
    assert raw.filter(series_id="s:GDP")[SCRIBBLED].to_list() == [day(3), None]
    assert [frame_of(lake, clock) for clock in (day(2), day(5), day(20))] == fresh
    lake.upsert("macro", table(observation(5.0, day(6), series_id="third")), ingested_at=day(21))
    (file,) = read_manifest(lake.store, "macro").files
    assert file.schema == schema_id(DATASETS["macro"])
    raw = pl.read_parquet(lake.root / "macro" / file.file, hive_partitioning=False)
    ends = raw.sort("series_id", "known_at").select("series_id", SCRIBBLED).rows()
    assert ends == [
        ("o", day(20)),
        ("o", None),
        ("s:GDP", day(20)),
        ("s:GDP", None),
        ("third", None),
    ]


def frame_of(lake: Lake, clock: datetime) -> list[list[tuple[Any, ...]]]:
    db = Db(lake.root, threads=1)
    names = ("macro", "macro_known", "macro_vintages")
    found = [db.at(clock).sql(f"SELECT * FROM {name} ORDER BY ALL").frame.rows() for name in names]
    db.close()
    return found


@pytest.mark.sampled(6)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("relation", ["macro", "macro_known", "macro_vintages"])
def test_a_receipt_runs_again_under_every_clock(
    lake: Lake, db: Db, mode: Mode, relation: str
) -> None:
    rows = [observation(1.0, day(1)), observation(3.0, day(5))]
    lake.upsert("macro", table(*rows), ingested_at=day(6))
    lake.upsert("macro", table(current(2.0, day(3)), current(4.0, day(7))), ingested_at=day(20))
    for clock in (day(8), FAR):
        answer = db.at(clock, mode).sql(f"SELECT * FROM {relation} ORDER BY ALL")
        receipt = json.loads(json.dumps(make_receipt(answer)))
        assert [item.same for item in verify(receipt, lake.root, str)] == [True]


def test_a_receipt_is_rebuilt_once_its_files_are_gone(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1)), current(2.0, day(3))))
    receipts = [
        json.loads(json.dumps(make_receipt(db.at(clock, mode).sql(f"FROM {relation}"))))
        for clock in (day(4), FAR)
        for mode in MODES
        for relation in ("macro", "macro_known", "macro_vintages")
    ]
    lake.upsert("macro", table(observation(3.0, day(2)), current(4.0, day(9))))
    for path in Path(lake.root / "macro").rglob("*.parquet"):
        live = {entry.file for entry in read_manifest(lake.store, "macro").files}
        if str(path.relative_to(lake.root / "macro")) not in live:
            path.unlink()
    verdicts = [item for receipt in receipts for item in verify(receipt, lake.root, str)]
    assert [verdict.note for verdict in verdicts if not verdict.same] == []
    assert all("with what was ingested since left out" in verdict.note for verdict in verdicts)
