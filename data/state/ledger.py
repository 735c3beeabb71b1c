"""The ledger of a portfolio: dividends, interest, taxes, fees and cash, each entry dated twice.

An entry is shown at a clock like a lot: when it was booked by then and recorded by then. A wrong
one is voided, or corrected by another in its place; at clocks before that it still stands.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.positions import SYMBOL_LENGTH
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
BY_HAND = "entered by hand"  # in place of a file's name
TEXT_LENGTH = 500
KEY_LENGTH = 200
CURRENCY_LENGTH = 8
BOOKED = """SELECT e.*, i.file_name FROM ledger_entry e JOIN trade_import i ON i.id = e.import_id
WHERE e.portfolio = ? AND e.recorded_at <= ?
AND (e.voided_at IS NULL OR e.voided_at > ?) AND (e.booked_at IS NULL OR e.booked_at <= ?)
ORDER BY e.booked_at, e.id"""


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the ledger: what a file does not state is none, never zero."""

    kind: BookingKind
    at: datetime | None
    symbol: str | None
    amount: float | None
    currency: str
    quantity: float | None = None
    text: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A booking as it lies in the ledger, and from where."""

    id: int
    booking: Booking
    file: str
    author: str
    recorded_at: datetime


def entries(
    state: State, portfolio: str, *, as_of: datetime, recorded_by: datetime | None = None
) -> tuple[LedgerEntry, ...]:
    """What was booked by `as_of` and recorded by then, oldest first."""
    known = maybe_stamp(recorded_by) or stamp(as_of)
    book = name(portfolio, "the portfolio")
    with state.read() as connection:
        return tuple(map(_entry, connection.execute(BOOKED, (book, known, known, stamp(as_of)))))


def bookings(
    state: State, portfolio: str, *, as_of: datetime, recorded_by: datetime | None = None
) -> tuple[Booking, ...]:
    """The bookings of `entries` alone."""
    found = entries(state, portfolio, as_of=as_of, recorded_by=recorded_by)
    return tuple(entry.booking for entry in found)


def add(state: State, portfolio: str, booking: Booking, *, edit: Edit) -> int:
    """Enter one line by hand; the id of the entry."""
    with state.transaction() as connection:
        return _add(connection, name(portfolio, "the portfolio"), booking, edit)


def correct(state: State, entry_id: int, booking: Booking, *, edit: Edit) -> int:
    """From now on this line stands in place of an entry; the id of the new one."""
    with state.transaction() as connection:
        return _add(connection, _void(connection, entry_id, edit.at), booking, edit)


def void(state: State, entry_id: int, *, now: datetime) -> None:
    """From now on the entry was a mistake; before, it stands as it was."""
    with state.transaction() as connection:
        _void(connection, entry_id, now)


def book_entry(
    connection: sqlite3.Connection, number: int, portfolio: str, booking: Booking, edit: Edit
) -> int | None:
    """Enter a booking of an import within a transaction; none where its key is there already."""
    if booking.kind not in KINDS:
        raise ConfigError(f"{booking.kind!r} is no kind of booking; one of {', '.join(KINDS)} is")
    amount, quantity = booking.amount, booking.quantity
    symbol = booking.symbol
    row = connection.execute(
        "INSERT INTO ledger_entry (import_id, portfolio, kind, symbol, amount, currency, quantity,"
        " booked_at, text, import_key, author, recorded_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (portfolio, import_key) DO NOTHING RETURNING id",
        (number, portfolio, booking.kind)
        + (None if symbol is None else name(symbol, "a symbol", limit=SYMBOL_LENGTH),)
        + (None if amount is None else finite(amount, "the amount"),)
        + (booking.currency and name(booking.currency, "the currency", limit=CURRENCY_LENGTH),)
        + (None if quantity is None else finite(quantity, "the quantity"),)
        + (maybe_stamp(booking.at), prose(booking.text, "the text", limit=TEXT_LENGTH))
        + (prose(booking.key, "the key", limit=KEY_LENGTH), name(edit.author, "the author"))
        + (stamp(edit.at),),
    ).fetchone()
    return None if row is None else int(row["id"])


def _add(connection: sqlite3.Connection, portfolio: str, booking: Booking, edit: Edit) -> int:
    stated = maybe_stamp(booking.at)
    if stated is not None and stated > stamp(edit.at):
        raise ConfigError(f"the day {stated[:10]} lies ahead; give an earlier one")
    words = "\x1f".join(map(repr, (booking.kind, booking.at, booking.symbol, booking.amount)))
    key = hashlib.sha256(f"{words} {stamp(edit.at)}".encode()).hexdigest()[:32]
    (number,) = connection.execute(
        "INSERT INTO trade_import (portfolio, file_name, layout, author, recorded_at)"
        " VALUES (?, ?, '', ?, ?) RETURNING id",
        (portfolio, BY_HAND, name(edit.author, "the author"), stamp(edit.at)),
    ).fetchone()
    added = book_entry(connection, number, portfolio, replace(booking, key=f"hand:{key}"), edit)
    if added is None:
        raise ConfigError("this entry was made at this very instant already; look at the ledger")
    return added


def _void(connection: sqlite3.Connection, entry_id: int, now: datetime) -> str:
    row = connection.execute(
        "UPDATE ledger_entry SET voided_at = ? WHERE id = ? AND voided_at IS NULL"
        " RETURNING portfolio",
        (stamp(now), entry_id),
    ).fetchone()
    if row is None:
        raise ConfigError(f"there is no entry {entry_id} to void; choose one of the ledger")
    return str(row["portfolio"])


def _entry(row: Row) -> LedgerEntry:
    booking = Booking(
        row["kind"],
        maybe_moment(row["booked_at"]),
        row["symbol"],
        row["amount"],
        row["currency"],
        row["quantity"],
        row["text"],
        row["import_key"],
    )
    recorded = moment(row["recorded_at"])
    return LedgerEntry(row["id"], booking, row["file_name"], row["author"], recorded)
