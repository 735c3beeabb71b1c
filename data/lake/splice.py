"""Put changed rows into a stored file without sorting it again; refuses a file out of order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from data.contracts import Dataset
from data.lake.conform import disordered

ROW, PLACE = "_row", "_place"
MORSEL = 16_384  # rows passed on at a time: half a row group keeps the peak near ten files
CHECKED = 131_072  # rows held against their predecessors at a time, for the sake of memory


@dataclass(slots=True)
class Splice:
    """A stored file and which of its rows the incoming keys touch; for one write.

    The file is in order already and a sort of all its rows costs more than reading and writing
    them, so the few changed rows are given their places in it and the two are merged in passing.
    """

    dataset: Dataset
    path: str
    order: pl.DataFrame
    touched: pl.Series

    @classmethod
    def open(cls, dataset: Dataset, path: str, incoming: pl.DataFrame) -> Splice | None:
        """Nothing if the file turns out not to be in the order of its contract."""
        order = pl.read_parquet(
            path, columns=list(dataset.order), hive_partitioning=False, glob=False
        )
        parts = (order[at : at + CHECKED + 1] for at in range(0, order.height, CHECKED))
        if any(disordered(part, list(dataset.order)) for part in parts):
            return None
        return cls(dataset, path, order, _touched(dataset, order, incoming))

    def stored(self) -> pl.DataFrame:
        """Every stored vintage of the incoming keys."""
        return self._rows(touched=True).drop(ROW).collect()

    def write(self, merged: pl.DataFrame, written: Path, row_group: int) -> None:
        """The file with the touched rows replaced by these, which are all their vintages."""
        columns = self.dataset.schema.names
        changed = merged.sort(self.dataset.order, nulls_last=True)
        places = pl.Series(PLACE, 2 * _before(self.order, changed, self.dataset.order))
        self.order = self.order.clear()  # no longer needed, and large
        fresh = changed.select(*columns, places)
        place = (2 * pl.col(ROW).cast(pl.Int64) + 1).alias(PLACE)
        frame = self._rows(touched=False).select(*columns, place)
        plan = frame.merge_sorted(fresh.lazy(), key=PLACE).select(columns)
        with pl.Config(streaming_chunk_size=MORSEL):
            plan.sink_parquet(
                written,
                compression=self.dataset.codec,
                row_group_size=row_group,
                statistics=True,
            )

    def _rows(self, *, touched: bool) -> pl.LazyFrame:
        rows = pl.scan_parquet(self.path, hive_partitioning=False, glob=False, row_index_name=ROW)
        chosen = pl.col(ROW).is_in(self.touched.implode())
        return rows.filter(chosen if touched else ~chosen)


def _touched(dataset: Dataset, order: pl.DataFrame, incoming: pl.DataFrame) -> pl.Series:
    """The row numbers of the incoming keys: by search where the file is ordered by the key."""
    by_key = dataset.order[: len(dataset.key)]
    if set(by_key) != set(dataset.key):
        keys = order.select(dataset.key).with_row_index(ROW)
        return keys.join(incoming.select(dataset.key), on=list(dataset.key), how="semi")[ROW]
    first = _before(order, incoming, by_key)
    count = _before(order, incoming, by_key, equal=True) - first
    runs = (
        np.repeat(first, count) + np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    )
    return pl.Series(ROW, np.unique(runs)).cast(pl.get_index_type())


def _before(
    order: pl.DataFrame, rows: pl.DataFrame, columns: tuple[str, ...], *, equal: bool = False
) -> npt.NDArray[np.int64]:
    """For each row how many of the ordered come before it (or equal it): one search for all."""
    low = np.zeros(rows.height, dtype=np.int64)
    high = np.full(rows.height, order.height, dtype=np.int64)
    theirs = rows.select(pl.col(name).alias(f"{name}_") for name in columns)
    before: pl.Expr = pl.lit(equal)
    for name in reversed(columns):
        stored, new = pl.col(name), pl.col(f"{name}_")
        less = (stored < new).fill_null(False) | (stored.is_not_null() & new.is_null())
        before = less | (stored.eq_missing(new) & before)
    while (low < high).any():
        middle = (low + high) // 2
        probe = order[np.minimum(middle, order.height - 1)].hstack(theirs)
        earlier = probe.select(before.alias("before"))["before"].to_numpy() & (low < high)
        later = ~earlier & (low < high)
        low[earlier] = middle[earlier] + 1
        high[later] = middle[later]
    return low
