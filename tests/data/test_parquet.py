"""One file per partition, named by its content; a scan shows every column of the contract."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.contracts import Dataset
from data.datasets import DATASETS
from data.errors import LakeError
from data.lake import Lake
from data.lake.manifest import read_manifest
from data.lake.parquet import ROW_GROUP, inspect, literal, name, partition_path, scan, sql_type
from data.lake.store import DiskStore
from data.proof.receipts import make_receipt
from data.query import Db
from tests.data.samples import FAR, day, observation, stored, table

ODD = [
    "a b",
    "a/b",
    "ä漢",
    "CON",
    "nul",
    "..",
    ".",
    "%41",
    "%",
    "a=b",
    "NULL",
    "null",
    "__HIVE_DEFAULT_PARTITION__",
    "'q'",
    'd"q',
    "back\\slash",
    "[x]",
    "*",
    "?",
    "0123",
    "1e5",
    "2020-01-01",
    "in the midst",
    "trail.",
    "x" * 80,
]


@pytest.mark.parametrize("source", ODD)
def test_any_text_can_be_a_partition(lake: Lake, db: Db, source: str) -> None:
    """Written, found by its value, merged into the same file, and never outside its folder."""
    lake.upsert("macro", table(observation(1.0, day(1), source=source)))
    lake.upsert("macro", table(observation(2.0, day(2), source=source)))
    found = db.at(FAR).sql("SELECT source, value FROM macro WHERE source = $source", source=source)
    assert found.frame.rows() == [(source, 2.0)]
    assert stored(lake)["source"].to_list() == [source, source]
    (entry,) = read_manifest(lake.store, "macro").files
    path = lake.root / "macro" / entry.file
    assert path.resolve().is_relative_to(lake.root / "macro")
    assert len(Path(entry.file).parts) == 2


def test_a_name_too_long_for_the_disk_is_one_sentence(lake: Lake) -> None:
    with pytest.raises(LakeError, match="File name too long; what was in the lake stays"):
        lake.upsert("macro", table(observation(1.0, day(1), source="日" * 150)))


def test_partition_paths() -> None:
    values = {"asset_class": "equity", "year": 2020, "symbol": "unused"}
    assert partition_path(DATASETS["prices"], values) == "asset_class=equity/year=2020"
    assert partition_path(DATASETS["instruments"], values) == ""
    # No contract lets such a source in; should one come, it is no other line.
    assert partition_path(DATASETS["macro"], {"source": "a\nb"}) == "source=a%0Ab"


def test_lists_are_stored_compared_and_read(lake: Lake, db: Db) -> None:
    def headline(symbols: list[str] | None, known: int) -> dict[str, object]:
        return {
            "news_id": "1",
            "event_at": day(1),
            "headline": "x",
            "symbols": symbols,
            "known_at": day(known),
            "vintage_grade": "native",
            "source": "wire",
        }

    versions: list[list[str] | None] = [["a:B", "c:D"], ["a:B", "c:D"], ["c:D"], [], None, None]
    for known, symbols in enumerate(versions, 1):
        rows = pl.DataFrame([headline(symbols, known)], schema_overrides={"symbols": pl.List(str)})
        lake.upsert("news", rows)
    assert stored(lake, "news").sort("known_at")["symbols"].to_list() == [
        ["a:B", "c:D"],
        ["c:D"],
        [],
        None,
    ]
    hits = "SELECT count(*) FROM news WHERE list_contains(symbols, 'c:D')"
    assert [db.at(day(n)).sql(hits).frame.item() for n in (1, 3, 4, 5)] == [1, 1, 0, 0]


OLDER = Dataset(
    "macro",
    "macro as it was before units were kept",
    tuple(column for column in DATASETS["macro"].columns if column.name != "unit"),
    origin="source",
    key=DATASETS["macro"].key,
    partition_by=("source",),
    order_by=("series_id", "period"),
    time="period",
)


def test_files_written_before_a_column_existed_show_it_as_null(
    lake: Lake, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(DATASETS, "macro", OLDER)
        row = observation(1.0, day(1))
        del row["unit"]
        lake.upsert("macro", table(row, row | {"source": "ecb"}))
    lake.upsert("macro", table(observation(2.0, day(2), source="ecb")))
    lake.upsert("macro", table(observation(3.0, day(3), source="imf")))
    manifest = read_manifest(lake.store, "macro")
    assert len({entry.schema for entry in manifest.files}) == 2
    found = db.at(FAR).sql("SELECT source, value, unit FROM macro ORDER BY source").frame.rows()
    assert found == [("ecb", 2.0, "index"), ("fred", 1.0, None), ("imf", 3.0, "index")]
    everything = db.at(FAR).sql("SELECT unit FROM macro_vintages WHERE source = 'ecb'").frame
    assert sorted(everything["unit"].to_list(), key=str) == [None, "index"]
    receipt = make_receipt(db.at(FAR).sql("SELECT source, unit FROM macro ORDER BY 1"))
    assert "CAST(NULL AS VARCHAR)" in receipt["queries"][0]["script"]


def test_every_type_of_every_contract_has_a_type_in_sql() -> None:
    for dataset in DATASETS.values():
        for column in dataset.schema:
            assert sql_type(column.type)
    assert sql_type(pa.list_(pa.string())) == "VARCHAR[]"
    with pytest.raises(TypeError, match="no DuckDB type for"):
        sql_type(pa.binary())


def test_names_and_texts_are_quoted() -> None:
    assert literal("it's") == "'it''s'"
    assert name('a"b') == '"a""b"'
    with duckdb.connect() as con:
        assert con.execute(f"SELECT {literal(chr(39) + '--')} AS {name('x y')}").fetchall()


def test_a_scan_of_nothing_is_typed(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        for dataset in DATASETS.values():
            empty = con.sql(
                f"SELECT * FROM {scan(dataset, DiskStore(tmp_path), (), {})}"
            ).to_arrow_table()
            assert empty.column_names == dataset.schema.names
            assert empty.num_rows == 0


def test_a_large_partition_has_many_row_groups_in_order(lake: Lake) -> None:
    count = ROW_GROUP + 10
    rows = pl.DataFrame(
        [observation(1.0, day(1), series_id=f"s:{n:06d}") for n in range(count)]
    ).sample(fraction=1.0, shuffle=True, seed=1)
    for part in (rows, rows.with_columns(value=pl.lit(2.0), known_at=pl.lit(day(2)))[:5]):
        lake.upsert("macro", part)
        (entry,) = read_manifest(lake.store, "macro").files
        path = lake.root / "macro" / entry.file
        footer = pq.read_metadata(path)
        assert footer.num_row_groups == 2
        assert footer.num_rows == entry.rows
        ids = pq.ParquetFile(path).read(["series_id"])["series_id"].to_pylist()
        assert ids == sorted(ids)


@pytest.mark.parametrize("dataset", list(DATASETS.values()), ids=list(DATASETS))
def test_partition_columns_are_stored_inside_too(dataset: Dataset) -> None:
    for column in dataset.partition_by:
        assert column in dataset.schema.names


def test_what_was_written_is_read_back_before_it_counts(tmp_path: Path) -> None:
    wrong = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": [1]}), wrong)
    with pytest.raises(LakeError, match="expected columns"):
        inspect(DATASETS["macro"], wrong)


def test_a_writer_that_loses_rows_publishes_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(dataset: Dataset, path: Path) -> tuple[str | None, str | None, int]:
        low, high, rows = inspect(dataset, path)
        return low, high, rows - 1

    with monkeypatch.context() as patched:
        patched.setattr("data.lake.parquet.inspect", short)
        with pytest.raises(LakeError, match="wrote 1 rows into source=fred but read back 0"):
            lake.upsert("macro", table(observation(1.0, day(1))))
    assert not list(lake.root.rglob("*.parquet"))
    assert read_manifest(lake.store, "macro").version == 0


def test_other_tools_read_the_files_by_a_plain_glob(lake: Lake) -> None:
    """Partition columns are in the files, so engines that take a list need no folders' names."""
    lake.upsert("macro", table(observation(1.0, day(1)), observation(1.0, day(1), source="ecb")))
    files = sorted(lake.root.rglob("part-*.parquet"))
    frame = pl.concat([pl.read_parquet(path, hive_partitioning=False) for path in files])
    assert sorted(frame["source"].to_list()) == ["ecb", "fred"]
    assert pq.read_schema(files[0]).names == DATASETS["macro"].schema.names


def test_instants_bound_files_too_and_a_dataset_may_be_one_file(lake: Lake) -> None:
    """The time column of instruments is known_at: its range is that of the vintages."""
    listing = {
        "symbol": "x:A",
        "ticker": "A",
        "name": "A",
        "asset_class": "equity",
        "currency": "USD",
        "listed_on": date(2020, 1, 1),
        "known_at": day(1),
        "vintage_grade": "native",
        "source": "exchange",
    }
    lake.upsert("instruments", table(listing))
    (entry,) = read_manifest(lake.store, "instruments").files
    assert (entry.low, entry.high) == ("2020-01-02 00:00:00+00:00", "2020-01-02 00:00:00+00:00")
    raw = json.loads((lake.root / "instruments" / "_meta" / "manifest.json").read_text())
    assert raw["files"][0]["partition"] == ""
