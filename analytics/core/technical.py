"""Technical indicators over arrays of one instrument's sessions, in order; NaN where undefined.

Every function is causal: element i is made of elements up to i alone, by the same additions however
many come later, so that a later session never changes an earlier value, not even its last bit.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.core.closes import Floats, rolling_sum


def sma(values: Floats, window: int) -> Floats:
    """Mean of the last `window` values."""
    total: Floats = rolling_sum(values, window) / window
    return total


def smoothed(values: Floats, window: int, weight: float) -> Floats:
    """Begins with the mean of the first `window` values, then moves by `weight` to each new one.

    Leading NaN are passed over; it ends before a later one.
    """
    result = np.full(values.shape, np.nan)
    gaps = np.isnan(values)
    first = int(np.argmin(gaps)) if len(values) else 0
    end = first + int(np.argmax(gaps[first:])) if gaps[first:].any() else len(values)
    seeded = first + window - 1
    if seeded >= end:
        return result
    seed = sma(values[first : seeded + 1], window)[-1]
    chain = pl.Series(np.append(seed, values[seeded + 1 : end]))
    result[seeded:end] = chain.ewm_mean(alpha=weight, adjust=False).to_numpy()
    return result


def ema(values: Floats, window: int) -> Floats:
    """Exponential average with the weight 2 / (window + 1)."""
    return smoothed(values, window, 2 / (window + 1))


def wilder(values: Floats, window: int) -> Floats:
    """Wilder's average: (window - 1) parts of the old one and one part of the new value."""
    return smoothed(values, window, 1 / window)


def lagged(values: Floats, back: int) -> Floats:
    """The value `back` elements before."""
    result = np.full(values.shape, np.nan)
    if back < len(values):
        result[back:] = values[: len(values) - back]
    return result


def rolling_extreme(values: Floats, window: int, *, highest: bool) -> Floats:
    """Highest or lowest of the last `window` values."""
    result = np.full(values.shape, np.nan)
    if window <= len(values):
        views = np.lib.stride_tricks.sliding_window_view(values, window)
        result[window - 1 :] = views.max(axis=1) if highest else views.min(axis=1)
    return result


def population_deviation(values: Floats, window: int) -> Floats:
    """Standard deviation (n, not n - 1) of the last `window` values; exactly 0 if all are alike."""
    mean = sma(values, window)
    squares = np.zeros(values.shape)
    for back in range(window):
        squares += (lagged(values, back) - mean) ** 2
    top = rolling_extreme(values, window, highest=True)
    same = top == rolling_extreme(values, window, highest=False)
    return np.where(same, 0.0, np.sqrt(squares / window))


def share(part: Floats, whole: Floats) -> Floats:
    """One over the other where the latter is above zero."""
    result: Floats = np.divide(part, whole, where=whole > 0, out=np.full(part.shape, np.nan))
    return result


def roc(close: Floats, window: int) -> Floats:
    """Change in percent on the close `window` sessions before, both above zero."""
    before = lagged(close, window)
    return np.where(close > 0, 100 * (share(close, before) - 1), np.nan)


def rsi(close: Floats, window: int) -> Floats:
    """Wilder's relative strength index; NaN where nothing rose or fell."""
    change = np.diff(close, prepend=np.nan)
    gain = wilder(np.maximum(change, 0.0), window)
    loss = wilder(np.maximum(-change, 0.0), window)
    return 100 * share(gain, gain + loss)


def macd(close: Floats, fast: int, slow: int, signal: int) -> tuple[Floats, Floats, Floats]:
    """MACD, its signal and their difference, every average begun by a simple one."""
    line = ema(close, fast) - ema(close, slow)
    average = ema(line, signal)
    return line, average, line - average


def bollinger(
    close: Floats, window: int, width: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Middle, upper and lower band, where the close lies between them, width over the middle."""
    middle = sma(close, window)
    reach = width * population_deviation(close, window)
    upper, lower = middle + reach, middle - reach
    return middle, upper, lower, share(close - lower, upper - lower), share(upper - lower, middle)


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """The range of a session with the close before taken in; from the second session on."""
    before = lagged(close, 1)
    return np.maximum(high, before) - np.minimum(low, before)


def atr(high: Floats, low: Floats, close: Floats, window: int) -> Floats:
    """Wilder's average of the true range."""
    return wilder(true_range(high, low, close), window)


def adx(high: Floats, low: Floats, close: Floats, window: int) -> tuple[Floats, Floats, Floats]:
    """Wilder's average directional index, and both directional indicators."""
    up, down = np.diff(high, prepend=np.nan), -np.diff(low, prepend=np.nan)
    plus = np.where((up > down) & (up > 0), up, np.where(np.isnan(up), np.nan, 0.0))
    minus = np.where((down > up) & (down > 0), down, np.where(np.isnan(down), np.nan, 0.0))
    reach = atr(high, low, close, window)
    rising = 100 * share(wilder(plus, window), reach)
    falling = 100 * share(wilder(minus, window), reach)
    total = rising + falling
    apart = 100 * share(np.abs(rising - falling), total)
    # Without any movement there is no direction: the index of such a session is nought.
    apart = np.where((total == 0) | ((reach == 0) & np.isnan(total)), 0.0, apart)
    return wilder(apart, window), rising, falling


def stochastic(high: Floats, low: Floats, close: Floats, *windows: int) -> tuple[Floats, Floats]:
    """Where the close lies in the range of the window, in percent, smoothed; and its average.

    The windows are those of the range, of the smoothing and of the average.
    """
    window, smooth, signal = windows
    top = rolling_extreme(high, window, highest=True)
    bottom = rolling_extreme(low, window, highest=False)
    slow = sma(100 * share(close - bottom, top - bottom), smooth)
    return slow, sma(slow, signal)


def ulcer(close: Floats, window: int) -> Floats:
    """Root mean square of the drawdowns in percent from the highest close so far in the window."""
    total, top = np.zeros(close.shape), np.full(close.shape, -np.inf)
    for back in range(window - 1, -1, -1):
        value = lagged(close, back)
        top = np.maximum(top, value)
        total += (100 * (value / np.where(top > 0, top, np.nan) - 1)) ** 2
    sound = rolling_extreme(close, window, highest=False) > 0
    return np.where(sound, np.sqrt(total / window), np.nan)


def obv(close: Floats, volume: Floats) -> Floats:
    """Volume added where the close rose and taken off where it fell; 0 at the first session."""
    return np.cumsum(np.sign(np.diff(close, prepend=close[:1])) * volume)


def crossing(close: Floats, fast: int, slow: int) -> Floats:
    """1 where the fast average rises above the slow one, -1 where it falls below, else 0.

    Averages that meet without passing do not cross; a window of 1 is the close itself.
    """
    gap = sma(close, fast) - sma(close, slow)
    side = pl.Series(np.sign(gap)).fill_nan(None)
    # The side on which it last was: neither side counts where the two are equal.
    stood = side.replace(0.0, None).forward_fill()
    before = stood.shift(1)
    turned = pl.select(
        pl.when(side.is_null() | before.is_null())
        .then(None)
        .when(stood == before)
        .then(0.0)
        .otherwise(stood)
    ).to_series()
    return turned.cast(pl.Float64).fill_null(np.nan).to_numpy()


def beta(close: Floats, benchmark: Floats, window: int) -> Floats:
    """Covariance over variance of the simple returns of the last `window` sessions."""
    own, other = share(close, lagged(close, 1)) - 1, share(benchmark, lagged(benchmark, 1)) - 1
    own, other = np.where(close > 0, own, np.nan), np.where(benchmark > 0, other, np.nan)
    mean, mean_other = sma(own, window), sma(other, window)
    together, alone = np.zeros(close.shape), np.zeros(close.shape)
    for back in range(window):
        apart = lagged(other, back) - mean_other
        together += (lagged(own, back) - mean) * apart
        alone += apart**2
    top = rolling_extreme(other, window, highest=True)
    moved = top > rolling_extreme(other, window, highest=False)
    return np.where(moved, share(together, alone), np.nan)
