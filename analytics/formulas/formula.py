"""Formulas over instruments and series, such as `GOLD/SILVER` or `yoy(CPI) - policy rate`.

Every part is read under the clock. Sessions meet on common dates, series on their periods; beside
prices a series counts with what was known of it when each close first was. Units are checked.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import later_splits
from analytics.formulas.evaluation import FormulaEvaluation, Part
from analytics.formulas.lines import (
    SESSIONS,
    FormulaLine,
    FormulaSteps,
    FormulaTrack,
    beside,
    days_fresh,
    is_late,
    years_of,
)
from analytics.formulas.names import FormulaMeaning, meanings_of, read_formula
from analytics.formulas.series import FormulaSeries
from analytics.formulas.text import FormulaName, FormulaNode, names_in, written
from analytics.formulas.units import FormulaUnit, TwoCurrenciesError, price_unit
from data.errors import ConfigError
from data.query import Answer, At

MOST_NAMES = 8
FormulaLeaf = FormulaTrack | FormulaSeries


def formula(at: At, *, text: str, country: str | None = None, since: date | None = None) -> Answer:
    """A formula over time: date, value, its unit, and when the last of its parts was known.

    An indicator named without its country is that of `country`. Rows before `since` are left out;
    the computation begins with all that is known at the clock.
    """
    reading = FormulaReading(at, country)
    node = reading.tree(text)
    frame = reading.values(node)
    if since is not None:
        frame = frame.filter(pl.col("date") >= since)
    return reading.answer(frame, f"{written(node)}, where {reading.said()}")


def formula_past(at: At, text: str) -> tuple[Answer, float]:
    """What `formula` answers with `is_late`, whether a part was late when its date's close was
    first known, and for how many days after its date a value may stand."""
    reading = FormulaReading(at, None)
    node = reading.tree(text)
    reading.read(node)
    part = reading.track(node)
    frame = _dated(part).with_columns(is_late=pl.Series(reading.late_on(part), dtype=pl.Boolean))
    answer = reading.answer(frame.drop_nulls("known_at"), f"{written(node)}, with what was late")
    return answer, min(days_fresh(line.frequency) for line in reading.lines.values())


def _rows(part: FormulaTrack) -> pl.DataFrame:
    """Each date with its value; those of which nothing was known are left out."""
    return _dated(part).drop_nulls("known_at")


def _dated(part: FormulaTrack) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "date": pl.Series(part.day).cast(pl.Int32).cast(pl.Date),
            "value": pl.Series(part.line.value).fill_nan(None),
            "unit": pl.Series([part.unit.text] * len(part.day), dtype=pl.String),
            "known_at": pl.Series(part.line.known)
            .fill_nan(None)
            .cast(pl.Int64)
            .cast(pl.Datetime("us", "UTC")),
        }
    )


def formula_names(at: At, *, text: str, country: str | None = None) -> Answer:
    """What each name of a formula means at the clock: its id, what it is called, its unit."""
    reading = FormulaReading(at, country)
    node = reading.tree(text)
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


@dataclass
class FormulaReading:
    """What the names of formulas mean and their data, read once each."""

    at: At
    country: str | None
    meanings: dict[str, FormulaMeaning] = field(default_factory=dict)
    lines: dict[str, FormulaLeaf] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    sessions: dict[str, FormulaTrack | None] = field(default_factory=dict)

    def tree(self, text: str) -> FormulaNode:
        """The tree of a formula by the names known at the clock."""
        node, answers = read_formula(self.at, text)
        self.answers += answers
        return node

    def values(self, node: FormulaNode) -> pl.DataFrame:
        """The formula's dates with value, unit and when the last of its parts was known."""
        self.read(node)
        return _rows(self.track(node))

    def read(self, node: FormulaNode) -> None:
        """Find every name and read its data; what another formula named is there already."""
        names = names_in(node)
        if not names:
            raise ConfigError(
                "the formula names no instrument or series; write one, as in GOLD/SILVER"
            )
        if len(names) > MOST_NAMES:
            raise ConfigError(f"{len(names)} names; expected at most {MOST_NAMES} in one formula")
        new = [name for name in names if name.text not in self.lines]
        if new:
            meanings, answers = meanings_of(self.at, new, self.country)
            self.meanings |= meanings
            self.answers += answers
        for name in new:
            self.lines[name.text] = self._data(name, self.meanings[name.text])

    def track(self, node: FormulaNode) -> FormulaTrack:
        """The formula on its dates; beside prices each series goes from vintage to vintage."""
        tracks, series = self._kinds(node)
        of_series = {n: line.steps if tracks else line.track for n, line in series.items()}
        part = self._evaluated(FormulaEvaluation(tracks, of_series), node)
        assert isinstance(part, FormulaTrack)  # of one name at least, and no steps without a track
        return part

    def beside(self, node: FormulaNode, symbol: str) -> FormulaTrack:
        """The formula beside an instrument: of series alone it has the sessions of that one, each
        with what was known when its close first was."""
        tracks, series = self._kinds(node)
        if tracks:
            return self.track(node)
        sessions = self._closes(symbol)
        if sessions is None:
            raise ConfigError(f"{symbol} has no prices at this time, so nothing stands beside it")
        steps = FormulaEvaluation({}, {n: line.steps for n, line in series.items()})
        part = self._evaluated(steps, node)
        assert isinstance(part, FormulaSteps)  # of series alone
        value, known = beside(sessions, part)
        line = sessions.line.made(value, np.fmax(sessions.line.known, known))
        return replace(sessions, line=line, unit=part.unit)

    def _evaluated(self, parts: FormulaEvaluation, node: FormulaNode) -> Part:
        """The formula; prices in two currencies are refused with what converts them."""
        try:
            return parts.of(node)
        except TwoCurrenciesError as error:
            raise self._with_example(error) from error

    def _with_example(self, error: TwoCurrenciesError) -> TwoCurrenciesError:
        """With the formula that converts one of them, where such a pair is known at the clock."""
        for pair, sign, example in error.conversions():
            with suppress(ConfigError):  # not known, or with several meanings
                self.read(FormulaName(pair, 1))
                names = [name.text for name in names_in(self.tree(example))]
                found = error.with_rate(self.lines[pair].unit, sign, example)
                if found is not None and all(name in self.meanings for name in names):
                    return found
        return error

    def units(self) -> dict[str, FormulaUnit]:
        """The unit of each name."""
        return {name: line.unit for name, line in self.lines.items()}

    def _kinds(self, node: FormulaNode) -> tuple[dict[str, FormulaTrack], dict[str, FormulaSeries]]:
        lines = {name.text: self.lines[name.text] for name in names_in(node)}
        tracks = {n: line for n, line in lines.items() if isinstance(line, FormulaTrack)}
        series = {n: line for n, line in lines.items() if isinstance(line, FormulaSeries)}
        return tracks, series

    def late(self, node: FormulaNode) -> list[str]:
        """The names in a formula whose last value is too old for their frequency."""
        day = (self.at.as_of.date() - date(1970, 1, 1)).days
        lines = {name.text: self.lines[name.text] for name in names_in(node)}
        return [name for name, line in lines.items() if is_late(line.frequency, line.last_day, day)]

    def late_on(self, part: FormulaTrack) -> npt.NDArray[np.bool_]:
        """Whether a series was too old on each date of a part; beside prices its last value goes
        on, elsewhere every date is its own."""
        found = np.zeros(len(part.day), dtype=bool)
        if part.is_price:
            for line in self.lines.values():
                if isinstance(line, FormulaSeries):
                    found |= part.day - line.last_days(part.first) > days_fresh(line.frequency)
        return found

    def said(self) -> str:
        """Each name with its meaning and unit."""
        return ", ".join(
            f"{name} is {self.meanings[name].symbol} ({line.unit.text})"
            for name, line in self.lines.items()
        )

    def answer(self, frame: pl.DataFrame, how: str) -> Answer:
        """A frame that rests on everything that was read."""
        first, *_ = self.answers
        return self.joined(replace(first, asked=())).derive(frame, how)

    def joined(self, answer: Answer) -> Answer:
        """An answer that rests on everything that was read too."""
        for found in self.answers:
            answer = answer.join(found, answer.frame, "")
        return replace(answer, derived=None)

    def _data(self, name: FormulaName, meaning: FormulaMeaning) -> FormulaLeaf:
        if meaning.frequency is not None:
            found = run(self.at, "parts/prints", series=meaning.symbol)
            self.answers.append(found)
            if not found.frame["value"].count():
                raise ConfigError(_nothing(name, meaning, "values", "series"))
            return FormulaSeries.of(found.frame, meaning)
        if (sessions := self._closes(meaning.symbol)) is None:
            raise ConfigError(_nothing(name, meaning, "prices", "instrument"))
        return sessions

    def _closes(self, symbol: str) -> FormulaTrack | None:
        if symbol not in self.sessions:
            found = run(self.at, "parts/formula_closes", symbol=symbol)
            self.answers.append(found)
            has_closes = bool(found.frame["close"].count())
            self.sessions[symbol] = _sessions(symbol, found.frame) if has_closes else None
        return self.sessions[symbol]


def _nothing(name: FormulaName, meaning: FormulaMeaning, what: str, kind: str) -> str:
    return (
        f"{name.text[:60]!r} ({meaning.symbol}) has no {what} at this time; choose another {kind} "
        "or a later time"
    )


def _sessions(symbol: str, frame: pl.DataFrame) -> FormulaTrack:
    """Closes in shares of the last day; those in another currency than the last are left null."""
    ratio = frame["split_ratio"].fill_null(1.0).to_numpy()
    splits = np.where(ratio > 0, ratio, 1.0)
    rows = frame.with_columns(pl.Series("after", later_splits(splits))).drop_nulls("close")
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
