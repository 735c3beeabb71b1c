"""What a session looked at last, newest first; only what is known at the clock is offered."""

from __future__ import annotations

import streamlit as st

KEY = "frame_recents"
MOST = 8


def remember(kind: str, name: str) -> None:
    """It was looked at or chosen just now."""
    held: dict[str, list[str]] = st.session_state.setdefault(KEY, {})
    held[kind] = [name, *(other for other in held.get(kind, []) if other != name)][:MOST]


def recents(kind: str) -> list[str]:
    """Ids of one kind, newest first."""
    held: dict[str, list[str]] = st.session_state.get(KEY, {})
    return list(held.get(kind, []))
