"""How a rule would have fared over the archive: its alerts beside the falls of a chosen size."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.live.active_rules import scoped
from analytics.live.board import instruments_traded
from analytics.live.rehearsal import rule_record
from analytics.live.rules import read_rule
from data.query import Answer
from data.state.db import State
from data.state.rules import Terms
from pages.desk import tables
from pages.frame.cached import cached
from pages.frame.errors import Trouble
from pages.frame.panel import Panel, say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, facts, table

HOURS = {"1 hour": 1, "3 hours": 3, "6 hours": 6}
RECORD = (
    Column("verdict", "verdict", "status"),
    Column("named", "instrument", "id"),
    Column("fired_at", "fired", "clock"),
    Column("value", "value", "figure"),
    Column("event_at", "fall", "clock"),
    Column("lead_s", "lead, s", "number", digits=1),
    Column("ended_at", "ended", "clock"),
)


def rehearse(state: State, terms: Terms, choices: DeltaGenerator) -> None:
    """How the rule would have fared over the archive."""
    row = choices.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        span = st.selectbox("Rehearse over", list(HOURS), key="alerts_span", width=150)
        fall = st.number_input("Falls of at least, %", 0.1, 90.0, 2.0, key="alerts_fall", width=170)
        near = st.number_input("counted within, s", 1, 3_600, 300, key="alerts_near", width=160)
        wanted = st.toggle("Rehearse", key="alerts_rehearse")
    if not wanted:
        return
    end = current().view.as_of
    start = end - timedelta(hours=HOURS[span])
    named = scoped(state, read_rule(terms.definition, "0"), now()).symbols
    symbols = _traded(start) if named is None else sorted(named)
    if not symbols:
        none = f"No instrument of this rule traded in the {span} before the clock."
        say(Trouble(none, "Set the clock later, or choose other instruments."), "empty")
        return
    count = f"{len(symbols)} instrument{'s' if len(symbols) > 1 else ''}"
    title = f"the {span} before the clock · {count} · falls of {fall:g} % within five minutes"
    nothing = "It would not have fired, and nothing fell so deep."
    Panel("Rehearsal", title, ("ticks",), nothing).show(
        rule_record,
        _record,
        definition=json.dumps(dict(terms.definition), sort_keys=True),
        symbols=symbols,
        start=start,
        end=end,
        fall=fall / 100,
        before_s=float(near),
    )


def _traded(start: datetime) -> list[str]:
    """What the rule would have seen: whatever traded in the window, not only in its last hour."""
    return sorted(cached(instruments_traded, current().at, start=start).frame["symbol"])


def _record(answer: Answer) -> str:
    found = answer.frame
    counts = {
        word: found.filter(verdict=word).height
        for word in ("hit", "again", "false alarm", "missed")
    }
    leads = found.filter(verdict="hit").select("lead_s").median()
    middle = leads.item()
    rows = [
        {**row, "named": tables.short(row["symbol"]), "value": tables.figure(row["value"])}
        for row in found.head(60).iter_rows(named=True)
    ]
    strip = facts(
        [
            ("Fires", str(found.height - counts["missed"]), "episodes"),
            ("Hits", str(counts["hit"]), "falls told"),
            ("Again", str(counts["again"]), "told more than once"),
            ("False alarms", str(counts["false alarm"]), "near no fall"),
            ("Missed", str(counts["missed"]), "falls not told"),
            ("Lead", "–" if middle is None else f"{middle:+.1f} s", "median, before the fall"),
        ]
    )
    return strip + table(rows, RECORD, caption="Rehearsal", zone=current().view.zone)
