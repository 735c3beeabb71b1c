"""Each position of a book over time: shares, value, cost, realised gain and money paid, day by day.

A purchase counts with its fee as money paid in, a sale less its fee as money paid out. Money in
another currency is converted at the rate of its own day, so that a gain in the base currency holds
what the currency brought.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np

from analytics.book.document import BookContent, BookLot, read_book
from analytics.book.prices import BookPrices, read_prices
from analytics.core.closes import Floats
from analytics.core.money import RateMatrix
from data.kept_results import KeptResults
from data.query import At

DUST = 1e-9


@dataclass(frozen=True, slots=True)
class BookAmounts:
    """The amounts of one position in one currency, by day; NaN where a price or a rate lacks."""

    value: Floats
    cost: Floats
    realised: Floats
    paid_in: Floats
    paid_out: Floats

    @property
    def gain(self) -> Floats:
        """Value and money paid out less money paid in, since the first day."""
        gain: Floats = self.value + np.cumsum(self.paid_out - self.paid_in)
        return gain


@dataclass(frozen=True, slots=True)
class Position:
    """One instrument of a book, the lots of one side and currency together."""

    symbol: str
    currency: str
    is_short: bool
    trades: tuple[BookLot, ...]
    column: int
    shares: Floats
    own: BookAmounts
    base: BookAmounts
    price: Floats

    @property
    def is_held(self) -> np.ndarray:
        """On which days some of it is open."""
        held: np.ndarray = self.shares != 0
        return held

    @property
    def is_valued(self) -> bool:
        """Whether its value in the base currency is known on any day, and all that was paid."""
        known = np.isfinite(self.base.value) & self.is_held
        paid = np.isfinite(self.base.paid_in).all() and np.isfinite(self.base.paid_out).all()
        return bool(paid and known.any())


@dataclass(frozen=True, slots=True)
class BookCourse:
    """The positions of a book under a clock, and the net income of its ledger in the base currency.

    `unknown` counts entries of the ledger without a day, an amount or a rate.
    """

    prices: BookPrices
    positions: tuple[Position, ...]
    income: Floats
    unknown: int


class BookCourses:
    """What a process read of books, shared by its threads: several panels show one at a clock."""

    def __init__(self, *, most: int = 16) -> None:
        self._courses: KeptResults[BookCourse | None] = KeptResults(
            most, is_whole=lambda found: found is not None and not found.prices.answer.damaged
        )
        self._benchmarks: KeptResults[BookPrices] = KeptResults(
            most, is_whole=lambda prices: not prices.answer.damaged
        )

    def of(self, at: At, book: str, base: str) -> BookCourse | None:
        """A book day by day; none for one without trades at the clock."""
        key = (at.identity(["prices"]), book, base)
        return self._courses.of(key, lambda: course(at, read_book(book), base))

    def benchmark(
        self, at: At, symbol: str, base: str, since: date, rates: RateMatrix
    ) -> BookPrices:
        """One instrument beside a book since its first row; `rates` are those of the book."""
        key = (at.identity(["prices"]), symbol, base, since)
        return self._benchmarks.of(key, lambda: read_prices(at, [symbol], since, [base], [], rates))


COURSES = BookCourses()


def course(at: At, book: BookContent, base: str) -> BookCourse | None:
    """A book day by day; none for one without trades at the clock."""
    book = book.by(at.as_of.date())
    if not book.trades:
        return None
    income = [item for item in book.income if item.day is not None and item.amount is not None]
    currencies = {base, *(trade.currency for trade in book.trades)}
    currencies |= {item.currency for item in income if item.currency}
    days = [trade.day for trade in book.trades]
    days += [part.day for trade in book.trades for part in trade.closings]
    days += [item.day for item in income if item.day is not None]
    prices = read_prices(at, book.symbols, min(days), currencies, days)
    earned, unknown = np.zeros(len(prices.days)), len(book.income) - len(income)
    for item in income:
        assert item.day is not None and item.amount is not None
        row = prices.row(item.day)
        rate = prices.exchange(item.currency or None, base)[row]
        if np.isfinite(rate):
            earned[row] += item.amount * rate
        else:
            unknown += 1
    return BookCourse(prices, tuple(_positions(book, prices, base)), earned, unknown)


def _positions(book: BookContent, prices: BookPrices, base: str) -> Iterator[Position]:
    def key(trade: BookLot) -> tuple[str, str, bool]:
        return trade.symbol, trade.currency, trade.quantity < 0

    rates = {c: prices.exchange(c, base) for c in {trade.currency for trade in book.trades}}
    for (symbol, currency, is_short), group in groupby(sorted(book.trades, key=key), key=key):
        trades, column = tuple(group), prices.symbols.index(symbol)
        turned = prices.exchange(prices.quoted[column], currency)
        price = prices.close[:, column] * turned
        shares = _shares(trades, prices, column)
        own, in_base = _money(trades, prices, shares, price, rates[currency])
        yield Position(symbol, currency, is_short, trades, column, shares, own, in_base, price)


def _shares(trades: Sequence[BookLot], prices: BookPrices, column: int) -> Floats:
    """Open shares in those of each day: a lot's own shares through the splits after its day."""
    split = prices.split[:, column]
    change, size = np.zeros(len(prices.days)), 0.0
    for trade in trades:
        row = prices.row(trade.day)
        side = np.copysign(1.0, trade.quantity)
        change[row] += trade.quantity / split[row]
        size = max(size, abs(trade.quantity / split[row]))
        for part in trade.closings:
            change[prices.row(part.day)] -= side * part.quantity / split[row]
    open_ = np.cumsum(change)
    shares: Floats = np.where(np.abs(open_) <= DUST * size, 0.0, open_ * split)
    return shares


def _money(
    trades: Sequence[BookLot], prices: BookPrices, shares: Floats, price: Floats, rate: Floats
) -> tuple[BookAmounts, BookAmounts]:
    """The amounts in the currency of the lots, and in the base at the rates of their days."""
    value = np.where(shares == 0, 0.0, shares * price)
    own, base = np.zeros((4, len(rate))), np.zeros((4, len(rate)))
    for trade in trades:
        opened, side = prices.row(trade.day), np.copysign(1.0, trade.quantity)
        cost = trade.quantity * trade.price
        for into, times in ((own, np.ones(len(rate))), (base, rate)):
            into[0, opened] += cost * times[opened]
            into[1, opened] -= trade.fee * times[opened] if trade.fee else 0.0
            into[2, opened] += (cost + trade.fee) * times[opened]
            for part in trade.closings:
                row = prices.row(part.day)
                given = side * part.quantity * trade.price * times[opened]
                got = (side * part.quantity * part.price - part.fee) * times[row]
                into[0, row] -= given
                into[1, row] += got - given
                into[3, row] += got
    held = shares != 0
    found = []
    for into, worth in ((own, value), (base, np.where(shares == 0, 0.0, value * rate))):
        left = np.where(held, np.cumsum(into[0]), 0.0)
        found.append(BookAmounts(worth, left, np.cumsum(into[1]), into[2], into[3]))
    return found[0], found[1]
