"""The arrays behind a formula's parts: functions over them, and the dates on which two parts meet.

Each value has the instant at which all that it is made of was known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core import technical
from analytics.core.closes import Floats
from analytics.formulas.units import FormulaUnit

Days = npt.NDArray[np.int64]
# From the coarsest to the finest; an irregular one holds until its next value.
FINENESS = ("annual", "quarterly", "monthly", "weekly", "daily", "irregular")
PER_YEAR = {"annual": 1, "quarterly": 4, "monthly": 12, "weekly": 52}
LENGTHS = {"annual": "1y", "quarterly": "3mo", "monthly": "1mo", "weekly": "7d"}
SESSIONS = "sessions"
# A part is late when its last value lies so many of its steps before the clock, a week at least.
LATE_STEPS, LATE_DAYS = 5, 7
STEP_DAYS = {"annual": 366, "quarterly": 92, "monthly": 31, "weekly": 7}
# The value of a year ago may be this many days older where there was none on the day itself.
YEAR_SLACK_DAYS = 10


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """Values and the instants at which each was known; `year` the place of the value a year ago.

    A `year` of -1 says that there is none.
    """

    value: Floats
    known: Floats
    year: Days

    def made(self, value: Floats, known: Floats) -> FormulaLine:
        """Other values at the same places; never infinite."""
        return replace(self, value=np.where(np.isfinite(value), value, np.nan), known=known)


@dataclass(frozen=True, slots=True)
class FormulaTrack:
    """A line with its dates. `key` counts periods without a hole, or is the day of a session.

    `first` is when each date's own value was first known: what is joined by knowledge goes by it.
    """

    line: FormulaLine
    key: Days
    day: Days
    first: Floats
    frequency: str
    unit: FormulaUnit

    @property
    def last_day(self) -> int | None:
        """The date of its last value; none where it has none."""
        days = self.day[np.isfinite(self.line.value)]
        return int(days[-1]) if len(days) else None

    @property
    def is_price(self) -> bool:
        """Whether its dates are those of sessions."""
        return self.frequency == SESSIONS


@dataclass(frozen=True, slots=True)
class FormulaSteps:
    """What macro data said from each instant on, until the next."""

    known: Floats
    value: Floats
    unit: FormulaUnit


def applied(function: str, line: FormulaLine, number: int | None, *, is_rate: bool) -> FormulaLine:
    """A function of one part; `is_rate` says that changes are differences."""
    value, n = line.value, number or 1
    match function:
        case "log":
            sound = value > 0
            return line.made(np.log(np.where(sound, value, np.nan)), line.known)
        case "lag" | "change" | "roc":
            before = technical.lagged(value, n)
            known = np.fmax(line.known, technical.lagged(line.known, n))
            if function == "lag":
                return line.made(before, known)
            is_difference = function == "change" or is_rate
            return line.made(value - before if is_difference else grown(value, before), known)
        case "yoy":
            before, known = _at(value, line.year), _at(line.known, line.year)
            made = value - before if is_rate else grown(value, before)
            return line.made(made, np.fmax(line.known, known))
        case "sma":
            return _mean(line, n)
        case "ema":
            made = _ema(value, n)
        case _:
            made = _index(value)
    return line.made(made, np.fmax.accumulate(line.known))


def grown(value: Floats, before: Floats) -> Floats:
    """Change in percent, both above zero."""
    base = np.where((before > 0) & (value > 0), before, np.nan)
    result: Floats = 100 * (value / base - 1)
    return result


def _mean(line: FormulaLine, window: int) -> FormulaLine:
    known = pl.Series(line.known).fill_nan(None).rolling_max(window, min_samples=1)
    return line.made(technical.sma(line.value, window), known.to_numpy())


def _ema(values: Floats, window: int) -> Floats:
    """Over the values that are there."""
    there = ~np.isnan(values)
    result = np.full(values.shape, np.nan)
    result[there] = technical.ema(values[there], window)
    return result


def _index(values: Floats) -> Floats:
    """A first value at or below zero is no base."""
    there = np.flatnonzero(~np.isnan(values))
    if not len(there) or values[there[0]] <= 0:
        return np.full(values.shape, np.nan)
    result: Floats = 100 * values / values[there[0]]
    return result


def years_of(day: Days, key: Days, frequency: str) -> Days:
    """The place of the value a year before each: the same period, or the last day by then."""
    step = PER_YEAR.get(frequency)
    if step is not None:
        return np.where(key - step >= key[:1], np.arange(len(key)) - step, -1)
    wanted = pl.Series(day).cast(pl.Int32).cast(pl.Date).dt.offset_by("-1y").cast(pl.Int32)
    wanted_days = wanted.to_numpy().astype(np.int64)
    place = np.searchsorted(day, wanted_days, side="right") - 1
    if frequency == "irregular" or not len(day):
        return place
    fresh = wanted_days - day[np.maximum(place, 0)] <= YEAR_SLACK_DAYS
    return np.where(fresh, place, -1)


def is_late(frequency: str, last: int | None, day: int) -> bool:
    """Whether a last value is too old on a day; an irregular one holds until the next."""
    return last is not None and day - last > days_fresh(frequency)


def days_fresh(frequency: str) -> float:
    """For how many days after its date a value may stand; an irregular one for ever."""
    if frequency == "irregular":
        return np.inf
    return max(LATE_DAYS, LATE_STEPS * STEP_DAYS.get(frequency, 1))


def operate(sign: str, left: Floats, right: Floats) -> Floats:
    """Two arrays of one shape; what divides by nothing is NaN."""
    with np.errstate(all="ignore"):
        match sign:
            case "+":
                found = left + right
            case "-":
                found = left - right
            case "*":
                found = left * right
            case _:
                found = left / np.where(right == 0, np.nan, right)
    return np.where(np.isfinite(found), found, np.nan)


def combined(sign: str, left: FormulaTrack, right: FormulaTrack, unit: FormulaUnit) -> FormulaTrack:
    """Two tracks on the dates on which they meet; known when both were."""
    if left.key is right.key:  # parts of one instrument or series
        value = operate(sign, left.line.value, right.line.value)
        line = left.line.made(value, np.fmax(left.line.known, right.line.known))
        return replace(left, line=line, unit=unit)
    mine, theirs, axis = _meeting(left, right)
    value = operate(sign, _at(left.line.value, mine), _at(right.line.value, theirs))
    known = np.fmax(_at(left.line.known, mine), _at(right.line.known, theirs))
    first = np.fmax(_at(left.first, mine), _at(right.first, theirs))
    line = FormulaLine(value, known, years_of(axis.day, axis.key, axis.frequency))
    return FormulaTrack(line, axis.key, axis.day, first, axis.frequency, unit)


@dataclass(frozen=True, slots=True)
class _Axis:
    key: Days
    day: Days
    frequency: str


def _at(values: Floats, place: Days) -> Floats:
    """Values at places; NaN at -1."""
    if not len(values):
        return np.full(place.shape, np.nan)
    return np.where(place >= 0, values[np.maximum(place, 0)], np.nan)


def _meeting(left: FormulaTrack, right: FormulaTrack) -> tuple[Days, Days, _Axis]:
    """Places in both, and the dates: common ones, or the coarser's with the finer's last value."""
    if left.frequency == right.frequency != "irregular":
        _, mine, theirs = np.intersect1d(left.key, right.key, return_indices=True)
        return mine, theirs, _Axis(left.key[mine], left.day[mine], left.frequency)
    if left.frequency == right.frequency:
        days = np.union1d(left.day, right.day)
        axis = _Axis(days, days, "irregular")
        return _carried(left, days), _carried(right, days), axis
    if FINENESS.index(left.frequency) > FINENESS.index(right.frequency):
        theirs, mine, axis = _meeting(right, left)
        return mine, theirs, axis
    places = np.arange(len(left.day))
    axis = _Axis(left.key, left.day, left.frequency)
    if right.frequency == "irregular":
        return places, _carried(right, left.day), axis
    return places, _last_within(left, right), axis


def _carried(track: FormulaTrack, days: Days) -> Days:
    """The place of the last value by each day, however old."""
    return np.searchsorted(track.day, days, side="right") - 1


def _last_within(coarse: FormulaTrack, fine: FormulaTrack) -> Days:
    """The place of the finer's last value inside each of the coarser's periods."""
    there = np.flatnonzero(~np.isnan(fine.line.value))
    if not len(there):
        return np.full(len(coarse.day), -1)
    place = np.searchsorted(fine.day[there], coarse.day, side="right") - 1
    length = LENGTHS[coarse.frequency]
    ends = pl.Series(coarse.day + 1).cast(pl.Int32).cast(pl.Date)
    begins = ends.dt.offset_by(f"-{length}").cast(pl.Int32).to_numpy()
    found = there[np.maximum(place, 0)]
    return np.where((place >= 0) & (fine.day[found] >= begins), found, -1)


def stepped(sign: str, left: FormulaSteps, right: FormulaSteps, unit: FormulaUnit) -> FormulaSteps:
    """Two step functions at every instant at which either changes."""
    known = np.union1d(left.known, right.known)
    values = [_at(steps.value, _by(steps, known)) for steps in (left, right)]
    return FormulaSteps(known, operate(sign, *values), unit)


def beside(track: FormulaTrack, steps: FormulaSteps) -> tuple[Floats, Floats]:
    """What steps said when each session's close was first known, and since when they said it."""
    place = _by(steps, track.first)
    return _at(steps.value, place), _at(steps.known, place)


def _by(steps: FormulaSteps, instants: Floats) -> Days:
    return np.searchsorted(steps.known, instants, side="right") - 1
