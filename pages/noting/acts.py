"""What a reader may do with a note: keep it, have a model write one, and see what became of that.

The page makes no call. A question waits for the scheduler, which archives the note by itself.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from analytics.notes.archive import keep_note
from analytics.notes.roles import ask_roles, note_cost
from analytics.notes.sections import role_payloads
from data.errors import WorkstationError
from data.model_prices import CostEstimate
from data.state import checks, note_requests
from data.state.analyst_notes import DAILY_LIMIT, used_today
from data.state.checks import Check
from data.state.db import State
from data.state.note_requests import NoteRequest, NoteSubject
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import note
from pages.noting.live_note import LiveNote

SAID = "notes_said"
LOOK_EVERY_S = 5.0
PAST = (
    "At this clock a model knows the future: its note is labelled so and never scored, and no "
    "hypothesis is registered. What is saved enters the archive at today's date."
)


def acts(state: State, live: LiveNote, subject: NoteSubject) -> None:
    """The two buttons with what they cost, and the requests that wait."""
    run = current()
    if said := st.session_state.pop(SAID, None):
        say(said, "error" if said.step else "quiet")
    edit = signed_edit()
    left = max(0, DAILY_LIMIT - used_today(state, edit.author, now=edit.at))
    cost = note_cost(live.pack, run.settings.model)
    questions = len(role_payloads(live.pack))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Save to the archive",
            key="notes_save",
            type="primary",
            disabled=not left or not live.pack.facts,
            on_click=_attempt,
            args=("save", partial(_save, state, live)),
            help="keeps this note with its facts; its view is registered as a hypothesis",
        )
        st.button(
            "Ask the model",
            key="notes_ask",
            disabled=not left or not questions or run.settings.model == "off",
            on_click=_attempt,
            args=("the model", partial(_ask, state, live, subject)),
            help=f"{run.settings.model}; asked by the scheduler, where a key is set",
        )
        st.html(f'<div class="b-note">{_cost_words(cost, questions, left)}</div>')
    if not run.view.is_now:
        note(PAST)
        return
    st.fragment(_waiting, run_every=_every(state, subject))(state, subject)


def _cost_words(cost: CostEstimate, questions: int, left: int) -> str:
    dollars = ", price not known" if cost.dollars is None else f", {cost.dollars:.4f} dollars"
    asked = f"{questions} questions, at most {cost.tokens:,} tokens{dollars}"
    said = asked if questions else "nothing to ask"
    return f"Model: {said} · {left} of {DAILY_LIMIT} notes left today"


def _attempt(what: str, change: partial[str]) -> None:
    try:
        st.session_state[SAID] = Trouble(change(), "")
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, what)


def _save(state: State, live: LiveNote) -> str:
    kept = keep_note(state, current().at, live.pack, live.note, edit=signed_edit())
    registered = (
        f" with hypothesis {kept.note.hypothesis_id}" if kept.note.hypothesis_id is not None else ""
    )
    then = "." if current().view.is_now else "; press Now to see it there."
    return f"Saved as note {kept.id}{registered}{then}"


def _ask(state: State, live: LiveNote, subject: NoteSubject) -> str:
    asked = ask_roles(state, live.pack, edit=signed_edit(), subject=subject)
    where = "" if current().view.is_now else " at Now"
    return f"{len(asked.questions)} questions are put; the note will be in the archive{where}."


def _open(state: State, subject: NoteSubject) -> NoteRequest | None:
    """The newest request for a note on this subject."""
    found = note_requests.recent(state, as_of=now(), entity=subject.entity, limit=1)
    return found[0] if found else None


def _every(state: State, subject: NoteSubject) -> float | None:
    request = _open(state, subject)
    return LOOK_EVERY_S if request is not None and request.ended_at is None else None


def _waiting(state: State, subject: NoteSubject) -> None:
    """What became of the last request; once it ends, the whole page is drawn anew."""
    key = "notes_waiting"
    try:
        request = _open(state, subject)
    except WorkstationError as error:
        say(explain(error, "the model"), "error")
        return
    if request is None:
        return
    if request.ended_at is None:
        st.session_state[key] = request.id
        found = [checks.read(state, number) for number in request.questions.values()]
        done = sum(_is_done(one) for one in found)
        asked = current().view.local(request.asked_at)
        note(
            f"Waiting for the model: {done} of {len(found)} sections answered, asked {asked} by "
            f"{request.asked_by}. The note comes into the archive also when this page is closed."
        )
        return
    if st.session_state.pop(key, None) == request.id:
        st.rerun()
    if request.note_id is None:
        said = Trouble(f"The model wrote no note. {request.message}", "The one below holds.")
        say(said, "partial")


def _is_done(one: Check | None) -> bool:
    return one is None or one.status in ("answered", "failed")
