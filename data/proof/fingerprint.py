"""What a result adds up to: hashes that do not depend on the order of rows, machine or version.

`exact` counts every bit. `about` counts the first thirty bits of a fraction (nine digits), rounded
in two ways, so that what differs by the order of a sum alone is told from what differs; one of both
suffices. `columns` has one short hash each, for saying which of them differs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from math import nan
from typing import Any

import numpy as np
import polars as pl

from data.lake.content import Words, bits_of, mixed

_DROPPED = np.uint64((1 << 22) - 1)
_HALF = np.uint64(1 << 21)
_FOLD = np.uint64(0xBF58476D1CE4E5B9)


def fingerprint(frame: pl.DataFrame) -> dict[str, Any]:
    """The hashes of a frame; rows may come in any order, columns may not."""
    exact, first, second = [np.zeros(frame.height, np.uint64) for _ in range(3)]
    columns = {}
    for series in frame.iter_columns():
        ways = _ways(series)
        columns[series.name] = _digest([int(mixed(ways[1]).sum(dtype=np.uint64))])[:8]
        for fold, found in zip((exact, first, second), ways, strict=True):
            _fold(fold, found)
    sums = [_sums(fold) for fold in (exact, first, second)]
    return {
        "exact": _digest([frame.height, *sums[0]]),
        "about": [_digest([frame.height, *item]) for item in sums[1:]],
        "columns": columns,
    }


def difference(was: Mapping[str, Any], found: Mapping[str, Any]) -> str | None:
    """Which columns differ between two fingerprints, or nothing."""
    if was["exact"] == found["exact"]:
        return None
    if any(one == other for one, other in zip(was["about"], found["about"], strict=True)):
        return None
    odd = [name for name, one in was["columns"].items() if found["columns"].get(name) != one]
    return f"columns {', '.join(odd)} differ" if odd else "rows differ"


def _fold(out: Words, bits: Words) -> None:
    out ^= bits
    out *= _FOLD
    out ^= out >> np.uint64(29)


def _sums(folded: Words) -> list[int]:
    """Two sums over the rows: independent of their order, and no swap of values escapes."""
    once = mixed(folded)
    return [int(once.sum(dtype=np.uint64)), int(mixed(once).sum(dtype=np.uint64))]


def _digest(value: Sequence[int]) -> str:
    return blake2b(json.dumps(value).encode(), digest_size=12).hexdigest()


def _ways(series: pl.Series) -> tuple[Words, Words, Words]:
    """Bits of each value: all of them, and of fractions the first nine digits in both ways."""
    if isinstance(series.dtype, pl.List):
        return _of_lists(series)
    bits = bits_of(_plain(series).to_arrow())
    if not series.dtype.is_float():
        return bits, bits, bits
    down, near = bits & ~_DROPPED, (bits + _HALF) & ~_DROPPED
    if not series.null_count():
        return bits, down, near
    missing = series.is_null().to_numpy()
    return bits, np.where(missing, bits, down), np.where(missing, bits, near)


def _of_lists(series: pl.Series) -> tuple[Words, Words, Words]:
    """A list counts by its length and by its values, each at its place."""
    lengths = series.list.len().fill_null(0).to_numpy().astype(np.int64)
    ends = np.cumsum(lengths)
    place = np.arange(int(lengths.sum())) - np.repeat(ends - lengths, lengths)
    ways = _ways(pl.Series(series.to_arrow().flatten()))
    # A list that is missing is none of any length.
    size = np.where(series.is_null().to_numpy(), -1, lengths).astype(np.uint64)
    first, second, third = (_joined(bits, place, ends, size) for bits in ways)
    return first, second, third


def _joined(bits: Words, place: Words, ends: Words, size: Words) -> Words:
    run = np.cumsum(mixed(bits ^ mixed(place.astype(np.uint64) + _FOLD)), dtype=np.uint64)
    up_to = np.concatenate([np.zeros(1, np.uint64), run])[ends]
    return mixed(np.diff(up_to, prepend=np.uint64(0)) ^ mixed(size))


def _plain(series: pl.Series) -> pl.Series:
    """The values in a kind that has bits: nested and odd ones as their text."""
    kind = series.dtype
    if kind.is_float() or kind.is_integer() or kind in (pl.Boolean, pl.String):
        return (
            series.cast(pl.Float64).fill_nan(nan)
            if kind.is_float() or kind == pl.Int128
            else series
        )
    if kind in (pl.Date, pl.Datetime, pl.Duration, pl.Time):
        return series.to_physical().cast(pl.Int64)
    if kind.is_decimal():
        return series.cast(pl.String)
    texts = [None if value is None else _text(value) for value in series.to_list()]
    return pl.Series(series.name, texts, pl.String)


def _text(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
