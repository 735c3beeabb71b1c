"""Data: every dataset of the lake, its range and its freshness.

The first table shows each dataset **as known at the clock**: rows, range, newest row, and when the
next row is expected at the latest. That is a day after the longest gap of the last 400 days (800
for annual data).

Versions, files, bytes and runs are **facts of the disk**. They belong to the present and are shown
at Now only.

**Data arrivals** counts the rows that were published in each month.

Choose a dataset, and a symbol, series or country if you like, to see its newest rows.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from analytics.core import coverage
from data.datasets import DATASETS
from data.query import Answer
from pages.frame import charts
from pages.frame.errors import Trouble
from pages.frame.freshness import known
from pages.frame.links import choice, follow, tell_url
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.frame.view import age
from pages.lake import disk, runs

DRAWN = ("prices", "macro")
KNOWN_COLUMNS = (
    Column("dataset", "dataset", "id"),
    Column("status", "freshness", "status"),
    Column("rows", "rows", "count"),
    Column("low", "from", "day"),
    Column("high", "to", "day"),
    Column("newest", "newest row", "instant"),
    Column("age", "age", hint="of the newest row, at the clock"),
    Column("expected_by", "next expected by", "instant"),
)
GRADE_COLUMNS = (
    Column("source", "source", "id"),
    Column("vintage_grade", "grade", hint="how well the publication time is known"),
    Column("rows", "rows", "count", total=True),
    Column("last_known", "newest", "instant"),
)
ACTIVITY = Panel("Data arrivals", "rows per dataset and month", ("prices",), keeps=True)
EVERY = Panel("Datasets", "as known at the clock", (), draws_empty=True)


def _every(answer: Answer) -> Drawn:
    at = current().view.as_of
    ages = {name: age(when, at) for name, when in answer.frame.select("dataset", "newest").rows()}
    shown = (
        pl.DataFrame({"dataset": list(DATASETS)})
        .join(answer.frame, on="dataset", how="left", maintain_order="left")
        .with_columns(
            age=pl.Series([ages.get(name) for name in DATASETS], dtype=pl.String),
            status=pl.when(pl.col("dataset").is_in(list(current().at.closed)))
            .then(pl.lit("unreadable"))
            .when(pl.col("rows").is_null())
            .then(pl.lit("empty"))
            .when(pl.col("expected_by") < at)
            .then(pl.lit("late"))
            .when(pl.col("expected_by").is_null())
            .then(pl.lit("no schedule"))
            .otherwise(pl.lit("fresh")),
        )
    )
    frame = disk.facts()
    if frame is None:
        return table(shown, KNOWN_COLUMNS, caption=EVERY.title, zone=current().view.zone)
    both = shown.join(frame, on="dataset", how="left", maintain_order="left")
    columns = (*KNOWN_COLUMNS, *disk.COLUMNS)
    return table(both, columns, caption=EVERY.title, zone=current().view.zone)


def lake_facts() -> None:
    """The strip of single numbers under the title."""
    run = current()
    try:
        found = known(run)
    except Exception:  # noqa: BLE001 - the frame has said why, above
        return
    if not found.lines:
        return
    late = len(found.late(run.view.as_of))
    names = {
        "instruments": "Instruments",
        "series": "Series",
        "prices": "Daily bars",
        "macro": "Macro values",
        "events": "Events",
    }
    strip = [
        ("Rows", f"{found.rows():,}", ""),
        ("Newest row", age(found.newest(), run.view.as_of), "before the clock"),
        ("Datasets", f"{len(found.lines)}", f"{late} late" if late else "none late"),
        *(
            (label, f"{found.rows(name):,}", "")
            for name, label in names.items()
            if found.rows(name)
        ),
    ]
    st.html(facts(strip))


def _activity(answer: Answer) -> Drawn:
    order = sorted(answer.frame["dataset"].unique().to_list())
    return charts.activity(answer.frame, palette(current().theme), order)


def _pick() -> tuple[str, str]:
    left, right = st.columns((1, 2), gap="small")
    with left:
        dataset, problem = choice("dataset", "data_dataset", list(DATASETS), "prices")
        st.selectbox(
            "Dataset",
            list(DATASETS),
            key="data_dataset",
            on_change=tell_url,
            args=("dataset", "data_dataset"),
        )
    with right:
        wanted = follow("id", "data_id")
        st.text_input(
            f"Only this {coverage.subject(DATASETS[dataset])}",
            key="data_id",
            on_change=tell_url,
            args=("id", "data_id"),
            placeholder="all; Ctrl/⌘ K finds ids by name",
        )
    if problem:
        say(Trouble(problem, "Choose one of the list."), "partial")
    if "dataset" in st.query_params:
        name_tab(dataset)
    st.html(f'<div class="b-note">{dataset}: {coverage.about(dataset)}</div>')
    return dataset, wanted.strip()


def _rows(answer: Answer) -> None:
    kinds = answer.frame.schema.items()
    formats = {
        **{c: st.column_config.DateColumn(format="YYYY-MM-DD") for c, k in kinds if k == pl.Date},
        **{
            c: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC")
            for c, k in kinds
            if isinstance(k, pl.Datetime)
        },
    }
    # An Arrow table is passed on as it is; everything else takes the way through pandas.
    rows = answer.frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    st.dataframe(
        rows,
        key="data_rows",
        hide_index=True,
        height=330,
        row_height=26,
        column_config=formats,
        alt="newest rows of the dataset",
    )


def _history(answer: Answer) -> Drawn:
    unit = answer.frame["unit"][-1]
    return charts.line(answer.frame, palette(current().theme), unit=unit or "")


def _grades(answer: Answer) -> Drawn:
    return table(answer.frame, GRADE_COLUMNS, caption="Grades", zone=current().view.zone)


lake_facts()
EVERY.show(coverage.lake_coverage, _every)
disk.note()
dataset, wanted = _pick()
subject = coverage.subject(DATASETS[dataset])
unknown = (
    f"No {subject} {wanted[:60]!r} is known in {dataset} at this clock; Ctrl/⌘ K finds names."
    if wanted
    else "No row."
)
if wanted and dataset in DRAWN:
    Panel(f"History of {wanted[:60]}", "as known at the clock", (dataset,), unknown).show(
        coverage.dataset_history, _history, dataset=dataset, wanted=wanted
    )
left, right = st.columns((13, 7), gap="small")
with left:
    Panel("Newest rows", "at most 200, times in UTC", (dataset,), unknown).show(
        coverage.latest_rows, _rows, dataset=dataset, wanted=wanted, top=200
    )
with right:
    Panel("Sources", "by source and grade", (dataset,)).show(
        coverage.grades, _grades, dataset=dataset
    )
    disk.partitions(dataset)
ACTIVITY.show(coverage.lake_months, _activity, months=24)
runs.last_runs()
