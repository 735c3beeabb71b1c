"""A splice is what a sort of everything would give, for any dataset and any rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.datasets import DATASETS
from data.lake import Lake
from data.lake.parquet import ROW_GROUP
from data.lake.splice import Splice
from data.query import Db
from tests.data.samples import observation, price

SESSION = date(2020, 1, 1)


def bars(keys: list[tuple[int, int, int]]) -> pl.DataFrame:
    """Prices by symbol, session and instant, none twice."""
    rows = [
        price(
            float(symbol + session + known),
            SESSION + timedelta(days=session),
            datetime(2020, 2, 1, known, tzinfo=UTC),
            symbol=f"x:{symbol}",
            year=2020,
            ingested_at=datetime(2020, 3, 1, tzinfo=UTC),
            superseded_at=None,
            dividend=None,
            split_ratio=None,
        )
        for symbol, session, known in dict.fromkeys(keys)
    ]
    schema = pl.DataFrame(pl.from_arrow(DATASETS["prices"].schema.empty_table())).schema
    return pl.DataFrame(rows, schema=schema)


KEYS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3)), max_size=40)


@given(KEYS.filter(len), KEYS.filter(len), st.integers(1, 9))
def test_it_equals_sorting_anew(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[tuple[int, int, int]],
    new: list[tuple[int, int, int]],
    group: int,
) -> None:
    folder = tmp_path_factory.mktemp("splice")
    dataset, stored, incoming = DATASETS["prices"], bars(old), bars(new)
    order = list(dataset.order)
    path = folder / "[old] *.parquet"
    stored.sort(order).write_parquet(path, row_group_size=group)
    splice = Splice.open(dataset, str(path), incoming)
    assert splice is not None
    key = list(dataset.key)
    touched = stored.join(incoming, on=key, how="semi").sort(order)
    assert splice.stored().sort(order).equals(touched)
    merged = pl.concat([touched, incoming]).unique([*key, "known_at"], keep="first")
    splice.write(merged, folder / "new.parquet", group)
    expected = pl.concat([stored.join(incoming, on=key, how="anti"), merged]).sort(order)
    assert pl.read_parquet(folder / "new.parquet").equals(expected)


def test_a_file_out_of_order_is_left_to_the_sort(tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    bars([(2, 0, 0), (1, 0, 0)]).write_parquet(path)
    assert Splice.open(DATASETS["prices"], str(path), bars([(1, 0, 0)])) is None


def test_a_large_partition_keeps_its_row_groups(lake: Lake, db: Db) -> None:
    known = datetime(2020, 1, 1, tzinfo=UTC)
    many = [observation(float(n), known, series_id=f"s:{n:06d}") for n in range(ROW_GROUP + 10)]
    lake.upsert("macro", pl.DataFrame(many))
    later = datetime(2020, 1, 2, tzinfo=UTC)
    changed = [observation(-1.0, later, series_id=f"s:{n:06d}") for n in (0, 7, ROW_GROUP + 9)]
    fresh = [observation(1.0, later, series_id="s:000007x")]
    done = lake.upsert("macro", pl.DataFrame(changed + fresh))
    assert (done.rows_added, done.vintages_added) == (1, 3)
    frame = db.at(later).sql("SELECT series_id, value FROM macro").frame
    assert frame.height == ROW_GROUP + 11
    assert frame.filter(pl.col("value") < 0)["series_id"].to_list() == [
        f"s:{n:06d}" for n in (0, 7, ROW_GROUP + 9)
    ]
    before = db.at(known).sql("SELECT sum(value) AS total FROM macro").frame.item()
    assert before == sum(range(ROW_GROUP + 10))
