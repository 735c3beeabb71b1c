"""Fenced leases: one holder of a name at a time, and a number that rises with every taking.

Refuses a holder whose time is up once another has taken the name: its fence is the lower one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import moment, name, stamp


@dataclass(frozen=True, slots=True)
class Lease:
    """Held by `owner` until then; `fence` goes with everything the holder writes."""

    name: str
    owner: str
    fence: int
    until: datetime


def take(state: State, title: str, owner: str, *, now: datetime, until: datetime) -> Lease | None:
    """The lease when it is free or its time is up, else none.

    A free name is taken with a higher fence even by its last owner: whatever that one still has
    under way from before is refused.
    """
    if until <= now:
        raise ConfigError(f"the lease {title!r} would end before it starts; give a later end")
    with state.transaction() as connection:
        row = connection.execute(
            "INSERT INTO lease (name, owner, fence, until_at) VALUES (?, ?, 1, ?)"
            " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, fence = lease.fence + 1,"
            " until_at = excluded.until_at WHERE lease.until_at <= ? RETURNING *",
            (name(title, "the lease"), name(owner, "the owner"), stamp(until), stamp(now)),
        ).fetchone()
        return None if row is None else _lease(row)


def renew(state: State, lease: Lease, *, until: datetime) -> Lease | None:
    """The same lease for longer, or none when another has taken it; late is fine if nobody did."""
    with state.transaction() as connection:
        row = connection.execute(
            "UPDATE lease SET until_at = ? WHERE name = ? AND owner = ? AND fence = ? RETURNING *",
            (stamp(until), lease.name, lease.owner, lease.fence),
        ).fetchone()
        return None if row is None else _lease(row)


def release(state: State, lease: Lease, *, now: datetime) -> None:
    """Free at once for the next; nothing happens when another has it already."""
    with state.transaction() as connection:
        connection.execute(
            "UPDATE lease SET until_at = ? WHERE name = ? AND owner = ? AND fence = ?"
            " AND until_at > ?",
            (stamp(now), lease.name, lease.owner, lease.fence, stamp(now)),
        )


def is_held(state: State, lease: Lease) -> bool:
    """Whether nobody has taken it since; ask inside the transaction that depends on it."""
    row = state.row(
        "SELECT 1 FROM lease WHERE name = ? AND owner = ? AND fence = ?",
        (lease.name, lease.owner, lease.fence),
    )
    return row is not None


def current(state: State, title: str, *, now: datetime) -> Lease | None:
    """Who holds the name at this instant."""
    row = state.row("SELECT * FROM lease WHERE name = ? AND until_at > ?", (title, stamp(now)))
    return None if row is None else _lease(row)


def last_end(state: State, title: str) -> datetime | None:
    """When the time of the last holder was up or will be; none where nobody ever had the name."""
    row = state.row("SELECT until_at FROM lease WHERE name = ?", (title,))
    return None if row is None else moment(row["until_at"])


def _lease(row: Row) -> Lease:
    return Lease(row["name"], row["owner"], row["fence"], moment(row["until_at"]))
