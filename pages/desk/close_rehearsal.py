"""When a rule on daily closes or a formula would have fired, and what its instrument did then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.formulas.values import formula_of
from analytics.live.active_rules import scoped
from analytics.live.alert_words import metric_value
from analytics.live.close_rehearsal import AFTER, close_rule_record
from analytics.live.rules import NAMES, read_rule
from data.query import Answer
from data.state.db import State
from data.state.rules import Terms
from pages.desk.subjects import names_for, subject
from pages.frame.errors import Trouble
from pages.frame.links import address
from pages.frame.panel import Panel, say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, facts, table

YEARS = {"1 year": 1, "3 years": 3, "10 years": 10}
MOST = 100
WHEN = Column("when", "fired", "link", hint="the first session at or beyond the trigger")
LATER_ON = (
    Column("after_1", "after 1 session", "move"),
    Column("after_5", "after 5", "move", hint="sessions"),
    Column("after_20", "after 20", "move", hint="sessions"),
    Column("sessions", "sessions", "count", hint="at or beyond the trigger; one alert for all"),
    Column("ended_on", "reset on", "day", hint="the first session beyond the re-arm level"),
)
LATER = {1: "1 session later", 5: "5 sessions later", 20: "20 sessions later"}


def rehearse_closes(state: State, terms: Terms, choices: DeltaGenerator) -> None:
    """The rule over the years before the clock."""
    row = choices.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        span = st.selectbox("Rehearse over", list(YEARS), key="alerts_years", width=150)
        wanted = st.toggle("Rehearse", key="alerts_rehearse_closes")
    if not wanted:
        return
    rule = scoped(state, read_rule(terms.definition, "0"), now())
    day = current().view.as_of.date()
    since = day.replace(day=min(day.day, 28), year=day.year - YEARS[span])
    symbols = None if rule.symbols is None else sorted(rule.symbols)
    if symbols == []:
        nothing = "This rule watches nothing: its list or portfolio is empty now."
        say(Trouble(nothing, "Put instruments into it, or choose another."), "empty")
        return
    listed = " · list or portfolio as it is now" if rule.watchlist or rule.portfolio else ""
    kept = {**terms.definition, **({"symbols": symbols} if rule.metric == "formula" else {})}
    Panel(
        "Rehearsal",
        f"{span} up to the clock · closes as they are known at the clock{listed}",
        ("prices", "macro"),
        f"It would not have fired in the {span} up to the clock.",
    ).show(
        close_rule_record,
        lambda answer: _record(answer, rule.metric),
        definition=json.dumps(kept, sort_keys=True),
        since=since,
        symbols=symbols,
    )


def _record(answer: Answer, metric: str) -> str:
    found, names = answer.frame, names_for([metric])
    strip = [("Fired", f"{found.height:,}", _of_how_many(found))]
    strip += [(name, *_later(found, count)) for count, name in LATER.items()]
    newest = found.sort("date", "symbol", descending=[True, False]).head(MOST)
    rows = [_row(row, metric, names) for row in newest.iter_rows(named=True)]
    left = found.height - len(rows)
    note = f'<div class="b-note">The {MOST} newest of {found.height:,}.</div>' if left else ""
    return facts(strip) + table(rows, _columns(metric), caption="Rehearsal") + note


def _columns(metric: str) -> list[Column]:
    """The value in the metric's unit; each formula has its own."""
    unit = NAMES[metric][1]
    label = f"value, {unit}" if unit else "value"
    value = Column("value", label, "number", digits=2) if unit else Column("value", "value", "text")
    return [WHEN, Column("named", "of what", "link"), value, *LATER_ON]


def _of_how_many(found: pl.DataFrame) -> str:
    count, sessions = found["symbol"].n_unique(), found["sessions"].sum()
    of_all = f"{count:,} instrument{'' if count == 1 else 's'}"
    return f"times; {sessions:,} sessions of {of_all}"


def _later(found: pl.DataFrame, count: int) -> tuple[str, str]:
    """The median move after it fired, and how often it was a rise; beside any session's."""
    after = found[f"after_{count}"].drop_nulls()
    if found["unit"].n_unique() > 1:
        return "–", "shares and differences have no common median"
    if after.is_empty():
        return "–", "none so long ago"
    unit, usual = found["unit"][0], found[f"usual_{count}"][0]
    rises = f"{100 * (after > 0).sum() / len(after):.0f} % rose"
    return _moved(after.median(), unit), f"median; {rises}; of any session {_moved(usual, unit)}"


def _moved(value: Any, unit: str | None) -> str:
    if value is None:
        return "–"
    text = f"{100 * value:+.2f} %" if unit is None else f"{value:+.4g} {unit}".rstrip()
    return text.replace("-", "−")


def _value(metric: str, value: float) -> float | str:
    unit = NAMES[metric][1]
    if not unit:
        return metric_value(metric, value)
    return 100 * value if unit == "%" else value


def _row(row: dict[str, Any], metric: str, names: Mapping[str, str]) -> dict[str, Any]:
    symbol, day = row["symbol"], row["date"]
    shown = formula_of(symbol)
    one = {"id": symbol} if shown is None else {"f": shown}
    then = address("instrument", **one, as_of=f"{day.isoformat()}T23:59:00Z")
    moves = {name: row[name] for name in (f"after_{count}" for count in AFTER)}
    return {
        **{
            name: {"value": value, "text": _moved(value, row["unit"])}
            for name, value in moves.items()
        },
        "when": {"text": f"{day:%d %b %Y}", "to": then},
        "named": subject(metric, symbol, names),
        "value": _value(metric, row["value"]),
        "sessions": row["sessions"],
        "ended_on": row["ended_on"],
    }
