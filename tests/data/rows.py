"""Rows for any dataset, drawn from its contract: types, limits, lists of values, partitions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from data.contracts import Dataset
from data.fields import GRADES
from data.lake.conform import SET_BY_LAKE
from tests.data.samples import day

# The world lasts forty days; everything drawn is known in the first twenty.
DAYS = st.integers(1, 20)
HOURS = st.sampled_from([0, 9, 23])
INSTANTS = st.builds(lambda n, hour: day(n, hours=hour), DAYS, HOURS)
# What a contract lets nobody know beforehand has happened when the first of it is known.
BEFORE = st.builds(lambda n, hour: day(n, hours=hour), st.integers(-18, 1), HOURS)
SOON = timedelta(days=20)


def values(dataset: Dataset, column: pa.Field) -> st.SearchStrategy[Any]:
    """Values that a column may take."""
    soonest = min((lead.longest for lead in dataset.leads if lead.of == column.name), default=SOON)
    is_over = soonest < SOON
    limits = {key.decode(): text.decode() for key, text in (column.metadata or {}).items()}
    kind = column.type
    if "one_of" in limits:
        found: st.SearchStrategy[Any] = st.sampled_from(limits["one_of"].split("|"))
    elif pa.types.is_floating(kind) or pa.types.is_integer(kind):
        found = numbers(limits).map(float if pa.types.is_floating(kind) else int)
    elif pa.types.is_boolean(kind):
        found = st.booleans()
    elif pa.types.is_date(kind):
        last = 1 + min(0, soonest.days) if is_over else 20  # a negative lead: some days after it
        found = st.integers(-400, last).map(lambda n: date(2020, 1, 1) + timedelta(days=n))
    elif pa.types.is_timestamp(kind):
        found = BEFORE if is_over else INSTANTS
    elif pa.types.is_list(kind):
        found = st.lists(st.sampled_from(["x:A", "x:B"]), max_size=2)
    else:
        found = st.sampled_from(["a", "B b", "ü/'%", "..", "NULL", "2020"])
    return st.one_of(st.none(), found) if column.nullable else found


def numbers(limits: dict[str, str]) -> st.SearchStrategy[int]:
    """Some numbers within limits; a price whatever its asset class."""
    low = 1 if "quote" in limits else int(float(limits.get("min", -5)))
    return st.integers(low, min(int(float(limits.get("max", low + 10))), low + 10))


@st.composite
def keys(draw: st.DrawFn, dataset: Dataset) -> dict[str, Any]:
    """What stays the same over all vintages of one fact: its key and its partition."""
    free = [name for name in dataset.partition_by if name not in dataset.derived]
    names = dict.fromkeys([*dataset.key, *free])
    key = {name: draw(values(dataset, dataset.schema.field(name))) for name in names}
    if "source" in key:
        key["source"] = draw(st.sampled_from(["one", "two"]))
    if "year" in key:
        key["year"] = draw(st.sampled_from([2019, 2020]))
    return key


@st.composite
def facts(draw: st.DrawFn, dataset: Dataset, *, size: int = 14) -> list[dict[str, Any]]:
    """Rows over a few keys, several vintages each; one value per key and instant."""
    pool = draw(st.lists(keys(dataset), min_size=1, max_size=4))
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _ in range(draw(st.integers(1, size))):
        row = dict(draw(st.sampled_from(pool)))
        for column in dataset.columns:
            if column.name not in row and column.name not in dataset.derived:
                row[column.name] = draw(values(dataset, column))
        row["known_at"] = draw(INSTANTS)
        row["vintage_grade"] = draw(st.sampled_from(GRADES))
        row.setdefault("source", "one")
        if dataset.appended:
            row["trade_id"] = len(rows)
        rows[tuple(row[name] for name in (*dataset.key, "known_at"))] = row
    return list(rows.values())


def as_table(dataset: Dataset, rows: list[dict[str, Any]]) -> pa.Table:
    """These rows with the contract's types, without what the lake sets itself."""
    names = [
        name
        for name in dataset.schema.names
        if name not in SET_BY_LAKE and name not in dataset.derived
    ]
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in names} for row in rows],
        schema=pa.schema([dataset.schema.field(name).with_nullable(True) for name in names]),
    )


def ordered(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, to compare two results."""
    return sorted(frame.rows(), key=repr)
