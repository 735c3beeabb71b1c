"""A hash of facts that does not depend on files, order or machine.

Each row is folded to 64 bits from the bits of its values; the rows of a dataset are added up, so
that a lake filled in two steps hashes like one filled at once. Left out: when rows were taken in
(`ingested_at`), what follows from other rows (`superseded_at`) and computed partition columns.
"""

from __future__ import annotations

import json
from hashlib import blake2b

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.contracts import Dataset

Words = NDArray[np.uint64]
_NULL = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LEFT_OUT = ("ingested_at", "superseded_at")


class Content:
    """Adds up tables of datasets; `digest` may be asked at any time."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[int, int, int]] = {}

    def add(self, dataset: Dataset, table: pa.Table | pa.RecordBatch) -> None:
        """Count a table in; its columns may come in any order."""
        rows, first, second = self._sums.get(dataset.name, (0, 0, 0))
        if table.num_rows:
            folded = _folded(dataset, table)
            first = (first + int(mixed(folded).sum(dtype=np.uint64))) % 2**64
            second = (second + int(mixed(folded ^ _SECOND).sum(dtype=np.uint64))) % 2**64
        self._sums[dataset.name] = (rows + table.num_rows, first, second)

    @property
    def rows(self) -> dict[str, int]:
        """Rows by dataset."""
        return {name: sums[0] for name, sums in sorted(self._sums.items())}

    def digests(self) -> dict[str, str]:
        """One short hash per dataset, for saying which of them differs."""
        return {name: _hex([name, *sums]) for name, sums in sorted(self._sums.items())}

    def digest(self) -> str:
        """One hash of all."""
        return _hex(sorted(self.digests().items()))


def content_of(dataset: Dataset, frame: pl.DataFrame) -> str:
    """The hash of the rows of one conformed table."""
    content = Content()
    content.add(dataset, frame.to_arrow())
    return content.digest()


def hashed_columns(dataset: Dataset) -> list[str]:
    """The columns that count."""
    skipped = {*_LEFT_OUT, *dataset.derived}
    return [name for name in dataset.schema.names if name not in skipped]


def _hex(value: object) -> str:
    return blake2b(json.dumps(value).encode(), digest_size=16).hexdigest()


def _folded(dataset: Dataset, table: pa.Table | pa.RecordBatch) -> Words:
    out = np.zeros(table.num_rows, dtype=np.uint64)
    for name in hashed_columns(dataset):
        column = table.column(name)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        out ^= bits_of(column)
        out *= _ODD
        out ^= out >> np.uint64(29)
    return out


def mixed(values: Words) -> Words:
    out = values * _SECOND
    out ^= out >> np.uint64(31)
    out *= _ODD
    return np.asarray(out ^ (out >> np.uint64(30)))


def bits_of(column: pa.Array) -> Words:
    """64 bits per value: numbers as they are stored, text by its own hash."""
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), "|")
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return _text_bits(column)
    if pa.types.is_floating(kind):
        values = pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
        bits = (values + 0.0).view(np.uint64)
    else:
        whole = column.cast(pa.int32()) if pa.types.is_date32(kind) else column
        whole = pc.fill_null(whole.cast(pa.int64()), 0)
        bits = whole.to_numpy(zero_copy_only=False).view(np.uint64)
    return _with_nulls(column, bits)


def _text_bits(column: pa.Array) -> Words:
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    words = [_word(text) for text in coded.dictionary.to_pylist()]
    table = np.array([*words, _NULL], dtype=np.uint64)
    at = pc.fill_null(coded.indices, len(words)).to_numpy(zero_copy_only=False)
    return np.asarray(table[at])


def _word(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def _with_nulls(column: pa.Array, bits: Words) -> Words:
    if not column.null_count:
        return bits
    missing = column.is_null().to_numpy(zero_copy_only=False)
    return np.where(missing, _NULL, bits)
