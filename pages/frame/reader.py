"""Who is reading: a cookie holds the reader's id, the state the name and the reader's choices.

`reader()` is the only place that decides who is reading; a login goes behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from data.errors import WorkstationError
from data.state import readers
from data.state.values import Edit
from pages.frame.errors import explain
from pages.frame.resources import now
from pages.frame.run import PageRun, current

COOKIE = "barograph_reader"
FIELD = "frame_reader_name"
UNNAMED = "analyst"
SHARED = "0" * 32  # all browsers that keep no cookie are one reader
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's id, the shared one where the browser sends none, and the name that was typed."""

    id: str
    name: str


def reader() -> Reader:
    """Who is reading this page."""
    found = str(st.context.cookies.get(COOKIE, ""))
    reader_id = found if ID.fullmatch(found) else SHARED
    state = current().services.state
    if state is None:
        return Reader(reader_id, "")
    try:
        return Reader(reader_id, readers.name_of(state, reader_id))
    except WorkstationError as error:
        explain(error, "reader")
        return Reader(reader_id, "")


def state_clock(run: PageRun) -> datetime:
    """By when something has to be saved to be seen: the reader's clock. Now is kept to the minute
    for the sake of caches, and what was saved a moment ago is there already."""
    return now() if run.view.is_now else run.view.as_of


def signed_edit(note: str = "") -> Edit:
    """A change made now, signed with the reader's name; `analyst` where none was entered."""
    return Edit(reader().name or UNNAMED, now(), note)


def chosen(key: str) -> object:
    """What this reader chose under a key; None where nothing was, or the state is away."""
    state, who = current().services.state, reader()
    if state is None:
        return None
    try:
        return readers.setting(state, who.id, key)
    except WorkstationError as error:
        explain(error, key)
        return None


def choose(key: str, value: object) -> None:
    """Keep a choice of this reader."""
    state, who = current().services.state, reader()
    if state is None:
        return
    try:
        readers.choose(state, who.id, key, value, now=now())
    except WorkstationError as error:
        explain(error, key)


def name_field() -> None:
    """The box for the reader's name: it signs changes and gives no rights."""
    who = reader()
    if who.id == SHARED or current().services.state is None:
        return
    with st.popover(who.name or "Your name", icon=":material/person:", type="tertiary"):
        st.text_input("Your name", who.name, key=FIELD, max_chars=80, on_change=_rename)
        st.caption(
            "Your changes are signed with this name. It gives no rights. Your last visit, inbox, "
            "recent items and choices belong to this browser."
        )


def _rename() -> None:
    state, who, typed = current().services.state, reader(), str(st.session_state[FIELD])
    if state is None or not typed.strip():
        return
    try:
        readers.rename(state, who.id, typed, now=now())
    except WorkstationError as error:
        st.toast(explain(error, "your name").text)
