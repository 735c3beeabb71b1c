"""What the team corrected of a company: a line above its views, and the history of its edits."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from analytics.core.catalogue import find
from analytics.core.company_values import EDITABLE
from data.errors import WorkstationError
from data.query import Answer
from data.state import company_edits
from data.state.company_edits import Change, CompanyEdit
from data.state.db import State
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.panel import Panel, say
from pages.frame.reader import state_clock
from pages.frame.run import current
from pages.frame.state_panel import note
from pages.frame.tables import Absent, Column, table
from pages.search.directory import country_names

MARK = "✎"
NEEDS = ("companies",)
AS_FILED = Absent("as filed")
LOOK_EVERY_S = 5.0
WAITING = "company_edits_waiting"
Record = Mapping[str, Any]


def record_of(company: str) -> Record:
    """The company as it is shown at the clock, with what was filed."""
    frame = cached(find("company_record").call, current().at, company=company).frame
    return frame.row(0, named=True) if frame.height else {}


def value_word(name: str, value: Change) -> str:
    """A value as it is read: a country by its name, a sector with a capital."""
    if value is None:
        return "not stated"
    if name == "sector":
        return sector_word(str(value))
    return country_names().get(str(value), str(value)) if name == "country" else str(value)


def sector_word(sector: str) -> str:
    """A sector with a capital; some sources write them small."""
    return sector[:1].upper() + sector[1:]


def with_filed(row: Record, name: str) -> str | None:
    """A value of a table; one of the team has its mark and what was filed beside it."""
    if row[name] is None:
        return None
    if name not in str(row["edited"] or "").split(","):
        return value_word(name, row[name])
    filed = row[f"filed_{name}"]
    beside = "" if filed is None else f" (filed: {value_word(name, filed)})"
    return f"{value_word(name, row[name])} {MARK}{beside}"


def team_line(record: Record) -> None:
    """Whether the company is withdrawn, which values are the team's, and its note."""
    if record["edited_at"] is None:
        return
    by = f"{record['author']}, {current().view.local(record['edited_at'])}"
    if record["withdrawn"]:
        what = f"{record['name']} is withdrawn from all screens by the team ({by})."
        say(Trouble(what, "Edit returns it."), "partial")
    edited = [name for name in EDITABLE if name in record["edited"].split(",")]
    words = [f"{name} {with_filed(record, name)}" for name in edited]
    if record["filed_name"] is None:
        words = ["added by the team, nothing was filed"]
    parts = [*words, *([f"note: {record['note']}"] if record["note"] else [])]
    if parts:
        said = "; ".join(parts)
        st.html(f'<div class="b-note" dir="auto">{escape(f"By the team: {said} ({by}).")}</div>')


def edits_panel(company: str) -> None:
    """Every edit, the newest first; nothing where there was none."""
    Panel(
        "Edits by the team",
        "each row stood until the one above it; a dash is as filed",
        NEEDS,
        "The team corrected nothing of this company by this clock.",
    ).show(find("company_edits").call, _history, company=company)


def _history(answer: Answer) -> str:
    rows = [
        {
            **{name: AS_FILED if row[name] is None else row[name] for name in ("name", "sector")},
            "industry": row["industry"] or AS_FILED,
            "country": value_word("country", row["country"]) if row["country"] else AS_FILED,
            "at": row["known_at"],
            "author": row["author"],
            "note": row["note"] or "",
            "state": "withdrawn" if row["withdrawn"] else "",
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    columns = (
        Column("at", "from", "instant"),
        Column("author", "by"),
        Column("name", "name"),
        Column("sector", "sector"),
        Column("industry", "industry"),
        Column("country", "country"),
        Column("state", "state"),
        Column("note", "note", "wide"),
    )
    return table(rows, columns, caption="Edits by the team", zone=current().view.zone)


def waiting_edits(state: State, company: str) -> None:
    """Edits that are not written yet, and the last one where it was refused."""
    is_now = current().view.is_now
    every = LOOK_EVERY_S if is_now and _open(state, company) else None
    st.fragment(_waiting, run_every=every)(state, company)


def _recent(state: State, company: str) -> tuple[CompanyEdit, ...]:
    try:
        return company_edits.recent(state, company, as_of=state_clock(current()))
    except WorkstationError as error:
        say(explain(error, "edits"), "error")
        return ()


def _open(state: State, company: str) -> list[CompanyEdit]:
    return [edit for edit in _recent(state, company) if edit.ended_at is None]


def _waiting(state: State, company: str) -> None:
    found = _recent(state, company)
    open_now = {edit.id for edit in found if edit.ended_at is None}
    before: set[int] = st.session_state.get(WAITING, set())
    st.session_state[WAITING] = open_now
    if before and not open_now:
        st.rerun()
    for edit in found:
        if edit.ended_at is None:
            asked = f"{edit.asked_by}, {current().view.local(edit.asked_at)}"
            note(f"Waiting for the scheduler: {changes_words(edit.changes)} ({asked}).")
    if found and found[0].message:
        step = "Correct it under Edit."
        say(Trouble(f"The last edit was not written: {found[0].message}.", step), "partial")


def changes_words(changes: Mapping[str, Change]) -> str:
    """`sector Technology, withdrawn from all screens`."""
    words = []
    for name, value in changes.items():
        if name == company_edits.WITHDRAWN:
            words.append("withdrawn from all screens" if value else "back on the screens")
        elif value is None:
            words.append("no note" if name == company_edits.NOTE else f"{name} as filed")
        else:
            words.append(f"{name} {value_word(name, value)}")
    return ", ".join(words)
