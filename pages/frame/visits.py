"""The last visit: remembered in the state as a saved view of Overview at that moment.

Nothing is remembered while the state cannot be used, and no visit is when the clock is past.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from data.clock import iso, parse_instant
from data.errors import WorkstationError
from data.state import views
from data.state.db import State
from data.state.values import Edit
from pages.frame.errors import explain
from pages.frame.resources import now
from pages.frame.run import current

OWNER = "visits"
TITLE = "Last visit"
KEY = "frame_last_visit"
# A reload is not a visit.
APART = timedelta(minutes=30)


def last_visit() -> datetime | None:
    """When this workspace was last looked at before this session; asked once per session."""
    if KEY not in st.session_state:
        st.session_state[KEY] = _turn(current().services.state)
    moment: datetime | None = st.session_state[KEY]
    return moment


def _turn(state: State | None) -> datetime | None:
    if state is None:
        return None
    moment = now().replace(second=0, microsecond=0)
    try:
        return _remember(state, moment)
    except WorkstationError as error:
        explain(error, "last visit")
        return None


def _remember(state: State, moment: datetime) -> datetime | None:
    target = views.Target("overview", f"as_of={iso(moment)}")
    edit = Edit(OWNER, moment)
    saved_views = [
        view for view in views.listed(state, as_of=now(), owner=OWNER) if view.name == TITLE
    ]
    if not saved_views:
        views.create(state, TITLE, target, edit=edit)
        return None
    before = parse_instant(saved_views[0].target.query.removeprefix("as_of="))
    if moment - before >= APART:
        views.save(state, saved_views[0].id, TITLE, target, edit=edit)
    return before
