"""Whether a value is what a number of a draft says, by its precision and the words around it."""

from __future__ import annotations

import math
from collections.abc import Callable

from analytics.claims.statement import Quantity, Relation

SLACK = 1e-9  # of floating point alone
ABOUT = 0.025
NEARLY = 0.95
MULTIPLE_SLACK = 0.05
HALVED = 0.505
FLAT_PERCENT, FLAT_POINTS = 0.1, 0.05
FAR_ABOVE = 1.1
# What is stated, the value found, and half a unit of the last digit that is printed.
RULES: dict[Relation, Callable[[float, float, float], bool]] = {
    "=": lambda stated, value, half: _off(stated, value) <= half,
    "about": lambda stated, value, half: _off(stated, value) <= max(half, ABOUT * abs(stated)),
    ">": lambda stated, value, half: value > stated,
    "<": lambda stated, value, half: value < stated,
    "just below": lambda stated, value, half: _is_nearly(stated, value),
    "multiple": lambda stated, value, half: value >= stated - MULTIPLE_SLACK - SLACK,
    "half": lambda stated, value, half: value <= HALVED,
    "flat": lambda stated, value, half: abs(value) <= half + SLACK,
}


def agrees(quantity: Quantity, stated: float, value: float, flat: float = FLAT_POINTS) -> bool:
    """Whether a value, in the draft's unit, is what the draft states; `flat` is how far something
    unchanged may move."""
    half = flat if quantity.relation == "flat" else quantity.half
    return RULES[quantity.relation](stated, value, half)


def is_exact(quantity: Quantity, stated: float, value: float) -> bool:
    """Whether it is exactly that; a relation that holds is no matter of rounding."""
    return quantity.relation != "=" or math.isclose(stated, value, rel_tol=SLACK, abs_tol=SLACK)


def same_digits(quantity: Quantity, stated: float, value: float) -> bool:
    """Whether the size is the stated one, whatever the words around it."""
    return _off(abs(stated), abs(value)) <= quantity.half


def _off(stated: float, value: float) -> float:
    return abs(value - stated) - SLACK * max(1.0, abs(stated))


def _is_nearly(stated: float, value: float) -> bool:
    if stated < 0:
        stated, value = -stated, -value
    return NEARLY * stated - SLACK <= value < stated


def precision(values: list[float]) -> float:
    """Half a unit of the last digit that a source prints, told by the values themselves."""
    digits = 0
    for value in values:
        while digits < 6 and abs(round(value, digits) - value) > SLACK * max(1.0, abs(value)):
            digits += 1
    return float(0.5 * 10.0**-digits)
