"""Change points as a table: in hindsight, and as they could be told."""

from __future__ import annotations

import polars as pl

from data.query import Answer
from pages.frame.run import current
from pages.frame.tables import Column, table

SHOWN = 12


def breaks_table(answer: Answer) -> str:
    """The newest ones, with the means on both sides."""
    frame = answer.frame.sort("end", "seen", descending=[True, False]).head(SHOWN)
    rows = frame.with_columns(pl.col("end").dt.strftime("%b %Y").alias("month"))
    columns = (
        *((Column("input", "of"),) if "input" in rows.columns else ()),
        Column("month", "from"),
        Column("seen", "seen"),
        Column("known_at", "known", "instant"),
        Column("before", "mean before", "number"),
        Column("after", "after", "number"),
        Column("observations", "n after", "count", hint="live: those that told it"),
    )
    return table(rows, columns, caption="Change points", zone=current().view.zone)
