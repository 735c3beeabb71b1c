"""Instruments and formulas beside the price of one instrument.

What moves by its ratio, as a price does, begins at 100 at a session that all of them have; what
moves by its difference, as a rate does, stands as a level in its own unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from analytics.core.closes import Floats, Ints, read_closes
from analytics.formulas.formula import FormulaReading
from analytics.formulas.moves import formula_moves
from analytics.formulas.units import PERCENT
from analytics.formulas.values import formula_of, formulas_in
from analytics.markets.instrument import MOST_COMPARED, shares_since_first
from analytics.markets.returns import FIRST_SESSION
from data.errors import ConfigError
from data.query import Answer, At

RATIO, DIFFERENCE = "ratio", "difference"
AT_100 = "first session in common = 100"
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "symbol": pl.String,
    "date": pl.Date,
    "value": pl.Float64,
    "unit": pl.String,
    "moves": pl.String,
    "late": pl.String,
    "problem": pl.String,
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One of those compared on its sessions; `unit` is none where it moves by its ratio."""

    name: str
    day: Ints
    value: Floats
    unit: str | None = None
    late: str | None = None
    problem: str | None = None

    def frame(self, value: Floats) -> pl.DataFrame:
        """Its rows with these values; of one that is not drawn a single row says why."""
        alike = {
            "symbol": self.name,
            "unit": self.unit or AT_100,
            "moves": RATIO if self.unit is None else DIFFERENCE,
            "late": self.late,
            "problem": self.problem,
        }
        if self.problem is not None:
            return pl.DataFrame([alike | {"unit": None, "moves": None}], schema=COLUMNS)
        frame = pl.DataFrame(
            {
                "date": pl.Series(self.day, dtype=pl.Int32).cast(pl.Date),
                "value": pl.Series(value, dtype=pl.Float64, nan_to_null=True),
            }
        )
        columns = [pl.lit(text, dtype=pl.String).alias(name) for name, text in alike.items()]
        return frame.with_columns(columns).select(*COLUMNS)


def compared(
    at: At,
    *,
    symbol: str,
    others: list[str],
    since: date | None = None,
    country: str | None = None,
) -> Answer:
    """An instrument and what stands beside it: instruments, and formulas such as `=GOLD/SILVER`.

    `moves` says how a line is to be read. By ratio: 100 at the first session that all of these
    have, splits taken in; null at or below zero. By difference: rates, and formulas in which a
    rate, a difference or a logarithm stands, as levels in their `unit`. A formula of series alone
    has the sessions of the instrument, each with what was known when its close first was. One that
    cannot be computed has a row with its `problem`, and the others remain. `late` names its parts
    whose last value is too old.
    """
    texts = {name: formula_of(name) for name in (symbol, *others)}
    names = list(dict.fromkeys(f"={text}" if text else name for name, text in texts.items()))
    if len(names) > MOST_COMPARED:
        raise ConfigError(
            f"{len(names) - 1} lines beside {symbol}: expected at most {MOST_COMPARED - 1}; "
            "remove some"
        )
    start = since or FIRST_SESSION
    lines, answer = _instruments(at, [n for n in names if formula_of(n) is None], start)
    reading = FormulaReading(at, country)
    for text in formulas_in(names):
        lines[f"={text}"] = _formula(reading, text, symbol, start)
    answer = reading.joined(answer)
    is_rate = symbol in lines and lines[symbol].unit is not None
    shown = [
        _not_beside_rate(lines[n], symbol) if is_rate else lines[n] for n in names if n in lines
    ]
    parts = [line.frame(value) for line, value in _from_common(shown, start)]
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=COLUMNS)
    return answer.derive(frame, "each from 100 at the first session in common, or as a level")


def _instruments(at: At, names: list[str], since: date) -> tuple[dict[str, _Line], Answer]:
    """Closes in shares of the first session, of rates the level; none of what has no session."""
    closes = read_closes(at, names, since)
    held = closes.close * shares_since_first(closes.place, closes.split)
    lines = {}
    for place, name in enumerate(closes.symbols):
        mine = closes.place == place
        if not mine.any():
            continue
        unit = PERCENT if name in closes.rates else None
        lines[name] = _Line(name, closes.day[mine], (closes.close if unit else held)[mine], unit)
    return lines, closes.answer


def _formula(reading: FormulaReading, text: str, symbol: str, since: date) -> _Line:
    nothing = _Line(f"={text}", np.empty(0, np.int32), np.empty(0))
    try:
        found = formula_moves(reading, text, symbol)
    except ConfigError as error:
        return _said(nothing, str(error))
    value, day = found.track.line.value, found.track.day.astype(np.int32)
    known = np.isfinite(value)
    if not known.any():
        return _said(nothing, "its parts have no common date at this time")
    there = known & (day >= (since - date(1970, 1, 1)).days)
    if not there.any():
        return _said(nothing, f"it has no value since {since}: choose a longer span")
    unit = found.track.unit.text if found.is_difference else None
    late = ", ".join(found.late) or None
    return _Line(nothing.name, day[there], value[there], unit, late)


def _said(line: _Line, problem: str) -> _Line:
    return _Line(line.name, line.day, line.value, problem=problem)


def _not_beside_rate(line: _Line, symbol: str) -> _Line:
    """Beside a rate stand levels alone: it has none of the changes in percent that prices have."""
    if line.unit is not None or line.problem is not None:
        return line
    return _said(
        line,
        f"{symbol} is a rate, which has a level and no return, so no price is drawn beside it; "
        "choose a rate or a difference, such as A - B",
    )


def _from_common(lines: Sequence[_Line], since: date) -> Iterator[tuple[_Line, Floats]]:
    """Each line with its values, by ratio from the first session that all such lines have.

    A formula that shares no session with the instruments and formulas before it says so.
    """
    common: Ints | None = None
    drawn = []
    for line in sorted(lines, key=lambda line: line.name.startswith("=")):
        if line.unit is None and line.problem is None:
            mine = line.day[line.value > 0]
            shared = mine if common is None else np.intersect1d(common, mine)
            if len(shared):
                common = shared
            elif formula_of(line.name) is None:
                raise ConfigError(
                    f"these instruments have no session in common since {since}: choose a longer "
                    "span, or leave one out"
                )
            else:
                problem = f"no session in common with the others since {since}"
                line = _said(line, f"{problem}: choose a longer span, or leave one out")
        drawn.append(line)
    order = {line.name: place for place, line in enumerate(lines)}
    for line in sorted(drawn, key=lambda line: order[line.name]):
        yield line, _values(line, common)


def _values(line: _Line, common: Ints | None) -> Floats:
    if line.unit is not None or line.problem is not None or common is None:
        return line.value
    held = np.where(line.value > 0, line.value, np.nan)
    rebased: Floats = 100 * held / held[np.searchsorted(line.day, common[0])]
    return rebased
