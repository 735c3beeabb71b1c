"""Bookings in the other sections of a file: dividends, interest, fees under titles of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from data.state.ledger import Booking, BookingKind
from data.uploads.bookings import booking_of
from data.uploads.check import words_of
from data.uploads.columns import guess
from data.uploads.identity import Meanings, Reading
from data.uploads.kinds import kept_kind
from data.uploads.plan import TRADE_ROLES, plan_of
from data.uploads.table import Row, Section, Table
from data.uploads.vocabulary import heading, kind_of

ROLES = tuple(role for role in TRADE_ROLES if role not in ("quantity", "price"))


def words_beside(table: Table) -> list[str]:
    """The words of the other sections that have to be resolved."""
    found: dict[str, None] = {}
    for _, section in _sections(table):
        found.update(dict.fromkeys(words_of(section, guess(section, ROLES))))
    return list(found)


def bookings_beside(table: Table, meanings: Meanings, now: datetime) -> list[Booking]:
    """What the other sections book, by the kind that their titles name."""
    found = []
    for kind, section in _sections(table):
        plan = plan_of(section, Reading(guess(section, ROLES)), now, "")
        for row in section.rows:
            booking = booking_of(row, plan, kind, meanings)
            if booking.amount is not None and booking.at is not None and not _is_total(row):
                found.append(booking)
    return found


def _sections(table: Table) -> Iterator[tuple[BookingKind, Table]]:
    for section in table.others:
        kind = kept_kind(kind_of(section.title))
        roles = {role for name in section.names for role in heading(name).roles}
        if kind and "opened" in roles and roles & {"amount", "net"}:
            yield kind, _table(section, table)


def _table(section: Section, table: Table) -> Table:
    return Table(section.names, section.rows, is_typed=table.is_typed, title=section.title)


def _is_total(row: Row) -> bool:
    return any(cell is not None and kind_of(cell) == "total" for cell in row[1][:3])
