"""Trades of a file become lots and closings, in the order of their dates, the oldest lot first.

A sale closes what is held; more than that is refused rather than turned into a short.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from data.errors import UploadError, WorkstationError
from data.state.positions import Draft, Exit, Lot, Part
from data.uploads.check import (
    Ambiguous,
    Meaning,
    Meanings,
    Reading,
    Verdict,
    cell_of,
    figure,
    refuse_extra,
    settle,
)
from data.uploads.columns import IDENTITY, Table
from data.uploads.dates import Order, instant
from data.uploads.splits import Splits, became

TRADE_ROLES = (
    *IDENTITY, "venue", "side", "quantity", "price", "currency", "opened", "fee", "note", "key",
)  # fmt: skip
NUMERIC = ("quantity", "price", "fee")
SIDES = {
    **dict.fromkeys(("buy", "b", "bought", "long", "kauf", "achat", "compra", "open"), "buy"),
    **dict.fromkeys(("sell", "s", "sold", "close", "verkauf", "vente", "venta"), "sell"),
    **dict.fromkeys(("short", "sellshort", "ss", "shortsell", "leerverkauf"), "short"),
    **dict.fromkeys(("cover", "buytocover", "btc", "eindeckung"), "cover"),
}
MINOR = ("GBp", "ZAc", "ILA", "KWf")  # their case is what tells pence from pounds
CURRENCIES = {"GBX": "GBp", "GBPENCE": "GBp", "PENCE": "GBp", "ZAC": "ZAc"}
DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Trade:
    """One row: `size` is positive, `side` says what it does."""

    draft: Draft
    side: str
    size: float


@dataclass(frozen=True, slots=True)
class TradeVerdict(Verdict):
    """What becomes of a trade; a sale has the parts of lots that it closes."""

    trade: Trade | None = None
    parts: tuple[Part, ...] = ()

    @property
    def symbol(self) -> str | None:
        """The instrument it names, where it is kept."""
        return None if self.trade is None else self.trade.draft.symbol


@dataclass(frozen=True, slots=True)
class Book:
    """Where trades are entered: what it holds, which rows it knows, the time now, and splits.

    A sale speaks of the shares of its day; its parts are in those in which each lot was bought.
    """

    portfolio: str
    held: Sequence[Lot]
    keys: frozenset[str]
    now: datetime
    order: Order = ""
    splits: Splits = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A lot with what is left of it: of the state by its id, or of this file by its place."""

    left: float
    opened_at: datetime
    lot_id: int | None = None
    draft: int | None = None


@dataclass(slots=True)
class _Desk:
    """The open lots of each instrument and side while a file is gone through."""

    open: dict[tuple[str, bool], deque[_Open]] = field(default_factory=dict)
    drafts: int = 0

    def queue(self, symbol: str, *, is_long: bool) -> deque[_Open]:
        return self.open.setdefault((symbol, is_long), deque())


def check_trades(
    table: Table, reading: Reading, meanings: Meanings, book: Book
) -> list[TradeVerdict]:
    """A verdict per row, in the order of the file; drafts count in the order of `drafts_of`."""
    read = [_read(line, cells, table, reading, meanings, book) for line, cells in table.rows]
    desk = _Desk()
    for lot in sorted(book.held, key=lambda lot: lot.draft.opened_at):
        if lot.open_quantity:
            line = _Open(abs(lot.open_quantity), lot.draft.opened_at, lot_id=lot.id)
            desk.queue(lot.draft.symbol, is_long=lot.open_quantity > 0).append(line)
    seen: dict[str, int] = {}
    decided = {}
    for verdict in sorted(read, key=_when):
        decided[verdict.line] = _decide(verdict, desk, seen, book)
    return [decided[verdict.line] for verdict in read]


def drafts_of(verdicts: Sequence[TradeVerdict]) -> list[Draft]:
    """The lots to enter, in the order in which closings count them."""
    opening = [v for v in verdicts if v.trade and v.trade.side in ("buy", "short")]
    return [v.trade.draft for v in sorted(opening, key=_when) if v.trade]


def parts_of(verdicts: Sequence[TradeVerdict]) -> list[Part]:
    """The closings to enter, oldest first."""
    return [part for verdict in sorted(verdicts, key=_when) for part in verdict.parts]


def _when(verdict: TradeVerdict) -> tuple[bool, datetime | None, bool, int]:
    """The order in which trades count: of one instant those that open come first."""
    trade = verdict.trade
    if trade is None:
        return True, None, False, verdict.line
    return False, trade.draft.opened_at, trade.side in ("sell", "cover"), verdict.line


def _read(  # noqa: PLR0913 - a row, and all that it is read with
    line: int,
    cells: Sequence[str | None],
    table: Table,
    reading: Reading,
    meanings: Meanings,
    book: Book,
) -> TradeVerdict:
    shown = next((c for r in IDENTITY if (c := cell_of(cells, reading.columns, r))), "")[:80]
    try:
        refuse_extra(cells, table)
        word, meaning = settle(cells, reading, meanings)
        trade = _trade(cells, reading, meaning, book)
        return TradeVerdict(line, shown, "accepted", meaning.note, trade=trade)
    except Ambiguous as open_:
        return TradeVerdict(line, open_.word, "rejected", str(open_), asks=open_.asks)
    except WorkstationError as error:
        return TradeVerdict(line, shown, "rejected", str(error))


def _trade(cells: Sequence[str | None], reading: Reading, meaning: Meaning, book: Book) -> Trade:
    quantity = figure(cells, reading, "quantity")
    price, fee = figure(cells, reading, "price"), figure(cells, reading, "fee")
    if quantity is None or quantity == 0:
        raise UploadError("no quantity; expected how many were traded")
    if price is None:
        raise UploadError("no price; expected what one of them cost")
    when = cell_of(cells, reading.columns, "opened")
    at = book.now if when is None else instant(when, book.order)
    if at > book.now and at.date() != book.now.date():
        raise UploadError(f"{at.date()} lies in the future")
    currency = _currency(cell_of(cells, reading.columns, "currency") or meaning.currency)
    if not currency:
        raise UploadError("no currency, and none is known of the instrument")
    side = _side(cell_of(cells, reading.columns, "side"), quantity)
    signed = -abs(quantity) if side in ("short", "sell") else abs(quantity)
    key = cell_of(cells, reading.columns, "key")
    note = cell_of(cells, reading.columns, "note") or ""
    draft = Draft(
        book.portfolio, meaning.symbol, signed, price, currency, min(at, book.now), abs(fee or 0.0),
        note, f"id:{key}" if key else _key_of(cells),
    )  # fmt: skip
    return Trade(draft, side, abs(quantity))


def _currency(word: str) -> str:
    """A currency as the house writes it."""
    return word if word in MINOR else CURRENCIES.get(word.upper(), word.upper())


def _side(word: str | None, quantity: float) -> str:
    """What a row does; without a word the sign of its quantity tells, a short where negative."""
    if word is None:
        return "buy" if quantity > 0 else "negative"
    side = SIDES.get("".join(mark for mark in word.casefold() if mark.isalpha()))
    if side is None:
        raise UploadError(f"side {word[:20]!r}: expected buy, sell, short or cover")
    return side


def _key_of(cells: Sequence[str | None]) -> str:
    """The same row is the same trade, whichever file it comes in."""
    text = "\x1f".join(cell or "" for cell in cells)
    return f"row:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _decide(verdict: TradeVerdict, desk: _Desk, seen: dict[str, int], book: Book) -> TradeVerdict:
    trade = verdict.trade
    if trade is None:
        return verdict
    key = trade.draft.import_key or ""
    if key in book.keys or key in seen:
        where = "this portfolio" if key in book.keys else f"line {seen[key]}"
        return TradeVerdict(
            verdict.line, verdict.word, "duplicate", f"the same trade is in {where}"
        )
    try:
        found = _entered(verdict, trade, desk, book.splits)
    except UploadError as error:
        return TradeVerdict(verdict.line, verdict.word, "rejected", str(error))
    seen[key] = verdict.line
    return found


def _entered(verdict: TradeVerdict, trade: Trade, desk: _Desk, splits: Splits) -> TradeVerdict:
    draft = trade.draft
    if trade.side == "negative":
        if desk.queue(draft.symbol, is_long=True):
            raise UploadError(
                "a negative quantity of what is held may be a sale or a short: say which in a "
                "column `side`"
            )
        trade = Trade(replace(draft, quantity=-trade.size), "short", trade.size)
    if trade.side in ("buy", "short"):
        line = _Open(trade.size, draft.opened_at, draft=desk.drafts)
        desk.queue(draft.symbol, is_long=trade.side == "buy").append(line)
        desk.drafts += 1
        return replace(verdict, trade=trade)
    parts = _closed(trade, desk.queue(draft.symbol, is_long=trade.side == "sell"), splits)
    lots = "1 lot" if len(parts) == 1 else f"{len(parts)} lots"
    reason = f"closes {trade.size:g} of {lots}"
    return replace(verdict, trade=trade, parts=parts, reason=reason)


def _closed(trade: Trade, queue: deque[_Open], splits: Splits) -> tuple[Part, ...]:
    """The oldest lots give first; the fee is shared by size."""
    draft, day = trade.draft, trade.draft.opened_at

    def shares(lot: _Open) -> float:
        """What one share of the lot is on the day of the trade."""
        return became(splits, draft.symbol, lot.opened_at.date(), day.date())

    held = sum(lot.left * shares(lot) for lot in queue if lot.opened_at <= day)
    if trade.size > held * (1 + DUST):
        raise UploadError(f"closes {trade.size:g}, but {held:g} were open at {day:%Y-%m-%d}")
    parts, left = [], trade.size
    while left > DUST * trade.size:
        lot, each = queue[0], shares(queue[0])
        size = min(left / each, lot.left)
        exit_ = Exit(size, draft.price * each, day, draft.fee * size * each / trade.size)
        parts.append(Part(exit_, lot.lot_id, lot.draft, draft.import_key))
        lot.left -= size
        left -= size * each
        if lot.left <= DUST * size:
            queue.popleft()
    return tuple(parts)
