"""What the desk has on an instrument: its trades and average cost, and the alert rules about it.

All of it is read from the state as it was at the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from analytics.book.document import book_text
from analytics.book.exposure import book_positions
from analytics.core.money import in_major
from analytics.core.plain_numbers import plain_number
from analytics.live.active_rules import ActiveRule, rules_of
from analytics.live.alert_words import metric_value
from analytics.live.rules import LEVELS, LIVE, METRICS, NAMES, OF_CLOSES, Rule
from data.errors import WorkstationError
from data.query import Answer
from data.state import alerts, positions
from data.state.db import State
from data.state.positions import Lot
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import panel
from pages.frame.tables import Column, table
from pages.instruments.price_chart import Level, Mark

ABOUT = frozenset({*LIVE, *OF_CLOSES, "gain_share"})
MANY = 10_000
POSITION = (
    Column("side", "side"),
    Column("quantity", "quantity", "figure", hint="in shares of the clock, through splits"),
    Column("price", "average cost", "money", hint="mean price of the open lots, without fees"),
    Column("last", "last", "money", hint="in the currency of the lots"),
    Column("value", "value", "number", digits=0, hint="in the currency of the lots"),
    Column("gain", "gain", "signed", hint="unrealised, in the currency of the lots"),
    Column("share", "gain, %", "heat", digits=1, scale=0.3),
    Column("day_gain", "day's gain", "signed", hint="in the currency of the lots"),
    Column("realised", "realised", "signed", hint="after all fees"),
    Column("lots", "lots", "count"),
    Column("opened_on", "since", "day"),
)
AMOUNTS = ("value", "gain", "day_gain", "realised")
RULES = (
    Column("named", "rule", "link"),
    Column("words", "fires when", "wide"),
    Column("severity", "severity"),
    Column("drawn", "in the chart"),
    Column("last", "last alert", "instant", hint="of this rule on this instrument"),
)


@dataclass(frozen=True, slots=True)
class DeskView:
    """The lots of an instrument and the alert rules about it, as they were at the clock."""

    symbol: str
    lots: tuple[Lot, ...] = ()
    rules: tuple[ActiveRule, ...] = ()
    recent: tuple[alerts.Alert, ...] = ()


def moment() -> datetime:
    """The clock for what lies in the state; at Now, this very second."""
    run = current()
    return now() if run.view.is_now else run.view.as_of


def desk_view(symbol: str) -> DeskView:
    """What was known of it; nothing where the state cannot be read, as the frame says."""
    state = current().services.state
    if state is None:
        return DeskView(symbol)
    try:
        return _read(state, symbol, moment())
    except WorkstationError as error:
        explain(error, "desk")
        return DeskView(symbol)


def _read(state: State, symbol: str, at: datetime) -> DeskView:
    lots = tuple(lot for lot in positions.lots(state, as_of=at) if lot.draft.symbol == symbol)
    found, _ = rules_of(state, {name: METRICS[name] for name in ABOUT}, at)
    owners = {lot.draft.portfolio for lot in lots if lot.open_quantity}
    recent = alerts.known(state, as_of=at, limit=MANY) if found else ()
    mine = tuple(item for item in recent if item.firing.symbol == symbol)
    fired = {item.firing.rule_id for item in mine}
    about = tuple(
        active
        for active in found
        if active.stored.id in fired or _is_about(active.rule, symbol, owners)
    )
    return DeskView(symbol, lots, about, mine)


def _is_about(rule: Rule, symbol: str, owners: set[str]) -> bool:
    """Whether it names the instrument; a rule on all trades is about those that trade live."""
    if rule.metric == "gain_share":
        return rule.portfolio in owners
    if rule.symbols is None:
        return rule.metric in OF_CLOSES
    return symbol in rule.symbols


def trade_marks(view: DeskView) -> list[Mark]:
    """Every purchase and sale at its day, with its price in the legend."""
    found = []
    for lot in view.lots:
        draft, side = lot.draft, 1 if lot.draft.quantity > 0 else -1
        steps = [(draft.opened_at, draft.quantity, draft.price)]
        steps += [(part.closed_at, -side * part.quantity, part.price) for part in lot.closings]
        for at, quantity, price in steps:
            word = "Bought" if quantity > 0 else "Sold"
            count, cost = plain_number(abs(quantity)), f"{plain_number(price, 8)} {draft.currency}"
            text = f"{at:%d %b %Y} {word} {count} at {cost} · {draft.portfolio}"
            letter = plain_number(quantity, 4, sign=True)
            found.append(Mark(at.date(), letter, text, "buy" if quantity > 0 else "sell"))
    return found


def levels(view: DeskView, currency: str | None) -> list[Level]:
    """Average costs and price triggers, in the currency of the chart."""
    return [*_cost_levels(view, currency), *_trigger_levels(view)]


def _cost_levels(view: DeskView, currency: str | None) -> list[Level]:
    if not view.lots or not currency:
        return []
    try:
        frame = cached(book_positions, current().at, book=book_text(view.lots)).frame
    except Exception as error:  # noqa: BLE001 - the panel of the position says it
        explain(error, "position")
        return []
    found = []
    for row in frame.filter(pl.col("quantity") != 0).iter_rows(named=True):
        (major, part), (shown, step) = in_major(row["currency"]), in_major(currency)
        cost = _average(row)
        if cost is not None and major == shown:
            side = "long" if row["quantity"] > 0 else "short"
            found.append(Level(cost * part / step, f"{side} at", "cost"))
    return found


def _trigger_levels(view: DeskView) -> list[Level]:
    """The triggers that are prices; all others are in the table of rules."""
    return [
        Level(active.rule.trigger, f"alert {active.rule.side}", "alert")
        for active in view.rules
        if active.rule.metric in LEVELS
    ]


def draw_desk(view: DeskView, currency: str | None) -> None:
    """The position with its receipt, and the rules; nothing where there is neither."""
    if view.lots:
        names = ", ".join(sorted({lot.draft.portfolio for lot in view.lots}))
        Panel("Position", f"all portfolios with it: {names}", ("prices",), draws_empty=True).show(
            book_positions, lambda answer: _position(answer, currency), book=book_text(view.lots)
        )
    if view.rules:
        with panel("Alert rules", "about this instrument, as known at the clock"):
            st.html(table(_rules(view), RULES, caption="Alert rules", zone=current().view.zone))


def _position(answer: Answer, currency: str | None) -> str:
    rows = [
        row
        | {
            "side": "long" if row["quantity"] > 0 else "short" if row["quantity"] else "closed",
            "price": {"value": _average(row), "unit": row["currency"]},
            "last": {"value": row["last"], "unit": row["currency"]},
            "share": row["gain"] / abs(row["cost"])
            if row["gain"] is not None and row["cost"]
            else None,
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    others = sorted({row["currency"] for row in rows if row["quantity"]})
    foreign = [c for c in others if not currency or in_major(c)[0] != in_major(currency)[0]]
    note = f"Average costs in {', '.join(foreign)} are not drawn in the chart." if foreign else ""
    shown = table(rows, _in_currency(rows), caption="Position")
    return shown + (f'<div class="b-note">{escape(note)}</div>' if note else "")


def _in_currency(rows: Sequence[dict[str, Any]]) -> list[Column]:
    """The columns, with the currency in the head of amounts where all lots have the same."""
    units = {row["currency"] for row in rows}
    if len(units) != 1 or None in units:
        return list(POSITION)
    (unit,) = units
    return [
        replace(column, label=f"{column.label}, {unit}") if column.name in AMOUNTS else column
        for column in POSITION
    ]


def _average(row: dict[str, Any]) -> float | None:
    cost, quantity = row["cost"], row["quantity"]
    return cost / quantity if cost is not None and quantity else None


def _rules(view: DeskView) -> Sequence[dict[str, Any]]:
    last: dict[int, datetime] = {}
    for alert in view.recent:
        number, at = alert.firing.rule_id, alert.firing.known_at
        last[number] = max(at, last.get(number, at))
    return [
        {
            "named": {
                "text": active.stored.terms.name,
                "to": address("alerts", rule=active.stored.terms.name),
            },
            "words": f"{NAMES[active.rule.metric][0]} {active.rule.side} "
            f"{metric_value(active.rule.metric, active.rule.trigger)}",
            "severity": active.stored.terms.severity,
            "drawn": "a line" if active.rule.metric in LEVELS else "not a price",
            "last": last.get(active.stored.id),
        }
        for active in view.rules
    ]
