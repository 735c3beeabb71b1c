"""Jobs: what keeps the lake fresh, what runs now, and what failed and why.

**Running** and **Asked for** follow the scheduler every two seconds. Choose a job to read its
last message in full or to ask for a refresh. The page only records the request; the scheduler
carries it out.

**Sources** shows the status of each source. *Stale*: a quota is used up, and the last good data
stay. *Resting*: calls are paused after too many bad replies. *Needs a key*: the setting that is
missing is named.

In **Budgets** the full bar is what was used, the faint one what the timetable still needs until
the provider's day or month ends. Jobs stop a tenth before the limit; the rest is reserved for
requests by people.

A past clock shows timetable, runs and requests as they were. Next runs, pauses and quotas are
facts of the present and are left out, and nothing can be requested.
"""

from __future__ import annotations

from datetime import datetime
from html import escape

import polars as pl
import streamlit as st

from analytics.core import coverage
from data.errors import WorkstationError
from data.query import Answer
from data.state import requests, runs
from data.state.db import State
from data.state.values import Edit
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.links import choice, tell_url
from pages.frame.panel import Drawn, Panel, say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import box, note
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, facts, table
from pages.lake import job_rows, job_tables
from pages.lake.job_tables import clock, following

ALL = "all"
ASKER = "jobs page"
REFUSED, POSTED = "jobs_refused", "jobs_posted"
LIVE_S, SLOW_S = 2, 5
RUNS_SHOWN = 60
PAST = "A refresh belongs to the present; press Now to ask for one."

RUNS = (
    Column("job", "job", "key"),
    Column("why", "why"),
    Column("status", "status", "status"),
    Column("due_at", "due", "instant"),
    Column("started_at", "started", "clock"),
    Column("took", "seconds", "number", digits=1),
    Column("calls", "calls", "count"),
    Column("rows", "rows", "count"),
    Column("vintages", "vintages", "count"),
    Column("message", "message", "wide"),
)
FED = Panel("Datasets and their jobs", "as known at the clock", (), "No dataset has rows.")
FED_COLUMNS = (
    Column("dataset", "dataset", "id"),
    Column("status", "freshness", "status"),
    Column("newest", "newest row", "instant"),
    Column("expected_by", "next expected by", "instant"),
    Column("fed", "fed by", "wide"),
)


def one_job(state: State) -> None:
    """Choose a job, ask for it, read about it."""
    names = sorted(job.line.name for job in job_rows.read(state, clock()).jobs)
    job, problem = choice("job", "jobs_job", [ALL, *names], ALL)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Job", [ALL, *names], key="jobs_job", on_change=tell_url, args=("job", "jobs_job", ALL)
        )
        if clock().is_now:
            st.button(
                "Refresh now",
                key="jobs_refresh",
                icon=":material/refresh:",
                on_click=ask,
                args=(job,),
                disabled=job == ALL,
                help="The scheduler takes it up within two seconds",
            )
    if problem:
        say(Trouble(problem, "Choose one of the list."), "partial")
    if job != ALL:
        name_tab(job)
    if not clock().is_now:
        note(PAST)
    elif job == ALL:
        note("Choose a job to read about it and to ask for a refresh; its runs are listed below.")
    if job != ALL:
        following(lambda: card(job), SLOW_S)


def card(name: str) -> None:
    """What a job does, and the message of its last run in full."""
    job_state = next((job for job in look().jobs if job.line.name == name), None)
    if job_state is None:
        return
    line = job_state.line
    into = f" Fills {', '.join(line.datasets)}." if line.datasets else ""
    about = sentence(line.about)
    note(f"{about}{into} Runs {line.cadence}; priority {line.priority}.")
    if job_state.last is not None:
        done = job_state.last.outcome
        status, message = done.status.replace("_", " "), done.message or "no message"
        st.html(f'<div class="b-say empty">Last run {escape(status)}: {escape(message)}</div>')


def ask(job: str) -> None:
    """Write the wish down."""
    state = current().services.state
    if state is None:
        return
    try:
        requests.ask(state, job, {}, edit=Edit(ASKER, now()))
    except WorkstationError as error:
        st.session_state[REFUSED] = explain(error, "Refresh now")


def refusal() -> None:
    """Why the last wish could not be written down."""
    trouble = st.session_state.pop(REFUSED, None)
    if trouble is not None:
        say(trouble, "error")


def look() -> job_rows.Board:
    """The state, or nothing: panels of the state say why, others are without it."""
    state = current().services.state
    try:
        return job_rows.read(state, clock()) if state is not None else job_rows.Board(None)
    except WorkstationError as error:
        explain(error, "Jobs")
        return job_rows.Board(None)


def moment(board: job_rows.Board) -> datetime | None:
    """When the timetable was posted."""
    return board.posted.at if board.posted else None


def summary() -> None:
    """The strip of single numbers; a timetable that is new since the page was drawn redraws it."""
    board = look()
    if st.session_state.get(POSTED) != moment(board):
        st.rerun()
    if board.posted is None:
        return
    at = clock()
    sources = [row["status"] for row in job_rows.source_rows(board, at)]
    keyless, off = sources.count("needs a key"), sources.count("off")
    bad = [job.line.name for job in board.jobs if job_rows.is_bad(job)]
    due_at, due = min(
        ((job.due, job.line.name) for job in board.jobs if job.due), default=(None, "")
    )
    strip = [
        ("Jobs", f"{len(board.jobs)}", ""),
        *([("Next due", job_rows.ahead(due_at, at.at) or "", due)] if due_at else []),
        ("Failing", f"{len(bad)}", ", ".join(bad[:2]) + (" …" if len(bad) > 2 else "")),
        ("Active sources", f"{len(sources) - keyless - off}", f"of {len(sources)}"),
        ("Need a key", f"{keyless}", ""),
    ]
    st.html(facts(strip))


def history() -> None:
    """Runs by job and status."""
    job = st.session_state.get("jobs_job", ALL)
    of = "" if job == ALL else f"{job}, "
    box("Runs", f"{of}the latest due first, as they stood at the clock", _history)


def _history(state: State) -> None:
    job = st.session_state.get("jobs_job", ALL)
    words = [ALL, *runs.STATUSES]
    status, problem = choice("status", "jobs_status", words, ALL)
    st.pills(
        "Status",
        words,
        key="jobs_status",
        on_change=tell_url,
        required=True,
        args=("status", "jobs_status", ALL),
        label_visibility="collapsed",
        format_func=lambda word: word.replace("_", " "),
    )
    if problem:
        say(Trouble(problem, "Choose one of the list."), "partial")
    found = runs.search(
        state,
        as_of=clock().at,
        job=None if job == ALL else job,
        status=next((one for one in runs.STATUSES if one == status), None),
        limit=RUNS_SHOWN,
    )
    if not found:
        word = "" if (job, status) == (ALL, ALL) else " like that"
        step = "" if word else "A scheduler plans them."
        say(Trouble(f"No run{word} was planned by this clock.", step), "empty")
        return
    rows = [job_rows.run_row(run, clock().at) for run in found]
    st.html(table(rows, RUNS, caption="Runs", zone=current().view.zone))


def _fed(answer: Answer) -> Drawn:
    run = current()
    by = job_rows.feeders(look())
    shown = answer.frame.with_columns(
        status=pl.when(pl.col("expected_by").is_null())
        .then(pl.lit("no schedule"))
        .when(pl.col("expected_by") < run.view.as_of)
        .then(pl.lit("late"))
        .otherwise(pl.lit("fresh")),
        fed=pl.Series([by.get(name) for name in answer.frame["dataset"]], dtype=pl.String),
    )
    return table(shown, FED_COLUMNS, caption=FED.title, zone=run.view.zone)


refusal()
st.session_state[POSTED] = moment(look())
following(summary, SLOW_S)
left, right = st.columns((13, 8), gap="small")
with left:
    following(job_tables.under_way, LIVE_S)
with right:
    box("One job", "what it does; ask for a refresh", one_job)
following(job_tables.timetable, SLOW_S)
following(job_tables.sources, SLOW_S)
following(job_tables.allowances, SLOW_S)
following(history, SLOW_S)
following(job_tables.refused, SLOW_S)
FED.show(coverage.lake_coverage, _fed)
