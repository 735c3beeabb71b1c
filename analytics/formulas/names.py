"""What the names of a formula mean at the clock: an instrument or a series, or the question which.

Instruments are found as everywhere, series by id, title, or country and indicator: `USA CPI`,
`United States: Consumer price index`. `A-B` without blanks is one name where an instrument known at
the clock has it as its id or ticker, and else a difference. Nothing is guessed among several.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from analytics.core.catalogue import run
from analytics.core.resolve import TICKER, resolve
from analytics.formulas.text import (
    FormulaName,
    FormulaNode,
    hyphenated_names,
    parse_formula,
)
from data.errors import ConfigError
from data.query import Answer, At
from data.vocabulary import vocabulary

SHOWN = 5


class AmbiguousNameError(ConfigError):
    """A name with several meanings; `choices` are their ids with what they are called."""

    def __init__(self, name: FormulaName, choices: list[tuple[str, str]]) -> None:
        self.name, self.choices = name.text, choices
        listed = "; ".join(f"{symbol} ({label})" for symbol, label in choices[:SHOWN])
        more = f"; and {len(choices) - SHOWN} more" if len(choices) > SHOWN else ""
        has_hyphen = "-" in name.text and ":" not in name.text
        blanks = ", or a minus with a blank on each side" if has_hyphen else ""
        super().__init__(
            f"{name.text[:60]!r} at character {name.at} has {len(choices)} meanings: {listed}{more}"
            f"; write the id of the one you mean, as in {choices[0][0]}{blanks}"
        )


@dataclass(frozen=True, slots=True)
class FormulaMeaning:
    """An instrument (`frequency` is none) or a series, by its id."""

    symbol: str
    label: str
    frequency: str | None = None
    unit: str | None = None


def read_formula(at: At, text: str) -> tuple[FormulaNode, list[Answer]]:
    """The tree of a formula by the names known at the clock, and the answers they rest on."""
    names = hyphenated_names(text)
    if not names:
        return parse_formula(text), []
    found = resolve(at, words=names)
    known = found.frame.filter(pl.col("how") <= TICKER)["word"]
    return parse_formula(text, set(known)), [found]


def meanings_of(
    at: At, names: list[FormulaName], country: str | None
) -> tuple[dict[str, FormulaMeaning], list[Answer]]:
    """What each name means, and the answers by which it was found."""
    instruments = resolve(at, words=[name.text for name in names])
    meanings, answers = {}, [instruments]
    for name in names:
        mine = instruments.frame.filter(word=name.text)
        meanings[name.text], looked_up = _meaning(at, name, _of_instruments(mine), country)
        answers += looked_up
    return meanings, answers


def _meaning(
    at: At, name: FormulaName, instruments: list[FormulaMeaning], country: str | None
) -> tuple[FormulaMeaning, list[Answer]]:
    indicators = list(_indicators(name.text))
    series = run(
        at,
        "parts/formula_series",
        wanted=name.text,
        indicators=[word for word, _ in indicators],
        places=[place for _, place in indicators],
        country=country,
    )
    found, answers = [*instruments, *_of_series(series.frame)], [series]
    if not found:
        partly = run(at, "find_instruments", word=name.text, top=50)
        titled = run(at, "find_series", word=name.text, top=50)
        found = _partly(partly.frame, titled.frame, country)
        answers += [partly, titled]
    if not found:
        raise ConfigError(
            f"{name.text[:60]!r} at character {name.at} is no instrument or series known at this "
            "time; write a ticker, an id, an ISIN, or a name in quotation marks"
        )
    chosen = [meaning for meaning in found if meaning.symbol == name.text] or found
    if len(chosen) > 1:
        raise AmbiguousNameError(name, [(meaning.symbol, meaning.label) for meaning in chosen])
    return chosen[0], answers


def _of_instruments(frame: pl.DataFrame) -> list[FormulaMeaning]:
    rows = frame.unique("symbol", keep="first", maintain_order=True).select("symbol", "name")
    return [FormulaMeaning(symbol, label or "an instrument") for symbol, label in rows.iter_rows()]


def _of_series(frame: pl.DataFrame) -> list[FormulaMeaning]:
    """The surest way alone; of one country's series of one indicator the one that is shown."""
    surest = frame.filter(pl.col("how") == pl.col("how").min())
    by = ["series_id"] if surest["how"].to_list()[:1] == [0] else ["country", "indicator"]
    rows = surest.unique(by, keep="first", maintain_order=True)
    return [_series(row) for row in rows.iter_rows(named=True)]


def _series(row: dict[str, str]) -> FormulaMeaning:
    return FormulaMeaning(row["series_id"], row["title"], row["frequency"], row["unit"])


def _partly(
    instruments: pl.DataFrame, series: pl.DataFrame, country: str | None
) -> list[FormulaMeaning]:
    """Names and titles that hold what was written."""
    if country is not None:
        series = series.filter(pl.col("country") == country)
    rows = series.unique("series_id", keep="first", maintain_order=True)
    return [*_of_instruments(instruments), *(_series(row) for row in rows.iter_rows(named=True))]


def _indicators(text: str) -> Iterator[tuple[str, str]]:
    """Which indicators a text may mean, each with the country written before or behind it."""
    plain = _plain(text)
    for word, indicator in vocabulary().items():
        for called in {word.lower(), _plain(indicator.name)} if word[-1] != "*" else ():
            if plain == called:
                yield word, ""
            elif plain.endswith(f" {called}"):
                yield word, plain.removesuffix(f" {called}")
            elif plain.startswith(f"{called} "):
                yield word, plain.removeprefix(f"{called} ")
    # Words that the vocabulary has only as a family, such as yields by maturity.
    match plain.split():
        case [alone]:
            yield alone, ""
        case [first, second]:
            yield from ((first, second), (second, first))


def _plain(text: str) -> str:
    return " ".join(text.lower().replace(":", " ").split())
