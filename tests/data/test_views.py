"""What is seen under a clock is what was there: proved by taking everything later away."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.contracts import Dataset
from data.datasets import DATASETS
from data.lake import Lake
from data.lake.batch import Batch
from data.lake.views import MODES, Mode
from data.query import Db
from tests.data.rows import as_table, facts, ordered
from tests.data.samples import FAR, day, observation, table
from tests.shred import known_rows, shred

# A quarter of the time the lake is filled late, so that both clocks differ.
INGESTED = st.lists(st.integers(1, 40), min_size=4, max_size=4, unique=True).map(sorted)
CLOCKS = st.lists(
    st.tuples(
        st.builds(lambda n, h: day(n, hours=h), st.integers(0, 41), st.integers(0, 23)),
        st.sampled_from(MODES),
    ),
    min_size=2,
    max_size=3,
)


def fill(lake: Lake, dataset: Dataset, rows: list[dict[str, Any]], days: list[int]) -> None:
    """The rows in up to four writes, each ingested later than the one before."""
    share = -(-len(rows) // len(days))
    for number, ingested in enumerate(days):
        part = rows[number * share : (number + 1) * share]
        stamp = day(ingested, hours=12, microseconds=number)
        if dataset.appended:
            frame = as_table(dataset, part)
            append_at(lake, dataset.name, frame, f"p{number}", stamp)
        elif part:
            lake.upsert(dataset.name, as_table(dataset, part), ingested_at=stamp)


def append_at(lake: Lake, name: str, frame: Any, publish_id: str, stamp: datetime) -> None:
    """An append as it would have happened at an earlier instant."""
    with Batch(lake, is_single=True) as alone:
        alone._publish(DATASETS[name], frame, publish_id, stamp, None)


def seen(root: Path, name: str, as_of: datetime, mode: Mode) -> list[tuple[Any, ...]]:
    """What the door shows."""
    db = Db(root, threads=1)
    frame = db.at(as_of, mode).sql(f"SELECT * FROM {name}").frame
    db.close()
    return ordered(frame)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", list(DATASETS))
@given(data=st.data())
@settings(max_examples=6)
def test_a_clock_shows_what_a_shredded_lake_shows(name: str, data: st.DataObject) -> None:
    dataset = DATASETS[name]
    rows = data.draw(facts(dataset))
    days = data.draw(INGESTED)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "live" / "lake", workspace="live")
        fill(lake, dataset, rows, days)
        for number, (as_of, mode) in enumerate(data.draw(CLOCKS)):
            cut = shred(lake.root, Path(folder) / f"cut-{number}", as_of, mode=mode)
            shown = seen(lake.root, name, as_of, mode)
            # In the shredded lake the clock may stand anywhere later: nothing is there to see.
            assert shown == seen(cut, name, as_of, mode)
            assert shown == seen(cut, name, FAR, mode)
            assert len(shown) == expected_rows(lake.root, dataset, as_of, mode)


def expected_rows(root: Path, dataset: Dataset, as_of: datetime, mode: Mode) -> int:
    """How many facts were known, counted over the files themselves."""
    files = list((root / dataset.name).rglob("part-*.parquet"))
    live = [path for path in files if path.name in (manifest_text(root, dataset.name))]
    if not live:
        return 0
    frame = pl.concat([pl.read_parquet(path, hive_partitioning=False) for path in live])
    known = known_rows(dataset, frame, as_of, mode)
    return known.height if dataset.appended else known.select(dataset.key).n_unique()


def manifest_text(root: Path, name: str) -> str:
    """The manifest as text, for those who only look for names in it."""
    text = (root / name / "_meta" / "manifest.json").read_text()
    return text.split('"retired"')[0]


@pytest.mark.sampled(8)
@pytest.mark.parametrize("name", list(DATASETS))
@given(data=st.data())
@settings(max_examples=5)
def test_the_full_history_loses_nothing(name: str, data: st.DataObject) -> None:
    """Every row given is there, or repeats the value of the vintage before it.

    They arrive in the order in which they were published: a repetition that was left out is
    not missed then by a vintage that comes in between afterwards.
    """
    dataset = DATASETS[name]
    rows = sorted(data.draw(facts(dataset)), key=lambda row: row["known_at"])
    days = data.draw(INGESTED)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "live" / "lake", workspace="live")
        fill(lake, dataset, rows, days)
        db = Db(lake.root, threads=1)
        frame = db.at(FAR).sql(f"SELECT * FROM {name}_vintages").frame
        db.close()
    fixed = [*dataset.key, *dataset.values, "known_at"]
    kept = {repr(row) for row in frame.select(fixed).rows()}
    for row in pl.DataFrame(as_table(dataset, rows)).select(fixed).rows(named=True):
        if repr(tuple(row.values())) not in kept:
            before = frame.filter(
                *(pl.col(key) == row[key] for key in dataset.key),
                pl.col("known_at") <= row["known_at"],
            ).sort("known_at")
            assert before.height, f"{row} was lost"
            last = before.select(dataset.values).row(-1)
            assert last == tuple(row[value] for value in dataset.values)
    assert frame.height == len({repr(row) for row in frame.select(fixed).rows()})


def test_the_house_saw_a_late_value_only_once_it_had_it(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1))), ingested_at=day(2))
    lake.upsert("macro", table(observation(2.0, day(3))), ingested_at=day(9))

    def value(at: datetime, mode: Mode) -> list[float]:
        return db.at(at, mode).sql("SELECT value FROM macro").frame["value"].to_list()

    assert value(day(1), "public") == [1.0]
    assert value(day(1), "house") == []
    assert value(day(3), "public") == [2.0]
    assert value(day(3), "house") == [1.0]
    assert value(day(9), "house") == [2.0]


def test_the_end_of_a_vintage_is_never_shown(lake: Lake, db: Db) -> None:
    lake.upsert("macro", table(observation(1.0, day(1)), observation(2.0, day(3))))
    for mode in MODES:
        assert "superseded_at" not in db.at(day(2), mode).sql("FROM macro").frame.columns
    assert "superseded_at" in db.at(day(2)).sql("FROM macro_vintages").frame.columns


@pytest.mark.parametrize("name", list(DATASETS))
@pytest.mark.parametrize("mode", MODES)
def test_a_dataset_without_files_is_empty_and_typed(db: Db, name: str, mode: Mode) -> None:
    dataset = DATASETS[name]
    frame = db.at(FAR, mode).sql(f"SELECT * FROM {name}").frame
    expected = pl.DataFrame(pl.from_arrow(dataset.schema.empty_table())).drop("superseded_at")
    assert frame.schema == expected.schema
    assert frame.height == 0
    everything = db.at(FAR, mode).sql(f"SELECT * FROM {name}_vintages").frame
    assert everything.columns == dataset.schema.names
