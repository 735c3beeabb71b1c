"""Observations of SDMX-JSON read from its bytes: no Python object per observation.

A message holds few series of many observations, `"12":["3.1",null,0]` each. They are cut out
before the rest is decoded and read as lines that end in `]`. Where a message is written another
way, its observations are decoded like the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ingest.formats.body import decoded
from ingest.jobs import Reply

OBSERVATIONS = re.compile(rb'"observations":\{([^{}]+)\}')
START = '":['


def document(reply: Reply, body: bytes) -> Any:
    """The decoded message, in which observations of a series are still bytes where they can be."""
    pieces: list[bytes] = []

    def cut(found: re.Match[bytes]) -> bytes:
        pieces.append(found[1])
        return b'"observations":%d' % (len(pieces) - 1)

    rest = OBSERVATIONS.sub(cut, body)
    if not pieces or b"\\" in body:
        return decoded(reply, body)
    try:
        found = json.loads(rest)
        _put_back(found, pieces)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return decoded(reply, body)
    return found


def _put_back(found: Mapping[str, Any], pieces: list[bytes]) -> None:
    for dataset in found.get("data", found)["dataSets"]:
        for one in (dataset, *(dataset.get("series") or {}).values()):
            if "observations" in one:
                one["observations"] = pieces[one["observations"]]


def observed(
    held: Sequence[bytes | Mapping[str, Any]], slots: int
) -> tuple[list[int], pl.DataFrame]:
    """How many observations each series has, and all of them: `key`, then slots as JSON text."""
    pieces = [one for one in held if isinstance(one, bytes)]
    if len(pieces) == len(held) and pieces:
        found = _swept(pieces, slots)
        if found is not None:
            return [piece.count(b"]") for piece in pieces], found
    whole = [json.loads(b"{%s}" % one) if isinstance(one, bytes) else one for one in held]
    return [len(one) for one in whole], _walked(whole, slots)


def _swept(pieces: list[bytes], slots: int) -> pl.DataFrame | None:
    """None where a line is not as expected, so that nothing is read askew."""
    names = [str(slot) for slot in range(slots)]
    try:
        frame = pl.read_csv(
            b"".join(b",%s" % piece for piece in pieces)[:-1],
            has_header=False,
            separator=",",
            quote_char=None,
            eol_char="]",
            schema=dict.fromkeys(("before", *names), pl.String),
        )
    except pl.exceptions.PolarsError:
        return None
    head = frame["0"].str.splitn(START, 2).struct.unnest()
    key = head["field_0"].str.strip_prefix('"')
    frame = frame.select(
        key.alias("key"), *(_cell(head["field_1"] if n == "0" else frame[n], n) for n in names)
    )
    is_whole = frame.select(
        pl.col("key").str.contains(r"^\d[\d:]*$").all(),
        *(_is_whole(name) for name in names),
    )
    return frame if all(is_whole.row(0)) else None


def _cell(cells: pl.Series, name: str) -> pl.Series:
    return cells.replace(["", "null"], [None, None]).alias(name)


def _is_whole(name: str) -> pl.Expr:
    """A text that held a comma would have lost its other half: no mark, or one at each end."""
    cell = pl.col(name)
    return (cell.str.starts_with('"') == cell.str.ends_with('"')).all()


def _walked(held: Sequence[Mapping[str, Any]], slots: int) -> pl.DataFrame:
    keys = [key for one in held for key in one]
    cells = [cell for one in held for cell in one.values()]
    columns = {
        str(slot): [_written(cell[slot]) if len(cell) > slot else None for cell in cells]
        for slot in range(slots)
    }
    return pl.DataFrame(
        {"key": keys, **columns}, schema_overrides=dict.fromkeys(columns, pl.String)
    )


def _written(value: Any) -> str | None:
    if isinstance(value, str):
        return f'"{value}"'
    return None if value is None else str(value)
