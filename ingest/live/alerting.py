"""From rules in the state to alerts in the state and words on the bus; one row for each episode.

The same event again, after a crash or a replay, finds its row there and adds nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from analytics.live.active_rules import ActiveRule
from analytics.live.live import GRID_US, POINTS
from analytics.live.rules import LIVE, Event, RuleWatch, Told
from data import streams
from data.bus import Bus
from data.clock import iso
from data.errors import BusError
from data.state import alerts
from data.state.alerts import AlertChange, Condition, Firing
from data.state.db import State

WINDOW = timedelta(microseconds=GRID_US * POINTS)
KEPT = timedelta(days=1)
AFTER: Mapping[Told, Condition] = {"ended": "normal", "no data": "no_data", "data again": "firing"}
WORDS = pa.schema(
    [
        ("kind", pa.string()),
        ("id", pa.string()),
        ("rule", pa.string()),
        ("rule_id", pa.int64()),
        ("severity", pa.string()),
        ("symbol", pa.string()),
        ("metric", pa.string()),
        ("side", pa.string()),
        ("trigger", pa.float64()),
        ("value", pa.float64()),
        ("at", pa.timestamp("us", "UTC")),
        ("known_at", pa.timestamp("us", "UTC")),
    ]
)

log = logging.getLogger(__name__)


Snapshot = Callable[[Event], Mapping[str, Any]]


def record(
    state: State,
    active: ActiveRule,
    events: Sequence[Event],
    now: datetime,
    snapshot: Snapshot = lambda event: {},
) -> list[dict[str, Any]]:
    """Keep what a rule told; gives it in the words of the bus."""
    rows = []
    for event in events:
        known = event.known_at or event.at
        if event.kind == "fired":
            alerts.insert(state, _firing(active, event, known, snapshot(event)), now=now)
        elif event.id:
            _change(state, active, event, now)
        rows.append(
            {
                "kind": event.kind,
                "id": event.id,
                "rule": active.stored.terms.name,
                "rule_id": active.stored.id,
                "severity": active.stored.terms.severity,
                "symbol": event.symbol,
                "metric": active.rule.metric,
                "side": active.rule.side,
                "trigger": active.rule.trigger,
                "value": event.value,
                "at": event.at,
                "known_at": known,
            }
        )
    return rows


def _firing(active: ActiveRule, event: Event, known: datetime, point: Mapping[str, Any]) -> Firing:
    stored = active.stored
    begin = event.at - WINDOW if active.rule.metric in LIVE else event.since or event.at
    context = {
        "rule": stored.terms.name,
        "side": active.rule.side,
        "rearm": active.rule.rearm,
        "since": iso(event.since) if event.since else None,
        "at": iso(event.at),
        "window": [iso(begin), iso(event.at)],
        "point": dict(point),
    }
    return Firing(
        stored.id,
        stored.version,
        event.id,
        event.symbol,
        active.rule.metric,
        known,
        active.rule.trigger,
        event.value,
        stored.terms.severity,
        context,
    )


def _change(state: State, active: ActiveRule, event: Event, now: datetime) -> None:
    row = alerts.by_event(state, active.stored.id, active.stored.version, event.id)
    if row is None:
        log.warning("rule=%s alert=%s is not there; its end is lost", active.stored.id, event.id)
        return
    value = event.worst if event.kind == "ended" else event.value
    name = f"{event.id}:{event.kind}:{iso(event.at)}"
    known = event.known_at or event.at
    alerts.change(state, AlertChange(row, name, AFTER[event.kind], known, value), now=now)


def close_replaced(state: State, version: str, watches: Iterable[RuleWatch], now: datetime) -> None:
    """End the open alerts of a rule version that is no longer folded."""
    rule_id, number = map(int, version.split("."))
    for watch in watches:
        row = alerts.by_event(state, rule_id, number, watch.id) if watch.word == "firing" else None
        if row is not None:
            alerts.change(state, AlertChange(row, f"{watch.id}:replaced", "normal", now), now=now)


def push(bus: Bus, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Say it to the pages; the state has it also where the bus is gone."""
    if not rows:
        return
    try:
        bus.publish(streams.ALERTS, pa.Table.from_pylist(list(rows), schema=WORDS))
        bus.trim(streams.ALERTS, f"{int((now - KEPT).timestamp() * 1000)}-0")
    except BusError as error:
        log.warning("alerts=%d not_pushed=%s", len(rows), error)


def point_of(points: pl.DataFrame) -> Snapshot:
    """What was measured where a rule fired."""

    def snapshot(event: Event) -> Mapping[str, Any]:
        row = points.filter(pl.col("symbol") == event.symbol, pl.col("at") == event.at)
        return (
            {}
            if row.is_empty()
            else row.drop("symbol", "at", "known_at", strict=False).row(0, named=True)
        )

    return snapshot
