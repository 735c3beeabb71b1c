"""Notes on an instrument: who wrote what and when, as it stood at the clock; plain text alone."""

from __future__ import annotations

from html import escape

import streamlit as st

from data.errors import WorkstationError
from data.state import notes
from data.state.db import State
from data.state.notes import Note
from pages.frame.errors import Trouble, explain
from pages.frame.panel import say
from pages.frame.reader import signed_edit
from pages.frame.run import current
from pages.frame.state_panel import box, note
from pages.instruments.desk_lines import moment
from pages.instruments.price_chart import Mark

NEW, SAID = "instrument_note", "instrument_note_said"
SHOWN, SHORT = 30, 120


def known_notes(symbol: str) -> tuple[Note, ...]:
    """Those that stood at the clock; none where the state cannot be read, as the frame says."""
    state = current().services.state
    if state is None:
        return ()
    try:
        return notes.of_instrument(state, symbol, as_of=moment())
    except WorkstationError as error:
        explain(error, "notes")
        return ()


def note_marks(found: tuple[Note, ...]) -> list[Mark]:
    """One mark at the day of each, with the beginning of its text."""
    return [
        Mark(
            item.about_at.date(),
            "✎",
            f"{item.about_at:%d %b %Y} {item.author}: {_beginning(item.text)}",
            "note",
        )
        for item in found
    ]


def _beginning(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHORT else f"{words[:SHORT]}…"


def notes_panel(symbol: str, found: tuple[Note, ...]) -> None:
    """The notes, and the box for a new one."""
    box(
        "Notes",
        "on this instrument, as known at the clock",
        lambda state: _draw(state, symbol, found),
    )


def _draw(state: State, symbol: str, found: tuple[Note, ...]) -> None:
    for item in found[:SHOWN]:
        _written_note(state, item)
    if len(found) > SHOWN:
        note(f"{len(found) - SHOWN} earlier notes are not listed; an earlier clock shows them.")
    view = current().view
    if not found:
        note("No note." if view.is_now else "No note had been written by this clock.")
    with st.form(f"note-new-{symbol}", border=False, enter_to_submit=False):
        st.text_area(
            f"New note on {view.local()}",
            key=NEW,
            height=80,
            placeholder=f"plain text, up to {notes.LENGTH:,} characters",
        )
        st.form_submit_button("Save note", on_click=_save, args=(state, symbol))
    if (said := st.session_state.pop(SAID, None)) is not None:
        say(said, "quiet" if said.text.startswith("The note is saved") else "error")


def _written_note(state: State, item: Note) -> None:
    """A note, and at Now what changes it."""
    view = current().view
    about, written = view.local(item.about_at), view.local(item.written_at)
    head = f"{item.author} · {about}"
    head += f" · written {written}" if about != written else ""
    with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
        st.html(
            f'<div class="b-note">{escape(head)}</div>'
            f'<div class="b-written" dir="auto">{escape(item.text)}</div>',
            width="stretch",
        )
        if view.is_now:
            _change(state, item)


def _change(state: State, item: Note) -> None:
    key = f"note-edit-{item.id}"
    menu = st.popover("Edit", type="tertiary", key=key, on_change="rerun")
    if not menu.open:
        return
    with menu:
        st.text_area("Text", item.text, key=f"{key}-text", height=120)
        with st.container(horizontal=True, gap="small"):
            st.button("Save", key=f"{key}-save", on_click=_rewrite, args=(state, item.id))
            st.button("Delete", key=f"{key}-delete", on_click=_delete, args=(state, item.id))


def _save(state: State, symbol: str) -> None:
    view, edit = current().view, signed_edit()
    about = edit.at if view.is_now else view.as_of
    try:
        notes.write(state, about, st.session_state[NEW], symbols=(symbol,), edit=edit)
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, "note")
        return
    st.session_state[NEW] = ""
    if not view.is_now:
        st.session_state[SAID] = Trouble(
            "The note is saved, written now.",
            "At this clock it had not been written; Now shows it.",
        )


def _rewrite(state: State, number: int) -> None:
    try:
        notes.rewrite(
            state, number, st.session_state[f"note-edit-{number}-text"], edit=signed_edit()
        )
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, "note")


def _delete(state: State, number: int) -> None:
    try:
        notes.withdraw(state, number, edit=signed_edit())
    except WorkstationError as error:
        st.session_state[SAID] = explain(error, "note")
