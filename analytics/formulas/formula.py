"""Formulas over instruments and series, such as `GOLD/SILVER` or `yoy(CPI) - policy rate`.

Every part is read under the clock. Sessions meet on common dates, series on their periods; beside
prices a series counts with what was known of it when each close first was. Units are checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.formulas.lines import (
    SESSIONS,
    FormulaLine,
    FormulaSteps,
    FormulaTrack,
    applied,
    beside,
    combined,
    operate,
    stepped,
    years_of,
)
from analytics.formulas.names import FormulaMeaning, meanings_of
from analytics.formulas.series import FormulaSeries
from analytics.formulas.text import (
    FormulaCall,
    FormulaName,
    FormulaNode,
    FormulaNumber,
    FormulaOperation,
    names_in,
    parse_formula,
    written,
)
from analytics.formulas.units import (
    BASIS,
    NUMBER,
    PERCENT,
    POINTS,
    FormulaUnit,
    of_function,
    operated,
    price_unit,
)
from data.errors import ConfigError
from data.query import Answer, At

MOST_NAMES = 8
Part = float | FormulaTrack | FormulaSteps


def formula(at: At, *, text: str, country: str | None = None, since: date | None = None) -> Answer:
    """A formula over time: date, value, its unit, and when the last of its parts was known.

    An indicator named without its country is that of `country`. Rows before `since` are left out;
    the computation begins with all that is known at the clock.
    """
    node = parse_formula(text)
    reading = FormulaReading(at, country)
    reading.read(node)
    part = FormulaEvaluation(reading.lines).of(node)
    if not isinstance(part, FormulaTrack):
        raise ConfigError("the formula names no instrument or series; write one, as in GOLD/SILVER")
    frame = pl.DataFrame(
        {
            "date": pl.Series(part.day).cast(pl.Int32).cast(pl.Date),
            "value": pl.Series(part.line.value).fill_nan(None),
            "unit": pl.Series([part.unit.text] * len(part.day), dtype=pl.String),
            "known_at": pl.Series(part.line.known)
            .fill_nan(None)
            .cast(pl.Int64)
            .cast(pl.Datetime("us", "UTC")),
        }
    ).drop_nulls("known_at")
    if since is not None:
        frame = frame.filter(pl.col("date") >= since)
    return reading.answer(frame, f"{written(node)}, where {reading.said()}")


def formula_names(at: At, *, text: str, country: str | None = None) -> Answer:
    """What each name of a formula means at the clock: its id, what it is called, its unit."""
    reading = FormulaReading(at, country)
    node = parse_formula(text)
    reading.read(node)
    rows = [
        {
            "name": name.text,
            "id": reading.meanings[name.text].symbol,
            "label": reading.meanings[name.text].label,
            "kind": "series" if reading.meanings[name.text].frequency else "instrument",
            "unit": reading.lines[name.text].unit.text,
        }
        for name in names_in(node)
    ]
    schema = dict.fromkeys(("name", "id", "label", "kind", "unit"), pl.String)
    return reading.answer(pl.DataFrame(rows, schema=schema), "names and what they mean")


FormulaLeaf = FormulaTrack | FormulaSeries


@dataclass
class FormulaReading:
    """What the names of a formula mean and their data, read once each."""

    at: At
    country: str | None
    meanings: dict[str, FormulaMeaning] = field(default_factory=dict)
    lines: dict[str, FormulaLeaf] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def read(self, node: FormulaNode) -> None:
        """Find every name and read its data."""
        names = names_in(node)
        if not names:
            raise ConfigError(
                "the formula names no instrument or series; write one, as in GOLD/SILVER"
            )
        if len(names) > MOST_NAMES:
            raise ConfigError(f"{len(names)} names; expected at most {MOST_NAMES} in one formula")
        self.meanings, self.answers = meanings_of(self.at, names, self.country)
        for name in names:
            self.lines[name.text] = self._data(name, self.meanings[name.text])

    def said(self) -> str:
        """Each name with its meaning and unit."""
        return ", ".join(
            f"{name} is {self.meanings[name].symbol} ({line.unit.text})"
            for name, line in self.lines.items()
        )

    def answer(self, frame: pl.DataFrame, how: str) -> Answer:
        """A frame that rests on everything that was read."""
        first, *others = self.answers
        for other in others:
            first = first.join(other, first.frame, "")
        return replace(first, derived=None).derive(frame, how)

    def _data(self, name: FormulaName, meaning: FormulaMeaning) -> FormulaLeaf:
        if meaning.frequency is not None:
            found = run(self.at, "parts/prints", series=meaning.symbol)
            self.answers.append(found)
            if not found.frame["value"].count():
                raise ConfigError(_nothing(name, meaning, "values", "series"))
            return FormulaSeries.of(found.frame, meaning)
        found = run(self.at, "parts/formula_closes", symbol=meaning.symbol)
        self.answers.append(found)
        frame = found.frame
        if not frame["close"].count():
            raise ConfigError(_nothing(name, meaning, "prices", "instrument"))
        return _sessions(meaning.symbol, frame)


def _nothing(name: FormulaName, meaning: FormulaMeaning, what: str, kind: str) -> str:
    return (
        f"{name.text[:60]!r} ({meaning.symbol}) has no {what} at this time; choose another {kind} "
        "or a later time"
    )


def _sessions(symbol: str, frame: pl.DataFrame) -> FormulaTrack:
    """Closes in shares of the last day; those in another currency than the last are left null."""
    ratio = frame["split_ratio"].fill_null(1.0).to_numpy()
    splits = np.where(ratio > 0, ratio, 1.0)
    after = np.cumprod(np.append(splits[1:], 1.0)[::-1])[::-1]
    rows = frame.with_columns(pl.Series("after", after)).drop_nulls("close")
    asset_class, currency = rows["asset_class"][-1], rows["currency"][-1]
    unit, factor = price_unit(symbol, asset_class, currency)
    same = rows["currency"].eq_missing(pl.Series([currency], dtype=pl.String)).to_numpy()
    close = np.where(same, factor * rows["close"].to_numpy() / rows["after"].to_numpy(), np.nan)
    day = rows["date"].cast(pl.Int32).to_numpy().astype(np.int64)
    known, first = (
        rows[name].to_physical().cast(pl.Float64).to_numpy() for name in ("known_at", "first_known")
    )
    return FormulaTrack(
        FormulaLine(close, known, years_of(day, day, SESSIONS)), day, day, first, SESSIONS, unit
    )


@dataclass(frozen=True)
class FormulaEvaluation:
    """Computes a tree over what its names stand for."""

    lines: dict[str, FormulaLeaf]

    @cached_property
    def _beside_prices(self) -> bool:
        return any(isinstance(line, FormulaTrack) for line in self.lines.values())

    def of(self, node: FormulaNode) -> Part:
        """The value of a part: a number, a track of dates, or steps of what was known."""
        single = self._single(node)
        if single is not None:
            return single.steps(node) if self._beside_prices else single.track(node)
        match node:
            case FormulaNumber():
                return node.value
            case FormulaName():
                line = self.lines[node.text]
                assert isinstance(line, FormulaTrack)
                return line
            case FormulaOperation():
                return self._operation(node)
            case FormulaCall():
                return self._call(node)

    def _single(self, node: FormulaNode) -> FormulaSeries | None:
        """The one series that a part is made of, whose periods its functions count."""
        names = {name.text for name in names_in(node)}
        line = self.lines[next(iter(names))] if len(names) == 1 else None
        return line if isinstance(line, FormulaSeries) else None

    def _operation(self, node: FormulaOperation) -> Part:
        left, right = self.of(node.left), self.of(node.right)
        mine, theirs = (written(node.left), _unit(left)), (written(node.right), _unit(right))
        return _operated(node.sign, left, right, operated(node.sign, mine, theirs))

    def _call(self, node: FormulaCall) -> Part:
        if node.function == "spread":
            return self._spread(node)
        part, text = self.of(node.parts[0]), written(node.parts[0])
        unit = of_function(node.function, (text, _unit(part)))
        is_rate = _unit(part).is_one(PERCENT, POINTS)
        if isinstance(part, float):
            return _of_number(node, part)
        if isinstance(part, FormulaSteps):
            if node.function != "log":
                raise ConfigError(
                    f"{node.function}({text}) counts the periods of several series, which differ "
                    f"beside prices; apply {node.function} to each series by itself"
                )
            made = applied(
                "log", FormulaLine(part.value, part.known, np.array([])), None, is_rate=False
            )
            return FormulaSteps(part.known, made.value, unit)
        made = applied(node.function, part.line, node.number, is_rate=is_rate)
        return replace(part, line=made, unit=unit)

    def _spread(self, node: FormulaCall) -> Part:
        """A difference, that of two rates in basis points."""
        found = self._operation(FormulaOperation("-", node.parts[0], node.parts[1], node.at))
        if not _unit(found).is_one(POINTS):
            return found
        return _operated("*", found, 100.0, FormulaUnit.of(BASIS))


def _of_number(node: FormulaCall, value: float) -> float:
    if node.function != "log" or value <= 0:
        raise ConfigError(
            f"{node.function} at character {node.at} is of a number; expected an instrument or "
            "series in it"
        )
    return float(np.log(value))


def _unit(part: Part) -> FormulaUnit:
    return NUMBER if isinstance(part, float) else part.unit


def _operated(sign: str, left: Part, right: Part, unit: FormulaUnit) -> Part:
    """Two parts of any kind."""
    if isinstance(left, float) and isinstance(right, float):
        found = operate(sign, np.array([left]), np.array([right]))[0]
        if np.isnan(found):
            raise ConfigError("the formula divides by zero, or its numbers grow too large")
        return float(found)
    if isinstance(left, FormulaTrack) and isinstance(right, FormulaTrack):
        return combined(sign, left, right, unit)
    if isinstance(left, FormulaSteps) and isinstance(right, FormulaSteps):
        return stepped(sign, left, right, unit)
    if isinstance(left, float) or isinstance(right, float):
        return _with_number(sign, left, right, unit)
    track, steps = (left, right) if isinstance(left, FormulaTrack) else (right, left)
    assert isinstance(track, FormulaTrack) and isinstance(steps, FormulaSteps)
    value, known = beside(track, steps)
    pair = (
        (track.line.value, value) if isinstance(left, FormulaTrack) else (value, track.line.value)
    )
    line = track.line.made(operate(sign, *pair), np.fmax(track.line.known, known))
    return replace(track, line=line, unit=unit)


def _with_number(sign: str, left: Part, right: Part, unit: FormulaUnit) -> Part:
    part = right if isinstance(left, float) else left
    assert not isinstance(part, float)
    held = part.line.value if isinstance(part, FormulaTrack) else part.value
    pair = [np.full(held.shape, one) if isinstance(one, float) else held for one in (left, right)]
    found = operate(sign, *pair)
    if isinstance(part, FormulaTrack):
        return replace(part, line=part.line.made(found, part.line.known), unit=unit)
    return replace(part, value=found, unit=unit)
