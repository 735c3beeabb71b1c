"""Periods, values and units in the words of a note."""

from __future__ import annotations

from analytics.claims.statement import Span
from analytics.core.periods import period_of

LARGE = ((1e12, "trillion"), (1e9, "billion"))
MOST_DECIMALS = 5  # of a price; a share of a share has more
RHYTHMS = {"month": "monthly", "quarter": "quarterly", "year": "annual"}


def as_spoken(span: Span) -> str:
    """`2024`, `2024 Q1`, `May 2024`, `14 Jun 2024`, or from one day to another."""
    if span.grain == "span" and span.first != span.last:
        return f"{period_of(span.first, None)} to {period_of(span.last, None)}"
    return period_of(span.first, RHYTHMS.get(span.grain))


def number(value: float) -> str:
    """A value as the lake has it, with no more digits than say something: what has many decimals
    was computed, and three of a billion are enough."""
    for least, word in LARGE:
        if abs(value) >= least:
            return f"{_rounded(value / least, 3)} {word}"
    exact = f"{value:,.10g}"
    if "e" in exact or len(exact.partition(".")[2]) <= MOST_DECIMALS:
        return exact
    return _rounded(value, MOST_DECIMALS if abs(value) < 1 else 3)


def _rounded(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_unit(value: float, unit: str) -> str:
    """A value with its unit behind it."""
    if not unit:
        return number(value)
    return f"{number(value)}%" if unit == "%" else f"{number(value)} {unit}"
