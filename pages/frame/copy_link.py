"""Copy link: the address of what is shown, with its clock, in one click."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from data.clock import iso
from pages.frame.javascript import joined_script
from pages.frame.view import View

HINT = "Copy a link to this view at this time"
_COPY = st.components.v2.component(
    "copy_link",
    html=f'<button type="button" title="{HINT}" aria-label="{HINT}">Link</button>'
    '<span role="status"></span>',
    css=(Path(__file__).with_name("static") / "copy_link.css").read_text("utf-8"),
    js=joined_script(Path(__file__).with_name("static") / "copy_link.mjs"),
)


def copy_link(view: View) -> None:
    """The button; a link made at Now has the minute that is shown, so it shows the same later."""
    with st.container(key="frame-copy", width="content"):
        _COPY(key="frame_copy_link", data={"moment": iso(view.as_of) if view.is_now else ""})
