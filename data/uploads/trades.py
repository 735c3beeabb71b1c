"""Trades of a file become lots and closings, in the order of their dates, the oldest lot first.

A sale closes what is held; of more than that it is asked whether it is a short sale or whether an
opening balance is missing. What is no trade is said by its kind and kept beside.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from data.errors import UploadError, WorkstationError
from data.state.imports import Booking, Content
from data.state.positions import Draft, Exit, Lot, Part
from data.uploads.bookings import booking_of
from data.uploads.check import Verdict, accounts_of, refuse_extra
from data.uploads.dates import Order
from data.uploads.figures import Money, figures_of, needed
from data.uploads.identity import Ambiguous, Meaning, Meanings, Reading, settle, words_of_row
from data.uploads.kinds import KEPT, SAID, kind_of_row
from data.uploads.plan import NUMERIC, TRADE_ROLES, Plan, plan_of
from data.uploads.questions import Question, Unanswered
from data.uploads.sides import Signs, side_of_row, signs_of
from data.uploads.splits import Splits, became
from data.uploads.table import Row, Table
from data.uploads.vocabulary import fold

__all__ = ["NUMERIC", "TRADE_ROLES", "Book", "check_trades", "drafts_of", "parts_of"]

DUST = 1e-9
JUMP = 6.0  # between two trades of an instrument prices change by less than this factor


@dataclass(frozen=True, slots=True)
class Trade:
    """One row: `size` is positive, `side` says what it does; `fees` are in other currencies."""

    draft: Draft
    side: str
    size: float
    fees: tuple[Money, ...] = ()
    row_key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TradeVerdict(Verdict):
    """What becomes of a trade; a sale has the parts of lots that it closes.

    What is no trade may be a booking, which is kept for the ledger.
    """

    trade: Trade | None = None
    parts: tuple[Part, ...] = ()
    kind: str = ""
    booking: Booking | None = None

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

    said: Mapping[str, str]
    open: dict[tuple[str, bool], deque[_Open]] = field(default_factory=dict)
    seen: dict[str, tuple[int, Draft]] = field(default_factory=dict)
    waiting: dict[str, Question] = field(default_factory=dict)
    drafts: int = 0

    def queue(self, symbol: str, *, is_long: bool) -> deque[_Open]:
        return self.open.setdefault((symbol, is_long), deque())


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
    desk = _Desk(plan.said)
    for lot in sorted(book.held, key=lambda lot: lot.draft.opened_at):
        if lot.open_quantity:
            line = _Open(abs(lot.open_quantity), lot.draft.opened_at, lot_id=lot.id)
            desk.queue(lot.draft.symbol, is_long=lot.open_quantity > 0).append(line)
    decided: dict[int, TradeVerdict] = {}
    for at in sorted(range(len(read)), key=lambda at: _when(read[at])):
        decided[at] = _decide(read[at], desk, book)
    return [decided[at] for at in range(len(read))]


def drafts_of(verdicts: Sequence[TradeVerdict]) -> list[Draft]:
    """The lots to enter, in the order in which closings count them."""
    opening = [v for v in verdicts if v.trade and v.trade.side in ("buy", "short")]
    return [v.trade.draft for v in sorted(opening, key=_when) if v.trade]


def parts_of(verdicts: Sequence[TradeVerdict]) -> list[Part]:
    """The closings to enter, oldest first."""
    return [part for verdict in sorted(verdicts, key=_when) for part in verdict.parts]


def bookings_of(verdicts: Sequence[TradeVerdict]) -> list[Booking]:
    """What is kept for the ledger: what is no trade, and fees in another currency."""
    found = []
    for verdict in verdicts:
        if verdict.booking is not None:
            found.append(verdict.booking)
        if verdict.trade is not None:
            found += [_fee_booking(verdict.trade, fee) for fee in verdict.trade.fees]
    return found


def content_of(verdicts: Sequence[TradeVerdict]) -> Content:
    """All that a file enters."""
    return Content(drafts_of(verdicts), parts_of(verdicts), bookings_of(verdicts))


def _fee_booking(trade: Trade, fee: Money) -> Booking:
    draft = trade.draft
    key = f"fee:{fee.currency}:{draft.import_key}"
    return Booking("fee", draft.opened_at, draft.symbol, -abs(fee.value), fee.currency,
                   text=f"fee of a {trade.side}", key=key)  # fmt: skip


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


def _when(verdict: TradeVerdict) -> tuple[bool, datetime | None, bool, int]:
    """The order in which trades count: of one instant those that open come first."""
    trade = verdict.trade
    if trade is None:
        return True, None, False, verdict.line
    return False, trade.draft.opened_at, trade.side in ("sell", "cover"), verdict.line


def _read(at: int, row: Row, file: _File) -> TradeVerdict:
    plan, kind = file.plan, file.kinds[at]
    columns = plan.reading.columns
    shown = next((word for _, word in words_of_row(row[1], columns)), "")[:80]
    try:
        if isinstance(kind, Question):
            raise Unanswered(kind)
        if kind:
            booking = booking_of(row, plan, kind, file.meanings) if kind in KEPT else None
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


def _with_jumps_asked(read: Sequence[TradeVerdict], file: _File) -> list[TradeVerdict]:
    """Trades of an instrument whose prices jump as no price does are asked about."""
    last: dict[str, Draft] = {}
    odd: dict[str, Question] = {}
    for verdict in sorted((each for each in read if each.trade), key=_when):
        assert verdict.trade is not None
        draft = verdict.trade.draft
        before = last.get(draft.symbol)
        last[draft.symbol] = draft
        if before is None or before.currency != draft.currency:
            continue
        days = before.opened_at.date(), draft.opened_at.date()
        ratio = draft.price * became(file.book.splits, draft.symbol, *days) / before.price
        if not 1 / JUMP < ratio < JUMP and f"jump:{draft.symbol}" not in file.plan.said:
            odd[draft.symbol] = _jump(before, draft)
    return [_waiting(verdict, odd) for verdict in read]


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
        book.portfolio, meaning.symbol, -size if side in ("short", "sell") else size, found.price,
        found.currency, found.at, found.fee, plan.cell(row, "note") or "", None,
    )  # fmt: skip
    keyed = replace(draft, import_key=_key(row, plan, draft, side))
    return Trade(keyed, side, size, found.other_fees, row_key(row[1]), found.note)


def _key(row: Row, plan: Plan, draft: Draft, side: str) -> str:
    """A trade's own number, else what the trade is: the same in whichever file it comes."""
    number = plan.cell(row, "key")
    if number is not None:
        return f"id:{number}"
    order = plan.cell(row, "order") or ""
    size, price = f"{abs(draft.quantity):.12g}", f"{draft.price:.12g}"
    words = (draft.symbol, side[:1], size, price, draft.currency, draft.opened_at.isoformat())
    text = "\x1f".join((*words, fold(order)))
    return f"trade:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def row_key(cells: Sequence[str | None]) -> str:
    """The key under which rows were entered before trades were known by what they are."""
    text = "\x1f".join(cell or "" for cell in cells)
    return f"row:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _decide(verdict: TradeVerdict, desk: _Desk, book: Book) -> TradeVerdict:
    trade = verdict.trade
    if trade is None:
        return verdict
    try:
        trade = _unseen(trade, verdict, desk, book)
        found = _entered(replace(verdict, trade=trade), trade, desk, book.splits)
    except _Known as known:
        return TradeVerdict(verdict.line, verdict.word, "duplicate", str(known))
    except Unanswered as open_:
        return TradeVerdict(
            verdict.line, verdict.word, "asked", str(open_), question=open_.question
        )
    except UploadError as error:
        return TradeVerdict(verdict.line, verdict.word, "rejected", str(error))
    return found


class _Known(UploadError):
    """A trade that was entered before."""


def _unseen(trade: Trade, verdict: TradeVerdict, desk: _Desk, book: Book) -> Trade:
    """The trade under a key of its own; one that is the same as another is asked about."""
    key = trade.draft.import_key or ""
    number = 1
    while key in desk.seen:
        before, draft = desk.seen[key]
        is_same = replace(trade.draft, import_key="") == replace(draft, import_key="")
        said = desk.said.get("identical" if is_same else "numbers")
        if said == "one" or (is_same and key.startswith("id:")):
            raise _Known(f"the same trade is in line {before}")
        if said != "both":
            raise Unanswered(_identical(before) if is_same else _one_number(before))
        number += 1
        key = f"{trade.draft.import_key}#{number}"
    if {key, trade.row_key} & book.keys:
        raise _Known("the same trade is in this portfolio")
    desk.seen[key] = verdict.line, trade.draft
    return replace(trade, draft=replace(trade.draft, import_key=key))


def _one_number(line: int) -> Question:
    return Question(
        "numbers",
        f"The number of line {line} with other figures: it may be an order's, filled in parts",
        {"both": "each row is a trade", "one": "the first row of a number is the trade"},
    )


def _identical(line: int) -> Question:
    return Question(
        "identical",
        f"The same figures as line {line}: say whether rows that are alike are trades of their own",
        {"both": "each is a trade", "one": "they are one trade, written twice"},
    )


def _entered(verdict: TradeVerdict, trade: Trade, desk: _Desk, splits: Splits) -> TradeVerdict:
    draft = trade.draft
    if trade.side in ("buy", "short"):
        line = _Open(trade.size, draft.opened_at, draft=desk.drafts)
        desk.queue(draft.symbol, is_long=trade.side == "buy").append(line)
        desk.drafts += 1
        return verdict
    if draft.symbol in desk.waiting and trade.side == "sell":
        raise Unanswered(desk.waiting[draft.symbol])
    queue = desk.queue(draft.symbol, is_long=trade.side == "sell")
    held = _held(trade, queue, splits)
    if trade.size > held * (1 + DUST):
        return _uncovered(verdict, trade, desk, held)
    parts = _closed(trade, queue, splits)
    lots = "1 lot" if len(parts) == 1 else f"{len(parts)} lots"
    reason = "; ".join(
        part for part in (verdict.reason, f"closes {trade.size:g} of {lots}") if part
    )
    return replace(verdict, parts=parts, reason=reason)


def _uncovered(verdict: TradeVerdict, trade: Trade, desk: _Desk, held: float) -> TradeVerdict:
    """A sale of more than is held: a short sale only where the reader says so."""
    draft, key = trade.draft, f"uncovered:{trade.draft.symbol}"
    text = f"Closes {trade.size:g}, but {held:g} were open at {draft.opened_at:%Y-%m-%d}"
    said = desk.said.get(key)
    if said == "short" and trade.side == "sell" and not held:
        short = Trade(replace(draft, quantity=-trade.size), "short", trade.size, trade.fees)
        return _entered(replace(verdict, trade=short), short, desk, {})
    if said == "leave":
        raise UploadError(f"{text}; left out as you chose")
    options = {"leave": "leave such rows out"}
    if trade.side == "sell" and not held:
        options = {"short": "it is a short sale"} | options
    question = Question(key, f"{text}: enter an opening balance, or say what it is", options)
    desk.waiting[draft.symbol] = question
    raise Unanswered(question)


def _held(trade: Trade, queue: deque[_Open], splits: Splits) -> float:
    """How much of it was open on the day of a trade, as far as the trade asks for it."""
    draft, day = trade.draft, trade.draft.opened_at
    held = 0.0
    for lot in queue:
        if lot.opened_at <= day:
            held += lot.left * became(splits, draft.symbol, lot.opened_at.date(), day.date())
            if held >= trade.size:
                break
    return held


def _closed(trade: Trade, queue: deque[_Open], splits: Splits) -> tuple[Part, ...]:
    """The oldest lots give first; the fee is shared by size."""
    draft, day = trade.draft, trade.draft.opened_at
    parts, left = [], trade.size
    while left > DUST * trade.size:
        lot = queue[0]
        each = became(splits, draft.symbol, lot.opened_at.date(), day.date())
        size = min(left / each, lot.left)
        exit_ = Exit(size, draft.price * each, day, draft.fee * size * each / trade.size)
        parts.append(Part(exit_, lot.lot_id, lot.draft, draft.import_key))
        lot.left -= size
        left -= size * each
        if lot.left <= DUST * size:
            queue.popleft()
    return tuple(parts)
