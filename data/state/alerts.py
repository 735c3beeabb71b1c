"""Alerts: one row for each time a rule fired, however often the event that fired it is replayed.

Refuses to store one event of one rule version twice; changes of condition are dated rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.rules import SEVERITIES, Severity
from data.state.values import choice, finite, moment, name, pack, stamp, unpack

EVENT_LENGTH = 200
Condition = Literal["normal", "pending", "firing", "recovering", "no_data", "error"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
BY_EVENT = "SELECT * FROM alert WHERE rule_id = ? AND rule_version = ? AND event_id = ?"
# What was written down after a clock was on nobody's screen at it, whenever it was about.
ALERTS = """SELECT a.*, (SELECT c.condition FROM alert_change c WHERE c.alert_id = a.id
    AND c.known_at <= ? AND COALESCE(c.recorded_at, c.known_at) <= ?
    ORDER BY c.known_at DESC, c.event_id DESC LIMIT 1) AS condition
FROM alert a WHERE a.known_at <= ? AND a.recorded_at <= ? """
SINCE = ALERTS + "AND a.known_at >= ? ORDER BY a.known_at DESC, a.id DESC LIMIT ?"
OF_ID = ALERTS + "AND a.id = ?"


@dataclass(frozen=True, slots=True)
class Firing:
    """What fired: `event_id` is the place in the stream, the same at every replay."""

    rule_id: int
    rule_version: int
    event_id: str
    symbol: str
    metric: str
    known_at: datetime
    threshold: float | None = None
    trigger_value: float | None = None
    severity: Severity = "warning"
    context: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Alert:
    """A firing on record, with the condition it was in at the clock of the reading."""

    id: int
    firing: Firing
    recorded_at: datetime
    condition: Condition

    @property
    def shown_at(self) -> datetime:
        """From when on it was on a screen."""
        return max(self.firing.known_at, self.recorded_at)


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert passing into another condition; `known_at` is the time of what made it pass."""

    alert_id: int
    event_id: str
    condition: Condition
    known_at: datetime
    trigger_value: float | None = None


def insert(state: State, firing: Firing, *, now: datetime) -> tuple[Alert, bool]:
    """The alert, and whether it is new; the same event again gives the first one and false."""
    values = _values(firing)
    with state.transaction() as connection:
        active = connection.execute(
            "SELECT 1 FROM rule_version WHERE rule_id = ? AND version = ?", values[:2]
        ).fetchone()
        if active is None:
            raise ConfigError(
                f"rule {firing.rule_id} has no version {firing.rule_version}; "
                "save the rule before its alerts"
            )
        is_new = bool(
            connection.execute(
                "INSERT INTO alert (rule_id, rule_version, event_id, symbol, metric, threshold,"
                " trigger_value, severity, known_at, context, recorded_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (rule_id, rule_version, event_id) DO NOTHING",
                (*values, stamp(now)),
            ).rowcount
        )
        return _alert(connection.execute(BY_EVENT, values[:3]).fetchone(), "firing"), is_new


def by_event(state: State, rule_id: int, rule_version: int, event_id: str) -> int | None:
    """The id of the alert that an event fired, or none."""
    row = state.row(BY_EVENT, (rule_id, rule_version, event_id))
    return None if row is None else int(row["id"])


def change(state: State, step: AlertChange, *, now: datetime) -> bool:
    """Record that an alert passed into another condition; false when it is known already."""
    value = step.trigger_value
    with state.transaction() as connection:
        if not connection.execute("SELECT 1 FROM alert WHERE id = ?", (step.alert_id,)).fetchone():
            raise ConfigError(f"there is no alert {step.alert_id}; it must be inserted first")
        done = connection.execute(
            "INSERT INTO alert_change (alert_id, event_id, condition, known_at, trigger_value,"
            " recorded_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (alert_id, event_id) DO NOTHING",
            (step.alert_id, name(step.event_id, "the event's id", limit=EVENT_LENGTH))
            + (choice(step.condition, "the condition", CONDITIONS), stamp(step.known_at))
            + (None if value is None else finite(value, "the trigger value"), stamp(now)),
        )
        return bool(done.rowcount)


def known(
    state: State, *, as_of: datetime, since: datetime | None = None, limit: int = 1000
) -> tuple[Alert, ...]:
    """The alerts that were on record at `as_of`, newest first, in the condition recorded then."""
    clock = stamp(as_of)
    start = "" if since is None else stamp(since)
    rows = state.rows(SINCE, (clock, clock, clock, clock, start, limit))
    return tuple(_alert(row, row["condition"] or "firing") for row in rows)


def read(state: State, alert_id: int, *, as_of: datetime) -> Alert | None:
    """One alert, or none where it was not yet on record."""
    clock = stamp(as_of)
    row = state.row(OF_ID, (clock, clock, clock, clock, alert_id))
    return None if row is None else _alert(row, row["condition"] or "firing")


def _values(firing: Firing) -> tuple[object, ...]:
    threshold, value = firing.threshold, firing.trigger_value
    return (
        firing.rule_id,
        firing.rule_version,
        name(firing.event_id, "the event's id", limit=EVENT_LENGTH),
        name(firing.symbol, "a symbol", limit=120),
        name(firing.metric, "the metric"),
        None if threshold is None else finite(threshold, "the threshold"),
        None if value is None else finite(value, "the trigger value"),
        choice(firing.severity, "the severity", SEVERITIES),
        stamp(firing.known_at),
        pack(firing.context, "the alert's context"),
    )


def _alert(row: Row, condition: Condition) -> Alert:
    firing = Firing(
        row["rule_id"],
        row["rule_version"],
        row["event_id"],
        row["symbol"],
        row["metric"],
        moment(row["known_at"]),
        row["threshold"],
        row["trigger_value"],
        row["severity"],
        unpack(row["context"]),
    )
    return Alert(row["id"], firing, moment(row["recorded_at"]), condition)
