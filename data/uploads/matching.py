"""Trades take from what is held, the oldest lot first; one that came before is not entered again.

A sale closes what is open on its day; of more than that it is asked whether it is a short sale or
whether an opening balance is missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from data.errors import UploadError
from data.state.ledger import Booking
from data.state.positions import Draft, Exit, Lot, Part
from data.uploads.check import RowVerdict
from data.uploads.fees import Money
from data.uploads.questions import Question, Unanswered
from data.uploads.splits import Splits, became
from data.uploads.vocabulary import TradeSide

DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Trade:
    """One row: `size` is positive, `side` says what it does; `fees` are in other currencies."""

    draft: Draft
    side: TradeSide
    size: float
    fees: tuple[Money, ...] = ()
    row_key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TradeVerdict(RowVerdict):
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
class Known:
    """What trades are matched with: the reader's answers, the keys of what came before, splits."""

    said: Mapping[str, str]
    keys: frozenset[str]
    splits: Splits


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

    known: Known
    open: dict[tuple[str, bool], deque[_Open]] = field(default_factory=dict)
    seen: dict[str, tuple[int, Draft]] = field(default_factory=dict)
    waiting: dict[str, Question] = field(default_factory=dict)
    drafts: int = 0

    def queue(self, symbol: str, *, is_long: bool) -> deque[_Open]:
        return self.open.setdefault((symbol, is_long), deque())


def matched(read: Sequence[TradeVerdict], lots: Sequence[Lot], known: Known) -> list[TradeVerdict]:
    """What each trade does to what is held, gone through by time, in the order given."""
    desk = _Desk(known)
    for lot in sorted(lots, key=lambda lot: lot.draft.opened_at):
        if lot.open_quantity:
            line = _Open(abs(lot.open_quantity), lot.draft.opened_at, lot_id=lot.id)
            desk.queue(lot.draft.symbol, is_long=lot.open_quantity > 0).append(line)
    decided: dict[int, TradeVerdict] = {}
    for at in sorted(range(len(read)), key=lambda at: when(read[at])):
        decided[at] = _decide(read[at], desk)
    return [decided[at] for at in range(len(read))]


def when(verdict: TradeVerdict) -> tuple[bool, datetime | None, bool, int]:
    """The order in which trades count: of one instant those that open come first."""
    trade = verdict.trade
    if trade is None:
        return True, None, False, verdict.line
    return False, trade.draft.opened_at, trade.side in ("sell", "cover"), verdict.line


def _decide(verdict: TradeVerdict, desk: _Desk) -> TradeVerdict:
    trade = verdict.trade
    if trade is None:
        return verdict
    try:
        known = _unseen(trade, verdict, desk)
        verdict = verdict if known is trade else replace(verdict, trade=known)
        found = _entered(verdict, known, desk)
    except _Repeated as repeated:
        return TradeVerdict(verdict.line, verdict.word, "duplicate", str(repeated))
    except Unanswered as open_:
        return TradeVerdict(
            verdict.line, verdict.word, "asked", str(open_), question=open_.question
        )
    except UploadError as error:
        return TradeVerdict(verdict.line, verdict.word, "rejected", str(error))
    return found


class _Repeated(UploadError):
    """A trade that was entered before."""


def _unseen(trade: Trade, verdict: TradeVerdict, desk: _Desk) -> Trade:
    """The trade under a key of its own; one that is the same as another is asked about."""
    key = trade.draft.import_key or ""
    number = 1
    while key in desk.seen:
        before, draft = desk.seen[key]
        is_same = replace(trade.draft, import_key="") == replace(draft, import_key="")
        said = desk.known.said.get("identical" if is_same else "numbers")
        if said == "one" or (is_same and key.startswith("id:")):
            raise _Repeated(f"the same trade is in line {before}")
        if said != "both":
            raise Unanswered(_identical(before) if is_same else _one_number(before))
        number += 1
        key = f"{trade.draft.import_key}#{number}"
    if {key, trade.row_key} & desk.known.keys:
        raise _Repeated("the same trade is in this portfolio")
    desk.seen[key] = verdict.line, trade.draft
    if key == trade.draft.import_key:
        return trade
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


def _entered(verdict: TradeVerdict, trade: Trade, desk: _Desk) -> TradeVerdict:
    draft = trade.draft
    if trade.side in ("buy", "short"):
        line = _Open(trade.size, draft.opened_at, draft=desk.drafts)
        desk.queue(draft.symbol, is_long=trade.side == "buy").append(line)
        desk.drafts += 1
        return verdict
    if draft.symbol in desk.waiting and trade.side == "sell":
        raise Unanswered(desk.waiting[draft.symbol])
    queue = desk.queue(draft.symbol, is_long=trade.side == "sell")
    held = _held(trade, queue, desk.known.splits)
    if trade.size > held * (1 + DUST):
        return _uncovered(verdict, trade, desk, held)
    parts = _closed(trade, queue, desk.known.splits)
    lots = "1 lot" if len(parts) == 1 else f"{len(parts)} lots"
    reason = "; ".join(
        part for part in (verdict.reason, f"closes {trade.size:g} of {lots}") if part
    )
    return replace(verdict, parts=parts, reason=reason)


def _uncovered(verdict: TradeVerdict, trade: Trade, desk: _Desk, held: float) -> TradeVerdict:
    """A sale of more than is held: a short sale only where the reader says so."""
    draft, key = trade.draft, f"uncovered:{trade.draft.symbol}"
    text = f"Closes {trade.size:g}, but {held:g} were open at {draft.opened_at:%Y-%m-%d}"
    said = desk.known.said.get(key)
    if said == "short" and trade.side == "sell" and not held:
        short = Trade(replace(draft, quantity=-trade.size), "short", trade.size, trade.fees)
        return _entered(replace(verdict, trade=short), short, desk)
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
