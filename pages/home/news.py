"""Headlines and alerts of the last day, as Home lists them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import streamlit as st

from analytics.core.catalogue import find
from data.query import Answer
from data.state import alerts
from data.state.db import State
from pages.desk import tables
from pages.desk.subjects import alert_rows
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import box, note
from pages.frame.tables import Column, table

HEADLINES = Panel(
    "Headlines", "newest first", ("news",), "No headline of the last 30 days is known.", keeps=True
)
SHOWN = 8
COLUMNS = (
    Column("event_at", "when", "minute"),
    Column("shown", "headline", "name"),
    Column("country", "country"),
)
ALERT_COLUMNS = (Column("at", "when", "minute"), *tables.ALERTS[1:4])


def headlines() -> None:
    """The last headlines; each opens its instrument or its country's calendar."""
    HEADLINES.show(find("latest_news").call, _headlines, top=SHOWN)


def _headlines(answer: Answer) -> str:
    rows = [row | {"shown": _headline(row)} for row in answer.frame.iter_rows(named=True)]
    return table(rows, COLUMNS, caption=HEADLINES.title, zone=current().view.zone)


def _headline(row: dict[str, Any]) -> dict[str, str] | str:
    symbols = row["symbols"] or []
    if symbols:
        return {"text": row["headline"], "to": address("instrument", id=symbols[0])}
    if row["country"]:
        return {"text": row["headline"], "to": address("releases", country=row["country"])}
    return str(row["headline"])


def day_alerts() -> None:
    """What fired in the day before the clock."""
    box("Alerts", "last 24 hours", _alerts)


def _alerts(state: State) -> None:
    view = current().view
    moment = now() if view.is_now else view.as_of
    found = alerts.known(state, as_of=moment, since=moment - timedelta(days=1), limit=SHOWN)
    if not found:
        note("No alert fired in the last 24 hours.")
        return
    st.html(tables.alerts(alert_rows(found), view.zone, ALERT_COLUMNS))
