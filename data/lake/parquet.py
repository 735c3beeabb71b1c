"""Write and read single Parquet files of the lake; the names they get say what is in them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data.clock import FIRST, LAST
from data.contracts import Dataset
from data.disk import path_value, sha256
from data.errors import LakeError
from data.lake.manifest import LakeFile, schema_id
from data.lake.merge import Merged
from data.lake.splice import Splice
from data.lake.store import Store

ROW_GROUP = 32_768
CODECS = {"lz4": "lz4_raw", "zstd": "zstd"}


def literal(text: str) -> str:
    """A text as an SQL literal; for file names, which views cannot take as parameters."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """A column or table name, quoted."""
    return '"' + column.replace('"', '""') + '"'


def sql_type(kind: pa.DataType) -> str:
    """The DuckDB type that a contract's Arrow type reads as."""
    if pa.types.is_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    for test, word in (
        (pa.types.is_string, "VARCHAR"),
        (pa.types.is_floating, "DOUBLE"),
        (pa.types.is_int64, "BIGINT"),
        (pa.types.is_integer, "INTEGER"),
        (pa.types.is_boolean, "BOOLEAN"),
        (pa.types.is_date, "DATE"),
        (pa.types.is_timestamp, "TIMESTAMPTZ"),
    ):
        if test(kind):
            return word
    raise TypeError(f"no DuckDB type for {kind}")


def holds_current(path: str) -> bool:
    """Whether a file may hold rows of grade `current`: its own statistics say, once per file."""
    return last_current(path) is not None


def last_current(path: str) -> datetime | None:
    """When the last row of grade `current` of a file was taken in, at most; none if it has none."""
    try:
        return _last_current(path)
    except (OSError, pa.ArrowException):
        return LAST  # it cannot be read: whoever reads its rows will say so


@lru_cache(maxsize=65_536)
def _last_current(path: str) -> datetime | None:
    stored = pq.read_metadata(path)
    last = None
    for group in range(stored.num_row_groups):
        grades = _statistics(stored, group, "vintage_grade")
        if grades is None or grades.min <= "current" <= grades.max:
            taken_in = _statistics(stored, group, "ingested_at")
            last = max(last or FIRST, taken_in.max.replace(tzinfo=UTC) if taken_in else LAST)
    return last


def _statistics(stored: pq.FileMetaData, group: int, column: str) -> pq.Statistics | None:
    ranges = stored.row_group(group).column(stored.schema.names.index(column)).statistics
    return ranges if ranges is not None and ranges.has_min_max else None


def scan(
    dataset: Dataset,
    store: Store,
    files: tuple[LakeFile, ...],
    schemas: dict[str, list[str]],
) -> str:
    """A FROM clause over these files with every column of the contract, typed, even with none.

    Files written before a column existed show it as null; each such generation is one branch.
    """
    branches = []
    for generation in dict.fromkeys(entry.schema for entry in files):
        paths = ", ".join(
            literal(store.location(f"{dataset.name}/{entry.file}"))
            for entry in files
            if entry.schema == generation
        )
        stored = schemas.get(generation, dataset.schema.names)
        columns = ", ".join(
            name(column.name)
            if column.name in stored
            else f"CAST(NULL AS {sql_type(column.type)}) AS {name(column.name)}"
            for column in dataset.schema
        )
        source = f"read_parquet([{paths}]{_hive(dataset)})"
        branches.append(f"SELECT {columns} FROM {source}")  # noqa: S608 - all names are quoted
    if not branches:
        columns = ", ".join(
            f"CAST(NULL AS {sql_type(column.type)}) AS {name(column.name)}"
            for column in dataset.schema
        )
        branches.append(f"SELECT {columns} WHERE false")
    return "(" + " UNION ALL ".join(branches) + ")"


def _hive(dataset: Dataset) -> str:
    """Partition columns are stored in the files too; naming them lets the path prune files."""
    if not dataset.partition_by:
        return ", hive_partitioning=false"
    types = ", ".join(
        f"{name(column)}: {sql_type(dataset.schema.field(column).type)}"
        for column in dataset.partition_by
    )
    return f", hive_partitioning=true, hive_types={{{types}}}"


class Writing:
    """Files written for one commit, so that a failure before it can take them all back."""

    def __init__(self, dataset: Dataset, store: Store, version: int) -> None:
        self.dataset, self.store, self.version = dataset, store, version
        self.entries: list[LakeFile] = []
        self._begun: list[Path] = []
        self._placed: list[str] = []

    def frame(self, partition: str, rows: pl.DataFrame) -> None:
        """Write a whole partition from memory; `rows` are in key order."""
        written = self._begin(partition)
        if self.dataset.order[:-1] != tuple(n for n in self.dataset.order if n in self.dataset.key):
            rows = rows.sort(self.dataset.order, nulls_last=True)
        rows.write_parquet(
            written,
            compression=self.dataset.codec,
            row_group_size=ROW_GROUP,
            statistics=True,
        )
        self._finish(partition, written, rows.height)

    def query(
        self,
        con: duckdb.DuckDBPyConnection,
        partition: str,
        sql: str,
        rows: int,
        order: Sequence[str] = (),
    ) -> None:
        """Write a whole partition from a query over the engine's own connection."""
        written = self._begin(partition)
        by = ", ".join(name(column) for column in order or self.dataset.order)
        con.execute(
            f"COPY ({sql} ORDER BY {by}) TO {literal(str(written))} (FORMAT parquet, "
            f"COMPRESSION {CODECS[self.dataset.codec]}, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        self._finish(partition, written, rows)

    def splice(self, entry: LakeFile, splice: Splice, merged: Merged) -> None:
        """Write a partition's one file again with its changed rows put into their places."""
        written = self._begin(entry.partition)
        splice.write(merged.frame, written, ROW_GROUP)
        rows = entry.rows + merged.rows_added + merged.vintages_added
        self._finish(entry.partition, written, rows)

    def undo(self) -> None:
        """Take back every file of a commit that did not happen; what resists is an orphan.

        Where writers do not take turns, another one may have placed the same content under the same
        name, so that what was placed stays for the collector.
        """
        for path in self._begun:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        for name in self._placed if self.store.takes_turns else ():
            with contextlib.suppress(OSError):
                self.store.delete(name)

    def _begin(self, partition: str) -> Path:
        written = self.store.begin(f"{self.dataset.name}/{partition}".rstrip("/"))
        self._begun.append(written)
        return written

    def _finish(self, partition: str, written: Path, rows: int) -> None:
        """Read back what was written before it gets a name that readers may see."""
        low, high, found = inspect(self.dataset, written)
        if found != rows:
            raise LakeError(
                f"{self.dataset.name}: wrote {rows} rows into {partition or 'its file'} but read "
                f"back {found}; nothing was published"
            )
        digest = sha256(written)
        file = f"{partition}/part-{self.version:012d}-{digest[:16]}.parquet".lstrip("/")
        size = written.stat().st_size
        self.store.place(written, f"{self.dataset.name}/{file}")
        self._begun.remove(written)
        self._placed.append(f"{self.dataset.name}/{file}")
        self.entries.append(
            LakeFile(
                file=file,
                partition=partition,
                rows=rows,
                bytes=size,
                sha256=digest,
                schema=schema_id(self.dataset),
                low=low,
                high=high,
            )
        )


def inspect(dataset: Dataset, path: Path) -> tuple[str | None, str | None, int]:
    """Range of the time column and row count from a file's footer; refuses other columns."""
    footer = pq.read_metadata(path)
    columns = footer.schema.to_arrow_schema().names
    if columns != dataset.schema.names:
        raise LakeError(f"{path.name}: expected columns {dataset.schema.names}, found {columns}")
    index = columns.index(dataset.time)
    lows, highs = [], []
    for group in range(footer.num_row_groups):
        column = footer.row_group(group).column(leaf_index(footer, dataset.time, index))
        if column.statistics is not None and column.statistics.has_min_max:
            lows.append(column.statistics.min)
            highs.append(column.statistics.max)
    complete = len(lows) == footer.num_row_groups and lows
    return (
        (str(min(lows)) if complete else None),
        (str(max(highs)) if complete else None),
        footer.num_rows,
    )


def leaf_index(footer: pq.FileMetaData, column: str, guess: int) -> int:
    """Position of a flat column among the leaves; lists before it shift nothing (one leaf each)."""
    if footer.schema.column(guess).name == column:
        return guess
    return next(i for i in range(footer.num_columns) if footer.schema.column(i).name == column)


def partition_path(dataset: Dataset, values: dict[str, object]) -> str:
    """`asset_class=equity/year=2020`, or nothing for a dataset without partitions."""
    return "/".join(f"{path_value(c)}={path_value(values[c])}" for c in dataset.partition_by)
