"""The tables of Jobs that follow the state: what runs, the timetable, sources, budgets, rejects.

They read and never write; at Now they are drawn again every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from data.state.db import State
from pages.frame.errors import Trouble
from pages.frame.panel import say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import box, note, panel
from pages.frame.tables import Column, table
from pages.lake import job_rows, rejects
from pages.lake.job_rows import Board, Clock

PRESENT = "Budgets are facts of the present; press Now to see them."

WORK = (
    Column("job", "job", "key"),
    Column("why", "why", hint="what it runs for: the timetable, a release, a wish"),
    Column("took", "seconds", "number", digits=0),
    Column("calls", "calls", "count"),
    Column("megabytes", "MB", "number", digits=1),
    Column("rows", "rows", "count", hint="added to the lake so far"),
    Column("message", "message", "wide"),
)
WISHES = (
    Column("job", "asked for", "key"),
    Column("asked_at", "at", "clock"),
    Column("status", "status", "status"),
    Column("took", "seconds", "number", digits=1, hint="from the wish to its end"),
    Column("message", "message", "wide"),
)
TIMETABLE = (
    Column("job", "job", "key"),
    Column("cadence", "cadence", "wide"),
    Column("status", "last run", "status"),
    Column("when", "when"),
    Column("due", "next due", "instant"),
    Column("in", ""),
    Column("message", "message", "wide", hint="of the last run"),
)
SOURCES = (
    Column("source", "source", "key"),
    Column("status", "status", "status"),
    Column("good", "last good run"),
    Column("key", "key"),
    Column("breaker", "breaker", hint="open: left alone after too many bad replies"),
    Column("calls", "last calls"),
    Column("words", "why, or what it gives", "wide"),
)
BUDGETS = (
    Column("source", "source", "key"),
    Column("quota", "quota"),
    Column("gauge", "used", "gauge", hint="full: used; faint: still planned"),
    Column("used", "so far", "count"),
    Column("ahead", "projected", "count", hint="used, and what the timetable still asks"),
    Column("open", "open to jobs", "count", hint="the quota less what is kept for people"),
    Column(
        "room", "more instruments", "count", hint="that would fit; a dash where none are asked for"
    ),
    Column("verdict", "", "status"),
    Column("plan", "plan"),
    Column("price", "USD a month", "number", digits=0),
    Column("read", "terms read", hint="day on which the figure was looked up"),
)
REJECTS = (
    Column("source", "source", "key"),
    Column("at", "when", "instant"),
    Column("problem", "problem"),
    Column("status", "HTTP"),
    Column("reason", "reason", "wide"),
    Column("file", "note", "wide", hint="below the rejects folder of the workspace"),
)


def clock() -> Clock:
    """At Now the instant itself: a fragment that runs on must not read at an old minute."""
    view = current().view
    return Clock(now() if view.is_now else view.as_of, view.is_now)


def following(draw: Callable[[], None], seconds: int) -> None:
    """Draw it, and at Now again every few seconds."""
    every = seconds if current().view.is_now else None
    st.fragment(draw, run_every=every)()


def start_words() -> str:
    """The command that starts the scheduler here."""
    return f"`python -m scripts.scheduler --workspace {current().settings.workspace}` starts it."


def under_way() -> None:
    """What runs, and what was asked for."""
    box("Running", "now" if clock().is_now else "at the clock", _under_way)


def _under_way(state: State) -> None:
    at = clock()
    if at.is_now and not job_rows.is_scheduled(state, at.at):
        say(Trouble("No scheduler is at work.", start_words()), "partial")
    busy = job_rows.under_way(state, at)
    zone = current().view.zone
    if busy:
        st.html(table(busy, WORK, caption="Running", zone=zone))
    else:
        note("Nothing runs." if at.is_now else "Nothing ran at that instant.")
    if wishes := job_rows.wish_rows(state, at):
        st.html(table(wishes, WISHES, caption="Asked for", zone=zone))
    else:
        note("Nothing was asked for in the day before the clock.")


def timetable() -> None:
    """Every job: how it fared and when it is due."""
    box("Timetable", "last and next runs", _timetable)


def _timetable(state: State) -> None:
    at = clock()
    board = job_rows.read(state, at)
    if not posted(board):
        return
    columns = TIMETABLE if at.is_now else [c for c in TIMETABLE if c.name not in ("due", "in")]
    rows = job_rows.job_rows(board, at)
    st.html(table(rows, columns, caption="Timetable", zone=current().view.zone))


def posted(board: Board) -> bool:
    """Whether a scheduler has posted its timetable; says so where none has."""
    if board.posted is not None:
        return True
    if clock().is_now:
        say(Trouble("The scheduler has not run yet in this workspace.", start_words()), "empty")
    else:
        say(Trouble("No scheduler had run by this clock.", "Step forward, or press Now."), "empty")
    return False


def sources() -> None:
    """How each source fares, and what those that are off would need."""
    box("Sources", "keys, breakers, last good runs", _sources)


def _sources(state: State) -> None:
    at = clock()
    board = job_rows.read(state, at)
    if not posted(board):
        return
    hidden = () if at.is_now else ("breaker", "calls")
    columns = [column for column in SOURCES if column.name not in hidden]
    st.html(table(job_rows.source_rows(board, at), columns, caption="Sources"))


def allowances() -> None:
    """What the quotas of this day and month have left."""
    box("Budgets", "of the provider's present day or month", _budgets)


def _budgets(state: State) -> None:
    at = clock()
    board = job_rows.read(state, at)
    if not at.is_now:
        note(PRESENT)
        return
    if not posted(board) or board.posted is None:
        return
    rows = job_rows.quota_rows(board, at)
    if rows:
        st.html(table(rows, BUDGETS, caption="Budgets"))
    else:
        note("No source here has a quota of a day or a month; shorter ones are kept by waiting.")
    for words in (board.posted.table.money, board.posted.table.verdict):
        if words:
            note(words)


def refused() -> None:
    """Replies that could not be used."""
    unit = f"the newest {rejects.SHOWN}; of each source the last thousand are kept"
    with panel("Rejects", unit):
        rows = rejects.listed(current().settings.rejects, at=clock().at)
        if rows:
            st.html(table(rows, REJECTS, caption="Rejects", zone=current().view.zone))
        else:
            note("No reply was refused.")
