"""How a figure reads: the period it speaks of, its decimals as they were given, a price's unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from analytics.core.periods import period_of as period_of
from analytics.core.plain_numbers import plain_number

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


def unit_of_price(asset_class: str | None, currency: str | None) -> str:
    """What a close is stated in: a rate in percent, all else in its currency; empty if unknown."""
    return "%" if asset_class == "rate" else currency or ""


def last_price(row: Mapping[str, Any]) -> dict[str, Any]:
    """The close of a row of the market as a cell of kind `money`."""
    unit = unit_of_price(row.get("asset_class"), row.get("currency"))
    return {"value": row.get("close"), "unit": unit}


def price_text(price: float) -> str:
    """Two decimals from ten on, else six digits that say something; never a power of ten."""
    return f"{price:,.2f}".replace("-", "−") if abs(price) >= 10 else plain_number(price, 6)


def written(value: float | None, digits: int, *, sign: bool = False) -> str:
    """With that many decimals, thousands apart; a dash for what is not known."""
    if value is None:
        return "–"
    text = f"{value:+z,.{digits}f}" if sign else f"{value:z,.{digits}f}"
    return text.replace("-", "−")
