"""What a broker books besides trades: dividends, interest, cash, taxes, as the file states it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from data.errors import UploadError
from data.state.ledger import Booking, BookingKind
from data.uploads.dates import instant
from data.uploads.identity import Meanings, settle, words_of_row
from data.uploads.money import SHARED, currency_of
from data.uploads.plan import Plan
from data.uploads.table import Row

TEXT_LENGTH = 200


def booking_of(row: Row, plan: Plan, kind: BookingKind, meanings: Meanings) -> Booking:
    """The booking of a row of this kind."""
    words = [word for _, word in words_of_row(row[1], plan.reading.columns)]
    texts = [cell for role in ("side", "kind", "name", "note") if (cell := plan.cell(row, role))]
    amount, currency = _money(row, plan)
    at = _when(row, plan)
    symbol = _symbol(row, plan, meanings)
    text = " · ".join(dict.fromkeys([*texts, *words]))[:TEXT_LENGTH]
    return Booking(kind, at, symbol, amount, currency, plan.maybe(row, "quantity"), text, _key(row))


def _money(row: Row, plan: Plan) -> tuple[float | None, str]:
    """The amount and its currency; a debit is money that went out."""
    debit, credit = plan.maybe(row, "debit"), plan.maybe(row, "credit")
    if debit or credit:
        role = "credit" if credit else "debit"
        amount: float | None = credit or -abs(debit or 0)
    else:
        role = "net" if plan.maybe(row, "net") is not None else "amount"
        amount = plan.maybe(row, role)
    unit = plan.unit(row, role)
    cell = plan.cell(row, "amount_currency") or plan.cell(row, "currency")
    stated = (unit, currency_of(cell) if cell else "", plan.layout.currency)
    sure = [code for code in stated if code and code not in SHARED]
    return amount, next((code for code in (*sure, *stated) if code), "")


def _when(row: Row, plan: Plan) -> datetime | None:
    cell = plan.cell(row, "opened") or plan.cell(row, "settled")
    if cell is None:
        return None
    try:
        return instant(cell, plan.order)
    except UploadError:
        return None


def _symbol(row: Row, plan: Plan, meanings: Meanings) -> str | None:
    try:
        return settle(row[1], plan.reading, meanings)[1].symbol
    except UploadError:
        return None


def _key(row: Row) -> str:
    text = "\x1f".join(cell or "" for cell in row[1])
    return f"booking:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
