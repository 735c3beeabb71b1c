"""The theme that the browser really shows: told to the style sheet at once, to the script next.

Streamlit's own word for it trails a change in the menu until something else runs the script.
"""

from __future__ import annotations

import streamlit as st

from pages.frame.theme import Kind

KEY = "frame_look"
_LOOK = st.components.v2.component(
    "frame_look",
    html="<i></i>",
    js="""
export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.host ?? parentElement;
  const ground = getComputedStyle(host).getPropertyValue('--st-background-color').trim();
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(ground);
  if (!parts) return;
  const light = parts.slice(1).reduce((sum, part) => sum + parseInt(part, 16), 0) / 3 > 127;
  const kind = light ? 'light' : 'dark';
  document.documentElement.dataset.theme = kind;
  if (kind !== data.theme) setStateValue('theme', kind);
}
""",
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
