"""What files entered: trades and bookings of one file, entered together and undone together.

A booking is what a broker booked besides trades. It is shown at a clock like a lot: when it was
booked by then and recorded by then; at clocks before an undoing it still stands.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from data.errors import ConfigError
from data.state import positions
from data.state.connection import Row
from data.state.db import State
from data.state.positions import SYMBOL_LENGTH, Draft, Part
from data.state.values import Edit, finite, maybe_moment, maybe_stamp, moment, name, prose, stamp

BookingKind = Literal[
    "dividend",
    "interest",
    "deposit",
    "withdrawal",
    "fee",
    "tax",
    "split",
    "corporate",
    "transfer",
    "fx",
    "option",
    "future",
    "bond",
    "other",
]
KINDS: tuple[BookingKind, ...] = get_args(BookingKind)
TEXT_LENGTH = 500
KEY_LENGTH = 200
LISTED = """SELECT i.*, CASE WHEN i.undone_at <= ? THEN i.undone_at END AS undone,
    (SELECT count(*) FROM lot WHERE lot.import_id = i.id) AS lots,
    (SELECT count(*) FROM lot_close c WHERE c.import_id = i.id) AS closings,
    (SELECT count(*) FROM ledger_entry e WHERE e.import_id = i.id) AS bookings
FROM trade_import i WHERE i.portfolio = ? AND i.recorded_at <= ? ORDER BY i.id DESC"""
BOOKED = """SELECT * FROM ledger_entry WHERE portfolio = ? AND recorded_at <= ?
AND (voided_at IS NULL OR voided_at > ?) AND (booked_at IS NULL OR booked_at <= ?)
ORDER BY booked_at, id"""
LATER = """SELECT count(*) FROM lot_close c JOIN lot ON lot.id = c.lot_id
WHERE lot.import_id = ? AND c.voided_at IS NULL AND c.import_id IS NOT ?"""


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the ledger of cash: what a file does not state is none, never zero."""

    kind: BookingKind
    at: datetime | None
    symbol: str | None
    amount: float | None
    currency: str
    quantity: float | None = None
    text: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """The file that is entered, and the layout in which it was read."""

    portfolio: str
    name: str
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """What one file entered; `undone_at` if it was taken back by then."""

    id: int
    file: File
    author: str
    recorded_at: datetime
    lots: int
    closings: int
    bookings: int
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ImportContent:
    """The lots, closings and bookings of one file."""

    drafts: Sequence[Draft] = ()
    parts: Sequence[Part] = ()
    bookings: Sequence[Booking] = ()


def enter(state: State, file: File, content: ImportContent, *, edit: Edit) -> int:
    """Enter all of a file, or nothing where one line of it cannot be; the id of the import."""
    portfolio = name(file.portfolio, "the portfolio")
    with state.transaction() as connection:
        (number,) = connection.execute(
            "INSERT INTO trade_import (portfolio, file_name, layout, author, recorded_at)"
            " VALUES (?, ?, ?, ?, ?) RETURNING id",
            (portfolio, prose(file.name, "the file's name", limit=200))
            + (prose(file.layout, "the layout", limit=200), name(edit.author, "the author"))
            + (stamp(edit.at),),
        ).fetchone()
        lots, closings = positions.book_in(connection, content.drafts, content.parts, edit=edit)
        for table, ids in (("lot", lots), ("lot_close", closings)):
            connection.executemany(
                f"UPDATE {table} SET import_id = ? WHERE id = ?",  # noqa: S608 - two known names
                [(number, item) for item in ids],
            )
        for booking in content.bookings:
            _keep(connection, number, portfolio, booking, edit)
    return int(number)


def undo(state: State, import_id: int, *, edit: Edit) -> None:
    """From now on nothing of the file was entered; it may be entered again."""
    with state.transaction() as connection:
        row = connection.execute(
            "SELECT * FROM trade_import WHERE id = ? AND undone_at IS NULL", (import_id,)
        ).fetchone()
        if row is None:
            raise ConfigError(f"there is no import {import_id} to undo; choose one of the list")
        (later,) = connection.execute(LATER, (import_id, import_id)).fetchone()
        if later:
            raise ConfigError(
                f"{later} later closings sell lots of this import; undo the import or the closing "
                "that entered them first"
            )
        at = stamp(edit.at)
        for table in ("lot", "lot_close", "ledger_entry"):
            connection.execute(
                f"UPDATE {table} SET voided_at = coalesce(voided_at, ?),"  # noqa: S608 - known names
                " import_key = 'undone ' || id || ' ' || coalesce(import_key, '')"
                " WHERE import_id = ?",
                (at, import_id),
            )
        connection.execute(
            "UPDATE trade_import SET undone_at = ?, undone_by = ? WHERE id = ?",
            (at, name(edit.author, "the author"), import_id),
        )


def listed(state: State, portfolio: str, *, as_of: datetime) -> tuple[Import, ...]:
    """The imports of a portfolio at a clock, the latest first."""
    with state.read() as connection:
        then, book = stamp(as_of), name(portfolio, "the portfolio")
        return tuple(_import(row) for row in connection.execute(LISTED, (then, book, then)))


def bookings(
    state: State, portfolio: str, *, as_of: datetime, recorded_by: datetime | None = None
) -> tuple[Booking, ...]:
    """The ledger of a portfolio: what was booked by `as_of` and recorded by then."""
    known = maybe_stamp(recorded_by) or stamp(as_of)
    with state.read() as connection:
        rows = connection.execute(
            BOOKED, (name(portfolio, "the portfolio"), known, known, stamp(as_of))
        )
        return tuple(_booking(row) for row in rows)


def keys(state: State, portfolio: str) -> frozenset[str]:
    """The keys under which trades and bookings of files were entered and not undone."""
    portfolio = name(portfolio, "the portfolio")
    with state.read() as connection:
        rows = connection.execute(
            "SELECT import_key FROM ledger_entry WHERE portfolio = ?", (portfolio,)
        ).fetchall()
    return positions.import_keys(state, portfolio) | {row["import_key"] for row in rows}


def _keep(
    connection: sqlite3.Connection, number: int, portfolio: str, booking: Booking, edit: Edit
) -> None:
    if booking.kind not in KINDS:
        raise ConfigError(f"{booking.kind!r} is no kind of booking; one of {', '.join(KINDS)} is")
    amount, quantity = booking.amount, booking.quantity
    symbol = booking.symbol
    connection.execute(
        "INSERT INTO ledger_entry (import_id, portfolio, kind, symbol, amount, currency, quantity,"
        " booked_at, text, import_key, author, recorded_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (portfolio, import_key) DO NOTHING",
        (number, portfolio, booking.kind)
        + (None if symbol is None else name(symbol, "a symbol", limit=SYMBOL_LENGTH),)
        + (None if amount is None else finite(amount, "the amount"), booking.currency[:8])
        + (None if quantity is None else finite(quantity, "the quantity"),)
        + (maybe_stamp(booking.at), prose(booking.text, "the text", limit=TEXT_LENGTH))
        + (prose(booking.key, "the key", limit=KEY_LENGTH), name(edit.author, "the author"))
        + (stamp(edit.at),),
    )


def _import(row: Row) -> Import:
    file = File(row["portfolio"], row["file_name"], row["layout"])
    return Import(
        row["id"],
        file,
        row["author"],
        moment(row["recorded_at"]),
        row["lots"],
        row["closings"],
        row["bookings"],
        maybe_moment(row["undone"]),
    )


def _booking(row: Row) -> Booking:
    return Booking(
        row["kind"],
        maybe_moment(row["booked_at"]),
        row["symbol"],
        row["amount"],
        row["currency"],
        row["quantity"],
        row["text"],
        row["import_key"],
    )
