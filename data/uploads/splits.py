"""Shares through splits: a lot keeps the shares in which it was bought, whatever became of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

# Of each instrument the first sessions of its splits, and how many shares one became.
Splits = Mapping[str, Sequence[tuple[date, float]]]


def became(splits: Splits, symbol: str, bought: date, day: date) -> float:
    """How many shares of a day one share of an earlier day is."""
    return math.prod(ratio for first, ratio in splits.get(symbol, ()) if bought < first <= day)
