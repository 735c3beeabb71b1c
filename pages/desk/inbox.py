"""The inbox: alerts and finished refreshes that the reader has not read yet, or all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analytics.live.alert_words import measure_of
from data.errors import WorkstationError
from data.state import inbox
from data.state.db import State
from data.state.inbox import InboxItem
from pages.desk.subjects import names_for, subject
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.panel import say
from pages.frame.reader import reader
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import note
from pages.frame.tables import Column, table

SHOWN = 50
UNREAD, ALL = "Unread", "All"
ITEMS = (
    Column("at", "when", "instant"),
    Column("kind", "kind"),
    Column("about", "subject", "link"),
    Column("what", "what", "wide"),
    Column("detail", "detail", "wide"),
    Column("read", "read", "instant"),
)


def draw_inbox(state: State) -> None:
    """The newest items, and at Now a button that marks all of them as read."""
    view = current().view
    moment = now() if view.is_now else view.as_of
    found = inbox.listed(state, reader().id, as_of=moment)
    unread = [item for item in found if item.read_at is None]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shown = st.segmented_control(
            "Items",
            [UNREAD, ALL],
            default=UNREAD,
            key="inbox_shown",
            required=True,
            label_visibility="collapsed",
            format_func=lambda word: f"{word} ({len(unread if word == UNREAD else found)})",
        )
        if view.is_now and unread:
            st.button(
                "Mark all as read", key="inbox_read", on_click=_mark_all, args=(state, moment)
            )
    items = found if shown == ALL else unread
    if not items:
        note(
            "No unread alert or finished refresh in the last 30 days."
            if shown == UNREAD
            else "No alert and no finished refresh in the last 30 days."
        )
        return
    names = names_for(item.alert.firing.metric for item in items if item.alert)
    rows = [_row(item, names) for item in items[:SHOWN]]
    st.html(f'<div class="b-box">{table(rows, ITEMS, caption="Inbox", zone=view.zone)}</div>')
    if len(items) > SHOWN:
        note(f"The newest {SHOWN} of {len(items)} are shown.")


def _row(item: InboxItem, names: Mapping[str, str]) -> dict[str, Any]:
    if item.alert is not None:
        firing = item.alert.firing
        row: dict[str, Any] = {
            "kind": f"alert, {firing.severity}",
            "about": subject(firing.metric, firing.symbol, names),
            "what": str(firing.context.get("rule", "")),
            "detail": measure_of(item.alert),
        }
    else:
        wish = item.request
        assert wish is not None
        row = {
            "kind": "refresh",
            "about": {"text": wish.job, "to": address("jobs", job=wish.job)},
            "what": f"refresh {wish.status}",
            "detail": wish.message,
        }
    return row | {"at": item.at, "read": item.read_at}


def _mark_all(state: State, moment: Any) -> None:
    """Callback: what was shown is read, and nothing that came since."""
    try:
        inbox.mark_all_read(state, reader().id, as_of=moment, now=now())
    except WorkstationError as error:
        say(explain(error, "inbox"), "error")
