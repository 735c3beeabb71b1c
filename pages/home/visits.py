"""The last visit of a reader: kept in the state, so that Home can say what changed since then.

Nothing is kept while the state cannot be used, and no visit is when the clock is past.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from data.clock import iso, parse_instant
from data.errors import WorkstationError
from data.state import readers
from data.state.db import State
from pages.frame.errors import explain
from pages.frame.reader import reader
from pages.frame.resources import now
from pages.frame.run import current

SETTING = "last_visit"
KEY = "frame_last_visit"
# A reload is not a visit.
APART = timedelta(minutes=30)


def last_visit() -> datetime | None:
    """When this reader was here before this session; asked once per session."""
    if KEY not in st.session_state:
        st.session_state[KEY] = _turn(current().services.state, reader().id)
    moment: datetime | None = st.session_state[KEY]
    return moment


def _turn(state: State | None, reader_id: str) -> datetime | None:
    if state is None:
        return None
    try:
        return remember(state, reader_id, now().replace(second=0, microsecond=0))
    except WorkstationError as error:
        explain(error, "last visit")
        return None


def remember(state: State, reader_id: str, moment: datetime) -> datetime | None:
    """The visit before this one, and from now on this one."""
    found = readers.setting(state, reader_id, SETTING)
    before = parse_instant(found) if isinstance(found, str) else None
    if before is None or moment - before >= APART:
        readers.choose(state, reader_id, SETTING, iso(moment), now=moment)
    return before
