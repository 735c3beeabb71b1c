"""The colours of moves that a reader chose: blue and orange, or green and red; kept for them."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from data.chart_theme import Colours
from pages.frame import reader
from pages.frame.run import current
from pages.frame.theme import Palette, palette

SETTING, KEY = "heat_colours", "heatmaps_colours"
CHOICES: tuple[Colours, ...] = get_args(Colours)


def choose_colours() -> Palette:
    """Draw the choice, colour the tables of the page alike, and give the palette."""
    kept = reader.chosen(SETTING)
    if kept in CHOICES:
        st.session_state[KEY] = kept
    st.session_state.setdefault(KEY, CHOICES[0])
    st.segmented_control(
        "Colours",
        CHOICES,
        key=KEY,
        required=True,
        on_change=_keep,
        help="Blue and orange can be told apart by all eyes. The choice is kept for you.",
    )
    paint = chosen_palette()
    if st.session_state[KEY] != CHOICES[0]:
        up, down = paint.up, paint.down
        st.html(f"<style>.stMain{{--b-up:{up};--b-down:{down}}}</style>")
    return paint


def chosen_palette() -> Palette:
    """The palette of the theme in the colours that were chosen."""
    return palette(current().theme, st.session_state.get(KEY, CHOICES[0]))


def better_colour() -> str:
    """The colour of a rise, as it is called."""
    return "green" if st.session_state.get(KEY) == "green-red" else "blue"


def _keep() -> None:
    reader.choose(SETTING, st.session_state[KEY])
