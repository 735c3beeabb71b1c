"""Which way a value went: rose, fell, or stayed, by the precision of its source."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.claims.judging.measures import changed_unit, moved_between
from analytics.claims.judging.observations import Observations
from analytics.claims.judging.relations import FLAT_PERCENT, FLAT_POINTS, SLACK
from analytics.claims.judging.units import ClaimUnit
from analytics.claims.statement import Direction, Quantity, Span


@dataclass(frozen=True, slots=True)
class Movement:
    """How far a value went from `before` to now; `is_flat` where that counts as unchanged."""

    value: float
    way: Direction
    is_flat: bool
    unit: ClaimUnit
    period: Span
    before: Span

    def went(self, direction: Direction) -> bool:
        """Whether it went as is said."""
        return self.is_flat if direction == "flat" else self.way == direction


def movement(found: Observations, place: int, compare: Span | None) -> Movement | str:
    """The move to an observation from that of a span, or from the one before."""
    base = found.base(compare, place)
    if base is None:
        return "it has no earlier value to compare with"
    moved = moved_between(found, base, place, "change")
    if isinstance(moved, str):
        return moved
    way: Direction = "up" if moved.value > 0 else "down"
    if abs(moved.value) <= found.half_digit + SLACK:
        way = "flat"
    is_flat = abs(moved.value) <= most_of_flat(found, base) + SLACK
    return Movement(
        moved.value, way, is_flat, changed_unit(found), found.span(place), found.span(base)
    )


def most_of_flat(found: Observations, base: int) -> float:
    """How far a value may go that is called unchanged."""
    if found.unit.is_rate:
        return FLAT_POINTS
    return FLAT_PERCENT / 100 * abs(found.values[base])


def direction_of(
    found: Observations, place: int, quantity: Quantity | None, said: Direction
) -> Direction:
    """The way of the value itself: a deficit that is written without a minus falls as the balance
    rises."""
    is_deficit = found.is_balance and found.values[place] < 0
    if not is_deficit or quantity is None or quantity.value >= 0 or quantity.is_signed:
        return said
    opposite: dict[Direction, Direction] = {"up": "down", "down": "up", "flat": "flat"}
    return opposite[said]
