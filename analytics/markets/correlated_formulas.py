"""Formulas as members of a correlation: which can be, and what their moves are differences of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics.core.closes import Floats, Ints
from analytics.core.universe import FRESH_DAYS
from analytics.formulas.formula import FormulaReading
from analytics.formulas.lines import SESSIONS, FormulaTrack
from analytics.formulas.moves import formula_moves
from analytics.formulas.values import MOST_FORMULAS, formulas_in
from data.errors import ConfigError
from data.query import At


@dataclass(frozen=True, slots=True)
class FormulaLevels:
    """A formula's dates and levels, or the problem for which it has none."""

    text: str
    day: Ints
    level: Floats
    problem: str | None = None

    def since(self, first: date) -> FormulaLevels:
        """From a date on."""
        there = self.day >= (first - date(1970, 1, 1)).days
        return FormulaLevels(self.text, self.day[there], self.level[there])


def few_formulas(symbols: Sequence[str]) -> list[str]:
    """The formulas among these names; refused where computing them would take minutes."""
    texts = formulas_in(symbols)
    if len(texts) > MOST_FORMULAS:
        raise ConfigError(
            f"{len(texts)} formulas: expected at most {MOST_FORMULAS} in one correlation; "
            "leave some out"
        )
    return texts


def correlated_formulas(
    at: At, symbols: Sequence[str]
) -> tuple[list[FormulaLevels], FormulaReading]:
    """The formulas among these names, and what was read for them; one that cannot be a member says
    why."""
    found, reading = list[FormulaLevels](), FormulaReading(at, None)
    for text in few_formulas(symbols):
        try:
            found.append(correlated_formula(reading, text))
        except ConfigError as error:
            found.append(FormulaLevels(text, np.empty(0, np.int32), np.empty(0), str(error)))
    return found, reading


def correlated_formula(reading: FormulaReading, text: str) -> FormulaLevels:
    """One formula on its own dates: sessions, or the days of its series."""
    moves = formula_moves(reading, text)
    track = moves.track
    if track.frequency not in (SESSIONS, "daily"):
        kind = "has no fixed frequency" if track.frequency == "irregular" else track.frequency
        said = kind if kind.startswith("has") else f"is {kind}"
        raise ConfigError(
            f"it {said}, and moves are daily or weekly; expected a formula of instruments or daily "
            "series. Compare it with a price on the Instrument page instead"
        )
    there = _there(track)
    day = track.day[there].astype(np.int32)
    last = date.fromordinal(date(1970, 1, 1).toordinal() + int(day[-1])) if len(day) else None
    # One that ended earlier would end the sample of all.
    if last is None or (reading.at.as_of.date() - last).days > FRESH_DAYS:
        ended = f"its last value is of {last}" if last else "it has no value"
        raise ConfigError(
            f"{ended}; expected one within {FRESH_DAYS} days of the clock. Choose another formula, "
            "or move the clock"
        )
    return FormulaLevels(text, day, moves.level[there])


def _there(track: FormulaTrack) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The dates that count. A day on which a series has no value is none, as it is of a price."""
    if track.frequency == SESSIONS:
        return np.isfinite(track.line.known)
    return np.isfinite(track.line.value)
