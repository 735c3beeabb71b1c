"""How many rows of a dataset each source and grade has at any minute, counted once per version of
it. What is seen and replaced in the same minutes is one line; the answer is that of the query.

A dataset to which rows are added all the time has another version too soon, so it is asked.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from analytics.core.coverage_steps import MINUTE, SEEN, is_in_steps
from analytics.core.known_history import microseconds
from data.clock import LAST
from data.contracts import Dataset
from data.kept_results import KeptResults
from data.query import Answer, At, QueryRun

MOST_MB = 24
GRADES = (
    "SELECT source, vintage_grade, count(*) AS rows, min(known_at) AS first_known, "
    "max(known_at) AS last_known FROM {name} GROUP BY ALL ORDER BY ALL"
)
SPANS = (
    "SELECT source, vintage_grade, {seen} AS moment, {ended} AS until, count(*) AS rows, "
    "min(known_at) AS first_known, max(known_at) AS last_known FROM {rows} "
    "GROUP BY ALL ORDER BY ALL"
)
KEYS = ["source", "vintage_grade"]
STEPS: KeptResults[pl.DataFrame] = KeptResults(
    MOST_MB << 20, is_whole=lambda _: True, weight=lambda frame: int(frame.estimated_size())
)


def grades_by_steps(at: At, dataset: Dataset) -> Answer | None:
    """Rows by source and grade at a clock; none where only the lake can say it."""
    name = dataset.name
    if dataset.appended or name in at.closed or not is_in_steps(at, [name]):
        return None
    moment, ends = microseconds(at.as_of), pl.col("until")
    frame = (
        _steps_of(at, dataset)
        .filter(pl.col("moment") <= moment, ends.is_null() | (ends > moment))
        .group_by(KEYS)
        .agg(pl.col("rows").sum(), pl.col("first_known").min(), pl.col("last_known").max())
        .with_columns(pl.col(KEYS).cast(pl.String))
        .sort(KEYS, nulls_last=True)
    )
    return Answer(frame, (QueryRun(GRADES.format(name=name), {}, frozenset({name}), at, frame),))


def _steps_of(at: At, dataset: Dataset) -> pl.DataFrame:
    """The spans of the version that a handle reads."""
    late = replace(at, as_of=LAST)
    rows = SEEN.format(name=dataset.name, day="known_at")
    text = SPANS.format(
        rows=rows, seen=MINUTE.format("seen_at"), ended=MINUTE.format("superseded_at")
    )

    def read() -> pl.DataFrame:
        return late.sql(text).frame.with_columns(pl.col(KEYS).cast(pl.Categorical)).rechunk()

    return STEPS.of(late.identity([dataset.name]), read)
