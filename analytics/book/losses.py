"""Value at risk of gains and losses by history, and what each part of them adds to it.

A quantile lies between two of the days; its expected shortfall is the mean of the days at or below
it. Both are gains with their sign, so that a loss is negative.
"""

from __future__ import annotations

import math

import numpy as np

from analytics.core.closes import Floats

LEAST_DAYS = 30


def value_at_risk(gains: Floats, level: float) -> tuple[float, float] | None:
    """The quantile of gains at 1 - level, linear between days, and the mean at or below it.

    None for fewer than 30 days, or fewer than one day in the tail.
    """
    if len(gains) < needed_days(level):
        return None
    quantile = float(np.quantile(gains, 1 - level))
    return quantile, float(gains[gains <= quantile].mean())


def needed_days(level: float) -> int:
    """How many days a level needs: one of them has to lie beyond it."""
    return max(LEAST_DAYS, math.ceil(1 / (1 - level) - 1e-9))


def shortfall_parts(parts: Floats, level: float) -> Floats | None:
    """What each column adds to the expected shortfall of the sum; the parts add up to it."""
    gains = parts.sum(axis=1)
    if len(gains) < needed_days(level):
        return None
    tail = gains <= np.quantile(gains, 1 - level)
    mean: Floats = parts[tail].mean(axis=0)
    return mean


def deviation_parts(parts: Floats) -> Floats | None:
    """What each column adds to the standard deviation of the sum; none without any variance."""
    if len(parts) < LEAST_DAYS:
        return None
    gains = parts.sum(axis=1)
    deviation = float(gains.std(ddof=1))
    if deviation <= 1e-12 * float(np.abs(gains).max(initial=0.0)) or deviation == 0:
        return None
    centred = parts - parts.mean(axis=0)
    added: Floats = centred.T @ (gains - gains.mean()) / (len(gains) - 1) / deviation
    return added


def beta(gains: Floats, benchmark: Floats) -> float | None:
    """Covariance with the benchmark's returns over their variance."""
    if len(gains) < LEAST_DAYS:
        return None
    centred = benchmark - benchmark.mean()
    variance = float(centred @ centred)
    if variance <= 1e-24 * len(benchmark):
        return None
    return float(centred @ (gains - gains.mean()) / variance)
