"""One series inside a formula, in the vintage of the clock or, beside prices, vintage by vintage.

A function counts periods and takes all its values from one vintage. A value in another unit than
the newest of its vintage is left out: across a change of base nothing is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from analytics.core.closes import Floats
from analytics.formulas.evaluation import FormulaEvaluation
from analytics.formulas.lines import (
    LENGTHS,
    PER_YEAR,
    Days,
    FormulaLine,
    FormulaSteps,
    FormulaTrack,
    years_of,
)
from analytics.formulas.names import FormulaMeaning
from analytics.formulas.text import (
    FormulaCall,
    FormulaNode,
    FormulaOperation,
    names_in,
    written,
)
from analytics.formulas.units import FormulaUnit, series_unit
from data.errors import ConfigError

MOST_CELLS = 2_000_000
WINDOWS = ("lag", "change", "roc", "sma")


@dataclass(frozen=True)
class FormulaSeries:
    """The prints of a series in the order in which they came, and the periods that they fill.

    `key`, `day` and `year` are those of every period, without a hole where the frequency is
    regular; `place` says which period a print is of.
    """

    symbol: str
    frequency: str
    key: Days
    day: Days
    year: Days
    place: Days
    known: Floats
    value: Floats
    units: tuple[str | None, ...]

    @classmethod
    def of(cls, prints: pl.DataFrame, meaning: FormulaMeaning) -> FormulaSeries:
        """From every print in view at the clock; a source's forecasts are left out."""
        frame = prints.filter(~pl.col("is_forecast")).sort("known_at", "period")
        frequency = meaning.frequency or "irregular"
        period = frame["period"].cast(pl.Int32).to_numpy().astype(np.int64)
        key, frequency = _keys(frame["period"], frequency)
        if frequency in PER_YEAR and len(key):
            axis = np.arange(key.min(), key.max() + 1)
        else:
            axis = np.unique(key)
        day = _ends(axis, period, key, frequency)
        return cls(
            meaning.symbol,
            frequency,
            axis,
            day,
            years_of(day, axis, frequency),
            np.searchsorted(axis, key),
            frame["known_at"].to_physical().cast(pl.Float64).to_numpy(),
            frame["value"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
            tuple(frame["unit"].to_list()),
        )

    @property
    def unit(self) -> FormulaUnit:
        """The unit of the newest period at the clock."""
        return self._unit(self._newest_print())

    @property
    def last_day(self) -> int | None:
        """The last day of the newest period that has a value; none where none has."""
        places = self.place[np.isfinite(self.value)]
        return int(self.day[places.max()]) if len(places) else None

    def last_days(self, instants: Floats) -> Floats:
        """The last day of the newest period that had a value at each instant; NaN where none."""
        day = np.where(np.isfinite(self.value), self.day[self.place], np.nan)
        newest = np.append(np.fmax.accumulate(day), np.nan)
        return newest[np.searchsorted(self.known, instants, side="right") - 1]

    def track(self, node: FormulaNode) -> FormulaTrack:
        """A part of this series alone, in the vintage of the clock, period by period."""
        values, known, first = (np.full(len(self.key), np.nan) for _ in range(3))
        unit = self._newest_print()
        for print_ in range(len(self.place)):
            place = self.place[print_]
            same = self.units[print_] == unit
            values[place], known[place] = self.value[print_] if same else np.nan, self.known[print_]
            first[place] = np.fmin(first[place], self.known[print_])
        line = FormulaLine(values, known, self.year)
        return _computed(
            node,
            FormulaTrack(line, self.key, self.day, first, self.frequency, self._unit(unit)),
        )

    def steps(self, node: FormulaNode) -> FormulaSteps:
        """A part of this series alone as it was known from instant to instant."""
        in_order = bool((np.diff(self.place) > 0).all()) and len(set(self.units)) == 1
        if not in_order:
            return self.vintage_steps(node)
        # Never revised: each vintage is the beginning of the next, and no function looks ahead.
        track = self.track(node)
        return FormulaSteps(self.known, track.line.value[self.place], track.unit)

    def vintage_steps(self, node: FormulaNode) -> FormulaSteps:
        """The newest value of a part in every vintage, each computed by itself."""
        width = min(self._reach(node), max(1, len(self.key)))
        instants = np.unique(self.known)
        if len(instants) * width > MOST_CELLS:
            raise ConfigError(
                f"{written(node)} takes {width:,} values in each of {len(instants):,} vintages "
                "beside prices; choose a shorter window"
            )
        wanted = _computed(node, self._vintage(np.zeros(0), self.unit, slice(0))).unit
        values = np.full(len(instants), np.nan)
        for number, vintage in enumerate(self._vintages(instants, width)):
            part = _computed(node, vintage)
            if part.unit == wanted:
                values[number] = part.line.value[-1]
        return FormulaSteps(instants, values, wanted)

    def _vintages(self, instants: Floats, width: int) -> Iterator[FormulaTrack]:
        """The last periods that each vintage has, in the unit of its newest."""
        kinds = list(dict.fromkeys(self.units))
        code = [kinds.index(unit) for unit in self.units]
        values, kind = np.full(len(self.key), np.nan), np.full(len(self.key), -1)
        is_regular, read, newest = self.frequency in PER_YEAR, 0, 0
        for instant in instants:
            while read < len(self.known) and self.known[read] <= instant:
                place = int(self.place[read])
                values[place], kind[place] = self.value[read], code[read]
                newest, read = max(newest, place), read + 1
            begin = max(0, newest + 1 - width)
            # Without a step of their own, periods that nobody knew yet were not there to count.
            there = (
                np.arange(begin, newest + 1)
                if is_regular
                else np.flatnonzero(kind[: newest + 1] >= 0)[-width:]
            )
            in_unit = np.where(kind[there] == kind[newest], values[there], np.nan)
            yield self._vintage(in_unit, self._unit(kinds[kind[newest]]), there)

    def _vintage(self, values: Floats, unit: FormulaUnit, there: Days | slice) -> FormulaTrack:
        """Values of some periods; since when they were known is the same of all."""
        key, day, known = self.key[there], self.day[there], np.zeros(len(values))
        line = FormulaLine(values, known, years_of(day, key, self.frequency))
        return FormulaTrack(line, key, day, known, self.frequency, unit)

    def _unit(self, unit: str | None) -> FormulaUnit:
        return series_unit(unit, self.symbol)

    def _newest_print(self) -> str | None:
        """The unit of the newest period's last print."""
        if not len(self.place):
            return None
        last = np.flatnonzero(self.place == self.place.max())[-1]
        return self.units[int(last)]

    def _reach(self, node: FormulaNode) -> int:
        """How many periods, the newest included, a part of this series looks back on."""
        match node:
            case FormulaCall():
                before = max(self._reach(part) for part in node.parts)
                return before + self._window(node)
            case FormulaOperation():
                return max(self._reach(node.left), self._reach(node.right))
            case _:
                return 1

    def _window(self, node: FormulaCall) -> int:
        if node.function in WINDOWS:
            return node.number or 1
        if node.function == "yoy":
            place = np.arange(len(self.year))
            return int((place - self.year)[self.year >= 0].max(initial=0))
        return 0 if node.function in ("log", "spread") else len(self.key)


def _computed(node: FormulaNode, track: FormulaTrack) -> FormulaTrack:
    """A part over the track of its only name."""
    part = FormulaEvaluation({names_in(node)[0].text: track}).of(node)
    assert isinstance(part, FormulaTrack)
    return part


def _keys(periods: pl.Series, frequency: str) -> tuple[Days, str]:
    """The number of each period; one that does not fit its frequency makes the series irregular."""
    year, month = (
        part.cast(pl.Int64).to_numpy() for part in (periods.dt.year(), periods.dt.month())
    )
    day = periods.cast(pl.Int32).to_numpy().astype(np.int64)
    match frequency:
        case "annual":
            key = year
        case "quarterly":
            key = year * 4 + (month - 1) // 3
        case "monthly":
            key = year * 12 + month - 1
        case "weekly":
            key = day // 7
        case _:
            return day, frequency
    if len(np.unique(key)) < len(np.unique(day)):
        return day, "irregular"
    return key, frequency


def _ends(axis: Days, period: Days, key: Days, frequency: str) -> Days:
    """The last day of every period: what describes a quarter is not of its beginning."""
    length = LENGTHS.get(frequency)
    if length is None:
        return axis
    if frequency == "weekly":
        offset = int((period - 7 * key).max(initial=0))
        return axis * 7 + offset + 6
    months = {"annual": 12, "quarterly": 3, "monthly": 1}[frequency]
    after = (axis + 1) * months - 1970 * 12
    begins = after.astype("datetime64[M]").astype("datetime64[D]")
    return begins.astype(np.int64) - 1
