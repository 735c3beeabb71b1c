"""Money of one currency in another at the exchange rates of a date; nothing is filled in.

Rates come from the pairs of the lake that have the dollar on one side. A rate older than ten days
converts nothing.
"""

from __future__ import annotations

import re
from typing import Protocol

import numpy as np
import polars as pl

from analytics.core.closes import Floats, Ints
from analytics.core.ranking import ranking

# Ids of pairs as sources write them: `ecb:EURUSD`, `stooq:eurusd`, `yahoo:EURUSD=X`, and with the
# dollar left out `yahoo:INR=X`.
PAIR = re.compile(r":([A-Z]{3})?([A-Z]{3})(?:=X)?$", re.I)
# A hundredth or thousandth of a currency, in which some venues quote.
MINOR = {
    "GBp": ("GBP", 0.01),
    "ZAc": ("ZAR", 0.01),
    "ILA": ("ILS", 0.01),
    "KWf": ("KWD", 0.001),
}
OLDEST_DAYS = 10

Pairs = dict[str, tuple[int, bool]]


class RateMatrix(Protocol):
    """Instruments side by side, each with its own days in ascending order, -1 where it has none."""

    @property
    def instruments(self) -> pl.DataFrame:
        """One row per column of the matrices."""

    @property
    def closes(self) -> Floats:
        """Closes by row and instrument."""

    @property
    def days(self) -> Ints:
        """Days since 1970 of the closes."""


def pair_of(symbol: str) -> tuple[str, str] | None:
    """The currency that is priced and the one it is priced in, of an instrument of exchange."""
    found = PAIR.search(symbol)
    if found is None or (found[1] is None and not symbol.endswith("=X")):
        return None
    return (found[1] or "USD").upper(), found[2].upper()


def names_of_pair(currency: str) -> list[str]:
    """How the ids of its pairs with the dollar may end, in capital letters."""
    pairs = [f"{currency}USD", f"USD{currency}"]
    return [*pairs, *(f"{pair}=X" for pair in pairs), f"{currency}=X"]


def in_major(currency: str) -> tuple[str, float]:
    """The currency of which this is a part, and which part; any other is itself."""
    return MINOR.get(currency, (currency, 1.0))


def converted(panel: RateMatrix, currencies: pl.Series, days: Ints, into: str) -> Floats:
    """What one unit of each currency was worth on its day; NaN where no rate is known."""
    result = np.full(len(currencies), np.nan)
    pairs = dollar_pairs(panel)
    with np.errstate(invalid="ignore", divide="ignore"):
        for currency in currencies.unique().drop_nulls():
            rows = (currencies == currency).to_numpy()
            there = dollars(panel, pairs, currency, days[rows])
            here = dollars(panel, pairs, into, days[rows])
            result[rows] = np.where(currency == into, 1.0, there / here)
    return result


def dollar_pairs(panel: RateMatrix) -> Pairs:
    """The best ranked pair of each currency with the dollar, and whether that comes first."""
    found: Pairs = {}
    rates = panel.instruments.with_row_index("place").filter(pl.col("asset_class") == "fx")
    for place, symbol in ranking().ordered(rates).select("place", "symbol").iter_rows():
        pair = pair_of(symbol)
        if pair and "USD" in pair:
            currency = pair[1] if pair[0] == "USD" else pair[0]
            found.setdefault(currency, (place, pair[0] == "USD"))
    return found


def dollars(panel: RateMatrix, pairs: Pairs, currency: str, days: Ints) -> Floats:
    """US dollars for one unit of a currency on each day, at the last rate known by then."""
    major, share = in_major(currency)
    if major == "USD":
        return np.full(len(days), share)
    if major not in pairs:
        return np.full(len(days), np.nan)
    place, is_inverse = pairs[major]
    rated, rates = panel.days[:, place], panel.closes[:, place]
    values = (rated >= 0) & (rates > 0)
    if not values.any():
        return np.full(len(days), np.nan)
    rated, rates = rated[values], rates[values]
    row = np.searchsorted(rated, days, side="right") - 1
    fresh = (row >= 0) & (days - rated[row] <= OLDEST_DAYS)
    value = 1 / rates[row] if is_inverse else rates[row]
    return np.where(fresh, share * value, np.nan)
