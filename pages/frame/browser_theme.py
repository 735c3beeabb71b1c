"""The theme that the browser really shows: told to the style sheet at once, to the script next.

Streamlit's own word for it trails a change in the menu until something else runs the script.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.frame.javascript import joined_script
from pages.frame.theme import Kind

KEY = "frame_look"
_LOOK = st.components.v2.component(
    "frame_look",
    html="<i></i>",
    js=joined_script(Path(__file__).with_name("static") / "browser_theme.mjs"),
)


def theme() -> Kind:
    """What the browser said last; before it spoke, what Streamlit believes."""
    said = st.session_state.get(KEY)
    kind = said.get("theme") if said else None
    return "light" if (kind or st.context.theme.type) == "light" else "dark"


def watch_theme(kind: Kind) -> None:
    """Place the listener; a change runs the script once more, for the charts."""
    _LOOK(key=KEY, data={"theme": kind}, on_theme_change=_run_again)


def _run_again() -> None:
    """The run that follows reads the theme by itself."""
