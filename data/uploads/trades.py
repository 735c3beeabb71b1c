"""Trades of a file become lots and closings, in the order of their dates, the oldest lot first.

A sale closes what is held; of more than that it is asked whether it is a short sale or whether an
opening balance is missing. What is no trade is said by its kind and kept beside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from data.errors import UploadError, WorkstationError
from data.state.imports import ImportContent
from data.state.ledger import Booking
from data.state.positions import Draft, Lot, Part
from data.uploads.bookings import booking_of
from data.uploads.check import accounts_of, refuse_extra
from data.uploads.dates import Order
from data.uploads.fees import Money
from data.uploads.figures import Figures, figures_of
from data.uploads.identity import Ambiguous, Meaning, Meanings, Reading, settle, words_of_row
from data.uploads.kinds import SAID, kept_kind, kind_of_row
from data.uploads.matching import Known, Trade, TradeVerdict, matched, when
from data.uploads.needs import needed
from data.uploads.plan import NUMERIC, TRADE_ROLES, Plan, plan_of
from data.uploads.questions import Question, Unanswered
from data.uploads.sides import Signs, side_of_row, signs_of
from data.uploads.splits import Splits, became
from data.uploads.table import Row, Table
from data.uploads.vocabulary import TradeSide, fold

__all__ = ["NUMERIC", "TRADE_ROLES", "Book", "check_trades", "drafts_of", "parts_of"]

DUST = 1e-9
JUMP = 6.0  # between two trades of an instrument prices change by less than this factor
WEEKS_JUMP, WEEK, MONTH = 2.0, 7, 31  # within a week by less; days


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


@dataclass(frozen=True, slots=True)
class _File:
    """All that the rows of a file are read with."""

    plan: Plan
    meanings: Meanings
    book: Book
    signs: Signs
    kinds: Mapping[int, str | Question]
    whole: Question | None
    unused: str


def check_trades(
    table: Table, reading: Reading, meanings: Meanings, book: Book
) -> list[TradeVerdict]:
    """A verdict per row, in the order of the file; drafts count in the order of `drafts_of`."""
    plan = plan_of(table, reading, book.now, book.order)
    kinds = {at: kind_of_row(row, plan) for at, row in enumerate(table.rows)}
    trades = [at for at, kind in kinds.items() if not kind]
    signs = signs_of([table.rows[at] for at in trades], plan)
    whole = needed(plan) or _account_question(plan, trades)
    file = _File(plan, meanings, book, signs, kinds, whole, plan.unused())
    read = _with_jumps_asked([_read(at, row, file) for at, row in enumerate(table.rows)], file)
    return matched(read, book.held, Known(plan.said, book.keys, book.splits))


def drafts_of(verdicts: Sequence[TradeVerdict]) -> list[Draft]:
    """The lots to enter, in the order in which closings count them."""
    opening = [v for v in verdicts if v.trade and v.trade.side in ("buy", "short")]
    return [v.trade.draft for v in sorted(opening, key=when) if v.trade]


def parts_of(verdicts: Sequence[TradeVerdict]) -> list[Part]:
    """The closings to enter, oldest first."""
    return [part for verdict in sorted(verdicts, key=when) for part in verdict.parts]


def bookings_of(verdicts: Sequence[TradeVerdict]) -> list[Booking]:
    """What is kept for the ledger: what is no trade, and fees in another currency."""
    found = []
    for verdict in verdicts:
        if verdict.booking is not None:
            found.append(verdict.booking)
        if verdict.trade is not None:
            found += [_fee_booking(verdict.trade, fee) for fee in verdict.trade.fees]
    return found


def content_of(verdicts: Sequence[TradeVerdict]) -> ImportContent:
    """All that a file enters."""
    return ImportContent(drafts_of(verdicts), parts_of(verdicts), bookings_of(verdicts))


def _fee_booking(trade: Trade, fee: Money) -> Booking:
    draft = trade.draft
    key = f"fee:{fee.currency}:{draft.import_key}"
    return Booking(
        "fee",
        draft.opened_at,
        draft.symbol,
        -abs(fee.value),
        fee.currency,
        text=f"fee of a {trade.side}",
        key=key,
    )


def _account_question(plan: Plan, trades: Sequence[int]) -> Question | None:
    """Which account is entered, where the trades belong to several."""
    accounts = accounts_of(plan.table, plan.reading, trades)
    said = plan.said.get("account")
    if len(accounts) < 2 or said in (*accounts, "*"):
        return None
    return Question(
        "account",
        f"{len(accounts)} accounts are in this file: choose the one that this portfolio is, or all",
        {"*": "all accounts together"} | {account: account for account in accounts[:30]},
    )


def _read(at: int, row: Row, file: _File) -> TradeVerdict:
    plan, kind = file.plan, file.kinds[at]
    columns = plan.reading.columns
    shown = next((word for _, word in words_of_row(row[1], columns)), "")[:80]
    try:
        if isinstance(kind, Question):
            raise Unanswered(kind)
        if kind:
            booking = _booking(row, plan, kind, file.meanings)
            if booking is not None and booking.key in file.book.keys:
                return TradeVerdict(row[0], shown, "duplicate", "kept already", kind=kind)
            said = SAID.get(kind, kind)
            return TradeVerdict(row[0], shown, "other", said, kind=kind, booking=booking)
        refuse_extra(row[1], plan.table)
        word, meaning = settle(row[1], plan.reading, file.meanings)
        if file.whole is not None:
            raise Unanswered(file.whole)
        trade = _trade(row, file, meaning)
        parts = (meaning.note, _fees_said(trade), trade.note, file.unused)
        reason = "; ".join(part for part in parts if part)
        return TradeVerdict(row[0], shown, "accepted", reason, trade=trade)
    except Ambiguous as open_:
        return TradeVerdict(row[0], open_.word, "asked", str(open_), asks=open_.asks)
    except Unanswered as open_:
        return TradeVerdict(row[0], shown, "asked", str(open_), question=open_.question)
    except WorkstationError as error:
        return TradeVerdict(row[0], shown, "rejected", str(error))


def _booking(row: Row, plan: Plan, kind: str, meanings: Meanings) -> Booking | None:
    """What the row books; cash that moved on a day is a transfer, a balance of cash is nothing."""
    if (kept := kept_kind(kind)) is not None:
        return booking_of(row, plan, kept, meanings)
    if kind != "cash":
        return None
    moved = booking_of(row, plan, "transfer", meanings)
    return moved if moved.at is not None and moved.amount else None


def _with_jumps_asked(read: Sequence[TradeVerdict], file: _File) -> list[TradeVerdict]:
    """Trades of an instrument whose prices jump as no price does are asked about."""
    last: dict[str, Draft] = {}
    odd: dict[str, Question] = {}
    for verdict in sorted((item for item in read if item.trade), key=when):
        assert verdict.trade is not None
        draft = verdict.trade.draft
        before = last.get(draft.symbol)
        last[draft.symbol] = draft
        if before is None or before.currency != draft.currency:
            continue
        days = before.opened_at.date(), draft.opened_at.date()
        ratio = draft.price * became(file.book.splits, draft.symbol, *days) / before.price
        if _is_odd(ratio, abs(draft.quantity), (days[1] - days[0]).days):
            odd.setdefault(draft.symbol, _jump(before, draft))
    open_ = {
        symbol: question for symbol, question in odd.items() if question.key not in file.plan.said
    }
    return [_waiting(verdict, open_) for verdict in read]


def _is_odd(ratio: float, size: float, days: int) -> bool:
    """Whether a price jumps, or is that of all that was traded where the one before was of one."""
    most = WEEKS_JUMP if days <= WEEK else JUMP
    is_total = days <= MONTH and size >= 2 and 0.9 < ratio / size < 1.1
    return is_total or not 1 / most < ratio < most


def _waiting(verdict: TradeVerdict, odd: Mapping[str, Question]) -> TradeVerdict:
    question = odd.get(verdict.symbol or "")
    if question is None:
        return verdict
    return TradeVerdict(verdict.line, verdict.word, "asked", question.text, question=question)


def _jump(before: Draft, draft: Draft) -> Question:
    return Question(
        f"jump:{draft.symbol}",
        f"Prices of {draft.symbol} go from {before.price:g} to {draft.price:g} {draft.currency}: "
        "check the columns and the currency",
        {"right": "the prices are right"},
    )


def _fees_said(trade: Trade) -> str:
    if not trade.fees:
        return ""
    fees = " and ".join(f"{abs(fee.value):,.6g} {fee.currency}" for fee in trade.fees)
    return f"its fee of {fees} is kept in the ledger"


def _trade(row: Row, file: _File, meaning: Meaning) -> Trade:
    plan, book = file.plan, file.book
    if plan.closed is not None and plan.closed < len(row[1]) and row[1][plan.closed]:
        raise UploadError(
            "it opens and closes a position in one row; give the two trades in rows of their own"
        )
    account, said = plan.cell(row, "account"), plan.said.get("account", "*")
    if said != "*" and account is not None and account != said:
        raise UploadError(f"belongs to the account {account[:40]}, which was not chosen")
    side = side_of_row(row, plan, file.signs)
    found = figures_of(row, plan, meaning.currency, book.now, side)
    size = abs(found.quantity)
    draft = Draft(
        book.portfolio,
        meaning.symbol,
        -size if side in ("short", "sell") else size,
        found.price,
        found.currency,
        found.at,
        found.fee,
        plan.cell(row, "note") or "",
        _key(row, plan, meaning.symbol, found, side),
    )
    return Trade(draft, side, size, found.other_fees, row_key(row[1]), found.note)


def _key(row: Row, plan: Plan, symbol: str, found: Figures, side: TradeSide) -> str:
    """A trade's own number, else what the trade is: the same in whichever file it comes."""
    number = plan.cell(row, "key")
    if number is not None:
        return f"id:{number}"
    order = plan.cell(row, "order") or ""
    size, price = f"{abs(found.quantity):.12g}", f"{found.price:.12g}"
    words = (symbol, side[:1], size, price, found.currency, found.at.isoformat())
    text = "\x1f".join((*words, fold(order)))
    return f"trade:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def row_key(cells: Sequence[str | None]) -> str:
    """The key under which rows were entered before trades were known by what they are."""
    text = "\x1f".join(cell or "" for cell in cells)
    return f"row:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
