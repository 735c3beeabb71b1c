"""Tab-separated tables of the SEC's data sets, whole or a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import polars as pl

from ingest.jobs import ReplyError

PIECE = 1 << 24


def columns_of(text: bytes, columns: dict[str, str]) -> pl.DataFrame:
    """Those columns of a tab-separated text under our names; a blank is a null."""
    head = text.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r").split("\t")
    lacking = sorted(set(columns) - set(head))
    if lacking:
        raise ReplyError("upstream", f"the table has no column {', '.join(lacking)}")
    frame = pl.read_csv(
        text.removeprefix(b"\xef\xbb\xbf"),
        separator="\t",
        columns=list(columns),
        quote_char=None,
        infer_schema=False,
        truncate_ragged_lines=False,
        encoding="utf8-lossy",
    ).rename(columns)
    blank = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(pl.when(blank != "").then(blank).name.keep())


def pieces(table: IO[bytes]) -> Iterator[bytes]:
    """Whole lines, a piece at a time, each under the first line of the table."""
    head, rest = table.readline(), b""
    while block := table.read(PIECE):
        whole, newline, left = (rest + block).rpartition(b"\n")
        if newline:
            yield head + whole + newline
        rest = left
    if rest:
        yield head + rest
