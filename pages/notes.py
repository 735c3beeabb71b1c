"""Notes: on an instrument, company, country or list, from facts known at the clock.

A template writes the note by fixed sentences; every figure in it states a fact. A click on a
figure leads to its fact in the table beside, with unit, period, source and when it was known; the
receipt below runs the figure's query again. What is not known at the clock is listed as such.

The view, *buy*, *hold* or *sell*, follows a stated rule: trend upward +1, downward −1; macro signal
positive +1, negative −1. It is no fitted forecast and gives no price. *Save to the archive* keeps
the note with its facts and registers the view as a hypothesis: the total return of the next 60
sessions against that of the world index.

*Ask the model* puts a question for each section; a role sees its own facts only. The scheduler
asks, checks each number and archives the note, also when the page is closed. One failing figure
withholds the whole note; the reasons are kept with it. Tokens and dollars are shown before and
after.

The archive holds what had been written by the clock. A note that was written at a past clock is
labelled and never scored: a model knows the future there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from analytics.notes.view import RULE
from data.clock import iso
from data.state.db import State
from data.state.note_requests import NoteSubject
from pages.frame import exports
from pages.frame.errors import explain
from pages.frame.panel import damage, say
from pages.frame.run import current
from pages.frame.state_panel import box, note, panel
from pages.frame.tab_title import name_tab
from pages.frame.tables import facts
from pages.noting.acts import acts
from pages.noting.archive import archive_panel, archived_note
from pages.noting.fact_rows import facts_frame, facts_table, missing_table, receipt_of_a_fact
from pages.noting.live_note import LiveNote, live_note
from pages.noting.note_text import note_html, note_markdown
from pages.noting.subject import choose_subject
from pages.noting.withheld import withheld


def the_note(subject: NoteSubject) -> None:
    """The note of the clock with its facts; what keeps it from being written is said in it."""
    run = current()
    try:
        live = live_note(run.at, run.services.state, subject)
    except Exception as error:  # noqa: BLE001 - said where the note would stand; explain() logs it
        with panel("Note", subject.title):
            closed = [name for name, why in run.at.closed.items() if why == str(error)]
            if closed:
                note(f"{closed[0]} cannot be opened; the reason is above.")
            else:
                say(explain(error, subject.title), "error")
        return
    pack = live.pack
    name_tab(pack.title)
    damaged = sorted({file for fact in pack for file in fact.answer.damaged})
    unit = "by the template, from the facts at the clock"
    with panel(pack.title, f"PARTIAL · {unit}" if damaged else unit):
        if damaged:
            say(damage(damaged), "partial")
        st.html(facts(_strip(live)))
        rows = pack.as_json()
        places = {row["id"]: place for place, row in enumerate(rows["facts"])}
        prose = ""
        if live.note.is_withheld:
            withheld(live.note.problems, "The facts stand.")
        else:
            prose = note_html(live.note.sections, live.note.figures, places)
        beside = facts_table(rows["facts"]) + missing_table(rows["missing"])
        st.html(f'<div class="b-noted">{prose}<div>{beside}</div></div>')
        receipt_of_a_fact(pack)
        _files(live)
    titled = replace(subject, title=pack.title, kind=pack.kind)
    box("Save or ask a model", "", lambda state: acts(state, live, titled))


def _strip(live: LiveNote) -> list[tuple[str, str, str]]:
    pack = live.pack
    view, score, chance = (pack.get(name) for name in ("view", "view/score", "view/probability"))
    strip = [("View", view.text if view else "none", "by the rule" if view else "")]
    if score is not None:
        strip.append(("Score", score.printed, "−2 to +2"))
    if chance is not None:
        strip.append(("Probability", chance.printed, "a convention"))
    strip.append(("Facts", f"{len(pack.facts)}", f"{len(pack.missing)} not known"))
    strip.append(("Figures checked", f"{len(live.note.figures)}", ""))
    return strip


def _files(live: LiveNote) -> None:
    run, pack = current(), live.pack
    about = run.about(pack.title) | {"written by": "template", "rule": RULE}
    stem = f"{run.settings.workspace} note {pack.title}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "Note as Markdown",
            partial(note_markdown, pack.title, live.note.sections, about),
            exports.file_name(stem, iso(pack.as_of), "md"),
            key="notes_get_note",
            on_click="ignore",
            disabled=live.note.is_withheld,
        )
        st.download_button(
            "Facts as CSV",
            lambda: exports.to_csv(facts_frame(pack), about),
            exports.file_name(f"{stem} facts", iso(pack.as_of), "csv"),
            key="notes_get_facts",
            on_click="ignore",
            help="each fact with the query that finds it again",
        )


def page() -> None:
    """A note of the archive where the address names one, else the note of the clock."""
    state: State | None = current().services.state
    asked = st.query_params.get("note", "")
    if asked and state is not None and archived_note(state, asked):
        return
    subject = choose_subject()
    if subject is not None:
        the_note(subject)
    archive_panel(subject)


page()
