"""The positions that the accepted rows of a file lead to, before anything is entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from data.state.positions import Draft, Lot
from data.uploads.matching import TradeVerdict
from data.uploads.trades import drafts_of, parts_of

DUST = 1e-9


@dataclass(frozen=True, slots=True)
class PositionAfter:
    """An instrument that a file trades: held before and after, and its average cost after.

    The cost is of the open lots, without fees; none where they are in several currencies.
    """

    symbol: str
    before: float
    after: float
    cost: float | None = None
    currency: str = ""


def positions_after(verdicts: Sequence[TradeVerdict], lots: Sequence[Lot]) -> list[PositionAfter]:
    """A position for each instrument that is traded, in the order of the file."""
    left = {lot.id: lot.open_quantity for lot in lots}
    drafts = drafts_of(verdicts)
    new = [draft.quantity for draft in drafts]
    for part in parts_of(verdicts):
        if part.draft is not None:
            new[part.draft] -= part.exit.quantity * (1 if drafts[part.draft].quantity > 0 else -1)
        elif part.lot_id is not None:
            left[part.lot_id] -= part.exit.quantity * (1 if left[part.lot_id] > 0 else -1)
    lines: dict[str, list[tuple[Draft, float]]] = defaultdict(list)
    before: dict[str, float] = defaultdict(float)
    for lot in lots:
        lines[lot.draft.symbol].append((lot.draft, left[lot.id]))
        before[lot.draft.symbol] += lot.open_quantity
    for draft, size in zip(drafts, new, strict=True):
        lines[draft.symbol].append((draft, size))
    touched = dict.fromkeys(verdict.symbol for verdict in verdicts if verdict.symbol)
    return [_position(symbol, lines[symbol], before[symbol]) for symbol in touched]


def _position(symbol: str, lines: Sequence[tuple[Draft, float]], before: float) -> PositionAfter:
    open_ = [(draft, size) for draft, size in lines if abs(size) > DUST * abs(draft.quantity)]
    if not open_:
        return PositionAfter(symbol, before, 0.0)
    after = sum(size for _, size in open_)
    units = {draft.currency for draft, _ in open_}
    cost = sum(draft.price * size for draft, size in open_)
    if len(units) > 1 or not after:
        return PositionAfter(symbol, before, after)
    return PositionAfter(symbol, before, after, cost / after, units.pop())
