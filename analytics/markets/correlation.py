"""Correlation of instruments on the dates they share; never of prices that were filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.closes import Closes, Floats, Ints, levels, read_closes
from analytics.core.intervals import NORMAL_95
from analytics.formulas.formula import FormulaReading
from analytics.formulas.values import formula_of
from analytics.markets.correlated_formulas import FormulaLevels, correlated_formula, few_formulas
from data.errors import ConfigError
from data.query import Answer, At

LEAST_RETURNS = 30


def correlation(
    at: At, *, symbols: list[str], since: date | None = None, weekly: bool = False
) -> Answer:
    """Pearson correlation of log returns for every pair, on one common sample.

    Prices are first cut to the dates on which all instruments have one, then differenced; of
    rates the changes of the level are taken. A symbol may be a formula, such as `=GOLD/SILVER`.
    `weekly` takes the last such date of each week to Wednesday, for venues that close hours apart.
    `low` and `high` bound the 95 % interval. Null below 30 returns, and for an instrument whose
    price never moves.
    """
    if len(set(symbols)) < 2:
        raise ConfigError("correlation: expected at least two different symbols")
    start = since or date(1900, 1, 1)
    closes = read_closes(at, [name for name in symbols if formula_of(name) is None], start)
    reading = FormulaReading(at, None)
    formulas = [correlated_formula(reading, text) for text in few_formulas(symbols)]
    lines = _LevelRows.of(closes)
    for formula in formulas:
        lines = lines.beside(formula.since(start))
    returns = np.diff(lines.common(weekly=weekly), axis=0)
    returns = returns[np.isfinite(returns).all(axis=1)]
    names = (*closes.symbols, *(f"={formula.text}" for formula in formulas))
    frame = _pairs(names, correlated(returns), len(returns))
    answer = reading.joined(closes.answer)
    return answer.derive(frame, "correlation of moves between common dates")


def common_levels(closes: Closes, *, weekly: bool = False) -> Floats:
    """Sessions x instruments, on the dates that all of them share.

    A price at or below zero is NaN: its date stays, so that no return spans it unseen.
    """
    return _LevelRows.of(closes).common(weekly=weekly)


@dataclass(frozen=True, slots=True)
class _LevelRows:
    """Levels of several lines end to end: of which line, on which day."""

    width: int
    place: Ints
    day: Ints
    level: Floats

    @classmethod
    def of(cls, closes: Closes) -> _LevelRows:
        return cls(len(closes.symbols), closes.place, closes.day, levels(closes))

    def beside(self, line: FormulaLevels) -> _LevelRows:
        """These and one line more."""
        place = np.full(len(line.day), self.width, dtype=self.place.dtype)
        return _LevelRows(
            self.width + 1,
            np.concatenate([self.place, place]),
            np.concatenate([self.day, line.day]),
            np.concatenate([self.level, line.level]),
        )

    def common(self, *, weekly: bool) -> Floats:
        """Dates x lines, on the dates that all of them share."""
        days, row = np.unique(self.day, return_inverse=True)
        shape = (len(days), self.width)
        found, present = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
        found[row, self.place] = self.level
        present[row, self.place] = True
        shared = present.all(axis=1)
        return found[shared][week_ends(days[shared])] if weekly else found[shared]


def week_ends(days: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """The last of these days in each week that ends on a Wednesday."""
    weeks = days // 7  # day 0, 1970-01-01, was a Thursday
    return np.flatnonzero(np.append(weeks[1:] != weeks[:-1], len(weeks) > 0))


def correlated(returns: Floats) -> Floats:
    """Correlation matrix of the columns; NaN where it is undefined."""
    count, width = returns.shape
    if count < LEAST_RETURNS:
        return np.full((width, width), np.nan)
    centred = returns - returns.mean(axis=0)
    size = np.sqrt((centred * centred).sum(axis=0))
    flat = size <= 1e-12 * np.sqrt((returns * returns).sum(axis=0))
    scaled = centred / np.where(flat, np.nan, size)
    matrix: Floats = np.clip(scaled.T @ scaled, -1.0, 1.0)
    np.fill_diagonal(matrix, np.where(flat, np.nan, 1.0))
    return matrix


def _pairs(symbols: tuple[str, ...], matrix: Floats, count: int) -> pl.DataFrame:
    """The matrix in long form, with its interval."""
    names = pl.Series("symbol", symbols, dtype=pl.String)
    first, second = (places.ravel() for places in np.indices(matrix.shape))
    value = pl.col("correlation")
    inside = pl.when(value.abs() < 1).then(value)
    reach = NORMAL_95 / np.sqrt(max(count - 3, 1))
    return pl.DataFrame(
        {
            "symbol": names.gather(first),
            "other": names.gather(second),
            "correlation": matrix.ravel(),
        }
    ).with_columns(
        value.fill_nan(None),
        (inside.arctanh() - reach).tanh().fill_nan(None).alias("low"),
        (inside.arctanh() + reach).tanh().fill_nan(None).alias("high"),
        pl.lit(count, dtype=pl.Int64).alias("returns"),
    )
