"""Where a replay stands: its window, its transport's moment, and the clock under which it is read.

Either the page's own address keeps it (`window`, `moment`), and the page's clock bounds it; or the
whole workstation follows: then `replay` holds the window, the clock itself is the transport, and
only the stage has what lies ahead of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from data.clock import iso, parse_instant
from data.errors import ConfigError
from data.query import At
from pages.frame.errors import Trouble
from pages.frame.panel import say
from pages.frame.resources import now
from pages.frame.run import current
from pages.replaying.window import ReplayWindow, read_window


@dataclass(frozen=True, slots=True)
class Replaying:
    """A window as far as it may be seen, and where the transport stands in it."""

    window: ReplayWindow
    whole: ReplayWindow  # as it was asked for
    moment: datetime
    follows: bool

    @property
    def at(self) -> At:
        """The lake at the window's end: what the stage is made of."""
        return _handle(self.window.end)

    @property
    def at_moment(self) -> At:
        """The lake at the transport's moment: what stands beside the stage."""
        return _handle(self.moment)


def _handle(moment: datetime) -> At:
    """The lake of this run at another clock; its files and mode are the run's."""
    return replace(current().at, as_of=moment)


def asked() -> ReplayWindow | None:
    """The window of the address; one that cannot be read is said."""
    text = current().view.replay or st.query_params.get("window", "")
    if not text:
        return None
    try:
        return read_window(text)
    except ConfigError as error:
        say(Trouble(f"{error}.", "Another is shown; choose one under Window."), "partial")
        return None


def replaying(window: ReplayWindow) -> Replaying | None:
    """The window as far as the clock allows; none where it lies ahead of it."""
    view = current().view
    follows = bool(view.replay)
    bound = now() if follows else view.as_of
    seen = window.until(bound)
    if seen.start >= seen.end:
        say(
            Trouble(
                f"The window begins at {view.local(window.start)}, ahead of the clock.",
                "Choose one that has been, or press Now.",
            ),
            "empty",
        )
        return None
    if follows and view.as_of < seen.start:
        begins = view.local(seen.start)
        say(
            Trouble(
                f"The clock stands before the window, which begins at {begins}.",
                "Step on, or choose another.",
            ),
            "empty",
        )
        return None
    moment = view.as_of if follows else _moment() or seen.centre or seen.start
    inside = min(max(moment, seen.start), seen.end)
    return Replaying(seen, window, inside, follows)


def _moment() -> datetime | None:
    try:
        return parse_instant(st.query_params["moment"])
    except (KeyError, ConfigError):
        return None


def open_window(window: ReplayWindow) -> None:
    """Begin with another window, the workstation's clock left where it is."""
    for name in ("replay", "moment"):
        st.query_params.pop(name, None)
    if current().view.replay:
        st.query_params.pop("as_of", None)
    st.query_params["window"] = window.text()


def arrived(held: Replaying, moment: datetime) -> None:
    """The transport has come to rest: the address has it, and so the clock if it follows."""
    if held.follows:
        st.query_params["as_of"] = iso(moment)
        return
    st.query_params["window"] = held.whole.text()
    st.query_params["moment"] = iso(moment)


def follow(slots: Replaying, on: bool) -> None:
    """Set the clock of all pages to the moment of the replay, or back to Now."""
    if on:
        for name in ("window", "moment"):
            st.query_params.pop(name, None)
        st.query_params["replay"] = slots.whole.text()
        st.query_params["as_of"] = iso(slots.moment)
        return
    for name in ("replay", "as_of"):
        st.query_params.pop(name, None)
    st.query_params["window"] = slots.whole.text()
    st.query_params["moment"] = iso(slots.moment)
