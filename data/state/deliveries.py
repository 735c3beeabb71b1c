"""The outbox of alerts: which are still to go out by a channel, which went, and why one will not.

The alerts are the outbox themselves: what has no settled line here is still to be sent, so none is
lost between being recorded and being queued. One too old to matter is never sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from data.state import alerts
from data.state.alerts import Alert
from data.state.connection import Row
from data.state.db import State
from data.state.values import choice, maybe_moment, maybe_stamp, prose, stamp

Channel = Literal["slack", "email", "webhook"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
DeliveryStatus = Literal["waiting", "sent", "dry run", "given up"]
STATUSES: tuple[DeliveryStatus, ...] = get_args(DeliveryStatus)
PENDING = """SELECT a.id, COALESCE(d.attempts, 0) AS attempts FROM alert a
LEFT JOIN alert_delivery d ON d.alert_id = a.id AND d.channel = ?
WHERE a.recorded_at >= ? AND a.known_at >= ? AND d.settled_at IS NULL
    AND (d.next_at IS NULL OR d.next_at <= ?) ORDER BY a.id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Pending:
    """An alert to be sent, and how often that was tried."""

    alert: Alert
    attempts: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one alert by one channel."""

    alert_id: int
    channel: Channel
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None = None
    settled_at: datetime | None = None
    note: str = ""


def pending(
    state: State, channel: Channel, *, now: datetime, within: timedelta, limit: int = 50
) -> tuple[Pending, ...]:
    """Alerts of the last while that are due to be sent by a channel, oldest first."""
    since = stamp(now - within)
    rows = state.rows(PENDING, (channel, since, since, stamp(now), limit))
    found = ((alerts.read(state, row["id"], as_of=now), row["attempts"]) for row in rows)
    return tuple(Pending(alert, attempts) for alert, attempts in found if alert is not None)


def record(state: State, delivery: Delivery) -> None:
    """How the last try went; a settled line stays as it is."""
    with state.transaction() as connection:
        connection.execute(
            "INSERT INTO alert_delivery"
            " (alert_id, channel, status, attempts, next_at, settled_at, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (alert_id, channel) DO UPDATE SET"
            " status = excluded.status, attempts = excluded.attempts, next_at = excluded.next_at,"
            " settled_at = excluded.settled_at, note = excluded.note"
            " WHERE alert_delivery.settled_at IS NULL",
            (delivery.alert_id, choice(delivery.channel, "the channel", CHANNELS))
            + (choice(delivery.status, "the status", STATUSES), delivery.attempts)
            + (maybe_stamp(delivery.next_at), maybe_stamp(delivery.settled_at))
            + (prose(delivery.note, "the note"),),
        )


def of(state: State, alert_ids: tuple[int, ...]) -> dict[int, tuple[Delivery, ...]]:
    """What became of some alerts, by their ids; of each the channels that were tried."""
    marks = ", ".join("?" for _ in alert_ids)
    rows = state.rows(
        f"SELECT * FROM alert_delivery WHERE alert_id IN ({marks}) ORDER BY alert_id, channel",  # noqa: S608 - marks only
        alert_ids,
    )
    found: dict[int, tuple[Delivery, ...]] = {}
    for row in rows:
        found[row["alert_id"]] = (*found.get(row["alert_id"], ()), _delivery(row))
    return found


def _delivery(row: Row) -> Delivery:
    return Delivery(
        row["alert_id"],
        row["channel"],
        row["status"],
        row["attempts"],
        maybe_moment(row["next_at"]),
        maybe_moment(row["settled_at"]),
        row["note"],
    )
