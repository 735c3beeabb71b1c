"""Totals at the foot of a table: a sum only where each part is known and all are of one unit.

Prices, percentages and rates are never summed; a column says itself that it can be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def total(values: Sequence[Any]) -> tuple[Any, str]:
    """The sum in the form of its parts; or none, and why there is none."""
    amounts = [value["value"] if isinstance(value, Mapping) else value for value in values]
    unknown = sum(amount is None or not math.isfinite(amount) for amount in amounts)
    if unknown:
        return None, f"No total: {unknown} of {len(values)} values {_are(unknown)} not known"
    summed = sum(amounts) if all(isinstance(part, int) for part in amounts) else math.fsum(amounts)
    units = {value["unit"] for value in values if isinstance(value, Mapping)}
    if None in units:
        return None, "No total: the currency of a value is not known"
    if len(units) > 1:
        return None, f"No total: values are in {', '.join(sorted(units))}"
    return ({"value": summed, "unit": units.pop()} if units else summed), ""


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
