"""What is held: lots with their later closings, each dated twice, never changed in place.

A lot is shown at a clock when it was opened by then and recorded by then. An analyst who enters
old trades today and wants to see them in the past gives `recorded_by`. A wrong entry is voided and
entered again: at clocks before the voiding it still stands.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from data.errors import ConfigError
from data.state.connection import Row
from data.state.db import State
from data.state.values import Edit, finite, maybe_moment, maybe_stamp, moment, name, prose, stamp

DUST = 1e-9  # a remainder below this share of the lot is rounding, not a holding
SYMBOL_LENGTH = 120
LOTS = """SELECT * FROM lot WHERE opened_at <= ? AND recorded_at <= ?
AND (voided_at IS NULL OR voided_at > ?)"""
CLOSES = """SELECT * FROM lot_close WHERE closed_at <= ? AND recorded_at <= ?
AND (voided_at IS NULL OR voided_at > ?)"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A lot to be entered: quantity signed (negative is short), price and fee in `currency`.

    The same `import_key` in one portfolio is one lot, however often its file is loaded.
    """

    portfolio: str
    symbol: str
    quantity: float
    price: float
    currency: str
    opened_at: datetime
    fee: float = 0.0
    note: str = ""
    import_key: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """A part of a lot that was given up: quantity positive for longs and shorts alike."""

    id: int
    quantity: float
    price: float
    fee: float
    closed_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Exit:
    """A closing to be entered."""

    quantity: float
    price: float
    closed_at: datetime
    fee: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """A closing that a booking enters: of the lot of this id, or of the n-th draft beside it."""

    exit: Exit
    lot_id: int | None = None
    draft: int | None = None
    import_key: str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """One purchase or short sale, with the closings that were known at the clock."""

    id: int
    draft: Draft
    author: str
    recorded_at: datetime
    closings: tuple[Closing, ...]
    voided_at: datetime | None = None

    @property
    def open_quantity(self) -> float:
        """What is left of it, signed; zero once it is closed."""
        size = abs(self.draft.quantity)
        left = size - math.fsum(closing.quantity for closing in self.closings)
        return 0.0 if left <= DUST * size else math.copysign(left, self.draft.quantity)

    @property
    def closed_at(self) -> datetime | None:
        """When the last of it was given up."""
        if self.open_quantity:
            return None
        return max(closing.closed_at for closing in self.closings)


def enter(state: State, draft: Draft, *, edit: Edit) -> tuple[Lot, bool]:
    """The lot, and whether it is new; an `import_key` already there gives the lot of then."""
    draft = _checked(draft)
    with state.transaction() as connection:
        new = _insert(connection, draft, edit)
        row = (
            new
            or connection.execute(
                "SELECT * FROM lot WHERE portfolio = ? AND import_key = ?",
                (draft.portfolio, draft.import_key),
            ).fetchone()
        )
        lot = _lot(row, _closings(connection, row["id"]))
        return replace(lot, voided_at=maybe_moment(row["voided_at"])), new is not None


def close(state: State, lot_id: int, exit_: Exit, *, edit: Edit) -> Lot:
    """Give up a part of a lot, or all of it; never more than is left."""
    with state.transaction() as connection:
        lot, _ = _close(connection, lot_id, exit_, edit=edit)
        return replace(lot, closings=_closings(connection, lot_id))


def book(state: State, drafts: Sequence[Draft], parts: Sequence[Part], *, edit: Edit) -> None:
    """Enter lots and closings of one file: all of them, or none where one cannot be."""
    with state.transaction() as connection:
        book_in(connection, drafts, parts, edit=edit)


def book_in(
    connection: sqlite3.Connection,
    drafts: Sequence[Draft],
    parts: Sequence[Part],
    *,
    edit: Edit,
) -> tuple[list[int], list[int]]:
    """`book` within a transaction: the ids of the lots and of the closings that it entered."""
    ids = []
    for draft in drafts:
        new = _insert(connection, _checked(draft), edit)
        if new is None:
            raise ConfigError(
                f"a lot of {draft.symbol} was entered from this file meanwhile; look again"
            )
        ids.append(new["id"])
    closings = []
    for part in parts:
        lot_id = part.lot_id if part.draft is None else ids[part.draft]
        if lot_id is None:
            raise ConfigError("a closing names no lot")
        _, number = _close(connection, lot_id, part.exit, edit=edit, import_key=part.import_key)
        closings.append(number)
    return ids, closings


def import_keys(state: State, portfolio: str) -> frozenset[str]:
    """The keys under which rows of files were entered into a portfolio, voided ones too."""
    portfolio = name(portfolio, "the portfolio")
    with state.read() as connection:
        rows = connection.execute(
            "SELECT import_key FROM lot WHERE portfolio = ? UNION"
            " SELECT c.import_key FROM lot_close c JOIN lot ON lot.id = c.lot_id"
            " WHERE lot.portfolio = ?",
            (portfolio, portfolio),
        ).fetchall()
    return frozenset(row["import_key"] for row in rows if row["import_key"] is not None)


def void(state: State, lot_id: int, *, now: datetime) -> None:
    """From now on the lot was a mistake; before, it stands as it was."""
    with state.transaction() as connection:
        _standing(connection, lot_id)
        connection.execute("UPDATE lot SET voided_at = ? WHERE id = ?", (stamp(now), lot_id))


def void_closing(state: State, closing_id: int, *, now: datetime) -> None:
    """From now on the closing was a mistake, and the lot is open by as much again."""
    with state.transaction() as connection:
        changed = connection.execute(
            "UPDATE lot_close SET voided_at = ? WHERE id = ? AND voided_at IS NULL",
            (stamp(now), closing_id),
        ).rowcount
        if not changed:
            raise ConfigError(f"there is no closing {closing_id} to void; look at the lot's rows")


def lots(
    state: State,
    *,
    as_of: datetime,
    portfolio: str | None = None,
    recorded_by: datetime | None = None,
) -> tuple[Lot, ...]:
    """Every lot opened by `as_of`, closed ones included, oldest first."""
    known = maybe_stamp(recorded_by) or stamp(as_of)
    clock = (stamp(as_of), known, known)
    with state.read() as connection:
        rows = connection.execute(LOTS + " ORDER BY opened_at, id", clock).fetchall()
        closings: dict[int, list[Closing]] = {}
        for row in connection.execute(CLOSES + " ORDER BY closed_at, id", clock):
            closings.setdefault(row["lot_id"], []).append(_closing(row))
    wanted = None if portfolio is None else name(portfolio, "the portfolio")
    return tuple(
        _lot(row, tuple(closings.get(row["id"], ())))
        for row in rows
        if wanted is None or row["portfolio"] == wanted
    )


def held(
    state: State,
    *,
    as_of: datetime,
    portfolio: str | None = None,
    recorded_by: datetime | None = None,
) -> tuple[Lot, ...]:
    """The lots of which something was left at `as_of`."""
    every = lots(state, as_of=as_of, portfolio=portfolio, recorded_by=recorded_by)
    return tuple(lot for lot in every if lot.open_quantity)


def portfolios(state: State, *, as_of: datetime) -> tuple[str, ...]:
    """The names under which lots were known at `as_of`."""
    return tuple(sorted({lot.draft.portfolio for lot in lots(state, as_of=as_of)}))


def _insert(connection: sqlite3.Connection, draft: Draft, edit: Edit) -> Row | None:
    """The new row, or none where its key is there already."""
    row: Row | None = connection.execute(
        "INSERT INTO lot (portfolio, symbol, quantity, price, currency, fee, opened_at, note,"
        " import_key, author, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (portfolio, import_key) DO NOTHING RETURNING *",
        (draft.portfolio, draft.symbol, draft.quantity, draft.price, draft.currency, draft.fee)
        + (stamp(draft.opened_at), draft.note, draft.import_key)
        + (name(edit.author, "the author"), stamp(edit.at)),
    ).fetchone()
    return row


def _close(
    connection: sqlite3.Connection,
    lot_id: int,
    exit_: Exit,
    *,
    edit: Edit,
    import_key: str | None = None,
) -> tuple[Lot, int]:
    size = finite(exit_.quantity, "the quantity to close")
    lot = _standing(connection, lot_id)
    left = abs(lot.open_quantity)
    if not 0 < size <= left * (1 + DUST):
        raise ConfigError(
            f"lot {lot_id} has {left:g} left, {size:g} cannot be closed; "
            "give a positive quantity of at most what is left"
        )
    if exit_.closed_at < lot.draft.opened_at:
        raise ConfigError(
            f"lot {lot_id} was opened at {stamp(lot.draft.opened_at)}; give a later closing"
        )
    (number,) = connection.execute(
        "INSERT INTO lot_close (lot_id, quantity, price, fee, closed_at, author, recorded_at,"
        " import_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (lot_id, size, finite(exit_.price, "the price"), finite(exit_.fee, "the fee"))
        + (stamp(exit_.closed_at), name(edit.author, "the author"), stamp(edit.at), import_key),
    ).fetchone()
    return lot, number


def _checked(draft: Draft) -> Draft:
    quantity = finite(draft.quantity, "the quantity")
    if quantity == 0:
        raise ConfigError("the quantity is 0; give a positive one for a long, negative for a short")
    key = draft.import_key
    return Draft(
        name(draft.portfolio, "the portfolio"),
        name(draft.symbol, "a symbol", limit=SYMBOL_LENGTH),
        quantity,
        finite(draft.price, "the price"),
        name(draft.currency, "the currency", limit=8),
        draft.opened_at,
        finite(draft.fee, "the fee"),
        prose(draft.note, "the note"),
        None if key is None else prose(key, "the import key", limit=200),
    )


def _standing(connection: sqlite3.Connection, lot_id: int) -> Lot:
    row = connection.execute(
        "SELECT * FROM lot WHERE id = ? AND voided_at IS NULL", (lot_id,)
    ).fetchone()
    if row is None:
        raise ConfigError(f"there is no lot {lot_id}; choose one of the portfolio's lots")
    return _lot(row, _closings(connection, lot_id))


def _closings(connection: sqlite3.Connection, lot_id: int) -> tuple[Closing, ...]:
    rows = connection.execute(
        "SELECT * FROM lot_close WHERE lot_id = ? AND voided_at IS NULL ORDER BY closed_at, id",
        (lot_id,),
    ).fetchall()
    return tuple(_closing(row) for row in rows)


def _closing(row: Row) -> Closing:
    at, recorded = moment(row["closed_at"]), moment(row["recorded_at"])
    return Closing(row["id"], row["quantity"], row["price"], row["fee"], at, recorded)


def _lot(row: Row, closings: tuple[Closing, ...]) -> Lot:
    draft = Draft(
        row["portfolio"],
        row["symbol"],
        row["quantity"],
        row["price"],
        row["currency"],
        moment(row["opened_at"]),
        row["fee"],
        row["note"],
        row["import_key"],
    )
    return Lot(row["id"], draft, row["author"], moment(row["recorded_at"]), closings)
