"""A slider below the map that moves the one clock of the frame over the last sessions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import streamlit as st

from analytics.markets.session_days import session_days
from data.clock import iso, parse_instant
from pages.frame.cached import cached
from pages.frame.clockbar import set_clock
from pages.frame.errors import explain
from pages.frame.run import current
from pages.search.universe import Chosen

SESSIONS = 40
KEY, STOPS = "heatmaps_session", "heatmaps_stops"
EVENING = time(23, 59)  # UTC, when every market of that date has closed and reported
NOW = ""


def session_slider(chosen: Chosen) -> None:
    """Draw it; the clock moves once, when it is let go."""
    run = current()
    here = NOW if run.view.is_now else iso(run.view.as_of)
    stops: list[str] = st.session_state.get(STOPS, [])
    if here not in stops[:-1]:  # not set by this slider: these are the sessions before the clock
        try:
            days = cached(session_days, run.at, count=SESSIONS, **chosen.params).frame["date"]
        except Exception as error:  # noqa: BLE001 - the map above says it
            explain(error, "sessions")
            return
        stops = clock_stops(days.to_list(), run.view.as_of, here)
        st.session_state[STOPS] = stops
    if len(stops) < 2:
        return
    st.session_state[KEY] = here
    st.select_slider(
        "Session",
        stops,
        key=KEY,
        format_func=stop_name,
        on_change=_move,
        help="Moves the clock of all pages; the last place is where the clock stood",
    )


def clock_stops(days: list[date], moment: datetime, here: str) -> list[str]:
    """The evenings of the days before a clock, and the clock itself."""
    evenings = [datetime.combine(day, EVENING, UTC) for day in days]
    return [*(iso(evening) for evening in evenings if evening < moment), here]


def stop_name(stop: str) -> str:
    """A stop in words: its day, with the time where it is not an evening."""
    if stop == NOW:
        return "Now"
    moment = parse_instant(stop)
    is_evening = (moment.hour, moment.minute) == (EVENING.hour, EVENING.minute)
    return f"{moment:%a %d %b %Y}" if is_evening else f"{moment:%a %d %b %Y %H:%M} UTC"


def _move() -> None:
    set_clock(st.session_state[KEY])
