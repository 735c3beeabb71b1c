"""Numbers as text with the digits that say something, and never as a power of ten."""

from __future__ import annotations

import math


def plain_number(value: float, digits: int = 6, *, sign: bool = False) -> str:
    """That many significant digits, or all of the whole part; thousands apart, no idle zeros."""
    places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    form = f"{'+' if sign else ''}z,.{max(places, 0)}f"
    text = format(value, form)
    shown = text.rstrip("0").rstrip(".") if "." in text else text
    return shown.replace("-", "−")
