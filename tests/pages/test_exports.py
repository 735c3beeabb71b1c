"""What an analyst takes away says what it is, and no cell of it runs in a spreadsheet."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as some

from pages.frame import exports

ABOUT = {"notice": exports.DEMO_NOTICE, "title": "Largest moves", "as_of": "2020-03-16T14:30:00Z"}


def back(content: bytes) -> pl.DataFrame:
    return pl.read_csv(io.BytesIO(content), comment_prefix="# ", infer_schema=False)


@pytest.mark.parametrize(
    "cell", ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1"]
)
def test_formulas_become_text(cell: str) -> None:
    frame = pl.DataFrame({"=name": [cell], "tags": [[cell, "b"]]})
    cells = back(exports.to_csv(frame, ABOUT))
    assert cells.columns == ["'=name", "tags"]
    assert all(value.startswith("'") for value in cells.row(0))


@given(some.text(max_size=20))
def test_no_text_cell_starts_a_formula(cell: str) -> None:
    import csv

    content = exports.to_csv(pl.DataFrame({"a": [cell]}), {}).decode()
    rows = list(csv.reader(io.StringIO(content, newline="")))
    value = rows[1][0] if len(rows) > 1 and rows[1] else ""
    assert value.strip()[:1] not in ("=", "+", "-", "@")


def test_numbers_keep_their_sign_and_nulls_stay_empty() -> None:
    frame = pl.DataFrame({"x": [-1.5, None, 0.0], "when": [datetime(2020, 1, 1, tzinfo=UTC)] * 3})
    cells = back(exports.to_csv(frame, ABOUT))
    assert cells["x"].to_list() == ["-1.5", None, "0.0"]
    assert cells["when"][0].startswith("2020-01-01T00:00:00")


def test_every_file_says_that_it_is_demo_data() -> None:
    frame = pl.DataFrame({"x": [1]})
    assert exports.DEMO_NOTICE in exports.to_csv(frame, ABOUT).decode()
    stored = pq.read_schema(io.BytesIO(exports.to_parquet(frame, ABOUT))).metadata
    assert stored[b"barograph.notice"].decode() == exports.DEMO_NOTICE
    assert exports.DEMO_NOTICE in json.loads(exports.to_json(ABOUT))["notice"]


def test_a_title_cannot_break_out_of_its_line() -> None:
    content = exports.to_csv(pl.DataFrame({"x": [1]}), {"title": "a\n=1+1\r\nb"}).decode()
    assert content.splitlines() == ["# title: a =1+1 b", "x", "1"]


def test_parquet_gives_the_same_frame() -> None:
    frame = pl.DataFrame({"x": [1.5, None], "s": ["=a", "b"], "l": [["a"], []]})
    assert pl.read_parquet(io.BytesIO(exports.to_parquet(frame, ABOUT))).equals(frame)


def test_file_names_are_plain() -> None:
    assert exports.file_name("demo What/../moved?", "20200316T1430Z", "csv") == (
        "demo-what-moved-20200316t1430z.csv"
    )
