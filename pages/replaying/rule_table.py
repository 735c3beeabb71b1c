"""What the rules of now would have done over the window's trades, beside what fired then."""

from __future__ import annotations

import json
from typing import Any

from analytics.live.active_rules import ActiveRule, rules_of
from analytics.live.rules import LIVE, METRICS
from analytics.replay.rule_replay import beside, rule_replay
from data.query import Answer
from data.state import alerts
from data.state.db import State
from pages.desk import tables
from pages.frame.panel import Panel
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.state_panel import note
from pages.frame.tables import Column, table
from pages.replaying import stage
from pages.replaying.transport import Replaying
from pages.replaying.window import ReplayWindow

WOULD = (
    Column("verdict", "verdict", "status"),
    Column("rule", "rule", "wide"),
    Column("named", "instrument", "id"),
    Column("now_at", "would fire", "clock"),
    Column("then_at", "fired then", "clock"),
    Column("value", "value", "figure"),
    Column("trigger", "trigger", "figure"),
    Column("ended_at", "ends", "clock"),
)


def rules_over_window(replaying: Replaying, state: State) -> None:
    """What the rules of today would have told, beside what was told then."""
    # What lies ahead of a clock that follows is on the stage alone.
    window = replaying.window.until(replaying.moment) if replaying.follows else replaying.window
    if window.start >= window.end:
        return
    moment = now() if current().view.is_now or replaying.follows else current().view.as_of
    active, errors = rules_of(state, METRICS, moment)
    live = [rule for rule in active if rule.rule.metric in LIVE]
    for number, why in errors.items():
        note(f"Rule {number} cannot be read: {why}.")
    if len(live) < len(active):
        note(
            f"{len(active) - len(live)} rules watch the lake or what is held; a window of trades "
            "does not fold them."
        )
    if not live:
        note("No rule about trades is switched on; Alerts makes some.")
        return
    fired = _fired(window, state)
    Panel(
        "What my rules would have done",
        "the rules of now, folded over the window's trades",
        ("ticks",),
        "They would not have fired, and none fired then.",
        draws_empty=True,
        at=replaying.at_moment if replaying.follows else replaying.at,
    ).show(
        rule_replay,
        lambda answer: _would(answer, fired),
        rules=_definitions(live),
        symbols=list(window.symbols),
        start=window.start,
        end=window.end,
    )


def _definitions(live: list[ActiveRule]) -> str:
    return json.dumps(
        [
            {
                "id": rule.stored.id,
                "version": rule.stored.version,
                "name": rule.stored.terms.name,
                "definition": dict(rule.stored.terms.definition),
                "symbols": sorted(rule.rule.symbols) if rule.rule.symbols is not None else None,
            }
            for rule in live
        ],
        sort_keys=True,
    )


def _fired(window: ReplayWindow, state: State) -> list[dict[str, Any]]:
    """What the rules of then told of the window's instruments, from trades."""
    return [
        {
            "rule_id": alert.firing.rule_id,
            "rule": alert.firing.context.get("rule"),
            "symbol": alert.firing.symbol,
            "at": stage.moment_of(alert),
            "value": alert.firing.trigger_value,
            "trigger": alert.firing.threshold,
        }
        for alert in alerts.known(state, as_of=window.end, since=window.start, limit=500)
        if alert.firing.symbol in window.symbols and "point" in alert.firing.context
    ]


def _would(answer: Answer, fired: list[dict[str, Any]]) -> str:
    found = beside(answer.frame, fired)
    if found.is_empty():
        return '<div class="b-note">They would not have fired, and none fired then.</div>'
    rows = [
        {
            **row,
            "named": tables.short(row["symbol"]),
            "value": tables.figure(row["value"]),
            "trigger": tables.figure(row["trigger"]),
        }
        for row in found.to_dicts()
    ]
    return table(rows, WOULD, caption="What my rules would have done", zone=current().view.zone)
