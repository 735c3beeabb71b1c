"""A portfolio as one text: its lots, closings and ledger, as a receipt holds them.

The analytics of a book take this text. The page writes it from the state at its clock; a receipt
keeps it, so that the same figures follow again without the state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from data.errors import ConfigError
from data.state.ledger import Booking
from data.state.positions import Lot

# What of a ledger is gain or loss; deposits, withdrawals and conversions only move cash.
INCOME = ("dividend", "interest", "tax", "fee")
EXPECTED = "book: expected the JSON text of a portfolio, as the page Positions writes it"


@dataclass(frozen=True, slots=True)
class ClosedPart:
    """A closing of a lot: quantity positive for longs and shorts alike."""

    quantity: float
    price: float
    fee: float
    day: date


@dataclass(frozen=True, slots=True)
class BookLot:
    """A lot with its closings; quantity signed, money in `currency`."""

    symbol: str
    currency: str
    quantity: float
    price: float
    fee: float
    day: date
    closings: tuple[ClosedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomeEntry:
    """A dividend, interest, tax or fee of the ledger; `amount` is null where a file states none."""

    kind: str
    symbol: str | None
    day: date | None
    amount: float | None
    currency: str


@dataclass(frozen=True, slots=True)
class BookContent:
    """The trades and the income of a portfolio, in the order of the text."""

    trades: tuple[BookLot, ...]
    income: tuple[IncomeEntry, ...] = ()

    @property
    def symbols(self) -> list[str]:
        """Its instruments by name."""
        return sorted({trade.symbol for trade in self.trades})

    def by(self, day: date) -> BookContent:
        """What of it was done by the end of a day."""
        trades = tuple(
            replace(trade, closings=tuple(part for part in trade.closings if part.day <= day))
            for trade in self.trades
            if trade.day <= day
        )
        return BookContent(trades, tuple(i for i in self.income if i.day is None or i.day <= day))


def book_text(lots: Sequence[Lot], bookings: Sequence[Booking] = ()) -> str:
    """The text of lots and bookings; the same for the same portfolio."""
    trades = [
        {
            "symbol": lot.draft.symbol,
            "currency": lot.draft.currency,
            "quantity": lot.draft.quantity,
            "price": lot.draft.price,
            "fee": lot.draft.fee,
            "day": lot.draft.opened_at.date().isoformat(),
            "closings": [
                [item.quantity, item.price, item.fee, item.closed_at.date().isoformat()]
                for item in lot.closings
            ],
        }
        for lot in lots
    ]
    income = [
        [item.kind, item.symbol, item.at and item.at.date().isoformat(), item.amount, item.currency]
        for item in bookings
        if item.kind in INCOME
    ]
    return json.dumps({"trades": trades, "income": income}, separators=(",", ":"))


def read_book(text: str) -> BookContent:
    """The portfolio of a text; a text that is none is refused."""
    try:
        raw = json.loads(text)
        trades = tuple(_trade(item) for item in raw["trades"])
        income = tuple(
            IncomeEntry(
                kind, symbol, None if day is None else date.fromisoformat(day), amount, currency
            )
            for kind, symbol, day, amount, currency in raw.get("income", ())
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(EXPECTED) from None
    return BookContent(trades, income)


def _trade(raw: Mapping[str, Any]) -> BookLot:
    parts = tuple(
        ClosedPart(float(quantity), float(price), float(fee), date.fromisoformat(day))
        for quantity, price, fee, day in raw.get("closings", ())
    )
    return BookLot(
        str(raw["symbol"]),
        str(raw["currency"]),
        float(raw["quantity"]),
        float(raw["price"]),
        float(raw.get("fee", 0.0)),
        date.fromisoformat(raw["day"]),
        parts,
    )
