"""Breakers: a source in trouble is left alone for a while, then asked once before it is trusted.

Refuses, by giving the instant from which it may be asked again, whatever comes before.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.state.connection import Row
from data.state.db import State
from data.state.values import maybe_moment, name, prose, stamp

IN_A_ROW = 5
REMEMBERED = 20
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=30)
LONGEST_HOLD = timedelta(days=1)
REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a source fares: `recent` holds its last calls, `x` for a bad one, the newest last.

    `until` is set while it is open or held; once that has passed, one probe may go.
    """

    source: str
    recent: str = ""
    opened: int = 0
    opened_at: datetime | None = None
    until: datetime | None = None
    reason: str = ""


def allow(state: State, source: str, *, now: datetime) -> Breaker | None:
    """None when a call may go out; else the breaker that forbids it.

    After the rest one call may go as a probe; while it is out, others wait as before.
    """
    if _free(state.row("SELECT * FROM breaker WHERE source = ?", (source,))):
        return None
    with state.transaction() as connection:
        found = _read(connection, source)
        if found.until is None:
            return None
        # An end beyond any rest we ever set is a clock that was set back meanwhile.
        if now < found.until <= now + LONGEST_HOLD:
            return found
        connection.execute(
            "UPDATE breaker SET until_at = ? WHERE source = ?",
            (stamp(now + FIRST_REST), source),
        )
        return None


def good(state: State, source: str) -> None:
    """A call that was answered: closed again, whatever went before the rest forgotten."""
    row = state.row("SELECT * FROM breaker WHERE source = ?", (source,))
    if row is not None and row["until_at"] is None and row["recent"] == "." * REMEMBERED:
        return
    with state.transaction() as connection:
        found = _read(connection, source)
        recent = found.recent if found.until is None else ""
        connection.execute(
            "UPDATE breaker SET recent = ?, opened = 0, until_at = NULL, reason = ''"
            " WHERE source = ?",
            ((recent + ".")[-REMEMBERED:], source),
        )


def bad(state: State, source: str, reason: str, *, now: datetime) -> Breaker:
    """A call that failed by the source's fault; opens after five in a row or half of twenty."""
    with state.transaction() as connection:
        found = _read(connection, source)
        recent = (found.recent + "x")[-REMEMBERED:]
        probed = found.until is not None
        in_a_row = recent.endswith("x" * IN_A_ROW)
        often = len(recent) == REMEMBERED and recent.count("x") * 2 >= REMEMBERED
        if not (probed or in_a_row or often):
            connection.execute("UPDATE breaker SET recent = ? WHERE source = ?", (recent, source))
            return _read(connection, source)
        rest = min(FIRST_REST * 2 ** min(found.opened, 10), LONGEST_REST)
        return _open(connection, source, reason, span=(now, now + rest), recent=recent)


def hold(state: State, source: str, reason: str, *, now: datetime, until: datetime) -> Breaker:
    """The source itself said until when to leave it alone; believed for a day at most."""
    with state.transaction() as connection:
        found = _read(connection, source)
        span = (now, min(until, now + LONGEST_HOLD))
        return _open(connection, source, reason, span=span, recent=found.recent)


def everyone(state: State) -> tuple[Breaker, ...]:
    """All sources that were ever asked, by name."""
    return tuple(_breaker(row) for row in state.rows("SELECT * FROM breaker ORDER BY source"))


def _free(row: Row | None) -> bool:
    return row is not None and row["until_at"] is None


def _open(
    connection: sqlite3.Connection,
    source: str,
    reason: str,
    *,
    span: tuple[datetime, datetime],
    recent: str,
) -> Breaker:
    connection.execute(
        "UPDATE breaker SET recent = ?, opened = opened + 1, opened_at = ?, until_at = ?,"
        " reason = ? WHERE source = ?",
        (recent, stamp(span[0]), stamp(span[1]))
        + (prose(reason[:REASON_LENGTH], "the reason"), source),
    )
    return _read(connection, source)


def _read(connection: sqlite3.Connection, source: str) -> Breaker:
    connection.execute(
        "INSERT INTO breaker (source) VALUES (?) ON CONFLICT (source) DO NOTHING",
        (name(source, "the source"),),
    )
    return _breaker(
        connection.execute("SELECT * FROM breaker WHERE source = ?", (source,)).fetchone()
    )


def _breaker(row: Row) -> Breaker:
    return Breaker(
        row["source"],
        row["recent"],
        row["opened"],
        maybe_moment(row["opened_at"]),
        maybe_moment(row["until_at"]),
        row["reason"],
    )
