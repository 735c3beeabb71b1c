"""JSON-stat 2.0 as one table of dimensions, period, value and status.

Values and statuses are numbered by their flat place in row-major order, as an object or as an
array. A place that has no number is a value that is missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ingest.formats.sdmx import Message
from ingest.formats.sdmx_slots import TIME, VALUE
from ingest.jobs import ReplyError

STATUS = "OBS_STATUS"
CELLS = 20_000_000  # more places than this no answer has


def is_dataset(document: Any) -> bool:
    """Whether this is a data set of JSON-stat 2, and no collection and no older form."""
    return isinstance(document, dict) and {"id", "size", "dimension", "value"} <= document.keys()


def message(document: Mapping[str, Any], flow: str = "", time: str = "time") -> Message:
    """Text columns for the dimensions but `time`, TIME_PERIOD, OBS_VALUE and OBS_STATUS."""
    names = [str(name) for name in document["id"]]
    sizes = [int(size) for size in document["size"]]
    places = math.prod(sizes)
    if len(names) != len(sizes) or time not in names or not 0 <= places <= CELLS:
        raise ReplyError("upstream", "the dimensions of this JSON-stat do not fit their sizes")
    codes = [
        _codes(document["dimension"][name], size) for name, size in zip(names, sizes, strict=True)
    ]
    found = _numbered(document["value"], places)
    status = _numbered(document.get("status") or {}, places)
    at = sorted(found.keys() | status.keys())
    columns: dict[str, pl.Series] = {}
    for number, name in enumerate(names):
        step = math.prod(sizes[number + 1 :])
        words = [codes[number][place // step % sizes[number]] for place in at]
        columns[TIME if name == time else name] = pl.Series(words, dtype=pl.String)
    values = pl.Series([_number(found.get(place)) for place in at], dtype=pl.Float64)
    marks = [None if status.get(p) is None else str(status[p]).strip() for p in at]
    frame = pl.DataFrame(columns | {VALUE: values, STATUS: pl.Series(marks, dtype=pl.String)})
    return Message(flow, tuple(name for name in names if name != time), frame)


def labels(document: Mapping[str, Any], name: str) -> dict[str, str]:
    """The words of a dimension's codes, where the answer has them."""
    category = document["dimension"][name].get("category") or {}
    return {str(code): str(word) for code, word in (category.get("label") or {}).items()}


def _codes(dimension: Mapping[str, Any], size: int) -> list[str]:
    """The codes in their places: the index says which; a lone category may have a label alone."""
    category = dimension["category"]
    index = category.get("index")
    if isinstance(index, Sequence) and not isinstance(index, str):
        codes = [str(code) for code in index]
    elif isinstance(index, Mapping):
        by_place = {int(place): str(code) for code, place in index.items()}
        codes = [by_place[place] for place in range(size)]
    else:
        codes = [str(code) for code in category["label"]]
    if len(codes) != size:
        raise ReplyError("upstream", f"{len(codes)} categories where {size} were said")
    return codes


def _numbered(given: Any, places: int) -> dict[int, Any]:
    """An object by flat place, an array, or one word that goes for all."""
    if isinstance(given, str):
        return dict.fromkeys(range(places), given)
    pairs = given.items() if isinstance(given, Mapping) else enumerate(given)
    found = {int(place): value for place, value in pairs if value is not None}
    if found and not 0 <= min(found) <= max(found) < places:
        raise ReplyError("upstream", "a value lies outside of the sizes that the answer states")
    return found


def _number(value: Any) -> float | None:
    """A number, or one that was written as text; marks of what is missing are null."""
    if isinstance(value, bool):
        raise ValueError("a flag where a number was due")
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return None if value is None or not math.isfinite(value) else float(value)
