"""Data: every dataset of the lake, how far it reaches and how fresh it is.

The first table shows each dataset **as known at the clock**: rows, range, newest row, and when
the next is expected from its own rhythm (the 90 % quantile of its gaps, with half as much again).

Files, bytes, versions and runs are **facts of the disk**: they belong to the present, so they
are shown at Now only.

Choose a dataset, and a symbol, series or country if you like, to see its newest rows.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from analytics import coverage
from data.datasets import DATASETS
from data.query import Answer
from pages.frame import charts, disk
from pages.frame.errors import Trouble
from pages.frame.links import choice, follow, tell_url
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.frame.theme import palette
from pages.frame.view import age

DRAWN = ("prices", "macro")
DATASET_COLUMNS = (
    Column("dataset", "dataset", "id"),
    Column("rows", "rows known", "count"),
    Column("low", "from", "day"),
    Column("high", "to", "day"),
    Column("newest", "newest row", "instant"),
    Column("age", "age", "text"),
    Column("expected_by", "next expected by", "instant"),
    Column("status", "freshness", "text"),
    Column("about", "what a row is", "wide"),
)
GRADE_COLUMNS = (
    Column("source", "source", "id"),
    Column("vintage_grade", "grade", hint="how well the publication time is known"),
    Column("rows", "rows", "count"),
    Column("first_known", "first known", "instant"),
    Column("last_known", "last known", "instant"),
)
EVERY = Panel("Datasets", "as known at the clock", ())


def _every(answer: Answer) -> Drawn:
    at = current().view.as_of
    every = pl.DataFrame({"dataset": list(DATASETS), "about": [d.about for d in DATASETS.values()]})
    late = pl.col("expected_by") < at
    shown = every.join(answer.frame, on="dataset", how="left", maintain_order="left").with_columns(
        age=pl.col("newest").map_elements(lambda newest: age(newest, at), return_dtype=pl.String),
        status=pl.when(pl.col("rows").is_null()).then(pl.lit("empty"))
        .when(late).then(pl.lit("LATE"))
        .when(pl.col("expected_by").is_null()).then(pl.lit("no rhythm yet"))
        .otherwise(pl.lit("fresh")),
    )  # fmt: skip
    return table(shown, DATASET_COLUMNS, caption=EVERY.title, zone=current().view.zone)


def _pick() -> tuple[str, str]:
    left, right = st.columns((1, 2), gap="small")
    with left:
        dataset, problem = choice("dataset", "data_dataset", list(DATASETS), "prices")
        st.selectbox("Dataset", list(DATASETS), key="data_dataset", on_change=tell_url,
                     args=("dataset", "data_dataset"))  # fmt: skip
    with right:
        wanted = follow("id", "data_id")
        st.text_input(f"Only this {coverage.subject(DATASETS[dataset])}", key="data_id",
                      on_change=tell_url, args=("id", "data_id"),
                      placeholder="all; Ctrl/⌘ K finds ids by name")  # fmt: skip
    if problem:
        say(Trouble(problem, "Choose one of the list."), "partial")
    return dataset, wanted.strip()


def _rows(answer: Answer) -> Drawn:
    st.dataframe(answer.frame, key="data_rows", hide_index=True, height=330, row_height=26,
                 alt="newest rows of the dataset")  # fmt: skip


def _history(answer: Answer) -> Drawn:
    unit = answer.frame["unit"][-1]
    return charts.line(answer.frame, palette(current().theme), unit=unit or "")


def _grades(answer: Answer) -> Drawn:
    return table(answer.frame, GRADE_COLUMNS, caption="Grades", zone=current().view.zone)


EVERY.show(coverage.lake_coverage, _every)
disk.table_of_files()
dataset, wanted = _pick()
subject = coverage.subject(DATASETS[dataset])
unknown = (
    f"No {subject} {wanted[:60]!r} is known in {dataset} at this clock; Ctrl/⌘ K finds names."
    if wanted
    else "No row."
)
if wanted and dataset in DRAWN:
    Panel(f"History of {wanted[:60]}", "as known at the clock", (dataset,), unknown).show(
        coverage.history, _history, dataset=dataset, wanted=wanted
    )
left, right = st.columns((7, 3), gap="small")
with left:
    Panel("Newest rows", f"{dataset}, at most 200", (dataset,), unknown).show(
        coverage.latest_rows, _rows, dataset=dataset, wanted=wanted, top=200
    )
with right:
    Panel("Where it comes from", f"{dataset}, by source and grade", (dataset,)).show(
        coverage.grades, _grades, dataset=dataset
    )
    disk.partitions(dataset)
