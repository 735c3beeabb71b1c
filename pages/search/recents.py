"""What a reader looked at last, newest first; only what is known at the clock is offered.

A session takes over the reader's list when it first asks, and each new name goes in front of the
list as it is kept by then, so that two tabs lose nothing to each other. A reader without a cookie
has the list of the session alone, since all such readers are one.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.frame.reader import SHARED, choose, chosen, reader

KEY = "frame_recents"
SETTING = "recents"
MOST = 8
LONGEST = 200  # characters of an id; a longer one is not kept beyond the session

Lists = dict[str, list[str]]


def remember(kind: str, name: str) -> None:
    """It was looked at or chosen just now."""
    shown = _session()
    if shown.get(kind, [])[:1] == [name]:
        return
    shown[kind] = _in_front(name, shown.get(kind, []))
    if reader().id == SHARED or len(name) > LONGEST:
        return
    kept = _readable(chosen(SETTING))
    kept[kind] = _in_front(name, kept.get(kind, []))
    choose(SETTING, kept)


def recents(kind: str) -> list[str]:
    """Ids of one kind, newest first."""
    return list(_session().get(kind, []))


def _session() -> Lists:
    if KEY not in st.session_state:
        is_kept = reader().id != SHARED
        st.session_state[KEY] = _readable(chosen(SETTING)) if is_kept else {}
    lists: Lists = st.session_state[KEY]
    return lists


def _in_front(name: str, others: list[str]) -> list[str]:
    return [name, *(other for other in others if other != name)][:MOST]


def _readable(value: object) -> Lists:
    """What the state has, as far as it is lists of names."""
    if not isinstance(value, Mapping):
        return {}
    return {
        str(kind): [name for name in names if isinstance(name, str)][:MOST]
        for kind, names in value.items()
        if isinstance(names, list)
    }
