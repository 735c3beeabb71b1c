"""Panels of facts that lie in the state or on the disk, where no question to the lake is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st

from data.errors import WorkstationError
from data.state.db import State
from pages.frame.errors import explain
from pages.frame.panel import say
from pages.frame.picture import browser_menu, slug
from pages.frame.run import current


@contextmanager
def panel(title: str, unit: str) -> Iterator[None]:
    """The head and the ground of one."""
    with st.container(border=True, key=f"panel-{slug(title)}"):
        st.html(
            f'<div class="b-head"><h3>{escape(title)}</h3>'
            f'<span class="b-unit">{escape(unit)}</span>{browser_menu(current(), title)}</div>'
        )
        yield


def box(title: str, unit: str, draw: Callable[[State], None]) -> None:
    """A panel of the state; one that cannot be used is said in it, and the page goes on."""
    with panel(title, unit):
        state = current().services.state
        if state is None:
            note("The state cannot be used; the reason is above.")
            return
        try:
            draw(state)
        except WorkstationError as error:
            say(explain(error, title), "error")


def note(text: str) -> None:
    """A quiet line."""
    st.html(f'<div class="b-note">{escape(text)}</div>')
