"""The last runs of the jobs, as they stood at the clock; facts of the state, not of the lake."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data.errors import WorkstationError
from data.state import runs
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.run import current
from pages.frame.tables import Column, table

SHOWN = 12
COLUMNS = (
    Column("job", "job", "id"),
    Column("status", "status"),
    Column("due_at", "due", "instant"),
    Column("ended_at", "ended", "instant"),
    Column("rows", "rows added", "count"),
    Column("vintages", "vintages", "count"),
    Column("message", "message", "wide"),
)
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "job": pl.String,
    "status": pl.String,
    "due_at": pl.Datetime("us", "UTC"),
    "ended_at": pl.Datetime("us", "UTC"),
    "rows": pl.Int64,
    "vintages": pl.Int64,
    "message": pl.String,
}
NONE = Trouble("No run was planned by this clock.", "`python -m scripts.scheduler` runs the jobs.")


def last_runs() -> None:
    """A line per run, the latest due first."""
    run = current()
    with st.container(border=True, key="panel-runs"):
        st.html(
            '<div class="b-head"><h3>Last runs</h3><span class="b-unit">as they stood at the '
            "clock</span></div>"
        )
        if run.services.state is None:
            st.html('<div class="b-note">The state cannot be used; the reason is above.</div>')
            return
        try:
            held = runs.recent(run.services.state, as_of=run.view.as_of, limit=SHOWN)
        except WorkstationError as error:
            say(explain(error, "runs"), "error")
            return
        if not held:
            say(NONE, "empty")
            return
        lines = [
            {
                "job": item.job,
                "status": item.outcome.status,
                "due_at": item.due_at,
                "ended_at": item.ended_at,
                "rows": item.outcome.rows_added,
                "vintages": item.outcome.vintages_added,
                "message": item.outcome.message,
            }
            for item in held
        ]
        frame = pl.DataFrame(lines, schema=SCHEMA)
        st.html(table(frame, COLUMNS, caption="Last runs", zone=run.view.zone))
