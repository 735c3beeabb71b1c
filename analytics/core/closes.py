"""Closes of several instruments as arrays, for maths that SQL does badly; refuses mixed sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.catalogue import run
from analytics.core.known_sessions import price_rows_known
from data.query import Answer, At

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Closes:
    """Sessions of all instruments end to end, each in order of dates.

    `place` is the instrument's position in `symbols`, `day` the date in days since 1970,
    `close` as printed, `split` the shares that one share of the session before has become.
    `rates` are those of the symbols whose closes are levels and no prices.
    """

    symbols: tuple[str, ...]
    place: Ints
    day: Ints
    close: Floats
    split: Floats
    per_year: Ints
    rates: frozenset[str]
    answer: Answer

    def dates(self) -> pl.Series:
        """The date of every row."""
        return pl.Series("date", self.day).cast(pl.Date)

    @property
    def is_rate(self) -> npt.NDArray[np.bool_]:
        """Whether the close of each row is a level and no price."""
        rates = [place for place, symbol in enumerate(self.symbols) if symbol in self.rates]
        return np.isin(self.place, rates)

    def names(self) -> pl.Series:
        """The symbol of every row."""
        return pl.Series("symbol", self.symbols, dtype=pl.String).gather(self.place)


def read_closes(at: At, symbols: list[str], since: date) -> Closes:
    """Sessions of these instruments since a date.

    Where a symbol has several sources only the one that is shown is taken, as `ranking` has it: a
    mixture would jump between them.
    """
    names = tuple(dict.fromkeys(symbols))
    part = at.within("prices", since, date.max)
    answer = price_rows_known(at, part, list(names), since) or run(
        part, "parts/price_rows", symbols=list(names), since=since, pairs=None
    )
    if _has_several(answer.frame):
        sources = run(part, "parts/price_sources", symbols=list(names), since=since)
        best = sources.frame.filter(standing=1)
        pairs = (best["symbol"] + "|" + best["source"]).to_list()
        chosen = run(part, "parts/price_rows", symbols=list(names), since=since, pairs=pairs)
        answer = sources.join(chosen, chosen.frame, "rows of each symbol's chosen source")
    rates = frozenset(names[place] for place in answer.frame.filter("is_rate")["place"].unique())
    return Closes(names, *_arrays(answer.frame), rates, answer)


def _arrays(frame: pl.DataFrame) -> tuple[Ints, Ints, Floats, Floats, Ints]:
    """The columns in order of instrument and date, whatever order they came in."""
    place, day = frame["place"].to_numpy(), frame["date"].cast(pl.Int32).to_numpy()
    close = frame["close"].fill_null(np.nan).to_numpy()
    ratio = frame["split_ratio"].fill_null(1.0).to_numpy()
    split = np.where(ratio > 0, ratio, 1.0)
    per_year = frame["per_year"].cast(pl.Int32).to_numpy()
    order = np.argsort(place.astype(np.int64) * (1 << 32) + day, kind="stable")
    split = split[order]
    if np.isnan(close).any():
        order, split = _without_gaps(order, split, place[order], np.isnan(close[order]))
    return place[order], day[order], close[order], split, per_year[order]


def _without_gaps(
    order: npt.NDArray[np.intp], split: Floats, place: Ints, gap: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Leave out rows without a close, and let their splits count at the next one with a close."""
    for row in np.flatnonzero(gap):
        if row + 1 < len(split) and place[row + 1] == place[row]:
            split[row + 1] *= split[row]
    return order[~gap], split[~gap]


def _has_several(frame: pl.DataFrame) -> bool:
    """Whether any instrument has rows of more than one source, be it of other days."""
    if frame["source"].n_unique() < 2:
        return False
    sources = pl.col("source").cast(pl.Categorical).to_physical()
    ends = frame.group_by("place").agg(sources.min().alias("low"), sources.max().alias("high"))
    return bool((ends["low"] != ends["high"]).any())


def session_moves(closes: Closes) -> Floats:
    """Move of each session against the instrument's session before: a log return, splits taken in,
    for rates the change of the level.

    NaN at the first session, and where either price is not above zero.
    """
    result = np.full(closes.close.shape, np.nan)
    before, now, is_rate = closes.close[:-1], closes.close[1:], closes.is_rate[1:]
    same = closes.place[1:] == closes.place[:-1]
    sound = same & ~is_rate & (before > 0) & (now > 0)
    np.log(now * closes.split[1:] / np.where(sound, before, 1.0), out=result[1:], where=sound)
    np.subtract(now, before, out=result[1:], where=same & is_rate)
    return result


def levels(closes: Closes) -> Floats:
    """What moves are differences of: the log of each close with the splits since the first, for
    rates the close itself. NaN where a price is not above zero.
    """
    starts = np.flatnonzero(np.diff(closes.place)) + 1
    splits = np.concatenate([np.cumprod(part) for part in np.split(closes.split, starts)])
    price = np.where(closes.close > 0, closes.close, np.nan) * splits
    found: Floats = np.where(closes.is_rate, closes.close, np.log(price))
    return found


def later_splits(split: Floats) -> Floats:
    """What one share of each session has become by the last, from the split of each session."""
    return np.cumprod(np.append(split, 1.0)[:0:-1])[::-1]


def rolling_sum(values: Floats, window: int) -> Floats:
    """Sum of each value and those before it, `window` in all; NaN where fewer came before.

    Adds by doubling, so that only the window's own values enter: no drift, no cancellation
    against what left the window long ago.
    """
    if len(values) < window:
        return np.full(values.shape, np.nan)
    total = np.zeros(values.shape)
    doubled, width, done = values.copy(), 1, 0
    while width <= window:
        if window & width:
            total[done:] += doubled[: len(doubled) - done]
            total[:done] = np.nan
            done += width
        wider = np.full(values.shape, np.nan)
        wider[width:] = doubled[width:] + doubled[:-width]
        doubled, width = wider, 2 * width
    return total


def rolling_deviation(values: Floats, window: int) -> Floats:
    """Sample standard deviation over `window` values; exactly 0 where they are all alike."""
    squares = rolling_sum(values * values, window)
    sums = rolling_sum(values, window)
    spread = squares - sums * sums / window
    spread[spread < 4e-16 * window * squares] = 0.0
    return np.sqrt(spread / (window - 1))
