"""How a figure of a series reads: the period it speaks of, and as many decimals as it was given."""

from __future__ import annotations

import math
from collections.abc import Iterable

from analytics.core.periods import period_of as period_of

SIGNIFICANT = 6  # digits; what has more was computed
MOST_DECIMALS = 6


def decimals(values: Iterable[float | None]) -> int:
    """The fewest that write all of these as they are, within six digits of the largest."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    largest = max((abs(value) for value in known), default=0.0)
    if not largest:
        return 0
    most = min(max(SIGNIFICANT - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)
    for digits in range(most):
        if all(math.isclose(round(value, digits), value, rel_tol=1e-12) for value in known):
            return digits
    return most


def written(value: float | None, digits: int, *, sign: bool = False) -> str:
    """With that many decimals, thousands apart; a dash for what is not known."""
    if value is None:
        return "–"
    text = f"{value:+z,.{digits}f}" if sign else f"{value:z,.{digits}f}"
    return text.replace("-", "−")
