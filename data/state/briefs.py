"""What became of each daily brief, by its clock and channel; a settled line stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.state.db import State
from data.state.deliveries import CHANNELS, STATUSES, Channel, DeliveryStatus
from data.state.values import choice, maybe_moment, maybe_stamp, prose, stamp


@dataclass(frozen=True, slots=True)
class BriefDelivery:
    """How far the brief of a clock is on its way out by a channel."""

    as_of: datetime
    channel: Channel
    status: DeliveryStatus
    attempts: int
    settled_at: datetime | None = None
    note: str = ""


def read(state: State, as_of: datetime, channel: Channel) -> BriefDelivery | None:
    """The line of one brief; none where it was never tried."""
    row = state.row(
        "SELECT * FROM brief_delivery WHERE as_of = ? AND channel = ?", (stamp(as_of), channel)
    )
    if row is None:
        return None
    settled = maybe_moment(row["settled_at"])
    return BriefDelivery(
        as_of, row["channel"], row["status"], row["attempts"], settled, row["note"]
    )


def record(state: State, delivery: BriefDelivery) -> None:
    """How the last try went."""
    with state.transaction() as connection:
        connection.execute(
            "INSERT INTO brief_delivery (as_of, channel, status, attempts, settled_at, note)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (as_of, channel) DO UPDATE SET"
            " status = excluded.status, attempts = excluded.attempts,"
            " settled_at = excluded.settled_at, note = excluded.note"
            " WHERE brief_delivery.settled_at IS NULL",
            (stamp(delivery.as_of), choice(delivery.channel, "the channel", CHANNELS))
            + (choice(delivery.status, "the status", STATUSES), delivery.attempts)
            + (maybe_stamp(delivery.settled_at), prose(delivery.note, "the note")),
        )
