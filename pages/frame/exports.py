"""Files an analyst takes away: CSV, Parquet and receipts; each says its clock and its workspace.

A cell that a spreadsheet would run as a formula leaves as text.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

DEMO_NOTICE = "DEMO DATA: every number in this file is invented"
DANGEROUS = r"^[\s]*[=+\-@\t\r\n|%]"


def to_csv(frame: pl.DataFrame, about: Mapping[str, str]) -> bytes:
    """UTF-8 with a few leading `#` lines that say what it is; nulls are empty, never zero."""
    flat = frame.with_columns(_flat(name, kind) for name, kind in frame.schema.items())
    flat.columns = [_harmless(name) for name in flat.columns]
    head = "".join(f"# {key}: {_one_line(value)}\n" for key, value in about.items())
    out = io.BytesIO()
    flat.write_csv(out, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")
    return head.encode() + out.getvalue()


def to_parquet(frame: pl.DataFrame, about: Mapping[str, str]) -> bytes:
    """The frame as it is; what it is goes into the file's own key-value metadata."""
    table = frame.to_arrow()
    told = {f"barograph.{key}": value for key, value in about.items()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **told})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def to_json(receipt: Mapping[str, object]) -> bytes:
    """A receipt for people and programs."""
    return json.dumps(receipt, indent=2, default=str, ensure_ascii=False).encode()


def file_name(title: str, clock: str, suffix: str) -> str:
    """A name that every file system takes: title, clock, suffix."""
    stem = re.sub(r"[^a-z0-9]+", "-", f"{title} {clock}".lower()).strip("-")
    return f"{stem}.{suffix}"


def _flat(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.List | pl.Array):
        column = column.cast(pl.List(pl.String)).list.join("|")
    elif kind not in (pl.String, pl.Categorical):
        return column
    text = column.cast(pl.String)
    return pl.when(text.str.contains(DANGEROUS)).then("'" + text).otherwise(text).alias(name)


def _harmless(name: str) -> str:
    return "'" + name if re.match(DANGEROUS, name) else name


def _one_line(text: str) -> str:
    return " ".join(text.split())
