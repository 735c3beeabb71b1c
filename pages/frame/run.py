"""The current run: the view, the clock-bound lake, the theme; set by the router, read by pages."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.query import At
from data.settings import Settings
from pages.frame.exports import DEMO_NOTICE
from pages.frame.services import Found
from pages.frame.theme import Kind
from pages.frame.view import View

KEY = "frame_run"


@dataclass(frozen=True, slots=True)
class PageRun:
    """One run of the script; `lake` is the clock-bound door, or why there is none."""

    view: View
    lake: At | Exception
    settings: Settings
    theme: Kind
    services: Found

    @property
    def at(self) -> At:
        """The lake at the view's clock; raises what kept it from opening."""
        if isinstance(self.lake, Exception):
            raise self.lake
        return self.lake

    @property
    def demo(self) -> bool:
        """Whether everything shown is invented."""
        return self.settings.is_demo

    def about(self, title: str) -> dict[str, str]:
        """What every file taken away says of itself."""
        told = {"notice": DEMO_NOTICE} if self.demo else {}
        return told | {
            "title": title,
            "workspace": self.settings.workspace,
            "as_of": self.view.as_of.isoformat(),
            "clock": self.view.mode,
        }


def begin(run: PageRun) -> None:
    """Make it the session's current run."""
    st.session_state[KEY] = run


def current() -> PageRun:
    """The run that this page is part of."""
    run: PageRun = st.session_state[KEY]
    return run
