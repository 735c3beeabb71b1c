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
    value = _typed(page, name, label, default, among)
    return default if value is None else value


def optional_number(
    page: str, name: str, label: str, unset: str, *, among: tuple[float, float]
) -> float | None:
    """The same for a number that may be left out; `unset` says what then holds."""
    return _typed(page, name, label, None, among, placeholder=unset)


def _typed(
    page: str,
    name: str,
    label: str,
    default: float | None,
    among: tuple[float, float],
    **look: Any,
) -> float | None:
    key, (low, high) = f"{page}_{name}", among
    asked = st.query_params.get(name, "").strip()
    try:
        value = float(asked) if asked else default
    except ValueError:
        value = math.nan
    is_sound = value is None or low <= value <= high
    st.session_state[key] = value if is_sound else default
    st.number_input(
        label,
        low,
        high,
        None if default is None else "min",
        key=key,
        format="%g",
        step=0.5,
        width=150,
        on_change=_tell_number,
        args=(name, key, default),
        **look,
    )
    if not is_sound:
        used = "none" if default is None else f"{default:g}"
        what = f"{label} {asked[:20]!r} is no number from {low:g} to {high:g}; {used} is used."
        say(Trouble(what, "Type another number."), "partial")
    typed: float | None = st.session_state[key]
    return typed


def _tell_number(name: str, key: str, default: float | None) -> None:
    """What was typed goes into the address; zero is a number like any other."""
    value: float | None = st.session_state[key]
    if value is None or value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = f"{value:.12g}"


def pick_indicator(page: str, words: list[str], default: str) -> str:
    """One of the indicators, by their names in the vocabulary."""
    shown = labels(words)
    return pick(
        page, "indicator", "Indicator", words, default, format_func=shown.__getitem__, width=260
    )
