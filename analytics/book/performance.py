"""Returns of a book: time-weighted, chained day by day, and money-weighted, the rate of its flows.

What is opened counts at the start of its day, what is closed and what is earned at its end:
`return = (value + paid out) / (value of the day before + paid in) - 1`.
"""

from __future__ import annotations

import numpy as np

from analytics.core.closes import Floats, Ints

YEAR_DAYS = 365.0
# Log rates that are looked at, of a year or of a shorter life: a loss of 99.99 % to 10,000 times.
LOWEST, HIGHEST = np.log(1e-4), np.log(1e4)
NARROWEST = 1e-7


def chained(value: Floats, paid_in: Floats, paid_out: Floats) -> Floats:
    """The wealth that one unit became by each day; NaN up to the last day without a value.

    Days without capital change nothing. NaN from the day on which capital is below zero, or all of
    it and more is lost.
    """
    index = np.full(len(value), np.nan)
    lacking = np.flatnonzero(~np.isfinite(value + paid_in + paid_out))
    first = int(lacking[-1]) + 1 if len(lacking) else 0
    if first == len(value):
        return index
    if first:
        index[first], wealth, before, start = 1.0, 1.0, value[first], first + 1
    else:
        wealth, before, start = 1.0, 0.0, 0
    for row in range(start, len(value)):
        capital, after = before + paid_in[row], value[row] + paid_out[row]
        scale = 1e-9 * (abs(before) + abs(paid_in[row]) + abs(value[row]))
        if capital < -scale or (capital > scale and after < 0):
            break
        if capital > scale:
            wealth *= after / capital
        index[row], before = wealth, value[row]
    return index


def money_weighted(days: Ints, flows: Floats) -> float | None:
    """The log of one and the yearly rate at which flows are worth nothing together.

    Null without a unique one. Money paid in is negative, paid out positive; a year has 365 days, as
    in XIRR of spreadsheets.
    """
    moved = flows != 0
    amounts, when = flows[moved], days[moved]
    if len(amounts) < 2 or not np.isfinite(amounts).all() or when[-1] == when[0]:
        return None
    years = (when - when[0]) / YEAR_DAYS
    unit = min(1.0, float(years[-1]))  # of a few days the rate of a year may have many digits
    roots = _roots(years / unit, amounts / np.abs(amounts).max())
    return roots[0] / unit if roots is not None and len(roots) == 1 else None


def _roots(years: Floats, amounts: Floats) -> list[float] | None:
    """Every log rate at which the flows are worth nothing; none where they cannot be told apart.

    Gains and losses each fall in value as the rate rises, which bounds the sum on an interval from
    both ends. An interval whose bounds exclude zero has no root, one whose slope has a sign at most
    one; any other is halved.
    """
    gains, losses = np.maximum(amounts, 0.0), np.maximum(-amounts, 0.0)
    weights = np.stack([gains, losses, gains * years, losses * years], axis=1)
    edges = np.linspace(LOWEST, HIGHEST, 65)
    low, high = edges[:-1], edges[1:]
    found: list[float] = []
    while len(low):
        at_low, at_high = (np.exp(-np.outer(side, years)) @ weights for side in (low, high))
        most = at_low[:, 0] - at_high[:, 1]
        least = at_high[:, 0] - at_low[:, 1]
        steepest, flattest = at_low[:, 3] - at_high[:, 2], at_high[:, 3] - at_low[:, 2]
        open_ = (least <= 0) & (most >= 0)
        is_monotone = (flattest > 0) | (steepest < 0)
        ends = at_low[:, 0] - at_low[:, 1], at_high[:, 0] - at_high[:, 1]
        crosses = open_ & is_monotone & ((ends[0] == 0) | (ends[0] * ends[1] < 0))
        found += [_bisected(years, amounts, low[n], high[n]) for n in np.flatnonzero(crosses)]
        again = open_ & ~is_monotone
        low, high = low[again], high[again]
        if len(low) and high[0] - low[0] < NARROWEST:
            return None
        middle = (low + high) / 2
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    return sorted(found)


def _bisected(years: Floats, amounts: Floats, low: float, high: float) -> float:
    def worth(rate: float) -> float:
        return float(np.exp(-rate * years) @ amounts)

    sign = np.sign(worth(low))
    if sign == 0:
        return low
    for _ in range(100):
        middle = (low + high) / 2
        if np.sign(worth(middle)) == sign:
            low = middle
        else:
            high = middle
    return (low + high) / 2
