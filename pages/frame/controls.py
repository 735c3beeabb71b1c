"""Choices of a page that live in its address: a row of segments, or a list to pick from."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from data.vocabulary import labels
from pages.frame.errors import Trouble
from pages.frame.links import choice, tell_url
from pages.frame.panel import say


def segment(page: str, name: str, label: str, options: list[str], default: str, **look: Any) -> str:
    """One of a few, side by side; what the address gets wrong is said."""
    key = f"{page}_{name}"
    value, problem = choice(name, key, options, default)
    st.segmented_control(
        label,
        options,
        key=key,
        required=True,
        on_change=tell_url,
        args=(name, key, default),
        **look,
    )
    if problem:
        say(Trouble(problem, "Choose one of the row."), "partial")
    return value


def pick(page: str, name: str, label: str, options: list[str], default: str, **look: Any) -> str:
    """One of many, from a list."""
    key = f"{page}_{name}"
    value, problem = choice(name, key, options, default)
    st.selectbox(
        label,
        options,
        key=key,
        on_change=tell_url,
        args=(name, key, default),
        **{"width": 150, **look},
    )
    if problem:
        say(Trouble(problem, "Choose one of the list."), "partial")
    return value


def number(
    page: str, name: str, label: str, default: float, *, among: tuple[float, float]
) -> float:
    """A number that is typed, within bounds; what the address gets wrong is said."""
    key, (low, high) = f"{page}_{name}", among
    asked = st.query_params.get(name, "").strip()
    try:
        value = float(asked) if asked else default
    except ValueError:
        value = math.nan
    is_sound = low <= value <= high
    st.session_state[key] = value if is_sound else default
    st.number_input(
        label,
        low,
        high,
        key=key,
        format="%g",
        step=0.5,
        width=150,
        on_change=tell_url,
        args=(name, key, str(default)),
    )
    if not is_sound:
        what = f"{label} {asked[:20]!r} is no number from {low:g} to {high:g}; {default:g} is used."
        say(Trouble(what, "Type another number."), "partial")
    return float(st.session_state[key])


def pick_indicator(page: str, words: list[str], default: str) -> str:
    """One of the indicators, by their names in the vocabulary."""
    shown = labels(words)
    return pick(
        page, "indicator", "Indicator", words, default, format_func=shown.__getitem__, width=260
    )
