"""What files entered: trades and bookings of one file, entered together and undone together.

What a broker booked besides trades lies in the ledger. At clocks before an undoing all of it still
stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data.errors import ConfigError
from data.state import positions
from data.state.connection import Row
from data.state.db import State
from data.state.ledger import Booking, book_entry
from data.state.positions import Draft, Part
from data.state.values import Edit, maybe_moment, moment, name, prose, stamp

LISTED = """SELECT i.*, CASE WHEN i.undone_at <= ? THEN i.undone_at END AS undone,
    (SELECT count(*) FROM lot WHERE lot.import_id = i.id) AS lots,
    (SELECT count(*) FROM lot_close c WHERE c.import_id = i.id) AS closings,
    (SELECT count(*) FROM ledger_entry e WHERE e.import_id = i.id) AS bookings
FROM trade_import i WHERE i.portfolio = ? AND i.recorded_at <= ? ORDER BY i.id DESC"""
LATER = """SELECT count(*) FROM lot_close c JOIN lot ON lot.id = c.lot_id
WHERE lot.import_id = ? AND c.voided_at IS NULL AND c.import_id IS NOT ?"""


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
            book_entry(connection, number, portfolio, booking, edit)
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


def keys(state: State, portfolio: str) -> frozenset[str]:
    """The keys under which trades and bookings of files were entered and not undone."""
    portfolio = name(portfolio, "the portfolio")
    with state.read() as connection:
        rows = connection.execute(
            "SELECT import_key FROM ledger_entry WHERE portfolio = ?", (portfolio,)
        ).fetchall()
    return positions.import_keys(state, portfolio) | {row["import_key"] for row in rows}


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
