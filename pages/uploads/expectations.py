"""Bringing expectations: a file or a paste, a dry run, and the wish that it is taken in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
import streamlit as st

from analytics.macro.agenda import release_periods
from data.errors import WorkstationError
from data.state import requests
from data.state.values import Edit
from data.uploads import expected
from data.uploads.check import Reading, marks_of
from data.uploads.columns import guess
from data.uploads.dates import Order, order_of
from data.uploads.expected import ExpectationReading, Expected, Slot
from data.uploads.inbox import leave
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.resources import now
from pages.frame.run import current
from pages.uploads import upload_form

PAGE = "expectations"
JOB = "house.expectations"
ASKER = "page"
LEFT = "expectations_left"
ABOUT = (
    "No open source has the consensus. A row names the id of a series and a period of its "
    "calendar; `known` says when it was expected, now where it is left out."
)
EXAMPLE = "series,period,consensus,known\ndemo:CPIYOY:USA,2026-11,2.4,2026-11-30 12:00"


def bring_expectations() -> None:
    """The way from a file to the lake, at the present only."""
    run = current()
    if not run.view.is_now or isinstance(run.lake, Exception):
        return
    with st.expander("Import expectations (a column of series, period and consensus each)"):
        st.caption(ABOUT)
        if left := st.session_state.pop(LEFT, None):
            say(*left)
        upload = upload_form.bring(PAGE, EXAMPLE)
        if upload is None:
            return
        try:
            verdicts = _verdicts(upload)
        except WorkstationError as error:
            say(explain(error, "expectations"), "error")
            return
        tally = Counter(verdict.status for verdict in verdicts)
        upload_form.report(verdicts, tally)
        upload_form.download_verdicts(PAGE, upload, verdicts)
        if tally["accepted"]:
            st.button(
                f"Hand {tally['accepted']:,} to the scheduler",
                type="primary",
                key="expectations_keep",
                on_click=keep,
                args=(verdicts,),
            )


def _verdicts(upload: upload_form.Upload) -> list[Expected]:
    """What becomes of each row, by the calendar at the clock."""
    table, run = upload.table, current()
    columns = guess(table, expected.ROLES)
    reading = Reading(columns, marks_of(table, columns, expected.NUMERIC))
    named = expected.series_named(table, reading)
    frame = cached(release_periods, run.at, series=named).frame
    calendar: dict[str, dict[date, Slot]] = {}
    for row in frame.iter_rows(named=True):
        slots = calendar.setdefault(row["series_id"], {})
        slots[row["period"]] = Slot(row["unit"], row["released_at"])
    order: Order = order_of(table.column(columns["known"])) if "known" in columns else ""
    return expected.check(table, ExpectationReading(reading, calendar, order, now()))


def keep(verdicts: Sequence[Expected]) -> None:
    """Leave the accepted rows where the scheduler finds them, and ask for its job."""
    run = current()
    rows = [_row(verdict, demo=run.demo) for verdict in verdicts if verdict.status == "accepted"]
    try:
        leave(run.settings, "expectations", pl.DataFrame(rows))
        if run.services.state is not None:
            requests.ask(run.services.state, JOB, {}, edit=Edit(ASKER, now()))
    except (WorkstationError, OSError) as error:
        st.session_state[LEFT] = explain(error, "expectations"), "error"
        return
    upload_form.done(PAGE)
    handed = f"{len(rows):,} expectations were handed to the scheduler."
    st.session_state[LEFT] = Trouble(handed, "They count once it has taken them in."), "quiet"


def _row(verdict: Expected, *, demo: bool) -> Mapping[str, object]:
    return {
        "series_id": verdict.series_id,
        "period": verdict.period,
        "expected": verdict.value,
        "unit": verdict.unit,
        "known_at": verdict.known_at,
        "vintage_grade": "lagged",
        "source": "demo" if demo else "upload",
    }
