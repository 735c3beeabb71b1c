"""Figures of a simulation in the units in which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.filings.ratios_view import ratio_missing, ratio_unit
from pages.frame.tables import Absent

PER_SHARE = ("eps",)
DIGITS = 2
NOISE = 1e-9  # of a figure: what the last digits of fractions make of no change


def line_unit(row: Mapping[str, Any]) -> tuple[str, float]:
    """The unit of a line or a ratio, and what its figures are multiplied by."""
    currency = row["currency"] or ""
    if row["kind"] == "ratio":
        return ratio_unit(row), 100.0 if row["unit"] == "percent" else 1.0
    if row["unit"] == "shares":
        return "mn shares", 1e-6
    if row["name"] in PER_SHARE:
        return f"{currency} per share".strip(), 1.0
    return f"{currency} mn".strip(), 1e-6


def in_units(row: Mapping[str, Any], name: str, size: float) -> float | Absent:
    """A figure in its unit, or why there is none."""
    value: float | None = row[name]
    if value is not None:
        return value * size
    side = "other_" if name.startswith("other_") else ""
    reason = f"{side}reason_{name.removeprefix('other_')}"
    return ratio_missing(row, reason) if row["kind"] == "ratio" else Absent("not stated")


def moved(change: float | None, figure: float | None, size: float) -> float | None:
    """A change in its unit, to the digits that are shown; none is zero, without an arrow."""
    if change is None:
        return None
    return 0.0 if abs(change) <= NOISE * abs(figure or 0.0) else round(change * size, DIGITS)
