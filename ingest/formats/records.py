"""JSON arrays of objects as columns, without a Python object per row where that can be had.

It reads what it is told to read and ignores the rest; order of fields and layout do not matter.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

Fields = Mapping[str, tuple[str, ...]]
JOIN = re.compile(rb"}\s*,\s*{")


def from_bytes(array: bytes, fields: Fields, *, numbers: tuple[str, ...] = ()) -> pl.DataFrame:
    """Rows of the text inside the brackets of a JSON array; `fields` gives a path per column.

    Columns are text, except `numbers`; an object that lacks a field has null there.
    """
    lines = _lines(array)
    if lines is None:
        return pl.DataFrame(schema={n: pl.Float64 if n in numbers else pl.String for n in fields})
    for chosen in dict.fromkeys((numbers, ())):
        frame = from_lines(lines, fields, numbers=chosen)
        if frame is not None:
            return _typed(frame, numbers)
    return from_rows(json.loads(b"[" + array + b"]"), fields, numbers=numbers)


def from_rows(rows: Any, fields: Fields, *, numbers: tuple[str, ...] = ()) -> pl.DataFrame:
    """The same from objects that were decoded already."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("expected a list of objects")
    columns = {
        name: pl.Series(name, list(_column(rows, path)), dtype=pl.String)
        for name, path in fields.items()
    }
    return _typed(pl.DataFrame(columns), numbers)


def _column(rows: list[Any], path: tuple[str, ...]) -> Iterable[str | None]:
    for row in rows:
        value = row
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        yield _word(value)


def _word(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _typed(frame: pl.DataFrame, numbers: tuple[str, ...]) -> pl.DataFrame:
    texts = [name for name in numbers if frame.schema[name] == pl.String]
    return frame.with_columns(number(name) for name in texts)


def number(name: str) -> pl.Expr:
    """Text as a number: every way to say `nothing` (`.`, `..`, `NaN`, `null`, `NA`, -) is null."""
    value = pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value).alias(name)


def _lines(array: bytes) -> bytes | None:
    """A newline between objects makes the text readable in one sweep; None for no text.

    Raw newlines never stand inside a JSON string, so they may be taken out first. Should a string
    or a nested list hold what looks like a joint, the cut line is no JSON, and the caller takes
    the slow road.
    """
    if not array.strip():
        return None
    flat = array.translate(None, b"\r\n") if b"\n" in array else array
    joint = JOIN.search(flat)
    return flat.replace(joint.group(), b"}\n{") if joint else flat


def from_lines(
    lines: bytes, fields: Fields, *, numbers: tuple[str, ...] = ()
) -> pl.DataFrame | None:
    """Columns of one JSON object per line; None when a line is anything else."""
    schema: dict[str, pl.DataType] = {}
    for name, path in fields.items():
        kind: pl.DataType = pl.Float64() if name in numbers else pl.String()
        if len(path) == 1:
            schema[path[0]] = kind
        else:
            before = schema.get(path[0])
            inner = list(before.fields) if isinstance(before, pl.Struct) else []
            schema[path[0]] = pl.Struct([*inner, pl.Field(path[1], kind)])
    try:
        frame = pl.read_ndjson(io.BytesIO(lines), schema=schema)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != lines.count(b"\n") + 1:
        return None
    return frame.select(_expression(path).alias(name) for name, path in fields.items())


def _expression(path: tuple[str, ...]) -> pl.Expr:
    first = pl.col(path[0])
    return first if len(path) == 1 else first.struct.field(path[1])


def split(body: bytes, name: str) -> tuple[bytes, bytes]:
    """An envelope with its list `name` emptied, and the text inside that list.

    For lists of flat objects only: the list ends at the first closing bracket.
    """
    found = re.search(rb'"' + name.encode() + rb'"\s*:\s*\[', body)
    if not found:
        return body, b""
    end = body.find(b"]", found.end())
    if end < 0:
        return body, b""
    return body[: found.end()] + body[end:], body[found.end() : end]
