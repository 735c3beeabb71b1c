"""The clock in the frame: where it stands, and every way of moving it; kept in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from analytics.home import overview
from data.clock import FIRST, iso
from data.errors import ConfigError
from data.lake.views import MODES
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.links import follow, link, tell_url
from pages.frame.resources import now
from pages.frame.run import PageRun
from pages.frame.view import (
    ZONES,
    Unit,
    View,
    end_of_day,
    is_zone,
    parse_clock,
    read_view,
    step,
)

# Each unit with its keys back and forward; they work whichever unit the bar shows.
STEPS: dict[Unit, tuple[str | None, str | None]] = {
    "minute": (None, None),
    "day": ("Shift+Left", "Shift+Right"),
    "week": ("Shift+Up", "Shift+Down"),
    "month": ("Shift+PageUp", "Shift+PageDown"),
}
UNIT = "frame_unit"
PICKED = "frame_day"
REFUSED, TYPED = "frame_clock_refused", "frame_clock_typed"  # what was wrong, and with what
KEYS = ("as_of", "mode", "tz", "replay")


def clock_params() -> Mapping[str, str]:
    """What the address says of the clock."""
    return {key: st.query_params.get(key, "") for key in KEYS}


def clock_bar(run: PageRun) -> None:
    """A step of the chosen unit back and forward, the clock itself, and Now."""
    view = run.view
    st.session_state.setdefault(UNIT, "day")
    chosen = st.session_state[UNIT]
    with st.container(
        horizontal=True, vertical_alignment="center", gap=None, width="content", key="frame-steps"
    ):
        _step(view, chosen, -1)
        st.selectbox("Step", list(STEPS), key=UNIT, label_visibility="collapsed", width=92)
        _step(view, chosen, 1)
    with st.container(key="frame-keys", width="content"):  # not shown; their keys work
        for unit in STEPS:
            if unit != chosen:
                _step(view, unit, -1)
                _step(view, unit, 1)
    if view.replay:
        with st.container(key="frame-replay", width="content"):
            link("replay", label="Replay", hint="The clock follows a replay; this leads to it")
    side = "now" if view.is_now else "past"
    with st.container(key=f"frame-clock-{side}", width="content"):
        mode = "" if view.mode == "public" else f" · {view.mode}"
        label = ("NOW" if view.is_now else "AS OF") + f" {view.local()}{mode}"
        if st.session_state.get("clock"):  # its label is new each minute, and with it the widget
            st.session_state["clock"] = True
        box = st.popover(
            label, key="clock", on_change="rerun", help="Set the clock; it moves every page"
        )
        if box.open:
            with box:
                _settings(run)
    st.button(
        "Now",
        key="step-now",
        shortcut="Shift+Home",
        on_click=set_clock,
        args=("",),
        disabled=view.is_now,
        help="Back to the present",
    )


def _step(view: View, unit: Unit, count: int) -> None:
    forward = "forward" if count > 0 else "back"
    st.button(
        "›" if count > 0 else "‹",
        key=f"step-{unit}-{forward}",
        help=f"One {unit} {forward}",
        shortcut=STEPS[unit][count > 0],
        on_click=_move,
        args=(view, unit, count),
        disabled=view.is_now and count > 0,
    )


def _settings(run: PageRun) -> None:
    follow("as_of", "frame_as_of")
    if typed := st.session_state.get(TYPED):
        st.session_state["frame_as_of"] = typed
    st.text_input(
        "Clock",
        key="frame_as_of",
        on_change=_typed,
        placeholder="2020-03-16 10:30, or now",
        help="2020-03-16 · 16 Mar 2020 22:00 · 2020-03-16 10:30 America/New_York · now",
    )
    if problem := st.session_state.pop(REFUSED, ""):
        st.error(problem)
    st.caption("A date alone is 00:00. Times without a zone are in the zone below.")
    st.session_state[PICKED] = run.view.day
    st.date_input(
        "End of a day",
        key=PICKED,
        min_value=min(FIRST.date(), run.view.day),
        max_value=max(now().astimezone(ZoneInfo(run.view.zone)).date(), run.view.day),
        on_change=_picked,
        format="YYYY-MM-DD",
        help="the last minute of the day in the zone below, when its closes are known",
    )
    st.session_state["frame_tz"] = run.view.zone
    st.selectbox(
        "Zone", _zones(run.view), key="frame_tz", on_change=tell_url, args=("tz", "frame_tz", "UTC")
    )
    st.session_state["frame_mode"] = run.view.mode
    st.radio(
        "What is known",
        MODES,
        key="frame_mode",
        on_change=tell_url,
        args=("mode", "frame_mode", "public"),
        captions=(
            "public knowledge at this time",
            "what this workspace had at this time",
            "also restated figures, whose source keeps no history",
        ),
    )
    _events(run)


def _events(run: PageRun) -> None:
    if isinstance(run.lake, Exception):
        return
    try:
        rows = cached(overview.event_list, run.at, top=400).frame
    except Exception as error:  # noqa: BLE001 - the clock must move whatever the lake says; explain() logs it
        st.caption(explain(error, "events").text)
        return
    moments = dict(zip(rows["event_id"], rows["moment"], strict=True))
    titles = {
        key: f"{moment:%Y-%m-%d} · {title}"
        for key, moment, title in rows.select("event_id", "moment", "title").iter_rows()
    }
    st.selectbox(
        "Jump to an event",
        list(moments),
        index=None,
        key="frame_event",
        format_func=lambda key: titles.get(key, key),
        placeholder="known at this clock" if moments else "no event is known at this clock",
        on_change=_jump,
        args=(moments,),
    )


def _move(view: View, unit: Unit, count: int) -> None:
    moment = step(view, unit, count)
    set_clock("" if moment >= now() else iso(moment))


def set_clock(text: str) -> None:
    """Write the clock into the address, an empty text for Now; everything else stays there."""
    st.session_state.pop(TYPED, None)
    if text:
        st.query_params["as_of"] = text
    else:
        st.query_params.pop("as_of", None)
        st.query_params.pop("replay", None)


def _typed() -> None:
    """Write what was typed as the address keeps it; where it cannot be read, the clock stays."""
    typed = st.session_state["frame_as_of"].strip()
    st.session_state.pop(TYPED, None)
    try:
        moment = parse_clock(typed, read_view(clock_params(), now()).zone)
    except ConfigError as problem:
        st.session_state[REFUSED] = f"What was typed cannot be read, so the clock stays: {problem}."
        st.session_state[TYPED] = typed
        return
    set_clock(iso(moment) if moment else "")
    _close()


def _picked() -> None:
    """The end of the day picked in the calendar; today has none yet, so that is Now."""
    day = st.session_state[PICKED]
    if day is not None:
        moment = end_of_day(day, read_view(clock_params(), now()).zone)
        set_clock(iso(moment) if moment < now() else "")
        _close()


def _close() -> None:
    """The settings have done what they were opened for."""
    st.session_state["clock"] = False


def refused() -> list[str]:
    """What was wrong with the clock that was typed last, said once."""
    problem = st.session_state.pop(REFUSED, "")
    return [problem] if problem else []


def _jump(moments: dict[str, datetime]) -> None:
    chosen = st.session_state.get("frame_event")
    if chosen in moments:
        set_clock(iso(moments[chosen]))
        _close()
    st.session_state["frame_event"] = None


def _zones(view: View) -> list[str]:
    here = st.context.timezone
    extra = [zone for zone in (view.zone, here) if zone and is_zone(zone)]
    return list(dict.fromkeys([*ZONES, *extra]))
