"""Columns of NumPy made into Arrow tables that fit a contract; refuses rows of the future."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.contracts import Dataset
from data.fields import Grade
from ingest.sources.demo_world.draws import Floats, Ints
from ingest.sources.demo_world.spec import Spec

SOURCE = "demo"
EPOCH = date(1970, 1, 1)
# An Arrow column, a NumPy array, a list, or one text for all rows; None is a column of nulls.
Column = Any


def coded(codes: NDArray[np.integer], words: Sequence[str | None]) -> pa.Array:
    """A text column from positions in a list of words; None in the list is a null."""
    index = pa.array(np.ascontiguousarray(codes, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(index, pa.array(words, pa.string())).cast(pa.string())


def instants(micros: Ints, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Microseconds since 1970 as UTC instants."""
    whole = pa.array(np.ascontiguousarray(micros), pa.int64(), mask=missing)
    return whole.cast(pa.timestamp("us", "UTC"))


def days_of(days: NDArray[np.integer]) -> pa.Array:
    """Days since 1970 as dates."""
    return pa.array(np.ascontiguousarray(days, dtype=np.int32)).cast(pa.date32())


def numbers(values: Floats) -> pa.Array:
    """Doubles, NaN as null."""
    return pa.array(np.ascontiguousarray(values), pa.float64(), from_pandas=True)


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def assemble(
    dataset: Dataset, columns: dict[str, Column], spec: Spec, *, grade: Grade = "native"
) -> pa.Table:
    """The contract's columns in its order, without what the lake adds; later rows are cut off."""
    known_at = columns["known_at"]
    rows = len(known_at)
    fixed: dict[str, Column] = {"source": SOURCE, "vintage_grade": grade, **columns}
    skipped = {"ingested_at", "superseded_at", *dataset.derived}
    fields = [field for field in dataset.schema if field.name not in skipped]
    arrays = [_column(fixed.get(field.name), field, rows) for field in fields]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    end = pa.scalar(spec.end_us, pa.int64()).cast(pa.timestamp("us", "UTC"))
    keep = pc.less(table.column("known_at"), end)
    return table if pc.all(keep).as_py() else table.filter(keep)


def _column(value: Column, field: pa.Field, rows: int) -> pa.Array | pa.ChunkedArray:
    if value is None:
        return pa.nulls(rows, field.type)
    if isinstance(value, str):
        return pa.repeat(pa.scalar(value, field.type), rows)
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return numbers(value)
    return pa.array(value, field.type)


def local_instants(days: NDArray[np.integer], minutes: NDArray[np.integer], zone: str) -> Ints:
    """Wall-clock minutes of days in a zone as UTC microseconds, summer time as the zone has it."""
    wall = np.asarray(days, dtype=np.int64) * 1440 + np.asarray(minutes, dtype=np.int64)
    naive = pl.Series(wall * 60_000_000).cast(pl.Datetime("us"))
    local = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    utc = local.dt.convert_time_zone("UTC").dt.epoch("us")
    return utc.to_numpy().astype(np.int64)


def in_order(table: pa.Table, dataset: Dataset) -> pa.Table:
    """Sorted as the contract asks."""
    return table.sort_by([(name, "ascending") for name in dataset.order])
