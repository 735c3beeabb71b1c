"""The inbox of a reader: alerts and the refreshes that people asked for, read or unread.

It holds no copies: what is in it lies in the tables of alerts and requests. At a clock it is what
was written down by then, and read by then. Older than 30 days is out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from data.state import alerts, requests
from data.state.alerts import Alert
from data.state.db import State
from data.state.requests import Request
from data.state.values import moment, name, stamp

InboxKind = Literal["alert", "request"]
SPAN = timedelta(days=30)
MOST = 1_000
MOST_COUNTED = 100
# Items of the span by a clock that a reader had not read by it.
UNREAD = """SELECT 'alert' AS kind, a.id AS item_id FROM alert a
    WHERE a.known_at >= :since AND a.known_at <= :clock AND a.recorded_at <= :clock
    AND NOT EXISTS (SELECT 1 FROM inbox_read r WHERE r.reader = :reader AND r.kind = 'alert'
        AND r.item_id = a.id AND r.read_at <= :clock)
UNION ALL
SELECT 'request', q.id FROM request q
    WHERE q.requested_at >= :since AND q.ended_at <= :clock
    AND NOT EXISTS (SELECT 1 FROM inbox_read r WHERE r.reader = :reader AND r.kind = 'request'
        AND r.item_id = q.id AND r.read_at <= :clock)"""
COUNT = f"SELECT count(*) AS n FROM (SELECT 1 FROM ({UNREAD}) LIMIT {MOST_COUNTED})"  # noqa: S608 - constants only
MARK = f"""INSERT INTO inbox_read (reader, kind, item_id, read_at)
SELECT :reader, kind, item_id, :read_at FROM ({UNREAD}) WHERE true
ON CONFLICT (reader, kind, item_id) DO NOTHING"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class InboxItem:
    """An alert or a finished request; `read_at` is when this reader read it, if by the clock."""

    kind: InboxKind
    id: int
    at: datetime
    read_at: datetime | None
    alert: Alert | None = None
    request: Request | None = None


def listed(
    state: State, reader: str, *, as_of: datetime, limit: int = MOST
) -> tuple[InboxItem, ...]:
    """What was in the inbox at a clock, newest first."""
    since = as_of - SPAN
    read = {
        (row["kind"], row["item_id"]): moment(row["read_at"])
        for row in state.rows(
            "SELECT kind, item_id, read_at FROM inbox_read WHERE reader = ? AND read_at <= ?",
            (_reader(reader), stamp(as_of)),
        )
    }
    items = [
        InboxItem("alert", alert.id, alert.shown_at, read.get(("alert", alert.id)), alert=alert)
        for alert in alerts.known(state, as_of=as_of, since=since, limit=limit)
    ]
    items += [
        InboxItem("request", wish.id, wish.ended_at, read.get(("request", wish.id)), request=wish)
        for wish in requests.recent(state, as_of=as_of, limit=limit)
        if wish.ended_at is not None and wish.requested_at >= since
    ]
    return tuple(
        sorted(items, key=lambda item: (item.at, item.kind, item.id), reverse=True)[:limit]
    )


def unread(state: State, reader: str, *, as_of: datetime) -> int:
    """How many items a reader had not read; counted to a hundred, which a frame shows as many."""
    with state.read() as connection:
        return int(connection.execute(COUNT, _bound(reader, as_of)).fetchone()["n"])


def mark_read(state: State, reader: str, item: InboxItem, *, now: datetime) -> None:
    """Read from here on; what was read before stays read since then."""
    with state.transaction() as connection:
        connection.execute(
            "INSERT INTO inbox_read (reader, kind, item_id, read_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (reader, kind, item_id) DO NOTHING",
            (_reader(reader), item.kind, item.id, stamp(now)),
        )


def mark_all_read(state: State, reader: str, *, as_of: datetime, now: datetime) -> int:
    """Read all that was in the inbox at a clock; how many items that were."""
    bound = _bound(reader, as_of) | {"read_at": stamp(now)}
    with state.transaction() as connection:
        return connection.execute(MARK, bound).rowcount


def _bound(reader: str, as_of: datetime) -> dict[str, object]:
    return {"reader": _reader(reader), "clock": stamp(as_of), "since": stamp(as_of - SPAN)}


def _reader(reader: str) -> str:
    return name(reader, "the reader")
